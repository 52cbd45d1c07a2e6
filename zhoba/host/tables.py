"""Whether the tables in a database are those that the plugins at hand need."""

from __future__ import annotations

from collections.abc import Sequence

from alembic.util import CommandError
from packaging.version import Version
from sqlalchemy import Connection, inspect, select

from core.plugins.installed_plugin import InstalledPlugin
from migrations.run import UnknownRevision, looking
from zhoba.host.failing import in_words
from zhoba.host.plugin import Plugin


async def table_problems(url: str, plugins: Sequence[Plugin]) -> dict[str, str]:
    """Why plugins cannot run on this database: a sentence each, by id."""
    if not plugins:
        return {}

    def look(connection: Connection) -> dict[str, str]:
        versions = installed_versions(connection)
        found = {plugin.id: problem(connection, plugin, versions) for plugin in plugins}
        return {id: words for id, words in found.items() if words}

    return await looking(url, look)


def installed_versions(connection: Connection) -> dict[str, str]:
    """The version each plugin had when its revisions were last applied."""
    if not inspect(connection).has_table(InstalledPlugin.__tablename__):
        return {}
    table = InstalledPlugin.__table__
    return {
        row.plugin: row.version
        for row in connection.execute(select(table.c.plugin, table.c.version))
    }


def problem(connection: Connection, plugin: Plugin, versions: dict[str, str]) -> str | None:
    """What is wrong with the tables of one plugin, if anything."""
    earlier, owner = versions.get(plugin.id), plugin.owner
    if earlier is not None and Version(earlier) > Version(plugin.info.version):
        return (
            f"version {earlier} of it was here, the package is {plugin.info.version}: install "
            f"version {earlier} or a newer one."
        )
    if owner is None:
        return None
    try:
        current, newest = owner.current(connection), owner.head()
    except UnknownRevision as error:
        return f"{error}."
    except (CommandError, SyntaxError, ImportError) as error:
        return f"its revisions cannot be read ({in_words(error)}): mend them."
    if current != newest:
        return (
            f"its tables are at revision {current or 'none'}, the newest is {newest}: "
            "run `zhoba migrate`."
        )
    return None
