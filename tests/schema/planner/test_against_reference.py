"""Generated queries: the planner answers what a naive resolver answers, to everybody.

``ZHOBA_EXAMPLES`` sets the number of queries (200; ``make test-long`` asks more).
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from types import SimpleNamespace
from typing import Any

from graphql import OperationDefinitionNode, build_schema, parse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.db.engine import Database
from core.errors import PlatformError
from schema.compose import ZhobaSchema
from schema.planner.plan import Asker, Planner
from schema.planner.reading import Reading
from schema.planner.run import open_reads, statements
from schema.planner.whole import whole_query
from tests.schema.planner.conftest import stands_at
from tests.schema.planner.plugin import plugged_in
from tests.schema.planner.queries import Writer
from tests.schema.planner.reference import Reference, load
from tests.schema.planner.world import POLICY, TODAY, make_in

EXAMPLES = int(os.environ.get("ZHOBA_EXAMPLES", "200"))

LANGUAGES = ("kk", "ru", "en")

KNOWING = ("root", "program manager", "project manager", "other", "root", "program manager")
"""Readers who see something are asked more often than those who see next to nothing."""


def without_tags(value: Any) -> Any:
    """An answer whose cursors say only where they stand."""
    if isinstance(value, dict):
        return {key: without_tags(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_tags(inner) for inner in value]
    if isinstance(value, str) and len(value) > 16 and set(value) <= set("0123456789abcdef"):
        return stands_at(value)
    if isinstance(value, str) and value.startswith("["):
        return json.loads(value)
    return value


def holds_something(value: Any) -> bool:
    """Whether an answer shows anything beyond empty lists, zeros and nulls."""
    if isinstance(value, dict):
        return any(holds_something(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(holds_something(inner) for inner in value)
    return value not in (None, 0, False, "", "PageInfo")


def difference(ours: Any, theirs: Any, path: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        pairs = [(f"{path}.{key}", ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [
            (f"{path}[{place}]", *pair) for place, pair in enumerate(zip(ours, theirs, strict=True))
        ]
    else:
        return f"{path}: {ours} instead of {theirs}"
    return next(difference(o, t, where) for where, o, t in pairs if o != t)


def in_order(text: str) -> Any:
    """A JSON text as values that differ also where the order of keys does."""
    return json.loads(text, object_pairs_hook=tuple)


async def whole_answer(
    schema: ZhobaSchema, reading: Reading, query: str, variables: dict[str, Any]
) -> str | None:
    """The answer as the statements' texts; none where it has to be walked."""
    document = parse(query)
    (operation,) = (
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    )
    whole = whole_query(schema.graphql, schema.catalogue, document, operation, query)
    if whole is None:
        return None
    try:
        ready = whole.ready(reading.planner, reading.policy, reading.asker, variables)
    except PlatformError:
        return None
    return None if ready is None else whole.answer(await reading.reads.run(ready))


def codes(errors: Any) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for error in errors or ():
        cause = error.original_error
        assert error.path is not None, error
        assert cause is not None, error
        code = cause.code if isinstance(cause, PlatformError) else str(cause)
        found[tuple(error.path), code] += 1
    return found


def test_the_planner_answers_as_a_naive_resolver_does(
    plugged: ZhobaSchema, database_url: str
) -> None:
    with asyncio.Runner() as runner:
        database = runner.run(Database.open(database_url))
        made = runner.run(make_in(database))
        plugin = plugged_in(database, made)
        runner.run(plugin.__aenter__())
        rows = runner.run(load(database, made.readers.values()))
        reads = runner.run(open_reads(database_url, pool_size=2))
        planner: Planner = plugged.planner(reads.dialect)
        sdl = plugged.as_str()
        plain = build_schema(sdl)
        seen: Counter[str] = Counter()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            # Shrinking takes minutes and the query is readable as it is.
            phases=[Phase.generate],
        )
        @given(data=st.data())
        def compare(data: st.DataObject) -> None:
            who = data.draw(st.sampled_from([*sorted(made.readers), *KNOWING]), label="who")
            language = data.draw(st.sampled_from(LANGUAGES), label="language")
            reader = made.readers[who]
            reference = Reference(rows, reader, language, plain)
            writer = Writer(data.draw, plain, planner.catalogue, reference)
            query = writer.operation()
            for variables in writer.variables:
                expected = reference.execute(query, variables)
                reading = Reading(
                    planner, reads, POLICY, Asker(reader=reader, today=TODAY, language=language)
                )
                with statements() as ran:
                    result = runner.run(
                        plugged.execute(
                            query, variables, context_value=SimpleNamespace(reading=reading)
                        )
                    )
                assert codes(result.errors) == codes(expected.errors), (query, variables)
                ours, theirs = without_tags(result.data), without_tags(expected.data)
                assert ours == theirs, (difference(ours, theirs), query, variables)
                assert len(ran) <= 2
                text = runner.run(whole_answer(plugged, reading, query, variables))
                if text is not None:
                    assert result.errors is None, (query, variables)
                    assert in_order(text) == in_order(json.dumps({"data": result.data})), (
                        query,
                        variables,
                    )
                    seen["whole"] += 1
                seen["all"] += 1
                seen["answered"] += holds_something(result.data)
                seen["denied"] += bool(result.errors)

        try:
            compare()
        finally:
            runner.run(reads.close())
            runner.run(plugin.__aexit__(None, None, None))
            runner.run(database.close())
    assert seen["answered"] > seen["all"] * 0.5, seen
    assert seen["denied"] > 0, seen
    assert seen["whole"] > seen["all"] * 0.2, seen
