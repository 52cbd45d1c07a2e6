"""``make bench-reads``: the race, in one run, with every answer compared before it counts.

All servers are measured in turn, so many rounds, and of each figure the median counts: machines are
not as fast in one minute as in the next. What fails is noted, and the race goes on. ``python -m
bench.race.page`` writes the result down.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

import core.models  # noqa: F401 - the tables must know each other before a row is written
from bench.databases import empty_databases
from bench.race.cold import cold_plans
from bench.race.contestants import GENERATOR, Contestant, install_peers
from bench.race.dataset import fill
from bench.race.freshness import read_after_write, writing
from bench.race.growth import grown, multiply, size
from bench.race.hand_written import hand_written
from bench.race.page import tables
from bench.race.queries import OWN
from bench.race.race import MANAGER, OFFICE, Pace, Race, Row, keys_of
from bench.results import keep
from core.db.engine import Database

QUICK, FULL = Pace(warm=1, alone=1, crowd=3), Pace(warm=2, alone=4, crowd=8)
PARTS = ("speed", "processes", "sqlite", "fresh", "cold", "growth")
ROUNDS = 3
SIZES = (4, 16)
"""How many times the programs there are in the end, one after the other."""


@dataclass(frozen=True)
class Entry:
    """A server that takes part, how it is measured, and how often a second somebody writes.

    It is made when its turn comes, for its token lives for ten minutes.
    """

    contestant: Callable[[], Contestant]
    how: Mapping[str, Any] = field(default_factory=dict)
    writes: float = 0


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

    def note(self, table: str, measure: Callable[[], Sequence[Row]]) -> None:
        """Measure, and keep what was found under the name of a table; a failure is found too."""
        try:
            found = measure()
        except (SystemExit, Exception) as error:
            print(f"FAILED: {error}", flush=True)
            table, found = "failures", [{"part": table, "why": repr(error)[:500]}]
        self.rows += [{"table": table, **row} for row in found]
        run = {
            "load_before": round(self.load, 1),
            "minutes": round((time.monotonic() - self.started) / 60, 1),
            "pace": vars(self.postgres.pace),
            "rounds": self.rounds,
            "generator": GENERATOR,
        }
        keep("reads", [{"table": "run", **run}, *medians(self.rows)])

    def compare(self, race: Race, entries: Sequence[Entry]) -> None:
        """Measure servers in turn, so many rounds."""
        for _ in range(self.rounds):
            for entry in entries:
                with writing(race.url, entry.writes) if entry.writes else nullcontext():
                    self.note("speed", partial(race.measure, entry.contestant(), **entry.how))

    def speed(self) -> None:
        """Everybody on PostgreSQL, one process each."""
        race = self.postgres
        postgraphile, *others = race.peers()
        own: dict[str, Any] = {"own": True, "alone": False}
        entries = [
            Entry(lambda: race.bare("hand-written", hand_written())),
            Entry(lambda: race.bare("hand-written, lean", hand_written(), RACE_LEAN="yes")),
            Entry(lambda: race.zhoba("zhoba office", OFFICE, answer_cache_bytes="0")),
            Entry(lambda: postgraphile),
            # Its answers are kept, while somebody writes ten times a second.
            Entry(
                lambda: race.zhoba("zhoba cached, 10 writes/s", OFFICE),
                {"alone": False},
                writes=10,
            ),
            *(Entry(lambda other=other: other) for other in others),
            Entry(lambda: race.same_statement("manager's statement", MANAGER, questions=OWN), own),
            Entry(lambda: race.zhoba("zhoba manager", MANAGER, OWN, answer_cache_bytes="0"), own),
        ]
        self.compare(race, entries)

    def processes(self) -> None:
        """Two processes of each, half of the connections to either."""
        race = self.postgres
        for contestant in (
            race.bare("hand-written", hand_written()),
            race.zhoba("zhoba office", OFFICE, answer_cache_bytes="0"),
            race.peers()[0],
        ):
            self.note(
                "speed",
                lambda contestant=contestant: race.measure(contestant, processes=2),  # type: ignore[misc]
            )

    def in_sqlite(self) -> None:
        """Zhoba and its own statements on SQLite."""
        race = self.sqlite
        how = {"alone": False}
        entries = [
            Entry(
                lambda: race.same_statement("office's statement, sqlite", OFFICE, "office_member"),
                how,
            ),
            Entry(lambda: race.zhoba("zhoba office, sqlite", OFFICE, answer_cache_bytes="0"), how),
        ]
        self.compare(race, entries)

    def fresh(self) -> None:
        """Answers right after writes."""
        self.note("fresh", lambda: [read_after_write(self.postgres, self.checks)])

    def cold(self) -> None:
        """First questions."""
        self.note("cold", cold_plans)

    def growth(self) -> None:
        """The same over more data; the last part, for the database is another one then."""
        race = self.postgres
        projects, span = asyncio.run(size(race.url))
        self.note("growth", lambda: grown(race, projects))
        been = 1
        for times in SIZES:
            asyncio.run(multiply(race.url, span, range(been, times)))
            been = times
            now = projects * times
            self.note("growth", lambda now=now: grown(race, now))  # type: ignore[misc]


def medians(rows: Sequence[Row]) -> list[Row]:
    """The rows, but of the speeds that were measured several times one that has the median of each
    figure and the largest memory."""
    found: list[Row] = [row for row in rows if row["table"] != "speed"]
    names = ("server", "question", "connections", "processes")
    speeds: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        if row["table"] == "speed":
            speeds.setdefault(tuple(row[name] for name in names), []).append(row)
    for same in speeds.values():
        middle = {
            name: round(statistics.median(row[name] for row in same), 2)
            for name in ("per_second", "p50_ms", "p99_ms")
        }
        memory = max(row["memory_mb"] for row in same)
        found.append({**same[0], **middle, "memory_mb": memory, "rounds": len(same)})
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
            parts = {"sqlite": run.in_sqlite}
            for part in PARTS:
                if part in chosen.only:
                    parts.get(part, getattr(run, part, run.in_sqlite))()
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
