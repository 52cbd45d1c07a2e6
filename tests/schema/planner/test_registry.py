"""Bindings are checked together, and every fault names its owners."""

from __future__ import annotations

from typing import Any

import pytest

from core.hierarchy.project import Project
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.task import Task
from core.people.person import Person
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.tree.node import Node, NodeKind
from schema.planner.binding import Condition, Interface, Level, bind
from schema.planner.registry import ById, CompositionError, Page, Registry
from schema.planner.words import col, connection, ident, money, one
from tests.schema.planner.nouns import NODE, TREE_NODE, WORDS, make_registry


def problems(registry: Registry) -> tuple[str, ...]:
    with pytest.raises(CompositionError) as failed:
        registry.catalogue()
    return tuple(problem.text for problem in failed.value.problems)


def lone(*fields: Any, **options: Any) -> Registry:
    """A registry with one noun over the table of projects."""
    registry = Registry()
    registry.add(bind("Thing", Project, WORDS, fields, **options))
    return registry


def test_what_fits_together_is_a_catalogue() -> None:
    catalogue = make_registry().catalogue()
    assert set(catalogue.groups) == {"Node", "TreeNode"}
    assert "Project" in catalogue.nouns
    assert catalogue.target("Node") is catalogue.groups["Node"]


def test_a_plugin_adds_fields_filters_and_root_fields() -> None:
    registry = make_registry()
    registry.extend(
        "Project",
        owner="plugin",
        fields=[col("pluginCode", Project.budget_program_code, WORDS, where=True, order=True)],
        filters=[
            Condition(
                name="pluginFlag", description=WORDS, type=bool, column=Project.contractual.type,
                sql=lambda row, given: row[Project.contractual] == given,
            )
        ],
    )  # fmt: skip
    registry.root(Page("pluginProjects", WORDS, "Project"), owner="plugin")
    catalogue = registry.catalogue()
    project = catalogue.nouns["Project"]
    assert {"pluginCode", "pluginFlag"} <= set(project.filterable)
    assert "pluginCode" in project.sortable
    assert "pluginProjects" in catalogue.roots


def test_all_faults_are_told_together_with_their_owners() -> None:
    registry = make_registry()
    region = bind("Region", Region, WORDS, [ident()], public=True)
    registry.add(region, owner="twice")
    registry.extend("Nothing", owner="lost", fields=[ident()])
    registry.extend("Project", owner="one", fields=[col("number", Project.number, WORDS)])
    registry.extend("Project", owner="two", fields=[col("goal", Project.goal, WORDS)])
    registry.root(Page("projects", WORDS, "Project"), owner="three")
    registry.root(ById("lost", WORDS, "Nothing"), owner="four")
    assert set(problems(registry)) == {
        "type Region is bound by core and by twice",
        "lost extends Nothing, which nobody binds",
        "Project.number is declared by core and by one",
        "Project.goal is declared by core and by two",
        "root field projects is added by core and by three",
        "root field lost of four: nobody binds Nothing",
    }


@pytest.mark.parametrize(
    ("registry", "problem"),
    [
        (lone(col("goal", Project.goal, "  ")), "Thing.goal has no description"),
        (
            lone(one("other", "Other", lambda me, it: me[Project.id] == it[Project.id], WORDS)),
            "Thing.other leads to Other, which nobody binds",
        ),
        (
            lone(col("goal", Project.goal, WORDS, level=Level.PERSONAL)),
            "Thing.goal is personal, but Thing names no action for that",
        ),
        (
            lone(col("goal", Project.goal, WORDS, level="project.read")),
            "Thing.goal asks for project.read, but Thing has no node to ask at",
        ),
        (
            lone(col("not", Project.goal, WORDS, where=True)),
            "Thing.not: and, or, not are words of filters",
        ),
        (
            lone(col("goal", Project.goal, WORDS), order=["goal"]),
            "Thing is sorted by goal, which is not sortable",
        ),
        (lone(order=["-nothing"]), "Thing is sorted by nothing, which is not sortable"),
        (
            lone(
                money("a", Project.budget_minor, Project.currency, WORDS, total=True),
                money("b", Project.budget_minor, Project.number, WORDS, total=True),
            ),
            "Thing sums amounts of different currency columns",
        ),
        (lone(interfaces=[NODE]), "Thing lacks id of the interface Node"),
    ],
)  # fmt: skip
def test_a_fault_of_one_noun(registry: Registry, problem: str) -> None:
    assert problem in problems(registry)


@pytest.mark.parametrize("use", ["where", "order", "group"])
def test_personal_data_is_no_filter_no_order_and_no_group(use: str) -> None:
    registry = Registry()
    registry.add(
        bind(
            "Person", Person, WORDS,
            [col("iin", Person.iin, WORDS, level=Level.PERSONAL, **{use: True})],  # type: ignore
            levels={Level.FULL: "person.read", Level.PERSONAL: "person.read_personal"},
            node=Person.state_body_id,
        )
    )  # fmt: skip
    assert problems(registry) == (
        "Person.iin is personal: no filtering, sorting or counting by it",
    )


def test_mixed_lists_need_a_table_and_one_kind_each() -> None:
    registry = make_registry()
    registry.extend(
        "Region",
        owner="plugin",
        fields=[
            connection("things", "Node", lambda me, it: it[Task.id] == me[Region.id], WORDS),
            one(
                "place", "TreeNode", lambda me, it: it[Task.id] == me[Region.id], WORDS, where=True
            ),
        ],
    )
    assert set(problems(registry)) == {
        "Region.things: Node has no table to read from",
        "Region.place: filters need one type, TreeNode is an interface",
    }
    registry = make_registry()
    kindless = Interface("Mixed", WORDS, (), model=Project, kind=Project.cost_class)
    registry.add(bind("Odd", Project, WORDS, [], interfaces=[kindless]))
    assert "Odd cannot be told by kind in Mixed" in problems(registry)


def test_an_interface_cannot_be_called_like_a_type() -> None:
    registry = Registry()
    same = Interface("Same", WORDS, ("id",))
    registry.add(bind("Same", Task, WORDS, [ident()], public=True, interfaces=[same]))
    assert problems(registry) == ("Same is a type and an interface",)


def test_a_noun_of_the_tree_asks_at_its_own_node() -> None:
    bound = bind(
        "Task", Task, WORDS, [], resource="task", kind=NodeKind.TASK, interfaces=[TREE_NODE]
    )
    assert bound.node is Task.id
    assert bound.levels == {Level.BASIC: "task.read_basic", Level.FULL: "task.read"}
    assert [item.name for item in bound.filters] == ["under"]


def test_a_noun_lies_in_the_region_of_its_node_unless_it_says_more() -> None:
    in_tree = bind("Task", Task, WORDS, [], resource="task", kind=NodeKind.TASK)
    assert in_tree.region is Node.region_id
    assert bind("Region", Region, WORDS, [], public=True).region is Region.id
    unit = bind("Unit", AdministrativeUnit, WORDS, [], public=True)
    assert unit.region is AdministrativeUnit.region_id
    assert bind("Person", Person, WORDS, [], public=True).region is None
    told = bind("Location", ProjectLocation, WORDS, [], public=True,
                region=ProjectLocation.region_id)  # fmt: skip
    assert told.region is ProjectLocation.region_id
    at_node = bind("Location", ProjectLocation, WORDS, [], public=True,
                   node=ProjectLocation.project_id)  # fmt: skip
    assert callable(at_node.region)


def test_an_object_is_public_only_if_it_says_so() -> None:
    assert problems(lone(col("goal", Project.goal, WORDS), public=False)) == (
        "Thing says neither who may read it nor that it is public",
    )
    lone(col("goal", Project.goal, WORDS), public=True).catalogue()


def test_names_made_from_names_are_told_apart() -> None:
    twice = lone(
        col("startsOn", Project.starts_on, WORDS, order=True),
        col("starts_on", Project.starts_on, WORDS, order=True),
        money("count", Project.budget_minor, Project.currency, WORDS, total=True),
        public=True,
    )
    assert problems(twice) == (
        "Thing is sorted by STARTS_ON twice: startsOn, starts_on",
        "Thing counts count twice: how many there are, count",
    )


def test_plugins_come_after_the_core_in_the_order_of_their_ids() -> None:
    registry = Registry()
    registry.extend("Thing", owner="zeta", fields=[col("z", Project.goal, WORDS)])
    registry.extend("Thing", owner="alpha", fields=[col("a", Project.goal, WORDS)])
    registry.add(bind("Other", Task, WORDS, [], public=True), owner="alpha")
    registry.add(bind("Thing", Project, WORDS, [ident()], public=True))
    catalogue = registry.catalogue()
    thing = catalogue.nouns["Thing"]
    assert list(catalogue.nouns) == ["Thing", "Other"]
    assert list(thing.fields) == ["id", "a", "z"]
    assert [thing.gate_of(name) for name in thing.fields] == [None, "alpha", "zeta"]
    assert (thing.gate, catalogue.nouns["Other"].gate) == (None, "alpha")
