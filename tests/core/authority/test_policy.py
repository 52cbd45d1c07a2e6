"""The policy set: what it answers, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, literal, select, true
from sqlalchemy.dialects import postgresql

from core.authority.acting import Substitution
from core.authority.catalogue import core_catalogue
from core.authority.explanation import HeldRole
from core.authority.policy import READ_RESOURCE, PolicySet, UnknownAction
from core.authority.reader import Reader, reader_of
from core.authority.rules import Relation, Rule, default_rules
from core.db.base import Key
from core.db.engine import Database
from core.errors import NotAllowed, NotFound
from core.hierarchy.conditions import core_conditions, core_policy
from core.tree.node import Node, NodeKind
from core.work import Actor, Profile
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY, as_person, policy

DAY = timedelta(days=1)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements sent inside the block."""
    sent: list[str] = []

    def note(*parts: Any) -> None:
        sent.append(parts[2])

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


def selects(sent: list[str]) -> int:
    return len([statement for statement in sent if "SELECT" in statement])


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [
        (-DAY, None, True),
        (0 * DAY, None, True),
        (DAY, None, False),
        (-DAY, 0 * DAY, True),
        (-DAY, -DAY, False),
        (0 * DAY, 0 * DAY, True),
        (0 * DAY, -DAY, False),
    ],
)
async def test_a_role_holds_on_its_first_and_last_day(
    database: Database, starts: timedelta, ends: timedelta | None, holds: bool
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        manager = await make.make_person(session)
        await make.make_appointment(
            session,
            manager,
            "project_manager",
            world.project,
            valid_from=TODAY + starts,
            valid_to=None if ends is None else TODAY + ends,
        )
    async with as_person(database, manager) as work:
        assert (await work.may("project.edit_plan", world.task.id)).allowed is holds


async def test_a_decision_names_role_rule_and_appointment(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        curator = await make.make_person(session)
        held = await make.make_appointment(session, curator, "np_curator", world.priority)
    async with as_person(database, curator) as work:
        decision = await work.may("project.read", world.project.id)
    assert (decision.role, decision.rule, decision.appointment_id) == (
        "np_curator", "core:np_curator:project.read", held.id
    )  # fmt: skip


@pytest.mark.parametrize("acts_at", ["body", "program"])
async def test_a_role_of_ones_own_decides_before_one_acted_in(
    database: Database, acts_at: str
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
        held = {
            place: await make.make_appointment(
                session, person, "program_manager", getattr(world, place)
            )
            for place in ("body", "program")
        }
        acting = held.pop(acts_at)
        session.add(Substitution(id=acting.id, performer_id=acting.id))
    (own,) = held.values()
    async with as_person(database, person) as work:
        decision = await work.may("project.read", world.project.id)
    assert (decision.appointment_id, decision.acting) == (own.id, False)


async def test_a_hidden_node_does_not_exist_and_a_seen_one_forbids(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        member = await make.make_person(session)
        await make.make_appointment(session, member, "project_team_member", world.project)
        other = await make.make_node(session, NodeKind.STATE_BODY, world.country)
    async with as_person(database, member) as work:
        with pytest.raises(NotAllowed):
            await work.require("project.edit_plan", world.project.id)
        with pytest.raises(NotAllowed):
            await work.require("state_body.manage", world.body.id)
        with pytest.raises(NotFound):
            await work.require("state_body.manage", other.id)
        with pytest.raises(NotFound):
            await work.require("project.read", 10**9)


async def test_scopes_of_a_key_switch_other_actions_off(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        auditor = await make.make_person(session)
        await make.make_appointment(session, auditor, "auditor", world.country)
    scopes = frozenset({"project.read"})
    async with as_person(database, auditor, scopes=scopes) as work:
        assert (await work.may("project.read", world.project.id)).allowed
        assert not (await work.may("task.read", world.task.id)).allowed
        assert not await work.authority.sees(work, world.task.id)
        reader = await reader_of(work.session, work.actor, TODAY)
        allowed = await policy().allowed_actions(work.session, reader, world.project.id, TODAY)
    assert allowed == scopes
    assert str(policy().predicate("task.read", Node.id, reader).compile()) == "false"
    assert policy().predicate("project.read", Node.id, reader).compare(true())


async def test_anonymous_sees_the_public_only(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
    async with as_person(database, None) as work:
        allowed = await policy().allowed_actions(work.session, Reader(), world.country.id, TODAY)
    assert allowed == {"viewer.read", "country.read", "region.read"}


async def test_an_unknown_action_is_a_mistake(database: Database) -> None:
    async with as_person(database, None) as work:
        with pytest.raises(UnknownAction):
            await work.may("project.raed", 1)
    with pytest.raises(UnknownAction):
        policy().predicate("project.raed", Node.id, Reader())


async def test_statements_do_not_grow_with_actions_or_nodes(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
        await make.make_appointment(session, person, "pg_curator", world.group)
        await make.make_appointment(session, person, "program_manager", world.body)
    nodes = [world.country, world.priority, world.body, world.program, world.group, world.project]
    reader = Reader(person.id)
    counts = []
    for asked, where in (
        (["project.propose_stop_start"], [world.project]),
        (["project.propose_stop_start", "project.read"], nodes),
        (["portfolio.read_basic"], nodes),
    ):
        async with database.session() as session:
            with counted(database) as sent:
                await policy().decisions(session, reader, asked, [node.id for node in where], TODAY)
        counts.append(selects(sent))
    async with database.session() as session:
        with counted(database) as sent:
            everything = await policy().allowed_actions(session, reader, world.group.id, TODAY)
    # Appointments, nodes with their ancestors, two of a condition; the third question has no
    # condition, but asks for the programs of the priority.
    assert counts == [4, 4, 3]
    assert selects(sent) <= 9
    assert "gc.approve_composition" in everything


async def test_regional_administrator_reaches_every_body_of_the_region(
    database: Database,
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        other_region = await make.make_region(session, "KZ-75")
        nodes = {
            "same": await make.make_node(
                session, NodeKind.STATE_BODY, world.country, region=world.region
            ),
            "other": await make.make_node(
                session, NodeKind.STATE_BODY, world.country, region=other_region
            ),
            "national": await make.make_node(session, NodeKind.STATE_BODY, world.country),
        }
        administrator = await make.make_person(session)
        await make.make_appointment(session, administrator, "regional_administrator", world.body)
    nodes |= {"own": world.body, "inside": world.group, "country": world.country}
    async with as_person(database, administrator) as work:
        managed = {
            name for name, node in nodes.items()
            if (await work.may("state_body.manage", node.id)).allowed
        }  # fmt: skip
    assert managed == {"same", "own", "inside"}


async def test_a_national_role_needs_no_predicate_unless_something_is_denied() -> None:
    reader = Reader(1, frozenset({"auditor"}))
    assert policy().predicate("project.read", Node.id, reader).compare(true())
    denied = Rule("test:deny", "auditor", "project.read", Relation.TREE, effect="deny")
    stricter = PolicySet(
        core_catalogue(), [*default_rules(core_catalogue()), denied], core_conditions()
    )
    assert "NOT ((EXISTS" in str(stricter.predicate("project.read", Node.id, reader))
    assert stricter.version != policy().version


def test_the_predicate_binds_the_reader_and_the_day_only() -> None:
    for action in sorted(policy().actions):
        predicate = policy().predicate(action, Node.id, Reader(), form="in", owner=Node.id)
        compiled = select(Node.id).where(predicate).compile(dialect=postgresql.dialect())
        assert set(compiled.params) <= {"reader_person", "reader_today"}, action


def test_the_version_follows_the_rules() -> None:
    assert core_policy().version == core_policy().version
    assert core_policy(Profile.R2021).version != core_policy().version


def test_every_kind_of_node_has_a_resource() -> None:
    assert set(READ_RESOURCE) == set(NodeKind)
    for resource in READ_RESOURCE.values():
        assert f"{resource}.read" in policy().actions


async def test_reader_holds_national_roles_of_today(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        person = await make.make_person(session)
        for role, day in (("auditor", None), ("office_member", TODAY - DAY), ("operator", TODAY)):
            await make.make_appointment(session, person, role, world.country, valid_to=day)
        await make.make_appointment(session, person, "po_head", world.body)
    async with database.session() as session:
        reader = await reader_of(session, Actor(person.id, 1), TODAY)
        nobody = await reader_of(session, Actor(), date(2026, 3, 2))
    assert reader == Reader(person.id, frozenset({"auditor", "operator"}))
    assert nobody == Reader()


async def test_explain_tells_origin_and_verdicts(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        curator, head = await make.make_person(session), await make.make_person(session)
        order = await make.make_act(session)
        held = await make.make_appointment(
            session, curator, "pg_curator", world.group, act_id=order.id
        )
        await make.make_appointment(session, curator, "np_curator", world.priority)
        heading = await make.make_appointment(session, head, "bd_head", world.direction)
        heading_id = heading.id
    async with database.session() as session:
        told = await policy().explain(
            session, curator.id, world.project.id, "project.propose_stop_start", TODAY
        )
        seen = await policy().explain(session, curator.id, world.project.id, "project.read", TODAY)
        absent = await policy().explain(session, curator.id, 10**9, "project.read", TODAY)
    assert told.allowed
    assert told.deciding_rule == (
        "core:pg_curator:project.propose_stop_start:bd_headed_by_other_deputy"
    )
    assert told.roles == (
        HeldRole(
            "pg_curator", Relation.TREE, held.id, order.id, world.group.id, 1, False, None, None,
            ("bd_headed_by_other_deputy",),
        ),
    )  # fmt: skip
    verdicts = {one.rule.role: (one.role, one.condition, one.matches) for one in told.rules}
    assert verdicts == {
        "pg_curator": (True, True, True),
        "bd_head": (False, True, False),
        "standard_bd_head": (False, True, False),
    }
    assert {one.role: one.service for one in seen.roles} == {
        "pg_curator": False, "np_curator": True
    }  # fmt: skip
    assert (absent.allowed, absent.rules, absent.policy_version) == (False, (), policy().version)
    async with database.session() as session, session.begin():
        appointment = await session.get_one(type(heading), heading_id)
        appointment.person_id = curator.id
        await session.flush()
        alone = await policy().explain(
            session, curator.id, world.project.id, "project.propose_stop_start", TODAY
        )
    # The curator heads the direction now: as head, not as curator.
    assert alone.deciding_rule == "core:bd_head:project.propose_stop_start"


async def test_a_denial_about_oneself_denies_nobody_else(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        owner, other = await make.make_person(session), await make.make_person(session)
    denied = Rule("test:deny", "oneself", "country.read", Relation.OWN, effect="deny")
    stricter = PolicySet(
        core_catalogue(), [*default_rules(core_catalogue()), denied], core_conditions()
    )
    found = {}
    async with database.session() as session:
        for person_id in (None, owner.id, other.id):
            for about in (None, owner.id):
                column = literal(about, Key)
                asked = stricter.predicate("country.read", Node.id, Reader(person_id), owner=column)
                rows = await session.scalars(
                    select(Node.id).where(Node.id == world.country.id, asked),
                    {"reader_person": person_id, "reader_today": TODAY},
                )
                found[person_id, about] = bool(rows.all())
    assert [key for key, allowed in found.items() if not allowed] == [(owner.id, owner.id)]
