"""Entering persons and changing their records."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, PlatformError
from core.people.person import (
    CertificateLevel,
    Person,
    archive_person,
    certificate_holds,
    edit_person,
    register_person,
)
from core.tree.node import Node, NodeKind
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.factories import make_appointment, make_node

IIN = "850101300005"
TODAY = date(2026, 3, 2)


async def register(database: Database, **given: Any) -> int:
    dull = {"family_name": "Әбенова", "given_name": "Айгүл"}
    async with acting(database) as work:
        return (await register_person(work, **(dull | given))).id


async def edit(database: Database, person_id: int, version: int = 1, **given: Any) -> None:
    async with acting(database) as work:
        await edit_person(work, person_id, expected_version=version, **given)


async def read(database: Database, person_id: int) -> Person:
    async with arranging(database) as session:
        return await session.get_one(Person, person_id)


async def add_unit(database: Database, parent: Node) -> Node:
    async with arranging(database) as session:
        return await make_node(session, NodeKind.ORGANIZATION_UNIT, parent, stage=None)


async def add_body(database: Database, country: Node) -> Node:
    async with arranging(database) as session:
        return await make_node(session, NodeKind.STATE_BODY, country, stage=None)


async def test_register_person_enters_everything(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    person_id = await register(
        database,
        patronymic="Ерланқызы",
        post="Chief expert",
        organization_unit_id=unit.id,
        iin=IIN,
        phone="+7 (701) 123-45-67",
        email="a@b.kz",
        certificate_level=CertificateLevel.PROJECT_MANAGEMENT,
        certificate_number="PM-1",
        certificate_expires_on=date(2027, 1, 1),
    )
    person = await read(database, person_id)
    assert (person.full_name, person.full_name_search) == (
        "Әбенова Айгүл Ерланқызы",
        "абенова аигул ерланкызы",
    )
    assert (person.state_body_id, person.organization_unit_id) == (world.body.id, unit.id)
    assert (person.iin, person.phone, person.email) == (IIN, "+7 (701) 123-45-67", "a@b.kz")
    assert (person.certificate_number, person.version) == ("PM-1", 1)


async def test_register_person_logs_personal_data_as_changed_only(database: Database) -> None:
    await committed_world(database)
    await register(
        database,
        iin=IIN,
        phone="+77011234567",
        email="a@b.kz",
        certificate_level=CertificateLevel.TECHNICIAN,
        certificate_number="PM-1",
        certificate_expires_on=TODAY,
    )
    (entry,) = await entries(database, "personRegistered")
    assert entry.after == {
        "family_name": "Әбенова",
        "given_name": "Айгүл",
        "iin": "changed",
        "phone": "changed",
        "email": "changed",
        "certificate_level": "changed",
        "certificate_number": "changed",
        "certificate_expires_on": "changed",
    }


async def test_register_person_sorts_by_the_kazakh_alphabet(database: Database) -> None:
    await committed_world(database)
    for family in ("Бек", "Әли", "Али"):
        await register(database, family_name=family)
    async with arranging(database) as session:
        names = list(
            await session.scalars(select(Person.family_name).order_by(Person.full_name_sort))
        )
    assert names == ["Али", "Әли", "Бек"]


@pytest.mark.parametrize("place", ["unit", "body", "country"])
async def test_register_person_stands_where_the_person_is(database: Database, place: str) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    nodes = {"unit": unit, "body": world.body, "country": world.country}
    given = {
        "unit": {"organization_unit_id": unit.id, "state_body_id": world.body.id},
        "body": {"state_body_id": world.body.id},
        "country": {},
    }[place]
    await register(database, **given)
    (entry,) = await entries(database, "personRegistered")
    assert entry.node_id == nodes[place].id


async def test_register_person_needs_its_action(database: Database) -> None:
    world = await committed_world(database)
    names = {"family_name": "A", "given_name": "B", "state_body_id": world.body.id}
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"state_body.manage"}) as work:
            await register_person(work, **names)
    assert caught.value.action == "person.manage"
    with refuses("NOT_FOUND", None, "stateBodyId"):
        async with acting(database, may={"person.manage"}, hidden={world.body.id}) as work:
            await register_person(work, **names)
    async with acting(database, may={"person.manage"}) as work:
        await register_person(work, **names)


async def test_register_person_in_a_unit_of_another_body_is_refused(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, await add_body(database, world.country))
    with refuses("UNIT_OF_ANOTHER_BODY", PRODUCT_DEFAULT, "organizationUnitId"):
        await register(database, state_body_id=world.body.id, organization_unit_id=unit.id)


async def test_register_person_at_what_is_no_body_or_unit_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    with refuses("NOT_FOUND", None, "stateBodyId"):
        await register(database, state_body_id=world.program.id)
    with refuses("NOT_FOUND", None, "organizationUnitId"):
        await register(database, organization_unit_id=world.body.id)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"family_name": " "}, "TEXT_REQUIRED", "familyName"),
        ({"given_name": ""}, "TEXT_REQUIRED", "givenName"),
        ({"patronymic": "я" * 151}, "TEXT_TOO_LONG", "patronymic"),
        ({"iin": "850101300006"}, "IIN_MALFORMED", "iin"),
        ({"phone": "call me"}, "PHONE_MALFORMED", "phone"),
        ({"phone": "+7"}, "PHONE_MALFORMED", "phone"),
        ({"email": "a b@c"}, "EMAIL_MALFORMED", "email"),
        ({"email": "a@b@c"}, "EMAIL_MALFORMED", "email"),
    ],
)
async def test_register_person_refuses_what_nobody_can_have(
    database: Database, given: dict[str, Any], code: str, field: str
) -> None:
    await committed_world(database)
    with refuses(code, PRODUCT_DEFAULT, field):
        await register(database, **given)
    await register(database, family_name="я" * 150, given_name="я" * 150, patronymic="я" * 150)


@pytest.mark.parametrize(
    "given", [{"certificate_number": "PM-1"}, {"certificate_expires_on": TODAY}]
)
async def test_register_person_refuses_a_certificate_of_no_level(
    database: Database, given: dict[str, Any]
) -> None:
    await committed_world(database)
    with refuses("CERTIFICATE_INCOMPLETE", "R2023 §110", "certificateLevel"):
        await register(database, **given)
    await register(database, certificate_level=CertificateLevel.TECHNICIAN)


async def test_register_person_with_a_taken_iin_is_refused(database: Database) -> None:
    await committed_world(database)
    await register(database, iin=IIN)
    await register(database)
    await register(database)
    with refuses("IIN_TAKEN", PRODUCT_DEFAULT, "iin"):
        await register(database, iin=IIN)


async def test_register_person_twice_at_once_refuses_one(database: Database) -> None:
    await committed_world(database)
    results = await asyncio.gather(
        *(register(database, iin=IIN) for _ in range(2)), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["IIN_TAKEN", "registered"]
    async with arranging(database) as session:
        assert await session.scalar(select(func.count()).select_from(Person)) == 1


async def test_edit_person_changes_only_what_is_given(database: Database) -> None:
    await committed_world(database)
    person_id = await register(database, patronymic="X", iin=IIN, post="Expert")
    await edit(database, person_id, patronymic=None, iin="100000000001")
    person = await read(database, person_id)
    assert (person.full_name, person.iin, person.post, person.version) == (
        "Әбенова Айгүл",
        "100000000001",
        "Expert",
        2,
    )
    (entry,) = await entries(database, "personEdited")
    assert (entry.before, entry.after) == (
        {"patronymic": "X", "iin": "changed"},
        {"patronymic": None, "iin": "changed"},
    )
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, person_id, post=None)


async def test_edit_person_without_change_leaves_no_trace(database: Database) -> None:
    await committed_world(database)
    person_id = await register(database)
    await edit(database, person_id, given_name=" Айгүл ")
    await edit(database, person_id, post=None)
    assert await entries(database, "personEdited") == []


async def test_edit_person_to_a_taken_iin_is_refused(database: Database) -> None:
    await committed_world(database)
    await register(database, iin=IIN)
    person_id = await register(database)
    with refuses("IIN_TAKEN", PRODUCT_DEFAULT, "iin"):
        await edit(database, person_id, iin=IIN)


async def test_edit_person_to_another_body_leaves_the_old_unit(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    other = await add_body(database, world.country)
    person_id = await register(database, organization_unit_id=unit.id)
    await edit(database, person_id, state_body_id=world.body.id)
    assert (await read(database, person_id)).organization_unit_id == unit.id
    await edit(database, person_id, state_body_id=other.id)
    person = await read(database, person_id)
    assert (person.state_body_id, person.organization_unit_id) == (other.id, None)


async def test_edit_person_to_a_unit_brings_its_body(database: Database) -> None:
    world = await committed_world(database)
    unit = await add_unit(database, world.body)
    person_id = await register(database)
    await edit(database, person_id, organization_unit_id=unit.id)
    assert (await read(database, person_id)).state_body_id == world.body.id


async def test_edit_person_needs_the_action_at_both_places(database: Database) -> None:
    world = await committed_world(database)
    other = await add_body(database, world.country)
    person_id = await register(database, state_body_id=world.body.id)
    for hidden, field in ((world.body.id, "stateBodyId"), (other.id, "stateBodyId")):
        with refuses("NOT_FOUND", None, field):
            async with acting(database, may={"person.manage"}, hidden={hidden}) as work:
                await edit_person(work, person_id, expected_version=1, state_body_id=other.id)
    async with acting(database, may={"person.manage"}) as work:
        await edit_person(work, person_id, expected_version=1, state_body_id=other.id)


async def test_archive_person_keeps_the_record(database: Database) -> None:
    await committed_world(database)
    person_id = await register(database)
    async with acting(database) as work:
        await archive_person(work, person_id, expected_version=1)
    person = await read(database, person_id)
    assert (person.archived_on, person.family_name, person.version) == (TODAY, "Әбенова", 2)
    (entry,) = await entries(database, "personArchived")
    assert (entry.after, entry.clause) == ({"archived_on": "2026-03-02"}, "R2023 §98")
    with refuses("PERSON_ARCHIVED", PRODUCT_DEFAULT):
        await edit(database, person_id, version=2, post="Expert")
    with refuses("PERSON_ARCHIVED", PRODUCT_DEFAULT):
        async with acting(database) as work:
            await archive_person(work, person_id, expected_version=2)


async def test_archive_person_needs_its_action_and_the_latest_version(database: Database) -> None:
    await committed_world(database)
    person_id = await register(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await archive_person(work, person_id, expected_version=1)
    with refuses("CONFLICT", None, "expectedVersion"):
        async with acting(database) as work:
            await archive_person(work, person_id, expected_version=2)


@pytest.mark.parametrize(
    ("valid_to", "lasts"), [(None, True), (TODAY, True), (date(2026, 3, 1), False)]
)
async def test_archive_person_who_holds_a_role(
    database: Database, valid_to: date | None, lasts: bool
) -> None:
    world = await committed_world(database)
    person_id = await register(database)
    async with arranging(database) as session:
        person = await session.get_one(Person, person_id)
        await make_appointment(session, person, "pg_head", world.group, valid_to=valid_to)
    if lasts:
        with refuses("PERSON_HOLDS_ROLES", PRODUCT_DEFAULT):
            async with acting(database) as work:
                await archive_person(work, person_id, expected_version=1)
    else:
        async with acting(database) as work:
            await archive_person(work, person_id, expected_version=1)


@pytest.mark.parametrize(
    ("level", "expires_on", "holds"),
    [
        (None, None, False),
        (CertificateLevel.TECHNICIAN, None, True),
        (CertificateLevel.TECHNICIAN, TODAY, True),
        (CertificateLevel.TECHNICIAN, date(2026, 3, 1), False),
    ],
)
def test_certificate_holds_to_its_last_day(
    level: CertificateLevel | None, expires_on: date | None, holds: bool
) -> None:
    assert certificate_holds(level, expires_on, TODAY) is holds
