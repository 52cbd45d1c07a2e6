"""One race: the servers that take part, over one database, and how they are measured."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg

from bench.race.contestants import NODE, Contestant, Running, running, uvicorn
from bench.race.planned import planned
from bench.race.queries import PLAIN, POSTGRAPHILE, ZHOBA, Question
from bench.race.writer import writing
from core.authority.reader import Reader
from core.db.engine import Dialect
from core.hierarchy.conditions import core_policy
from schema.planner.run import open_reads
from schema.platform import compose
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.days import today

QUESTIONS = ("Q1", "Q2", "Q3", "Q4")
STAGES = ("INITIATION", "PLANNING", "IMPLEMENTATION", "CLOSED")
OFFICE, MANAGER = 1, 2
BODIES = 5_000
"""Requests of random ids that the load repeats in turn: more than Zhoba remembers."""

CROWD = 32
"""Connections of the load that counts."""

POOL = 2 * (os.cpu_count() or 1)
"""Connections to the database of every process of a server: two for each processor. More of them
only wait for each other, and keep the server waiting for a processor."""


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


Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A server that takes part and how it is measured: what it is asked, by the manager (``own``)
    or by everybody, over one connection too (``alone``), in how many ``processes``, which share the
    connections, and while somebody writes how often a second."""

    contestant: Contestant
    own: bool = False
    alone: bool = True
    processes: int = 1
    writes: float = 0
    questions: Sequence[str] = QUESTIONS


@dataclass(frozen=True)
class Pace:
    """Seconds of load: to warm up, over one connection, over 32."""

    warm: int
    alone: int
    crowd: int


@dataclass
class Race:
    """The servers of one run, over one database."""

    url: str
    folder: Path
    keys: Keys
    pace: Pace
    expected: dict[tuple[bool, str, int], Any] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        return "sqlite" if self.url.startswith("sqlite") else "postgresql"

    @cached_property
    def version(self) -> int:
        """The database's."""

        async def asked() -> int:
            reads = await open_reads(self.url, pool_size=1)
            await reads.close()
            return reads.version

        return asyncio.run(asked())

    def zhoba(
        self,
        name: str,
        account: int,
        questions: Mapping[str, Question] = ZHOBA,
        **more: str,
    ) -> Contestant:
        """Zhoba as a reader; ``more`` are settings."""
        data = self.folder / "data"
        environment = {
            "ZHOBA_DATABASE_URL": self.url,
            "ZHOBA_DATA_DIR": str(data),
            "ZHOBA_LOG_LEVEL": "warning",
            "ZHOBA_POOL_SIZE": str(POOL),
            **{f"ZHOBA_{key.upper()}": value for key, value in more.items()},
        }
        settings = Settings(database_url=self.url, data_dir=data)

        def headers() -> dict[str, str]:
            token = own_token(settings, account, datetime.now(UTC))
            return {"authorization": f"Bearer {token}", "accept-language": "kk"}

        serve = str(Path(sys.executable).parent / "zhoba")
        return Contestant(
            name,
            (serve, "serve", "--port", "{port}"),
            questions,
            environment,
            headers,
        )

    def bare(
        self,
        name: str,
        statements: dict[str, Any],
        questions: Mapping[str, Question] = ZHOBA,
        **more: str,
    ) -> Contestant:
        """The bare handler over these statements; ``more`` is added to its environment."""
        file = self.folder / f"{re.sub(r'[^a-z0-9]+', '_', name)}.json"
        file.write_text(json.dumps(statements))
        environment = {
            "DATABASE": self.url,
            "RACE_POOL": str(POOL),
            "RACE_STATEMENTS": str(file),
            **more,
        }
        return Contestant(name, uvicorn("bench.race.bare:application"), questions, environment)

    def same_statement(
        self,
        name: str,
        person: int,
        *roles: str,
        questions: Mapping[str, Question] = ZHOBA,
    ) -> Contestant:
        """The bare handler over the very statements Zhoba makes for a reader."""
        reader = Reader(person, frozenset(roles))
        statements = planned(
            compose(), core_policy(), self.dialect, reader, today(), questions, self.version
        )
        return self.bare(name, statements, questions)

    def peers(self) -> list[Contestant]:
        environment = {"DATABASE": self.url, "RACE_POOL": str(POOL), "NODE_ENV": "production",
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

    def check(self, server: Running, questions: Sequence[str], *, own: bool) -> None:
        """Compare its answers with those of the server before it.

        Of a manager all but Q4: the sums of other programs, which he may not read, are marks in the
        text of the statement, and errors in the answer of a server.
        """
        for question in questions:
            if own and question == "Q4":
                continue
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

    def start(self, entry: Entry, stack: ExitStack) -> Started:
        """Let a server take part, until the stack is left.

        Raises :class:`SystemExit` for a wrong answer: a fast refusal is no figure.
        """
        servers = [
            stack.enter_context(running(entry.contestant, self.folder))
            for _ in range(entry.processes)
        ]
        for server in servers:
            self.check(server, entry.questions, own=entry.own)
        return Started(self, entry, servers)

    def together(
        self, servers: Sequence[Running], bodies: list[str], connections: int, seconds: int
    ) -> Row:
        """What the load generators measured, one for each server, all at the same time."""
        found: list[Any] = []

        def load(server: Running, share: int) -> None:
            found.append(server.load(bodies, share, seconds, self.folder))

        share = max(1, connections // len(servers))
        threads = [threading.Thread(target=load, args=(server, share)) for server in servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(found) < len(servers) or any(each["failed"] for each in found):
            raise SystemExit(f"{servers[0].contestant.name} under load: {found}")
        return {
            "per_second": round(sum(each["perSecond"] for each in found), 1),
            "p50_ms": max(each["p50"] for each in found),
            "p99_ms": max(each["p99"] for each in found),
        }


@dataclass(frozen=True)
class Started:
    """A server that takes part, and answers."""

    race: Race
    entry: Entry
    servers: Sequence[Running]

    def measure(self, question: str, number: int) -> list[Row]:
        """One question under load, in the round of this number; the first time it warms up before.

        Raises :class:`SystemExit` for a request that failed.
        """
        race, entry, pace = self.race, self.entry, self.race.pace
        bodies = race.bodies(self.servers[0], question, own=entry.own)
        loads = [(CROWD, pace.crowd)]
        if number == 0:
            race.together(self.servers, bodies, CROWD, pace.warm)
            if entry.alone and entry.processes == 1:
                loads.insert(0, (1, pace.alone))
        rows = []
        for connections, seconds in loads:
            with writing(race.url, entry.writes) if entry.writes else nullcontext():
                found = race.together(self.servers, bodies, connections, seconds)
            row = {
                "server": entry.contestant.name,
                "question": question,
                "connections": connections,
                "processes": entry.processes,
                "round": number,
                **found,
                "memory_mb": max(server.memory_mb() for server in self.servers),
            }
            rows.append(row)
            print(json.dumps(row), flush=True)
        return rows
