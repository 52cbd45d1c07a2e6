"""The project office of a body [R2023 §54, §55]."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.hierarchy.project_office import (
    FORMS,
    ProjectOffice,
    ProjectOfficeForm,
    create_project_office,
    edit_project_office,
)
from core.hierarchy.state_body import StateBody, StateBodyKind, edit_state_body
from core.tree.node import Node, NodeKind
from core.work import Caution
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_act, make_node

TODAY = date(2026, 3, 2)
FORM = ProjectOfficeForm.LOCAL_EXECUTIVE


async def create(database: Database, body_id: int, **given: Any) -> int:
    async with acting(database) as work:
        office = await create_project_office(
            work, state_body_id=body_id, **({"form": FORM} | given)
        )
        return office.id


async def edit(database: Database, office_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_project_office(work, office_id, expected_version=version, **given)


async def test_create_office_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        act = await make_act(session, body=world.body)
    office_id = await create(database, world.body.id, act_id=act.id, created_on=date(2026, 1, 9))
    async with arranging(database) as session:
        office = await session.get_one(ProjectOffice, office_id)
    assert (office.state_body_id, office.form, office.created_on, office.act_id) == (
        world.body.id,
        FORM,
        date(2026, 1, 9),
        act.id,
    )
    (entry,) = await entries(database, "projectOfficeCreated")
    assert (entry.node_id, entry.clause, entry.after) == (
        world.body.id,
        "R2023 §74(1)",
        {
            "state_body_id": world.body.id,
            "form": "LOCAL_EXECUTIVE",
            "created_on": "2026-01-09",
            "act_id": act.id,
        },
    )


async def test_create_office_today_unless_said_otherwise(database: Database) -> None:
    world = await committed_world(database)
    with refuses("PROJECT_OFFICE_IN_FUTURE", PRODUCT_DEFAULT, "createdOn"):
        await create(database, world.body.id, created_on=date(2026, 3, 3))
    office_id = await create(database, world.body.id)
    async with arranging(database) as session:
        assert (await session.get_one(ProjectOffice, office_id)).created_on == TODAY


async def test_create_second_office_is_refused(database: Database) -> None:
    world = await committed_world(database)
    await create(database, world.body.id)
    with refuses("PROJECT_OFFICE_EXISTS", "R2023 §54", "stateBodyId"):
        await create(database, world.body.id)


async def test_create_office_twice_at_once_refuses_one(database: Database) -> None:
    world = await committed_world(database)
    results = await asyncio.gather(
        *(create(database, world.body.id) for _ in range(2)), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "created" for each in results
    ) == ["PROJECT_OFFICE_EXISTS", "created"]
    async with arranging(database) as session:
        assert await session.scalar(select(func.count()).select_from(ProjectOffice)) == 1


@pytest.mark.parametrize("form", ProjectOfficeForm)
@pytest.mark.parametrize("kind", FORMS)
async def test_create_office_in_the_forms_of_its_kind_of_body(
    database: Database, kind: StateBodyKind, form: ProjectOfficeForm
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        body = await make_node(session, NodeKind.STATE_BODY, world.country, kind=kind)
    if form.name in (kind.name, "STATE_PARTICIPATION_BASE") or (kind.name, form.name) == (
        "CENTRAL",
        "CENTRAL_BODY",
    ):
        await create(database, body.id, form=form)
    else:
        with refuses("PROJECT_OFFICE_FORM_NOT_ALLOWED", "R2023 §55", "form"):
            await create(database, body.id, form=form)


async def test_create_office_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    given: dict[str, Any] = {"state_body_id": world.body.id, "form": FORM}
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"state_body.manage"}) as work:
            await create_project_office(work, **given)
    assert caught.value.action == "project_office.create"
    with refuses("NOT_FOUND", None, "stateBodyId"):
        async with acting(database, may={"project_office.create"}, hidden={world.body.id}) as work:
            await create_project_office(work, **given)
    async with acting(database, may={"project_office.create"}) as work:
        await create_project_office(work, **given)


async def test_create_office_of_what_is_not_there(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "stateBodyId"):
        await create(database, world.program.id)
    with refuses("NOT_FOUND", None, "actId"):
        await create(database, world.body.id, act_id=99)
    async with arranging(database) as session:
        (await session.get_one(Node, world.body.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await create(database, world.body.id)


async def test_edit_office_changes_its_form_and_act(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        act = await make_act(session, body=world.body)
    office_id = await create(database, world.body.id)
    await edit(database, office_id, form=ProjectOfficeForm.STATE_PARTICIPATION_BASE, act_id=act.id)
    (entry,) = await entries(database, "projectOfficeEdited")
    assert (entry.before, entry.after) == (
        {"form": "LOCAL_EXECUTIVE", "act_id": None},
        {"form": "STATE_PARTICIPATION_BASE", "act_id": act.id},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, office_id, act_id=None)
    with refuses("PROJECT_OFFICE_FORM_NOT_ALLOWED", "R2023 §55", "form"):
        await edit(database, office_id, version=2, form=ProjectOfficeForm.CENTRAL_BODY)
    with refuses("NOT_FOUND", None, "actId"):
        await edit(database, office_id, version=2, act_id=99)
    await edit(database, office_id, version=2, act_id=None)


async def test_edit_office_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    office_id = await create(database, world.body.id)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_project_office(work, office_id, expected_version=1, form=FORM)


async def test_kind_of_a_body_with_an_office_changes_with_a_warning(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        body = await make_node(session, NodeKind.STATE_BODY, world.country)
    office_id = await create(database, body.id, form=ProjectOfficeForm.CENTRAL_BODY)
    async with acting(database) as work:
        await edit_state_body(work, body.id, expected_version=1, kind=StateBodyKind.LAW_ENFORCEMENT)
    assert work.warnings == [Caution("PROJECT_OFFICE_FORM_TO_REVIEW", "R2023 §55", {})]
    await edit(database, office_id, form=ProjectOfficeForm.LAW_ENFORCEMENT)
    async with arranging(database) as session:
        assert (await session.get_one(StateBody, body.id)).kind is StateBodyKind.LAW_ENFORCEMENT
