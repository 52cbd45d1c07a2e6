"""What the plugin adds to the schema."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, exists, select
from sqlalchemy.orm import aliased

from tests.dummy_plugin.access import PLAN, READ, RECORD
from tests.dummy_plugin.models import FollowUp, Inspection, InspectionsVerdict
from tests.dummy_plugin.questions import InspectionsQuestions, InspectionsRound
from tests.dummy_plugin.rules import plan_inspection, record_inspection
from tests.dummy_plugin.settings import INFO
from zhoba.api import (
    NODE,
    PRODUCT_DEFAULT,
    ById,
    Contribution,
    Extension,
    Level,
    Mutation,
    Page,
    Person,
    Project,
    Row,
    Told,
    Where,
    bind,
    col,
    connection,
    expr,
    ident,
    named_enum,
    one,
)

INSPECTION = "InspectionsInspection"

inspection = bind(
    INSPECTION,
    Inspection,
    "An inspection of a project.",
    [
        ident(),
        one(
            "project",
            "Project",
            lambda me, it: it[Project.id] == me[Inspection.project_id],
            "The project.",
            where=True,
        ),
        one(
            "inspector",
            "Person",
            lambda me, it: it[Person.id] == me[Inspection.inspector_id],
            "Who inspects.",
        ),
        col("plannedOn", Inspection.planned_on, "The planned day.", where=True, order=True),
        col("state", Inspection.state, "Where it is.", where=True, group=True),
        col("verdict", Inspection.verdict, "What it found.", where=True, group=True),
        col("note", Inspection.note, "What is to be mended."),
        col("recordedOn", Inspection.recorded_on, "The day of the verdict.", where=True),
        one(
            "followUp",
            "InspectionsFollowUp",
            lambda me, it: it[FollowUp.inspection_id] == me[Inspection.id],
            "What a failed inspection demands.",
        ),
        col("version", Inspection.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=Inspection.project_id,
    interfaces=[NODE],
    order=["-plannedOn"],
)


follow_up = bind(
    "InspectionsFollowUp",
    FollowUp,
    "What a project has to mend after an inspection that failed.",
    [
        ident(),
        one(
            "inspection",
            INSPECTION,
            lambda me, it: it[Inspection.id] == me[FollowUp.inspection_id],
            "The inspection.",
        ),
        col("dueOn", FollowUp.due_on, "The last day to mend it.", where=True, order=True),
    ],
    levels={Level.BASIC: READ},
    node=FollowUp.project_id,
    interfaces=[NODE],
    order=["dueOn"],
)


def last_verdict(row: Row) -> ColumnElement[Any]:
    """The verdict of the latest inspection that has one."""
    recorded: Any = aliased(Inspection)
    return (
        select(recorded.verdict)
        .where(recorded.project_id == row[Project.id], recorded.verdict.is_not(None))
        .order_by(recorded.recorded_on.desc(), recorded.id.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )


def inspected_since(row: Row, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a verdict was recorded on that day or later."""
    recorded: Any = aliased(Inspection)
    return exists(
        select(recorded.id)
        .where(recorded.project_id == row[Project.id], recorded.recorded_on >= day)
        .correlate(None)
    )


on_projects = Extension(
    target="Project",
    fields=[
        connection(
            "inspections",
            INSPECTION,
            lambda me, it: it[Inspection.project_id] == me[Project.id],
            "Its inspections.",
            where=True,
        ),
        expr(
            "lastVerdict",
            named_enum(InspectionsVerdict),
            last_verdict,
            "What its latest inspection found; null: not inspected yet.",
            level=READ,
            where=True,
            order=True,
            group=True,
        ),
    ],
    filters=[
        Where(
            name="inspectedSince",
            description="Inspected on this day or later.",
            type=date,
            column=Date(),
            sql=inspected_since,
            level=READ,
        )
    ],
)

CONTRIBUTION = Contribution(
    owner=INFO.id,
    nouns=[inspection, follow_up],
    extensions=[on_projects],
    roots=[
        Page("inspectionsInspections", "Inspections, in pages.", INSPECTION),
        ById("inspectionsInspection", "One inspection.", INSPECTION),
    ],
    mutations=[
        Mutation(
            "inspectionsPlan",
            plan_inspection,
            INSPECTION,
            (PLAN,),
            PRODUCT_DEFAULT,
            ids={"inspector_id": ("Person",)},
            describe={
                "inspector_id": "Who inspects: holds the role of an inspector at the project.",
                "planned_on": "The planned day, today or later.",
            },
        ),
        Mutation(
            "inspectionsRecord",
            record_inspection,
            INSPECTION,
            (RECORD,),
            PRODUCT_DEFAULT,
            ids={"inspection_id": (INSPECTION,)},
            describe={
                "inspection_id": "The inspection.",
                "verdict": "What it found.",
                "note": "What is to be mended; needed unless it passed.",
            },
        ),
    ],
    told=[
        Told(
            name="inspectionsInspectionRecorded",
            to=INSPECTION,
            acts=("inspectionsInspectionRecorded",),
            description="Told of every verdict the subscriber may read.",
        )
    ],
    questions=[InspectionsQuestions],
    types=[InspectionsRound],
)
