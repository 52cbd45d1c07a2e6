"""``zhoba plugins uninstall``, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from core.db.engine import Database
from core.plugins.plugin_region import PluginRegion
from core.tree.node import NodeKind
from tests.conftest import NOW
from tests.factories import make_node
from tests.zhoba.host.everything import rows_of_all_tables, schema_of
from tests.zhoba.host.tiny import tiny
from zhoba.cli import app
from zhoba.host.installing import install
from zhoba.testing.postgres import binaries


@pytest.fixture
def installed(plugin_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installation with a plugin whose package is gone already, and a row of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ZHOBA_DATABASE_URL", plugin_database_url)
    monkeypatch.setenv("PATH", f"{binaries()}:{os.environ['PATH']}")
    asyncio.run(install(plugin_database_url, [tiny(tmp_path)], NOW))
    asyncio.run(switch(plugin_database_url, on=False))
    return plugin_database_url


async def switch(url: str, *, on: bool) -> None:
    database = await Database.open(url)
    async with database.session() as session, session.begin():
        await session.execute(text("DELETE FROM plugin_region"))
        session.add(PluginRegion(plugin="visits", enabled=on, settings={}, changed_at=NOW))
    await database.close()


def uninstall(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["plugins", "uninstall", "visits", *arguments], input=answer)


def everything(url: str) -> object:
    return asyncio.run(rows_of_all_tables(url)), asyncio.run(schema_of(url))


def test_dry_run_shows_what_goes_and_keeps_it(installed: str, tmp_path: Path) -> None:
    before = everything(installed)
    shown = uninstall("--dry-run")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert shown.stderr.splitlines() == [
        "Uninstalling visits 1.0 removes",
        "  the table version_visits with 1 row(s)",
        "  the table visits_remark with 0 row(s)",
        "  the table visits_visit with 0 row(s)",
        "  1 row(s) of plugin_region",
    ]
    assert everything(installed) == before
    assert not (tmp_path / "data" / "backups").exists()


@pytest.mark.parametrize("answer", ["", "n\n"])
def test_nothing_goes_without_a_yes(installed: str, answer: str) -> None:
    before = everything(installed)
    assert uninstall(answer=answer).exit_code == 1
    assert everything(installed) == before


def test_backup_is_made_first_and_gives_everything_back(installed: str, tmp_path: Path) -> None:
    before = everything(installed)
    done = uninstall("--backup", str(tmp_path / "kept"), answer="y\n")
    assert done.exit_code == 0, done.output
    assert everything(installed) != before
    (folder,) = (tmp_path / "kept").iterdir()
    if installed.startswith("sqlite"):
        assert everything(f"sqlite:///{folder / 'zhoba.db'}") == before
        return
    restored = subprocess.run(
        [
            binaries() / "pg_restore", "--clean", "--if-exists", "--dbname", installed,
            folder / "zhoba.dump",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert restored.returncode == 0, restored.stderr
    assert everything(installed) == before


def test_backup_goes_to_the_data_folder_or_nowhere(installed: str, tmp_path: Path) -> None:
    backups = tmp_path / "data" / "backups"
    assert uninstall("--yes", "--no-backup").exit_code == 0
    assert not backups.exists()
    asyncio.run(install(installed, [tiny(tmp_path, version="1.1")], NOW))
    assert uninstall("--yes").exit_code == 0
    assert len(list(backups.iterdir())) == 1


def test_failed_backup_keeps_the_plugin(
    installed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(installed)
    (tmp_path / "taken").write_text("")
    refused = uninstall("--yes", "--backup", str(tmp_path / "taken"))
    assert refused.exit_code == 1
    assert everything(installed) == before


def test_refused_while_switched_on(installed: str) -> None:
    asyncio.run(switch(installed, on=True))
    before = everything(installed)
    refused = uninstall("--yes", "--no-backup")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == (
        "visits is switched on in the republic: switch it off there first."
    )
    assert everything(installed) == before


def plugins(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plugins", *arguments])


async def found_country(url: str) -> None:
    database = await Database.open(url)
    async with database.session() as session, session.begin():
        await make_node(session, NodeKind.COUNTRY, None)
    await database.close()


def test_vanished_one_is_switched_off_and_then_uninstalled(installed: str) -> None:
    asyncio.run(found_country(installed))
    asyncio.run(switch(installed, on=True))
    off = plugins("disable", "visits", "--republic", "--reason", "its package is gone")
    assert (off.exit_code, off.stderr) == (0, "visits is off for the republic; its data stay.\n")
    assert uninstall("--yes", "--no-backup").exit_code == 0


@pytest.mark.parametrize(
    "command",
    [["enable", "walks"], ["disable", "walks", "--reason", "why"]],
    ids=["enable", "disable"],
)
def test_commands_say_whether_plugin_or_region_is_unknown(
    installed: str, command: list[str]
) -> None:
    asyncio.run(found_country(installed))
    unknown = plugins(*command, "--republic")
    assert (unknown.exit_code, unknown.stderr) == (
        1, "there is no plugin walks: `zhoba plugins list` names those there are\n",
    )  # fmt: skip
    nowhere = plugins(*command, "--region", "KZ-99")
    assert nowhere.exit_code == 1
    assert nowhere.stderr == "there is no region with the code KZ-99\n"


def test_unknown_plugin_is_named_with_those_there_are(installed: str) -> None:
    assert uninstall("--yes", "--no-backup").exit_code == 0
    refused = uninstall("--yes", "--no-backup")
    assert (refused.exit_code, refused.stderr) == (
        1, "no plugin visits is installed in this database; installed: none\n",
    )  # fmt: skip
