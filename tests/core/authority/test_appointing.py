"""Appointing, releasing, replacing: who may, and what it leaves behind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.acts.act import Act, ActKind
from core.authority.appointing import (
    appoint,
    grant_national_administrator,
    release,
    replace,
    set_role_alias,
)
from core.authority.appointment import Appointment, Employment
from core.authority.appointment_rows import Terms
from core.db.engine import Database
from core.errors import NotAllowed, NotFound, RuleRefused
from core.people.person import CertificateLevel, Person
from core.tree.node import NodeKind
from core.work import Profile
from tests import factories as make
from tests.acting import arranging, entries, refuses
from tests.core.authority.cases import TODAY, as_operator, as_person
from tests.factories import World

DAY = timedelta(days=1)
FULL = Terms(employment=Employment.FULL)


@dataclass
class Scene:
    """A body with its program manager, a head of its direction, and somebody to appoint."""

    world: World
    boss: Person
    head: Person
    newcomer: Person
    boss_post: Appointment
    head_post: Appointment
    order: Act
    protocol: Act


async def arrange(database: Database) -> Scene:
    async with arranging(database) as session:
        world = await make.make_world(session)
        boss, head, newcomer = [await make.make_person(session) for _ in range(3)]
        return Scene(
            world,
            boss,
            head,
            newcomer,
            await make.make_appointment(session, boss, "program_manager", world.body),
            await make.make_appointment(session, head, "bd_head", world.direction),
            await make.make_act(session, ActKind.ORDER, world.body),
            await make.make_act(session, ActKind.PROTOCOL, world.body),
        )


async def all_appointments(database: Database, role: str) -> list[Appointment]:
    async with database.session() as session:
        rows = await session.scalars(
            select(Appointment).where(Appointment.role == role).order_by(Appointment.id)
        )
        return list(rows)


async def test_appoint_keeps_by_which_appointment_it_was_done(database: Database) -> None:
    scene = await arrange(database)
    async with as_person(database, scene.boss) as work:
        made = await appoint(
            work, person_id=scene.newcomer.id, role="po_head", node_id=scene.world.body.id,
            act_id=scene.order.id, terms=FULL,
        )  # fmt: skip
    [stored] = await all_appointments(database, "po_head")
    assert (stored.id, stored.person_id, stored.node_id) == (
        made.id, scene.newcomer.id, scene.world.body.id
    )  # fmt: skip
    assert (stored.valid_from, stored.valid_to) == (TODAY, None)
    assert (stored.appointed_by_id, stored.act_id) == (scene.boss_post.id, scene.order.id)
    [entry] = await entries(database, "appointed")
    assert (entry.clause, entry.acting_as) == ("R2023 App.1 1.1", "program_manager")
    assert entry.after == {
        "person_id": scene.newcomer.id,
        "role": "po_head",
        "node_id": scene.world.body.id,
        "employment": "FULL",
        "attachment": "STAFF",
        "act_id": scene.order.id,
        "appointed_by_id": scene.boss_post.id,
        "valid_from": "2026-03-02",
    }


async def test_appointing_takes_the_permission_and_the_named_role(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        administrator = await make.make_person(session)
        await make.make_appointment(
            session, administrator, "national_administrator", scene.world.country
        )
        member = await make.make_person(session)
        await make.make_appointment(session, member, "project_team_member", scene.world.project)
        other = await make.make_node(session, NodeKind.STATE_BODY, scene.world.country)
    asked = {
        "person_id": scene.newcomer.id, "role": "po_head", "act_id": scene.order.id, "terms": FULL
    }  # fmt: skip
    async with as_person(database, administrator) as work:
        with refuses("NOT_THE_APPOINTER", "R2023 App.1 1.1", "role"):
            await appoint(work, node_id=scene.world.body.id, **asked)
    async with as_person(database, member) as work:
        with pytest.raises(NotAllowed):
            await appoint(work, node_id=scene.world.body.id, **asked)
    async with as_person(database, scene.boss) as work:
        with pytest.raises(NotFound):
            await appoint(work, node_id=other.id, **asked)
        with refuses("UNKNOWN_ROLE", None, "role"):
            await appoint(work, person_id=1, role="wizard", node_id=scene.world.body.id)
        with refuses("ROLE_NOT_IN_EDITION", "R2021 App.4", "role"):
            await appoint(
                work, person_id=1, role="cab_secretary_under_president",
                node_id=scene.world.country.id,
            )  # fmt: skip
    assert await all_appointments(database, "po_head") == []


@pytest.mark.parametrize(("administrator", "elsewhere"), [("national", True), ("regional", False)])
async def test_administrators_record_who_holds_a_role_ex_officio(
    database: Database, administrator: str, elsewhere: bool
) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        region = await make.make_region(session, "KZ-75")
        other = await make.make_node(
            session, NodeKind.STATE_BODY, scene.world.country, region=region
        )
        standard = await make.make_node(session, NodeKind.BASIC_DIRECTION, scene.world.body)
        clerk = await make.make_person(session)
        at = scene.world.country if administrator == "national" else scene.world.body
        post = await make.make_appointment(session, clerk, f"{administrator}_administrator", at)
    asked = {"person_id": scene.newcomer.id, "act_id": scene.order.id}
    async with as_person(database, clerk) as work:
        made = await appoint(work, role="standard_bd_head", node_id=standard.id, **asked)
        assert made.appointed_by_id == post.id
        if elsewhere:
            await appoint(work, role="program_manager", node_id=other.id, **asked)
        else:
            with pytest.raises(NotFound):
                await appoint(work, role="program_manager", node_id=other.id, **asked)


async def test_a_direction_head_appoints_the_manager_only_where_there_is_no_group(
    database: Database,
) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        free = await make.make_node(session, NodeKind.PROJECT, scene.world.direction)
    asked = {
        "person_id": scene.newcomer.id, "role": "project_manager", "act_id": scene.protocol.id
    }  # fmt: skip
    async with as_person(database, scene.head) as work:
        with refuses("NOT_THE_APPOINTER", "R2023 App.1 7) 1, §2(27), §81, §88", "role"):
            await appoint(work, node_id=scene.world.project.id, **asked)
        made = await appoint(work, node_id=free.id, **asked)
    assert made.appointed_by_id == scene.head_post.id


@pytest.mark.parametrize("contractual", [True, False])
async def test_a_customer_determines_the_manager_under_a_contract_only(
    database: Database, contractual: bool
) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        project = await make.make_node(
            session, NodeKind.PROJECT, scene.world.group, contractual=contractual
        )
        customer = await make.make_person(session)
        await make.make_appointment(session, customer, "project_customer", project)
    async with as_person(database, customer) as work:
        asked = {"node_id": project.id, "act_id": scene.protocol.id}
        if contractual:
            made = await appoint(work, person_id=scene.newcomer.id, role="project_manager", **asked)
            assert work.acting_as == "project_customer"
            assert made.role == "project_manager"
            with refuses("NOT_THE_APPOINTER", "R2023 App.1 6.2", "role"):
                await appoint(work, person_id=scene.newcomer.id, role="project_sponsor", **asked)
        else:
            with pytest.raises(NotAllowed):
                await appoint(work, person_id=scene.newcomer.id, role="project_manager", **asked)


async def test_a_curator_appoints_the_group_head_while_another_deputy_heads_the_direction(
    database: Database,
) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        await make.make_appointment(session, scene.boss, "pg_curator", scene.world.group)
        await make.make_appointment(session, scene.head, "pg_curator", scene.world.group)
        lonely = await make.make_person(session)
        await make.make_appointment(session, lonely, "pg_curator", scene.world.group)
    async with as_person(database, lonely) as work:
        # The head of the direction curates the group too: nobody else heads it.
        with pytest.raises(NotAllowed):
            await appoint(
                work, person_id=scene.newcomer.id, role="pg_head", node_id=scene.world.group.id,
                act_id=scene.protocol.id,
            )  # fmt: skip
    async with arranging(database) as session:
        for appointment in await session.scalars(
            select(Appointment).where(
                Appointment.role == "pg_curator", Appointment.person_id == scene.head.id
            )
        ):
            appointment.valid_to = TODAY - DAY
    async with as_person(database, lonely) as work:
        made = await appoint(
            work, person_id=scene.newcomer.id, role="pg_head", node_id=scene.world.group.id,
            act_id=scene.protocol.id,
        )  # fmt: skip
    assert made.valid_from == TODAY


async def test_the_committee_of_2021_sits_at_the_program_and_appoints_to_the_body(
    database: Database,
) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        member = await make.make_person(session)
        await make.make_appointment(session, member, "gc_member", scene.world.program)
    asked = {
        "person_id": scene.newcomer.id, "role": "po_chief_manager",
        "node_id": scene.world.body.id, "act_id": scene.protocol.id, "terms": FULL,
    }  # fmt: skip
    async with as_person(database, member) as work:
        with pytest.raises(NotAllowed):
            await appoint(work, **asked)
    async with as_person(database, scene.boss, profile=Profile.R2021) as work:
        with refuses("NOT_THE_APPOINTER", "R2021 App.1 2", "role"):
            await appoint(work, **asked)
    async with as_person(database, member, profile=Profile.R2021) as work:
        made = await appoint(work, **asked)
    assert made.role == "po_chief_manager"


async def test_appointing_refuses_what_is_archived(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        gone = await make.make_person(session, archived_on=TODAY)
        group = await make.make_node(session, NodeKind.PROJECT_GROUP, scene.world.direction)
        group.archived_at = make.MADE_AT
    async with as_person(database, scene.head) as work:
        asked = {"role": "pg_head", "act_id": scene.protocol.id}
        with refuses("PERSON_ARCHIVED", "product default", "personId"):
            await appoint(work, person_id=gone.id, node_id=scene.world.group.id, **asked)
        with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
            await appoint(work, person_id=scene.newcomer.id, node_id=group.id, **asked)
        with refuses("NOT_FOUND", None, "personId"):
            await appoint(work, person_id=10**9, node_id=scene.world.group.id, **asked)


async def test_release_ends_after_its_last_day(database: Database) -> None:
    scene = await arrange(database)
    async with as_person(database, scene.boss) as work:
        with refuses("CONFLICT", None, "expectedVersion"):
            await release(work, scene.head_post.id, expected_version=2)
        released = await release(
            work, scene.head_post.id, expected_version=1, act_id=scene.order.id, reason=" Moved "
        )
        assert (released.valid_to, released.version) == (TODAY, 2)
        with refuses("APPOINTMENT_OVER", "product default", "id"):
            await release(work, scene.head_post.id, expected_version=2)
    [entry] = await entries(database, "released")
    assert entry.before == {"valid_to": None}
    assert entry.after == {
        "valid_to": "2026-03-02", "release_act_id": scene.order.id, "release_reason": "Moved"
    }  # fmt: skip
    async with as_person(database, scene.head) as work:
        assert (await work.may("bd.manage", scene.world.direction.id)).allowed


async def test_release_is_for_whoever_appoints(database: Database) -> None:
    scene = await arrange(database)
    async with as_person(database, scene.head) as work:
        with refuses("NOT_THE_APPOINTER", "R2023 §74(1), App.1 4)", "role"):
            await release(work, scene.head_post.id, expected_version=1)
    async with as_person(database, scene.newcomer) as work:
        with pytest.raises(NotFound):
            await release(work, scene.head_post.id, expected_version=1)


async def test_release_before_the_first_day(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        group = scene.world.group
        begun = await make.make_appointment(
            session, scene.newcomer, "pg_head", group, valid_from=TODAY - DAY,
            valid_to=TODAY + DAY,
        )  # fmt: skip
        coming = await make.make_appointment(
            session, scene.newcomer, "pg_head", group, valid_from=TODAY + 5 * DAY
        )
    async with as_person(database, scene.head) as work:
        with refuses("APPOINTMENT_DATES_REVERSED", None, "lastDay"):
            await release(work, begun.id, expected_version=1, last_day=TODAY - 2 * DAY)
        ended = await release(work, begun.id, expected_version=1, last_day=TODAY - DAY)
        assert ended.valid_to == TODAY - DAY
        withdrawn = await release(work, coming.id, expected_version=1)
        assert withdrawn.valid_to == TODAY + 4 * DAY


async def test_replace_leaves_no_day_between(database: Database) -> None:
    scene = await arrange(database)
    async with as_person(database, scene.boss) as work:
        successor = await replace(
            work, scene.head_post.id, expected_version=1, person_id=scene.newcomer.id,
            first_day=TODAY + 3 * DAY, act_id=scene.order.id, reason="Promoted",
        )  # fmt: skip
    first, second = await all_appointments(database, "bd_head")
    assert (first.valid_to, second.valid_from) == (TODAY + 2 * DAY, TODAY + 3 * DAY)
    assert (second.id, second.person_id, second.appointed_by_id) == (
        successor.id, scene.newcomer.id, scene.boss_post.id
    )  # fmt: skip
    assert [entry.act for entry in await entries(database)] == ["released", "appointed"]


async def test_the_last_national_administrator_stays(database: Database) -> None:
    scene = await arrange(database)
    async with as_operator(database) as work:
        await grant_national_administrator(work, scene.boss.id)
        with refuses("ROLE_HELD_ALREADY", "product default", "personId"):
            await grant_national_administrator(work, scene.boss.id)
    [post] = await all_appointments(database, "national_administrator")
    assert (post.node_id, post.appointed_by_id) == (scene.world.country.id, None)
    async with as_person(database, scene.boss) as work:
        with refuses("LAST_ADMINISTRATOR", "product default", "id"):
            await release(work, post.id, expected_version=1)
    async with as_person(database, scene.boss) as work:
        second = await appoint(
            work, person_id=scene.newcomer.id, role="national_administrator",
            node_id=scene.world.country.id, act_id=scene.order.id,
            terms=Terms(valid_to=TODAY + 30 * DAY),
        )  # fmt: skip
    async with as_person(database, scene.newcomer) as work:
        # A colleague whose time runs out does not count.
        with refuses("LAST_ADMINISTRATOR", "product default", "id"):
            await release(work, post.id, expected_version=1)
    async with as_person(database, scene.boss) as work:
        with refuses("LAST_ADMINISTRATOR", "product default", "id"):
            await replace(
                work, post.id, expected_version=1, person_id=scene.head.id, act_id=scene.order.id,
                terms=Terms(valid_to=TODAY + 30 * DAY),
            )  # fmt: skip
    async with as_person(database, scene.boss) as work:
        await replace(
            work, post.id, expected_version=1, person_id=scene.head.id, act_id=scene.order.id
        )
    holders = await all_appointments(database, "national_administrator")
    assert [(one.person_id, one.valid_to) for one in holders] == [
        (scene.boss.id, TODAY - DAY),
        (scene.newcomer.id, second.valid_to),
        (scene.head.id, None),
    ]


async def test_only_the_operator_makes_the_first_administrator(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        await make.make_appointment(
            session, scene.head, "national_administrator", scene.world.country
        )
    async with as_person(database, scene.head) as work:
        with pytest.raises(NotAllowed):
            await grant_national_administrator(work, scene.newcomer.id)


async def test_an_alias_is_for_employees_of_the_project_office(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        body = scene.world.body
        office_head = await make.make_person(session)
        await make.make_appointment(session, office_head, "po_head", body)
        clerk = await make.make_appointment(session, scene.newcomer, "po_administrator", body)
        analyst = await make.make_appointment(session, scene.newcomer, "sac_analyst", body)
    async with as_person(database, office_head) as work:
        named = await set_role_alias(work, clerk.id, expected_version=1, alias="Secretary")
        assert (named.alias, named.version) == ("Secretary", 2)
        with refuses("ALIAS_NOT_FOR_ROLE", "R2023 §103", "alias"):
            await set_role_alias(work, analyst.id, expected_version=1, alias="Sage")
        with refuses("CONFLICT", None, "expectedVersion"):
            await set_role_alias(work, clerk.id, expected_version=1, alias=None)
    async with as_person(database, scene.boss) as work:
        with pytest.raises(NotAllowed):
            await set_role_alias(work, clerk.id, expected_version=2, alias=None)


async def test_certificates_warn_and_stop_nothing(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        people = {
            "CERTIFICATE_MISSING": await make.make_person(session),
            "CERTIFICATE_TOO_LOW": await make.make_person(
                session, certificate_level=CertificateLevel.TECHNICIAN
            ),
            "CERTIFICATE_EXPIRED": await make.make_person(
                session,
                certificate_level=CertificateLevel.PROJECT_MANAGEMENT,
                certificate_expires_on=TODAY - DAY,
            ),
            "": await make.make_person(
                session,
                certificate_level=CertificateLevel.PROJECT_MANAGEMENT,
                certificate_expires_on=TODAY,
            ),
        }
    async with as_person(database, scene.boss) as work:
        for code, person in people.items():
            await appoint(
                work, person_id=person.id, role="po_administrator",
                node_id=scene.world.body.id, act_id=scene.order.id, terms=FULL,
            )  # fmt: skip
            assert [(one.code, one.clause) for one in work.warnings] == (
                [(code, "R2023 §55")] if code else []
            )
            work.warnings.clear()


async def test_two_at_once_fill_one_place(database: Database) -> None:
    scene = await arrange(database)

    async def try_to_appoint(person: Person) -> str:
        try:
            async with as_person(database, scene.head) as work:
                await appoint(
                    work, person_id=person.id, role="pg_head", node_id=scene.world.group.id,
                    act_id=scene.protocol.id,
                )  # fmt: skip
        except RuleRefused as refusal:
            return refusal.code
        return ""

    codes = await asyncio.gather(try_to_appoint(scene.newcomer), try_to_appoint(scene.boss))
    assert sorted(codes) == ["", "UNITS_EXCEEDED"]
    assert len(await all_appointments(database, "pg_head")) == 1
