"""Every state body has one standard basic direction with six groups [R2023 §63]."""

from __future__ import annotations

from sqlalchemy import select

from core.db.engine import Database
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.state_body import StateBodyKind, register_state_body
from core.texts import Names
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, entries

CODES = [
    "public_administration_modernization",
    "state_apparatus_professionalism",
    "appeals_handling",
    "anti_corruption",
    "public_consciousness",
    "digitalization",
]


async def test_standard_direction_appears_with_its_body(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        body = await register_state_body(
            work,
            names=Names(kk="Әкімдік"),
            kind=StateBodyKind.LOCAL_EXECUTIVE,
            region_id=world.region.id,
        )
    async with arranging(database) as session:
        direction = (
            await session.scalars(
                select(Node).where(Node.parent_id == body.id, Node.kind == NodeKind.BASIC_DIRECTION)
            )
        ).one()
        row = await session.get_one(BasicDirection, direction.id)
        groups = (
            await session.execute(
                select(Node, ProjectGroup)
                .join(ProjectGroup, ProjectGroup.id == Node.id)
                .where(Node.parent_id == direction.id)
                .order_by(Node.id)
            )
        ).all()
    assert (row.kind, row.name_kk, row.name_ru, row.name_en) == (
        BasicDirectionKind.STANDARD,
        "Үлгілік базалық бағыт",
        "Типовое базовое направление",
        "Standard basic direction",
    )
    assert (direction.program_scope_id, direction.region_id, direction.stage) == (
        direction.id,
        world.region.id,
        Stage.INITIATION,
    )
    assert [group.standard_code for _, group in groups] == CODES
    assert groups[3][1].name_kk == "Сыбайлас жемқорлықтың алдын алу және оған қарсы іс-қимыл"
    assert {(node.state_body_id, node.program_scope_id, node.region_id) for node, _ in groups} == {
        (body.id, direction.id, world.region.id)
    }
    assert all(group.name_ru and group.name_en for _, group in groups)


async def test_standard_direction_stands_in_the_history(database: Database) -> None:
    await committed_world(database)
    async with acting(database) as work:
        await register_state_body(work, names=Names(kk="Министрлік"), kind=StateBodyKind.CENTRAL)
    acts = [(entry.act, entry.clause) for entry in await entries(database)]
    assert acts == [
        ("stateBodyRegistered", "R2023 §1"),
        ("standardDirectionFounded", "R2023 §63"),
        *(("standardGroupFounded", f"R2023 §63({number})") for number in range(1, 7)),
    ]
