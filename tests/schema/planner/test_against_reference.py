"""Generated queries: the planner answers what a naive resolver answers, to everybody.

``ZHOBA_EXAMPLES`` sets the number of queries, half of which are asked of the schema made for tests,
half of the platform's own (``tests/schema/whole``).
"""

from __future__ import annotations

import asyncio

import pytest
from graphql import build_schema

from core.db.engine import Database
from schema.compose import ZhobaSchema
from schema.planner.run import open_reads
from tests.schema.planner.comparing import EXAMPLES, Comparison
from tests.schema.planner.plugin import plugged_in
from tests.schema.planner.reference import Reference, load
from tests.schema.planner.world import POLICY, TODAY, make_in

KNOWING = ("root", "program manager", "project manager", "other", "root", "program manager")
"""Readers who see something are asked more often than those who see next to nothing."""


@pytest.mark.early
def test_the_planner_answers_as_a_naive_resolver_does(
    plugged: ZhobaSchema, database_url: str
) -> None:
    plain = build_schema(plugged.as_str())
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))
        made = runner.run(make_in(database))
        plugin = plugged_in(database, made)
        runner.run(plugin.__aenter__())
        rows = runner.run(load(database, made.readers.values()))
        comparison = Comparison(
            run=runner.run,
            schema=plugged,
            plain=plain,
            reads=runner.run(open_reads(database_url, pool_size=2)),
            policy=POLICY,
            today=TODAY,
            readers=made.readers,
            often=KNOWING,
            reference=lambda reader, language: Reference(rows, reader, language, plain),
        )
        try:
            comparison.all(EXAMPLES // 2)
        finally:
            runner.run(comparison.reads.close())
            runner.run(plugin.__aexit__(None, None, None))
            runner.run(database.close())
    seen = comparison.seen
    assert seen["answered"] > seen["all"] * 0.5, seen
    assert seen["denied"] > 0, seen
    assert seen["whole"] > seen["all"] * 0.2, seen
