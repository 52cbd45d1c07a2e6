"""Three servers of one installation: a plugin is on everywhere as soon as it is switched on."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.db.engine import Database
from core.people.account import Account, AccountKind
from tests.dummy_plugin.models import Inspection, InspectionsState, InspectionsVerdict
from tests.factories import World, make_appointment, make_person, make_world
from tests.stories.serving import Server, server
from tests.zhoba.conftest import plugin_database_url
from zhoba.host.installing import install
from zhoba.host.loading import load_installation
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

__all__ = ["plugin_database_url"]

MODULE = "tests.dummy_plugin.plugin"
NOW = datetime.now(UTC)

READ = """{ inspectionsInspections { nodes { verdict } }
            projects { nodes { lastVerdict } } }"""

SWITCH = """mutation ($region: ID!) { %s(input: {plugin: "inspections", regionId: $region%s}) {
  pluginRegion { enabled } userErrors { code message } } }"""


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers find the plugin as if its package were installed."""
    info = tmp_path / "site" / "inspections-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: inspections\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[zhoba.plugins]\ninspections = {MODULE}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))


async def fill(database: Database) -> tuple[World, dict[str, int]]:
    """A project with one inspection, its manager, and an administrator; their accounts."""
    async with database.session() as session, session.begin():
        world = await make_world(session)
        people = {
            "manager": await make_person(session, "Асанова Дана"),
            "administrator": await make_person(session, "Беков Ерлан"),
        }
        await make_appointment(session, people["manager"], "project_manager", world.project)
        await make_appointment(
            session, people["administrator"], "national_administrator", world.country
        )
        accounts = {}
        for name, person in people.items():
            account = Account(
                kind=AccountKind.PERSON, label=name, person_id=person.id, created_at=NOW
            )
            session.add(account)
            await session.flush()
            accounts[name] = account.id
        session.add(
            Inspection(
                project_id=world.project.id,
                inspector_id=people["manager"].id,
                planned_on=NOW.date(),
                recorded_on=NOW.date(),
                state=InspectionsState.RECORDED,
                verdict=InspectionsVerdict.PASSED,
            )
        )
    return world, accounts


@pytest.mark.early
async def test_three_servers_follow_a_switch_with_their_next_answer(
    plugin_database_url: str, tmp_path: Path, offered: None
) -> None:
    await install(plugin_database_url, load_installation({"inspections": MODULE}).plugins, NOW)
    database = await Database.open(plugin_database_url)
    world, accounts = await fill(database)
    await database.close()
    settings = Settings(database_url=plugin_database_url, data_dir=tmp_path / "data")
    region = f"Region:{world.region.id}"

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        servers = await asyncio.gather(
            *(stack.enter_async_context(server(settings)) for _ in range(3))
        )

        async def ask(running: Server, who: str, query: str, **variables: Any) -> Any:
            token = own_token(settings, accounts[who], datetime.now(UTC))
            response = await client.post(
                f"http://127.0.0.1:{running.port}/graphql",
                json={"query": query, "variables": variables},
                headers={"authorization": f"Bearer {token}"},
            )
            return response.json()

        async def everywhere() -> list[Any]:
            return await asyncio.gather(*(ask(each, "manager", READ) for each in servers))

        async def switch(running: Server, act: str, more: str = "") -> None:
            answer = await ask(running, "administrator", SWITCH % (act, more), region=region)
            assert answer["data"][act]["userErrors"] == [], answer

        off = {"inspectionsInspections": None, "projects": {"nodes": [{"lastVerdict": None}]}}
        on = {
            "inspectionsInspections": {"nodes": [{"verdict": "PASSED"}]},
            "projects": {"nodes": [{"lastVerdict": "PASSED"}]},
        }

        def codes(answer: Any) -> list[str]:
            return [error["extensions"]["code"] for error in answer["errors"]]

        async def all_off() -> None:
            answers = await everywhere()
            assert [answer["data"] for answer in answers] == [off] * 3
            assert [codes(answer) for answer in answers] == [["PLUGIN_NOT_ENABLED"]] * 3

        await all_off()
        await switch(servers[0], "enablePlugin")
        assert await everywhere() == [{"data": on}] * 3
        await switch(servers[1], "disablePlugin", ', reason: "Not needed."')
        await all_off()
        await switch(servers[2], "enablePlugin")
        assert await everywhere() == [{"data": on}] * 3
