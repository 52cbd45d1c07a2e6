"""Whoever tries ids in mutations learns nothing: a hidden object is answered like none at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull
from starlette.applications import Starlette

from core.hierarchy.state_body import StateBodyKind
from core.tree.node import NodeKind
from schema.compose import ZhobaSchema
from schema.mutations.fields import ID_TYPES
from schema.mutations.inputs import camel, parameters_of
from schema.mutations.table import MUTATIONS
from tests.factories import make_act, make_appointment, make_node, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

ABSENT = 99_999_999
SCALARS = {"Int": 1, "Float": 1.0, "Boolean": True, "Date": "2026-03-02", "Decimal": "1.00"}

NAMED_UNSEEN = {("assignExecutor", "Person"), ("createTask", "Person")}
"""Acts that go through: whoever may give out a task may give it to somebody of another body."""


@dataclass(frozen=True)
class Keys:
    """The account that asks, and keys by type."""

    attacker: int
    seen: dict[str, int]
    hidden: dict[str, int]


@pytest.fixture
async def keys(app: Starlette) -> Keys:
    """A project manager, what they see, and what lies in another body."""
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        manager = await make_person(session, "Asanova Dana", state_body_id=world.body.id)
        held = await make_appointment(session, manager, "project_manager", world.project)
        own_act = await make_act(session, body=world.body)
        priority = await make_node(session, NodeKind.NATIONAL_PRIORITY, world.country)
        body = await make_node(
            session, NodeKind.STATE_BODY, world.country, stage=None, kind=StateBodyKind.CENTRAL
        )
        unit = await make_node(session, NodeKind.ORGANIZATION_UNIT, body, stage=None)
        program = await make_node(session, NodeKind.PROGRAM, body)
        direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
        group = await make_node(session, NodeKind.PROJECT_GROUP, direction)
        project = await make_node(session, NodeKind.PROJECT, group)
        task = await make_node(session, NodeKind.TASK, project, stage=None)
        person = await make_person(session, "Bekov Yerlan", state_body_id=body.id)
        appointment = await make_appointment(session, person, "project_manager", project)
        act = await make_act(session, body=body)
    account = await open_account(app, manager)
    seen = {
        "Account": account,
        "Act": own_act.id,
        "Appointment": held.id,
        "BasicDirection": world.direction.id,
        "Country": world.country.id,
        "NationalPriority": world.priority.id,
        "Person": manager.id,
        "Program": world.program.id,
        "Project": world.project.id,
        "ProjectGroup": world.group.id,
        "Region": world.region.id,
        "StateBody": world.body.id,
        "Task": world.task.id,
    }
    hidden = {
        "Account": await open_account(app, person),
        "Act": act.id,
        "Appointment": appointment.id,
        "BasicDirection": direction.id,
        "NationalPriority": priority.id,
        "OrganizationUnit": unit.id,
        "Person": person.id,
        "Program": program.id,
        "Project": project.id,
        "ProjectGroup": group.id,
        "StateBody": body.id,
        "Task": task.id,
    }
    return Keys(account, seen, hidden)


def value(type_: Any) -> Any:
    """Some value of an input type; of an object, what it cannot do without, or all of it."""
    if isinstance(type_, GraphQLNonNull):
        return value(type_.of_type)
    if isinstance(type_, GraphQLList):
        return [value(type_.of_type)]
    if isinstance(type_, GraphQLInputObjectType):
        fields = {name: each.type for name, each in type_.fields.items()}
        needed = {name: each for name, each in fields.items() if isinstance(each, GraphQLNonNull)}
        return {name: value(each) for name, each in (needed or fields).items()}
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    return SCALARS.get(type_.name, "probe")


def probes(schema: ZhobaSchema, keys: Keys) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every id field of every mutation with each hidden type it may name.

    Mutation, field, type, and an input whose other ids the attacker sees.
    """
    for mutation in MUTATIONS:
        allowed = {
            parameter.name: mutation.ids.get(parameter.name) or ID_TYPES[parameter.name]
            for parameter in parameters_of(mutation)
            if parameter.name in ID_TYPES
        }
        given = value(schema.graphql.type_map[mutation.input_name])
        for name, types in allowed.items():
            if camel(name) in given:
                seen = [each for each in types if each in keys.seen]
                kind = "Project" if "Project" in seen else (seen or types)[0]
                given[camel(name)] = listed(name, f"{kind}:{keys.seen.get(kind, ABSENT)}")
        for name, types in allowed.items():
            for kind in sorted(keys.hidden.keys() & set(types)):
                yield mutation.name, name, kind, given


def listed(parameter: str, identity: str) -> str | list[str]:
    return [identity] if parameter.endswith("_ids") else identity


async def test_a_hidden_object_is_answered_like_none(
    client: Client, schema: ZhobaSchema, keys: Keys
) -> None:
    named_unseen = set()
    asked = 0
    for mutation, name, kind, given in probes(schema, keys):
        document = (
            f"mutation ($i: {mutation[0].upper()}{mutation[1:]}Input!)"
            f" {{ {mutation}(input: $i) {{ userErrors {{ field code }} }} }}"
        )
        answers = []
        for key in (keys.hidden[kind], ABSENT):
            changed = {**given, camel(name): listed(name, f"{kind}:{key}")}
            answer = await client.query(document, {"i": changed}, account=keys.attacker)
            answers.append(answer["data"][mutation]["userErrors"])
        if not answers[0]:
            named_unseen.add((mutation, kind))
            continue
        assert answers[0] == answers[1], (mutation, name, kind)
        assert [error["code"] for error in answers[0]] == ["NOT_FOUND"], (mutation, name, kind)
        asked += 1
    assert named_unseen == NAMED_UNSEEN
    assert asked > len(MUTATIONS)
