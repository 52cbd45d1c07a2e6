"""All mutations of the core, in the order of the tree: name, verb, result, permission, clause."""

from __future__ import annotations

from core.acts.act import edit_act, register_act
from core.authority.absences import end_absence, record_absence
from core.authority.appointing import appoint, release, replace, set_role_alias
from core.authority.substituting import (
    end_substitution,
    substitute_absent,
    substitute_vacant,
)
from core.files.ticket import prepare_download
from core.hierarchy.archive import ACTIONS as ARCHIVE
from core.hierarchy.archive import archive
from core.hierarchy.basic_direction import adopt_basic_direction, edit_basic_direction
from core.hierarchy.country import rename_country
from core.hierarchy.governing_committee import approve_committee_composition
from core.hierarchy.move import move
from core.hierarchy.national_priority import create_national_priority, edit_national_priority
from core.hierarchy.organization_unit import edit_organization_unit, register_organization_unit
from core.hierarchy.portfolio import edit_portfolio
from core.hierarchy.program import create_program, edit_program
from core.hierarchy.project import (
    accept_results,
    create_project,
    edit_project_charter,
    edit_project_plan,
    record_lesson,
)
from core.hierarchy.project_group import create_project_group, edit_project_group
from core.hierarchy.project_location import add_project_location, remove_project_location
from core.hierarchy.project_office import create_project_office, edit_project_office
from core.hierarchy.service import link_priority, set_lead_priority, unlink_priority
from core.hierarchy.stage_move import (
    confirm_stage_move,
    propose_stage_move,
    refuse_stage_move,
    withdraw_stage_move,
)
from core.hierarchy.stages import TRANSITIONS
from core.hierarchy.state_body import edit_state_body, register_state_body
from core.hierarchy.task import assign_executor, close_task, create_task, edit_task, reopen_task
from core.people.account import create_account, link_identity, lock_account, unlock_account
from core.people.invitation import invite_person, revoke_sessions
from core.people.person import archive_person, edit_person, register_person
from core.people.service_key import create_service_key, revoke_service_key
from core.people.session import end_session
from core.places.administrative_unit import (
    edit_administrative_unit,
    register_administrative_unit,
)
from core.places.region import edit_region, register_region
from core.tree.node import Stage
from schema.mutations.budget import BUDGET
from schema.mutations.declaring import Mutation
from schema.mutations.terms import TERMS
from schema.nouns.jobs import JOB_ACTS
from schema.nouns.policy import POLICY_ACTS
from schema.nouns.trial import TRIAL_ACTS
from schema.plugins.acts import PLUGIN_ACTS

UNIT = {"unit_id": ("AdministrativeUnit",), "parent_id": ("AdministrativeUnit",)}

COUNTRY_AND_PLACES = (
    Mutation("renameCountry", rename_country, "Country", ("country.manage",), "product default"),
    Mutation("registerRegion", register_region, "Region", ("region.manage",), "R2023 §12"),
    Mutation("editRegion", edit_region, "Region", ("region.manage",), "R2023 §12"),
    Mutation(
        "registerAdministrativeUnit",
        register_administrative_unit,
        "AdministrativeUnit",
        ("region.manage",),
        "R2021 §34",
        ids=UNIT,
    ),
    Mutation(
        "editAdministrativeUnit",
        edit_administrative_unit,
        "AdministrativeUnit",
        ("region.manage",),
        "R2021 §34",
        ids=UNIT,
    ),
)

PRIORITIES = (
    Mutation(
        "createNationalPriority",
        create_national_priority,
        "NationalPriority",
        ("portfolio.manage",),
        "R2023 §2(17)-(20), §27",
    ),
    Mutation(
        "editNationalPriority",
        edit_national_priority,
        "NationalPriority",
        ("portfolio.manage",),
        "R2023 §2(17)-(20)",
    ),
    Mutation(
        "editPortfolio", edit_portfolio, "NationalPriority", ("portfolio.manage",), "R2023 §9, §10"
    ),
)

BODIES = (
    Mutation(
        "registerStateBody",
        register_state_body,
        "StateBody",
        ("state_body.manage",),
        "R2023 §1, §63",
    ),
    Mutation("editStateBody", edit_state_body, "StateBody", ("state_body.manage",), "R2023 §1"),
    Mutation(
        "registerOrganizationUnit",
        register_organization_unit,
        "OrganizationUnit",
        ("state_body.manage",),
        "R2023 §2(28)",
        ids={"parent_id": ("StateBody", "OrganizationUnit")},
    ),
    Mutation(
        "editOrganizationUnit",
        edit_organization_unit,
        "OrganizationUnit",
        ("state_body.manage",),
        "R2023 §2(28)",
    ),
    Mutation(
        "createProjectOffice",
        create_project_office,
        "ProjectOffice",
        ("project_office.create",),
        "R2023 §54, §55, §74(1)",
    ),
    Mutation(
        "editProjectOffice",
        edit_project_office,
        "ProjectOffice",
        ("project_office.create",),
        "R2023 §55",
    ),
    Mutation(
        "approveCommitteeComposition",
        approve_committee_composition,
        "GoverningCommittee",
        ("gc.approve_composition",),
        "R2023 §51, §74(2)",
        ids={"node_id": ("StateBody", "Program")},
    ),
)

PROGRAMS = (
    Mutation(
        "createProgram", create_program, "Program", ("program.create",), "R2023 §25, §26, §44"
    ),
    Mutation("editProgram", edit_program, "Program", ("program.edit",), "R2023 §46, §67"),
    Mutation("linkPriority", link_priority, "Program", ("program.edit",), "R2023 §9, §27"),
    Mutation("unlinkPriority", unlink_priority, "Program", ("program.edit",), "R2023 §9, §27"),
    Mutation("setLeadPriority", set_lead_priority, "Program", ("program.edit",), "R2023 §9, §27"),
    Mutation(
        "adoptBasicDirection",
        adopt_basic_direction,
        "BasicDirection",
        ("program.set_architecture",),
        "R2023 §45, §47, §74(1)",
    ),
    Mutation(
        "editBasicDirection", edit_basic_direction, "BasicDirection", ("bd.manage",), "R2023 §78"
    ),
    Mutation(
        "createProjectGroup",
        create_project_group,
        "ProjectGroup",
        ("project_group.create",),
        "R2023 §48, §65",
        ids={"parent_id": ("BasicDirection", "ProjectGroup")},
    ),
    Mutation(
        "editProjectGroup",
        edit_project_group,
        "ProjectGroup",
        ("project_group.manage",),
        "R2023 §66, §81",
    ),
)

PROJECTS = (
    Mutation(
        "createProject",
        create_project,
        "Project",
        ("project.create",),
        "R2023 §2(27), §48, §94(8)",
        ids={"parent_id": ("ProjectGroup", "BasicDirection")},
        special={"budget": BUDGET},
    ),
    Mutation(
        "editProjectCharter",
        edit_project_charter,
        "Project",
        ("project.edit_charter",),
        "R2023 §85, App.6",
    ),
    Mutation(
        "editProjectPlan",
        edit_project_plan,
        "Project",
        ("project.edit_plan",),
        "R2023 §9, §92(6), App.6(5)",
        special={"budget": BUDGET},
    ),
    Mutation(
        "addProjectLocation",
        add_project_location,
        "ProjectLocation",
        ("project_location.manage",),
        "R2023 App.3",
    ),
    Mutation(
        "removeProjectLocation",
        remove_project_location,
        "Project",
        ("project_location.manage",),
        "R2023 App.3",
        key="project_id",
    ),
    Mutation(
        "acceptResults", accept_results, "Project", ("project.accept_results",), "R2023 §2(23)"
    ),
    Mutation("recordLesson", record_lesson, "Lesson", ("lessons_log.edit",), "R2023 §92(6)"),
    Mutation(
        "createTask",
        create_task,
        "Task",
        ("task.manage",),
        "R2023 §48, §92(3)",
        ids={"parent_id": ("Project", "ProjectGroup", "BasicDirection")},
    ),
    Mutation("editTask", edit_task, "Task", ("task.manage",), "R2023 §92(3)"),
    Mutation("assignExecutor", assign_executor, "Task", ("task.manage",), "R2023 §92(4)"),
    Mutation("closeTask", close_task, "Task", ("task.close",), "R2023 §38(7)"),
    Mutation("reopenTask", reopen_task, "Task", ("task.close",), "product default"),
)

PROPOSE = tuple(sorted({move.propose for move in TRANSITIONS.values()}))
DECIDE = tuple(sorted({move.decide for move in TRANSITIONS.values()}))
HALT = ("project.propose_stop_start",)

STAGES = (
    Mutation("proposeStageMove", propose_stage_move, "StageMove", PROPOSE, "R2023 §9, §92"),
    Mutation(
        "proposeStop",
        propose_stage_move,
        "StageMove",
        HALT,
        "R2023 §69(2), §78(6)",
        ids={"node_id": ("Project",)},
        fixed={"to_stage": Stage.STOPPED},
    ),
    Mutation(
        "proposeRestart",
        propose_stage_move,
        "StageMove",
        HALT,
        "R2023 §69(2), §78(6), §79(2)",
        ids={"node_id": ("Project",)},
    ),
    Mutation(
        "proposeClosure",
        propose_stage_move,
        "StageMove",
        ("project.move_stage",),
        "R2023 §2(23), §92(6)",
        ids={"node_id": ("Project",)},
        fixed={"to_stage": Stage.CLOSURE},
    ),
    Mutation(
        "proposeClosing",
        propose_stage_move,
        "StageMove",
        ("project.move_stage",),
        "product default; R2023 §92(6)",
        ids={"node_id": ("Project",)},
        fixed={"to_stage": Stage.CLOSED},
    ),
    Mutation("confirmStageMove", confirm_stage_move, "StageMove", DECIDE, "R2023 §9, §69(2), §92"),
    Mutation("refuseStageMove", refuse_stage_move, "StageMove", DECIDE, "R2023 §9, §69(2), §92"),
    Mutation("withdrawStageMove", withdraw_stage_move, "StageMove", PROPOSE, "product default"),
    Mutation(
        "moveNode", move, "TreeNode", ("node.move",), "product default; R2023 §24",
    ),
    Mutation("archiveNode", archive, "TreeNode", tuple(sorted({*ARCHIVE.values()})), "R2023 §98"),
)  # fmt: skip

AWAY = ("person.manage", "role_assignment.substitute")
SUBSTITUTE = ("role_assignment.substitute", "role_assignment.appoint")

PEOPLE = (
    Mutation(
        "prepareDownload",
        prepare_download,
        "File",
        ("file.read",),
        "product default; R2023 §15",
        extra=("address", "Where to fetch it, once and soon. It is shown this once."),
    ),
    Mutation("registerAct", register_act, "Act", ("act.register",), "R2023 §52, App.1"),
    Mutation("editAct", edit_act, "Act", ("act.register",), "product default; R2023 §52"),
    Mutation("registerPerson", register_person, "Person", ("person.manage",), "R2023 §103"),
    Mutation("editPerson", edit_person, "Person", ("person.manage",), "R2023 §103"),
    Mutation("archivePerson", archive_person, "Person", ("person.manage",), "R2023 §98"),
    Mutation(
        "appoint",
        appoint,
        "Appointment",
        ("role_assignment.appoint",),
        "R2023 App.1",
        special={"terms": TERMS},
    ),
    Mutation("release", release, "Appointment", ("role_assignment.release",), "R2023 App.1, §111"),
    Mutation(
        "replace",
        replace,
        "Appointment",
        ("role_assignment.appoint", "role_assignment.release"),
        "R2023 App.1, §111",
        special={"terms": TERMS},
    ),
    Mutation("recordAbsence", record_absence, "Absence", AWAY, "product default; R2023 §107"),
    Mutation(
        "endAbsence",
        end_absence,
        "Absence",
        AWAY,
        "product default; R2023 §107",
    ),
    Mutation("substituteAbsent", substitute_absent, "Appointment", SUBSTITUTE, "R2023 §107, App.7"),
    Mutation("substituteVacant", substitute_vacant, "Appointment", SUBSTITUTE, "R2023 §107, App.7"),
    Mutation("endSubstitution", end_substitution, "Appointment", SUBSTITUTE, "R2023 §107, App.7"),
    Mutation("setRoleAlias", set_role_alias, "Appointment", ("role_alias.set",), "R2023 §103"),
    Mutation(
        "createAccount",
        create_account,
        "Account",
        ("account.manage",),
        "product default; R2023 §97",
    ),
    Mutation("linkIdentity", link_identity, "Identity", ("account.manage",), "product default"),
    Mutation("lockAccount", lock_account, "Account", ("account.manage",), "product default"),
    Mutation(
        "invitePerson",
        invite_person,
        "Invitation",
        ("account.manage",),
        "product default; R2023 §97",
        extra=("link", "Path of the page to sign in at, good once. It is shown this once."),
    ),
    Mutation("revokeSessions", revoke_sessions, "Person", ("account.manage",), "product default"),
    Mutation("endSession", end_session, "Session", ("account.manage",), "product default"),
    Mutation("unlockAccount", unlock_account, "Account", ("account.manage",), "product default"),
    Mutation(
        "createServiceKey",
        create_service_key,
        "ServiceKey",
        ("account.manage",),
        "product default; R2023 §95",
        extra=("key", "The whole key. It is shown this once and kept nowhere."),
    ),
    Mutation(
        "revokeServiceKey",
        revoke_service_key,
        "ServiceKey",
        ("account.manage",),
        "product default; R2023 §95",
    ),
)

MUTATIONS = (
    *COUNTRY_AND_PLACES,
    *PRIORITIES,
    *BODIES,
    *PROGRAMS,
    *PROJECTS,
    *STAGES,
    *PEOPLE,
    *PLUGIN_ACTS,
    *JOB_ACTS,
    *POLICY_ACTS,
    *TRIAL_ACTS,
)
