"""The acts: planning an inspection, and recording what it found."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select

from tests.dummy_plugin.access import INSPECTOR, PLAN, RECORD
from tests.dummy_plugin.models import OPEN, Inspection, InspectionsState, InspectionsVerdict
from zhoba.api import (
    PRODUCT_DEFAULT,
    Appointment,
    NodeKind,
    RuleRefused,
    Work,
    WrongState,
    change,
    clean,
    entered,
    find,
    flush_unique,
    lock_node,
    require_version,
)


async def plan_inspection(
    work: Work, project_id: int, inspector_id: int, planned_on: date
) -> Inspection:
    """Plan an inspection of a project, by one of its inspectors who does not manage it."""
    node = await lock_node(work.session, project_id, NodeKind.PROJECT, field="projectId")
    await work.require(PLAN, node.id, field="projectId")
    if planned_on < work.today:
        raise RuleRefused(
            "INSPECTIONS_IN_THE_PAST", clause=PRODUCT_DEFAULT, field="plannedOn", today=work.today
        )
    if not await holds(work, inspector_id, INSPECTOR, node.id):
        raise RuleRefused(
            "INSPECTIONS_NOT_AN_INSPECTOR", clause=PRODUCT_DEFAULT, field="inspectorId"
        )
    if await holds(work, inspector_id, "project_manager", node.id):
        raise RuleRefused("INSPECTIONS_OWN_PROJECT", clause=PRODUCT_DEFAULT, field="inspectorId")
    planned = Inspection(
        project_id=node.id,
        inspector_id=inspector_id,
        planned_on=planned_on,
        state=InspectionsState.PLANNED,
    )
    work.session.add(planned)
    await flush_unique(
        work.session, WrongState("INSPECTIONS_ALREADY_PLANNED", clause=PRODUCT_DEFAULT)
    )
    work.record(
        "inspectionsInspectionPlanned",
        planned,
        node_id=node.id,
        after=entered({"inspector_id": inspector_id, "planned_on": planned_on}),
        clause=PRODUCT_DEFAULT,
    )
    return planned


async def record_inspection(
    work: Work,
    inspection_id: int,
    expected_version: int,
    verdict: InspectionsVerdict,
    note: str | None = None,
) -> Inspection:
    """Record what an inspection found, on its planned day or later; only its inspector does."""
    inspection = await find(work.session, Inspection, inspection_id, field="inspectionId")
    node = await lock_node(work.session, inspection.project_id)
    await work.require(RECORD, node.id, field="inspectionId")
    require_version(inspection.version, expected_version)
    if inspection.state not in OPEN:
        raise WrongState("INSPECTIONS_ALREADY_RECORDED", clause=PRODUCT_DEFAULT)
    if inspection.inspector_id != work.actor.person_id:
        raise RuleRefused("INSPECTIONS_OF_ANOTHER", clause=PRODUCT_DEFAULT, field="inspectionId")
    if work.today < inspection.planned_on:
        raise RuleRefused(
            "INSPECTIONS_TOO_EARLY", clause=PRODUCT_DEFAULT, planned_on=inspection.planned_on
        )
    if verdict is not InspectionsVerdict.PASSED and clean(note, "note") is None:
        raise RuleRefused("INSPECTIONS_NOTE_NEEDED", clause=PRODUCT_DEFAULT, field="note")
    before, after = change(
        inspection,
        {
            "state": InspectionsState.RECORDED,
            "verdict": verdict,
            "note": clean(note, "note"),
            "recorded_on": work.today,
        },
    )
    inspection.version += 1
    await work.session.flush()
    work.record(
        "inspectionsInspectionRecorded",
        inspection,
        node_id=node.id,
        before=before,
        after=after,
        clause=PRODUCT_DEFAULT,
    )
    return inspection


async def holds(work: Work, person_id: int, role: str, node_id: int) -> bool:
    """Whether a person holds a role at this very node today."""
    held = (
        select(Appointment.id)
        .where(
            Appointment.person_id == person_id,
            Appointment.role == role,
            Appointment.node_id == node_id,
            Appointment.valid_from <= work.today,
            Appointment.valid_to.is_(None) | (Appointment.valid_to >= work.today),
        )
        .limit(1)
    )
    return bool(await work.session.scalar(select(exists(held))))
