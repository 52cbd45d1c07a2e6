"""The gate of a plugin inside the planner's statements: here it is on in the capital only.

The projects p1 to p4 lie in the capital (KZ-71), p5 to p7 belong to the republic.
"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from sqlalchemy import Integer, Text, literal_column

from core.db.engine import Database
from core.hierarchy.basic_direction import BasicDirection
from core.plugins.gate import PluginNotEnabled
from core.tree.node import NodeKind
from schema.contribution import Contribution, Extension
from schema.planner.binding import bind
from schema.planner.plan import Operation
from schema.planner.run import statements
from schema.planner.words import expr
from tests.schema.planner.conftest import Ask
from tests.schema.planner.nouns import NODE, TREE_NODE, WORDS, tree
from tests.schema.planner.plugin import VISITS, Visit, plugged_schema, switch

ALL = (
    "visitCount lastScore visitSecret visitFee { amount currency } visitMark lastVisit { id }"
    " visits { totalCount } visitList { id } visitStats { count }"
)
NAMES = ("visitCount", "lastScore", "visitSecret", "visitFee", "visitMark", "lastVisit", "visits",
         "visitList", "visitStats")  # fmt: skip


async def numbers(ask: Ask, root: str, **options: Any) -> list[str]:
    """The short names of the objects a list holds, in its order."""
    data = await ask.data(f"{{ found: {root} {{ nodes {{ id }} }} }}", **options)
    return [
        next(
            name
            for name, key in ask.made.keys.items()
            if name[0] == ("p" if kind == "Project" else "v") and key == int(number)
        )
        for kind, number in (node["id"].split(":") for node in data["found"]["nodes"])
    ]


async def refusal(ask: Ask, query: str, **options: Any) -> dict[str, Any]:
    """What the refusal of a plugin that is off names."""
    result = await ask(query, **options)
    (error,) = result.errors or ()
    assert isinstance(error.original_error, PluginNotEnabled), error
    return {**error.original_error.params, "at": error.original_error.field}


async def test_a_field_on_a_type_of_the_core_is_null_where_the_plugin_is_off(
    ask_plugged: Ask,
) -> None:
    keys = ask_plugged.made.keys
    read = f"query($id: ID!) {{ project(id: $id) {{ id {ALL} }} }}"
    with statements() as ran:
        here = await ask_plugged.data(read, {"id": f"Project:{keys['p1']}"})
        there = await ask_plugged.data(read, {"id": f"Project:{keys['p5']}"})
    assert here["project"] == {
        "id": f"Project:{keys['p1']}",
        "visitCount": 2,
        "lastScore": 5,
        "visitSecret": "жақсы",
        "visitFee": {"amount": "100.00", "currency": "KZT"},
        "visitMark": "2 visits",
        "lastVisit": {"id": "VisitsVisit:2"},
        "visits": {"totalCount": 2},
        "visitList": [{"id": "VisitsVisit:1"}, {"id": "VisitsVisit:2"}],
        "visitStats": {"count": 2},
    }
    assert there["project"] == {"id": f"Project:{keys['p5']}"} | dict.fromkeys(NAMES)
    assert len(ran) == 2


async def test_a_field_the_reader_may_not_read_is_denied_only_where_the_plugin_is_on(
    ask_plugged: Ask, database: Database
) -> None:
    """The program manager reads p1, whoever is anonymous nothing; the project manager sees p2."""
    query = "{ projects(orderBy: [{field: CREATED_AT}]) { nodes { id visitSecret } } }"
    keys = ask_plugged.made.keys

    async def denied() -> list[int]:
        result = await ask_plugged(query, who="project manager")
        nodes = result.data["projects"]["nodes"] if result.data else []
        return [int(nodes[error.path[2]]["id"].split(":")[1]) for error in result.errors or ()]  # type: ignore[index,call-overload]

    assert await denied() == [keys["p2"], keys["p3"], keys["p4"]]
    await switch(database, VISITS, keys["KZ-71"], on=False)
    assert await denied() == []


async def test_switching_counts_from_the_next_statement_on_with_the_same_plan(
    ask_plugged: Ask, database: Database
) -> None:
    keys = ask_plugged.made.keys
    planner = ask_plugged.schema.planner(ask_plugged.reads.dialect, ask_plugged.reads.version)
    query = "{ projects(orderBy: [{field: CREATED_AT}]) { nodes { visitCount } } }"

    async def counts() -> list[int | None]:
        data = await ask_plugged.data(query)
        return [node["visitCount"] for node in data["projects"]["nodes"]]

    assert await counts() == [2, 1, 0, 1, None, None, None]
    made = planner.made
    assert made > 0
    await switch(database, VISITS, None, on=True)
    assert await counts() == [2, 1, 0, 1, 1, 1, 0]
    await switch(database, VISITS, keys["KZ-71"], on=False)
    assert await counts() == [None, None, None, None, 1, 1, 0]
    await switch(database, VISITS, None, on=False)
    assert await counts() == [None] * 7
    assert planner.made == made


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("{visitCount: {gt: 0}}", ["p1", "p2", "p4"]),
        ("{not: {visitCount: {gt: 0}}}", ["p3"]),
        ("{or: [{visitCount: {eq: 2}}, {stage: {eq: CLOSED}}]}", ["p1", "p5"]),
        ("{or: [{not: {visitCount: {eq: 2}}}, {number: {isNull: true}}]}", ["p2", "p3", "p4"]),
        ("{lastScore: {isNull: true}}", ["p2", "p3"]),
        ("{lastScore: {isNull: false}}", ["p1", "p4"]),
        ('{visitFee: {currency: "KZT", gte: "100"}}', ["p1"]),
        ('{visitSecret: {eq: "Akimat"}}', ["p2"]),
        ("{wasVisited: true}", ["p1", "p2", "p4"]),
        ("{wasVisited: false}", ["p3"]),
        ("{not: {wasVisited: true}}", ["p3"]),
        ("{visits: {score: {gte: 3}}}", ["p1"]),
        ("{not: {visits: {score: {gte: 3}}}}", ["p2", "p3", "p4"]),
        ("{lastVisit: {result: {eq: FAILED}}}", ["p1", "p4"]),
    ],
)
async def test_a_filter_of_a_plugin_filters_and_holds_for_nothing_where_it_is_off(
    ask_plugged: Ask, where: str, found: list[str]
) -> None:
    assert sorted(await numbers(ask_plugged, f"projects(where: {where})")) == found


async def test_a_filter_of_a_plugin_works_through_relations_of_the_core(ask_plugged: Ask) -> None:
    read = "{ programs(where: {projects: {wasVisited: %s}}) { nodes { id } } }"
    key = ask_plugged.made.keys["r1"]
    # Projects of the second program were visited, but the plugin is off there.
    found = await ask_plugged.data(read % "true")
    assert found["programs"]["nodes"] == [{"id": f"Program:{key}"}]


async def test_an_order_of_a_plugin_orders_with_null_where_it_is_off(ask_plugged: Ask) -> None:
    by = "projects(orderBy: [{field: %s, direction: %s}, {field: CREATED_AT}])"
    off = ["p5", "p6", "p7"]
    assert await numbers(ask_plugged, by % ("VISIT_COUNT", "ASC")) == ["p3", "p2", "p4", "p1", *off]
    assert await numbers(ask_plugged, by % ("VISIT_COUNT", "DESC")) == [
        "p1", "p2", "p4", "p3", *off,
    ]  # fmt: skip
    assert await numbers(ask_plugged, by % ("LAST_SCORE", "ASC")) == [
        "p4", "p1", "p2", "p3", *off,
    ]  # fmt: skip


async def test_pages_by_an_order_of_a_plugin_go_on_where_they_ended(ask_plugged: Ask) -> None:
    found: list[str] = []
    after = "null"
    while True:
        data = await ask_plugged.data(
            f"{{ projects(first: 2, after: {after}, orderBy: [{{field: VISIT_COUNT}}])"
            " { nodes { name(lang: KK) } pageInfo { hasNextPage endCursor } } }"
        )
        page = data["projects"]
        found += [node["name"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'"{page["pageInfo"]["endCursor"]}"'
    assert len(found) == 7


async def test_statistics_leave_out_what_a_plugin_holds_where_it_is_off(ask_plugged: Ask) -> None:
    data = await ask_plugged.data(
        "{ projects { stats { count visitFee { amount currency }"
        " byVisitCount { visitCount count } } } }"
    )
    assert data["projects"]["stats"] == {
        "count": 7,
        "visitFee": [
            {"amount": "7", "currency": "JPY"},
            {"amount": "100.00", "currency": "KZT"},
            {"amount": "50.00", "currency": "USD"},
        ],
        "byVisitCount": [
            {"visitCount": 0, "count": 1},
            {"visitCount": 1, "count": 2},
            {"visitCount": 2, "count": 1},
            {"visitCount": None, "count": 3},
        ],
    }


async def test_objects_of_a_plugin_are_there_only_where_it_is_on(
    ask_plugged: Ask, database: Database
) -> None:
    read = "{ visitsVisits { totalCount stats { count } nodes { id project { id } } } }"
    found = (await ask_plugged.data(read))["visitsVisits"]
    assert [node["id"][-1] for node in found["nodes"]] == ["1", "2", "4", "3"]
    assert (found["totalCount"], found["stats"]["count"]) == (4, 4)
    keys = ask_plugged.made.keys
    ids = [f"VisitsVisit:{keys['v1']}", f"VisitsVisit:{keys['v5']}"]
    several = await ask_plugged.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}
    )
    assert several["nodes"] == [{"id": ids[0]}, None]
    await switch(database, VISITS, None, on=True)
    assert (await ask_plugged.data(read))["visitsVisits"]["totalCount"] == 6
    several = await ask_plugged.data(
        "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}
    )
    assert several["nodes"] == [{"id": id} for id in ids]


async def test_a_list_of_a_plugin_leaves_out_projects_where_it_is_off(ask_plugged: Ask) -> None:
    assert sorted(await numbers(ask_plugged, "visitsProjects")) == ["p1", "p2", "p3", "p4"]
    assert sorted(
        await numbers(ask_plugged, "visitsProjects(where: {not: {stage: {eq: CLOSED}}})")
    ) == ["p1", "p2", "p3", "p4"]


async def test_a_list_of_a_plugin_is_refused_where_it_is_on_nowhere(
    ask_plugged: Ask, database: Database
) -> None:
    await switch(database, VISITS, ask_plugged.made.keys["KZ-71"], on=False)
    for root in ("visitsVisits", "visitsKinds", "visitsProjects"):
        with statements() as ran:
            refused = await refusal(ask_plugged, f"{{ some: {root} {{ totalCount }} }}")
        assert refused == {"plugin": "visits", "region": None, "at": root}
        assert len(ran) == 1
    for root in ("visitsLatest", 'visitsByIds(ids: ["VisitsVisit:1"])'):
        refused = await refusal(ask_plugged, f"{{ {root} {{ id }} }}")
        assert refused == {"plugin": "visits", "region": None, "at": root.split("(")[0]}
    await switch(database, VISITS, ask_plugged.made.keys["KZ-10"], on=True)
    data = await ask_plugged.data(
        "{ visitsVisits { totalCount } visitsKinds { nodes { code } }"
        ' visitsProjects { totalCount } visitsLatest { id } visitsByIds(ids: ["VisitsVisit:1"])'
        " { id } }"
    )
    assert data == {
        "visitsLatest": None,
        "visitsByIds": [None],
        "visitsVisits": {"totalCount": 0},
        "visitsKinds": {"nodes": [{"code": "yearly"}]},
        "visitsProjects": {"totalCount": 0},
    }


@pytest.mark.parametrize("root", ["visitsVisit", "node"])
async def test_an_object_hidden_by_the_gate_alone_is_refused_with_its_region(
    ask_plugged: Ask, database: Database, root: str
) -> None:
    keys = ask_plugged.made.keys
    read = f"query($id: ID!) {{ {root}(id: $id) {{ id }} }}"

    def visit(name: str) -> dict[str, str]:
        return {"id": f"VisitsVisit:{keys[name]}"}

    assert (await ask_plugged.data(read, visit("v1")))[root] == visit("v1")
    republic = {"plugin": "visits", "region": None, "at": root}
    with statements() as ran:
        assert await refusal(ask_plugged, read, variables=visit("v5")) == republic
    assert len(ran) == 1
    # Who does not see the project learns nothing of the visit, nor of the plugin.
    assert await ask_plugged.code(read, visit("v5"), who="anonymous") == ("NOT_FOUND", "id")
    assert await ask_plugged.code(read, {"id": "VisitsVisit:99"}) == ("NOT_FOUND", "id")
    await switch(database, VISITS, keys["KZ-71"], on=False)
    capital = {"plugin": "visits", "region": "KZ-71", "at": root}
    assert await refusal(ask_plugged, read, variables=visit("v1")) == capital
    assert await ask_plugged.code(read, visit("v1"), who="anonymous") == ("NOT_FOUND", "id")


async def test_a_plugins_root_reads_an_object_of_the_core_only_where_it_is_on(
    ask_plugged: Ask,
) -> None:
    keys = ask_plugged.made.keys
    read = "query($id: ID!) { visitsProject(id: $id) { id } }"
    here, there = ({"id": f"Project:{keys[name]}"} for name in ("p1", "p5"))
    assert (await ask_plugged.data(read, here))["visitsProject"] == here
    refused = await refusal(ask_plugged, read, variables=there)
    assert refused == {"plugin": "visits", "region": None, "at": "visitsProject"}
    assert await ask_plugged.code(read, there, who="anonymous") == ("NOT_FOUND", "id")


async def test_a_relation_of_a_plugin_in_a_list_is_part_of_the_one_statement(
    ask_plugged: Ask,
) -> None:
    with statements() as ran:
        data = await ask_plugged.data(
            "{ projects(orderBy: [{field: CREATED_AT}]) { nodes {"
            " visits { nodes { score project { visitList { id } } } } } } }"
        )
    assert len(ran) == 1
    nodes = [node["visits"] for node in data["projects"]["nodes"]]
    assert [None if each is None else len(each["nodes"]) for each in nodes] == [
        2, 1, 0, 1, None, None, None,
    ]  # fmt: skip
    assert nodes[0]["nodes"][0]["project"] == {
        "visitList": [{"id": "VisitsVisit:1"}, {"id": "VisitsVisit:2"}]
    }


async def test_many_fields_of_a_plugin_ask_for_its_gate_once(ask_plugged: Ask) -> None:
    with statements() as ran:
        await ask_plugged.data("{ projects { nodes { visitCount lastScore visitSecret } } }")
        await ask_plugged.data("{ projects { nodes { number } } }")
    asked = [sql.count("plugin_region.enabled") for sql in ran]
    assert asked == [1, 0]


async def test_a_plugin_on_top_of_another_has_a_gate_of_its_own(
    ask_plugged: Ask, database: Database
) -> None:
    marks = Contribution(
        owner="marks",
        extensions=[
            Extension(
                target="VisitsVisit",
                fields=[
                    expr("mark", Text(), lambda row: row[Visit.note], WORDS, where=True, order=True)
                ],
            )
        ],
    )
    ask_plugged.schema = plugged_schema(marks)
    read = "{ visitsVisits(orderBy: [{field: MARK}]) { nodes { id mark } } }"
    filtered = '{ visitsVisits(where: {mark: {eq: "o"}}) { totalCount } }'

    async def shown() -> list[tuple[str, str | None]]:
        nodes = (await ask_plugged.data(read))["visitsVisits"]["nodes"]
        return [(node["id"][-1], node["mark"]) for node in nodes]

    assert await shown() == [("1", None), ("2", None), ("3", None), ("4", None)]
    assert (await ask_plugged.data(filtered))["visitsVisits"]["totalCount"] == 0
    await switch(database, "marks", ask_plugged.made.keys["KZ-71"], on=True)
    assert await shown() == [("3", "Akimat"), ("4", "o"), ("1", "жақсы"), ("2", None)]
    assert (await ask_plugged.data(filtered))["visitsVisits"]["totalCount"] == 1
    await switch(database, VISITS, ask_plugged.made.keys["KZ-71"], on=False)
    await switch(database, VISITS, None, on=True)
    assert await shown() == [("5", None), ("6", None)]


async def test_each_type_is_asked_at_its_own_region(ask_plugged: Ask, database: Database) -> None:
    """A region is its own, a row at a node has that of the node; a person here, of the body."""
    fields = [expr("noted", Integer(), lambda row: literal_column("1"), WORDS, where=True)]
    targets = ("Region", "Appointment", "ProjectLocation", "Person")
    notes = Contribution(
        owner="notes", extensions=[Extension(target=name, fields=fields) for name in targets]
    )
    ask_plugged.schema = plugged_schema(notes)
    keys = ask_plugged.made.keys

    async def noted() -> dict[str, int]:
        """How many objects of each type have the field, by the values and by the filter."""
        lists = " ".join(
            f"{name}: {name} {{ totalCount nodes {{ noted }} }}"
            f" {name}By: {name}(where: {{noted: {{eq: 1}}}}) {{ totalCount }}"
            for name in ("regions", "appointments", "projectLocations", "persons")
        )
        data = await ask_plugged.data(f"{{ {lists} }}")
        found = {}
        for name in ("regions", "appointments", "projectLocations", "persons"):
            found[name] = sum(node["noted"] == 1 for node in data[name]["nodes"])
            assert found[name] == data[f"{name}By"]["totalCount"]
        return found

    nowhere = dict.fromkeys(("regions", "appointments", "projectLocations", "persons"), 0)
    assert await noted() == nowhere
    await switch(database, "notes", keys["KZ-71"], on=True)
    capital = await noted()
    assert capital == {"regions": 1, "appointments": 4, "projectLocations": 3, "persons": 3}
    await switch(database, "notes", keys["KZ-71"], on=False)
    assert await noted() == nowhere
    await switch(database, "notes", None, on=True)
    assert await noted() == {
        "regions": 0, "appointments": 4, "projectLocations": 1, "persons": 2,
    }  # fmt: skip


async def test_a_kind_of_node_of_a_plugin_is_in_the_tree_only_where_it_is_on(
    ask_plugged: Ask, database: Database
) -> None:
    direction = bind(
        "DirsDirection", BasicDirection, WORDS, tree(BasicDirection),
        resource="basic_direction", kind=NodeKind.BASIC_DIRECTION, interfaces=[NODE, TREE_NODE],
    )  # fmt: skip
    ask_plugged.schema = plugged_schema(Contribution(owner="dirs", nouns=[direction]))
    keys = ask_plugged.made.keys
    await switch(database, "dirs", keys["KZ-71"], on=True)
    read = "{ programs(orderBy: [{field: CREATED_AT}]) { nodes { children { nodes { id } } } } }"

    async def children() -> list[list[str]]:
        nodes = (await ask_plugged.data(read))["programs"]["nodes"]
        return [[child["id"] for child in node["children"]["nodes"]] for node in nodes]

    here, there = f"DirsDirection:{keys['d1']}", f"DirsDirection:{keys['d2']}"
    assert await children() == [[here], [], []]
    found = await ask_plugged.data(
        "query($id: ID!) { treeNode(id: $id) { id ancestors { id } } }",
        {"id": f"ProjectGroup:{keys['g1']}"},
    )
    assert here in [node["id"] for node in found["treeNode"]["ancestors"]]
    single = "query($id: ID!) { treeNode(id: $id) { id } }"
    assert await refusal(ask_plugged, single, variables={"id": there}) == {
        "plugin": "dirs", "region": None, "at": "treeNode",
    }  # fmt: skip
    below = "query($id: ID!) { projects(where: {under: $id}) { totalCount } }"
    assert (await ask_plugged.data(below, {"id": here}))["projects"]["totalCount"] == 4
    assert (await ask_plugged.data(below, {"id": there}))["projects"]["totalCount"] == 0
    await switch(database, "dirs", None, on=True)
    assert await children() == [[here], [there], []]
    assert (await ask_plugged.data(below, {"id": there}))["projects"]["totalCount"] == 3


async def test_a_payload_shows_of_a_plugin_what_its_gate_lets_through(
    ask_plugged: Ask, database: Database
) -> None:
    """Payloads and events read one object by its key: without a mark, it is there or not."""
    read = "{ visitsVisits { nodes { id } } }"
    planner = ask_plugged.schema.planner(ask_plugged.reads.dialect, ask_plugged.reads.version)
    (operation,) = parse(read).definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    (nodes,) = field.selection_set.selections if field.selection_set else ()
    assert isinstance(nodes, FieldNode)
    reading = ask_plugged.reading("root")
    asked = Operation(ask_plugged.schema.graphql, b"payload", operation, {}, {}, len(read))

    async def shown(key: int) -> str:
        ready = planner.one(
            asked, "visit", "VisitsVisit", key, [nodes], reading.policy, reading.asker
        )
        return (await ask_plugged.reads.run([ready]))[0]

    assert await shown(1) == '{"id":"VisitsVisit:1"}'
    assert await shown(5) == "null"
    await switch(database, VISITS, None, on=True)
    assert await shown(5) == '{"id":"VisitsVisit:5"}'
