"""Answers of plugins that no table holds are given only where the plugin is on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from core.db.engine import Database
from core.errors import PlatformError
from core.plugins.gate import PluginNotEnabled
from core.tree.node import NodeKind
from schema.compose import ZhobaSchema
from schema.composition import Operation
from schema.gate import require_plugin
from schema.platform import fields_of
from tests.factories import make_node, make_region
from tests.schema.planner.nouns import make_registry
from tests.schema.planner.plugin import switch

PLUGIN = "rounds"

asked: list[str] = []
"""The resolvers that ran."""


@strawberry.type
class Questions:
    """Questions of a plugin."""

    @strawberry.field
    def rounds_count(self) -> int | None:
        asked.append("roundsCount")
        return 7

    @strawberry.field
    async def rounds_at(
        self, info: strawberry.Info, node: int | None = None, region: int | None = None
    ) -> int | None:
        if node is not None:
            await require_plugin(info, PLUGIN, node_id=node)
        else:
            await require_plugin(info, PLUGIN, region_id=region)
        asked.append("roundsAt")
        return 1


@strawberry.type
class CoreQuestions:
    """A question of the core."""

    @strawberry.field
    def always(self) -> int:
        return 1


@pytest.fixture(scope="module")
def schema() -> ZhobaSchema:
    owned = ((Questions, PLUGIN), (CoreQuestions, "core"))
    return ZhobaSchema(
        make_registry(),
        [Operation("Query", field, owner) for cls, owner in owned for field in fields_of(cls)],
    )


@pytest.fixture
def ask(schema: ZhobaSchema, database: Database) -> Any:
    asked.clear()

    @asynccontextmanager
    async def asking() -> AsyncIterator[Any]:
        async with database.reading_session() as session:
            yield SimpleNamespace(session=session)

    context = SimpleNamespace(asking=asking, admitted=None)

    async def answer(query: str) -> Any:
        """The data, or what the refusal names."""
        result = await schema.execute(query, context_value=context)
        if result.errors is None:
            return result.data
        (error,) = result.errors
        assert isinstance(error.original_error, PlatformError), error
        assert isinstance(error.original_error, PluginNotEnabled)
        return {**error.original_error.params, "at": error.original_error.field}

    return answer


async def test_a_question_of_a_plugin_is_refused_while_it_is_on_nowhere(
    ask: Any, database: Database
) -> None:
    refused = {"plugin": PLUGIN, "region": None, "at": "roundsCount"}
    assert await ask("{ roundsCount }") == refused
    assert asked == []
    await switch(database, PLUGIN, None, on=True)
    assert await ask("{ roundsCount }") == {"roundsCount": 7}
    await switch(database, PLUGIN, None, on=False)
    assert await ask("{ roundsCount }") == refused
    assert asked == ["roundsCount"]


async def test_a_question_of_the_core_has_no_gate(ask: Any) -> None:
    assert await ask("{ always }") == {"always": 1}


async def test_a_question_about_a_place_is_refused_where_the_plugin_is_off(
    ask: Any, database: Database
) -> None:
    async with database.session() as session, session.begin():
        here = await make_region(session, code="KZ-71")
        there = await make_region(session, code="KZ-10")
        country = await make_node(session, NodeKind.COUNTRY, None)
        body = await make_node(session, NodeKind.STATE_BODY, country, region=here)
        other = await make_node(session, NodeKind.STATE_BODY, country, region=there)
        keys = here.id, there.id, body.id, other.id, country.id
    here_id, there_id, body_id, other_id, country_id = keys
    await switch(database, PLUGIN, here_id, on=True)
    on = {"roundsAt": 1}
    assert await ask(f"{{ roundsAt(region: {here_id}) }}") == on
    assert await ask(f"{{ roundsAt(node: {body_id}) }}") == on
    off = {"plugin": PLUGIN, "region": "KZ-10", "at": "roundsAt"}
    assert await ask(f"{{ roundsAt(region: {there_id}) }}") == off
    assert await ask(f"{{ roundsAt(node: {other_id}) }}") == off
    republic = {**off, "region": None}
    assert await ask("{ roundsAt }") == republic
    assert await ask(f"{{ roundsAt(node: {country_id}) }}") == republic
    await switch(database, PLUGIN, None, on=True)
    assert await ask("{ roundsAt }") == on
    assert await ask(f"{{ roundsAt(node: {country_id}) }}") == on
