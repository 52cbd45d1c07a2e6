"""What a move between stages needs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.acts.act import ActKind
from core.authority.catalogue import core_catalogue
from core.db.engine import Database
from core.errors import NotFound, RuleRefused
from core.hierarchy.project import Lesson, Project
from core.hierarchy.stage_needs import (
    CHARTER_ROLES,
    CHECKS,
    deciding_act,
    require_charter_roles,
    require_lesson,
    require_needs,
    require_not_standard,
    require_nothing_open_inside,
    require_results_accepted,
)
from core.hierarchy.stages import TRANSITIONS, Requirement
from core.hierarchy.task import Task
from core.tree.node import Node, NodeKind, Stage
from tests.acting import acting, arranging, committed_world, refuses
from tests.conftest import NOW
from tests.factories import make_act, make_appointment, make_node, make_person, make_service

TODAY = date(2026, 3, 2)
STOP = TRANSITIONS[NodeKind.PROJECT, Stage.IMPLEMENTATION, Stage.STOPPED]
START = TRANSITIONS[NodeKind.PROJECT, Stage.INITIATION, Stage.PLANNING]


def test_charter_roles_are_roles_of_a_project() -> None:
    roles = core_catalogue().roles
    assert [role for role in CHARTER_ROLES if role not in roles] == []


def test_every_need_is_checked_or_asked_of_the_two_persons() -> None:
    assert set(Requirement) == {*CHECKS, Requirement.REASON, Requirement.PROTOCOL}


async def test_require_charter_roles_wants_all_four(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
        for role in CHARTER_ROLES[:3]:
            await make_appointment(session, person, role, world.project)
        await make_appointment(session, person, CHARTER_ROLES[3], world.group)
    async with acting(database) as work:
        with pytest.raises(RuleRefused) as caught:
            await require_charter_roles(work, world.project)
    assert (caught.value.code, caught.value.clause, caught.value.params) == (
        "CHARTER_ROLES_MISSING", "R2023 §85", {"missing": ["project_manager"]},
    )  # fmt: skip
    async with arranging(database) as session:
        await make_appointment(session, person, CHARTER_ROLES[3], world.project)
    async with acting(database) as work:
        await require_charter_roles(work, world.project)


@pytest.mark.parametrize(
    ("from_day", "to_day", "held"),
    [
        (0, None, True),
        (0, 0, True),
        (-9, 1, True),
        (1, None, False),
        (-9, -1, False),
    ],
)
async def test_require_charter_roles_counts_those_in_force_today(
    database: Database, from_day: int, to_day: int | None, held: bool
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
        for role in CHARTER_ROLES:
            await make_appointment(
                session,
                person,
                role,
                world.project,
                valid_from=TODAY + timedelta(days=from_day),
                valid_to=None if to_day is None else TODAY + timedelta(days=to_day),
            )
    async with acting(database) as work:
        if held:
            await require_charter_roles(work, world.project)
        else:
            with refuses("CHARTER_ROLES_MISSING", "R2023 §85"):
                await require_charter_roles(work, world.project)


async def test_require_results_accepted(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        with refuses("RESULTS_NOT_ACCEPTED", "R2023 §2(23)"):
            await require_results_accepted(work, world.project)
        (await work.session.get_one(Project, world.project.id)).results_accepted_at = NOW
        await require_results_accepted(work, world.project)


async def test_require_lesson_of_this_project(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        other = await make_node(work.session, NodeKind.PROJECT, world.group)
        work.session.add(Lesson(project_id=other.id, text="Other", recorded_at=NOW))
        await work.session.flush()
        with refuses("LESSONS_LOG_EMPTY", "R2023 §92(6)"):
            await require_lesson(work, world.project)
        work.session.add(Lesson(project_id=world.project.id, text="Own", recorded_at=NOW))
        await work.session.flush()
        await require_lesson(work, world.project)


@pytest.mark.parametrize("parent", ["program", "direction", "group"])
@pytest.mark.parametrize(
    ("columns", "open_inside"),
    [
        ({"stage": Stage.CLOSED}, False),
        ({"stage": Stage.STOPPED, "archived_at": NOW}, False),
        ({"stage": Stage.CLOSURE}, True),
        ({"stage": Stage.STOPPED}, True),
        ({"stage": None}, True),
    ],
)
async def test_require_nothing_open_inside_a_parent(
    database: Database, parent: str, columns: dict[str, Any], open_inside: bool
) -> None:
    world = await committed_world(database)
    child = {"program": world.direction, "direction": world.group, "group": world.project}[parent]
    async with arranging(database) as session:
        node = await session.get_one(Node, child.id)
        for column, value in columns.items():
            setattr(node, column, value)
    async with acting(database) as work:
        if open_inside:
            with refuses("OPEN_INSIDE", "product default"):
                await require_nothing_open_inside(work, getattr(world, parent))
        else:
            await require_nothing_open_inside(work, getattr(world, parent))


async def test_require_nothing_open_inside_counts_tasks(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        await make_node(work.session, NodeKind.TASK, world.project, stage=None)
        with pytest.raises(RuleRefused) as caught:
            await require_nothing_open_inside(work, world.project)
        assert caught.value.params == {"count": 2}
        await make_node(work.session, NodeKind.TASK, world.group, stage=None)
        (await work.session.get_one(Task, world.task.id)).closed_on = TODAY
        with pytest.raises(RuleRefused) as caught:
            await require_nothing_open_inside(work, world.project)
        assert caught.value.params == {"count": 1}


async def test_require_nothing_open_inside_a_portfolio_looks_at_its_programs(
    database: Database,
) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        second = await make_node(work.session, NodeKind.PROGRAM, world.body)
        await make_node(work.session, NodeKind.PROGRAM, world.body)
        await make_service(work.session, world.priority, second, lead=False)
        (await work.session.get_one(Node, world.program.id)).stage = Stage.CLOSED
        await work.session.flush()
        with pytest.raises(RuleRefused) as caught:
            await require_nothing_open_inside(work, world.priority)
        assert caught.value.params == {"count": 1}
        (await work.session.get_one(Node, second.id)).stage = Stage.CLOSED
        await work.session.flush()
        await require_nothing_open_inside(work, world.priority)


async def test_require_not_standard_spares_the_standard_direction(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        for node in (world.direction, world.group, world.project, world.program):
            await require_not_standard(work, node)
        standard = await make_node(work.session, NodeKind.BASIC_DIRECTION, world.body)
        group = await make_node(work.session, NodeKind.PROJECT_GROUP, standard)
        for node in (standard, group):
            with refuses("STANDARD_DIRECTION_IS_PERMANENT", "R2023 §63"):
                await require_not_standard(work, node)
        project = await make_node(work.session, NodeKind.PROJECT, group)
        await require_not_standard(work, project)


async def test_require_needs_asks_for_reasons_of_a_stop(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        await require_needs(work, world.project, STOP, "A gap")
        with refuses("STAGE_MOVE_NEEDS_REASON", "R2023 §69(2), §78(6)", "reason"):
            await require_needs(work, world.project, STOP, None)


async def test_deciding_act_of_one_person_is_any_or_none(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        assert await deciding_act(work, world.project, START, None) is None
        act = await make_act(work.session, ActKind.ORDER)
        assert await deciding_act(work, world.project, START, act.id) is act
        with pytest.raises(NotFound) as caught:
            await deciding_act(work, world.project, START, 999_999)
        assert caught.value.field == "actId"


@pytest.mark.parametrize("kind", [kind for kind in ActKind if kind is not ActKind.PROTOCOL])
async def test_deciding_act_of_a_committee_is_a_protocol(database: Database, kind: ActKind) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        other = await make_act(work.session, kind, world.body)
        for act_id in (None, other.id):
            with refuses("DECISION_NEEDS_PROTOCOL", "R2023 §52", "actId"):
                await deciding_act(work, world.project, STOP, act_id)
        protocol = await make_act(work.session, ActKind.PROTOCOL, world.body, dated_on=TODAY)
        assert await deciding_act(work, world.project, STOP, protocol.id) is protocol


async def test_deciding_act_is_of_the_same_body_and_not_of_tomorrow(database: Database) -> None:
    world = await committed_world(database)
    async with acting(database) as work:
        body = await make_node(work.session, NodeKind.STATE_BODY, world.country, stage=None)
        for issuer in (body, None):
            foreign = await make_act(work.session, ActKind.PROTOCOL, issuer)
            with refuses("PROTOCOL_OF_ANOTHER_BODY", "R2023 §51-52", "actId"):
                await deciding_act(work, world.project, STOP, foreign.id)
        tomorrow = await make_act(
            work.session, ActKind.PROTOCOL, world.body, dated_on=TODAY + timedelta(days=1)
        )
        with refuses("PROTOCOL_NOT_YET_DATED", "R2023 §52", "actId"):
            await deciding_act(work, world.project, STOP, tomorrow.id)
