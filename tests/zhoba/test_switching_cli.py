"""``zhoba plugins enable``, ``disable`` and ``settings``, by the operator at the machine."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import select, update

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.errors import PlatformError
from core.plugins.plugin_region import PluginRegion
from core.tree.node import NodeKind
from tests.zhoba.test_plugin_commands import Install, install_packages, zhoba
from zhoba.testing.rows import make_node, make_region

__all__ = ["install_packages"]

INSPECTIONS = {"inspections": "tests.dummy_plugin.plugin"}


@pytest.fixture
def url(install_packages: Install, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the plugin's tables, a country and a region."""
    monkeypatch.setenv("ZHOBA_DATABASE_URL", empty_database_url)
    install_packages(INSPECTIONS)
    assert zhoba("migrate").exit_code == 0

    async def fill() -> None:
        database = await Database.open(empty_database_url)
        async with database.session() as session, session.begin():
            await make_node(session, NodeKind.COUNTRY, None, stage=None)
            await make_region(session, "KZ-10")
        await database.close()

    asyncio.run(fill())
    return empty_database_url


def kept(url: str) -> tuple[list[tuple[bool, int | None, object]], list[tuple[str, str]]]:
    """Where the plugin is on, with its settings; and what the audit log says of it."""

    async def read() -> tuple[list[tuple[bool, int | None, object]], list[tuple[str, str]]]:
        database = await Database.open(url)
        async with database.session() as session:
            rows = await session.scalars(select(PluginRegion).order_by(PluginRegion.id))
            places = [(row.enabled, row.region_id, row.settings) for row in rows]
            entries = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            told = [(entry.act, entry.actor) for entry in entries]
        await database.close()
        return places, told

    return asyncio.run(read())


def test_the_operator_switches_on_sets_and_switches_off(url: str) -> None:
    here = ("inspections", "--region", "KZ-10")
    on = zhoba("plugins", "enable", *here, "--set", '{"days_to_mend": 5}')
    assert (on.exit_code, on.stderr) == (0, "inspections is on in KZ-10.\n")
    shown = zhoba("plugins", "settings", *here)
    assert json.loads(shown.stdout) == {"days_until_overdue": 14, "days_to_mend": 5}
    changed = zhoba("plugins", "settings", *here, "--set", '{"days_until_overdue": 3}')
    assert json.loads(changed.stdout) == {"days_until_overdue": 3, "days_to_mend": 30}
    off = zhoba("plugins", "disable", *here, "--reason", "no inspections this year")
    assert (off.exit_code, off.stderr) == (0, "inspections is off in KZ-10; its data stay.\n")
    assert kept(url) == (
        [(False, 1, {"days_until_overdue": 3})],
        [
            ("pluginEnabled", "operator"),
            ("pluginSettingsChanged", "operator"),
            ("pluginDisabled", "operator"),
        ],
    )


def test_the_republic_is_named_as_such_and_settings_that_no_longer_fit_are_told(url: str) -> None:
    assert zhoba("plugins", "enable", "inspections", "--republic").exit_code == 0
    assert kept(url)[0] == [(True, None, {})]
    assert zhoba("plugins", "list", "--strict").exit_code == 0

    async def keep_older_settings() -> None:
        database = await Database.open(url)
        async with database.session() as session, session.begin():
            await session.execute(update(PluginRegion).values(settings={"weeks": 2}))
        await database.close()

    asyncio.run(keep_older_settings())
    listed = zhoba("plugins", "list", "--strict")
    assert listed.exit_code == 1
    assert listed.stdout.splitlines()[1].endswith(
        "the republic (weeks: Extra inputs are not permitted): "
        "run `zhoba plugins settings inspections`."
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("enable", "inspections"),
        ("enable", "inspections", "--region", "KZ-10", "--republic"),
        ("enable", "inspections", "--republic", "--set", "days"),
        ("enable", "inspections", "--republic", "--set", "[]"),
    ],
)
def test_what_is_not_said_clearly_changes_nothing(url: str, arguments: tuple[str, ...]) -> None:
    assert zhoba("plugins", *arguments).exit_code == 1
    assert kept(url) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("settings", "inspections", "--republic", "--set", "{}"), "PLUGIN_NOT_ENABLED"),
        (("disable", "inspections", "--republic", "--reason", "x"), "PLUGIN_DISABLED_ALREADY"),
    ],
)
def test_the_rules_bind_the_operator_too(url: str, arguments: tuple[str, ...], code: str) -> None:
    refusal = zhoba("plugins", *arguments).exception
    assert isinstance(refusal, PlatformError)
    assert refusal.code == code
    assert kept(url) == ([], [])
