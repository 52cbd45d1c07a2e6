"""What was measured against what it has to be."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from bench.race.race import CROWD, QUESTIONS, Row

AT_LEAST: tuple[tuple[str, str, str, dict[str, float]], ...] = (
    ("the Office", "zhoba office", "postgraphile", {"Q1": 3.5, "Q2": 4.0, "Q3": 3.5, "Q4": 1.1}),
    ("the Office", "zhoba office", "hand-written", {"Q1": 0.8, "Q2": 0.9, "Q3": 0.8, "Q4": 0.8}),
    (
        "a program manager",
        "zhoba manager",
        "manager's statement",
        {"Q1": 0.8, "Q2": 0.8, "Q3": 0.8, "Q4": 0.8},
    ),
    (
        "the Office, cached, 10 writes/s",
        "zhoba cached, 10 writes/s",
        "postgraphile",
        {"Q2": 20.0, "Q4": 20.0},
    ),
    (
        "the Office, SQLite",
        "zhoba office, sqlite",
        "office's statement, sqlite",
        {"Q1": 0.8, "Q2": 0.8, "Q3": 0.8, "Q4": 0.8},
    ),
)
"""Requests a second of one server as a multiple of another's."""

MEMORY_MB, COLD_MS, GROWTH = 250, 15.0, 1.3


def verdicts(rows: Sequence[Row]) -> list[Row]:
    """Every limit, what was measured, and whether it is met."""
    return [*ratios(rows), *tails(rows), *others(rows)]


def crowded(rows: Sequence[Row], table: str) -> dict[tuple[str, str], Row]:
    """The loads that count, by server and question."""
    return {
        (row["server"], row["question"]): row
        for row in rows
        if row["table"] == table and row["connections"] == CROWD and row["processes"] == 1
    }


def times(mine: Row | None, theirs: Row | None) -> float | None:
    """How many times as fast one server is as another: the median of what the rounds say."""
    if mine is None or theirs is None:
        return None
    pairs = [(mine["each"][number], theirs["each"].get(number)) for number in mine["each"]]
    found = [ours / peer for ours, peer in pairs if peer]
    return statistics.median(found) if found else None


def ratios(rows: Sequence[Row]) -> Iterator[Row]:
    """One server's speed as a multiple of another's."""
    loads = crowded(rows, "speed")
    for reader, ours, theirs, limits in AT_LEAST:
        for question, limit in limits.items():
            ratio = times(loads.get((ours, question)), loads.get((theirs, question)))
            if ratio is None:
                continue
            what = f"{question}, {reader}: requests a second, of {theirs}'s"
            yield verdict(what, f">= {limit:g} x", f"{ratio:.2f} x", met=ratio >= limit)


def tails(rows: Sequence[Row]) -> Iterator[Row]:
    """The slowest hundredth beside that of the best peer."""
    loads = crowded(rows, "speed")
    for question in QUESTIONS:
        both = [loads.get((name, question)) for name in ("zhoba office", "postgraphile")]
        mine, peer = (None if row is None else row["p99_ms"] for row in both)
        if mine is not None and peer is not None:
            yield verdict(
                f"{question}, the Office: p99", f"<= {peer:g} ms", f"{mine:g} ms", met=mine <= peer
            )


def others(rows: Sequence[Row]) -> Iterator[Row]:
    """Memory, cold plans, growth, freshness."""
    memory = [
        row["memory_mb"]
        for row in rows
        if row["table"] == "speed" and row["server"].startswith("zhoba")
    ]
    if memory:
        most = max(memory)
        yield verdict("memory of a process", f"<= {MEMORY_MB} MB", f"{most} MB",
                      met=most <= MEMORY_MB)  # fmt: skip
    for reader in dict.fromkeys(row["reader"] for row in rows if row["table"] == "cold"):
        slowest = max(
            row["cold_plan_ms"]
            for row in rows
            if row["table"] == "cold" and row["reader"] == reader
        )
        yield verdict(f"slowest cold plan, {reader}", f"<= {COLD_MS:g} ms", f"{slowest:g} ms",
                      met=slowest <= COLD_MS)  # fmt: skip
    yield from growth(rows)
    for row in rows:
        if row["table"] == "fresh":
            yield verdict(f"stale answers of {row['checks']} reads after writes", "0",
                          str(row["stale"]), met=row["stale"] == 0)  # fmt: skip


def growth(rows: Sequence[Row]) -> Iterator[Row]:
    """How much slower the same answers are over many times the data."""
    loads = crowded(rows, "growth")
    sizes = sorted({server for server, _ in loads}, key=projects_of)
    for question in dict.fromkeys(question for _, question in loads):
        few, many = sizes[0], sizes[-1]
        ratio = times(loads.get((few, question)), loads.get((many, question)))
        if few != many and ratio is not None:
            what = (
                f"{question}: slowdown from {projects_of(few):,} to {projects_of(many):,} projects"
            )
            yield verdict(what.replace(",", " "), f"<= {GROWTH} x", f"{ratio:.2f} x",
                          met=ratio <= GROWTH)  # fmt: skip


def projects_of(server: str) -> int:
    """How many projects a server of the part about growth has."""
    return int(server.partition(" ")[0])


def verdict(what: str, limit: str, measured: str, *, met: bool) -> Row:
    return {"what": what, "limit": limit, "measured": measured, "verdict": "ok" if met else "OVER"}
