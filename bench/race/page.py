"""``docs/performance.md`` from ``bench/out/reads.json``: ``python -m bench.race.page``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.race.race import CROWD, QUESTIONS, Row
from bench.race.verdicts import verdicts
from bench.results import OUT

AWAKE = ", no core idle under load (processes of the lowest priority see to that)"

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"

INTRODUCTION = """# Performance of reads

Written by `python -m bench.race.page` from a run of `make bench-reads`; nothing here is typed by
hand. [bench/README.md](../bench/README.md) says how to run it.

Four questions over a country of 24 000 projects (5 national priorities, 20 programs each, 6
directions, 5 groups, 8 projects, each project with 6 milestones and 4 appointments), asked for
random objects by a load generator over 1 and over 32 connections. **Q1**: one project with its five
ancestors and its people. **Q2**: the tree of one program, 240 projects, some 46 KB. **Q3**: a page
of 50 projects, filtered and ordered, with cursors. **Q4**: counts and sums by stage for every
program. All servers ask the same PostgreSQL; five answers of each to each question are compared
before they are measured (but the manager's sums of programs he may not read). Every process has two
connections to the database for each core; SQLAlchemy's pool may open ten more. 5 000 requests for
random projects are more than Zhoba remembers with their plans; of programs there are 100, of stages
four, and Q4 is always the same request: there Zhoba plans nothing, as it would for any clients.

*hand-written* is the physical limit: a bare ASGI handler that runs one prepared statement, written
by hand for the question, over asyncpg's own pool, and sends its text; no GraphQL, no sign-in, no
authority, no limits. *hand-written, lean* has Zhoba's connections instead, which cost half, and
sends texts undecoded. By hand nobody honours that groups may lie in groups, for here none do; Zhoba
does (Q2). Peers have the indexes that help them, one for the sums of Q4 included.
*zhoba office* reads as a member of the Office with every check on and the cache of answers off. The
peers know no authority. *manager's statement* is the bare handler running the very statement that
Zhoba makes for a program manager, whose authority it finds in the same statement; he asks for
projects, trees and pages of his own program, and for the sums of all.
"""


def page(content: Any) -> str:
    """The whole page."""
    return f"{INTRODUCTION}\n{tables(content)}"


def tables(content: Any) -> str:
    """All that was measured, and where it ran."""
    rows: list[Row] = content["rows"]
    parts = [machine(content), *limits(rows), *speeds(rows)]
    grown = [row for row in rows if row["table"] == "growth"]
    parts += titled("More data", [only(row, "server", "question", "connections", "per_second",
                                       "p50_ms", "p99_ms") for row in grown])  # fmt: skip
    cold = [row for row in rows if row["table"] == "cold"]
    parts += titled(
        "The first time a question is asked, milliseconds", [without(row) for row in cold]
    )
    fresh = [row for row in rows if row["table"] == "fresh"]
    parts += titled("Reads right after writes past Zhoba", [without(row) for row in fresh])
    failed = [row for row in rows if row["table"] == "failures"]
    parts += titled("What failed", [without(row) for row in failed])
    return "\n\n".join(parts) + "\n"


def machine(content: Any) -> str:
    """Where and when."""
    where = content["machine"]
    run = next((row for row in content["rows"] if row["table"] == "run"), {})
    return (
        f"Measured {where['at'][:10]} on {where['cores']} cores shared by server, database and "
        f"load generator (load before the run {run.get('load_before', '?')}), Python "
        f"{where['python']}, SQLite {where['sqlite']}, PostgreSQL 18, in "
        f"{run.get('minutes', '?')} minutes, load by {run.get('generator', '?')}, "
        f"{run.get('pace', {}).get('crowd', '?')} s for every load over 32 connections"
        f"{AWAKE if run.get('awake') else ''}. Servers were "
        f"asked each question one after the other, {run.get('rounds', '?')} rounds long, and "
        "medians count: of every figure, and in the table of limits of the ratios of the rounds. "
        "Loads over one connection, and everything that is no load, were measured once."
    )


def limits(rows: Sequence[Row]) -> list[str]:
    return titled("Limits", verdicts(rows))


def speeds(rows: Sequence[Row]) -> list[str]:
    """Requests a second of everybody."""
    speed = [row for row in rows if row["table"] == "speed"]
    parts: list[str] = []
    for title, connections, processes in (
        (f"Requests a second over {CROWD} connections (p50 / p99 in milliseconds)", CROWD, 1),
        ("Requests a second over one connection (p50 / p99 in milliseconds)", 1, 1),
        (f"Two processes, {CROWD} connections", CROWD, 2),
    ):
        chosen = [
            row
            for row in speed
            if row["connections"] == connections and row["processes"] == processes
        ]
        lines = []
        for server in dict.fromkeys(row["server"] for row in chosen):
            mine = {row["question"]: row for row in chosen if row["server"] == server}
            cells = {question: cell(mine.get(question)) for question in QUESTIONS}
            memory = max(row["memory_mb"] for row in mine.values())
            lines.append({"server": server, **cells, "memory, MB": memory})
        parts += titled(title, lines)
    return parts


def cell(row: Row | None) -> str:
    if row is None:
        return ""
    if not row["per_second"]:
        return "none in time"
    return f"{round(row['per_second']):,} ({row['p50_ms']:g} / {row['p99_ms']:g})".replace(",", " ")


def titled(title: str, rows: Sequence[Row]) -> list[str]:
    """A heading and a table; nothing for no rows."""
    return [f"## {title}", table(rows)] if rows else []


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    columns = list(rows[0])
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    shown = [
        "| "
        + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    shown.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(shown)


def only(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def without(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "table"}


def main() -> None:
    PAGE.write_text(page(json.loads((OUT / "reads.json").read_text())), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
