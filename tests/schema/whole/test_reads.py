"""Generated queries over the whole schema: everybody gets what a naive resolver gives them."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from graphql import GraphQLObjectType, build_schema

from core.db.engine import Database
from core.work import Profile
from schema.planner.binding import Computed
from schema.planner.registry import Catalogue
from schema.planner.run import open_reads
from tests.schema.planner.comparing import EXAMPLES, Comparison
from tests.schema.planner.naive import Naive, Rows
from tests.schema.whole.world import TODAY, make_whole
from zhoba.host.installation import Installation

OFTEN = ("everything", "everything", "everything", "program manager", "project manager")


def leave_out(plain: object, catalogue: Catalogue) -> Counter[str]:
    """Take what no statement reads by itself out of a schema to write queries of; what is left."""
    left: Counter[str] = Counter()
    types = plain.type_map  # type: ignore[attr-defined]
    for name, type_ in types.items():
        if name == "Query":
            for field in [field for field in type_.fields if field not in catalogue.roots]:
                del type_.fields[field]
        noun = catalogue.nouns.get(name)
        for field, item in noun.fields.items() if noun else ():
            if isinstance(item, Computed) and (item.in_context or item.name == "gaps"):
                del type_.fields[field]
        if isinstance(type_, GraphQLObjectType) and noun is not None:
            left[name] = len(type_.fields)
    for group in catalogue.groups:
        types[group].fields.pop("gaps", None)
    return left


@pytest.mark.early
def test_the_whole_schema_answers_as_a_naive_resolver_does(
    installation: Installation, database_url: str
) -> None:
    schema = installation.schema
    plain = build_schema(schema.as_str())
    policy = installation.policy(Profile.R2023)
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))
        plugins = [plugin.id for plugin in installation.plugins]

        async def make() -> dict[str, object]:
            async with database.session() as session, session.begin():
                return dict(await make_whole(session, plugins))

        readers = runner.run(make())
        rows = Rows(database, schema.catalogue, policy, TODAY, runner.run)
        rows.load(readers.values())
        left = leave_out(plain, schema.catalogue)
        assert sum(left.values()) > 300
        comparison = Comparison(
            run=runner.run,
            schema=schema,
            plain=plain,
            reads=runner.run(open_reads(database_url, pool_size=2)),
            policy=policy,
            today=TODAY,
            readers=readers,
            often=OFTEN,
            reference=lambda reader, language: Naive(rows, reader, language, plain),
        )
        try:
            comparison.all(EXAMPLES // 2)
        finally:
            runner.run(comparison.reads.close())
            runner.run(database.close())
    seen = comparison.seen
    assert seen["answered"] > seen["all"] * 0.4, seen
    assert seen["denied"] > 0, seen
    assert seen["whole"] > seen["all"] * 0.2, seen
