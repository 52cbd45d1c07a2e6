"""What a reader may not read shows nowhere: not as a value, a filter, an order or a sum."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from core.db.engine import Database
from core.hierarchy.project import CostClass, Project
from core.people.person import Person
from tests.schema.planner.conftest import Ask


def denied(result: Any) -> list[tuple[Any, str]]:
    """Paths of what was denied, and the action asked for."""
    return sorted(
        (tuple(error.path), error.original_error.params["action"]) for error in result.errors or ()
    )


async def test_a_field_of_a_higher_level_is_null_and_forbidden_at_its_path(ask: Ask) -> None:
    """The project manager of p1 knows p2 as personnel of the same program."""
    result = await ask(
        """{ projects(where: {number: {contains: "кала"}}, orderBy: [{field: NAME}]) {
          nodes { name budget { amount } goal stage cost: costClass days implementingBody }
        } }""",
        who="project manager",
    )
    assert result.data["projects"]["nodes"] == [
        {
            "name": "Қала жолы", "budget": {"amount": "500.00"}, "goal": "Жол салу",
            "stage": "IMPLEMENTATION", "cost": "LOW_BUDGET", "days": 364,
            "implementingBody": "«Жол» ЖШС",
        },
        {
            "name": "Қала көпірі", "budget": None, "goal": None, "stage": "IMPLEMENTATION",
            "cost": None, "days": None, "implementingBody": None,
        },
    ]  # fmt: skip
    at = ("projects", "nodes", 1)
    assert denied(result) == [
        ((*at, "budget"), "project.read"),
        ((*at, "cost"), "project.read"),
        ((*at, "days"), "project.read"),
        ((*at, "goal"), "project.read"),
        ((*at, "implementingBody"), "task.read"),
    ]


async def test_denial_reaches_objects_inside_objects(ask: Ask) -> None:
    result = await ask(
        "{ tasks { nodes { name program: parent { ... on Project { id budget { amount } } } } } }",
        who="admin",
    )
    assert len(result.data["tasks"]["nodes"]) == 6
    paths = [path for path, action in denied(result) if action == "project.read"]
    assert len(paths) == 5
    assert {path[-2:] for path in paths} == {("program", "budget")}


async def test_personal_data_is_for_few(ask: Ask) -> None:
    query = "{ persons(orderBy: [{field: FULL_NAME}]) { nodes { fullName iin } } }"
    result = await ask(query, who="hr")
    known = {node["fullName"]: node["iin"] for node in result.data["persons"]["nodes"]}
    assert known == {
        "Ескен Өмір": "900101300004",
        "Омар Қайрат": "900101300003",
        "Әлібек Ғани": "900101300002",
    }
    assert result.errors is None
    result = await ask(query, who="program manager")
    assert [node["iin"] for node in result.data["persons"]["nodes"]] == [
        "900101300002", None, None,
    ]  # fmt: skip
    assert {action for _, action in denied(result)} == {"person.read_personal"}


async def test_a_hidden_object_is_null_or_absent(ask: Ask) -> None:
    """A team member of p2 only from tomorrow on, and a manager of p6 from today on."""
    data = await ask.data(
        """{ appointments(where: {roleCode: {eq: "project_manager"}}) {
          nodes { person { fullName } node { name } }
        } tasks { nodes { name executor { fullName } } } }""",
        who="other",
    )
    assert data == {
        "appointments": {
            "nodes": [{"person": {"fullName": "Омар Қайрат"}, "node": {"name": "Қала жолы"}}]
        },
        "tasks": {"nodes": [{"name": "Құпия", "executor": None}]},
    }


async def test_the_scopes_of_a_service_key_switch_everything_else_off(ask: Ask) -> None:
    result = await ask(
        "{ projects { totalCount nodes { tasks { totalCount } } } programs { nodes { name } } }",
        who="key of root",
    )
    assert result.errors is None
    assert result.data["projects"]["totalCount"] == 7
    assert {node["tasks"]["totalCount"] for node in result.data["projects"]["nodes"]} == {0}
    assert len(result.data["programs"]["nodes"]) == 3
    assert (await ask.data("{ tasks { totalCount } }", who="key of root"))["tasks"] == {
        "totalCount": 0
    }


ORDERS = [
    "{field: BUDGET, direction: ASC}", "{field: BUDGET, direction: DESC}",
    "{field: GOAL, direction: ASC}", "{field: GOAL, direction: DESC}",
]  # fmt: skip

FILTERS = [
    '{budget: {currency: "KZT", gt: "1"}}',
    '{budget: {currency: "KZT", isNull: true}}',
    '{budget: {currency: "KZT", isNull: false}}',
    '{not: {budget: {currency: "KZT", gt: "1"}}}',
    '{not: {budget: {currency: "KZT", isNull: true}}}',
    '{goal: {eq: "Hidden"}}',
    '{not: {goal: {eq: "Hidden"}}}',
    "{goal: {isNull: true}}",
    "{costClass: {eq: HIGH_BUDGET}}",
    "{not: {costClass: {in: [HIGH_BUDGET]}}}",
    '{implementingBody: {eq: "Hidden"}}',
    '{or: [{goal: {eq: "Hidden"}}, {not: {goal: {eq: "Hidden"}}}]}',
]

PROBES = [
    *(f"{{ projects(orderBy: [{o}]) {{ nodes {{ id }} edges {{ cursor }} }} }}" for o in ORDERS),
    *(f"{{ projects(where: {f}) {{ totalCount nodes {{ id }} stats {{ count }} }} }}"
      for f in FILTERS),
    "{ projects { stats { count budget { amount currency } byCostClass { costClass count } } } }",
    "{ projects { stats { byStage { stage count budget { amount currency } } } } }",
    "{ programs { nodes { projectStats { count budget { amount } byCostClass { count } } } } }",
    '{ programs(where: {projects: {goal: {eq: "Hidden"}}}) { nodes { id } } }',
    '{ programs(where: {not: {projects: {budget: {currency: "USD", gt: "1"}}}}) { totalCount } }',
    "{ persons { nodes { fullName } } }",
]  # fmt: skip
"""Questions whose answers would move with a hidden value, if it showed."""


async def test_no_answer_depends_on_what_the_reader_may_not_read(
    ask: Ask, database: Database
) -> None:
    """Change every value hidden from the project manager of p1; nothing moves for that reader."""

    async def answers(who: str) -> list[Any]:
        results = [await ask(probe, who=who) for probe in PROBES]
        return [(result.data, denied(result)) for result in results]

    mine, everything = await answers("project manager"), await answers("root")
    async with database.session() as session, session.begin():
        await session.execute(
            update(Project)
            .where(Project.id != ask.made.keys["p1"])
            .values(
                budget_minor=7, currency="USD", goal="Hidden", implementing_body="Hidden",
                cost_class=CostClass.HIGH_BUDGET,
            )
        )  # fmt: skip
        await session.execute(update(Person).values(iin=None))
    assert await answers("project manager") == mine
    moved = [ours != theirs for ours, theirs in zip(await answers("root"), everything, strict=True)]
    assert moved == [True] * (len(PROBES) - 1) + [False]


async def test_a_filter_by_a_field_that_all_may_read_who_see_the_row_shows_no_other_row(
    ask: Ask,
) -> None:
    """Places have one level only: who sees one may read it, and nobody sees more by asking."""
    query = "{ projectLocations(where: {address: {isNull: %s}}) { nodes { id address } } }"
    keys = ask.made.keys
    for null, seen in (("true", "l2"), ("false", "l1")):
        data = await ask.data(query % null, who="project manager")
        found = [node["id"] for node in data["projectLocations"]["nodes"]]
        assert found == [f"ProjectLocation:{keys[seen]}"]
    people = '{ persons(where: {post: {eq: "Akimat"}}) { nodes { fullName } } }'
    assert await ask.data(people, who="program manager") == {"persons": {"nodes": []}}
    assert len((await ask.data(people, who="root"))["persons"]["nodes"]) == 2
