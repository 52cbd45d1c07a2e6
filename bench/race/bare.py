"""The physical limit: a bare ASGI handler that runs one prepared statement and sends its text.

``RACE_STATEMENTS`` is a JSON file ``{question: {"document", "sql", "parameters": [...]}}``, where a
parameter is ``{"value": v}`` or ``{"variable": v}``, with ``key`` for the number in a global id,
``date`` for a day, and its ``name`` where the statement names it. No GraphQL, no sign-in, no
limits, no logs. The connections are asyncpg's pool's, as its manual shows; with ``RACE_LEAN`` they
are Zhoba's own, and texts are sent undecoded, which nobody writes for a handler. Serve with
``uvicorn --factory bench.race.bare:application``; the database is ``DATABASE``.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from core.db.engine import open_sqlite_reader
from schema.planner.pool import Pool
from schema.planner.run import PostgresReads, open_reads

Getter = Callable[[dict[str, Any]], Any]


def getter(parameter: dict[str, Any]) -> Getter:
    """Where the value of a parameter comes from."""
    if "variable" not in parameter:
        value = parameter["value"]
        if parameter.get("date"):
            value = date.fromisoformat(value)
        return lambda _variables: value
    name = parameter["variable"]
    if parameter.get("key"):
        return lambda variables: int(variables[name].rpartition(":")[2])
    return lambda variables: variables[name]


async def nothing_to_reset(_connection: Any) -> None:
    """asyncpg's own reset is a round trip more after every statement."""


class Bare:
    """One process of it."""

    def __init__(self) -> None:
        content = json.loads(Path(os.environ["RACE_STATEMENTS"]).read_text())
        self.statements = {
            each["document"]: (
                each["sql"],
                [(one.get("name"), getter(one)) for one in each["parameters"]],
                f'{{"data":{{"{each["key"]}":'.encode() if "key" in each else b"",
            )
            for each in content.values()
        }
        self.url = os.environ["DATABASE"]
        self.pool: Any = None
        self.reader: sqlite3.Connection | None = None
        self.lean: Pool | None = None

    async def open(self) -> None:
        if self.url.startswith("sqlite"):
            self.reader = open_sqlite_reader(self.url)
            return
        size = int(os.environ["RACE_POOL"])
        if os.environ.get("RACE_LEAN"):
            reads = await open_reads(self.url, pool_size=size)
            assert isinstance(reads, PostgresReads)
            self.lean = reads.pool
            return
        self.pool = await asyncpg.create_pool(
            self.url,
            min_size=size,
            max_size=size,
            max_cacheable_statement_size=0,
            reset=nothing_to_reset,
            server_settings={"jit": "off", "plan_cache_mode": "force_generic_plan"},
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.startup":
                    await self.open()
                    await send({"type": "lifespan.startup.complete"})
                else:
                    await send({"type": "lifespan.shutdown.complete"})
                    return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        asked = json.loads(body)
        sql, getters, head = self.statements[asked["query"]]
        variables = asked.get("variables") or {}
        if self.reader is not None:
            named = {name: get(variables) for name, get in getters}
            text = self.reader.execute(sql, named).fetchone()[0]
        elif self.lean is not None:
            line = await self.lean.take()
            try:
                row = await line.row(sql, [get(variables) for _, get in getters])
                text = row[0]
            finally:
                self.lean.give(line)
        else:
            values = [get(variables) for _, get in getters]
            async with self.pool.acquire() as connection:
                text = await connection.fetchval(sql, *values)
        encoded = text if self.lean is not None else text.encode()
        answer = head + encoded + b"}}" if head else encoded
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-length", str(len(answer)).encode()),
                    (b"content-type", b"application/json"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer})


def application() -> Bare:
    return Bare()
