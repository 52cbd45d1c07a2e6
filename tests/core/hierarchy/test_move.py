"""Moving a node with everything in it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.move import move
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import Program, ProgramKind
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup, create_project_group
from core.hierarchy.state_body import StateBodyKind
from core.hierarchy.task import Task
from core.texts import Names
from core.transaction import transact
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from core.work import OPERATOR, OperatorAuthority, Profile, RuleSettings
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import (
    World,
    make_appointment,
    make_node,
    make_person,
    make_region,
    make_service,
)

END = date(2028, 12, 31)
AFTER = date(2029, 1, 1)
KIND = NodeKind


async def go(database: Database, node: Node, parent: Node, version: int = 1) -> None:
    async with acting(database) as work:
        await move(
            work, node.id, new_parent_id=parent.id, expected_version=version, reason=" Order 5 "
        )


async def add(database: Database, node_kind: NodeKind, parent: Node, /, **columns: Any) -> Node:
    async with arranging(database) as session:
        return await make_node(session, node_kind, parent, **columns)


async def read(database: Database, node: Node) -> Node:
    async with arranging(database) as session:
        return await session.get_one(Node, node.id)


async def closure(database: Database) -> set[tuple[int, int, int, bool]]:
    async with arranging(database) as session:
        return {
            (row.ancestor_id, row.descendant_id, row.depth, row.service)
            for row in await session.scalars(select(NodeClosure))
        }


async def expected_closure(database: Database) -> set[tuple[int, int, int, bool]]:
    """The closure as parents and links alone make it."""
    async with arranging(database) as session:
        nodes = {node.id: node.parent_id for node in await session.scalars(select(Node))}
        links = [
            (row.priority_id, row.program_id)
            for row in await session.scalars(select(ProgramPriority))
        ]
    rows = set()
    for node_id in nodes:
        above, depth = node_id, 0
        while above is not None:
            rows.add((above, node_id, depth, False))
            rows |= {
                (priority, node_id, depth + 1, True)
                for priority, program in links
                if program == above
            }
            above, depth = nodes[above], depth + 1
    return rows


async def other_body(database: Database, world: World) -> tuple[Node, Node, Node, Node]:
    """An akimat of another region: body, program, direction, group; its priority is another."""
    async with arranging(database) as session:
        region = await make_region(session, "KZ-11")
        body = await make_node(
            session, KIND.STATE_BODY, world.country, region=region,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip
        program = await make_node(session, KIND.PROGRAM, body)
        priority = await make_node(session, KIND.NATIONAL_PRIORITY, world.country)
        await make_service(session, priority, program)
        direction = await make_node(session, KIND.BASIC_DIRECTION, program)
        group = await make_node(session, KIND.PROJECT_GROUP, direction)
        return body, program, direction, group


async def test_move_group_to_another_body_takes_everything_along(database: Database) -> None:
    world = await committed_world(database)
    body, program, direction, _ = await other_body(database, world)
    nested = await add(database, KIND.PROJECT_GROUP, world.group)
    await go(database, world.group, direction)
    assert await closure(database) == await expected_closure(database)
    for node in (world.group, nested, world.project, world.task):
        moved = await read(database, node)
        assert (moved.state_body_id, moved.program_scope_id, moved.region_id) == (
            body.id,
            program.id,
            body.region_id,
        )
    assert [(await read(database, node)).version for node in (world.group, world.project)] == [2, 1]


async def test_move_stands_in_the_history(database: Database) -> None:
    world = await committed_world(database)
    body, program, direction, _ = await other_body(database, world)
    await go(database, world.group, direction)
    (entry,) = await entries(database, "nodeMoved")
    assert (entry.node_id, entry.chain, entry.clause) == (
        world.group.id,
        body.id,
        "product default; R2023 §24",
    )
    assert entry.before == {
        "parent_id": world.direction.id,
        "state_body_id": world.body.id,
        "region_id": world.region.id,
        "program_scope_id": world.program.id,
    }
    assert entry.after == {
        "parent_id": direction.id,
        "state_body_id": body.id,
        "region_id": body.region_id,
        "program_scope_id": program.id,
        "reason": "Order 5",
    }


async def test_move_program_takes_the_priorities_it_serves_along(database: Database) -> None:
    world = await committed_world(database)
    body, *_ = await other_body(database, world)
    await go(database, world.program, body)
    assert await closure(database) == await expected_closure(database)
    assert (world.priority.id, world.task.id, 5, True) in await closure(database)
    task = await read(database, world.task)
    assert (task.program_scope_id, task.state_body_id) == (world.program.id, body.id)


async def test_move_direction_to_another_program(database: Database) -> None:
    world = await committed_world(database)
    _, program, *_ = await other_body(database, world)
    await go(database, world.direction, program)
    assert await closure(database) == await expected_closure(database)


async def test_move_project_and_task_inside_a_direction(database: Database) -> None:
    world = await committed_world(database)
    second = await add(database, KIND.PROJECT_GROUP, world.direction)
    await go(database, world.project, second)
    await go(database, world.task, world.direction)
    assert await closure(database) == await expected_closure(database)


async def test_move_needs_the_action_at_both_places(database: Database) -> None:
    world = await committed_world(database)
    *_, group = await other_body(database, world)
    given: dict[str, Any] = {"new_parent_id": group.id, "expected_version": 1, "reason": "R"}
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"project.create"}) as work:
            await move(work, world.project.id, **given)
    assert caught.value.action == "node.move"
    for hidden, field in ((group.id, "newParentId"), (world.project.id, "id")):
        with refuses("NOT_FOUND", None, field):
            async with acting(database, may={"node.move"}, hidden={hidden}) as work:
                await move(work, world.project.id, **given)
    async with acting(database, may={"node.move"}) as work:
        await move(work, world.project.id, **given)


async def test_move_needs_a_reason_and_the_latest_version(database: Database) -> None:
    world = await committed_world(database)
    second = await add(database, KIND.PROJECT_GROUP, world.direction)
    with refuses("TEXT_REQUIRED", PRODUCT_DEFAULT, "reason"):
        async with acting(database) as work:
            await move(
                work, world.project.id, new_parent_id=second.id, expected_version=1, reason=" "
            )
    with refuses("CONFLICT", None, "expectedVersion"):
        await go(database, world.project, second, version=2)


async def test_move_to_where_it_lies_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NODE_LIES_THERE", PRODUCT_DEFAULT, "newParentId"):
        await go(database, world.project, world.group)


async def test_move_into_itself_is_refused(database: Database) -> None:
    world = await committed_world(database)
    inner = await add(database, KIND.PROJECT_GROUP, world.group)
    innermost = await add(database, KIND.PROJECT_GROUP, inner)
    for parent in (world.group, inner, innermost):
        with refuses("MOVE_INTO_ITSELF", "product default; R2023 §65", "newParentId"):
            await go(database, world.group, parent)
    await go(database, innermost, world.group)


async def test_move_two_groups_into_each_other_at_once_refuses_one(database: Database) -> None:
    world = await committed_world(database)
    second = await add(database, KIND.PROJECT_GROUP, world.direction)
    results = await asyncio.gather(
        go(database, world.group, second), go(database, second, world.group), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "moved" for each in results
    ) == ["MOVE_INTO_ITSELF", "moved"]
    assert await closure(database) == await expected_closure(database)


async def test_move_loses_no_node_that_is_just_being_entered(database: Database) -> None:
    world = await committed_world(database)
    _, _, direction, _ = await other_body(database, world)

    async def create_group() -> None:
        async with acting(database) as work:
            await create_project_group(work, parent_id=world.group.id, names=Names(kk="Топ"))

    await asyncio.gather(
        *(create_group() for _ in range(3)),
        go(database, world.group, direction),
        *(create_group() for _ in range(3)),
    )
    assert await closure(database) == await expected_closure(database)
    async with arranging(database) as session:
        scopes = set(
            await session.scalars(
                select(Node.program_scope_id).where(Node.parent_id == world.group.id)
            )
        )
    assert len(scopes) == 1


async def test_move_where_it_may_not_lie_is_refused(database: Database) -> None:
    world = await committed_world(database)
    for node, parent in (
        (world.project, world.program),
        (world.program, world.country),
        (world.direction, world.body),
        (world.task, world.program),
        (world.body, world.priority),
    ):
        with refuses("PLACE_NOT_ALLOWED", "R2023 §2(8), §2(10), §45, §48", "newParentId"):
            await go(database, node, parent)


async def test_move_project_beside_groups_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("DIRECTION_HAS_GROUPS", "product default; R2023 §2(27)", "newParentId"):
        await go(database, world.project, world.direction)
    empty = await add(database, KIND.BASIC_DIRECTION, world.program)
    await go(database, world.project, empty)


async def standard(database: Database, world: World) -> tuple[Node, Node]:
    direction = await add(
        database, KIND.BASIC_DIRECTION, world.body, kind=BasicDirectionKind.STANDARD
    )
    return direction, await add(
        database, KIND.PROJECT_GROUP, direction, standard_code="anti_corruption"
    )


async def test_move_standard_direction_or_its_groups_is_refused(database: Database) -> None:
    world = await committed_world(database)
    direction, group = await standard(database, world)
    with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63", "id"):
        await go(database, direction, world.program)
    with refuses("STANDARD_DIRECTION_IS_FIXED", "R2023 §63", "id"):
        await go(database, group, world.direction)
    for parent in (direction, group):
        with refuses("STANDARD_DIRECTION_HAS_SIX_GROUPS", "R2023 §63", "newParentId"):
            await go(database, world.group, parent)


async def test_move_project_into_the_standard_direction_and_back(database: Database) -> None:
    world = await committed_world(database)
    direction, group = await standard(database, world)
    async with arranging(database) as session:
        (await session.get_one(Project, world.project.id)).ends_on = END
    await go(database, world.project, group)
    assert (await read(database, world.task)).program_scope_id == direction.id
    async with arranging(database) as session:
        priority = await session.get_one(NationalPriority, world.priority.id)
        priority.portfolio_deadline = date(2028, 12, 30)
    with refuses("PROJECT_ENDS_AFTER_PORTFOLIO", "R2023 §9", "newParentId"):
        await go(database, world.project, world.group, version=2)
    async with arranging(database) as session:
        priority = await session.get_one(NationalPriority, world.priority.id)
        priority.portfolio_deadline = END
    await go(database, world.project, world.group, version=2)
    assert await closure(database) == await expected_closure(database)


@pytest.mark.parametrize("noun", ["project", "group", "direction"])
async def test_move_under_a_portfolio_that_ends_first_is_refused(
    database: Database, noun: str
) -> None:
    world = await committed_world(database)
    _, program, direction, group = await other_body(database, world)
    parent = {"project": group, "group": direction, "direction": program}[noun]
    async with arranging(database) as session:
        priority = await make_node(
            session, KIND.NATIONAL_PRIORITY, world.country, portfolio_deadline=END
        )
        await make_service(session, priority, program, lead=False)
        (await session.get_one(Project, world.project.id)).ends_on = AFTER
    with refuses("PROJECT_ENDS_AFTER_PORTFOLIO", "R2023 §9", "newParentId"):
        await go(database, getattr(world, noun), parent)
    async with arranging(database) as session:
        (await session.get_one(Project, world.project.id)).ends_on = END
    await go(database, getattr(world, noun), parent)


async def test_move_unit_stays_in_its_body(database: Database) -> None:
    world = await committed_world(database)
    body, *_ = await other_body(database, world)
    outer = await add(database, KIND.ORGANIZATION_UNIT, world.body)
    inner = await add(database, KIND.ORGANIZATION_UNIT, world.body)
    with refuses("UNIT_STAYS_IN_BODY", PRODUCT_DEFAULT, "newParentId"):
        await go(database, inner, body)
    await go(database, inner, outer)
    assert await closure(database) == await expected_closure(database)


async def test_move_group_away_from_its_responsible_unit_is_refused(database: Database) -> None:
    world = await committed_world(database)
    _, program, direction, _ = await other_body(database, world)
    unit = await add(database, KIND.ORGANIZATION_UNIT, world.body)
    nested = await add(database, KIND.PROJECT_GROUP, world.group, responsible_unit_id=unit.id)
    for node, parent in (
        (nested, direction),
        (world.group, direction),
        (world.direction, program),
    ):
        with refuses("RESPONSIBLE_UNIT_STAYS_BEHIND", "R2023 §2(28)", "newParentId"):
            await go(database, node, parent)
    await go(database, nested, world.direction)
    async with arranging(database) as session:
        (await session.get_one(ProjectGroup, nested.id)).responsible_unit_id = None
    await go(database, nested, direction, version=2)


async def test_move_task_away_from_the_one_before_it_is_refused(database: Database) -> None:
    world = await committed_world(database)
    second = await add(database, KIND.TASK, world.project, predecessor_id=world.task.id)
    for node in (world.task, second):
        with refuses("PREDECESSOR_STAYS_BEHIND", PRODUCT_DEFAULT, "newParentId"):
            await go(database, node, world.group)
    async with arranging(database) as session:
        (await session.get_one(Task, second.id)).predecessor_id = None
    await go(database, second, world.group)


async def test_move_regional_plan_to_a_body_that_cannot_have_it_is_refused(
    database: Database,
) -> None:
    world = await committed_world(database)
    body, other, *_ = await other_body(database, world)
    ministry = await add(database, KIND.STATE_BODY, world.country)
    async with arranging(database) as session:
        for node in (world.program, other):
            program = await session.get_one(Program, node.id)
            program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    with refuses("REGIONAL_PLAN_NEEDS_AKIMAT", "R2023 §2(54), §49", "kind"):
        await go(database, world.program, ministry)
    with refuses("REGION_HAS_PLAN", PRODUCT_DEFAULT, "kind"):
        await go(database, world.program, body)
    async with arranging(database) as session:
        (await session.get_one(Node, other.id)).stage = Stage.CLOSED
    await go(database, world.program, body)


async def test_move_regional_plan_to_another_akimat_of_its_region(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        program = await session.get_one(Program, world.program.id)
        program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
        second = await make_node(
            session, KIND.STATE_BODY, world.country, region=world.region,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip
    await go(database, world.program, second)


async def test_move_regional_direction_stays_in_regional_plans(database: Database) -> None:
    world = await committed_world(database)
    _, program, *_ = await other_body(database, world)
    async with arranging(database) as session:
        direction = await session.get_one(BasicDirection, world.direction.id)
        direction.kind = BasicDirectionKind.REGIONAL_STANDARD
    with refuses("REGIONAL_DIRECTION_STAYS_IN_PLAN", "R2023 §49", "newParentId"):
        await go(database, world.direction, program)
    async with arranging(database) as session:
        target = await session.get_one(Program, program.id)
        target.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    await go(database, world.direction, program)


@pytest.mark.parametrize("noun", ["node", "parent"])
@pytest.mark.parametrize("over", ["closed", "archived"])
async def test_move_what_is_over_is_refused(database: Database, noun: str, over: str) -> None:
    world = await committed_world(database)
    second = await add(database, KIND.PROJECT_GROUP, world.direction)
    async with arranging(database) as session:
        node = await session.get_one(Node, (world.project if noun == "node" else second).id)
        if over == "closed":
            node.stage = Stage.CLOSED
        else:
            node.archived_at = NOW
    code, clause = {
        "closed": ("WRONG_STAGE", PRODUCT_DEFAULT),
        "archived": ("NODE_ARCHIVED", "product default; R2023 §98"),
    }[over]
    with refuses(code, clause):
        await go(database, world.project, second)


@dataclass
class Managed:
    """Who manages the world's project manages ``second`` too; ``target`` lies elsewhere."""

    world: World
    second: Node
    target: Node


async def managed(database: Database, **appointment: Any) -> Managed:
    world = await committed_world(database)
    async with arranging(database) as session:
        target = await make_node(session, KIND.BASIC_DIRECTION, world.program)
        second = await make_node(session, KIND.PROJECT, world.group)
        person = await make_person(session)
        await make_appointment(session, person, "project_manager", world.project)
        await make_appointment(session, person, "project_manager", second, **appointment)
    return Managed(world, second, target)


async def test_move_one_of_a_managers_projects_to_another_direction_is_refused(
    database: Database,
) -> None:
    case = await managed(database)
    with refuses("PROJECT_MANAGER_ONE_DIRECTION", "R2023 §87", "newParentId"):
        await go(database, case.world.project, case.target)


async def test_move_all_of_a_managers_projects_to_another_direction(database: Database) -> None:
    case = await managed(database)
    await go(database, case.world.group, case.target)


async def test_move_a_managers_project_inside_its_direction(database: Database) -> None:
    case = await managed(database)
    nested = await add(database, KIND.PROJECT_GROUP, case.world.group)
    await go(database, case.world.project, nested)


async def test_move_a_direction_with_a_managers_projects(database: Database) -> None:
    case = await managed(database)
    program = await add(database, KIND.PROGRAM, case.world.body)
    await go(database, case.world.direction, program)


async def test_move_a_managers_project_to_where_the_other_lies(database: Database) -> None:
    case = await managed(database)
    async with arranging(database) as session:
        person = await make_person(session)
        there = await make_node(session, KIND.PROJECT, case.target)
        here = await make_node(session, KIND.PROJECT, case.world.group)
        await make_appointment(session, person, "project_manager", there)
        await make_appointment(session, person, "project_manager", here)
    await go(database, here, case.target)


@pytest.mark.parametrize("valid_to", [date(2026, 3, 1), date(2026, 3, 2), None])
async def test_move_counts_what_a_manager_manages_still(
    database: Database, valid_to: date | None
) -> None:
    case = await managed(database, valid_to=valid_to)
    if valid_to == date(2026, 3, 1):
        await go(database, case.world.project, case.target)
    else:
        with refuses("PROJECT_MANAGER_ONE_DIRECTION", "R2023 §87", "newParentId"):
            await go(database, case.world.project, case.target)


@pytest.mark.parametrize("noun", ["first", "second"])
@pytest.mark.parametrize("over", ["closed", "archived"])
async def test_move_counts_running_projects_only(database: Database, noun: str, over: str) -> None:
    case = await managed(database)
    ended = case.second if noun == "second" else case.world.project
    async with arranging(database) as session:
        node = await session.get_one(Node, ended.id)
        if over == "closed":
            node.stage = Stage.CLOSED
        else:
            node.archived_at = NOW
    await go(database, case.world.project if noun == "second" else case.second, case.target)


async def test_move_under_the_rules_of_2021_knows_no_such_limit(database: Database) -> None:
    case = await managed(database)
    async with transact(
        database,
        actor=OPERATOR,
        authority=OperatorAuthority(),
        now=NOW,
        rules=RuleSettings(profile=Profile.R2021),
    ) as work:
        await move(
            work,
            case.world.project.id,
            new_parent_id=case.target.id,
            expected_version=1,
            reason="Order 5",
        )
