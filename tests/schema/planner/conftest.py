"""The test schema over a small world, on both databases."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from strawberry.types import ExecutionResult

from core.db.engine import Database
from core.errors import PlatformError
from schema.compose import ZhobaSchema
from schema.planner.plan import Asker
from schema.planner.reading import Reading
from schema.planner.run import Reads, open_reads
from tests.schema.planner.nouns import make_registry
from tests.schema.planner.plugin import plugged_in, plugged_schema
from tests.schema.planner.world import POLICY, TODAY, Made, make_in


@dataclass
class Ask:
    """Asks the planner, as somebody."""

    schema: ZhobaSchema
    reads: Reads
    made: Made
    context: dict[str, Any] = field(default_factory=dict)
    """What resolvers of Python-computed objects find in their context besides the reading."""

    def reading(self, who: str, language: str = "kk", **options: Any) -> Reading:
        asker = Asker(reader=self.made.readers[who], today=TODAY, language=language)
        planner = self.schema.planner(self.reads.dialect, self.reads.version)
        return Reading(planner, self.reads, POLICY, asker, **options)

    async def __call__(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        who: str = "root",
        language: str = "kk",
        reading: Reading | None = None,
    ) -> ExecutionResult:
        context = SimpleNamespace(
            reading=reading or self.reading(who, language),
            policy=POLICY,
            admitted=None,
            language=language,
            **self.context,
        )
        return await self.schema.execute(query, variables, context_value=context)

    async def data(self, query: str, variables: Any = None, **options: Any) -> Any:
        """The answer of a query that must not fail."""
        result = await self(query, variables, **options)
        assert result.errors is None
        return result.data

    async def code(self, query: str, variables: Any = None, **options: Any) -> tuple[str, Any]:
        """The code and field of the one error of a query."""
        result = await self(query, variables, **options)
        (error,) = result.errors or ()
        assert isinstance(error.original_error, PlatformError)
        return error.original_error.code, error.original_error.field


@pytest.fixture(scope="session")
def bound_schema() -> ZhobaSchema:
    return ZhobaSchema(make_registry())


@pytest.fixture(scope="session")
def plugged() -> ZhobaSchema:
    """The schema with a plugin."""
    return plugged_schema()


@pytest.fixture
async def ask(
    bound_schema: ZhobaSchema, database: Database, database_url: str
) -> AsyncIterator[Ask]:
    made = await make_in(database)
    reads = await open_reads(database_url, pool_size=2)
    yield Ask(bound_schema, reads, made)
    await reads.close()


@pytest.fixture
async def ask_plugged(ask: Ask, plugged: ZhobaSchema, database: Database) -> AsyncIterator[Ask]:
    """The schema with a plugin that is on in the capital only."""
    async with plugged_in(database, ask.made):
        yield replace(ask, schema=plugged)


def stands_at(cursor: str) -> Any:
    """What a cursor says, without the tag of its order."""
    return json.loads(bytes.fromhex(cursor))[1:]
