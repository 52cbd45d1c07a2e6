"""Reads beside writes: somebody else writes, past Zhoba, and no answer may be older than that."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import httpx

from bench.race.contestants import Running, running
from bench.race.race import OFFICE, Race, Row


@contextmanager
def writing(url: str, per_second: float) -> Iterator[None]:
    """Somebody else changes a project so many times a second.

    Raises :class:`SystemExit` when they wrote less than half of that: nothing measured beside it
    would count.
    """
    ended = threading.Event()
    started, number = time.monotonic(), 0

    async def write() -> None:
        nonlocal number
        connection = await asyncpg.connect(url)
        while not ended.is_set():
            number += 1
            await connection.execute(
                "UPDATE project SET goal = $1 WHERE id = (SELECT min(id) FROM project)",
                f"goal {number}",
            )
            await asyncio.sleep(1 / per_second)
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if number < (time.monotonic() - started) * per_second / 2:
        raise SystemExit(f"only {number} writes beside the load")


def read_after_write(race: Race, checks: int) -> Row:
    """How many answers after a write still show what was before it; writes go past Zhoba."""

    async def run(server: Running) -> int:
        connection = await asyncpg.connect(race.url)
        project = race.keys.projects[0]
        document = f'{{ project(id: "Project:{project}") {{ goal }} }}'
        stale = 0
        async with httpx.AsyncClient(headers=server.headers) as client:
            for number in range(checks):
                goal = f"goal {number}"
                await connection.execute(
                    "UPDATE project SET goal = $1 WHERE id = $2", goal, project
                )
                for _ in range(2):
                    answer = await client.post(server.url, json={"query": document})
                    stale += answer.json()["data"]["project"]["goal"] != goal
        await connection.close()
        return stale

    with running(race.zhoba("zhoba cached", OFFICE), race.folder) as server:
        return {"checks": 2 * checks, "stale": asyncio.run(run(server))}
