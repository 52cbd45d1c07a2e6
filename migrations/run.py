"""Bringing a database to the shape this release needs.

Every owner of tables (the core, each plugin) has its own chain of revisions and its own version
table, so a package that vanished never blocks the others.
"""

from __future__ import annotations

import tempfile
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.db.engine import async_url, write_ahead
from core.models import metadata

Found = TypeVar("Found")

HERE = Path(__file__).parent

LOCK = 4_207_001
"""Key of the advisory lock that keeps two starting processes from migrating at once."""


class UnknownRevision(Exception):
    """The tables were made by a newer release of their owner than the one at hand."""

    def __init__(self, owner: str, revision: str) -> None:
        super().__init__(
            f"the tables of {owner} are at revision {revision}, which this release does not know: "
            "install the release that made them, or a newer one"
        )


class NothingToRevise(Exception):
    """The models and the tables are the same already."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The tables of a plugin, and the folder of the revisions that make them."""

    versions: Path
    metadata: MetaData


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever owns tables: its name, where its revisions lie, and its tables.

    ``prefix`` begins the names of a plugin's tables; the core has none.
    """

    name: str
    versions: Path
    metadata: MetaData
    prefix: str = ""

    @property
    def version_table(self) -> str:
        return f"version_{self.name}"

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.metadata.tables)

    def owns(self, table: str) -> bool:
        """Whether a table of the database is this owner's, be it in its models or no longer."""
        return table in self.tables or (
            self.prefix != "" and begins(table, self.prefix) and table not in CORE.tables
        )

    def config(self, connection: Connection | None = None) -> Config:
        """Alembic's configuration for this owner."""
        config = Config(cmd_opts=Namespace(quiet=True))
        config.set_main_option("script_location", str(HERE))
        config.set_main_option("version_locations", str(self.versions))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(connection=connection, owner=self)
        return config

    def options(self, others: frozenset[str] = frozenset()) -> dict[str, Any]:
        """How models and tables are compared: nobody sees the tables of another owner."""
        return {
            "version_table": self.version_table,
            "compare_type": True,
            "include_name": lambda name, kind, _parents: (
                kind != "table" or (self.owns(name) and name not in others)
            ),
        }

    def scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())

    def head(self) -> str | None:
        """The newest revision this release ships."""
        return self.scripts().get_current_head()

    def current(self, connection: Connection) -> str | None:
        """The revision the tables are at; None where there are none.

        Raises :class:`UnknownRevision` for one this release does not ship.
        """
        options = {"version_table": self.version_table}
        found = MigrationContext.configure(connection, opts=options).get_current_revision()
        if found is not None and found not in {s.revision for s in self.scripts().walk_revisions()}:
            raise UnknownRevision(self.name, found)
        return found


CORE = Owner("core", HERE / "versions", metadata)


def begins(table: str, prefix: str) -> bool:
    """Whether the name of a table is the prefix, or goes on after it with ``_``."""
    return table == prefix or table.startswith(f"{prefix}_")


def misnamed(owner: Owner) -> list[str]:
    """Tables of a plugin whose names do not begin with its prefix, or are the core's."""
    return sorted(
        name for name in owner.tables if not begins(name, owner.prefix) or name in CORE.tables
    )


async def migrate(url: str, owners: Sequence[Owner] = (CORE,), revision: str = "head") -> None:
    """Bring the tables of all owners to ``revision``, each in a transaction of its own.

    One process at a time. Stops at the first owner whose revision fails; those before it stay.
    """
    for owner in owners:
        await in_migration(url, partial(upgrade, owner=owner, revision=revision))


def upgrade(connection: Connection, owner: Owner, revision: str = "head") -> bool:
    """Bring one owner to ``revision`` inside a migration; whether there was anything to do.

    Raises :class:`UnknownRevision`.
    """
    before = owner.current(connection)
    if before is not None and revision == "head" and before == owner.head():
        return False
    command.upgrade(owner.config(connection), revision)
    return owner.current(connection) != before


async def downgrade(url: str, owner: Owner, revision: str) -> None:
    """Take ``owner`` back to ``revision`` (``"base"``: nothing of it is left)."""
    await in_migration(url, lambda found: command.downgrade(owner.config(found), revision))


async def revise(owner: Owner, message: str, required: Sequence[Owner] = ()) -> Path:
    """Write the next revision of ``owner`` from what its models add to its last one; its file.

    It is compared on a new database with the core and the owners it requires. Raises
    :class:`NothingToRevise`.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'zhoba.db'}"
        await migrate(url, tuple(dict.fromkeys((CORE, *required, owner))))
        if not await drift(url, owner):
            raise NothingToRevise(f"the models of {owner.name} are what its revisions make")
        return await in_migration(url, partial(write_revision, owner=owner, message=message))


def write_revision(connection: Connection, owner: Owner, message: str) -> Path:
    number = sum(1 for _ in owner.scripts().walk_revisions()) + 1
    made = command.revision(
        owner.config(connection), message=message, autogenerate=True, rev_id=f"{number:04}"
    )
    assert isinstance(made, Script)
    return Path(made.path)


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

    await looking(url, look)
    return found


async def drift(url: str, owner: Owner = CORE, owners: Sequence[Owner] = ()) -> list[object]:
    """Differences between the owner's models and the tables in the database; empty when none.

    A table with the owner's prefix that no model has is one, unless it is another of ``owners``.
    """
    others = frozenset().union(*(each.tables for each in owners if each.name != owner.name))

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts=owner.options(others))
        return list(compare_metadata(context, owner.metadata))

    return await looking(url, compare)


async def looking(url: str, look: Callable[[Connection], Found]) -> Found:
    """What ``look`` finds in a database that it does not change."""
    engine = create_async_engine(async_url(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


async def in_migration(url: str, step: Callable[[Connection], Found]) -> Found:
    """Run ``step`` alone in one transaction that also covers the DDL.

    On SQLite foreign keys must be off before the transaction begins (inside it the pragma is
    ignored), or rebuilding a table would delete its children by cascade.
    """
    engine = create_async_engine(async_url(url), connect_args=_connect_args(url))
    try:
        async with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                return await _exclusive_sqlite(connection, step)
            async with connection.begin():
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                return await connection.run_sync(step)
    finally:
        await engine.dispose()


def _connect_args(url: str) -> dict[str, object]:
    return {"timeout": 60} if url.startswith("sqlite") else {}


async def _exclusive_sqlite(
    connection: AsyncConnection, step: Callable[[Connection], Found]
) -> Found:
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    driver.isolation_level = None
    await connection.run_sync(_write_ahead)
    await driver.execute("PRAGMA foreign_keys = OFF")
    await driver.execute("BEGIN IMMEDIATE")
    try:
        result = await connection.run_sync(step)
        broken = await (await driver.execute("PRAGMA foreign_key_check")).fetchall()
        if broken:
            raise RuntimeError(f"a migration left {len(broken)} rows without their parents")
    except BaseException:
        await driver.execute("ROLLBACK")
        raise
    await driver.execute("COMMIT")
    return result


def _write_ahead(connection: Connection) -> None:
    with closing(connection.connection.cursor()) as cursor:
        write_ahead(cursor)
