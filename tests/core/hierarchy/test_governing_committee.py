"""The composition of the governing committee, and the seat of the project office's head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.acts.act import Act, ActKind
from core.authority.appointing import appoint, release, replace
from core.authority.appointment import Appointment, Employment
from core.authority.appointment_rows import Terms
from core.db.engine import Database
from core.errors import NotAllowed
from core.hierarchy.governing_committee import approve_committee_composition
from core.hierarchy.state_body import GoverningCommittee
from core.people.person import Person
from core.tree.node import Node, NodeKind
from core.work import Profile
from tests import factories as make
from tests.acting import arranging, entries, refuses
from tests.core.authority.cases import TODAY, as_operator, as_person
from tests.factories import World

DAY = timedelta(days=1)
FULL = Terms(employment=Employment.FULL)


@dataclass
class Scene:
    world: World
    boss: Person
    boss_post: Appointment
    people: list[Person]
    order: Act


async def arrange(database: Database) -> Scene:
    async with arranging(database) as session:
        world = await make.make_world(session)
        boss = await make.make_person(session)
        return Scene(
            world,
            boss,
            await make.make_appointment(session, boss, "program_manager", world.body),
            [await make.make_person(session) for _ in range(5)],
            await make.make_act(session, ActKind.ORDER, world.body),
        )


async def seats(
    database: Database, node: Node, day: date = TODAY
) -> dict[str, list[tuple[int, int | None]]]:
    """Who sits in the committee on a day, and by which appointment they were seated."""
    async with database.session() as session:
        rows = await session.scalars(
            select(Appointment)
            .where(
                Appointment.node_id == node.id,
                Appointment.role.like("gc_%"),
                Appointment.valid_from <= day,
            )
            .order_by(Appointment.id)
        )
        found: dict[str, list[tuple[int, int | None]]] = {}
        for row in rows:
            if row.valid_to is None or row.valid_to >= day:
                found.setdefault(row.role, []).append((row.person_id, row.appointed_by_id))
    return found


async def test_approval_founds_the_committee_and_seats_its_members(database: Database) -> None:
    scene = await arrange(database)
    chair, deputy, member = [person.id for person in scene.people[:3]]
    async with as_person(database, scene.boss) as work:
        committee = await approve_committee_composition(
            work, node_id=scene.world.body.id, chair_id=chair, deputy_ids=[deputy],
            member_ids=[member], act_id=scene.order.id,
        )  # fmt: skip
    assert (committee.approved_on, committee.act_id, committee.version) == (
        TODAY, scene.order.id, 1
    )  # fmt: skip
    by = scene.boss_post.id
    assert await seats(database, scene.world.body) == {
        "gc_chair": [(chair, by)], "gc_deputy_chair": [(deputy, by)], "gc_member": [(member, by)]
    }  # fmt: skip
    [entry] = await entries(database, "governingCommitteeApproved")
    assert (entry.clause, entry.acting_as) == ("R2023 §74(2)", "program_manager")


async def test_a_later_approval_keeps_who_stays_and_releases_the_others(
    database: Database,
) -> None:
    scene = await arrange(database)
    first, second, third, fourth = [person.id for person in scene.people[:4]]
    async with as_person(database, scene.boss) as work:
        asked = {"node_id": scene.world.body.id, "act_id": scene.order.id}
        await approve_committee_composition(
            work, chair_id=first, deputy_ids=[second], member_ids=[third], **asked
        )
    async with as_person(database, scene.boss) as work:
        with refuses("CONFLICT", None, "expectedVersion"):
            await approve_committee_composition(work, chair_id=first, deputy_ids=[second], **asked)
        later = TODAY + 10 * DAY
        committee = await approve_committee_composition(
            work, chair_id=third, deputy_ids=[second, fourth], first_day=later,
            expected_version=1, **asked,
        )  # fmt: skip
        assert (committee.version, committee.approved_on) == (2, later)
    by = scene.boss_post.id
    assert await seats(database, scene.world.body, later - DAY) == {
        "gc_chair": [(first, by)], "gc_deputy_chair": [(second, by)], "gc_member": [(third, by)]
    }  # fmt: skip
    assert await seats(database, scene.world.body, later) == {
        "gc_chair": [(third, by)], "gc_deputy_chair": [(second, by), (fourth, by)]
    }  # fmt: skip
    async with database.session() as session:
        rows = await session.scalars(select(GoverningCommittee))
        assert [row.version for row in rows] == [2]


async def test_a_composition_keeps_the_rules(database: Database) -> None:
    scene = await arrange(database)
    first, second, third = [person.id for person in scene.people[:3]]
    async with arranging(database) as session:
        await make.make_appointment(session, scene.people[1], "po_head", scene.world.body)
    body = {"node_id": scene.world.body.id, "act_id": scene.order.id}
    async with as_person(database, scene.boss) as work:
        with refuses("COMMITTEE_NEEDS_DEPUTY", "R2023 §51", "deputyIds"):
            await approve_committee_composition(work, chair_id=first, deputy_ids=[], **body)
        with refuses("COMMITTEE_LACKS_OFFICE_HEAD", "R2023 §51", "deputyIds"):
            await approve_committee_composition(work, chair_id=first, deputy_ids=[third], **body)
        with refuses("COMMITTEE_LACKS_OFFICE_HEAD", "R2023 §51", "deputyIds"):
            await approve_committee_composition(work, chair_id=second, deputy_ids=[third], **body)
        with refuses("COMMITTEE_SEAT_TWICE", "product default", "memberIds"):
            await approve_committee_composition(
                work, chair_id=first, deputy_ids=[second], member_ids=[second], **body
            )
        with refuses("COMMITTEE_NOT_HERE", "R2023 §51", "nodeId"):
            await approve_committee_composition(
                work, node_id=scene.world.program.id, chair_id=first, deputy_ids=[second],
                act_id=scene.order.id,
            )  # fmt: skip
        with refuses("ACT_REQUIRED", "R2023 §51, §74(2)", "actId"):
            await approve_committee_composition(
                work, node_id=scene.world.body.id, chair_id=first, deputy_ids=[second], act_id=None
            )
    assert (await seats(database, scene.world.body)).get("gc_chair") is None
    async with as_person(database, scene.boss) as work:
        await approve_committee_composition(work, chair_id=first, deputy_ids=[second], **body)


async def test_in_2021_a_program_has_its_committee_and_deputies_are_optional(
    database: Database,
) -> None:
    scene = await arrange(database)
    chair = scene.people[0].id
    async with as_person(database, scene.boss, profile=Profile.R2021) as work:
        with refuses("COMMITTEE_NOT_HERE", "R2021 §44", "nodeId"):
            await approve_committee_composition(
                work, node_id=scene.world.body.id, chair_id=chair, deputy_ids=[],
                act_id=scene.order.id,
            )  # fmt: skip
        await approve_committee_composition(
            work, node_id=scene.world.program.id, chair_id=chair, deputy_ids=[],
            act_id=scene.order.id,
        )  # fmt: skip
        # The new head of the office becomes a deputy in the committee of each program.
        head = scene.people[1].id
        await appoint(
            work, person_id=head, role="po_head", node_id=scene.world.body.id,
            act_id=scene.order.id, terms=FULL,
        )  # fmt: skip
    assert await seats(database, scene.world.program) == {
        "gc_chair": [(chair, scene.boss_post.id)], "gc_deputy_chair": [(head, None)]
    }  # fmt: skip
    assert await seats(database, scene.world.body) == {}


async def test_only_the_program_manager_approves(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        await make.make_appointment(session, scene.people[0], "po_head", scene.world.body)
    async with as_person(database, scene.people[0]) as work:
        with pytest.raises(NotAllowed):
            await approve_committee_composition(
                work, node_id=scene.world.body.id, chair_id=scene.people[1].id,
                deputy_ids=[scene.people[0].id], act_id=scene.order.id,
            )  # fmt: skip


async def test_the_seat_comes_and_goes_with_the_post_of_office_head(database: Database) -> None:
    scene = await arrange(database)
    chair, deputy, head, successor = [person.id for person in scene.people[:4]]
    async with as_person(database, scene.boss) as work:
        await approve_committee_composition(
            work, node_id=scene.world.body.id, chair_id=chair, deputy_ids=[deputy],
            act_id=scene.order.id,
        )  # fmt: skip
        post = await appoint(
            work, person_id=head, role="po_head", node_id=scene.world.body.id,
            act_id=scene.order.id, terms=FULL,
        )  # fmt: skip
    by = scene.boss_post.id
    assert (await seats(database, scene.world.body))["gc_deputy_chair"] == [
        (deputy, by), (head, None)
    ]  # fmt: skip
    async with database.session() as session:
        seat = await session.scalar(
            select(Appointment).where(
                Appointment.person_id == head, Appointment.role == "gc_deputy_chair"
            )
        )
    assert seat is not None
    async with as_person(database, scene.boss) as work:
        with refuses("OFFICE_HEAD_STAYS_DEPUTY", "R2023 §51", "id"):
            await release(work, seat.id, expected_version=1)
        await replace(
            work, post.id, expected_version=1, person_id=successor, first_day=TODAY + DAY,
            act_id=scene.order.id,
        )  # fmt: skip
    tomorrow = await seats(database, scene.world.body, TODAY + DAY)
    assert tomorrow["gc_deputy_chair"] == [(deputy, by), (successor, None)]
    async with database.session() as session:
        new_post = await session.scalar(
            select(Appointment).where(
                Appointment.person_id == successor, Appointment.role == "po_head"
            )
        )
    assert new_post is not None
    async with as_person(database, scene.boss) as work:
        await release(work, new_post.id, expected_version=1, last_day=TODAY + 5 * DAY)
    day_after = await seats(database, scene.world.body, TODAY + 6 * DAY)
    assert day_after["gc_deputy_chair"] == [(deputy, by)]


async def test_the_head_of_the_office_sits_as_deputy_and_nowhere_else(
    database: Database,
) -> None:
    scene = await arrange(database)
    head, chair = scene.people[0].id, scene.people[1].id
    asked = {"node_id": scene.world.body.id, "act_id": scene.order.id}
    async with as_operator(database) as work:
        await appoint(work, person_id=head, role="po_head", terms=FULL, **asked)
        await appoint(work, person_id=chair, role="gc_chair", **asked)
    # The committee begins with its chair: the head of the office is seated at once.
    assert await seats(database, scene.world.body) == {
        "gc_chair": [(chair, None)], "gc_deputy_chair": [(head, None)]
    }  # fmt: skip
    async with arranging(database) as session:
        other = await make.make_node(session, NodeKind.STATE_BODY, scene.world.country)
    async with as_operator(database) as work:
        asked["node_id"] = other.id
        await appoint(work, person_id=chair, role="po_head", terms=FULL, **asked)
        with refuses("OFFICE_HEAD_STAYS_DEPUTY", "R2023 §51", "personId"):
            await appoint(work, person_id=chair, role="gc_chair", **asked)
