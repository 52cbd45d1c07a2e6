"""Removing a plugin with everything it brought: an act of the operator at the machine.

It goes by what was noted when the plugin was installed, so the package may be gone already. What
tells of the past stays: audit, outbox, history of the policy, backups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnClause,
    Connection,
    column,
    delete,
    inspect,
    select,
    table,
    text,
    update,
)

from core.authority.policies.policy_version import PolicyChange
from core.db.engine import Database
from core.people.service_key import ServiceKey
from core.places.region import Region
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority
from migrations.run import CORE, LOCK, looking
from zhoba.host.policy_removing import in_force, publish_without
from zhoba.host.traces import Change, changes, counted, service_keys

LOCK_SECONDS = 20
"""How long the tables of a busy server are waited for."""


class NotInstalled(Exception):
    """There is nothing of this plugin in the database."""


class NotUninstalled(Exception):
    """Something stands in the way; nothing was removed."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What uninstalling takes away: whole tables, and rows of the core, with how many each.

    ``kept`` are rows that stay and lose what tied them to the plugin. ``obstacles`` are sentences:
    while there is one, nothing is removed.
    """

    plugin: str
    version: str
    tables: dict[str, int]
    rows: dict[str, int]
    kept: dict[str, int]
    obstacles: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """What goes, as text for the operator."""
        yield f"Uninstalling {self.plugin} {self.version} removes"
        for name, count in self.tables.items():
            yield f"  the table {name} with {count} row(s)"
        for name, count in self.rows.items():
            yield f"  {count} row(s) of {name}"
        for name, count in self.kept.items():
            yield f"  what {name} says of it in {count} row(s) that stay"


async def removal_of(url: str, plugin: str) -> Removal:
    """What uninstalling the plugin would remove. Raises :class:`NotInstalled`."""
    return await looking(url, partial(survey, plugin=plugin))


async def uninstall(database: Database, plugin: str, *, now: datetime) -> Removal:
    """Remove the plugin in one transaction; make a backup first.

    Raises :class:`NotInstalled` and :class:`NotUninstalled`.
    """
    authority = OperatorAuthority()
    async with transact(database, actor=OPERATOR, authority=authority, now=now) as work:
        connection = await work.session.connection()
        await connection.run_sync(partial(take_alone, plugin=plugin))
        removal = await connection.run_sync(partial(survey, plugin=plugin))
        if removal.obstacles:
            raise NotUninstalled(" ".join(removal.obstacles))
        installed = await work.session.scalar(
            select(InstalledPlugin).where(InstalledPlugin.plugin == plugin)
        )
        await publish_without(work, installed)
        await connection.run_sync(partial(remove, plugin=plugin))
        work.record(
            "pluginUninstalled",
            installed,
            before={"plugin": plugin, "version": removal.version, "tables": removal.tables},
        )
    return removal


def take_alone(connection: Connection, plugin: str) -> None:
    """Keep out, until the end of the transaction, migrations, switches of plugins, and servers
    that run the plugin and would note something for it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.execute(
            select(InstalledPlugin.id).where(InstalledPlugin.plugin == plugin).with_for_update()
        )
        connection.exec_driver_sql("LOCK TABLE plugin_region IN SHARE ROW EXCLUSIVE MODE")


def survey(connection: Connection, plugin: str) -> Removal:
    """Count what would go, and look for what stands in the way."""
    row = noted(connection, plugin)
    tables = tables_of(connection, row)
    rows: dict[str, int] = {}
    kept: dict[str, int] = {}
    for change in changes(connection, row):
        count = counted(connection, change.table, change.where)
        into = rows if change.column is None else kept
        name = (
            change.table.name if change.column is None else f"{change.table.name}.{change.column}"
        )
        if count:
            into[name] = into.get(name, 0) + count
    scoped = len(service_keys(connection, row))
    if scoped:
        kept["service_key.scopes"] = scoped
    ruled = counted(connection, PolicyChange.__table__, in_force(row))
    if ruled:
        kept["the policy in force"] = ruled
    return Removal(
        plugin=plugin,
        version=row.version,
        tables={name: counted(connection, table(name)) for name in tables},
        rows=dict(sorted(rows.items())),
        kept=dict(sorted(kept.items())),
        obstacles=tuple(obstacles(connection, row, tables)),
    )


def noted(connection: Connection, plugin: str) -> Any:
    """What was noted when the plugin was installed."""
    rows = connection.execute(
        select(InstalledPlugin.__table__).order_by(InstalledPlugin.plugin)
    ).all()
    for row in rows:
        if row.plugin == plugin:
            return row
    names = ", ".join(row.plugin for row in rows) or "none"
    raise NotInstalled(f"no plugin {plugin} is installed in this database; installed: {names}")


def tables_of(connection: Connection, row: Any) -> list[str]:
    """The plugin's tables that are there, and its version table; never one of the core's."""
    existing = set(inspect(connection).get_table_names()) - CORE.tables
    return sorted({*row.tables, f"version_{row.plugin}"} & existing)


def obstacles(connection: Connection, row: Any, tables: Sequence[str]) -> Iterator[str]:
    """Sentences that say why the plugin must stay for now, and what to do."""
    others = connection.execute(
        select(InstalledPlugin.plugin, InstalledPlugin.requires)
        .where(InstalledPlugin.plugin != row.plugin)
        .order_by(InstalledPlugin.plugin)
    )
    needed_by = [other.plugin for other in others if row.plugin in other.requires]
    if needed_by:
        yield f"{', '.join(needed_by)} requires {row.plugin}: uninstall it first."
    on = connection.execute(
        select(Region.code)
        .select_from(PluginRegion)
        .join(Region, Region.id == PluginRegion.region_id, isouter=True)
        .where(PluginRegion.plugin == row.plugin, PluginRegion.enabled)
        .order_by(Region.code)
    ).scalars()
    places = [code or "the republic" for code in on]
    if places:
        yield f"{row.plugin} is switched on in {', '.join(places)}: switch it off there first."
    foreign = list(references(connection, tables))
    for name, target in foreign:
        if target in tables:
            yield f"The table {name} refers to {target}: uninstall the plugin it belongs to first."
    for change in changes(connection, row):
        for name, target in foreign:
            if target == change.table.name and change.column is None:
                yield from referring(connection, name, change)


def references(connection: Connection, own: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Foreign keys of the tables of other plugins: ``(table, table it refers to)``."""
    for (_, name), keys in sorted(inspect(connection).get_multi_foreign_keys().items()):
        if name not in CORE.tables and name not in own:
            for target in sorted({key["referred_table"] for key in keys}):
                yield name, target


def referring(connection: Connection, name: str, change: Change) -> Iterator[str]:
    """A sentence when rows of another plugin's table refer to rows that would go."""
    for key in inspect(connection).get_foreign_keys(name):
        if key["referred_table"] == change.table.name and len(key["constrained_columns"]) == 1:
            referred = change.table.c[key["referred_columns"][0]]
            theirs: ColumnClause[Any] = column(key["constrained_columns"][0])
            where = theirs.in_(select(referred).where(change.where))
            count = counted(connection, table(name, theirs), where)
            if count:
                yield f"{count} rows of {name} refer to rows of {change.table.name} that would go."


def remove(connection: Connection, plugin: str) -> None:
    """Drop the tables and change the rows of the core; nothing may stand in the way."""
    row = noted(connection, plugin)
    drop(connection, tables_of(connection, row))
    for id, scopes in service_keys(connection, row):
        connection.execute(update(ServiceKey).where(ServiceKey.id == id).values(scopes=scopes))
    for change in changes(connection, row):
        if change.column is None:
            connection.execute(delete(change.table).where(change.where))
        else:
            connection.execute(
                update(change.table).where(change.where).values({change.column: None})
            )
    connection.execute(delete(InstalledPlugin).where(InstalledPlugin.plugin == plugin))


def drop(connection: Connection, tables: Sequence[str]) -> None:
    """Drop tables that may refer to each other in circles, and to the core."""
    if not tables:
        return
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP TABLE {', '.join(map(quote, tables))}"))
        return
    # SQLite drops one at a time, and asks about rows that refer to it: first there are none.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for name in tables:
        connection.execute(delete(table(name)))
    for name in tables:
        connection.execute(text(f"DROP TABLE {quote(name)}"))
