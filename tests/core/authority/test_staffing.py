"""What a node lacks by the staffing table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.authority.staffing import Finding, Severity, staffing
from core.db.engine import Database
from core.errors import NotFound
from core.tree.node import NodeKind
from core.work import Profile
from tests import factories as make
from tests.acting import arranging, committed_world
from tests.core.authority.cases import TODAY

DAY = timedelta(days=1)

BODY_2023 = {
    "program_manager", "gc_chair", "gc_deputy_chair", "po_head", "po_chief_manager",
    "po_administrator", "pm_consultant", "cc_head", "cc_manager", "expert_council_secretary",
}  # fmt: skip


async def lacking(
    database: Database, node_id: int, profile: Profile = Profile.R2023
) -> dict[str, tuple[int, int | None, int]]:
    async with database.session() as session:
        found = await staffing(session, node_id, today=TODAY, profile=profile)
    return {one.role: (one.required_min, one.required_max, one.present) for one in found}


async def test_an_empty_node_lacks_what_its_table_demands(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        standard = await make.make_node(session, NodeKind.BASIC_DIRECTION, world.body)
    assert set(await lacking(database, world.body.id)) == BODY_2023
    groups = {"bdig_head", "bdig_chief_manager", "bdig_administrator"}
    assert set(await lacking(database, world.direction.id)) == {"bd_head"} | groups
    assert set(await lacking(database, standard.id)) == {"standard_bd_head"} | groups
    assert set(await lacking(database, world.group.id)) == {"pg_head"}
    assert set(await lacking(database, world.project.id)) == {
        "project_manager", "project_initiator", "project_sponsor", "project_customer"
    }  # fmt: skip
    assert set(await lacking(database, world.priority.id)) == {"np_curator"}
    assert await lacking(database, world.task.id) == {}


async def test_under_2021_the_committee_is_the_programs(database: Database) -> None:
    world = await committed_world(database)
    assert set(await lacking(database, world.program.id, Profile.R2021)) == {"gc_chair"}
    assert set(await lacking(database, world.body.id, Profile.R2021)) == BODY_2023 - {
        "gc_chair", "gc_deputy_chair"
    }  # fmt: skip


async def test_holders_of_today_fill_the_places(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        for role, last in (("project_manager", TODAY), ("project_sponsor", TODAY - DAY)):
            await make.make_appointment(
                session, await make.make_person(session), role, world.project, valid_to=last
            )
        for _ in range(2):
            await make.make_appointment(
                session, await make.make_person(session), "pg_head", world.group
            )
    assert set(await lacking(database, world.project.id)) == {
        "project_initiator", "project_sponsor", "project_customer"
    }  # fmt: skip
    assert await lacking(database, world.group.id) == {"pg_head": (1, 1, 2)}


async def test_a_centre_that_exists_needs_both_its_roles(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        await make.make_appointment(
            session, await make.make_person(session), "sac_analyst", world.body
        )
    found = await lacking(database, world.body.id)
    assert found["sac_head"] == (1, 1, 0)
    assert "sac_analyst" not in found


async def test_each_implementation_group_is_counted(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        for role, number in (("bdig_head", 1), ("bdig_head", 2), ("bdig_administrator", 2)):
            await make.make_appointment(
                session, await make.make_person(session), role, world.direction,
                group_number=number,
            )  # fmt: skip
    async with database.session() as session:
        found = await staffing(session, world.direction.id, today=TODAY)
    assert [(one.role, one.group_number) for one in found] == [
        ("bd_head", None),
        ("bdig_chief_manager", 1),
        ("bdig_chief_manager", 2),
        ("bdig_administrator", 1),
    ]


async def test_a_finding_names_the_clause_and_how_serious_it_is(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        city = await make.make_region(session, "KZ-71", special_regime=True)
        body = await make.make_node(session, NodeKind.STATE_BODY, world.country, region=city)
        direction = await make.make_node(session, NodeKind.BASIC_DIRECTION, body)
        group = await make.make_node(session, NodeKind.PROJECT_GROUP, direction)
    async with database.session() as session:
        [there] = await staffing(session, group.id, today=TODAY)
        [here] = await staffing(session, world.group.id, today=TODAY)
        with pytest.raises(NotFound):
            await staffing(session, 10**9, today=TODAY)
    assert here == Finding("pg_head", None, 1, 1, 0, "R2023 App.1 6.1", Severity.VIOLATION)
    assert there == Finding("pg_head", None, 1, 1, 0, "R2023 App.1 6.1", Severity.WARNING)
