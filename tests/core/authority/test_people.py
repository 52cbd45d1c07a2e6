"""Who may see whom."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.authority.people import may_person, person_predicate
from core.authority.reader import reader_of
from core.db.engine import Database
from core.people.person import Person
from core.tree.node import NodeKind
from core.work import Actor
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY, policy

ACTIONS = ("person.read_basic", "person.read", "person.read_personal", "person.manage")


async def test_a_person_is_at_home_and_where_they_hold_roles(database: Database) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        other = await make.make_node(session, NodeKind.STATE_BODY, world.country)
        unit = await make.make_node(session, NodeKind.ORGANIZATION_UNIT, world.body)
        people = {
            "manager": await make.make_person(session, state_body_id=other.id),
            "member": await make.make_person(session, state_body_id=other.id),
            "former": await make.make_person(session, state_body_id=other.id),
            "hr": await make.make_person(session, state_body_id=world.body.id),
            "clerk": await make.make_person(
                session, state_body_id=world.body.id, organization_unit_id=unit.id
            ),
            "nobody": await make.make_person(session),
            "administrator": await make.make_person(session),
        }
        yesterday = TODAY - timedelta(days=1)
        for who, role, node, last in (
            ("manager", "project_manager", world.project, None),
            ("member", "project_team_member", world.project, TODAY),
            ("former", "project_team_member", world.project, yesterday),
            ("hr", "hr_service", world.body, None),
            ("administrator", "national_administrator", world.country, None),
        ):
            await make.make_appointment(session, people[who], role, node, valid_to=last)
    names = {person.id: name for name, person in people.items()}
    seen: dict[tuple[str, str], set[str]] = {}
    async with database.session() as session:
        for name, person in people.items():
            reader = await reader_of(session, Actor(person.id), TODAY)
            for action in ACTIONS:
                found = {}
                for form in ("exists", "in"):
                    predicate = person_predicate(policy(), action, Person, reader, form=form)
                    rows = await session.scalars(
                        select(Person.id).where(predicate),
                        {"reader_person": person.id, "reader_today": TODAY},
                    )
                    found[form] = {names[row] for row in rows}
                one_by_one = {
                    other_name
                    for other_name, one in people.items()
                    if await may_person(policy(), session, reader, action, one.id, TODAY)
                }
                assert found == {"exists": one_by_one, "in": one_by_one}
                seen[name, action] = one_by_one
    team = {"manager", "member"}
    assert seen["member", "person.read"] == team
    assert seen["member", "person.read_basic"] == team | {"hr", "clerk"}
    assert seen["member", "person.read_personal"] == {"member"}
    assert seen["former", "person.read"] == {"former"}
    assert seen["hr", "person.read_personal"] == {"hr", "clerk"}
    assert seen["hr", "person.manage"] == {"hr", "clerk"}
    assert seen["hr", "person.read"] == team | {"hr", "clerk"}
    assert seen["nobody", "person.read_basic"] == {"nobody"}
    assert seen["administrator", "person.manage"] == set(people)
    assert seen["administrator", "person.read_personal"] == {"administrator"}
