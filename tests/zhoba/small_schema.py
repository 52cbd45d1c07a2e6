"""A schema just large enough to test the edge with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import strawberry
from strawberry.types import Info

from core.errors import NotAllowed, RuleRefused
from schema.context import RequestContext
from schema.limits import AdmittedDocument


@strawberry.type
class Item:
    name: str
    number: int

    @strawberry.field
    def items(self, first: int | None = None) -> list[Item]:
        return [Item(name="inner", number=n) for n in range(min(first or 1, 3))]


@strawberry.type
class ItemConnection:
    nodes: list[Item]


class Trace:
    """What happened to the slow fields of a schema, for tests of cancelling."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()


def small_schema(trace: Trace | None = None) -> strawberry.Schema:
    """Built anew for every test: two schemas must not share a root type."""

    @strawberry.type
    class Query:
        @strawberry.field
        def hello(self, name: str = "Zhoba") -> str:
            return f"Сәлем, {name}!"

        @strawberry.field
        def whoami(self, info: Info[RequestContext, None]) -> str:
            return f"{info.context.actor.label} {info.context.language}"

        @strawberry.field
        def items(self, first: int | None = None, last: int | None = None) -> ItemConnection:
            return ItemConnection(nodes=[Item(name="outer", number=n) for n in range(2)])

        @strawberry.field
        def plain_items(self) -> list[Item]:
            return []

        @strawberry.field
        def echo(self, text: str | None = None, number: int | None = None) -> str:
            return f"{text} {number}"

        @strawberry.field
        def long(self, length: int) -> str:
            return "ж" * length

        @strawberry.field
        def refused(self) -> str | None:
            raise RuleRefused("CONFLICT", clause="R2023 §87", field="endsOn", expected=1, current=2)

        @strawberry.field
        def forbidden(self) -> str | None:
            raise NotAllowed("project.read")

        @strawberry.field
        def broken(self) -> str | None:
            raise KeyError("IIN 900101300123")

        @strawberry.field
        def nonsense(self) -> int | None:
            return "IIN 900101300123"  # type: ignore[return-value]

        @strawberry.field
        async def slow(self) -> str | None:
            assert trace is not None
            trace.started.set()
            try:
                await asyncio.Event().wait()
            finally:
                trace.cancelled.set()

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        def rename(self, name: str) -> str:
            return name

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def count(self, info: Info[RequestContext, None], to: int) -> AsyncIterator[int]:
            for number in range(to):
                await info.context.renew()
                yield number

        @strawberry.subscription
        async def forever(self) -> AsyncIterator[int]:
            assert trace is not None
            trace.started.set()
            try:
                yield 1
                await asyncio.Event().wait()
            finally:
                trace.cancelled.set()

    class Quiet(strawberry.Schema):
        def process_errors(self, *_: Any) -> None:
            """The edge reports errors, without their texts."""

    return Quiet(Query, Mutation, Subscription, extensions=[AdmittedDocument])
