"""What the gate of plugins costs: ``python -m bench.gate [--db sqlite|postgresql|both]``.

A list of 1 000 projects in one statement, with ten fields: the core's, the same of one plugin, and
the same of ten plugins; switched on and off. Then a schema of 300 types: seconds, and memory.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
from sqlalchemy import insert

from bench.databases import DIALECTS, empty_databases
from bench.results import keep, show, verdict
from core.authority.reader import Reader
from core.db.base import LANGUAGES
from core.db.engine import Database
from core.db.text import fold, sort_key
from core.hierarchy.conditions import core_policy
from core.models import Node, Project, Region
from core.places.region import RegionKind
from core.plugins.plugin_region import PluginRegion
from core.tree.node import NodeKind
from schema.compose import ZhobaSchema
from schema.contribution import Contribution, Extension
from schema.planner.binding import bind
from schema.planner.plan import Asker
from schema.planner.reading import Reading
from schema.planner.registry import ById
from schema.planner.run import open_reads
from schema.planner.words import col, connection, ident, many
from schema.platform import compose, core_contribution, registry_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PROJECTS = 1_000
FIELDS = 10
ROUNDS = 60

LIMIT_US = 1.0
LIMIT_MB = 30.0


async def fill(url: str) -> int:
    """A region whose body has the projects; ten plugins are on there. The region's key."""
    name = {f"name_{code}": "Жоба" for code in LANGUAGES}
    name |= {f"name_{code}_sort": sort_key("Жоба") for code in LANGUAGES}
    name["name_search"] = fold("Жоба")
    database = await Database.open(url)
    async with database.session() as session, session.begin():
        region = Region(code="KZ-71", kind=RegionKind.CAPITAL, special_regime=True, **name)
        session.add(region)
        await session.flush()
        nodes = [
            {
                "id": key, "kind": NodeKind.PROJECT, "region_id": region.id, "created_at": NOW,
                "updated_at": NOW,
            }
            for key in range(1, PROJECTS + 1)
        ]  # fmt: skip
        await session.execute(insert(Node), nodes)
        projects = [
            {"id": key, "number": f"PRJ-{key}", "currency": "KZT", **name}
            for key in range(1, PROJECTS + 1)
        ]
        await session.execute(insert(Project), projects)
        for plugin in [f"p{number}" for number in range(FIELDS)]:
            for place in (region.id, None):
                session.add(
                    PluginRegion(
                        plugin=plugin, region_id=place, enabled=place is not None, settings={},
                        changed_at=NOW,
                    )
                )  # fmt: skip
        key = region.id
    await database.close()
    return key


def contributions(owners: Sequence[str]) -> list[Contribution]:
    """A region with its projects, and one further field of a project per owner named."""
    region = bind(
        "Region", Region, "A region.",
        [ident(), many("projects", "Project", lambda me, it: it[Node.region_id] == me[Region.id],
                       "All of them.")],
        public=True,
    )  # fmt: skip
    project = bind(
        "Project", Project, "A project.", [ident(), col("number", Project.number, "Number.")],
        public=True, kind=NodeKind.PROJECT,
    )  # fmt: skip
    core = Contribution(nouns=[region, project], roots=[ById("region", "One.", "Region")])
    fields: dict[str, list[Any]] = {}
    for place, owner in enumerate(owners):
        fields.setdefault(owner, []).append(col(f"more{place}", Project.number, "The same."))
    further = [
        Contribution(owner=owner, extensions=[Extension(target="Project", fields=given)])
        for owner, given in fields.items()
    ]
    return [core, *further]


CASES = {
    "fields of the core": ["core"] * FIELDS,
    "of one plugin": ["p0"] * FIELDS,
    "of ten plugins": [f"p{number}" for number in range(FIELDS)],
    "of one plugin that is off": ["off"] * FIELDS,
}


async def measure_reads(url: str) -> list[dict[str, Any]]:
    """Milliseconds of the statement, and what a field of a row costs beyond the core's."""
    key = await fill(url)
    reads = await open_reads(url, pool_size=1)
    asker = Asker(Reader(None, frozenset({"office_member"}), None), date(2026, 3, 2), "en")
    more = " ".join(f"more{place}" for place in range(FIELDS))
    query = f'{{ region(id: "Region:{key}") {{ projects {{ id number {more} }} }} }}'
    times: dict[str, list[float]] = {}
    ran: dict[str, Any] = {}
    for case, owners in CASES.items():
        schema = ZhobaSchema(registry_of(contributions(owners)))
        planner = schema.planner(reads.dialect, reads.version)
        reading = Reading(planner, reads, core_policy(), asker)
        context = SimpleNamespace(reading=reading)
        result = await schema.execute(query, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        projects = result.data["region"]["projects"]
        assert len(projects) == PROJECTS
        assert (projects[0]["more0"] is None) is case.endswith("off")
        (plans,) = planner.kept.values()
        ran[case] = plans[0]
    for _ in range(ROUNDS):
        for case, plan in ran.items():
            ready = plan.ready({}, asker, {})
            assert ready is not None
            start = time.perf_counter()
            await reads.run([ready])
            times.setdefault(case, []).append(time.perf_counter() - start)
    await reads.close()
    base = statistics.median(times["fields of the core"])
    rows = []
    for case, found in times.items():
        median = statistics.median(found)
        cost = (median - base) / (PROJECTS * FIELDS) * 1e6
        limit = LIMIT_US if "plugin" in case else None
        rows.append(
            {
                "database": reads.dialect,
                "ten fields of 1 000 projects": case,
                "ms": round(median * 1e3, 2),
                "ratio": round(median / base, 3),
                "us_per_field": round(cost, 3),
                "limit": limit or "",
                "verdict": verdict(cost, limit),
            }
        )
    return rows


TYPES_OF_A_NOUN = 6
"""The noun, its page, edge, statistics, filter and one step of its order with their fields."""


def noun_of(owner: str, number: int) -> Any:
    name = f"{owner.capitalize()}Thing{number}"
    return bind(
        name, Project, "A thing.",
        [
            ident(),
            col("number", Project.number, "Number.", where=True, order=True),
            col("startsOn", Project.starts_on, "Start.", where=True, order=True),
            connection("others", name, lambda me, it: it[Project.id] == me[Project.id], "Others."),
        ],
        public=True,
    )  # fmt: skip


def plugin_of(owner: str, nouns: int) -> Contribution:
    return Contribution(
        owner=owner,
        camel_prefix=owner,
        type_prefix=owner.capitalize(),
        nouns=[noun_of(owner, number) for number in range(nouns)],
        roots=[
            ById(f"{owner}Thing{number}", "One.", f"{owner.capitalize()}Thing{number}")
            for number in range(nouns)
        ],
    )


def print_schema_figures(plugins: int, nouns: int) -> None:
    """Build the schema in this process and print: types, seconds, MB."""
    given = [plugin_of(f"p{number}x", nouns) for number in range(plugins)]
    process = psutil.Process()
    before = process.memory_info().rss
    start = time.perf_counter()
    schema = compose([core_contribution(), *given])
    seconds = time.perf_counter() - start
    memory = (process.memory_info().rss - before) / 1e6
    print(len(schema.graphql.type_map), seconds, memory)


def measure_schema() -> list[dict[str, Any]]:
    """Seconds and memory of the core's schema, and of it with plugins, each in a process."""
    rows = []
    for what, plugins, nouns in (
        ("the core", 0, 0),
        ("and a plugin of 300 types", 1, 300 // TYPES_OF_A_NOUN),
        ("and 20 plugins of 10 nouns", 20, 10),
    ):
        code = f"from bench.gate import print_schema_figures as f; f({plugins}, {nouns})"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        types, seconds, memory = (float(word) for word in done.stdout.split())
        per_300 = memory / types * 300
        rows.append(
            {
                "schema": what,
                "types": int(types),
                "seconds": round(seconds, 2),
                "mb": round(memory, 1),
                "mb_per_300_types": round(per_300, 1),
                "limit": LIMIT_MB,
                "verdict": verdict(per_300, LIMIT_MB),
            }
        )
    return rows


def measure_gate(urls: dict[str, str]) -> list[dict[str, Any]]:
    return [row for url in urls.values() for row in asyncio.run(measure_reads(url))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    chosen = parser.parse_args()
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    with (
        tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name,
        empty_databases(Path(name), dialects) as urls,
    ):
        rows = measure_gate(urls)
    show("The gate of plugins", rows)
    keep("gate", rows)
    schemas = measure_schema()
    show("Schemas", schemas)
    keep("schemas", schemas)


if __name__ == "__main__":
    main()
