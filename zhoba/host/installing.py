"""Bringing the tables of the core and of every plugin to what this release needs.

Each owner is brought there in a transaction of its own, and a plugin that fails stops nobody but
those that require it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from packaging.version import Version
from sqlalchemy import Connection, insert, inspect, select, update

from core.plugins.installed_plugin import InstalledPlugin
from migrations.run import (
    CORE,
    UnknownRevision,
    in_migration,
    migrate,
    misnamed,
    upgrade,
)
from zhoba.host.plugin import Plugin


class Outcome(enum.Enum):
    """What became of the tables of one plugin."""

    CHANGED = "brought to its newest revision"
    CURRENT = "at its newest revision already"
    DOWNGRADE = "left alone, a newer release of it was here"
    WAITING = "left alone, it requires one that failed"
    FAILED = "failed, nothing of it was changed"


GOOD = frozenset({Outcome.CHANGED, Outcome.CURRENT})


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one plugin; ``words`` say why, where it did not go well."""

    plugin: str
    outcome: Outcome
    words: str = ""

    def __str__(self) -> str:
        return f"{self.plugin}: {self.outcome.value}" + (f": {self.words}" if self.words else "")


class Downgrade(Exception):
    """The package is older than the one that was here before."""


async def install(url: str, plugins: Sequence[Plugin], now: datetime) -> list[Step]:
    """Bring core and plugins to their newest revisions, and note what was installed.

    ``plugins`` come with whoever they require before them. Raises what stops the core:
    :class:`~migrations.run.UnknownRevision`, or what its revision raises.
    """
    await migrate(url, (CORE,))
    steps: dict[str, Step] = {}
    for plugin in plugins:
        id = plugin.info.id
        waits = [
            each
            for each in plugin.info.requires_plugins
            if each in steps and steps[each].outcome not in GOOD
        ]
        if waits:
            steps[id] = Step(id, Outcome.WAITING, ", ".join(waits))
            continue
        work = partial(install_one, plugin=plugin, now=now)
        try:
            steps[id] = Step(id, await in_migration(url, work))
        except (Downgrade, UnknownRevision) as error:
            steps[id] = Step(id, Outcome.DOWNGRADE, str(error))
        except Exception as error:
            steps[id] = Step(id, Outcome.FAILED, f"{type(error).__name__}: {error}")
    return list(steps.values())


def install_one(connection: Connection, plugin: Plugin, now: datetime) -> Outcome:
    """Bring one plugin to its newest revision inside a migration.

    Raises :class:`Downgrade` and :class:`~migrations.run.UnknownRevision`.
    """
    info, owner = plugin.info, plugin.owner
    found = connection.execute(
        select(InstalledPlugin.__table__).where(InstalledPlugin.plugin == info.id)
    ).one_or_none()
    earlier = dict(found._mapping) if found is not None else {}
    if earlier and Version(earlier["version"]) > Version(info.version):
        raise Downgrade(
            f"its tables were made by version {earlier['version']}, the package is {info.version}: "
            f"install version {earlier['version']} or a newer one"
        )
    changed = False
    if owner is not None:
        foreign = misnamed(owner)
        if foreign:
            raise ValueError(f"tables without its prefix {info.prefix}: {', '.join(foreign)}")
        changed = upgrade(connection, owner)
    note(connection, plugin, earlier, now)
    return Outcome.CHANGED if changed or not earlier else Outcome.CURRENT


def note(connection: Connection, plugin: Plugin, earlier: dict[str, Any], now: datetime) -> None:
    """Write down what is installed, for the day its package is gone.

    Roles, permissions and tables of earlier versions stay named: rows of them may be left.
    """
    info, owner = plugin.info, plugin.owner
    tables = {*(owner.tables if owner is not None else ()), *earlier.get("tables", ())}
    described = {
        "version": info.version,
        "prefix": info.prefix,
        "requires": sorted(info.requires_plugins),
        "tables": sorted(tables & set(inspect(connection).get_table_names())),
        "roles": sorted({*(each.code for each in plugin.roles), *earlier.get("roles", ())}),
        "permissions": sorted(
            {*(each.code for each in plugin.permissions), *earlier.get("permissions", ())}
        ),
    }
    if not earlier:
        values = {"plugin": info.id, **described, "installed_at": now, "updated_at": now}
        connection.execute(insert(InstalledPlugin).values(values))
    elif any(earlier[name] != value for name, value in described.items()):
        connection.execute(
            update(InstalledPlugin)
            .where(InstalledPlugin.plugin == info.id)
            .values({**described, "updated_at": now})
        )
