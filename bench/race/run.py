"""``make bench-reads``: the race, in one run, with every answer compared before it counts.

All servers run all the time, and are asked each question one after the other, round by round, for
machines are not as fast in one minute as in the next: how much faster a server is than another is
found anew in every round, and of that, as of every figure, the median counts. What fails is noted,
and the race goes on. ``python -m bench.race.page`` writes the result down.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

import core.models  # noqa: F401 - the tables must know each other before a row is written
from bench.databases import empty_databases
from bench.race.awake import Spinning, all_spin, awake
from bench.race.cold import cold_plans
from bench.race.contestants import GENERATOR, install_peers
from bench.race.dataset import fill
from bench.race.freshness import read_after_write
from bench.race.growth import ASKED, copied, size
from bench.race.hand_written import hand_written
from bench.race.page import tables
from bench.race.queries import OWN
from bench.race.race import (
    MANAGER,
    OFFICE,
    QUESTIONS,
    Entry,
    Pace,
    Race,
    Row,
    Started,
    keys_of,
)
from bench.results import keep
from core.db.engine import Database

QUICK, FULL = Pace(warm=1, alone=1, crowd=2), Pace(warm=2, alone=4, crowd=5)
PARTS = ("cold", "speed", "processes", "sqlite", "fresh", "growth")
ROUNDS = 5
SIZES = (1, 4, 16)
"""How many times the programs there are."""


@dataclass
class Run:
    """What one run has found so far; written to ``bench/out/reads.json`` after every part."""

    postgres: Race
    sqlite: Race
    checks: int
    rounds: int
    started: float = field(default_factory=time.monotonic)
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    rows: list[Row] = field(default_factory=list)
    spinning: Spinning = ()

    def note(self, table: str, measure: Callable[[], Sequence[Row]]) -> None:
        """Measure, and keep what was found under the name of a table."""
        with self.noting(table):
            self.rows += [{"table": table, **row} for row in measure()]
        self.keep()

    @contextmanager
    def noting(self, part: str) -> Iterator[None]:
        """A failure in this block is found too."""
        try:
            yield
        except (SystemExit, Exception) as error:
            print(f"FAILED: {error}", flush=True)
            self.rows.append({"table": "failures", "part": part, "why": repr(error)[:500]})

    def keep(self) -> None:
        """Write down what was found so far."""
        run = {
            "load_before": round(self.load, 1),
            "minutes": round((time.monotonic() - self.started) / 60, 1),
            "pace": vars(self.postgres.pace),
            "rounds": self.rounds,
            "awake": all_spin(self.spinning),
            "generator": GENERATOR,
        }
        keep("reads", [{"table": "run", **run}, *medians(self.rows)])

    def compare(self, table: str, races: Sequence[tuple[Race, Sequence[Entry]]]) -> None:
        """Measure servers, so many rounds, in each of them question by question."""
        with ExitStack() as stack:
            started: list[Started] = []
            for race, entries in races:
                for entry in entries:
                    with self.noting(table):
                        started.append(race.start(entry, stack))
            for number in range(self.rounds):
                for question in QUESTIONS:
                    for server in started:
                        if question in server.entry.questions:
                            self.note(table, partial(server.measure, question, number))

    def speed(self) -> None:
        """Everybody on PostgreSQL, one process each."""
        race = self.postgres
        peers = [Entry(peer) for peer in race.peers()]
        by_hand = Entry(race.bare("hand-written", hand_written()))
        lean = Entry(race.bare("hand-written, lean", hand_written(), RACE_LEAN="yes"))
        office = Entry(race.zhoba("zhoba office", OFFICE, answer_cache_bytes="0"))
        # Its answers are kept, while somebody writes ten times a second.
        cached = Entry(race.zhoba("zhoba cached, 10 writes/s", OFFICE), alone=False, writes=10)
        statement = Entry(
            race.same_statement("manager's statement", MANAGER, questions=OWN),
            own=True, alone=False,
        )  # fmt: skip
        manager = Entry(
            race.zhoba("zhoba manager", MANAGER, OWN, answer_cache_bytes="0"),
            own=True, alone=False,
        )  # fmt: skip
        # Who is compared stands side by side.
        postgraphile, *others = peers
        entries = [lean, by_hand, office, postgraphile, cached, statement, manager, *others]
        self.compare("speed", [(race, entries)])

    def processes(self) -> None:
        """Two processes of each, half of the connections to either."""
        race = self.postgres
        entries = [
            Entry(race.bare("hand-written", hand_written()), processes=2),
            Entry(race.zhoba("zhoba office", OFFICE, answer_cache_bytes="0"), processes=2),
            Entry(race.peers()[0], processes=2),
        ]
        self.compare("speed", [(race, entries)])

    def in_sqlite(self) -> None:
        """Zhoba and its own statements on SQLite."""
        race = self.sqlite
        theirs = race.same_statement("office's statement, sqlite", OFFICE, "office_member")
        ours = race.zhoba("zhoba office, sqlite", OFFICE, answer_cache_bytes="0")
        entries = [Entry(each, alone=False) for each in (theirs, ours)]
        self.compare("speed", [(race, entries)])

    def fresh(self) -> None:
        """Answers right after writes."""
        self.note("fresh", lambda: [read_after_write(self.postgres, self.checks)])

    def cold(self) -> None:
        """First questions."""
        self.note("cold", cold_plans)

    def growth(self) -> None:
        """The same over more data."""
        first = self.postgres
        projects, _ = asyncio.run(size(first.url))
        races = []
        for times in SIZES:
            url = asyncio.run(copied(first.url, times)) if times > 1 else first.url
            race = replace(first, url=url, expected={})
            office = race.zhoba(f"{times * projects} projects", OFFICE, answer_cache_bytes="0")
            races.append((race, [Entry(office, questions=ASKED)]))
        self.compare("growth", races)


def medians(rows: Sequence[Row]) -> list[Row]:
    """The rows, but of those that were measured in rounds one for all rounds: the median of each
    figure, the largest memory, and under ``each`` the requests a second by round."""
    found: list[Row] = [row for row in rows if "round" not in row]
    names = ("table", "server", "question", "connections", "processes")
    measured: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if "round" in row:
            measured.setdefault(tuple(row[name] for name in names), []).append(row)
    for same in measured.values():
        middle = {
            name: round(statistics.median(row[name] for row in same), 2)
            for name in ("per_second", "p50_ms", "p99_ms")
        }
        found.append(
            {
                **{name: same[0][name] for name in names},
                **middle,
                "memory_mb": max(row["memory_mb"] for row in same),
                "each": {str(row["round"]): row["per_second"] for row in same},
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 s for every load, not 8")
    parser.add_argument("--seconds", type=int, help="length of the loads over 32 connections")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often all are measured")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts of the run")
    parser.add_argument("--checks", type=int, default=5_000, help="writes read back twice")
    chosen = parser.parse_args()
    pace = QUICK if chosen.quick else FULL
    if chosen.seconds:
        pace = Pace(warm=min(2, chosen.seconds), alone=-(-chosen.seconds // 3),
                    crowd=chosen.seconds)  # fmt: skip
    install_peers()
    with tempfile.TemporaryDirectory(prefix="zhoba-race-") as name:
        folder = Path(name)
        with empty_databases(folder, ("sqlite", "postgresql")) as urls:
            with ProcessPoolExecutor(max_workers=2) as pool:
                list(pool.map(prepared, urls.values()))
            keys = asyncio.run(keys_of(urls["postgresql"]))
            run = Run(Race(urls["postgresql"], folder, keys, pace),
                      Race(urls["sqlite"], folder, keys, pace), chosen.checks,
                      chosen.rounds)  # fmt: skip
            parts = {
                "speed": run.speed, "processes": run.processes, "sqlite": run.in_sqlite,
                "fresh": run.fresh, "growth": run.growth,
            }  # fmt: skip
            if "cold" in chosen.only:
                run.cold()  # takes one processor, which those kept awake beside it would slow down
            with awake() as run.spinning:
                for part, measure in parts.items():
                    if part in chosen.only:
                        measure()
    print(tables(json.loads((Path("bench/out") / "reads.json").read_text())))


def prepared(url: str) -> None:
    """Fill a database, in a process of its own."""
    asyncio.run(prepare(url))


async def prepare(url: str) -> None:
    database = await Database.open(url)
    await fill(database)
    await database.close()
    if url.startswith("postgres"):
        connection = await asyncpg.connect(url)
        text = (Path(__file__).parent / "peer_schema.sql").read_text()
        await connection.execute(text)
        await connection.execute("VACUUM ANALYZE")
        await connection.close()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
