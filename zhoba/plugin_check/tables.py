"""Its tables on a scratch database: up, equal to its models, down, and up again."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import inspect

from core.db.engine import Database
from migrations.run import downgrade, drift, migrate
from zhoba.host.installing import GOOD, install
from zhoba.plugin_check.finding import Finding, finding
from zhoba.plugin_check.subject import Subject


async def migration_finding(subject: Subject, url: str) -> Finding:
    """Leaves the database with all tables."""
    steps = await install(url, subject.installation.plugins, datetime.now(UTC))
    missing = [str(step) for step in steps if step.outcome not in GOOD]
    owner = subject.plugin.owner
    if missing or owner is None:
        return finding("migrations", missing, "no tables")
    differences = await drift(url, owner)
    missing += [
        f"models and tables differ: {difference}: write a revision" for difference in differences
    ]
    await downgrade(url, owner, "base")
    left = sorted(owner.tables & await table_names(url))
    missing += [f"the way down leaves the table {name}: drop it in downgrade()" for name in left]
    if not left:
        await migrate(url, [owner])
    return finding("migrations", missing, f"tables: {len(owner.tables)}, both ways, as the models")


async def table_names(url: str) -> set[str]:
    """The tables that are there."""
    database = await Database.open(url)
    try:
        async with database.engine.connect() as connection:
            return set(await connection.run_sync(lambda found: inspect(found).get_table_names()))
    finally:
        await database.close()
