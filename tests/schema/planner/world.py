"""A small world that leaks wherever a planner could: hidden rows, nulls, equal keys, letters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.reader import Reader, reader_of
from core.db.base import set_names
from core.db.engine import Database
from core.hierarchy.conditions import core_policy
from core.hierarchy.project import CostClass
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.state_body import StateBodyKind
from core.places.region import Region, RegionKind
from core.tree.node import NodeKind, Stage
from core.work import Actor
from tests.factories import NOUNS, make_appointment, make_node, make_person

TODAY = date(2026, 3, 2)

POLICY = core_policy()


@dataclass
class Made:
    """Keys of what was made, by a short name."""

    keys: dict[str, int] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)


PROJECTS: list[tuple[str, str, dict[str, str | None], dict[str, Any]]] = [
    # name, parent, names, columns; equal starts and budgets, nulls, three scales of currency
    ("p1", "g1", {"kk": "Қала жолы", "ru": "Городская дорога"}, {
        "starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "budget_minor": 500_00,
        "cost_class": CostClass.LOW_BUDGET, "goal": "Жол салу", "implementing_body": "«Жол» ЖШС",
        "stage": Stage.IMPLEMENTATION, "contractual": True,
        "results_accepted_at": datetime(2026, 2, 1, 10, 20, 30, 123, tzinfo=UTC),
    }),
    ("p2", "g1", {"kk": "Қала көпірі"}, {
        "starts_on": date(2026, 1, 1), "budget_minor": 500_00, "currency": "USD",
        "stage": Stage.IMPLEMENTATION, "goal": 'Bridge "north"\\south\n',
    }),
    ("p3", "g2", {"ru": "Школа", "en": "School"}, {
        "stage": Stage.PLANNING, "budget_minor": 70_000_00, "cost_class": CostClass.MEDIUM_BUDGET,
        "starts_on": date(2025, 5, 5), "ends_on": date(2027, 5, 5), "implementing_body": "Akimat",
    }),
    ("p4", "g2", {"en": "Bus park"}, {
        "stage": Stage.PLANNING, "budget_minor": 12_345, "currency": "JPY",
        "goal": "100% of %_ buses",
    }),
    ("p5", "d2", {"kk": "Әуежай", "ru": "Аэропорт", "en": "Airport"}, {
        "stage": Stage.CLOSED, "starts_on": date(2024, 2, 29), "budget_minor": 1,
        "cost_class": CostClass.LOW_BUDGET,
        "results_accepted_at": datetime(2025, 6, 1, 0, 0, tzinfo=UTC),
    }),
    ("p6", "d2", {"kk": "Қала жолы"}, {
        "stage": Stage.INITIATION, "starts_on": date(2026, 1, 1), "budget_minor": None,
        "cost_class": CostClass.HIGH_BUDGET,
    }),
    ("p7", "d2", {"ru": "Ёлка", "kk": "Шырша"}, {
        "stage": None, "budget_minor": 500_00, "contractual": True,
    }),
]  # fmt: skip


async def make(session: AsyncSession) -> Made:
    """Two bodies, three programs, seven projects, eight persons."""
    made = Made()
    nodes: dict[str, Any] = {}
    regions: dict[str, Region] = {}
    for code, kind, special in (
        ("KZ-10", RegionKind.REGION, False),
        ("KZ-71", RegionKind.CAPITAL, True),
        ("KZ-75", RegionKind.CITY_OF_REPUBLICAN_SIGNIFICANCE, True),
    ):
        region = Region(code=code, kind=kind, special_regime=special)
        set_names(region, kk=f"Өңір {code}", ru=None if special else f"Регион {code}", en=None)
        session.add(region)
        regions[code] = region
    await session.flush()

    async def node(
        name: str, kind: NodeKind, parent: str | None, names: dict[str, Any], /, **columns: Any
    ) -> None:
        stage = columns.pop("stage", None)
        region = columns.pop("region", None)
        nodes[name] = await make_node(
            session, kind, nodes[parent] if parent else None, region=region, stage=stage, **columns
        )
        row: Any = await session.get(NOUNS[kind], nodes[name].id)
        set_names(row, kk=names.get("kk"), ru=names.get("ru"), en=names.get("en"))
        await session.flush()

    await node("country", NodeKind.COUNTRY, None, {"kk": "Қазақстан"})
    await node(
        "b1", NodeKind.STATE_BODY, "country", {"kk": "Әкімдік", "ru": "Акимат"},
        region=regions["KZ-71"], kind=StateBodyKind.LOCAL_EXECUTIVE, bin="990140000001",
    )  # fmt: skip
    await node("b2", NodeKind.STATE_BODY, "country", {"ru": "Министерство"}, bin=None)
    await node("r1", NodeKind.PROGRAM, "b1", {"kk": "Бағдарлама"}, stage=Stage.PLANNING, goal="Бір")
    await node("r2", NodeKind.PROGRAM, "b2", {"ru": "Вторая"}, stage=Stage.PLANNING, goal="Екі")
    await node("r3", NodeKind.PROGRAM, "b1", {"en": "Empty"}, goal=None)
    await node("d1", NodeKind.BASIC_DIRECTION, "r1", {"kk": "Бағыт"})
    await node("d2", NodeKind.BASIC_DIRECTION, "r2", {"kk": "Бағыт"})
    await node("g1", NodeKind.PROJECT_GROUP, "d1", {"kk": "Топ"}, stage=Stage.PLANNING)
    await node("g2", NodeKind.PROJECT_GROUP, "g1", {"ru": "Подгруппа"})
    for name, parent, names, columns in PROJECTS:
        await node(name, NodeKind.PROJECT, parent, names, **columns)
    people = {}
    for name, full, columns in (
        ("root", "Ахметов Ұлан", {"iin": "900101300001", "post": "Akimat"}),
        ("admin", "Бек Йулия", {"iin": None}),
        (
            "program manager",
            "Әлібек Ғани",
            {"iin": "900101300002", "state_body_id": nodes["b1"].id},
        ),
        (
            "project manager",
            "Омар Қайрат",
            {"iin": "900101300003", "state_body_id": nodes["b1"].id},
        ),
        ("hr", "Ескен Өмір", {"iin": "900101300004", "state_body_id": nodes["b1"].id}),
        (
            "other",
            "Омар Қайрат",
            {"iin": "900101300005", "post": "Akimat", "state_body_id": nodes["b2"].id},
        ),
        ("nobody", "Ли", {"iin": "900101300006"}),
    ):
        people[name] = await make_person(session, full, **columns)
    for name, parent, names, columns in (
        ("t1", "p1", {"kk": "Іс"}, {"due_on": date(2026, 4, 1), "result": "Есеп",
                                    "executor_id": people["project manager"].id}),
        ("t2", "p1", {"ru": "Дело"}, {"due_on": None}),
        ("t3", "p1", {"en": "Deed"}, {"due_on": date(2026, 4, 1), "stage": Stage.CLOSED}),
        ("t4", "p3", {"en": "Deed"}, {"due_on": date(2025, 4, 1), "result": "x",
                                      "executor_id": people["other"].id}),
        ("t5", "p5", {"kk": "Құпия"}, {"due_on": date(2024, 4, 1),
                                       "executor_id": people["root"].id}),
        ("t6", "g1", {"kk": "Шара"}, {}),
    ):  # fmt: skip
        await node(name, NodeKind.TASK, parent, names, **columns)
    for name, project, columns in (
        (
            "l1",
            "p1",
            {"region_id": regions["KZ-71"].id, "latitude": 51.125, "address": "Мәңгілік ел"},
        ),
        ("l2", "p1", {"region_id": regions["KZ-10"].id}),
        ("l3", "p2", {"nationwide": True}),
        ("l4", "p5", {"region_id": regions["KZ-75"].id, "latitude": 43.25}),
    ):
        location = ProjectLocation(project_id=nodes[project].id, **columns)
        session.add(location)
        await session.flush()
        made.keys[name] = location.id
    for person, role, place, columns in (
        ("root", "office_member", "country", {}),
        ("admin", "national_administrator", "country", {"participation_percent": 50}),
        ("program manager", "program_manager", "b1", {}),
        ("project manager", "project_manager", "p1", {"valid_to": date(2026, 12, 31)}),
        ("project manager", "project_team_member", "p5", {"valid_to": date(2026, 2, 1)}),
        ("hr", "hr_service", "b1", {"participation_percent": 100}),
        ("other", "project_manager", "p6", {"valid_from": date(2026, 3, 2)}),
        ("other", "project_team_member", "p2", {"valid_from": date(2026, 3, 3)}),
    ):
        await make_appointment(session, people[person], role, nodes[place], **columns)
    made.keys |= {name: node.id for name, node in nodes.items()}
    made.keys |= {name: person.id for name, person in people.items()}
    made.keys |= {code: region.id for code, region in regions.items()}
    for name, person in people.items():
        made.readers[name] = await reader_of(session, Actor(person_id=person.id), TODAY)
    made.readers["anonymous"] = Reader()
    made.readers["key of root"] = Reader(
        people["root"].id, made.readers["root"].national_roles,
        frozenset({"project.read_basic", "project.read", "program.read"}),
    )  # fmt: skip
    return made


async def make_in(database: Database) -> Made:
    async with database.session() as session, session.begin():
        return await make(session)
