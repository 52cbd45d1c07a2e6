"""Registering basis documents."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from core.acts.act import Act, ActKind, edit_act, register_act
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.files.file import File
from core.hierarchy.project_office import ProjectOffice, ProjectOfficeForm
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_act, make_appointment, make_person

TODAY = date(2026, 3, 2)


async def register(database: Database, body_id: int | None, **given: Any) -> int:
    dull = {"kind": ActKind.ORDER, "number": "12-Ө", "dated_on": TODAY}
    async with acting(database) as work:
        return (await register_act(work, body_id=body_id, **(dull | given))).id


async def edit(database: Database, act_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_act(work, act_id, expected_version=version, **given)


async def make_file(database: Database) -> int:
    async with arranging(database) as session:
        file = File(sha256="0" * 64, name="a.pdf", media_type="text/plain", size=1, uploaded_at=NOW)
        session.add(file)
        await session.flush()
        return file.id


async def test_register_act_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    file_id = await make_file(database)
    act_id = await register(database, world.body.id, title=" On the office ", file_id=file_id)
    async with arranging(database) as session:
        act = await session.get_one(Act, act_id)
    assert (act.kind, act.number, act.dated_on, act.body_id, act.title, act.file_id) == (
        ActKind.ORDER,
        "12-Ө",
        TODAY,
        world.body.id,
        "On the office",
        file_id,
    )
    (entry,) = await entries(database, "actRegistered")
    assert (entry.node_id, entry.chain, entry.after) == (
        world.body.id,
        world.body.id,
        {
            "kind": "ORDER",
            "number": "12-Ө",
            "dated_on": "2026-03-02",
            "body_id": world.body.id,
            "title": "On the office",
            "file_id": file_id,
        },
    )


async def test_register_act_of_no_registered_body_stands_at_the_country(database: Database) -> None:
    world = await committed_world(database)
    await register(database, None)
    (entry,) = await entries(database, "actRegistered")
    assert (entry.node_id, entry.chain) == (world.country.id, 0)


@pytest.mark.parametrize("of_body", [True, False])
async def test_register_act_needs_its_action(database: Database, of_body: bool) -> None:
    world = await committed_world(database)
    body_id = world.body.id if of_body else None
    given: dict[str, Any] = {"kind": ActKind.ORDER, "number": "1", "dated_on": TODAY}
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"state_body.manage"}) as work:
            await register_act(work, body_id=body_id, **given)
    assert caught.value.action == "act.register"
    async with acting(database, may={"act.register"}) as work:
        await register_act(work, body_id=body_id, **given)


async def test_register_act_of_a_hidden_body_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "bodyId"):
        async with acting(database, may={"act.register"}, hidden={world.body.id}) as work:
            await register_act(
                work, body_id=world.body.id, kind=ActKind.ORDER, number="1", dated_on=TODAY
            )


async def test_register_act_of_no_body_at_all_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    for node_id in (world.program.id, 999, 2**70):
        with refuses("NOT_FOUND", None, "bodyId"):
            await register(database, node_id)


async def test_register_act_with_an_unknown_file_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "fileId"):
        await register(database, world.body.id, file_id=7)


async def test_edit_act_takes_no_file_the_actor_may_not_open(database: Database) -> None:
    world = await committed_world(database)
    file_id, other_id = await make_file(database), await make_file(database)
    act_id = await register(database, world.body.id, file_id=file_id)
    async with acting(database, person_id=7, may=["act.register"]) as work:
        act = await edit_act(work, act_id, expected_version=1, file_id=file_id, title="Sent again")
        assert (act.file_id, act.title) == (file_id, "Sent again")
        with refuses("NOT_FOUND", None, "fileId"):
            await edit_act(work, act_id, expected_version=2, file_id=other_id)


async def test_register_act_of_tomorrow_is_refused(database: Database) -> None:
    world = await committed_world(database)
    with refuses("ACT_IN_FUTURE", PRODUCT_DEFAULT, "datedOn"):
        await register(database, world.body.id, dated_on=date(2026, 3, 3))


async def test_register_act_of_the_day_it_is_in_almaty(database: Database) -> None:
    world = await committed_world(database)
    late = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)  # half past midnight in Almaty
    async with acting(database, now=late) as work:
        await register_act(
            work,
            body_id=world.body.id,
            kind=ActKind.ORDER,
            number="1",
            dated_on=date(2026, 3, 3),
        )


@pytest.mark.parametrize("of_body", [True, False])
async def test_register_act_again_is_refused(database: Database, of_body: bool) -> None:
    world = await committed_world(database)
    body_id = world.body.id if of_body else None
    await register(database, body_id)
    await register(database, body_id, kind=ActKind.PROTOCOL)
    await register(database, body_id, number="13-Ө")
    await register(database, body_id, dated_on=date(2026, 3, 1))
    await register(database, None if of_body else world.body.id)
    with refuses("ACT_REGISTERED_ALREADY", PRODUCT_DEFAULT, "number"):
        await register(database, body_id)


@pytest.mark.parametrize("of_body", [True, False])
async def test_register_act_twice_at_once_refuses_one(database: Database, of_body: bool) -> None:
    world = await committed_world(database)
    body_id = world.body.id if of_body else None
    results = await asyncio.gather(
        *(register(database, body_id) for _ in range(2)), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["ACT_REGISTERED_ALREADY", "registered"]
    async with arranging(database) as session:
        assert await session.scalar(select(func.count()).select_from(Act)) == 1


async def test_edit_act_corrects_it_while_nothing_rests_on_it(database: Database) -> None:
    world = await committed_world(database)
    act_id = await register(database, world.body.id, title="Old")
    await edit(database, act_id, kind=ActKind.DIRECTIVE, title=None)
    async with arranging(database) as session:
        act = await session.get_one(Act, act_id)
    assert (act.kind, act.title, act.number, act.version) == (
        ActKind.DIRECTIVE,
        None,
        "12-Ө",
        2,
    )
    (entry,) = await entries(database, "actEdited")
    assert (entry.before, entry.after) == (
        {"kind": "ORDER", "title": "Old"},
        {"kind": "DIRECTIVE", "title": None},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, act_id, number="1")


async def test_edit_act_without_change_leaves_no_trace(database: Database) -> None:
    world = await committed_world(database)
    act_id = await register(database, world.body.id)
    await edit(database, act_id, number="12-Ө")
    await edit(database, act_id, number="12-Ө")
    assert await entries(database, "actEdited") == []


async def test_edit_act_an_appointment_rests_on_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        act = await make_act(session, body=world.body)
        person = await make_person(session)
        await make_appointment(session, person, "po_head", world.body, act_id=act.id)
    with refuses("ACT_IN_USE", PRODUCT_DEFAULT):
        await edit(database, act.id, title="New")


async def test_edit_act_a_release_or_an_office_rests_on_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        person = await make_person(session)
        released = await make_act(session, body=world.body)
        await make_appointment(session, person, "po_head", world.body, release_act_id=released.id)
        founded = await make_act(session, body=world.body)
        session.add(
            ProjectOffice(
                state_body_id=world.body.id,
                form=ProjectOfficeForm.LOCAL_EXECUTIVE,
                created_on=TODAY,
                act_id=founded.id,
            )
        )
    for act in (released, founded):
        with refuses("ACT_IN_USE", PRODUCT_DEFAULT):
            await edit(database, act.id, title="New")


async def test_edit_act_into_another_is_refused(database: Database) -> None:
    world = await committed_world(database)
    for body_id in (world.body.id, None):
        await register(database, body_id)
        other = await register(database, body_id, number="13-Ө")
        with refuses("ACT_REGISTERED_ALREADY", PRODUCT_DEFAULT, "number"):
            await edit(database, other, number="12-Ө")


async def test_edit_act_keeps_to_the_rules_of_registration(database: Database) -> None:
    world = await committed_world(database)
    act_id = await register(database, world.body.id)
    with refuses("ACT_IN_FUTURE", PRODUCT_DEFAULT, "datedOn"):
        await edit(database, act_id, dated_on=date(2026, 3, 3))
    with refuses("TEXT_REQUIRED", PRODUCT_DEFAULT, "number"):
        await edit(database, act_id, number=" ")
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_act(work, act_id, expected_version=1, number="1")
