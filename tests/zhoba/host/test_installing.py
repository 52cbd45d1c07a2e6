"""Installing plugins: each by itself, none in another's way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text

from core.plugins.installed_plugin import InstalledPlugin
from migrations.run import (
    CORE,
    NothingToRevise,
    Owner,
    downgrade,
    drift,
    in_migration,
    looking,
    misnamed,
    pending,
    revise,
)
from tests.conftest import NOW
from tests.zhoba.host.tiny import BROKEN, FIRST, SECOND, tables, tiny
from zhoba.host.installing import Outcome, Step, install
from zhoba.host.plugin import Plugin


def owner_of(plugin: Plugin) -> Owner:
    owner = plugin.owner
    assert owner is not None
    return owner


async def installed(url: str) -> list[dict[str, Any]]:
    def look(connection: Connection) -> list[dict[str, Any]]:
        rows = connection.execute(
            select(InstalledPlugin.__table__).order_by(InstalledPlugin.plugin)
        )
        return [dict(row._mapping) for row in rows]

    return await looking(url, look)


async def table_names(url: str) -> set[str]:
    return await looking(url, lambda connection: set(inspect(connection).get_table_names()))


async def test_install_makes_the_tables_and_notes_what_is_there(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url, plugin = plugin_database_url, tiny(tmp_path)
    assert await install(url, [plugin], NOW) == [Step("visits", Outcome.CHANGED)]
    assert await table_names(url) - CORE.tables == {
        "version_core", "version_visits", "visits_remark", "visits_visit",
    }  # fmt: skip
    assert await pending(url, [CORE, owner_of(plugin)]) == {}
    assert await drift(url, owner_of(plugin)) == []
    assert await drift(url) == []
    noted = {
        "id": 1, "plugin": "visits", "version": "1.0", "prefix": "visits", "requires": [],
        "tables": ["visits_remark", "visits_visit"], "roles": ["visits_visitor"],
        "permissions": ["visits.read"], "installed_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    assert await installed(url) == [noted]
    later = NOW.replace(hour=9)
    assert await install(url, [plugin], later) == [Step("visits", Outcome.CURRENT)]
    assert await installed(url) == [noted]


async def test_foreign_keys_into_the_core_are_kept_by_the_database(
    plugin_database_url: str, tmp_path: Path
) -> None:
    await install(plugin_database_url, [tiny(tmp_path)], NOW)

    def keys(connection: Connection) -> set[str]:
        return {
            key["referred_table"] for key in inspect(connection).get_foreign_keys("visits_visit")
        }

    found = await looking(plugin_database_url, keys)
    assert found == {"node", "appointment", "visits_visit"}


async def test_newer_version_goes_up_from_the_older_one_and_keeps_its_rows(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    await install(url, [tiny(tmp_path)], NOW)
    await in_migration(url, write_a_visit)
    newer = tiny(tmp_path, FIRST, SECOND, version="1.1")
    later = NOW.replace(hour=9)
    assert await pending(url, [owner_of(newer)]) == {"visits": ("0001", "0002")}
    assert await install(url, [newer], later) == [Step("visits", Outcome.CHANGED)]
    assert await drift(url, owner_of(newer)) == []
    assert await visits(url) == [(1, "seen")]
    (noted,) = await installed(url)
    assert (noted["version"], noted["installed_at"], noted["updated_at"]) == ("1.1", NOW, later)
    await downgrade(url, owner_of(newer), "0001")
    assert await drift(url, Owner("visits", Path(), tables("visits"), "visits")) == []
    assert await visits(url) == [(1, "seen")]
    await downgrade(url, owner_of(newer), "base")
    assert await table_names(url) - CORE.tables == {"version_core", "version_visits"}


def write_a_visit(connection: Connection) -> None:
    for statement in (
        "INSERT INTO node (id, kind, version, origin, created_at)"
        " VALUES (1, 'COUNTRY', 1, 'ENTERED', '2026-03-02T06:30:00.000000Z')",
        "INSERT INTO visits_visit (id, node_id) VALUES (1, 1)",
        "INSERT INTO visits_remark (id, visit_id, text) VALUES (1, 1, 'seen')",
    ):
        connection.execute(text(statement))


async def visits(url: str) -> list[tuple[int, str]]:
    """Rebuilding a table on SQLite must not take its children with it."""

    def look(connection: Connection) -> list[tuple[int, str]]:
        rows = connection.execute(
            text(
                "SELECT v.id, r.text FROM visits_visit v JOIN visits_remark r ON r.visit_id = v.id"
            )
        )
        return [(row.id, row.text) for row in rows]

    return await looking(url, look)


async def test_broken_revision_changes_nothing_and_stops_only_those_that_require_it(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    await install(url, [tiny(tmp_path, id="aaa")], NOW)
    broken = tiny(tmp_path, FIRST, BROKEN, id="aaa", version="2.0")
    steps = await install(
        url, [broken, tiny(tmp_path, id="bbb"), tiny(tmp_path, id="ccc", requires=("aaa",))], NOW
    )
    assert [(step.plugin, step.outcome) for step in steps] == [
        ("aaa", Outcome.FAILED), ("bbb", Outcome.CHANGED), ("ccc", Outcome.WAITING),
    ]  # fmt: skip
    assert "no_such_table" in steps[0].words
    assert steps[2].words == "aaa"
    assert [(row["plugin"], row["version"]) for row in await installed(url)] == [
        ("aaa", "1.0"), ("bbb", "1.0"),
    ]  # fmt: skip
    assert await pending(url, [owner_of(broken)]) == {"aaa": ("0001", "0002")}


async def test_older_package_is_refused_and_nothing_is_touched(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    await install(url, [tiny(tmp_path, FIRST, SECOND, version="1.10")], NOW)
    before = await installed(url)
    (step,) = await install(url, [tiny(tmp_path, version="1.9")], NOW)
    assert step.outcome is Outcome.DOWNGRADE
    assert step.words == (
        "its tables were made by version 1.10, the package is 1.9: "
        "install version 1.10 or a newer one"
    )
    (step,) = await install(url, [tiny(tmp_path, version="1.10.1")], NOW)
    assert (step.outcome, "revision 0002" in step.words) == (Outcome.DOWNGRADE, True)
    assert await installed(url) == before


async def test_vanished_package_blocks_nothing_and_stays_noted(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    await install(url, [tiny(tmp_path), tiny(tmp_path, id="bbb")], NOW)
    assert await install(url, [tiny(tmp_path, version="1.1")], NOW) == [
        Step("visits", Outcome.CURRENT)
    ]
    assert [(row["plugin"], row["version"]) for row in await installed(url)] == [
        ("bbb", "1.0"), ("visits", "1.1"),
    ]  # fmt: skip
    assert await drift(url) == []


async def test_roles_and_tables_of_earlier_versions_stay_noted(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    await install(url, [tiny(tmp_path)], NOW)
    bare = replace(tiny(tmp_path, version="2.0"), migrations=None, roles=(), permissions=())
    await install(url, [bare], NOW)
    (noted,) = await installed(url)
    assert (noted["version"], noted["tables"], noted["roles"], noted["permissions"]) == (
        "2.0", ["visits_remark", "visits_visit"], ["visits_visitor"], ["visits.read"],
    )  # fmt: skip


async def test_plugin_without_tables_is_noted_too(plugin_database_url: str, tmp_path: Path) -> None:
    bare = replace(tiny(tmp_path), migrations=None)
    assert await install(plugin_database_url, [bare], NOW) == [Step("visits", Outcome.CHANGED)]
    assert [row["tables"] for row in await installed(plugin_database_url)] == [[]]
    assert "version_visits" not in await table_names(plugin_database_url)


def test_tables_of_others_are_misnamed(tmp_path: Path) -> None:
    assert misnamed(owner_of(tiny(tmp_path))) == []
    assert misnamed(Owner("visit", tmp_path, tables("visits"), "visit")) == [
        "visits_remark", "visits_visit",
    ]  # fmt: skip
    assert misnamed(Owner("node", tmp_path, CORE.metadata, "node")) == sorted(CORE.tables)


async def test_misnamed_tables_are_not_made(plugin_database_url: str, tmp_path: Path) -> None:
    plugin = tiny(tmp_path)
    info = replace(plugin.info, prefix="walks")
    (step,) = await install(plugin_database_url, [replace(plugin, info=info)], NOW)
    assert (step.outcome, step.words) == (
        Outcome.FAILED, "ValueError: tables without its prefix walks: visits_remark, visits_visit",
    )  # fmt: skip
    assert await installed(plugin_database_url) == []


async def test_drift_of_a_plugin_sees_its_own_tables_only(
    plugin_database_url: str, tmp_path: Path
) -> None:
    url = plugin_database_url
    plugin, longer = tiny(tmp_path), tiny(tmp_path, id="visits_late")
    await install(url, [plugin, longer], NOW)
    owners = [CORE, owner_of(plugin), owner_of(longer)]
    assert [await drift(url, owner, owners) for owner in owners] == [[], [], []]
    newer = owner_of(tiny(tmp_path, FIRST, SECOND, version="2.0"))
    assert [found[0] for found in await drift(url, newer, owners)] == ["add_column"]  # type: ignore[index]


async def test_revise_writes_what_the_models_add(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    versions.mkdir()
    owner = Owner("visits", versions, tables("visits"), "visits")
    first = await revise(owner, "first tables")
    assert first == versions / "0001_first_tables.py"
    words = first.read_text()
    assert words.count("op.create_table(") == 2
    assert "from zhoba.api import Key\n" in words
    assert "core" not in words
    with pytest.raises(NothingToRevise):
        await revise(owner, "again")
    graded = Owner("visits", versions, tables("visits", grade=True), "visits")
    second = await revise(graded, "grades")
    assert second == versions / "0002_grades.py"
    assert second.read_text().count("add_column(") == 1
    gone = tables("visits", grade=True)
    gone.remove(gone.tables["visits_remark"])
    third = await revise(Owner("visits", versions, gone, "visits"), "no remarks")
    assert third.read_text().count("op.drop_table('visits_remark')") == 1


async def test_revise_stands_on_the_tables_it_requires(tmp_path: Path) -> None:
    base = owner_of(tiny(tmp_path))
    versions = tmp_path / "versions"
    versions.mkdir()
    path = await revise(Owner("late", versions, tables("late"), "late"), "first", [base])
    assert "visits" not in path.read_text()


PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.conftest import NOW
from tests.zhoba.host.tiny import tiny
from zhoba.host.installing import install

url, folder = sys.argv[1:]
Path(folder).mkdir()
plugins = [tiny(Path(folder)), tiny(Path(folder), id="walks")]
print("ready", flush=True)
sys.stdin.readline()
for step in asyncio.run(install(url, plugins, NOW)):
    print(step.plugin, step.outcome.name)
"""


def test_two_processes_that_start_at_once_install_once(
    empty_database_url: str, tmp_path: Path
) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, empty_database_url, str(tmp_path / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(line for out in said for line in out.splitlines()) == [
        "visits CHANGED", "visits CURRENT", "walks CHANGED", "walks CURRENT",
    ]  # fmt: skip
    found = asyncio.run(installed(empty_database_url))
    assert [row["plugin"] for row in found] == ["visits", "walks"]
