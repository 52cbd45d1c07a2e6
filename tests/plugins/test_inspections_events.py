"""What inspections do when something happens, and by the clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from core.events.delivery import Delivery
from core.hierarchy.stage_move import StageMove, StageMoveState
from core.tree.node import Node, Stage
from tests.acting import refuses
from tests.dummy_plugin.models import (
    FollowUp,
    Inspection,
    InspectionsState,
    InspectionsVerdict,
)
from tests.plugins.conftest import Staff, code_of, make_inspection
from tests.zhoba.http.test_websocket import Socket, accepted, connect
from zhoba.sign_in.door import own_token
from zhoba.testing.days import today
from zhoba.testing.platform import Member, Platform, Tree

FAILED = InspectionsVerdict.FAILED
WATCH = """subscription { inspectionsInspectionRecorded {
  act inspectionsInspection { id verdict }
} }"""


async def close(platform: Platform, project: Node, *, stage: Stage = Stage.CLOSURE) -> None:
    """The act by which a project goes to another stage."""
    async with platform.work() as work:
        move = StageMove(
            node_id=project.id,
            from_stage=Stage.IMPLEMENTATION,
            to_stage=stage,
            state=StageMoveState.CONFIRMED,
            proposed_at=work.now,
        )
        work.session.add(move)
        await work.session.flush()
        work.record("stageMoveConfirmed", move, node_id=project.id, after={"stage": stage.name})


async def moves(platform: Platform) -> int:
    async with platform.arranging() as session:
        return len((await session.scalars(select(StageMove))).all())


async def test_a_project_with_an_open_inspection_does_not_close(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await make_inspection(platform, tree.here.project, staff.inspector)
    with refuses("INSPECTIONS_OPEN_AT_PROJECT", "product default"):
        await close(platform, tree.here.project)
    assert await moves(platform) == 0
    await close(platform, tree.here.project, stage=Stage.ADJUSTMENT)
    await close(platform, tree.here.second_project)
    assert await moves(platform) == 2


async def test_where_it_is_off_it_refuses_nothing(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await make_inspection(platform, tree.there.project, staff.inspector)
    await close(platform, tree.there.project)
    assert await moves(platform) == 1


async def record(platform: Platform, inspector: Member, inspection: str, verdict: str) -> None:
    await platform.done(
        "inspectionsRecord",
        "inspectionsInspection { id }",
        by=inspector,
        inspectionId=inspection,
        expectedVersion=1,
        verdict=verdict,
        note="No fence",
    )


async def test_a_failed_inspection_demands_mending(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await platform.disable(tree.here.region)
    await platform.enable(tree.here.region, {"days_to_mend": 7})
    passed = await make_inspection(platform, tree.here.second_project, staff.inspector)
    await platform.appoint(staff.inspector, "inspections_inspector", tree.here.second_project)
    failed = await make_inspection(platform, tree.here.project, staff.inspector)
    await record(platform, staff.inspector, passed, "PASSED")
    await record(platform, staff.inspector, failed, "FAILED")
    await platform.deliver()
    await platform.deliver()
    async with platform.arranging() as session:
        (follow_up,) = await session.scalars(select(FollowUp))
        assert (await session.scalars(select(Delivery))).all() == []
    assert f"InspectionsInspection:{follow_up.inspection_id}" == failed
    assert follow_up.due_on == today() + timedelta(days=7)
    query = "query Q($id: ID!) { inspectionsInspection(id: $id) { followUp { dueOn } } }"
    data = await platform.read(query, {"id": failed}, by=staff.head)
    assert data == {"inspectionsInspection": {"followUp": {"dueOn": str(follow_up.due_on)}}}


async def test_delivering_waits_for_events_that_another_transaction_holds_back(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    if platform.database.dialect == "sqlite":
        pytest.skip("nothing holds events back on SQLite")
    inspection = await make_inspection(platform, tree.here.project, staff.inspector)
    async with platform.arranging() as session:
        await session.execute(text("SELECT pg_current_xact_id()"))
        await record(platform, staff.inspector, inspection, "FAILED")
        delivering = asyncio.create_task(platform.deliver())
        await asyncio.sleep(0.3)
        assert not delivering.done()
    await delivering
    async with platform.arranging() as session:
        assert len((await session.scalars(select(FollowUp))).all()) == 1


async def states(platform: Platform) -> list[InspectionsState]:
    async with platform.arranging() as session:
        found = await session.scalars(select(Inspection).order_by(Inspection.id))
        return [each.state for each in found]


@pytest.mark.parametrize(("late", "state"), [(15, "OVERDUE"), (14, "PLANNED")])
async def test_the_job_marks_what_is_late_in_its_region(
    platform: Platform, tree: Tree, staff: Staff, late: int, state: str
) -> None:
    planned_on = today() - timedelta(days=late)
    for area in (tree.here, tree.there):
        await make_inspection(platform, area.project, staff.inspector, planned_on=planned_on)
    await platform.run_job("overdue", tree.here.region)
    assert await states(platform) == [InspectionsState[state], InspectionsState.PLANNED]


async def test_subscribers_hear_of_verdicts_they_may_read(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    await platform.appoint(staff.inspector, "inspections_inspector", tree.here.second_project)
    first, second = [
        await make_inspection(platform, project, staff.inspector)
        for project in (tree.here.project, tree.here.second_project)
    ]
    token = own_token(platform.settings, staff.manager.account_id, datetime.now(UTC))
    async with connect(platform.app) as socket:
        await accepted(socket)
        await socket.init({"authorization": f"Bearer {token}"})
        await subscribe(socket)
        await listening(platform)
        await record(platform, staff.inspector, second, "PASSED")
        await record(platform, staff.inspector, first, "FAILED")
        message = await socket.hear()
        assert message["payload"]["data"] == {
            "inspectionsInspectionRecorded": {
                "act": "inspectionsInspectionRecorded",
                "inspectionsInspection": {"id": first, "verdict": "FAILED"},
            }
        }


async def test_nobody_subscribes_to_what_is_on_nowhere(platform: Platform, tree: Tree) -> None:
    head = await platform.person("pg_head", tree.here.group)
    token = own_token(platform.settings, head.account_id, datetime.now(UTC))
    async with connect(platform.app) as socket:
        await accepted(socket)
        await socket.init({"authorization": f"Bearer {token}"})
        await subscribe(socket)
        answer = {"errors": (await socket.hear())["payload"]}
    assert code_of(answer) == "PLUGIN_NOT_ENABLED"


async def subscribe(socket: Socket) -> None:
    await socket.say({"type": "subscribe", "id": "1", "payload": {"query": WATCH}})


async def listening(platform: Platform) -> None:
    """Wait until the feed of the server has the subscriber."""
    feed = platform.app.state.operations.services.feed
    async with asyncio.timeout(60):
        while not feed.subscriptions:  # noqa: ASYNC110 - the feed tells nobody who came
            await asyncio.sleep(0)
