"""Some of every noun of the platform, in two regions, with persons who see different parts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.reader import Reader, reader_of
from core.db.base import set_names
from core.hierarchy.project import CostClass, Project
from core.hierarchy.project_location import ProjectLocation
from core.people.person import Person
from core.places.region import Region
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeKind
from core.work import Actor
from tests.dummy_plugin.models import FollowUp, Inspection, InspectionsState, InspectionsVerdict
from tests.factories import make_appointment, make_node, make_person
from tests.rows_of_everything import make_everything
from tests.schema.whole.filling import fill
from zhoba.host.installation import Installation

TODAY = date(2026, 3, 2)
AT = datetime(2026, 1, 5, tzinfo=UTC)

PROJECTS = (
    {"starts_on": date(2026, 1, 1), "budget_minor": 500_00, "cost_class": CostClass.LOW_BUDGET},
    {"starts_on": None, "budget_minor": None, "goal": 'Bridge "north"\\south\n'},
    {"starts_on": date(2026, 1, 1), "budget_minor": 70_000_00, "currency": "USD"},
)


PLACES = ((50.0, 0.00001), (43.238949, -0.5), (0.0, 180.0))


async def make_whole(session: AsyncSession, installation: Installation) -> Mapping[str, Reader]:
    """The readers by name; the plugins are on in the first region only."""
    everything = await make_everything(session, 2)
    regions = list(await session.scalars(select(Region).order_by(Region.id)))
    place = {
        kind: list(await session.scalars(select(Node).where(Node.kind == kind).order_by(Node.id)))
        for kind in NodeKind
    }
    (group, *_), (body, *_) = place[NodeKind.PROJECT_GROUP], place[NodeKind.STATE_BODY]
    projects = list(place[NodeKind.PROJECT])
    for number, columns in enumerate(PROJECTS):
        node = await make_node(session, NodeKind.PROJECT, group, **columns)
        row = await session.get_one(Project, node.id)
        set_names(row, kk=("Қала жолы", "Әуежай", None)[number], ru="Школа", en=None)
        projects.append(node)
    for project, (latitude, longitude) in zip(projects, PLACES, strict=False):
        session.add(
            ProjectLocation(
                project_id=project.id,
                region_id=regions[0].id,
                latitude=latitude,
                longitude=longitude,
            )
        )
    people = {
        name: await make_person(session, full, **columns)
        for name, full, columns in (
            ("program manager", "Әлібек Ғани", {"iin": "900101300002", "state_body_id": body.id}),
            ("project manager", "Омар Қайрат", {"iin": "900101300003", "state_body_id": body.id}),
            ("hr", "Ескен Өмір", {"post": "Akimat", "state_body_id": body.id}),
            ("nobody", "Ли", {"iin": "900101300006"}),
            ("observer", "Сара Бек", {"iin": "900101300007"}),
            ("unit head", "Тимур Сағи", {"state_body_id": body.id}),
        )
    }
    for name, role, node in (
        ("program manager", "program_manager", body),
        ("project manager", "project_manager", projects[0]),
        ("project manager", "project_team_member", projects[1]),
        ("hr", "hr_service", body),
        ("observer", "public_observer", group),
        ("observer", "public_observer", projects[3]),
        ("unit head", "unit_head", body),
        ("unit head", "po_head", body),
    ):
        await make_appointment(session, people[name], role, node)
    for number, (project, verdict) in enumerate(
        [(project, verdict) for project in projects[:3] for verdict in (None, "FAILED")]
    ):
        inspection = Inspection(
            project_id=project.id,
            inspector_id=people["project manager"].id,
            planned_on=date(2026, 3, 1 + number % 3),
            state=InspectionsState.RECORDED if verdict else InspectionsState.PLANNED,
            verdict=InspectionsVerdict[verdict] if verdict else None,
            recorded_on=date(2026, 3, 3) if verdict else None,
        )
        session.add(inspection)
        await session.flush()
        if verdict:
            due = date(2026, 4, 1)
            session.add(FollowUp(inspection_id=inspection.id, project_id=project.id, due_on=due))
    for plugin in installation.plugins:
        session.add(
            PluginRegion(
                plugin=plugin.id, region_id=regions[0].id, enabled=True, settings={}, changed_at=AT
            )
        )
    await session.flush()
    await fill(session, installation, Random(7))
    readers = {
        name: await reader_of(session, Actor(person_id=person.id), TODAY)
        for name, person in people.items()
    }
    root = await session.get_one(Person, everything.person_id)
    readers["everything"] = await reader_of(session, Actor(person_id=root.id), TODAY)
    readers["anonymous"] = Reader()
    readers["key"] = Reader(
        root.id, readers["everything"].national_roles,
        frozenset({"project.read_basic", "project.read", "program.read"}),
    )  # fmt: skip
    return readers
