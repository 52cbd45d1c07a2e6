"""A plugin comes, is used, and goes: the database is then the one before, table by table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from core.background.acting import Background
from core.background.delivering import deliver, take_places
from core.background.running import run_due, schedule
from core.db.engine import Database
from core.people.account import Account, AccountKind
from core.tree.node import Node, NodeKind
from tests.conftest import NOW
from tests.dummy_plugin.events import HANDLERS
from tests.zhoba.host.everything import rows_of_all_tables, schema_of
from zhoba.host.installation import Installation
from zhoba.host.installing import Outcome, install
from zhoba.host.uninstalling import uninstall
from zhoba.testing.areas import Area, make_area
from zhoba.testing.days import today
from zhoba.testing.platform import Member, Platform, installation, platform
from zhoba.testing.rows import make_appointment, make_node, make_person

__all__ = ["installation", "platform"]


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    return {"inspections": "tests.dummy_plugin.plugin"}


@dataclass
class Before:
    """What was there before the plugin came."""

    here: Area
    there: Area
    head: Member
    inspector: Member
    everything: Any


@pytest.fixture
async def before(plugin_database_url: str) -> Before:
    """Two regions, two persons, and all of the database with them."""
    database = await Database.open(plugin_database_url)
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
        here, there = [await make_area(session, country, code) for code in ("KZ-10", "KZ-11")]
        head = await make_member(session, "pg_head", here.group)
        inspector = await make_member(session, "project_team_member", here.project)
    await database.close()
    return Before(here, there, head, inspector, await everything(plugin_database_url))


async def make_member(session: AsyncSession, role: str, node: Node) -> Member:
    person = await make_person(session)
    await make_appointment(session, person, role, node)
    account = Account(
        kind=AccountKind.PERSON, label=person.full_name, person_id=person.id, created_at=NOW
    )
    session.add(account)
    await session.flush()
    return Member(person.id, account.id)


async def everything(url: str) -> Any:
    return await rows_of_all_tables(url), await schema_of(url)


@pytest.fixture
async def database(
    plugin_database_url: str, before: Before, installation: Installation
) -> AsyncIterator[Database]:
    """The database the platform runs on, with the plugin installed."""
    (step,) = await install(plugin_database_url, installation.plugins, NOW)
    assert step.outcome is Outcome.CHANGED
    database = await Database.open(plugin_database_url)
    yield database
    await database.close()


async def test_plugin_leaves_no_trace_but_the_past(platform: Platform, before: Before) -> None:
    await use(platform, before)
    grown = await rows_of_all_tables(platform.database.url)
    assert {name: len(grown[name]) for name in USED} == USED
    await uninstall(platform.database, "inspections", now=datetime.now(UTC))
    assert await everything(platform.database.url) == before.everything


USED = {
    "inspections_inspection": 1,
    "inspections_follow_up": 1,
    "inspections_round": 2,
    "installed_plugin": 1,
    "plugin_region": 2,
    "plugin_change": 4,
    "idempotency_key": 2,
    "handler_place": 1,
    "job_schedule": 1,
    "job_run": 2,
}
"""Where the plugin left rows, and how many."""


async def use(platform: Platform, before: Before) -> None:
    """Switch it on in two regions, use everything it has, switch it off again."""
    background = Background(database=platform.database, host=platform.installation)
    now = datetime.now(UTC)
    regions = (before.here.region, before.there.region)
    for region in regions:
        await platform.enable(region, {"days_to_mend": 5})
    await take_places(background, now)
    await schedule(background, now)
    await platform.appoint(before.inspector, "inspections_inspector", before.here.project)
    planned = await platform.done(
        "inspectionsPlan", "inspectionsInspection { id version }", by=before.head,
        projectId=f"Project:{before.here.project.id}", inspectorId=before.inspector.id,
        plannedOn=today().isoformat(), idempotencyKey="plan",
    )  # fmt: skip
    await platform.done(
        "inspectionsRecord", "inspectionsInspection { id }", by=before.inspector,
        inspectionId=planned["id"], expectedVersion=planned["version"], verdict="FAILED",
        note="Bare wires.", idempotencyKey="record",
    )  # fmt: skip
    (mending,) = (each for each in HANDLERS if each.name == "mending")
    while await deliver(background, ("inspections", mending), now):
        pass  # transactions of other tests on the same server hold events back
    tomorrow = now + timedelta(days=1)
    await schedule(background, tomorrow)
    await run_due(background, tomorrow)
    for region in regions:
        await platform.disable(region)
