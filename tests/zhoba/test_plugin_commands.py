"""``zhoba plugins``, ``zhoba schema --plugins``, and commands of plugins, as installed packages."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.hierarchy.state_body import StateBodyKind
from core.plugins.gate import PluginNotEnabled
from core.plugins.plugin_region import PluginRegion
from core.tree.node import NodeKind
from tests.conftest import NOW
from zhoba.api import operator_work
from zhoba.cli import app, main
from zhoba.host.commands import plugin_commands
from zhoba.testing.rows import make_node, make_region

HERE = "tests.plugins_for_tests"


def zhoba(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def install_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str]], None]:
    """Make it look as if packages were installed that offer these plugins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path))

    def install(offers: dict[str, str]) -> None:
        site = tmp_path / "site"
        for id, module in offers.items():
            info = site / f"plugin_{id}-1.0.dist-info"
            info.mkdir(parents=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {id}\nVersion: 1.0\n")
            (info / "entry_points.txt").write_text(f"[zhoba.plugins]\n{id} = {module}\n")
        monkeypatch.syspath_prepend(site)

    return install


@pytest.fixture
def migrated(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)
    return database_url


Install = Callable[[dict[str, str]], None]


def test_no_plugin_is_said_so(install_packages: Install, migrated: str) -> None:
    shown = zhoba("plugins")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "No plugin is installed.\n")


def test_the_list_shows_every_plugin_with_its_state(
    install_packages: Install, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_packages(
        {
            "good": f"{HERE}.good",
            "inspections": "tests.dummy_plugin.plugin",
            "nameless": f"{HERE}.nameless",
            "leaning": f"{HERE}.leaning",
        }
    )
    monkeypatch.setenv("ZHOBA_PLUGINS", '["good", "inspections", "nameless"]')
    shown = zhoba("plugins")
    assert [re.split(r"  +", line.strip()) for line in shown.stdout.splitlines()] == [
        ["plugin", "version", "state", "regions", "reason"],
        ["good", "1.0", "loaded", "0"],
        [
            "inspections",
            "failed",
            "0",
            "tables: its tables are at revision none, the newest is 0001: run `zhoba migrate`.",
        ],
        ["leaning", "unused", "0"],
        ["nameless", "failed", "0", "info: it implements no plugin_info, which every plugin must."],
    ]
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert zhoba("plugins", "list").stdout == shown.stdout
    assert zhoba("plugins", "list", "--strict").exit_code == 1


def test_serve_that_is_strict_stops_with_all_failures(
    install_packages: Install, migrated: str
) -> None:
    install_packages({"nameless": f"{HERE}.nameless", "raising": f"{HERE}.raising"})
    stopped = zhoba("serve", "--strict", "--port", "0")
    assert stopped.exit_code == 1
    assert [line.split(" was left out")[0] for line in stopped.stderr.splitlines()] == [
        "nameless",
        "raising",
    ]


def test_schema_of_the_core_and_of_chosen_plugins(install_packages: Install) -> None:
    install_packages({"good": f"{HERE}.good", "raising": f"{HERE}.raising"})
    alone, chosen = zhoba("schema"), zhoba("schema", "--plugins", "good")
    assert ("goodAnswer" in alone.stdout, "goodAnswer" in chosen.stdout) == (False, True)
    refused = zhoba("schema", "--plugins", "good, raising")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("raising was left out while composing the schema")


def test_commands_of_a_plugin_beside_a_broken_one(install_packages: Install) -> None:
    install_packages({"good": f"{HERE}.good", "broken_import": f"{HERE}.broken_import"})
    listed = zhoba("--help").stdout
    assert re.findall(r"^│ (good|broken[-_]import) +(.*?) +│", listed, re.MULTILINE) == [
        ("good", "What a good plugin can do.")
    ]
    assert zhoba("good", "praise").stdout == "good indeed\n"
    assert "completion" not in zhoba("good", "--help").stdout
    assert zhoba("broken-import", "praise").exit_code == 2
    assert zhoba("no-such-command").exit_code == 2


def test_plugins_are_looked_at_once_for_their_commands(
    install_packages: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_packages({"good": f"{HERE}.good"})
    looked: list[None] = []

    def look() -> dict[str, Any]:
        looked.append(None)
        return plugin_commands()

    monkeypatch.setattr("zhoba.host.commands.plugin_commands", look)
    for run in (1, 2):
        assert "What a good plugin can do." in zhoba("--help").stdout
        assert len(looked) == run


def test_commands_that_cannot_be_made_are_passed_over(install_packages: Install) -> None:
    install_packages({"good": f"{HERE}.good", "speechless_cli": f"{HERE}.speechless_cli"})
    assert zhoba("good", "praise").stdout == "good indeed\n"
    assert zhoba("speechless-cli").exit_code == 2


def test_a_refusal_of_a_plugins_command_is_its_sentence(
    install_packages: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install_packages({"good": f"{HERE}.good"})
    monkeypatch.setattr("sys.argv", ["zhoba", "good", "refuse"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "2 times are enough. (GOOD_ENOUGH)\n"


def test_commands_that_need_no_plugin_import_none(
    install_packages: Install, tmp_path: Path
) -> None:
    install_packages({"exiting": f"{HERE}.exiting"})
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(tmp_path / 'site')!r}, {str(Path(__file__).parents[2])!r}]\n"
        "from typer.testing import CliRunner\n"
        "from zhoba.cli import app\n"
        "assert CliRunner().invoke(app, ['doctor', '--help']).exit_code == 0\n"
        "heavy = ('zhoba.api', 'zhoba.host.plugin', 'migrations.run', 'schema.compose')\n"
        "print([name for name in sys.modules if name in heavy or 'plugins_for_tests' in name])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300
    )
    assert ran.stdout == "[]\n"


async def test_the_operator_works_where_the_plugin_is_on(
    install_packages: Install, migrated: str, database: Database
) -> None:
    install_packages({"good": f"{HERE}.good"})
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
        nodes = []
        for code in ("KZ-10", "KZ-11"):
            region = await make_region(session, code)
            nodes.append(
                await make_node(
                    session, NodeKind.STATE_BODY, country, region=region, stage=None,
                    kind=StateBodyKind.LOCAL_EXECUTIVE,
                )
            )  # fmt: skip
    with pytest.raises(PluginNotEnabled):
        async with operator_work("good") as work:
            pytest.fail(f"{work} was begun where the plugin is on nowhere")
    async with database.session() as session, session.begin():
        session.add(
            PluginRegion(
                plugin="good", region_id=nodes[0].region_id, enabled=True, settings={},
                changed_at=NOW,
            )
        )  # fmt: skip
    async with operator_work("good") as work:
        work.record("goodPraised", nodes[0], node_id=nodes[0].id)
    with pytest.raises(PluginNotEnabled):
        async with operator_work("good") as work:
            work.record("goodPraised", nodes[1], node_id=nodes[1].id)
    async with database.reading_session() as session:
        entries = await session.execute(select(AuditEntry.act, AuditEntry.node_id))
        assert [tuple(entry) for entry in entries] == [("goodPraised", nodes[0].id)]
