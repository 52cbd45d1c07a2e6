"""Who is told of verdicts, and where."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import httpx

from tests.dummy_plugin.models import Inspection, InspectionsVerdict
from tests.plugins.conftest import Staff, make_inspection
from tests.zhoba.http.test_websocket import Socket, accepted, connect, subscribe
from zhoba.sign_in.door import own_token
from zhoba.testing.platform import Member, Platform, Tree

WHOLE = "subscription { inspectionsInspectionRecorded { act at inspectionsInspection { id } } }"
BARE = "subscription { inspectionsInspectionRecorded { act } }"
ACT = "inspectionsInspectionRecorded"


def app_of(platform: Platform) -> Any:
    return cast("httpx.ASGITransport", platform.http._transport).app


async def sign_in(socket: Socket, platform: Platform, member: Member) -> None:
    await accepted(socket)
    token = own_token(platform.settings, member.account_id, datetime.now(UTC))
    await socket.init({"authorization": f"Bearer {token}"})


async def record(platform: Platform, inspection: str, act: str = ACT) -> None:
    """Announce an act on an inspection."""
    async with platform.work() as work:
        row = await work.session.get_one(Inspection, int(inspection.partition(":")[2]))
        work.record(act, row, node_id=row.project_id)


async def listening(socket: Socket, platform: Platform, inspection: str) -> None:
    """Wait until something is heard: the protocol does not say when a subscription began."""
    for _ in range(60):
        await record(platform, inspection)
        with suppress(TimeoutError):
            await asyncio.wait_for(socket.from_app.get(), 1)
            return
    raise AssertionError("nothing was heard")


async def test_verdicts_are_told_to_whoever_may_read_them_where_the_plugin_is_on(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await platform.enable(tree.there.region)
    manager = await platform.person("project_manager", tree.there.project)
    inspector = await platform.person("inspections_inspector", tree.there.project)
    passed = InspectionsVerdict.PASSED
    ours = await make_inspection(platform, tree.here.project, staff.inspector, passed)
    theirs = await make_inspection(platform, tree.there.project, inspector, passed)

    async with connect(app_of(platform)) as socket, connect(app_of(platform)) as other:
        for each, member in ((socket, staff.manager), (other, manager)):
            await sign_in(each, platform, member)
        await socket.say(subscribe(WHOLE))
        await listening(socket, platform, ours)
        await other.say(subscribe(BARE))
        await listening(other, platform, theirs)
        while not socket.from_app.empty():
            socket.from_app.get_nowait()

        await record(platform, theirs)
        await record(platform, ours, "inspectionsInspectionPlanned")
        await record(platform, ours)
        told = (await socket.hear())["payload"]["data"][ACT]
        assert (told["act"], told["inspectionsInspection"]) == (ACT, {"id": ours})
        assert (await other.hear())["payload"]["data"] == {ACT: {"act": ACT}}

        await platform.disable(tree.here.region)
        await platform.appoint(staff.manager, "project_manager", tree.there.project)
        await record(platform, ours)
        await record(platform, theirs)
        told = (await socket.hear())["payload"]["data"][ACT]
        assert told["inspectionsInspection"] == {"id": theirs}


async def test_nobody_can_subscribe_while_the_plugin_is_on_nowhere(
    platform: Platform, tree: Tree
) -> None:
    manager = await platform.person("project_manager", tree.here.project)
    async with connect(app_of(platform)) as socket:
        await sign_in(socket, platform, manager)
        await socket.say(subscribe(WHOLE))
        [error] = (await socket.hear())["payload"]
    assert error["extensions"]["code"] == "PLUGIN_NOT_ENABLED"
    assert error["extensions"]["params"]["plugin"] == "inspections"
