"""What happens when something else does, and by the clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.dummy_plugin.models import (
    OPEN,
    FollowUp,
    Inspection,
    InspectionsState,
    InspectionsVerdict,
)
from tests.dummy_plugin.settings import settings_in
from zhoba.api import (
    PRODUCT_DEFAULT,
    Entry,
    Handler,
    Happened,
    Job,
    Node,
    RuleRefused,
    When,
    Work,
    change,
)


async def refuse_closing(work: Work, entry: Entry) -> None:
    """A project goes to closure only when no inspection of it is open."""
    if (entry.after or {}).get("stage") not in ("CLOSURE", "CLOSED"):
        return
    open_one = await work.session.scalar(
        select(Inspection).where(Inspection.project_id == entry.node_id, Inspection.state.in_(OPEN))
    )
    if open_one is not None:
        raise RuleRefused(
            "INSPECTIONS_OPEN_AT_PROJECT", clause=PRODUCT_DEFAULT, planned_on=open_one.planned_on
        )


async def demand_mending(work: Work, happened: Happened) -> None:
    """A project that failed gets a day by which it has to mend things."""
    inspection = await work.session.get_one(Inspection, happened.subject_id)
    if inspection.verdict is not InspectionsVerdict.FAILED:
        return
    assert inspection.recorded_on is not None
    node = await work.session.get_one(Node, inspection.project_id)
    settings = await settings_in(work.session, node.region_id)
    due_on = inspection.recorded_on + timedelta(days=settings.days_to_mend)
    follow_up = FollowUp(inspection_id=inspection.id, project_id=node.id, due_on=due_on)
    work.session.add(follow_up)
    await work.session.flush()
    work.record(
        "inspectionsMendingDemanded",
        follow_up,
        node_id=node.id,
        after={"due_on": due_on.isoformat()},
        clause=PRODUCT_DEFAULT,
    )


async def mark_overdue(work: Work, region_id: int | None) -> None:
    """Inspections of a region that were not recorded in time become overdue."""
    settings = await settings_in(work.session, region_id)
    latest = work.today - timedelta(days=settings.days_until_overdue)
    late = await work.session.scalars(
        select(Inspection)
        .join(Node, Node.id == Inspection.project_id)
        .where(
            Node.region_id.is_not_distinct_from(region_id),
            Inspection.state == InspectionsState.PLANNED,
            Inspection.planned_on < latest,
        )
        .order_by(Inspection.id)
        .with_for_update(of=Inspection)
    )
    for inspection in late:
        before, after = change(inspection, {"state": InspectionsState.OVERDUE})
        inspection.version += 1
        await work.session.flush()
        work.record(
            "inspectionsInspectionOverdue",
            inspection,
            node_id=inspection.project_id,
            before=before,
            after=after,
            clause=PRODUCT_DEFAULT,
        )


HANDLERS = (
    Handler(
        name="closing",
        acts=frozenset({"stageMoveConfirmed"}),
        when=When.WITHIN,
        run=refuse_closing,
    ),
    Handler(
        name="mending",
        acts=frozenset({"inspectionsInspectionRecorded"}),
        when=When.AFTER,
        run=demand_mending,
    ),
)

JOBS = (Job(name="overdue", cron="30 6 * * *", run=mark_overdue),)
