"""``make bench-reads``: the race, in one run, with every answer compared before it counts."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
from graphql import parse, specified_rules, validate

import core.models  # noqa: F401 - the tables must know each other before a row is written
from bench.databases import empty_databases
from bench.race.contestants import NODE, Contestant, Running, install_peers, running, uvicorn
from bench.race.dataset import fill
from bench.race.hand_written import hand_written
from bench.race.planned import planned
from bench.race.queries import PLAIN, POSTGRAPHILE, ZHOBA
from bench.results import keep, show
from core.authority.reader import Reader
from core.db.engine import Database, Dialect
from core.hierarchy.conditions import core_policy
from schema.platform import compose
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

QUESTIONS = ("Q1", "Q2", "Q3", "Q4")
STAGES = ("INITIATION", "PLANNING", "IMPLEMENTATION", "CLOSED")
OFFICE, MANAGER = 1, 2
BODIES = 200
"""Requests of different ids that the load repeats in turn."""


@dataclass(frozen=True)
class Keys:
    """What may be asked for: everything, and what lies in the manager's program."""

    projects: tuple[int, ...]
    programs: tuple[int, ...]
    own_projects: tuple[int, ...]
    own_program: int


async def keys_of(url: str) -> Keys:
    connection = await asyncpg.connect(url)
    programs = [row[0] for row in await connection.fetch("SELECT id FROM program ORDER BY id")]
    rows = await connection.fetch(
        "SELECT id, program_scope_id FROM node WHERE kind = 'PROJECT' ORDER BY id"
    )
    await connection.close()
    own = tuple(row[0] for row in rows if row[1] == programs[0])
    return Keys(tuple(row[0] for row in rows), tuple(programs), own, programs[0])


def asked_for(keys: Keys, *, own: bool, number: int) -> tuple[int, int, str]:
    """Project, program and stage of one request; the same for every server."""
    chance = random.Random(number)
    project = chance.choice(keys.own_projects if own else keys.projects)
    program = keys.own_program if own else chance.choice(keys.programs)
    return project, program, chance.choice(STAGES)


class Race:
    """The servers of one run, over one database."""

    def __init__(self, url: str, folder: Path, keys: Keys, seconds: int) -> None:
        self.url, self.folder, self.keys, self.seconds = url, folder, keys, seconds
        self.dialect: Dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.expected: dict[tuple[bool, str, int], Any] = {}

    def zhoba(self, name: str, account: int, **more: str) -> Contestant:
        """Zhoba as a reader; ``more`` are settings."""
        data = self.folder / "data"
        environment = {
            "ZHOBA_DATABASE_URL": self.url,
            "ZHOBA_DATA_DIR": str(data),
            "ZHOBA_LOG_LEVEL": "warning",
            "ZHOBA_POOL_SIZE": "16",
            **{f"ZHOBA_{key.upper()}": value for key, value in more.items()},
        }
        settings = Settings(database_url=self.url, data_dir=data)
        token = own_token(settings, account, datetime.now(UTC))
        serve = str(Path(sys.executable).parent / "zhoba")
        return Contestant(
            name,
            (serve, "serve", "--port", "{port}"),
            ZHOBA,
            environment,
            {"authorization": f"Bearer {token}", "accept-language": "kk"},
        )

    def bare(self, name: str, statements: dict[str, Any]) -> Contestant:
        """The bare handler over these statements."""
        file = self.folder / f"{re.sub(r'[^a-z0-9]+', '_', name)}.json"
        file.write_text(json.dumps(statements))
        environment = {"DATABASE": self.url, "RACE_STATEMENTS": str(file)}
        return Contestant(name, uvicorn("bench.race.bare:application"), ZHOBA, environment)

    def same_statement(self, name: str, person: int, *roles: str) -> Contestant:
        """The bare handler over the very statements Zhoba makes for a reader."""
        reader = Reader(person, frozenset(roles))
        return self.bare(
            name, planned(compose(), core_policy(), self.dialect, reader, date.today())
        )

    def peers(self) -> list[Contestant]:
        environment = {"DATABASE": self.url, "NODE_ENV": "production",
                       "GRAPHILE_ENV": "production"}  # fmt: skip
        return [
            Contestant("postgraphile", (str(NODE), "postgraphile.mjs"), POSTGRAPHILE, environment),
            Contestant("mercurius", (str(NODE), "mercurius.mjs"), PLAIN, environment),
            Contestant(
                "strawberry sqlalchemy",
                uvicorn("bench.race.plain:application"),
                PLAIN,
                environment,
            ),
        ]

    def check(self, server: Running, *, own: bool) -> None:
        """Compare its answers with those of the server before it."""
        for question in QUESTIONS:
            for number in range(5):
                answer = server.ask(question, *asked_for(self.keys, own=own, number=number))
                place = own, question, number
                if self.expected.setdefault(place, answer) != answer:
                    raise SystemExit(f"{server.contestant.name} answers {question} differently")

    def bodies(self, server: Running, question: str, *, own: bool) -> list[str]:
        variables = server.contestant.questions[question].variables
        return [
            server.body(question, variables(*asked_for(self.keys, own=own, number=number)))
            for number in range(BODIES)
        ]

    def measure(
        self,
        contestant: Contestant,
        *,
        own: bool = False,
        connections: Sequence[int] = (1, 32),
        compared: bool = True,
    ) -> list[dict[str, Any]]:
        """Every question under load, each connection count for ``seconds``."""
        rows = []
        with running(contestant, self.folder) as server:
            if compared:
                self.check(server, own=own)
            for question in QUESTIONS:
                bodies = self.bodies(server, question, own=own)
                server.load(bodies, 32, 2, self.folder)  # warm: plans, statements, pools
                for count in connections:
                    result = server.load(bodies, count, self.seconds, self.folder)
                    if result["failed"]:
                        raise SystemExit(f"{contestant.name} {question}: {result}")
                    rows.append(
                        {
                            "server": contestant.name,
                            "question": question,
                            "connections": count,
                            "per_second": round(result["perSecond"]),
                            "p50_ms": result["p50"],
                            "p99_ms": result["p99"],
                            "memory_mb": server.memory_mb(),
                        }
                    )
                    print(json.dumps(rows[-1]), flush=True)
        return rows


@contextmanager
def writing(url: str, per_second: float) -> Iterator[None]:
    """Somebody else changes a project so many times a second."""
    ended = threading.Event()

    async def write() -> None:
        connection = await asyncpg.connect(url)
        number = 0
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


def read_after_write(race: Race, checks: int) -> dict[str, Any]:
    """How many answers after a write still show what was before it; writes go past Zhoba."""

    async def run(server: Running) -> int:
        import httpx

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


def cold_plans() -> list[dict[str, Any]]:
    """Milliseconds to parse, validate and compile each question for the first time."""
    schema, policy = compose(), core_policy()
    rows = []
    for question in QUESTIONS:
        document = ZHOBA[question].document
        times = []
        for _ in range(20):
            started = time.perf_counter()
            validate(schema.graphql, parse(document), specified_rules)
            schema.planner("postgresql").kept.clear()
            planned_one(schema, policy, question)
            times.append((time.perf_counter() - started) * 1000)
        rows.append({"question": question, "cold_plan_ms": round(statistics.median(times), 1)})
    return rows


def planned_one(schema: Any, policy: Any, question: str) -> None:
    from bench.race.planned import Asked, whole
    from schema.planner.plan import Asker

    asker = Asker(Reader(OFFICE, frozenset({"office_member"})), date.today(), "kk")
    asked = Asked(schema, policy, "postgresql", asker, question)
    asked.ready(
        whole(schema, ZHOBA[question].document), ZHOBA[question].variables(5, 4, "PLANNING")
    )


def ratios(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Requests a second at 32 connections, and as parts of the physical limit and the peer."""
    found = {(row["server"], row["question"]): row["per_second"] for row in rows
             if row["connections"] == 32}  # fmt: skip
    pairs = (
        ("zhoba office", "postgraphile"),
        ("zhoba office", "mercurius"),
        ("zhoba office", "hand-written"),
        ("zhoba manager", "manager's statement"),
        ("zhoba cached, 10 writes/s", "postgraphile"),
    )
    return [
        {
            "of": ours,
            "to": theirs,
            **{
                question: round(found[ours, question] / found[theirs, question], 2)
                for question in QUESTIONS
            },
        }
        for ours, theirs in pairs
        if (ours, "Q1") in found and (theirs, "Q1") in found
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="length of each load")
    parser.add_argument("--scale", type=int, default=1, choices=(1, 4, 16))
    parser.add_argument("--checks", type=int, default=5_000, help="writes read back twice")
    chosen = parser.parse_args()
    install_peers()
    with tempfile.TemporaryDirectory(prefix="zhoba-race-") as name:
        folder = Path(name)
        with empty_databases(folder, ("sqlite", "postgresql")) as urls:
            for url in urls.values():
                asyncio.run(prepare(url, chosen.scale))
            keys = asyncio.run(keys_of(urls["postgresql"]))
            run(Race(urls["postgresql"], folder, keys, chosen.seconds),
                Race(urls["sqlite"], folder, keys, chosen.seconds), chosen.checks)  # fmt: skip


async def prepare(url: str, scale: int) -> None:
    database = await Database.open(url)
    await fill(database, scale)
    await database.close()
    if url.startswith("postgres"):
        connection = await asyncpg.connect(url)
        text = (Path(__file__).parent / "peer_schema.sql").read_text()
        await connection.execute(text)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()


def run(postgres: Race, sqlite: Race, checks: int) -> None:
    """The whole race; tables on the screen, everything in ``bench/out/reads.json``."""
    rows = postgres.measure(postgres.bare("hand-written", hand_written()))
    rows += postgres.measure(postgres.zhoba("zhoba office", OFFICE, answer_cache_bytes="0"))
    for peer in postgres.peers():
        rows += postgres.measure(peer)
    rows += postgres.measure(
        postgres.same_statement("manager's statement", MANAGER), own=True, compared=False
    )
    rows += postgres.measure(
        postgres.zhoba("zhoba manager", MANAGER, answer_cache_bytes="0"), own=True, compared=False
    )
    with writing(postgres.url, 10):
        rows += postgres.measure(
            postgres.zhoba("zhoba cached, 10 writes/s", OFFICE), connections=(32,)
        )
    in_sqlite = sqlite.measure(
        sqlite.same_statement("office's statement, sqlite", OFFICE, "office_member")
    )
    in_sqlite += sqlite.measure(
        sqlite.zhoba("zhoba office, sqlite", OFFICE, answer_cache_bytes="0")
    )
    fresh = read_after_write(postgres, checks)
    plans = cold_plans()
    compared = ratios(rows)
    show("Requests a second, PostgreSQL", rows)
    show("Requests a second, SQLite", in_sqlite)
    show("Ratios at 32 connections", compared)
    show("Reads after writes", [fresh])
    show("Cold plans", plans)
    keep("reads", [*rows, *in_sqlite, *compared, fresh, *plans])


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
