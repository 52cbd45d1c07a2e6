"""Visits and recommendations: the types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Text, and_, func, literal_column, or_, select
from sqlalchemy import false as never
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import ATTEND_VISIT, CONSIDER, READ
from plugins.public_monitoring.bindings import APPLICATION, MEMBER
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from plugins.public_monitoring.naming import full_name_of, name_of
from plugins.public_monitoring.observing import (
    Attachment,
    MonitoringRecommendation,
    MonitoringVisit,
    Step,
    VisitGround,
    VisitMember,
)
from plugins.public_monitoring.seeing import application_seen, group_seen
from zhoba.api import (
    NODE,
    TODAY,
    Access,
    File,
    Form,
    Level,
    Node,
    Person,
    Project,
    ProjectGroup,
    Row,
    Task,
    bind,
    col,
    expr,
    ident,
    many,
    one,
)

VISIT = "MonitoringVisit"
GROUND = "MonitoringVisitGround"
PRESENT = "MonitoringVisitMember"
RECOMMENDATION = "MonitoringRecommendation"
STEP = "MonitoringStep"
ATTACHMENT = "MonitoringAttachment"

DRAFT: ColumnElement[str] = literal_column("'DRAFT'")


def seen_visit(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """For the group, the unit, and the manager who attends."""
    by_application = application_seen(access, row[MonitoringVisit.application_id], action)
    if action != READ:
        return by_application
    attends = access.holds(ATTEND_VISIT, row[MonitoringVisit.project_id], form)
    return or_(attends, by_application)


def seen_recommendation(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """For the group; sent ones also for the unit, who considers them or gets a copy, and the
    manager of the project."""
    application_id = row[MonitoringRecommendation.application_id]
    node_id = row[MonitoringRecommendation.node_id]
    by_body = or_(
        access.holds(CONSIDER, node_id, form),
        access.holds(ATTEND_VISIT, node_id, form),
        application_seen(access, application_id, action),
    )
    sent = and_(row[MonitoringRecommendation.state] != DRAFT, by_body)
    return or_(group_seen(access, application_id), sent)


def seen_by(model: Any, attribute: Any, seen: Any) -> Any:
    """As the row of another table that a column names."""

    def holds(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
        found: Any = aliased(model)
        other = Columns(found)
        allowed = seen(access, other, action, "exists")
        return (
            select(literal_column("1"))
            .select_from(found)
            .where(found.id == row[attribute], allowed)
            .correlate(None)
            .exists()
        )

    return holds


class Columns:
    """A table under a name of its own, as the row of a condition."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def __getitem__(self, attribute: Any) -> ColumnElement[Any]:
        column: ColumnElement[Any] = getattr(self.found, attribute.key)
        return column


def region_of(model: Any, attribute: Any, node: str) -> Any:
    """The region of the object that the named row is about."""

    def region(row: Row) -> ColumnElement[Any]:
        found: Any = aliased(model)
        at: Any = aliased(Node)
        return (
            select(at.region_id)
            .select_from(found)
            .join(at, at.id == getattr(found, node))
            .where(found.id == row[attribute])
            .correlate(None)
            .scalar_subquery()
        )

    return region


def late_visit(row: Row) -> ColumnElement[bool]:
    return func.coalesce(row[MonitoringVisit.due_on] < TODAY, never())


def late_answer(row: Row) -> ColumnElement[bool]:
    return func.coalesce(row[MonitoringRecommendation.due_on] < TODAY, never())


visit = bind(
    VISIT,
    MonitoringVisit,
    "A visit of a group to the site of a project, attended by the project's manager [R2023 §18].",
    [
        ident(),
        one(
            "application",
            APPLICATION,
            lambda me, it: it[MonitoringApplication.id] == me[MonitoringVisit.application_id],
            "The application of the group.",
        ),
        one(
            "project",
            "Project",
            lambda me, it: it[Project.id] == me[MonitoringVisit.project_id],
            "The project, for whoever may see it.",
            where=True,
        ),
        expr(
            "projectName",
            Text(),
            name_of(Project, MonitoringVisit.project_id),
            "Name of the project in Kazakh.",
        ),
        col("state", MonitoringVisit.state, "Where it is.", where=True, group=True),
        col("purpose", MonitoringVisit.purpose, "What the group wants to look at."),
        col("requestedAt", MonitoringVisit.requested_at, "When it was asked for.", order=True),
        col(
            "dueOn", MonitoringVisit.due_on, "Last day to decide about it.", where=True, order=True
        ),
        expr(
            "overdue",
            Boolean(),
            late_visit,
            "Whether a decision is owed and late.",
            nullable=False,
            where=True,
        ),
        col("startsAt", MonitoringVisit.starts_at, "When it begins.", where=True, order=True),
        col("address", MonitoringVisit.address, "Where."),
        col(
            "safetyNote",
            MonitoringVisit.safety_note,
            "What the group has to keep to on the site; it keeps safety rules and public order "
            "anyhow [R2023 §18].",
        ),
        expr(
            "managerName",
            Text(),
            full_name_of(MonitoringVisit.manager_id),
            "Full name of the manager of the project who attends it.",
        ),
        col(
            "managerConfirmedAt",
            MonitoringVisit.manager_confirmed_at,
            "When the manager confirmed to be there.",
        ),
        col("decidedAt", MonitoringVisit.decided_at, "When it was allowed or refused."),
        col("managerPresent", MonitoringVisit.manager_present, "Whether the manager was there."),
        col("record", MonitoringVisit.record, "What was seen and explained, or why it was missed."),
        many(
            "grounds",
            GROUND,
            lambda me, it: it[VisitGround.visit_id] == me[MonitoringVisit.id],
            "The grounds of a refusal.",
            order=lambda row: [row[VisitGround.id]],
        ),
        many(
            "present",
            PRESENT,
            lambda me, it: it[VisitMember.visit_id] == me[MonitoringVisit.id],
            "Who of the group came.",
            order=lambda row: [row[VisitMember.id]],
            typical=5,
        ),
        many(
            "photos",
            ATTACHMENT,
            lambda me, it: it[Attachment.visit_id] == me[MonitoringVisit.id],
            "Photographs.",
            order=lambda row: [row[Attachment.id]],
        ),
        col("version", MonitoringVisit.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=MonitoringVisit.project_id,
    holds=seen_visit,
    interfaces=[NODE],
    order=["-requestedAt"],
)

ground = bind(
    GROUND,
    VisitGround,
    "One ground on which a visit was refused.",
    [
        col("code", VisitGround.code, "Which."),
        col("text", VisitGround.text, "In words."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by(MonitoringVisit, VisitGround.visit_id, seen_visit),
    region=region_of(MonitoringVisit, VisitGround.visit_id, "project_id"),
)

present = bind(
    PRESENT,
    VisitMember,
    "A member who came to a visit.",
    [
        one(
            "member",
            MEMBER,
            lambda me, it: it[MonitoringMember.id] == me[VisitMember.member_id],
            "The member.",
        ),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by(MonitoringVisit, VisitMember.visit_id, seen_visit),
    region=region_of(MonitoringVisit, VisitMember.visit_id, "project_id"),
)

recommendation = bind(
    RECOMMENDATION,
    MonitoringRecommendation,
    "What a group recommends after checking, and what became of it [R2023 §18].",
    [
        ident(),
        one(
            "application",
            APPLICATION,
            lambda me, it: (
                it[MonitoringApplication.id] == me[MonitoringRecommendation.application_id]
            ),
            "The application of the group.",
        ),
        one(
            "object",
            "TreeNode",
            lambda me, it: it[Node.id] == me[MonitoringRecommendation.node_id],
            "The project or group it is about, for whoever may see it.",
        ),
        expr(
            "objectName",
            Text(),
            lambda row: func.coalesce(
                name_of(Project, MonitoringRecommendation.node_id)(row),
                name_of(ProjectGroup, MonitoringRecommendation.node_id)(row),
            ),
            "Its name in Kazakh.",
        ),
        col("state", MonitoringRecommendation.state, "Where it is.", where=True, group=True),
        col(
            "parameter",
            MonitoringRecommendation.parameter,
            "What was checked.",
            where=True,
            group=True,
        ),
        col("planned", MonitoringRecommendation.planned, "What was planned."),
        col("observed", MonitoringRecommendation.observed, "What was observed."),
        col("finding", MonitoringRecommendation.finding, "What was found."),
        col("advice", MonitoringRecommendation.advice, "What is recommended."),
        expr(
            "writtenByName",
            Text(),
            full_name_of(MonitoringRecommendation.written_by_id),
            "Full name of the member who wrote it.",
        ),
        col("writtenAt", MonitoringRecommendation.written_at, "When it was written.", order=True),
        col("sentAt", MonitoringRecommendation.sent_at, "When it was sent.", where=True),
        col(
            "dueOn",
            MonitoringRecommendation.due_on,
            "Last day to answer it (product default).",
            where=True,
            order=True,
        ),
        expr(
            "overdue",
            Boolean(),
            late_answer,
            "Whether an answer is owed and late.",
            nullable=False,
            where=True,
        ),
        col(
            "addresseeRole",
            MonitoringRecommendation.addressee_role,
            "Code of the role that considers it.",
            where=True,
        ),
        one(
            "addressee",
            "Person",
            lambda me, it: it[Person.id] == me[MonitoringRecommendation.addressee_id],
            "Who considers it; null: the place is vacant, or not for the reader.",
            where=True,
        ),
        expr(
            "addresseeName",
            Text(),
            full_name_of(MonitoringRecommendation.addressee_id),
            "Full name of who considers it.",
        ),
        one(
            "copyTo",
            "Person",
            lambda me, it: it[Person.id] == me[MonitoringRecommendation.copy_to_id],
            "The head of the direction, who gets a copy where the curator considers it "
            "[R2023 §62].",
        ),
        one(
            "task",
            "Task",
            lambda me, it: it[Task.id] == me[MonitoringRecommendation.task_id],
            "The task by which it was taken into work, for whoever may see it.",
        ),
        col("answer", MonitoringRecommendation.answer, "What was answered."),
        col("answeredAt", MonitoringRecommendation.answered_at, "When."),
        col("reopenedAt", MonitoringRecommendation.reopened_at, "When the group opened it again."),
        col("reopenReason", MonitoringRecommendation.reopen_reason, "Why it did."),
        many(
            "steps",
            STEP,
            lambda me, it: it[Step.recommendation_id] == me[MonitoringRecommendation.id],
            "Everything that happened to it since it was sent.",
            order=lambda row: [row[Step.id]],
        ),
        many(
            "attachments",
            ATTACHMENT,
            lambda me, it: it[Attachment.recommendation_id] == me[MonitoringRecommendation.id],
            "Its files.",
            order=lambda row: [row[Attachment.id]],
        ),
        col("version", MonitoringRecommendation.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=MonitoringRecommendation.node_id,
    holds=seen_recommendation,
    interfaces=[NODE],
    order=["-writtenAt"],
)

step = bind(
    STEP,
    Step,
    "One move of a recommendation.",
    [
        col("state", Step.state, "Where it led."),
        col("at", Step.at, "When."),
        expr("byName", Text(), full_name_of(Step.by_id), "Who made it."),
        col("text", Step.text, "What was said."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_by(MonitoringRecommendation, Step.recommendation_id, seen_recommendation),
    region=region_of(MonitoringRecommendation, Step.recommendation_id, "node_id"),
)


def seen_attachment(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """As the visit or the recommendation it belongs to."""
    return or_(
        seen_by(MonitoringVisit, Attachment.visit_id, seen_visit)(access, row, action, form),
        seen_by(MonitoringRecommendation, Attachment.recommendation_id, seen_recommendation)(
            access, row, action, form
        ),
    )


def region_of_attachment(row: Row) -> ColumnElement[Any]:
    return func.coalesce(
        region_of(MonitoringVisit, Attachment.visit_id, "project_id")(row),
        region_of(MonitoringRecommendation, Attachment.recommendation_id, "node_id")(row),
    )


attachment = bind(
    ATTACHMENT,
    Attachment,
    "A file of a visit or of a recommendation.",
    [
        ident(),
        one(
            "file",
            "File",
            lambda me, it: it[File.id] == me[Attachment.file_id],
            "The file.",
        ),
        col("attachedAt", Attachment.attached_at, "When it was attached."),
    ],
    levels={Level.BASIC: READ},
    holds=seen_attachment,
    region=region_of_attachment,
    interfaces=[NODE],
)

NOUNS = (visit, ground, present, recommendation, step, attachment)
