"""Zhoba's own statements, for the bare handler: what is left when everything else is taken away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from graphql import parse

from bench.race.queries import Question
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.db.engine import Dialect
from schema.compose import ZhobaSchema
from schema.planner.plan import Asker, Ready
from schema.planner.whole import WholeQuery, whole_query


def planned(
    schema: ZhobaSchema,
    policy: PolicySet,
    dialect: Dialect,
    reader: Reader,
    today: date,
    questions: Mapping[str, Question],
    version: int,
) -> dict[str, Any]:
    """The statement of every question as this reader gets it from a database of this version."""
    return {
        name: {
            "document": question.document,
            **statement(whole(schema, question.document), one, question),
        }
        for name, question in questions.items()
        for one in [Asked(schema, policy, dialect, Asker(reader, today, "kk"), name, version)]
    }


class Asked:
    """One question of one reader, planned for different variables."""

    def __init__(
        self,
        schema: ZhobaSchema,
        policy: PolicySet,
        dialect: Dialect,
        asker: Asker,
        name: str,
        version: int,
    ) -> None:
        self.schema, self.policy, self.dialect = schema, policy, dialect
        self.asker, self.name, self.version = asker, name, version

    def ready(self, query: WholeQuery, variables: dict[str, Any]) -> Ready:
        planner = self.schema.planner(self.dialect, self.version)
        found = query.ready(planner, self.policy, self.asker, variables)
        if found is None:
            raise SystemExit(f"{self.name} is not finished by its statement")
        return found[0]


def whole(schema: ZhobaSchema, document: str) -> WholeQuery:
    parsed = parse(document)
    query = whole_query(schema.graphql, schema.catalogue, parsed, parsed.definitions[0], document)  # type: ignore[arg-type]
    assert query is not None
    return query


def statement(query: WholeQuery, asked: Asked, question: Question) -> dict[str, Any]:
    """The text wrapped as a whole answer, and where each parameter comes from.

    A parameter that differs between two sets of variables is theirs.
    """
    variables = question.variables(5, 4, "PLANNING")
    first = asked.ready(query, variables)
    second = asked.ready(query, question.variables(6, 8, "CLOSED"))
    assert first.plan is second.plan
    parameters = []
    for name, value in first.parameters.items():
        if value != second.parameters[name]:
            key = isinstance(value, int)
            variable = next(
                variable
                for variable, given in variables.items()
                if given == value or (key and given.endswith(f":{value}"))
            )
            parameters.append({"name": name, "variable": variable, "key": key})
        elif isinstance(value, date):
            parameters.append({"name": name, "value": value.isoformat(), "date": True})
        else:
            parameters.append({"name": name, "value": value})
    # The handler sends the text as it is, so the little that is around it is not missed.
    return {"sql": first.plan.sql, "parameters": parameters, "key": query.parts[0].key}
