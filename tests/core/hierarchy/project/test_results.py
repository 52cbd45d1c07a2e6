"""Accepting the results of a project."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.errors import NotAllowed
from core.hierarchy.project import Project, accept_results
from core.tree.node import Node, Stage
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_person


async def world_in(database: Database, stage: Stage) -> World:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.project.id)).stage = stage
    return world


async def test_accept_results_keeps_who_and_when(database: Database) -> None:
    world = await world_in(database, Stage.IMPLEMENTATION)
    async with arranging(database) as session:
        customer = await make_person(session)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=customer.id, may=["project.edit_plan"]) as work:
            await accept_results(work, world.project.id)
    async with acting(database, person_id=customer.id, may=["project.accept_results"]) as work:
        await accept_results(work, world.project.id)
    async with arranging(database) as session:
        project = await session.get_one(Project, world.project.id)
        assert (await session.get_one(Node, world.project.id)).version == 2
    assert (project.results_accepted_at, project.results_accepted_by_id) == (NOW, customer.id)
    [entry] = await entries(database)
    assert (entry.act, entry.clause, entry.before, entry.after) == (
        "projectResultsAccepted",
        "R2023 §2(23)",
        {"results_accepted_at": None, "results_accepted_by_id": None},
        {"results_accepted_at": NOW.isoformat(), "results_accepted_by_id": customer.id},
    )


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.IMPLEMENTATION])
async def test_accept_results_during_implementation_only(database: Database, stage: Stage) -> None:
    world = await world_in(database, stage)
    with refuses("WRONG_STAGE", "product default"):
        async with acting(database) as work:
            await accept_results(work, world.project.id)


async def test_accept_results_once(database: Database) -> None:
    world = await world_in(database, Stage.IMPLEMENTATION)
    async with acting(database) as work:
        await accept_results(work, world.project.id)
    with refuses("RESULTS_ALREADY_ACCEPTED", "R2023 §2(23)"):
        async with acting(database) as work:
            await accept_results(work, world.project.id)
