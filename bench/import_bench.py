"""What the import of the Italian plan costs, first and again, and whether its totals are right."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import core.models  # noqa: F401 - the tables must know each other
from bench.results import verdict
from core.audit.chain import verify_chain
from core.audit.entry import AuditChain
from core.db.engine import Database
from core.hierarchy.project import Project
from core.tree.node import Node, NodeClosure, NodeKind

MAPPING = "italia_domani"
LIMITS = {("sqlite", "first"): (15.0, 300), ("sqlite", "again"): (8.0, 300)}
"""Seconds and megabytes on 4 cores."""


def measure_imports(urls: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    """Import into every database twice; the databases keep the data."""
    rows = []
    for dialect, url in urls.items():
        for run in ("first", "again"):
            command = [sys.executable, "-m", "bench.import_once", url, MAPPING, str(folder)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(answer.stdout.splitlines()[-1])
            seconds, megabytes = LIMITS.get((dialect, run), (None, None))
            rows.append(
                {
                    "database": dialect,
                    "run": run,
                    **found,
                    "limit": f"{seconds:g} s, {megabytes} MB" if seconds else "",
                    "verdict": " ".join(
                        {verdict(found["seconds"], seconds), verdict(found["peak_mb"], megabytes)}
                    ),
                }
            )
        asyncio.run(check_totals(url, folder))
    return rows


async def check_totals(url: str, folder: Path) -> None:
    """Raise unless number and funding by mission equal the source's, and the audit chains hold."""
    expected: dict[str, Decimal] = defaultdict(Decimal)
    count = 0
    with gzip.open(folder / "projects.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            expected[row["node_code"][:2]] += Decimal(row["funding_total_eur"])
            count += 1
    database = await Database.open(url)
    async with database.reading_session() as session:
        found = await session.scalar(select(func.count()).select_from(Project))
        mission = select(Node.id, Node.origin_id).where(Node.kind == NodeKind.NATIONAL_PRIORITY)
        missions = mission.subquery()
        sums = await session.execute(
            select(missions.c.origin_id, func.sum(Project.budget_minor))
            .join(NodeClosure, NodeClosure.ancestor_id == missions.c.id)
            .join(Project, Project.id == NodeClosure.descendant_id)
            .group_by(missions.c.origin_id)
        )
        totals = {code: Decimal(int(total)) / 100 for code, total in sums}
        broken = [
            chain
            for chain in list(await session.scalars(select(AuditChain.chain)))
            if await verify_chain(session, chain) is not None
        ]
    await database.close()
    if (found, totals, broken) != (count, dict(expected), []):
        raise SystemExit(f"totals differ: {found} of {count} projects, {totals}, {broken}")
