"""Applications, groups, answers: the types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy import false as never
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import CHECK, READ, SUBMIT
from plugins.public_monitoring.membership import masked_iin, opened_iin
from plugins.public_monitoring.models import (
    MonitoringAccess,
    MonitoringApplication,
    MonitoringDocument,
    MonitoringMember,
    MonitoringResponse,
    Target,
)
from plugins.public_monitoring.naming import full_name_of, name_of
from plugins.public_monitoring.observing import MonitoringRecommendation, MonitoringVisit
from plugins.public_monitoring.seeing import (
    application_seen,
    is_member,
    of_row,
    region_of_application,
)
from plugins.public_monitoring.signing import statement_of
from plugins.public_monitoring.states import UNNAMED
from zhoba.api import (
    NODE,
    TODAY,
    Access,
    Appointment,
    File,
    Form,
    Level,
    Node,
    OrganizationUnit,
    Person,
    Project,
    ProjectGroup,
    Row,
    StateBody,
    bind,
    col,
    computed,
    connection,
    expr,
    ident,
    many,
    one,
)

APPLICATION = "MonitoringApplication"
MEMBER = "MonitoringMember"
DOCUMENT = "MonitoringDocument"
RESPONSE = "MonitoringResponse"
TARGET = "MonitoringTarget"
OBSERVER = "MonitoringAccess"


def seen_application(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """At the unit that handles it, once it was submitted, and not for who is in the group; reading
    also for its group."""
    allowed = and_(
        row[MonitoringApplication.submitted_at].is_not(None),
        access.holds(action, row[MonitoringApplication.node_id], form),
    )
    own = is_member(row[MonitoringApplication.id])
    if action != READ:
        return and_(allowed, not_(own))
    return or_(allowed, and_(access.holds(SUBMIT, row[MonitoringApplication.body_id]), own))


def seen_by_application(attribute: Any) -> Any:
    """As the application a row names."""

    def seen(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
        return application_seen(access, row[attribute], action)

    return seen


def overdue(row: Row) -> ColumnElement[bool]:
    """The body owes an answer, and its term is over."""
    due = row[MonitoringApplication.due_on]
    return func.coalesce(due < TODAY, never())


def masked(context: Any, sealed: str | None) -> str | None:
    """``******1234``: what everybody reads of an identification number."""
    return masked_iin(context.services.seal, sealed)


def opened(context: Any, sealed: str | None) -> str | None:
    """The whole number, for whoever checks the application."""
    return opened_iin(context.services.seal, sealed)


application = bind(
    APPLICATION,
    MonitoringApplication,
    "An application of a group of two to five citizens for public monitoring of a project or of "
    "project groups [R2023 §18, App.3].",
    [
        ident(),
        one(
            "body",
            "StateBody",
            lambda me, it: it[StateBody.id] == me[MonitoringApplication.body_id],
            "The state body addressed.",
            where=True,
        ),
        expr(
            "bodyName",
            Text(),
            name_of(StateBody, MonitoringApplication.body_id),
            "Its name in Kazakh.",
        ),
        one(
            "unit",
            "OrganizationUnit",
            lambda me, it: it[OrganizationUnit.id] == me[MonitoringApplication.node_id],
            "The unit that handles it; null: not named yet.",
            where=True,
        ),
        col(
            "targetKind",
            MonitoringApplication.target_kind,
            "What it is about.",
            where=True,
            group=True,
        ),
        col(
            "objectTitle",
            MonitoringApplication.object_title,
            "The object as the group calls it.",
        ),
        many(
            "targets",
            TARGET,
            lambda me, it: it[Target.application_id] == me[MonitoringApplication.id],
            "The project, or the groups.",
            order=lambda row: [row[Target.id]],
        ),
        col(
            "wantsSystem",
            MonitoringApplication.wants_system,
            "Whether it asks for access to the system.",
            where=True,
        ),
        col(
            "wantsTerritory",
            MonitoringApplication.wants_territory,
            "Whether it asks for access to the territory of the objects.",
            where=True,
        ),
        col("state", MonitoringApplication.state, "Where it is.", where=True, group=True),
        col("createdAt", MonitoringApplication.created_at, "When it was begun.", order=True),
        col(
            "submittedAt",
            MonitoringApplication.submitted_at,
            "When it was submitted last.",
            where=True,
            order=True,
        ),
        col(
            "dueOn",
            MonitoringApplication.due_on,
            "Last day for the body's answer, in working days by the settings of the region "
            "(product default, not from the Rules); null: none is owed.",
            where=True,
            order=True,
        ),
        expr(
            "overdue",
            Boolean(),
            overdue,
            "Whether an answer is owed and late.",
            nullable=False,
            where=True,
        ),
        col(
            "answeredOn",
            MonitoringApplication.answered_on,
            "When the body answered.",
            where=True,
            order=True,
        ),
        col(
            "answeredInTime",
            MonitoringApplication.answered_in_time,
            "Whether it answered in term.",
            where=True,
            group=True,
        ),
        col("validTo", MonitoringApplication.valid_to, "Last day of access.", where=True),
        col("endedOn", MonitoringApplication.ended_on, "When it ended.", where=True),
        col("note", MonitoringApplication.note, "Why it was returned, refused or revoked."),
        col(
            "officeNote",
            MonitoringApplication.office_note,
            "Why the project office sent the request for access back; for the unit only.",
            level=CHECK,
        ),
        many(
            "members",
            MEMBER,
            lambda me, it: it[MonitoringMember.application_id] == me[MonitoringApplication.id],
            "The group, with those who left.",
            order=lambda row: [row[MonitoringMember.position]],
            typical=5,
        ),
        one(
            "response",
            RESPONSE,
            lambda me, it: it[MonitoringResponse.application_id] == me[MonitoringApplication.id],
            "The body's answer [R2023 App.4].",
        ),
        many(
            "access",
            OBSERVER,
            lambda me, it: it[MonitoringAccess.application_id] == me[MonitoringApplication.id],
            "Who was made public observer of what.",
            order=lambda row: [row[MonitoringAccess.id]],
        ),
        connection(
            "visits",
            "MonitoringVisit",
            lambda me, it: it[MonitoringVisit.application_id] == me[MonitoringApplication.id],
            "Visits to sites.",
        ),
        connection(
            "recommendations",
            "MonitoringRecommendation",
            lambda me, it: (
                it[MonitoringRecommendation.application_id] == me[MonitoringApplication.id]
            ),
            "What the group recommends.",
        ),
        col("version", MonitoringApplication.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=MonitoringApplication.node_id,
    holds=seen_application,
    interfaces=[NODE],
    order=["dueOn"],
)

member = bind(
    MEMBER,
    MonitoringMember,
    "A member of a group.",
    [
        ident(),
        expr(
            "fullName",
            Text(),
            full_name_of(MonitoringMember.person_id),
            "Family name, given name, patronymic.",
        ),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[MonitoringMember.person_id],
            "The person, for whoever may see persons there.",
        ),
        col("position", MonitoringMember.position, "Place in the application.", order=True),
        one(
            "application",
            APPLICATION,
            lambda me, it: it[MonitoringApplication.id] == me[MonitoringMember.application_id],
            "The application.",
        ),
        computed(
            "iinMasked",
            str | None,
            [MonitoringMember.iin_sealed],
            masked,
            "The last four digits of the identification number.",
            in_context=True,
        ),
        computed(
            "iin",
            str | None,
            [MonitoringMember.iin_sealed],
            opened,
            "The identification number; personal data, for the checking unit only.",
            level=Level.PERSONAL,
            in_context=True,
        ),
        col(
            "email",
            MonitoringMember.email,
            "E-mail address; personal data.",
            level=Level.PERSONAL,
        ),
        col(
            "conflictOfInterest",
            MonitoringMember.conflict,
            "What ties the member to the project or its contractors, as declared; personal data.",
            level=Level.PERSONAL,
        ),
        col("confirmedAt", MonitoringMember.confirmed_at, "When the member signed."),
        col("signatureKind", MonitoringMember.signature_kind, "How."),
        expr(
            "statement",
            Text(),
            statement_of,
            "What a signature by certificate is of, byte for byte in UTF-8; another one after each "
            "change of the application.",
        ),
        col(
            "verifiedAt",
            MonitoringMember.verified_at,
            "When the unit found the documents in order.",
        ),
        col("leftAt", MonitoringMember.left_at, "When the member left the group."),
        many(
            "documents",
            DOCUMENT,
            lambda me, it: it[MonitoringDocument.member_id] == me[MonitoringMember.id],
            "What confirms that the member meets what the Rules ask.",
            order=lambda row: [row[MonitoringDocument.id]],
        ),
    ],
    levels={Level.BASIC: READ, Level.PERSONAL: CHECK},
    holds=seen_by_application(MonitoringMember.application_id),
    region=of_row(MonitoringMember.application_id),
    interfaces=[NODE],
    order=["position"],
)


def application_of_document(row: Row) -> ColumnElement[Any]:
    found: Any = aliased(MonitoringMember)
    return (
        select(found.application_id)
        .where(found.id == row[MonitoringDocument.member_id])
        .correlate(None)
        .scalar_subquery()
    )


def seen_document(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """As the application of its member."""
    return application_seen(access, application_of_document(row), action)


document = bind(
    DOCUMENT,
    MonitoringDocument,
    "A document of a member; the file opens for the checking unit only, and goes some time after "
    "the end.",
    [
        ident(),
        col("kind", MonitoringDocument.kind, "What it confirms."),
        one(
            "file",
            "File",
            lambda me, it: it[File.id] == me[MonitoringDocument.file_id],
            "The file; null: deleted.",
            level=CHECK,
        ),
        col("attachedAt", MonitoringDocument.attached_at, "When it was attached."),
        col("deletedAt", MonitoringDocument.deleted_at, "When its file was deleted."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_document,
    region=lambda row: region_of_application(application_of_document(row)),
    interfaces=[NODE],
)


def target_name(row: Row) -> ColumnElement[Any]:
    """The name of what an application is about; none while the group may still name anything."""
    found: Any = aliased(MonitoringApplication)
    unnamed = (
        select(found.state.in_([literal_column(f"'{each.name}'") for each in UNNAMED]))
        .where(found.id == row[Target.application_id])
        .correlate(None)
        .scalar_subquery()
    )
    name = func.coalesce(
        name_of(Project, Target.node_id)(row), name_of(ProjectGroup, Target.node_id)(row)
    )
    return case((unnamed, None), else_=name)


target = bind(
    TARGET,
    Target,
    "What an application is about.",
    [
        ident(),
        expr(
            "name",
            Text(),
            target_name,
            "Its name in Kazakh, from the day the application is submitted; until then the group "
            "reads what it wrote itself, `objectTitle`.",
        ),
        one(
            "object",
            "TreeNode",
            lambda me, it: it[Node.id] == me[Target.node_id],
            "The project or group, for whoever may see it.",
        ),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by_application(Target.application_id),
    region=of_row(Target.application_id),
    interfaces=[NODE],
)

response = bind(
    RESPONSE,
    MonitoringResponse,
    "The answer of a state body to an application [R2023 App.4].",
    [
        ident(),
        col("number", MonitoringResponse.number, "Its number."),
        col("datedOn", MonitoringResponse.dated_on, "Its day."),
        col("granted", MonitoringResponse.granted, "Whether access to the system is granted."),
        col("territory", MonitoringResponse.territory, "What it says of the territory."),
        col("territoryAt", MonitoringResponse.territory_at, "When it may be entered."),
        col("territoryAddress", MonitoringResponse.territory_address, "Where."),
        col("reasons", MonitoringResponse.reasons, "Why not, with the grounds."),
        expr(
            "managerName",
            Text(),
            full_name_of(MonitoringResponse.manager_id),
            "Full name of the manager of the project.",
        ),
        col("managerPhone", MonitoringResponse.manager_phone, "The manager's telephone at work."),
        expr(
            "signedByName",
            Text(),
            full_name_of(MonitoringResponse.signed_by_id),
            "Full name of the head of the unit who signed.",
        ),
        col("signedAt", MonitoringResponse.signed_at, "When it was signed."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by_application(MonitoringResponse.application_id),
    region=of_row(MonitoringResponse.application_id),
    interfaces=[NODE],
)

access_given = bind(
    OBSERVER,
    MonitoringAccess,
    "A member's role of public observer at one object.",
    [
        ident(),
        one(
            "member",
            MEMBER,
            lambda me, it: it[MonitoringMember.id] == me[MonitoringAccess.member_id],
            "The member.",
        ),
        one(
            "appointment",
            "Appointment",
            lambda me, it: it[Appointment.id] == me[MonitoringAccess.appointment_id],
            "The appointment that carries it, for whoever may see appointments there.",
        ),
        col("endedAt", MonitoringAccess.ended_at, "When it was taken away; null: not."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by_application(MonitoringAccess.application_id),
    region=of_row(MonitoringAccess.application_id),
    interfaces=[NODE],
)

NOUNS = (application, member, document, target, response, access_given)
