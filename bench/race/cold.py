"""Milliseconds of a processor until a question that was never asked has its statement."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
from collections.abc import Sequence

from graphql import parse, validate
from sqlalchemy.orm import configure_mappers

from bench.race.planned import Asked, whole
from bench.race.queries import ZHOBA
from bench.race.race import MANAGER, OFFICE, QUESTIONS, Row
from core.authority.reader import Reader
from core.db.engine import Dialect
from core.hierarchy.conditions import core_policy
from schema.compose import ZhobaSchema
from schema.limits.rules import Rules
from schema.planner.plan import Asker
from schema.platform import compose
from zhoba.testing.days import today

TIMES = 20
READERS = {
    "office": Reader(OFFICE, frozenset({"office_member"})),
    "program manager": Reader(MANAGER, frozenset()),
}
DATABASES: tuple[Dialect, ...] = ("postgresql", "sqlite")
VERSION = 18
"""Of PostgreSQL; it does not matter here."""

STEPS = ("parse", "validate", "compile")


def cold_plans() -> list[Row]:
    """The median time to parse, validate and compile each question, for two readers.

    ``first_ms`` is the first time of all since the process began, in which what is known of the
    reader's rights is put together too.
    """
    schema, policy = compose(), core_policy()
    configure_mappers()  # as a server has when it answers
    gc.collect()
    gc.freeze()
    rows = []
    for database in DATABASES:
        for name, reader in READERS.items():
            asker = Asker(reader, today(), "kk")
            for question in QUESTIONS:
                asked = Asked(schema, policy, database, asker, question, VERSION)
                times = [steps_of(schema, asked) for _ in range(TIMES + 1)]
                medians = [statistics.median(each) * 1000 for each in zip(*times[1:], strict=True)]
                rows.append(
                    {
                        "database": database,
                        "reader": name,
                        "question": question,
                        **{
                            f"{step}_ms": round(median, 1)
                            for step, median in zip(STEPS, medians, strict=True)
                        },
                        "cold_plan_ms": round(sum(medians), 1),
                        "first_ms": round(sum(times[0]) * 1000, 1),
                    }
                )
    return rows


def steps_of(schema: ZhobaSchema, asked: Asked) -> Sequence[float]:
    """The seconds of each step, where no plan is remembered."""
    document = ZHOBA[asked.name].document
    schema.planner(asked.dialect, asked.version).kept.clear()
    moments = [time.process_time()]
    parsed = parse(document)
    moments.append(time.process_time())
    validate(schema.graphql, parsed, [Rules])
    moments.append(time.process_time())
    asked.ready(whole(schema, document), ZHOBA[asked.name].variables(5, 4, "PLANNING"))
    moments.append(time.process_time())
    return [after - before for before, after in itertools.pairwise(moments)]
