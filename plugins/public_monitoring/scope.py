"""What a public observer reads: the passport of the object, its schedule, its cost, where it lies.

The Rules say "the proper level of access"; these types are the product default. They hold nothing
else: no staff, no comments, no documents. Every read of them is logged.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, func, literal_column, select
from sqlalchemy import false as never
from sqlalchemy.orm import aliased

from plugins.public_monitoring.access import SCOPE
from zhoba.api import (
    NODE,
    TODAY,
    Level,
    Node,
    NodeClosure,
    Project,
    ProjectGroup,
    ProjectLocation,
    Region,
    Row,
    Stage,
    Task,
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

WATCHED = {Level.BASIC: SCOPE}


def stage_of(attribute: Any) -> Any:
    """The stage of an object of the tree."""

    def sql(row: Row) -> ColumnElement[Any]:
        node: Any = aliased(Node)
        return select(node.stage).where(node.id == row[attribute]).correlate(None).scalar_subquery()

    return sql


def late(row: Row) -> ColumnElement[bool]:
    return func.coalesce(and_(row[Task.closed_on].is_(None), row[Task.due_on] < TODAY), never())


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
        col("resultsAcceptedAt", Project.results_accepted_at, "When its results were accepted."),
        money("budget", Project.budget_minor, Project.currency, "Its budget."),
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
        col("address", ProjectLocation.address, "Address."),
        col("latitude", ProjectLocation.latitude, "Degrees north, WGS 84."),
        col("longitude", ProjectLocation.longitude, "Degrees east, WGS 84."),
    ],
    levels=WATCHED,
    node=ProjectLocation.project_id,
    interfaces=[NODE],
    logged=True,
)

NOUNS = (project, group, task, place)
