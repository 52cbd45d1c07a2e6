"""Milliseconds until a question that was never asked has its statement."""

from __future__ import annotations

import statistics
import time
from datetime import date

from graphql import parse, validate

from bench.race.planned import Asked, whole
from bench.race.queries import ZHOBA
from bench.race.race import MANAGER, OFFICE, QUESTIONS, Row
from core.authority.reader import Reader
from core.hierarchy.conditions import core_policy
from schema.limits.admission import RULES
from schema.planner.plan import Asker
from schema.platform import compose

TIMES = 20
READERS = {
    "office": Reader(OFFICE, frozenset({"office_member"})),
    "program manager": Reader(MANAGER, frozenset()),
}


def cold_plans() -> list[Row]:
    """The median time to parse, validate and compile each question, for two readers."""
    schema, policy = compose(), core_policy()
    rows = []
    for name, reader in READERS.items():
        asker = Asker(reader, date.today(), "kk")
        for question in QUESTIONS:
            document = ZHOBA[question].document
            variables = ZHOBA[question].variables(5, 4, "PLANNING")
            steps: dict[str, list[float]] = {"parse": [], "validate": [], "compile": []}
            for _ in range(TIMES):
                schema.planner("postgresql").kept.clear()
                started = time.perf_counter()
                parsed = parse(document)
                known = time.perf_counter()
                validate(schema.graphql, parsed, RULES)
                valid = time.perf_counter()
                asked = Asked(schema, policy, "postgresql", asker, question)
                asked.ready(whole(schema, document), variables)
                done = time.perf_counter()
                steps["parse"].append(known - started)
                steps["validate"].append(valid - known)
                steps["compile"].append(done - valid)
            medians = {step: statistics.median(times) * 1000 for step, times in steps.items()}
            rows.append(
                {
                    "reader": name,
                    "question": question,
                    **{f"{step}_ms": round(value, 1) for step, value in medians.items()},
                    "cold_plan_ms": round(sum(medians.values()), 1),
                }
            )
    return rows
