"""What plugins do by themselves, as whoever looks after them sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.audit.entry import AuditEntry
from core.events.attempts import AttemptState
from core.events.delivery import Delivery
from core.events.outbox import OutboxEvent
from core.jobs.job_run import JobRun
from tests.conftest import NOW
from zhoba.testing.platform import Platform, Tree

RUNS = """
  query ($where: JobRunWhere) {
    jobRuns(where: $where) {
      nodes { id plugin job state attempts error dueAt nextAt endedAt region { code } }
    }
  }
"""
DELIVERIES = """
  query ($where: DeliveryWhere) {
    deliveries(where: $where) {
      nodes { id plugin handler act state attempts error node { id } }
    }
  }
"""


@pytest.fixture
async def failed(platform: Platform, tree: Tree) -> tuple[str, str]:
    """A run and a delivery that were given up, with others that were not; their ids."""
    async with platform.arranging() as session:
        event = OutboxEvent(
            at=NOW,
            act="projectEdited",
            subject="Project",
            subject_id=tree.here.project.id,
            node_id=tree.here.project.id,
            payload={},
            correlation_id="-",
        )
        session.add(event)
        await session.flush()
        run = JobRun(
            plugin="gone",
            job="overdue",
            region_id=tree.here.region.id,
            due_at=NOW,
            state=AttemptState.DEAD,
            attempts=8,
            ended_at=NOW,
            error="ValueError at rounds.py:7",
        )
        delivery = Delivery(
            plugin="gone",
            handler="mending",
            event_id=event.id,
            act=event.act,
            state=AttemptState.DEAD,
            attempts=8,
            ended_at=NOW,
            error="GONE_OPEN",
        )
        session.add_all([run, delivery])
        session.add(
            JobRun(
                plugin="gone",
                job="overdue",
                due_at=NOW + timedelta(days=1),
                state=AttemptState.DONE,
                attempts=1,
                ended_at=NOW,
            )
        )
        await session.flush()
    return f"JobRun:{run.id}", f"Delivery:{delivery.id}"


DEAD: dict[str, Any] = {"where": {"plugin": {"eq": "gone"}, "state": {"eq": "DEAD"}}}


@pytest.mark.parametrize("role", ["national_administrator", "operator"])
async def test_whoever_looks_after_plugins_sees_what_failed_and_has_it_tried_again(
    platform: Platform, tree: Tree, failed: tuple[str, str], role: str
) -> None:
    run, delivery = failed
    keeper = await platform.person(role, tree.country)
    everything = await platform.read(RUNS, by=keeper)
    assert len(everything["jobRuns"]["nodes"]) == 2
    assert (await platform.read(RUNS, DEAD, by=keeper))["jobRuns"]["nodes"] == [
        {
            "id": run,
            "plugin": "gone",
            "job": "overdue",
            "state": "DEAD",
            "attempts": 8,
            "error": "ValueError at rounds.py:7",
            "dueAt": "2026-03-02T06:30:00.000000Z",
            "nextAt": None,
            "endedAt": "2026-03-02T06:30:00.000000Z",
            "region": {"code": "KZ-10"},
        }
    ]
    (shown,) = (await platform.read(DELIVERIES, DEAD, by=keeper))["deliveries"]["nodes"]
    shown.pop("node")
    assert shown == {
        "id": delivery,
        "plugin": "gone",
        "handler": "mending",
        "act": "projectEdited",
        "state": "DEAD",
        "attempts": 8,
        "error": "GONE_OPEN",
    }
    for mutation, given, shows in (
        ("retryJobRun", {"jobRunId": run}, "jobRun"),
        ("retryDelivery", {"deliveryId": delivery}, "delivery"),
    ):
        revived = await platform.done(mutation, f"{shows} {{ state attempts }}", by=keeper, **given)
        assert revived == {"state": "WAITING", "attempts": 0}
        code = await platform.refused(mutation, f"{shows} {{ id }}", by=keeper, **given)
        assert code == "NOT_DEAD"
    async with platform.database.session() as session:
        entries = await session.execute(
            select(AuditEntry.act, AuditEntry.acting_as).order_by(AuditEntry.id)
        )
        assert [tuple(entry) for entry in entries] == [
            ("jobRunRetried", role),
            ("deliveryRetried", role),
        ]


async def test_others_see_nothing_of_it(
    platform: Platform, tree: Tree, failed: tuple[str, str]
) -> None:
    run, delivery = failed
    for role, node in (
        ("regional_administrator", tree.here.body),
        ("project_manager", tree.here.project),
    ):
        other = await platform.person(role, node)
        assert (await platform.read(RUNS, by=other))["jobRuns"]["nodes"] == []
        assert (await platform.read(DELIVERIES, by=other))["deliveries"]["nodes"] == []
        for mutation, given, shows in (
            ("retryJobRun", {"jobRunId": run}, "jobRun"),
            ("retryDelivery", {"deliveryId": delivery}, "delivery"),
        ):
            code = await platform.refused(mutation, f"{shows} {{ id }}", by=other, **given)
            assert code == "NOT_FOUND"
