"""Switching plugins on and off in a region."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, RuleRefused
from core.hierarchy.conditions import core_policy
from core.places.region import Region
from core.plugins.enabling import change_plugin_settings, disable_plugin, enable_plugin
from core.plugins.failure import Failure, Stage
from core.plugins.gate import is_enabled
from core.plugins.host import Host
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin_region import PluginAct, PluginChange, PluginRegion
from core.plugins.secrets import MASK
from core.plugins.settings import MOST_BYTES, settings_of
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, Actor, OperatorAuthority, Profile, Work
from tests.acting import arranging, entries, refuses
from tests.conftest import NOW
from tests.core.plugins.hosts import OPEN_VISITS, SmallHost, VisitSettings
from tests.factories import (
    make_appointment,
    make_node,
    make_person,
    make_region,
    note_installed,
)

pytestmark = pytest.mark.anyio


@dataclass
class Land:
    """A country with two regions, a body in each and one of the republic."""

    database: Database
    country: Node
    region: Region
    other: Region
    body: Node
    host: Host

    def acting(self, host: Host | None = None) -> AbstractAsyncContextManager[Work]:
        return transact(
            self.database,
            actor=OPERATOR,
            authority=OperatorAuthority(),
            now=NOW,
            host=host or self.host,
        )

    async def row(self, plugin: str, region_id: int | None) -> PluginRegion | None:
        async with self.database.session() as session:
            return await session.scalar(
                select(PluginRegion).where(
                    PluginRegion.plugin == plugin,
                    PluginRegion.region_id == region_id
                    if region_id
                    else PluginRegion.region_id.is_(None),
                )
            )

    async def history(self) -> list[tuple[PluginAct, dict[str, Any], str | None]]:
        async with self.database.session() as session:
            rows = await session.scalars(select(PluginChange).order_by(PluginChange.id))
            return [(row.act, row.settings, row.reason) for row in rows]


@pytest.fixture
def host() -> SmallHost:
    return SmallHost()


@pytest.fixture
async def land(database: Database, host: SmallHost) -> Land:
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        region = await make_region(session, "KZ-10")
        other = await make_region(session, "KZ-11")
        body = await make_node(session, NodeKind.STATE_BODY, country, region=region)
        await make_node(session, NodeKind.STATE_BODY, country, region=other)
        await make_node(session, NodeKind.STATE_BODY, country)
        for plugin in ("visits", "reports"):
            await note_installed(session, plugin)
    return Land(database, country, region, other, body, host)


async def test_enabling_switches_on_in_this_region_only(land: Land, host: SmallHost) -> None:
    async with land.acting() as work:
        row = await enable_plugin(work, "visits", region_id=land.region.id, settings={"days": 5})
    assert (row.version, row.enabled, row.changed_at) == (1, True, NOW)
    async with land.database.session() as session:
        places = (land.region.id, land.other.id, None)
        assert [await is_enabled(session, "visits", place) for place in places] == [
            True,
            False,
            False,
        ]
    assert host.calls == [("on", land.region.id, VisitSettings(days=5))]
    assert await land.history() == [(PluginAct.ENABLED, {"days": 5}, None)]
    (entry,) = await entries(land.database, "pluginEnabled")
    assert (entry.node_id, entry.before) == (land.body.id, None)
    assert entry.after == {
        "plugin": "visits",
        "region_id": land.region.id,
        "enabled": True,
        "settings": {"days": 5},
    }


async def test_the_republic_is_a_place_of_its_own(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits")
    async with land.database.session() as session:
        assert await is_enabled(session, "visits", None)
        assert not await is_enabled(session, "visits", land.region.id)
    (entry,) = await entries(land.database, "pluginEnabled")
    assert entry.node_id == land.country.id


async def test_enabling_twice_is_refused(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits", region_id=land.region.id)
    with refuses("PLUGIN_ENABLED_ALREADY", PRODUCT_DEFAULT):
        async with land.acting() as work:
            await enable_plugin(work, "visits", region_id=land.region.id)


async def test_disabling_keeps_the_settings_and_enabling_brings_them_back(
    land: Land, host: SmallHost
) -> None:
    region = land.region.id
    async with land.acting() as work:
        await enable_plugin(work, "visits", region_id=region, settings={"days": 5})
    async with land.acting() as work:
        await disable_plugin(work, "visits", " No visits this year ", region_id=region)
    off = await land.row("visits", region)
    assert off is not None
    assert (off.enabled, off.settings, off.version) == (False, {"days": 5}, 2)
    async with land.acting() as work:
        await enable_plugin(work, "visits", region_id=region)
    assert host.calls == [
        ("on", region, VisitSettings(days=5)),
        ("off", region),
        ("on", region, VisitSettings(days=5)),
    ]
    assert await land.history() == [
        (PluginAct.ENABLED, {"days": 5}, None),
        (PluginAct.DISABLED, {"days": 5}, "No visits this year"),
        (PluginAct.ENABLED, {"days": 5}, None),
    ]


async def test_disabling_asks_for_a_reason(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits")
    with refuses("TEXT_REQUIRED", PRODUCT_DEFAULT, "reason"):
        async with land.acting() as work:
            await disable_plugin(work, "visits", " ")


async def test_disabling_what_is_off_is_refused(land: Land) -> None:
    with refuses("PLUGIN_DISABLED_ALREADY", PRODUCT_DEFAULT):
        async with land.acting() as work:
            await disable_plugin(work, "visits", "why", region_id=land.region.id)


async def test_the_plugin_itself_may_refuse_to_be_switched_off(land: Land) -> None:
    host = SmallHost(veto=OPEN_VISITS)
    async with land.acting(host) as work:
        await enable_plugin(work, "visits")
    with refuses("VISITS_ARE_OPEN", "visits"):
        async with land.acting(host) as work:
            await disable_plugin(work, "visits", "why")
    row = await land.row("visits", None)
    assert row is not None
    assert (row.enabled, row.version) == (True, 1)
    assert host.calls == [("on", None, VisitSettings())]


async def test_what_it_builds_on_must_be_on_first(land: Land) -> None:
    region = land.region.id
    async with land.acting() as work:
        await enable_plugin(work, "visits", region_id=land.other.id)
    with refuses("PLUGIN_REQUIRES", PRODUCT_DEFAULT):
        async with land.acting() as work:
            await enable_plugin(work, "reports", region_id=region)
    async with land.acting() as work:
        await enable_plugin(work, "visits", region_id=region)
        await enable_plugin(work, "reports", region_id=region)
    with refuses("PLUGIN_REQUIRED_BY", PRODUCT_DEFAULT):
        async with land.acting() as work:
            await disable_plugin(work, "visits", "why", region_id=region)
    async with land.acting() as work:
        await disable_plugin(work, "visits", "why", region_id=land.other.id)
        await disable_plugin(work, "reports", "why", region_id=region)
        await disable_plugin(work, "visits", "why", region_id=region)


async def test_one_that_is_not_installed_is_not_switched_on(land: Land) -> None:
    async with arranging(land.database) as session:
        await session.execute(delete(InstalledPlugin).where(InstalledPlugin.plugin == "visits"))
    with refuses("PLUGIN_NOT_INSTALLED", PRODUCT_DEFAULT, "plugin"):
        async with land.acting() as work:
            await enable_plugin(work, "visits", region_id=land.region.id)
    assert await land.row("visits", land.region.id) is None


def without(*failures: str) -> SmallHost:
    """A host where nothing runs, and these failed to load."""
    host = SmallHost(veto=OPEN_VISITS)
    host.plugins = ()
    host.failures = tuple(Failure(each, Stage.IMPORT, "no such module") for each in failures)
    return host


@pytest.mark.parametrize("failures", [(), ("visits",)], ids=["vanished", "failed"])
async def test_one_that_does_not_run_is_switched_off_unasked(
    land: Land, host: SmallHost, failures: tuple[str, ...]
) -> None:
    region = land.region.id
    async with land.acting() as work:
        await enable_plugin(
            work, "visits", region_id=region, settings={"days": 5, "token": "hunter2"}
        )
    gone = without(*failures)
    with refuses("PLUGIN_DISABLED_ALREADY", PRODUCT_DEFAULT):
        async with land.acting(gone) as work:
            await disable_plugin(work, "visits", "its package is gone")
    async with land.acting(gone) as work:
        await disable_plugin(work, "visits", "its package is gone", region_id=region)
    row = await land.row("visits", region)
    assert row is not None
    assert (row.enabled, row.version, row.settings) == (
        False, 2, {"days": 5, "token": "hunter2"},
    )  # fmt: skip
    assert [each.split() for each, *_ in host.calls] == [["on"]]
    assert gone.calls == []
    assert [(act, reason) for act, _, reason in await land.history()] == [
        (PluginAct.ENABLED, None),
        (PluginAct.DISABLED, "its package is gone"),
    ]
    (entry,) = await entries(land.database, "pluginDisabled")
    told = {
        "plugin": "visits",
        "region_id": region,
        "settings": {"days": MASK, "token": MASK},
        "running": False,
    }
    assert (entry.node_id, entry.before) == (land.body.id, {**told, "enabled": True})
    assert entry.after == {**told, "enabled": False, "reason": "its package is gone"}


async def test_what_does_not_run_is_switched_off_before_what_it_builds_on(land: Land) -> None:
    async with arranging(land.database) as session:
        await session.execute(
            update(InstalledPlugin)
            .where(InstalledPlugin.plugin == "reports")
            .values(requires=["visits"])
        )
    async with land.acting() as work:
        await enable_plugin(work, "visits")
        await enable_plugin(work, "reports")
    gone = without("reports")
    gone.plugins = land.host.plugins[:1]
    for host in (gone, without()):
        with refuses("PLUGIN_REQUIRED_BY", PRODUCT_DEFAULT):
            async with land.acting(host) as work:
                await disable_plugin(work, "visits", "why")
    async with land.acting(gone) as work:
        await disable_plugin(work, "reports", "why")
        await disable_plugin(work, "visits", "why")


async def test_an_unknown_plugin_is_not_switched_off(land: Land) -> None:
    with refuses("NOT_FOUND", None, "plugin"):
        async with land.acting() as work:
            await disable_plugin(work, "nothing", "why", region_id=land.region.id)
    with refuses("PLUGIN_NOT_LOADED", PRODUCT_DEFAULT, "plugin"):
        async with land.acting() as work:
            await disable_plugin(work, "broken", "why", region_id=land.region.id)
    with refuses("PLUGIN_DISABLED_ALREADY", PRODUCT_DEFAULT):
        async with land.acting(without()) as work:
            await disable_plugin(work, "visits", "why", region_id=land.region.id)


async def test_an_unknown_plugin_is_not_there_and_a_failed_one_not_loaded(land: Land) -> None:
    with refuses("NOT_FOUND", None, "plugin"):
        async with land.acting() as work:
            await enable_plugin(work, "nothing")
    with refuses("PLUGIN_NOT_LOADED", PRODUCT_DEFAULT, "plugin"):
        async with land.acting() as work:
            await enable_plugin(work, "broken")
    with refuses("NOT_FOUND", None, "regionId"):
        async with land.acting() as work:
            await enable_plugin(work, "visits", region_id=99)


@pytest.mark.parametrize(
    ("settings", "code", "field", "faults"),
    [
        (
            {"days": 0},
            "PLUGIN_SETTINGS_WRONG",
            "settings.days",
            ["days: Input should be greater than or equal to 1"],
        ),
        (
            {"days": 31, "dayz": 3},
            "PLUGIN_SETTINGS_WRONG",
            "settings",
            [
                "days: Input should be less than or equal to 30",
                "dayz: Extra inputs are not permitted",
            ],
        ),
        (
            {"contact": {"fax": "1"}},
            "PLUGIN_SETTINGS_WRONG",
            "settings.contact.fax",
            ["contact.fax: Extra inputs are not permitted"],
        ),
        ({"contact": {"phone": "\\\0"}}, "PLUGIN_SETTINGS_UNREADABLE", "settings", None),
        ({"contact": {"phone": "\0"}}, "PLUGIN_SETTINGS_UNREADABLE", "settings", None),
        ({"contact": {"phone": "\ud800"}}, "PLUGIN_SETTINGS_UNREADABLE", "settings", None),
        ({"days": float("nan")}, "PLUGIN_SETTINGS_UNREADABLE", "settings", None),
        ({"token": "x" * MOST_BYTES}, "PLUGIN_SETTINGS_TOO_LARGE", "settings", None),
    ],
)
async def test_settings_are_checked_by_the_model(
    land: Land, settings: dict[str, Any], code: str, field: str, faults: list[str] | None
) -> None:
    with refuses(code, PRODUCT_DEFAULT, field) as caught:
        async with land.acting() as work:
            await enable_plugin(work, "visits", settings=settings)
    assert caught.value.params.get("faults") == faults


async def test_settings_at_every_limit_pass(land: Land) -> None:
    room = MOST_BYTES - len('{"days": 30, "token": ""}')
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings={"days": 30, "token": "x" * room})
        await change_plugin_settings(work, "visits", {"days": 1}, 1)
    async with land.database.session() as session:
        assert await settings_of(session, land.host.plugins[0].info, None) == VisitSettings(days=1)
        elsewhere = await settings_of(session, land.host.plugins[0].info, land.region.id)
        assert elsewhere == VisitSettings()


async def test_changing_settings_replaces_them(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings={"days": 5})
        await change_plugin_settings(work, "visits", {"contact": {"phone": "109"}}, 1)
        await change_plugin_settings(work, "visits", {"contact": {"phone": "109"}}, 2)
    row = await land.row("visits", None)
    assert row is not None
    assert (row.settings, row.version) == ({"contact": {"phone": "109"}}, 2)
    with refuses("CONFLICT", None, "expectedVersion"):
        async with land.acting() as work:
            await change_plugin_settings(work, "visits", {}, 1)
    with refuses("PLUGIN_NOT_ENABLED", PRODUCT_DEFAULT):
        async with land.acting() as work:
            await change_plugin_settings(work, "visits", {}, 1, region_id=land.region.id)


async def test_the_audit_log_tells_no_secret(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings={"days": 5, "token": "hunter2"})
    (entry,) = await entries(land.database, "pluginEnabled")
    assert entry.after is not None
    assert entry.after["settings"] == {"days": 5, "token": MASK}
    assert (await land.history())[0][1] == {"days": 5, "token": MASK}


async def test_a_secret_sent_back_as_stars_is_kept(land: Land) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings={"days": 5, "token": "hunter2"})
        await change_plugin_settings(work, "visits", {"days": 6, "token": MASK}, 1)
        await disable_plugin(work, "visits", "Not now")
        await enable_plugin(work, "visits", settings={"days": 7, "token": MASK})
    row = await land.row("visits", None)
    assert row is not None
    assert row.settings == {"days": 7, "token": "hunter2"}
    with refuses("PLUGIN_SETTINGS_WRONG", PRODUCT_DEFAULT, "settings.token") as caught:
        async with land.acting() as work:
            await enable_plugin(work, "visits", region_id=land.region.id, settings={"token": MASK})
    assert caught.value.params["faults"] == [
        f"token: no secret is kept here that {MASK} stands for"
    ]


async def test_text_that_looks_like_an_escape_is_kept(land: Land) -> None:
    settings = {"contact": {"phone": "\\u0000 \\\\u0000"}}
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings=settings)
    row = await land.row("visits", None)
    assert row is not None
    assert row.settings == settings


@pytest.mark.parametrize("veto", [True, "no", RuleRefused])
async def test_a_veto_that_is_none_fails_with_the_name_of_the_plugin(
    land: Land, host: SmallHost, veto: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with land.acting() as work:
        await enable_plugin(work, "visits")
    host.veto = veto
    with pytest.raises(TypeError, match="can_disable of the plugin visits answers"):
        async with land.acting() as work:
            await disable_plugin(work, "visits", "Not now")
    assert "can_disable of the plugin visits answers" in caplog.text
    row = await land.row("visits", None)
    assert row is not None
    assert row.enabled


async def test_settings_of_an_earlier_version_are_asked_for_anew(land: Land) -> None:
    async with arranging(land.database) as session:
        session.add(
            PluginRegion(
                plugin="visits", enabled=False, settings={"weeks": 2}, changed_at=NOW, version=1
            )
        )
    with refuses("PLUGIN_SETTINGS_OUTDATED", PRODUCT_DEFAULT, "settings"):
        async with land.acting() as work:
            await enable_plugin(work, "visits")
    async with land.acting() as work:
        await enable_plugin(work, "visits", settings={"days": 14})


async def who(land: Land, role: str, node: Node) -> Actor:
    async with arranging(land.database) as session:
        person = await make_person(session)
        await make_appointment(session, person, role, node)
        return Actor(person_id=person.id, account_id=person.id, label=role)


@pytest.mark.parametrize(
    ("role", "at_body", "regions"),
    [
        ("regional_administrator", True, {"KZ-10"}),
        ("national_administrator", False, {"KZ-10", "KZ-11", "KZ-12", None}),
        ("policy_administrator", False, {"KZ-10", "KZ-11", "KZ-12", None}),
        ("program_manager", True, set()),
        ("operator", False, set()),
    ],
)
async def test_who_may_switch_where(
    land: Land, role: str, at_body: bool, regions: Collection[str | None]
) -> None:
    async with arranging(land.database) as session:
        bodiless = await make_region(session, "KZ-12")
        if at_body:  # a second body of the region, which the permission is not asked at
            seat = await make_node(session, NodeKind.STATE_BODY, land.country, region=land.region)
    actor = await who(land, role, seat if at_body else land.country)
    keys = {"KZ-10": land.region.id, "KZ-11": land.other.id, "KZ-12": bodiless.id, None: None}
    done = set()
    for code, key in keys.items():
        with suppress(NotAllowed):
            async with transact(
                land.database,
                actor=actor,
                authority=core_policy(Profile.R2023),
                now=NOW,
                host=land.host,
            ) as work:
                await enable_plugin(work, "visits", region_id=key)
                assert work.entries[0].acting_as == role
            done.add(code)
    assert done == regions
