"""One request's reads: roots together, payloads inside their transaction."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from sqlalchemy import update
from strawberry.types import ExecutionResult

import core.models as models
from core.db.engine import Database
from core.errors import InvalidInput
from schema.compose import ZhobaSchema
from schema.composition import Operation
from schema.planner.executor import Finished
from schema.planner.marks import DENIED, DENIED_VALUE, OFF, WORK, mark
from schema.planner.reading import Off, parse
from schema.planner.registry import CORE
from schema.planner.run import statements
from schema.platform import fields_of
from tests.schema.planner.conftest import Ask
from tests.schema.planner.nouns import PROJECT, TREE_NODE, make_registry


def test_an_answer_is_finished_unless_it_has_to_be_walked() -> None:
    def work(number: int, given: str) -> str:
        raise LookupError(number, given)

    denied = f'{{"a":{mark(DENIED, 0)}}}'
    assert parse('{"a":1}', work).value == Finished({"a": 1})
    assert parse('{"a":1}', work, walked=True).value == {"a": 1}
    assert parse(denied, work).value == {"a": DENIED_VALUE}
    assert parse(f'{{"a":{mark(WORK, "0:[1]")}}}', work).value == {"a": [1]}
    assert parse("null", work).value is None
    assert parse(mark(OFF, '["visits","KZ-71"]'), work).value == Off("visits", "KZ-71")


async def test_a_refused_field_leaves_the_others(ask: Ask) -> None:
    result = await ask(
        "{ a: projects(first: 1) { totalCount } b: projects(first: 0) { totalCount }"
        ' c: project(id: "x") { id } }'
    )
    assert result.data is None
    codes = {error.path[0]: error.original_error.code for error in result.errors or ()}  # type: ignore
    assert codes == {"b": "BAD_PAGE_SIZE", "c": "BAD_ID"}


async def test_cost_is_told_before_anything_runs(ask: Ask) -> None:
    told: list[int] = []

    def refuse(cost: int) -> None:
        told.append(cost)
        raise InvalidInput("QUERY_TOO_COSTLY", limit=5)

    with statements() as ran:
        reading = replace(ask.reading("root"), on_cost=refuse)
        query = "{ a: projects(first: 4) { nodes { id } } b: tasks(first: 3) { nodes { id } } }"
        result = await ask(query, reading=reading)
    assert (told, ran) == ([7], [])
    codes = [error.original_error.code for error in result.errors or ()]  # type: ignore
    assert set(codes) == {"QUERY_TOO_COSTLY"}


Project = PROJECT.type
TreeNode = TREE_NODE.type


@strawberry.type(description="For tests.")
class RenamePayload:
    project: Project | None = strawberry.field(description="For tests.")
    node: TreeNode | None = strawberry.field(description="For tests.")


@strawberry.type
class Acts:
    @strawberry.mutation(description="For tests.")
    async def rename(self, info: strawberry.Info, key: int) -> RenamePayload:
        """Change the goal of a project, show it, and roll back."""
        database: Database = info.context.database
        reading = info.context.reading
        raw: Any = info._raw_info
        async with database.session() as session:
            await session.execute(
                update(models.Project).where(models.Project.id == key).values(goal="Жаңа")
            )
            await session.flush()
            return RenamePayload(
                project=await reading.payload(raw, "project", "Project", key, session=session),
                node=await reading.payload(raw, "node", "Project", key),
            )


@pytest.fixture(scope="module")
def acting_schema() -> ZhobaSchema:
    acts = [Operation("Mutation", field, CORE) for field in fields_of(Acts)]
    return ZhobaSchema(make_registry(), acts)


MUTATION = """mutation($key: Int!, $with: Boolean!) { rename(key: $key) {
  first: project { shown: goal budget { amount } }
  second: project @include(if: $with) { shown: name ...More }
  node { __typename id ... on Project { goal } }
} } fragment More on Project { days group { name } }"""


class Rename:
    """Sends the mutation, as somebody."""

    def __init__(self, ask: Ask, schema: ZhobaSchema, database: Database) -> None:
        self.ask = replace(ask, schema=schema)
        self.database = database

    async def __call__(
        self, who: str, name: str, query: str = MUTATION, **variables: Any
    ) -> ExecutionResult:
        context = SimpleNamespace(
            reading=self.ask.reading(who), database=self.database, admitted=None
        )
        given = {"key": self.ask.made.keys[name], **variables}
        return await self.ask.schema.execute(query, given, context_value=context)


@pytest.fixture
def rename(ask: Ask, acting_schema: ZhobaSchema, database: Database) -> Rename:
    return Rename(ask, acting_schema, database)


async def test_a_payload_sees_what_its_transaction_flushed(ask: Ask, rename: Rename) -> None:
    with statements() as ran:
        result = await rename("root", "p1", **{"with": True})
    assert result.errors is None
    assert result.data is not None
    assert result.data["rename"] == {
        "first": {"shown": "Жаңа", "budget": {"amount": "500.00"}},
        "second": {"shown": "Қала жолы", "days": 364, "group": {"name": "Топ"}},
        "node": {
            "__typename": "Project",
            "id": f"Project:{ask.made.keys['p1']}",
            "goal": "Жол салу",
        },
    }
    assert len(ran) == 3


async def test_a_payload_shows_its_reader_no_more_than_a_query(ask: Ask, rename: Rename) -> None:
    result = await rename("project manager", "p2", **{"with": False})
    assert result.data is not None
    assert result.data["rename"] == {
        "first": {"shown": None, "budget": None},
        "node": {"__typename": "Project", "id": f"Project:{ask.made.keys['p2']}", "goal": None},
    }
    assert sorted(tuple(error.path or ()) for error in result.errors or ()) == [
        ("rename", "first", "budget"),
        ("rename", "first", "shown"),
        ("rename", "node", "goal"),
    ]
    result = await rename("nobody", "p2", **{"with": True})
    assert result.errors is None
    assert result.data == {"rename": {"first": None, "second": None, "node": None}}


async def test_a_key_without_rights_is_shown_nothing_it_changed(ask: Ask, rename: Rename) -> None:
    """No statement even asks which object it was."""
    powerless = replace(ask.made.readers["root"], scopes=frozenset())
    ask.made.readers["powerless key"] = powerless
    result = await rename("powerless key", "p2", **{"with": True})
    assert result.errors is None
    assert result.data == {"rename": {"first": None, "second": None, "node": None}}


async def test_a_payload_that_nobody_selected_costs_nothing(rename: Rename) -> None:
    with statements() as ran:
        result = await rename(
            "root", "p1", "mutation($key: Int!) { rename(key: $key) { __typename } }"
        )
    assert result.data == {"rename": {"__typename": "RenamePayload"}}
    assert ran == []
