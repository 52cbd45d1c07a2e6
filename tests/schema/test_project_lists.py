"""Lists of projects are read from their own table, which holds what they ask of their nodes."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

import pytest
from graphql import OperationDefinitionNode, parse

from core.authority.reader import Reader
from core.db.engine import Dialect
from core.hierarchy.conditions import core_policy
from schema.planner.plan import Asker
from schema.planner.whole import whole_query
from zhoba.host.composing import core_schema

SCHEMA = core_schema()
OFFICE = Reader(1, frozenset({"office_member"}))
OWN = "number kind stage archivedAt endsOn group { name } stateBody { name } region { code }"


def statement(dialect: Dialect, document: str) -> str:
    """The SQL of a query as somebody of the Office gets it, on one line."""
    parsed = parse(document)
    definition = cast("OperationDefinitionNode", parsed.definitions[0])
    query = whole_query(SCHEMA.graphql, SCHEMA.catalogue, parsed, definition, document)
    assert query is not None
    asker = Asker(OFFICE, date(2026, 3, 2), "en")
    ready: Any = query.ready(SCHEMA.planner(dialect, 18), core_policy(), asker, {})
    return " ".join(ready[0].plan.sql.split())


def joins(sql: str) -> bool:
    """Whether projects are joined with their nodes anywhere."""
    return re.search(r"\bproject AS \w+ JOIN node\b", sql) is not None


@pytest.mark.parametrize(
    "where",
    ["stage: {eq: PLANNING}", "kind: {eq: PROJECT}", "archivedAt: {isNull: true}"],
)
def test_a_list_of_projects_never_joins_their_nodes(dialect: Dialect, where: str) -> None:
    page = f"projects(first: 9, where: {{{where}}}) {{ totalCount nodes {{ {OWN} }} }}"
    assert not joins(statement(dialect, f"{{ {page} }}"))
    assert not joins(statement(dialect, f"{{ stateBodies {{ nodes {{ {page} }} }} }}"))
    sums = "byStage { stage count budget { amount } } byKind { kind count }"
    tree = f"{{ basicDirections {{ nodes {{ projectStats {{ count {sums} }} }} }} }}"
    assert not joins(statement(dialect, tree))


def test_what_is_not_copied_is_read_from_the_node(dialect: Dialect) -> None:
    assert joins(statement(dialect, "{ projects { nodes { version } } }"))


def test_what_is_not_copied_is_looked_up_for_the_rows_of_a_page() -> None:
    tree = "{ programs { nodes { projects(first: 9) { nodes { number version origin } } } } }"
    sql = statement("postgresql", tree)
    assert not joins(sql)
    assert sql.count("(SELECT n") == 2
