"""Projects, their money, places and lessons."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from core.hierarchy.project import Lesson, Project, ProjectFunding
from core.hierarchy.project_location import ProjectLocation
from core.people.person import Person
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind
from schema.nouns.tree import INTERFACES, NODE, head, tree_fields
from schema.planner.binding import Level, bind
from schema.planner.elements import text_literal
from schema.planner.row import Row
from schema.planner.words import col, connection, ident, many, money, one

READ = {Level.BASIC: "project.read"}


def currency_of_project(row: Row) -> ColumnElement[Any]:
    """The currency of the project a source of money belongs to."""
    project: Any = aliased(Project)
    return (
        select(project.currency)
        .where(project.id == row[ProjectFunding.project_id])
        .correlate(None)
        .scalar_subquery()
    )


project = bind(
    "Project",
    Project,
    "A project: related activities with a beginning, an end and a goal "
    "[R2023 §2(21)-(26), §85-92].",
    [
        *tree_fields(Project, NodeKind.PROJECT),
        col(
            "number",
            Project.number,
            "Unique number of the project; it never changes [R2023 §94(8)].",
            where=True,
            order=True,
            search=Project.number,
        ),
        col("goal", Project.goal, "Its goal [R2023 §85].", level=Level.FULL),
        col("result", Project.result, "Its result or product.", level=Level.FULL),
        col("description", Project.description, "What it is about.", level=Level.FULL),
        col("startsOn", Project.starts_on, "First day.", where=True, order=True),
        col("endsOn", Project.ends_on, "Last day.", where=True, order=True),
        head("managerName", ("project_manager",), Project.id, "Full name of its manager today."),
        money(
            "budget",
            Project.budget_minor,
            Project.currency,
            "Its budget.",
            level=Level.FULL,
            where=True,
            order=True,
            total=True,
        ),
        col(
            "budgetProgramCode",
            Project.budget_program_code,
            "Code of the budget program that pays [R2023 §9].",
            level=Level.FULL,
            where=True,
        ),
        many(
            "funding",
            "ProjectFunding",
            lambda me, it: it[ProjectFunding.project_id] == me[Project.id],
            "The sources of its money.",
            order=lambda row: [row[ProjectFunding.source]],
            level=Level.FULL,
        ),
        col(
            "durationClass",
            Project.duration_class,
            "Class by duration, computed from its days [R2023 App.6(1)].",
            where=True,
            group=True,
        ),
        col(
            "costClass",
            Project.cost_class,
            "Class by cost, computed from a budget in tenge [R2023 App.6(2)].",
            level=Level.FULL,
            where=True,
            group=True,
        ),
        col(
            "scaleClass",
            Project.scale_class,
            "Class by scale [R2023 App.6(3)].",
            where=True,
            group=True,
        ),
        col(
            "productClass",
            Project.product_class,
            "Class by product [R2023 App.6(4)].",
            where=True,
            group=True,
        ),
        col(
            "timeClass",
            Project.time_class,
            "Class by restriction of time [R2023 App.6(5)].",
            where=True,
            group=True,
        ),
        col(
            "financingClass",
            Project.financing_class,
            "Class by who the customer is [R2023 App.6(6)].",
            where=True,
            group=True,
        ),
        col(
            "productHasPriority",
            Project.product_has_priority,
            "Whether its product has priority, which lets the days of an urgent project change "
            "[R2023 App.6(5)].",
            level=Level.FULL,
        ),
        col(
            "contractual",
            Project.contractual,
            "Whether customer and contractor have a contract [R2023 §88].",
            level=Level.FULL,
        ),
        col(
            "implementingBody",
            Project.implementing_body,
            "Who carries it out, as the source states it.",
            level=Level.FULL,
        ),
        col(
            "resultsAcceptedAt",
            Project.results_accepted_at,
            "When the customer accepted the results [R2023 §2(23)].",
            level=Level.FULL,
        ),
        one(
            "resultsAcceptedBy",
            "Person",
            lambda me, it: it[Person.id] == me[Project.results_accepted_by_id],
            "Who accepted the results.",
            level=Level.FULL,
        ),
        one(
            "program",
            "Program",
            lambda me, it: it[Node.id] == me[Node.program_scope_id],
            "The program it lies in; null inside a standard direction.",
            where=True,
        ),
        one(
            "group",
            "ProjectGroup",
            lambda me, it: it[Node.id] == me[Node.parent_id],
            "The group it lies in; null directly in a direction.",
            where=True,
        ),
        many(
            "locations",
            "ProjectLocation",
            lambda me, it: it[ProjectLocation.project_id] == me[Project.id],
            "Where it happens.",
            level=Level.FULL,
            where=True,
        ),
        connection(
            "tasks",
            "Task",
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[Project.id],
                it[NodeClosure.kind] == text_literal(NodeKind.TASK.name),
                it[NodeClosure.descendant_id] == it[Node.id],
            ),
            "Its tasks and milestones.",
            link=NodeClosure,
        ),
        connection(
            "lessons",
            "Lesson",
            lambda me, it: it[Lesson.project_id] == me[Project.id],
            "Its lessons log [R2023 §92(6)].",
            level=Level.FULL,
        ),
    ],
    resource="project",
    kind=NodeKind.PROJECT,
    interfaces=INTERFACES,
    order=["number"],
)

funding = bind(
    "ProjectFunding",
    ProjectFunding,
    "One source of a project's money.",
    [
        col("source", ProjectFunding.source, "Where the money comes from."),
        money(
            "amount",
            ProjectFunding.amount_minor,
            currency_of_project,
            "How much, in the currency of the project.",
        ),
    ],
    levels=READ,
    node=ProjectFunding.project_id,
    key=ProjectFunding.project_id,
)

location = bind(
    "ProjectLocation",
    ProjectLocation,
    "A place where a project happens, whoever owns it [R2023 App.3].",
    [
        ident(),
        col(
            "nationwide",
            ProjectLocation.nationwide,
            "The project happens in the whole country.",
            where=True,
        ),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[ProjectLocation.region_id],
            "The region; null for a nationwide project, or where the source states none.",
            where=True,
        ),
        one(
            "administrativeUnit",
            "AdministrativeUnit",
            lambda me, it: it[AdministrativeUnit.id] == me[ProjectLocation.administrative_unit_id],
            "The city or district.",
            where=True,
        ),
        col("address", ProjectLocation.address, "Address, or what the source says of the place."),
        col("latitude", ProjectLocation.latitude, "Degrees north, WGS 84."),
        col("longitude", ProjectLocation.longitude, "Degrees east, WGS 84."),
        one(
            "project",
            "Project",
            lambda me, it: it[Project.id] == me[ProjectLocation.project_id],
            "The project.",
            where=True,
        ),
    ],
    levels=READ,
    node=ProjectLocation.project_id,
    interfaces=[NODE],
)

lesson = bind(
    "Lesson",
    Lesson,
    "An entry of a project's lessons log [R2023 §92(6)].",
    [
        ident(),
        col("text", Lesson.text, "What was learned."),
        col("recordedAt", Lesson.recorded_at, "When it was recorded.", where=True, order=True),
        one(
            "recordedBy",
            "Person",
            lambda me, it: it[Person.id] == me[Lesson.recorded_by_id],
            "Who recorded it.",
        ),
        one(
            "project",
            "Project",
            lambda me, it: it[Project.id] == me[Lesson.project_id],
            "The project.",
        ),
    ],
    levels=READ,
    node=Lesson.project_id,
    interfaces=[NODE],
    order=["recordedAt"],
)

PROJECT = (project, funding, location, lesson)
