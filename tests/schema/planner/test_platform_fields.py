"""Every field, order and filter of the platform's own schema runs, for everybody."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_leaf_type,
)

from core.errors import PlatformError
from core.messages import Messages
from core.work import RuleSettings
from schema.compose import ZhobaSchema
from schema.planner.registry import Page
from tests.schema.planner.conftest import Ask
from tests.schema.planner.queries import literal
from zhoba.host.composing import core_schema

SAMPLES: dict[str, Any] = {
    "String": "қала",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "Date": "2026-01-01",
    "DateTime": "2026-01-05T06:00:00Z",
    "Decimal": "1.00",
    "currency": "KZT",
}

READERS = ("root", "project manager", "anonymous")


@pytest.fixture(scope="session")
def platform() -> ZhobaSchema:
    return core_schema()


@pytest.fixture
def ask_platform(ask: Ask, platform: ZhobaSchema) -> Ask:
    services = SimpleNamespace(messages=Messages.load(), rules=RuleSettings())
    return replace(ask, schema=platform, context={"services": services})


def pages(schema: ZhobaSchema) -> dict[str, Any]:
    query = schema.graphql.query_type
    assert query is not None
    roots = schema.catalogue.roots
    return {
        name: field for name, field in query.fields.items() if isinstance(roots.get(name), Page)
    }


def selection(type_: Any, depth: int) -> str:
    """Every field of a type, and of the objects it leads to, ``depth`` levels deep."""
    fields = []
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            fields.append(name)
        elif depth > 0 or named.name in ("Money", "Names", "PageInfo"):
            size = "(first: 2)" if "first" in field.args else ""
            fields.append(f"{name}{size} {{ {selection(named, depth - 1)} }}")
    if isinstance(type_, GraphQLInterfaceType):
        fields.append("__typename")
    return " ".join(fields) or "__typename"


def sample(type_: Any, listed: str, name: str = "") -> Any:
    """Some value of an input type."""
    if isinstance(type_, GraphQLNonNull):
        return sample(type_.of_type, listed, name)
    if isinstance(type_, GraphQLList):
        return [sample(type_.of_type, listed, name)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        if type_.name.endswith("Where"):
            return {}
        return {key: sample(field.type, listed, key) for key, field in type_.fields.items()}
    if type_.name == "ID":
        return "Project:1" if name == "under" else f"{listed}:1"
    return SAMPLES["currency" if name == "currency" else type_.name]


async def unexpected(ask: Ask, query: str) -> list[str]:
    """What went wrong with a query, for each reader, beyond what they may not read.

    All are asked in one test: those without a role in the nation share what was planned.
    """
    return [
        f"{who}: {error.path} {error}"
        for who in READERS
        for error in (await ask(query, who=who)).errors or ()
        if not isinstance(error.original_error, PlatformError)
        or error.original_error.code != "FORBIDDEN"
    ]


@pytest.mark.early
async def test_every_field_can_be_read(ask_platform: Ask) -> None:
    wrong: list[str] = []
    for name, field in pages(ask_platform.schema).items():
        body = selection(get_named_type(field.type), 2)
        wrong += await unexpected(ask_platform, f"{{ {name}(first: 3) {{ {body} }} }}")
    assert wrong == []


async def test_every_order_sorts_both_ways(ask_platform: Ask) -> None:
    wrong: list[str] = []
    for name, field in pages(ask_platform.schema).items():
        if "orderBy" not in field.args:
            continue
        order: Any = get_named_type(field.args["orderBy"].type)
        listed = " ".join(
            f"{value}{way}: {name}(orderBy: [{{field: {value}, direction: {way}}}], last: 2)"
            " { nodes { __typename } pageInfo { startCursor } }"
            for value in get_named_type(order.fields["field"].type).values
            for way in ("ASC", "DESC")
        )
        wrong += await unexpected(ask_platform, f"{{ {listed} }}")
    assert wrong == []


async def test_every_filter_filters(ask_platform: Ask) -> None:
    wrong: list[str] = []
    for name, field in pages(ask_platform.schema).items():
        if "where" not in field.args:
            continue
        where: Any = get_named_type(field.args["where"].type)
        listed = where.name.removesuffix("Where")
        filters = []
        for key, condition in where.fields.items():
            if key in ("and", "or", "not"):
                continue
            value = {key: sample(condition.type, listed, key)}
            written = literal(value, where)
            filters.append(f"{key}: {name}(where: {written}) {{ totalCount stats {{ count }} }}")
            filters.append(f"not_{key}: {name}(where: {{not: {written}}}) {{ totalCount }}")
        wrong += await unexpected(ask_platform, f"{{ {' '.join(filters)} }}")
    assert wrong == []


async def test_statistics_group_by_every_value(ask_platform: Ask) -> None:
    wrong: list[str] = []
    for name, field in pages(ask_platform.schema).items():
        connection: Any = get_named_type(field.type)
        stats = get_named_type(connection.fields["stats"].type)
        query = f"{{ {name} {{ stats {{ {selection(stats, 1)} }} }} }}"
        wrong += await unexpected(ask_platform, query)
    assert wrong == []
