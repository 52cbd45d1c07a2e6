"""One statement per root field, whatever the selection and however many items its lists have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from core.authority.reader import Reader
from core.db.engine import Database
from core.hierarchy.conditions import core_policy
from schema.compose import ZhobaSchema
from schema.nouns import LISTS
from schema.planner.binding import Connection, Many, Stats
from schema.planner.plan import Asker
from schema.planner.reading import Reading
from schema.planner.run import Reads, open_reads, statements
from tests.rows_of_everything import make_everything
from zhoba.host.composing import core_schema

SCHEMA = core_schema()
POLICY = core_policy()


def lists_of(schema: ZhobaSchema) -> list[str]:
    """A query for every list of the schema: those of Query, and every list inside a list."""
    queries = [f"{{ {name}(first: 50) {{ totalCount nodes {{ __typename }} }} }}" for name in LISTS]
    for root, (type_name, _) in LISTS.items():
        for item in schema.catalogue.nouns[type_name].fields.values():
            if isinstance(item, Connection):
                inner = f"{item.name}(first: 50) {{ totalCount nodes {{ __typename }} }}"
            elif isinstance(item, Many):
                inner = f"{item.name} {{ __typename }}"
            elif isinstance(item, Stats):
                inner = f"{item.name} {{ count }}"
            else:
                continue
            queries.append(f"{{ {root}(first: 50) {{ nodes {{ {inner} }} }} }}")
    return queries


QUERIES = lists_of(SCHEMA)


@dataclass
class Asking:
    """Queries asked as a person who may read everything."""

    reads: Reads
    reader: Reader

    async def ask(self, query: str) -> tuple[Any, int]:
        """The data, and how many statements it took."""
        asker = Asker(reader=self.reader, today=date(2026, 3, 2), language="en")
        planner = SCHEMA.planner(self.reads.dialect, self.reads.version)
        reading = Reading(planner, self.reads, POLICY, asker)
        context = SimpleNamespace(reading=reading, admitted=None, language="en")
        with statements() as sent:
            result = await SCHEMA.execute(query, context_value=context)
        assert result.errors is None, (query, result.errors)
        return result.data, len(sent)


@pytest.fixture(params=[1, 3])
async def asking(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[Asking]:
    async with database.session() as session, session.begin():
        reader = await make_everything(session, request.param)
    reads = await open_reads(database.url, pool_size=1)
    yield Asking(reads, reader)
    await reads.close()


async def test_every_list_is_one_statement(asking: Asking, request: pytest.FixtureRequest) -> None:
    items = request.node.callspec.params["asking"]
    filled = 0
    for query in QUERIES:
        data, sent = await asking.ask(query)
        assert sent == 1, query
        (answer,) = data.values()
        filled += len(answer["nodes"]) >= items
    assert len(QUERIES) > 80
    assert filled / len(QUERIES) > 0.9


async def test_three_root_fields_are_three_statements(asking: Asking) -> None:
    _, sent = await asking.ask(
        "{ a: projects { totalCount } b: programs { totalCount } country { code } }"
    )
    assert sent == 3
