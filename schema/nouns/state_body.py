"""State bodies, their units, project office and governing committee."""

from __future__ import annotations

from core.acts.act import Act
from core.authority.appointment import Appointment
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.project_office import ProjectOffice
from core.hierarchy.state_body import GoverningCommittee, StateBody
from core.people.person import Person
from core.tree.node import Node, NodeKind
from schema.nouns.tree import INTERFACES, NODE, head, tree_fields
from schema.planner.binding import Level, bind
from schema.planner.words import col, connection, ident, one

READ = {Level.BASIC: "state_body.read_basic", Level.FULL: "state_body.read"}

state_body = bind(
    "StateBody",
    StateBody,
    "A state body: a ministry, an akimat ... [R2023 §1].",
    [
        *tree_fields(StateBody, NodeKind.STATE_BODY),
        col("bodyKind", StateBody.kind, "What body it is.", where=True, group=True),
        col("bin", StateBody.bin, "Business identification number.", level=Level.FULL, where=True),
        head(
            "headName",
            ("program_manager",),
            StateBody.id,
            "Full name of its first head, who is the program manager [R2023 App.1].",
        ),
        one(
            "projectOffice",
            "ProjectOffice",
            lambda me, it: it[ProjectOffice.state_body_id] == me[StateBody.id],
            "Its one project office [R2023 §54].",
        ),
        one(
            "governingCommittee",
            "GoverningCommittee",
            lambda me, it: it[GoverningCommittee.node_id] == me[StateBody.id],
            "Its one governing committee [R2023 §51].",
        ),
        connection(
            "units",
            "OrganizationUnit",
            lambda me, it: it[Node.state_body_id] == me[StateBody.id],
            "Its units, nested ones too.",
        ),
        connection(
            "programs",
            "Program",
            lambda me, it: it[Node.state_body_id] == me[StateBody.id],
            "Its programs.",
        ),
        one(
            "standardDirection",
            "BasicDirection",
            lambda me, it: it[Node.parent_id] == me[StateBody.id],
            "Its standard basic direction with the six groups [R2023 §63].",
        ),
        connection(
            "projects",
            "Project",
            lambda me, it: it[Node.state_body_id] == me[StateBody.id],
            "All its projects, in programs and in the standard direction.",
            large=True,
        ),
        connection(
            "persons",
            "Person",
            lambda me, it: it[Person.state_body_id] == me[StateBody.id],
            "The persons who work in it.",
        ),
        connection(
            "acts",
            "Act",
            lambda me, it: it[Act.body_id] == me[StateBody.id],
            "The acts it issued.",
        ),
    ],
    resource="state_body",
    kind=NodeKind.STATE_BODY,
    interfaces=INTERFACES,
    order=["name"],
)

project_office = bind(
    "ProjectOffice",
    ProjectOffice,
    "The project office of a state body [R2023 §54-55].",
    [
        ident(),
        col("form", ProjectOffice.form, "How it is organised [R2023 §55]."),
        col("createdOn", ProjectOffice.created_on, "When it was created."),
        col("version", ProjectOffice.version, "Counts its changes; for `expectedVersion`."),
        one(
            "stateBody",
            "StateBody",
            lambda me, it: it[StateBody.id] == me[ProjectOffice.state_body_id],
            "The body it serves.",
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[ProjectOffice.act_id],
            "The act by which it was created.",
            level=Level.FULL,
        ),
    ],
    levels=READ,
    node=ProjectOffice.state_body_id,
    interfaces=[NODE],
)

governing_committee = bind(
    "GoverningCommittee",
    GoverningCommittee,
    "The governing committee of a state body; under the 2021 edition of a program "
    "[R2023 §51; R2021 §44].",
    [
        ident(),
        col("approvedOn", GoverningCommittee.approved_on, "When its composition was approved."),
        col("version", GoverningCommittee.version, "Counts its changes; for `expectedVersion`."),
        one(
            "scope",
            "TreeNode",
            lambda me, it: it[Node.id] == me[GoverningCommittee.node_id],
            "The body, or under the 2021 edition the program, it governs.",
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[GoverningCommittee.act_id],
            "The act by which its composition was approved.",
            level=Level.FULL,
        ),
        connection(
            "members",
            "Appointment",
            lambda me, it: (
                (it[Appointment.node_id] == me[GoverningCommittee.node_id])
                & it[Appointment.role].in_(["gc_chair", "gc_deputy_chair", "gc_member"])
            ),
            "Its chair, deputies and members, past and present.",
        ),
    ],
    levels=READ,
    node=GoverningCommittee.node_id,
    interfaces=[NODE],
)

organization_unit = bind(
    "OrganizationUnit",
    OrganizationUnit,
    "A structural unit of a state body, or an organisation subordinate to it.",
    [
        *tree_fields(OrganizationUnit, NodeKind.ORGANIZATION_UNIT),
        col("code", OrganizationUnit.code, "Code in the body.", where=True, order=True),
        head("headName", ("unit_head",), OrganizationUnit.id, "Full name of its head today."),
        connection(
            "units",
            "OrganizationUnit",
            lambda me, it: it[Node.parent_id] == me[OrganizationUnit.id],
            "The units in it.",
        ),
        connection(
            "persons",
            "Person",
            lambda me, it: it[Person.organization_unit_id] == me[OrganizationUnit.id],
            "The persons who work in it.",
        ),
    ],
    resource="organization_unit",
    kind=NodeKind.ORGANIZATION_UNIT,
    interfaces=INTERFACES,
    order=["name"],
)

STATE_BODY = (state_body, project_office, governing_committee, organization_unit)
