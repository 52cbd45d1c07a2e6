"""Bringing a database to the shape this release needs.

Every owner of tables (the core, later each plugin) has its own chain of revisions and its own
version table, so a package that vanished never blocks the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.db.engine import async_url
from core.models import metadata

HERE = Path(__file__).parent

LOCK = 4_207_001
"""Key of the advisory lock that keeps two starting processes from migrating at once."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The tables of a plugin, and the folder of the revisions that make them."""

    versions: Path
    metadata: MetaData


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever owns tables: its name, where its revisions lie, and its tables."""

    name: str
    versions: Path
    metadata: MetaData

    @property
    def version_table(self) -> str:
        return f"version_{self.name}"

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.metadata.tables)

    def config(self, connection: Connection | None = None) -> Config:
        """Alembic's configuration for this owner."""
        config = Config()
        config.set_main_option("script_location", str(HERE))
        config.set_main_option("version_locations", str(self.versions))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(connection=connection, owner=self)
        return config

    def head(self) -> str | None:
        """The newest revision this release ships."""
        return ScriptDirectory.from_config(self.config()).get_current_head()


CORE = Owner("core", HERE / "versions", metadata)


async def migrate(url: str, owners: Sequence[Owner] = (CORE,), revision: str = "head") -> None:
    """Bring the tables of all owners to ``revision``, in one transaction, one process at a time."""

    def upgrade(connection: Connection) -> None:
        for owner in owners:
            command.upgrade(owner.config(connection), revision)

    await in_migration(url, upgrade)


async def downgrade(url: str, owner: Owner, revision: str) -> None:
    """Take ``owner`` back to ``revision`` (``"base"``: nothing of it is left)."""

    def step(connection: Connection) -> None:
        command.downgrade(owner.config(connection), revision)

    await in_migration(url, step)


async def revise(url: str, message: str, owner: Owner = CORE) -> None:
    """Write a new revision from the difference between the models and the database."""

    def step(connection: Connection) -> None:
        command.revision(owner.config(connection), message=message, autogenerate=True)

    await in_migration(url, step)


async def pending(
    url: str, owners: Sequence[Owner] = (CORE,)
) -> dict[str, tuple[str | None, str | None]]:
    """The owners whose tables are not at their newest revision: ``{name: (current, newest)}``."""
    found: dict[str, tuple[str | None, str | None]] = {}

    def look(connection: Connection) -> None:
        for owner in owners:
            options = {"version_table": owner.version_table}
            current = MigrationContext.configure(connection, opts=options).get_current_revision()
            if current != owner.head():
                found[owner.name] = (current, owner.head())

    engine = create_async_engine(async_url(url))
    try:
        async with engine.connect() as connection:
            await connection.run_sync(look)
    finally:
        await engine.dispose()
    return found


async def drift(url: str, owner: Owner = CORE) -> list[object]:
    """Differences between the owner's models and the tables in the database; empty when none."""

    def compare(connection: Connection) -> list[object]:
        options = {
            "version_table": owner.version_table,
            "compare_type": True,
            "include_object": lambda _o, name, kind, _r, _c: (
                kind != "table" or name in owner.tables
            ),
        }
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), owner.metadata)
        )

    engine = create_async_engine(async_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def in_migration(url: str, step: Callable[[Connection], None]) -> None:
    """Run ``step`` alone in one transaction that also covers the DDL.

    On SQLite foreign keys must be off before the transaction begins (inside it the pragma is
    ignored), or rebuilding a table would delete its children by cascade.
    """
    engine = create_async_engine(async_url(url), connect_args=_connect_args(url))
    try:
        async with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                await _exclusive_sqlite(connection, step)
            else:
                async with connection.begin():
                    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                    await connection.run_sync(step)
    finally:
        await engine.dispose()


def _connect_args(url: str) -> dict[str, object]:
    return {"timeout": 60} if url.startswith("sqlite") else {}


async def _exclusive_sqlite(
    connection: AsyncConnection, step: Callable[[Connection], None]
) -> None:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    driver.isolation_level = None
    await driver.execute("PRAGMA journal_mode = WAL")
    await driver.execute("PRAGMA foreign_keys = OFF")
    await driver.execute("BEGIN IMMEDIATE")
    try:
        await connection.run_sync(step)
        broken = await (await driver.execute("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise RuntimeError(f"a migration left {len(broken)} rows without their parents")
    except BaseException:
        await driver.execute("ROLLBACK")
        raise
    await driver.execute("COMMIT")
