"""The server with plugins: those that fit answer, those that do not are told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from core.db.engine import Database
from core.plugins.failure import Stage
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin_region import PluginRegion
from migrations.run import CORE, migrate
from tests.zhoba.conftest import Client, client_of
from zhoba import app as app_module
from zhoba.app import build_app
from zhoba.host.failing import PluginsFailed
from zhoba.host.loading import load_for_database, load_installation
from zhoba.settings import Settings

HERE = "tests.plugins_for_tests"
GOOD = {"good": f"{HERE}.good"}
INSPECTIONS = {"inspections": "tests.dummy_plugin.plugin"}
SOME_FAULTY = {
    **GOOD,
    "raising": f"{HERE}.raising",
    "unclassified": f"{HERE}.unclassified",
    "broken_import": f"{HERE}.broken_import",
}
NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@asynccontextmanager
async def served(settings: Settings, offers: Mapping[str, str]) -> AsyncIterator[Client]:
    """The application with these plugins."""
    app = build_app(settings, installation=load_installation(offers))
    async with app.router.lifespan_context(app), client_of(app, settings) as client:
        yield client


async def switch_on(database: Database, plugin: str) -> None:
    """Switch a plugin on for the republic."""
    async with database.session() as session, session.begin():
        session.add(
            PluginRegion(plugin=plugin, region_id=None, enabled=True, settings={}, changed_at=NOW)
        )


async def test_the_others_answer_beside_faulty_plugins(
    settings: Settings, database: Database
) -> None:
    async with served(settings, SOME_FAULTY) as client:
        off = await client.query("{ goodAnswer }")
        await switch_on(database, "good")
        on = await client.query("{ goodAnswer regions { totalCount } projects { totalCount } }")
    assert off["errors"][0]["extensions"]["code"] == "PLUGIN_NOT_ENABLED"
    assert on == {
        "data": {
            "goodAnswer": "yes",
            "regions": {"totalCount": 0},
            "projects": {"totalCount": 0},
        }
    }


async def test_faulty_plugins_are_told_of_and_leave_the_server_ready(settings: Settings) -> None:
    async with served(settings, SOME_FAULTY) as client:
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {
            "status": "ok",
            "checks": {"database": "ok", "migrations": "ok", "policy": "ok", "plugins": "failed"},
            "plugins": {"broken_import": "import", "raising": "schema", "unclassified": "schema"},
        },
    )


def test_refusals_of_a_plugin_are_spoken() -> None:
    messages = load_installation(GOOD).messages
    assert messages.text("GOOD_ENOUGH", "ru", {"times": 2}) == "Хватит 2 раз."
    assert messages.text("NOT_FOUND", "en") != "NOT_FOUND"


async def test_a_plugin_without_its_tables_is_left_out_until_they_are_made(
    plugin_database_url: str,
) -> None:
    before = await load_for_database(plugin_database_url, {**INSPECTIONS, **GOOD})
    assert [plugin.id for plugin in before.plugins] == ["good"]
    assert [(each.plugin, each.stage, each.reason) for each in before.failures] == [
        (
            "inspections",
            Stage.TABLES,
            "its tables are at revision none, the newest is 0001: run `zhoba migrate`.",
        )
    ]
    await migrate(plugin_database_url, load_installation(INSPECTIONS).owners)
    after = await load_for_database(plugin_database_url, {**INSPECTIONS, **GOOD})
    assert ([plugin.id for plugin in after.plugins], after.failures) == (
        ["good", "inspections"],
        (),
    )
    assert [owner.name for owner in after.owners] == [CORE.name, "inspections"]


async def test_an_older_package_than_the_one_before_is_left_out(
    database: Database, database_url: str
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(
            insert(InstalledPlugin).values(
                plugin="good",
                version="1.10",
                prefix="good",
                requires=[],
                tables=[],
                roles=[],
                permissions=[],
                installed_at=NOW,
                updated_at=NOW,
            )
        )
    found = await load_for_database(database_url, GOOD)
    assert [(each.stage, each.reason) for each in found.failures] == [
        (
            Stage.TABLES,
            "version 1.10 of it was here, the package is 1.0: install version 1.10 or a newer one.",
        )
    ]


async def test_strict_settings_do_not_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = {**GOOD, "raising": f"{HERE}.raising"}

    async def load(url: str, **given: Any) -> Any:
        return await load_for_database(url, offers, **given)

    monkeypatch.setattr(app_module, "load_for_database", load)
    app = build_app(settings.model_copy(update={"strict_plugins": True}))
    with pytest.raises(PluginsFailed, match="raising was left out"):
        async with app.router.lifespan_context(app):
            pass
    lenient = build_app(settings.model_copy(update={"plugins": ("good",)}))
    async with lenient.router.lifespan_context(lenient):
        (good,) = lenient.state.operations.services.installation.plugins
        assert good.id == "good"
