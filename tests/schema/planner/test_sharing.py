"""What all kinds of an interface have alike stands in a statement once."""

from __future__ import annotations

from schema.planner.run import statements
from schema.planner.sharing import shared_fields
from tests.schema.planner.conftest import Ask

UP = """query($id: ID!) { node(id: $id) { ... on TreeNode {
  a: name(lang: KK)
  parent { __typename parent { a: id b: parent { __typename } name(lang: RU) } id }
} } }"""


async def test_relations_of_all_kinds_are_written_once(ask: Ask) -> None:
    keys = ask.made.keys
    assert {"parent", "ancestors", "children"} <= shared_fields(ask.schema.catalogue)["TreeNode"]
    with statements() as texts:
        data = await ask.data(UP, {"id": f"Task:{keys['t1']}"})
    project = data["node"]["parent"]
    group = project["parent"]
    assert list(data["node"]) == ["a", "parent"]
    assert list(project) == ["__typename", "parent", "id"]
    assert list(group) == ["a", "b", "name"]
    assert (project["id"], group["a"]) == (f"Project:{keys['p1']}", f"ProjectGroup:{keys['g1']}")
    assert group["b"] is None  # a direction, which nobody bound here
    # Some levels for each of the three, not three times as many inside each other.
    assert texts[-1].count("MATERIALIZED") < 60


async def test_a_relation_of_which_one_kind_selects_more_is_written_for_each(ask: Ask) -> None:
    keys = ask.made.keys
    data = await ask.data(
        """query($id: ID!) { node(id: $id) { ... on TreeNode { parent {
          parent { id } ... on Project { parent { __typename } }
        } } } }""",
        {"id": f"Task:{keys['t1']}"},
    )
    group = {"id": f"ProjectGroup:{keys['g1']}", "__typename": "ProjectGroup"}
    assert data["node"]["parent"]["parent"] == group
