"""Reads after writes: somebody else writes, past Zhoba, and no answer may be older than that."""

from __future__ import annotations

import asyncio

import asyncpg
import httpx

from bench.race.contestants import Running, running
from bench.race.race import OFFICE, Race, Row


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
