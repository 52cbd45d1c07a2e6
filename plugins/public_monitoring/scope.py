"""What a public observer reads: the passport of the object, its schedule, plan and fact of terms,
quality and cost, open documents, where it lies.

The Rules say "the proper level of access"; these types are the product default. They hold nothing
else: no staff, no comments, no documents that were not opened. Every read of them is logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    and_,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import false as never
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import DISCLOSE, SCOPE
from plugins.public_monitoring.disclosures import MonitoringFact, MonitoringOpenDocument
from zhoba.api import (
    NODE,
    TODAY,
    Access,
    AdministrativeUnit,
    File,
    Form,
    Level,
    Node,
    NodeClosure,
    Project,
    ProjectFunding,
    ProjectGroup,
    ProjectLocation,
    Region,
    Row,
    Stage,
    StageMove,
    StageMoveState,
    Task,
    UtcDateTime,
    bind,
    col,
    connection,
    expr,
    ident,
    many,
    money,
    named_enum,
    one,
    text3,
)

OBJECT = "MonitoringObject"
GROUP = "MonitoringObjectGroup"
TASK = "MonitoringObjectTask"
PLACE = "MonitoringObjectPlace"
FUNDING = "MonitoringObjectFunding"
FACT = "MonitoringObjectFact"
DOCUMENT = "MonitoringObjectDocument"

WATCHED = {Level.BASIC: SCOPE}


def stage_of(attribute: Any) -> Any:
    """The stage of an object of the tree."""

    def sql(row: Row) -> ColumnElement[Any]:
        node: Any = aliased(Node)
        return select(node.stage).where(node.id == row[attribute]).correlate(None).scalar_subquery()

    return sql


def late(row: Row) -> ColumnElement[bool]:
    return func.coalesce(and_(row[Task.closed_on].is_(None), row[Task.due_on] < TODAY), never())


def behind(row: Row) -> ColumnElement[bool]:
    """The last day is over, and the results were not accepted."""
    unaccepted = row[Project.results_accepted_at].is_(None)
    return func.coalesce(and_(unaccepted, row[Project.ends_on] < TODAY), never())


def begun_at(row: Row) -> ColumnElement[Any]:
    """When the first move to implementation was decided."""
    move: Any = aliased(StageMove)
    return (
        select(func.min(move.decided_at))
        .where(
            move.node_id == row[Project.id],
            move.to_stage == Stage.IMPLEMENTATION,
            move.state == StageMoveState.CONFIRMED,
        )
        .correlate(None)
        .scalar_subquery()
    )


def tasks_that(*conditions: Callable[[Any], ColumnElement[bool]]) -> Any:
    """How many tasks and milestones of a project are so."""

    def sql(row: Row) -> ColumnElement[Any]:
        found: Any = aliased(Task)
        link: Any = aliased(NodeClosure)
        return (
            select(func.count())
            .select_from(link)
            .join(found, found.id == link.descendant_id)
            .where(
                link.ancestor_id == row[Project.id],
                link.kind == literal_column("'TASK'"),
                *(condition(found) for condition in conditions),
            )
            .correlate(None)
            .scalar_subquery()
        )

    return sql


def done(found: Any) -> ColumnElement[bool]:
    closed: ColumnElement[bool] = found.closed_on.is_not(None)
    return closed


def in_time(found: Any) -> ColumnElement[bool]:
    return or_(found.due_on.is_(None), found.closed_on <= found.due_on)


def confirmed(row: Row) -> ColumnElement[bool]:
    """Closed with the document that quality asks for."""
    return and_(
        row[Task.closed_on].is_not(None),
        or_(row[Task.confirming_document].is_not(None), row[Task.confirming_file_id].is_not(None)),
    )


def currency_of(attribute: Any) -> Any:
    """The currency of the project whose key a column holds."""

    def sql(row: Row) -> ColumnElement[Any]:
        found: Any = aliased(Project)
        return (
            select(found.currency)
            .where(found.id == row[attribute])
            .correlate(None)
            .scalar_subquery()
        )

    return sql


def of_observers_and_body(attribute: Any, shown: Any = None) -> Any:
    """For observers of the object, and for whoever tells them of it, who sees all rows."""

    def holds(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
        observed = access.holds(action, row[attribute], form)
        if shown is not None:
            observed = and_(observed, row[shown].is_(None))
        return or_(observed, access.holds(DISCLOSE, row[attribute], form))

    return holds


def documents_of(key: Any) -> Any:
    """The open documents of an object."""
    return many(
        "documents",
        DOCUMENT,
        lambda me, it: it[MonitoringOpenDocument.node_id] == me[key],
        "Its documents that are open to observers.",
        order=lambda row: [row[MonitoringOpenDocument.id]],
    )


project = bind(
    OBJECT,
    Project,
    "A monitored project as its public observers read it [R2023 §18].",
    [
        ident(),
        *text3(Project, "Name of the project."),
        col("number", Project.number, "Its unique number.", where=True, order=True),
        expr("stage", named_enum(Stage), stage_of(Project.id), "Where it is in its life."),
        col("goal", Project.goal, "Its goal."),
        col("result", Project.result, "Its planned result or product."),
        col("description", Project.description, "What it is about."),
        col("startsOn", Project.starts_on, "First day.", where=True, order=True),
        col("endsOn", Project.ends_on, "Last day.", where=True, order=True),
        expr("begunAt", UtcDateTime(), begun_at, "When its implementation began."),
        col("resultsAcceptedAt", Project.results_accepted_at, "When its results were accepted."),
        expr(
            "overdue",
            Boolean(),
            behind,
            "Its last day is over, and its results were not accepted.",
            nullable=False,
            where=True,
        ),
        expr("taskCount", Integer(), tasks_that(), "Its tasks and milestones.", nullable=False),
        expr("tasksDone", Integer(), tasks_that(done), "Of them, done.", nullable=False),
        expr(
            "tasksDoneInTime",
            Integer(),
            tasks_that(done, in_time),
            "Of them, done by their last day.",
            nullable=False,
        ),
        money("budget", Project.budget_minor, Project.currency, "Its budget: the planned cost."),
        many(
            "funding",
            FUNDING,
            lambda me, it: it[ProjectFunding.project_id] == me[Project.id],
            "The sources of its budget.",
            order=lambda row: [row[ProjectFunding.source]],
        ),
        connection(
            "facts",
            FACT,
            lambda me, it: it[MonitoringFact.project_id] == me[Project.id],
            "What the body states it achieved by quality, cost, terms and result, the latest "
            "first.",
        ),
        documents_of(Project.id),
        connection(
            "schedule",
            TASK,
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[Project.id],
                it[NodeClosure.kind] == literal_column("'TASK'"),
                it[NodeClosure.descendant_id] == it[Task.id],
            ),
            "Its tasks and milestones: planned and actual days, and what came out.",
            link=NodeClosure,
        ),
        many(
            "places",
            PLACE,
            lambda me, it: it[ProjectLocation.project_id] == me[Project.id],
            "Where it happens.",
            order=lambda row: [row[ProjectLocation.id]],
        ),
    ],
    levels=WATCHED,
    node=Project.id,
    interfaces=[NODE],
    order=["number"],
    logged=True,
)

group = bind(
    GROUP,
    ProjectGroup,
    "A monitored project group as its public observers read it [R2023 §18].",
    [
        ident(),
        *text3(ProjectGroup, "Name of the group."),
        expr("stage", named_enum(Stage), stage_of(ProjectGroup.id), "Where it is in its life."),
        connection(
            "projects",
            OBJECT,
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[ProjectGroup.id],
                it[NodeClosure.descendant_id] == it[Project.id],
            ),
            "Its projects.",
            link=NodeClosure,
        ),
        documents_of(ProjectGroup.id),
    ],
    levels=WATCHED,
    node=ProjectGroup.id,
    interfaces=[NODE],
    order=["name"],
    logged=True,
)

task = bind(
    TASK,
    Task,
    "A task or milestone of a monitored project.",
    [
        ident(),
        *text3(Task, "What it is called."),
        col("taskKind", Task.kind, "What it is.", where=True),
        col("startsOn", Task.starts_on, "First planned day.", where=True, order=True),
        col("dueOn", Task.due_on, "Last planned day.", where=True, order=True),
        col("closedOn", Task.closed_on, "Day it was done.", where=True, order=True),
        expr("overdue", Boolean(), late, "Whether it is late.", nullable=False, where=True),
        expr(
            "confirmed",
            Boolean(),
            confirmed,
            "Done with a document that confirms it, which makes its quality [R2023 §38(7)].",
            nullable=False,
            where=True,
        ),
        col("result", Task.result, "What came out."),
    ],
    levels=WATCHED,
    node=Task.id,
    interfaces=[NODE],
    order=["dueOn"],
    logged=True,
)

place = bind(
    PLACE,
    ProjectLocation,
    "A place of a monitored project.",
    [
        ident(),
        col("nationwide", ProjectLocation.nationwide, "It happens in the whole country."),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[ProjectLocation.region_id],
            "The region.",
        ),
        one(
            "administrativeUnit",
            "AdministrativeUnit",
            lambda me, it: it[AdministrativeUnit.id] == me[ProjectLocation.administrative_unit_id],
            "The city or district.",
        ),
        col("address", ProjectLocation.address, "Address."),
        col("latitude", ProjectLocation.latitude, "Degrees north, WGS 84."),
        col("longitude", ProjectLocation.longitude, "Degrees east, WGS 84."),
    ],
    levels=WATCHED,
    node=ProjectLocation.project_id,
    interfaces=[NODE],
    logged=True,
)

funding = bind(
    FUNDING,
    ProjectFunding,
    "A source of the budget of a monitored project.",
    [
        col("source", ProjectFunding.source, "Where the money comes from."),
        money(
            "amount", ProjectFunding.amount_minor, currency_of(ProjectFunding.project_id), "Share."
        ),
    ],
    levels=WATCHED,
    node=ProjectFunding.project_id,
    key=ProjectFunding.project_id,
    logged=True,
)

fact = bind(
    FACT,
    MonitoringFact,
    "What a monitored project achieved by a day, as the body states it.",
    [
        ident(),
        col("parameter", MonitoringFact.parameter, "Of what.", where=True),
        col("asOf", MonitoringFact.as_of, "By which day.", where=True, order=True),
        col("planned", MonitoringFact.planned, "What was planned; of cost, see the budget."),
        col("actual", MonitoringFact.actual, "What was achieved."),
        money(
            "spent",
            MonitoringFact.spent_minor,
            currency_of(MonitoringFact.project_id),
            "Money spent by that day; null: not about cost.",
        ),
        col("statedAt", MonitoringFact.stated_at, "When it was stated.", order=True),
    ],
    levels=WATCHED,
    node=MonitoringFact.project_id,
    holds=of_observers_and_body(MonitoringFact.project_id),
    interfaces=[NODE],
    order=["-asOf"],
    logged=True,
)

document = bind(
    DOCUMENT,
    MonitoringOpenDocument,
    "A signed document of a monitored project or group that is open to its observers.",
    [
        ident(),
        col("title", MonitoringOpenDocument.title, "What it is called."),
        col("number", MonitoringOpenDocument.number, "Its number."),
        col("signedOn", MonitoringOpenDocument.signed_on, "When it was signed."),
        one(
            "file",
            "File",
            lambda me, it: it[File.id] == me[MonitoringOpenDocument.file_id],
            "The document itself.",
        ),
        col("openedAt", MonitoringOpenDocument.opened_at, "Since when it is open."),
        col("closedAt", MonitoringOpenDocument.closed_at, "When it was closed again."),
    ],
    levels=WATCHED,
    node=MonitoringOpenDocument.node_id,
    holds=of_observers_and_body(MonitoringOpenDocument.node_id, MonitoringOpenDocument.closed_at),
    interfaces=[NODE],
    logged=True,
)

NOUNS = (project, group, task, place, funding, fact, document)
