"""Generated queries over the whole schema: everybody gets what a naive resolver gives them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from graphql import GraphQLSchema, build_schema

from core.db.engine import Database
from core.work import Profile, RuleSettings
from schema.planner.registry import Catalogue
from schema.planner.run import open_reads
from tests.schema.planner.comparing import EXAMPLES, Comparison
from tests.schema.planner.naive import Naive, Rows
from tests.schema.whole.world import TODAY, make_whole
from zhoba.host.installation import Installation

OFTEN = ("everything", "everything", "everything", "program manager", "project manager", "observer")


def only_planned(plain: GraphQLSchema, catalogue: Catalogue) -> None:
    """Take the questions that no statement answers out of a schema to write queries of."""
    query = plain.query_type
    assert query is not None
    for name in query.fields.keys() - catalogue.roots.keys():
        del query.fields[name]


class UnsafeSeal:
    """Opens what was never sealed: the rows hold any text."""

    def opened(self, sealed: str, purpose: str) -> str:
        return f"{sealed} {purpose}"


@pytest.mark.early
def test_the_whole_schema_answers_as_a_naive_resolver_does(
    installation: Installation, database_url: str
) -> None:
    schema = installation.schema
    plain = build_schema(schema.as_str())
    policy = installation.policy(Profile.R2023)
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))

        async def make() -> dict[str, object]:
            async with database.session() as session, session.begin():
                return dict(await make_whole(session, installation))

        readers = runner.run(make())
        rows = Rows(database, schema.catalogue, policy, TODAY, runner.run)
        rows.load(readers.values())
        only_planned(plain, schema.catalogue)
        services = SimpleNamespace(
            installation=installation,
            messages=installation.messages,
            rules=RuleSettings(),
            seal=UnsafeSeal(),
        )
        comparison = Comparison(
            run=runner.run,
            schema=schema,
            plain=plain,
            reads=runner.run(open_reads(database_url, pool_size=2)),
            policy=policy,
            today=TODAY,
            readers=readers,
            often=OFTEN,
            reference=lambda reader, language: Naive(
                rows, reader, language, plain, made=schema.graphql
            ),
            services=services,
        )
        try:
            comparison.all(EXAMPLES // 2)
        finally:
            runner.run(comparison.reads.close())
            runner.run(database.close())
    seen = comparison.seen
    assert seen["answered"] > seen["all"] * 0.4, seen
    assert seen["flawed"] > 0, seen
    assert seen["personal"] > 0, seen
    assert seen["whole"] > seen["all"] * 0.9, seen
