"""What the doctor finds."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import text

from core.db.engine import Database
from core.plugins.installed_plugin import InstalledPlugin
from migrations.run import in_migration, migrate
from tests.acting import arranging, committed_world
from tests.conftest import NOW
from zhoba.doctor import Unwell, examine, foreign_packages, look_at_data_folder
from zhoba.settings import Settings

LOOKS = [
    "packages", "data folder", "database", "migrations", "tables", "plugins", "policy", "messages",
    "clock", "files",
]  # fmt: skip


async def test_sound_installation_is_well(database_url: str, tmp_path: Path) -> None:
    findings = await examine(Settings(database_url=database_url, data_dir=tmp_path))
    assert [(f.name, f.good) for f in findings] == [(name, True) for name in LOOKS]


async def test_each_fault_is_found_and_stops_no_other_look(
    empty_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "signing-key.json").write_text("{}")
    (tmp_path / "signing-key.json").chmod(0o644)
    findings = await examine(Settings(database_url=empty_database_url, data_dir=tmp_path))
    assert [f.name for f in findings if not f.good] == [
        "data folder", "migrations", "tables", "policy", "files",
    ]  # fmt: skip
    assert "zhoba migrate" in next(f.words for f in findings if f.name == "migrations")


async def test_a_key_of_personal_data_that_others_read_is_found(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert await look_at_data_folder(settings) == str(tmp_path)
    settings.seal().closed("900101300126", "iin")
    assert await look_at_data_folder(settings) == str(tmp_path)
    settings.seal().path.chmod(0o640)
    with pytest.raises(Unwell, match="key can be read by others"):
        await look_at_data_folder(settings)


async def test_absent_database_is_found(tmp_path: Path) -> None:
    url = "postgresql://zhoba@127.0.0.1:1/zhoba"
    findings = await examine(Settings(database_url=url, data_dir=tmp_path))
    assert [f.name for f in findings if not f.good] == [
        "database", "migrations", "tables", "plugins", "policy", "clock", "files",
    ]  # fmt: skip


async def test_plugin_whose_package_is_gone_is_found(database: Database, tmp_path: Path) -> None:
    async with database.session() as session, session.begin():
        session.add(
            InstalledPlugin(
                plugin="visits", version="1.0", prefix="visits", requires=[], tables=[], roles=[],
                permissions=[], installed_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
    findings = await examine(Settings(database_url=database.url, data_dir=tmp_path))
    assert [(f.name, f.words) for f in findings if not f.good] == [
        (
            "plugins",
            "Unwell: visits: its tables are here, its package is gone: "
            "install it, or run `zhoba plugins uninstall visits`.",
        )
    ]


async def test_table_changed_by_hand_is_found(empty_database_url: str, tmp_path: Path) -> None:
    await migrate(empty_database_url)
    database = await Database.open(empty_database_url)
    await committed_world(database)
    async with arranging(database) as session:
        on = "" if database.dialect == "sqlite" else " ON node"
        await session.execute(text(f"DROP TRIGGER node_tells_project{on}"))
        await session.execute(text("UPDATE node SET stage = NULL"))
    await database.close()
    findings = await examine(Settings(database_url=empty_database_url, data_dir=tmp_path))
    assert [(f.name, f.words) for f in findings if not f.good] == [
        ("tables", "Unwell: projects that differ from their nodes: 1; are the triggers there?")
    ]
    await in_migration(
        empty_database_url,
        lambda connection: connection.execute(text("ALTER TABLE region ADD COLUMN mayor TEXT")),
    )
    findings = await examine(Settings(database_url=empty_database_url, data_dir=tmp_path))
    (found,) = (f for f in findings if not f.good)
    assert found.name == "tables"
    assert found.words.startswith("Unwell: not as their models: core: ('remove_column'")


def test_package_of_another_distribution_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert foreign_packages() == {}
    stranger = ModuleType("core")
    stranger.__file__ = "/usr/lib/python3/core/__init__.py"
    monkeypatch.setitem(sys.modules, "core", stranger)
    assert foreign_packages() == {"core": "/usr/lib/python3/core/__init__.py"}
