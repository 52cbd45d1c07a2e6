"""Bindings made for tests: every word of the planner, over tables of the core."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.authority.reader import READER_PERSON
from core.hierarchy.program import Program
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.state_body import StateBody
from core.hierarchy.task import Task
from core.people.person import Person
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind
from schema.planner.access import Access
from schema.planner.binding import Condition, Field, Interface, Level, bind
from schema.planner.registry import ById, ByIds, Own, Page, Registry
from schema.planner.row import Form, Model, Row
from schema.planner.words import (
    aggregate,
    col,
    computed,
    connection,
    expr,
    ident,
    many,
    money,
    one,
    text3,
)

WORDS = "For tests."

NODE = Interface("Node", WORDS, ("id",))

TREE_NODE = Interface(
    "TreeNode",
    WORDS,
    (
        "id", "name", "names", "stage", "createdAt", "parent", "ancestors", "children",
        "descendants",
    ),
    model=Node,
    kind=Node.kind,
    columns=(
        col("stage", Node.stage, WORDS, where=True, order=True, group=True),
        col("createdAt", Node.created_at, WORDS, where=True, order=True),
    ),
)  # fmt: skip


def tree(model: Model) -> list[Field]:
    """The fields of TreeNode."""
    return [
        ident(),
        *text3(model, WORDS),
        col("stage", Node.stage, WORDS, where=True, order=True, group=True),
        col("createdAt", Node.created_at, WORDS, where=True, order=True),
        one("parent", "TreeNode", lambda me, it: it[Node.id] == me[Node.parent_id], WORDS),
        many(
            "ancestors",
            "TreeNode",
            lambda me, it: and_(
                it[NodeClosure.descendant_id] == me[model.id],
                it[NodeClosure.ancestor_id] == it[Node.id],
                it[NodeClosure.depth] > 0,
                it[NodeClosure.service] == false(),
            ),
            WORDS,
            link=NodeClosure,
            order=lambda row: [-row[NodeClosure.depth]],
        ),
        connection(
            "children", "TreeNode", lambda me, it: it[Node.parent_id] == me[model.id], WORDS
        ),
        connection(
            "descendants",
            "TreeNode",
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[model.id],
                it[NodeClosure.descendant_id] == it[Node.id],
                it[NodeClosure.depth] > 0,
                it[NodeClosure.service] == false(),
            ),
            WORDS,
            link=NodeClosure,
            large=True,
        ),
    ]


def below(model: Model) -> Any:
    """Projects inside ours, at any depth."""
    return lambda me, it: and_(
        it[NodeClosure.ancestor_id] == me[model.id],
        it[NodeClosure.descendant_id] == it[Node.id],
    )


def manager_name(row: Row) -> ColumnElement[Any]:
    held: Any = aliased(Appointment)
    person: Any = aliased(Person)
    return (
        select(func.min(person.full_name))
        .join(held, held.person_id == person.id)
        .where(held.node_id == row[Project.id], held.role == "project_manager")
        .correlate(None)
        .scalar_subquery()
    )


def days(first: date | None, last: date | None) -> int | None:
    return None if first is None or last is None else (last - first).days


def about_person(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """One's own card, and the cards of one's body."""
    body_id = row[Person.state_body_id]
    at_body = and_(body_id.is_not(None), access.holds(action, body_id, form))
    return or_(row[Person.id] == READER_PERSON, at_body)


REGION = bind(
    "Region",
    Region,
    WORDS,
    [
        ident(),
        *text3(Region, WORDS),
        col("code", Region.code, WORDS, where=True, order=True),
        col("kind", Region.kind, WORDS, where=True, group=True),
        col("specialRegime", Region.special_regime, WORDS, where=True, order=True),
        connection(
            "bodies", "StateBody", lambda me, it: it[Node.region_id] == me[Region.id], WORDS
        ),
    ],
    public=True,
    interfaces=[NODE],
    order=["code"],
)

STATE_BODY = bind(
    "StateBody",
    StateBody,
    WORDS,
    [
        *tree(StateBody),
        col("bin", StateBody.bin, WORDS, level=Level.FULL, where=True, order=True),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[Node.region_id],
            WORDS,
            where=True,
        ),
        connection(
            "programs",
            "Program",
            lambda me, it: it[Node.parent_id] == me[StateBody.id],
            WORDS,
            where=True,
        ),
    ],
    resource="state_body",
    kind=NodeKind.STATE_BODY,
    interfaces=[NODE, TREE_NODE],
    order=["name"],
)

PROGRAM = bind(
    "Program",
    Program,
    WORDS,
    [
        *tree(Program),
        col("programKind", Program.kind, WORDS, where=True, group=True),
        col("goal", Program.goal, WORDS, level=Level.FULL, where=True),
        connection(
            "projects", "Project", below(Program), WORDS, link=NodeClosure, where=True, large=True
        ),
        aggregate("projectStats", "Project", below(Program), WORDS, link=NodeClosure, large=True),
    ],
    resource="program",
    kind=NodeKind.PROGRAM,
    interfaces=[NODE, TREE_NODE],
    order=["-name"],
)

PROJECT_GROUP = bind(
    "ProjectGroup",
    ProjectGroup,
    WORDS,
    [
        *tree(ProjectGroup),
        connection(
            "projects", "Project", lambda me, it: it[Node.parent_id] == me[ProjectGroup.id], WORDS
        ),
    ],
    resource="project_group",
    kind=NodeKind.PROJECT_GROUP,
    interfaces=[NODE, TREE_NODE],
)

PROJECT = bind(
    "Project",
    Project,
    WORDS,
    [
        *tree(Project),
        col("number", Project.number, WORDS, order=True, search=Project.name_search),
        col("startsOn", Project.starts_on, WORDS, where=True, order=True, group=True),
        col("goal", Project.goal, WORDS, level=Level.FULL, where=True, order=True),
        money(
            "budget", Project.budget_minor, Project.currency, WORDS,
            level=Level.FULL, where=True, order=True, total=True,
        ),
        col("costClass", Project.cost_class, WORDS, level=Level.FULL, where=True, group=True),
        col("implementingBody", Project.implementing_body, WORDS, level="task.read", where=True),
        col("contractual", Project.contractual, WORDS, where=True, group=True),
        col("resultsAcceptedAt", Project.results_accepted_at, WORDS, where=True, order=True),
        expr("managerName", Text(), manager_name, WORDS, where=True, order=True),
        computed(
            "days", int | None, [Project.starts_on, Project.ends_on], days, WORDS, level=Level.FULL
        ),
        one(
            "program",
            "Program",
            lambda me, it: it[Node.id] == me[Node.program_scope_id],
            WORDS,
            where=True,
        ),
        one("group", "ProjectGroup", lambda me, it: it[Node.id] == me[Node.parent_id], WORDS),
        many(
            "locations",
            "ProjectLocation",
            lambda me, it: it[ProjectLocation.project_id] == me[Project.id],
            WORDS,
            where=True,
        ),
        connection(
            "tasks", "Task", lambda me, it: it[Node.parent_id] == me[Project.id], WORDS, where=True
        ),
        connection(
            "appointments",
            "Appointment",
            lambda me, it: it[Appointment.node_id] == me[Project.id],
            WORDS,
        ),
    ],
    resource="project",
    kind=NodeKind.PROJECT,
    interfaces=[NODE, TREE_NODE],
    order=["startsOn"],
    filters=[
        Condition(
            name="startedBefore",
            description=WORDS,
            type=date,
            column=Project.starts_on.type,
            sql=lambda row, given: row[Project.starts_on] < given,
        )
    ],
)  # fmt: skip

TASK = bind(
    "Task",
    Task,
    WORDS,
    [
        *tree(Task),
        col("dueOn", Task.due_on, WORDS, where=True, order=True),
        col("result", Task.result, WORDS, level=Level.FULL, where=True),
        one(
            "executor",
            "Person",
            lambda me, it: it[Person.id] == me[Task.executor_id],
            WORDS,
            where=True,
        ),
    ],
    resource="task",
    kind=NodeKind.TASK,
    interfaces=[NODE, TREE_NODE],
    order=["-dueOn"],
)

PROJECT_LOCATION = bind(
    "ProjectLocation",
    ProjectLocation,
    WORDS,
    [
        ident(),
        col("nationwide", ProjectLocation.nationwide, WORDS, where=True),
        col("address", ProjectLocation.address, WORDS, level=Level.FULL, where=True, order=True),
        col("latitude", ProjectLocation.latitude, WORDS, where=True),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[ProjectLocation.region_id],
            WORDS,
            where=True,
        ),
    ],
    levels={Level.FULL: "project.read"},
    node=ProjectLocation.project_id,
    interfaces=[NODE],
)

APPOINTMENT = bind(
    "Appointment",
    Appointment,
    WORDS,
    [
        ident(),
        col("roleCode", Appointment.role, WORDS, where=True, order=True, group=True),
        col(
            "participationPercent", Appointment.participation_percent, WORDS, where=True, order=True
        ),
        col("validFrom", Appointment.valid_from, WORDS, where=True, order=True),
        col("validTo", Appointment.valid_to, WORDS, where=True, order=True),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[Appointment.person_id],
            WORDS,
            where=True,
        ),
        one("node", "TreeNode", lambda me, it: it[Node.id] == me[Appointment.node_id], WORDS),
    ],
    levels={Level.BASIC: "appointment.read"},
    node=Appointment.node_id,
    owner=Appointment.person_id,
    interfaces=[NODE],
    order=["validFrom"],
)

PERSON = bind(
    "Person",
    Person,
    WORDS,
    [
        ident(),
        col(
            "fullName", Person.full_name, WORDS,
            order_by=Person.full_name_sort, search=Person.full_name_search,
        ),
        col("iin", Person.iin, WORDS, level=Level.PERSONAL),
        col("post", Person.post, WORDS, level=Level.FULL, where=True),
        connection(
            "appointments",
            "Appointment",
            lambda me, it: it[Appointment.person_id] == me[Person.id],
            WORDS,
        ),
    ],
    levels={Level.FULL: "person.read", Level.PERSONAL: "person.read_personal"},
    node=Person.state_body_id,
    holds=about_person,
    interfaces=[NODE],
    order=["fullName"],
)  # fmt: skip

BINDINGS = (
    REGION, STATE_BODY, PROGRAM, PROJECT_GROUP, PROJECT, TASK, PROJECT_LOCATION, APPOINTMENT,
    PERSON,
)  # fmt: skip

LISTS = {
    "regions": "Region",
    "stateBodies": "StateBody",
    "programs": "Program",
    "projectGroups": "ProjectGroup",
    "projects": "Project",
    "tasks": "Task",
    "projectLocations": "ProjectLocation",
    "appointments": "Appointment",
    "persons": "Person",
}


def make_registry() -> Registry:
    registry = Registry()
    registry.add(*BINDINGS)
    registry.root(
        ById("node", WORDS, "Node"),
        ByIds("nodes", WORDS, "Node"),
        ById("project", WORDS, "Project"),
        ById("treeNode", WORDS, "TreeNode"),
        ByIds("projectsById", WORDS, "Project"),
        Own(one("viewer", "Person", lambda _, it: it[Person.id] == READER_PERSON, WORDS)),
        *(Page(name, WORDS, to) for name, to in LISTS.items()),
    )
    return registry
