"""Five persons ask the same five queries, and each gets exactly what is theirs."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette

from core.hierarchy.state_body import StateBodyKind
from core.tree.node import NodeKind, Stage
from tests.factories import make_appointment, make_node, make_person, make_service, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

QUERIES = {
    "viewer": "{ viewer { fullName iin appointments { nodes { roleCode } } } }",
    "projects": """{ projects(orderBy: [{field: NUMBER}]) {
        totalCount stats { count budget { amount currency } }
        nodes { number managerName budget { amount } }
    } }""",
    "programs": """{ programs(orderBy: [{field: NAME}]) {
        nodes { name(lang: EN) managerName goal projectStats { count budget { amount } } }
    } }""",
    "people": "{ persons(orderBy: [{field: FULL_NAME}]) { nodes { fullName phone } } }",
    "places": "{ regions { nodes { code } } country { name(lang: EN) } }",
}


@pytest.fixture
async def accounts(app: Starlette) -> dict[str, int | None]:
    """Two programs of two bodies with three projects, and four persons with accounts."""
    database = app.state.operations.services.database
    async with database.session() as session, session.begin():
        world = await make_world(session)
        country, group = world.country, world.group
        await set_project(session, world.project.id, "PRJ-2026-000001", 100_00)
        sibling = await make_node(
            session, NodeKind.PROJECT, group, stage=Stage.PLANNING,
            number="PRJ-2026-000002", budget_minor=200_00, currency="KZT",
        )  # fmt: skip
        other_body = await make_node(
            session, NodeKind.STATE_BODY, country, stage=None, kind=StateBodyKind.CENTRAL
        )
        other_program = await make_node(session, NodeKind.PROGRAM, other_body, name="Другая")
        await make_service(session, world.priority, other_program)
        other_direction = await make_node(session, NodeKind.BASIC_DIRECTION, other_program)
        await make_node(
            session, NodeKind.PROJECT, other_direction, number="PRJ-2026-000003",
            budget_minor=400_00, currency="KZT",
        )  # fmt: skip
        people = {
            "manager": await make_person(
                session, "Asanova Dana", phone="+7 701 0000001", state_body_id=world.body.id
            ),
            "program manager": await make_person(
                session, "Bekov Yerlan", phone="+7 701 0000002", state_body_id=world.body.id
            ),
            "office": await make_person(session, "Chaltayev Oljas", phone="+7 701 0000003"),
            "nobody": await make_person(session, "Dosova Aigul", phone="+7 701 0000004"),
        }
        await make_appointment(session, people["manager"], "project_manager", world.project)
        await make_appointment(session, people["program manager"], "program_manager", world.body)
        await make_appointment(session, people["office"], "office_member", country)
    assert sibling.id != world.project.id
    found: dict[str, int | None] = {
        name: await open_account(app, person) for name, person in people.items()
    }
    return {**found, "anonymous": None}


async def set_project(session: Any, key: int, number: str, budget: int) -> None:
    from core.hierarchy.project import Project

    project = await session.get_one(Project, key)
    project.number, project.budget_minor = number, budget


async def ask(client: Client, account: int | None, query: str) -> tuple[Any, list[tuple[Any, str]]]:
    """The data, and for each error its path and code."""
    answer = await client.query(QUERIES[query], account=account)
    errors = [(each["path"], each["extensions"]["code"]) for each in answer.get("errors", [])]
    return answer["data"], errors


def numbers(data: Any) -> list[str]:
    return [node["number"] for node in data["projects"]["nodes"]]


async def test_the_project_manager(client: Client, accounts: dict[str, int | None]) -> None:
    me = accounts["manager"]
    data, errors = await ask(client, me, "viewer")
    assert data["viewer"]["fullName"] == "Asanova Dana"
    assert data["viewer"]["appointments"]["nodes"] == [{"roleCode": "project_manager"}]
    assert errors == []

    data, errors = await ask(client, me, "projects")
    assert data["projects"]["nodes"] == [
        {
            "number": "PRJ-2026-000001",
            "managerName": "Asanova Dana",
            "budget": {"amount": "100.00"},
        },
        {"number": "PRJ-2026-000002", "managerName": None, "budget": None},
    ]
    assert data["projects"]["stats"] == {
        "count": 2,
        "budget": [{"amount": "100.00", "currency": "KZT"}],
    }
    assert errors == [(["projects", "nodes", 1, "budget"], "FORBIDDEN")]

    data, errors = await ask(client, me, "programs")
    assert data["programs"]["nodes"] == [
        {
            "name": "PROGRAM 4",
            "managerName": "Bekov Yerlan",
            "goal": None,
            "projectStats": {"count": 2, "budget": [{"amount": "100.00"}]},
        }
    ]
    assert errors == [(["programs", "nodes", 0, "goal"], "FORBIDDEN")]


async def test_the_program_manager(client: Client, accounts: dict[str, int | None]) -> None:
    me = accounts["program manager"]
    data, errors = await ask(client, me, "projects")
    assert numbers(data) == ["PRJ-2026-000001", "PRJ-2026-000002"]
    assert data["projects"]["stats"]["budget"] == [{"amount": "300.00", "currency": "KZT"}]
    assert errors == []

    data, errors = await ask(client, me, "people")
    assert [node["fullName"] for node in data["persons"]["nodes"]] == [
        "Asanova Dana",
        "Bekov Yerlan",
    ]
    assert [node["phone"] for node in data["persons"]["nodes"]] == [None, "+7 701 0000002"]
    assert errors == [(["persons", "nodes", 0, "phone"], "FORBIDDEN")]


async def test_the_office(client: Client, accounts: dict[str, int | None]) -> None:
    me = accounts["office"]
    data, errors = await ask(client, me, "projects")
    assert numbers(data) == ["PRJ-2026-000001", "PRJ-2026-000002", "PRJ-2026-000003"]
    assert data["projects"]["stats"]["budget"] == [{"amount": "700.00", "currency": "KZT"}]
    assert errors == []

    data, errors = await ask(client, me, "programs")
    assert len(data["programs"]["nodes"]) == 2
    assert errors == []

    data, errors = await ask(client, me, "people")
    assert [node["phone"] for node in data["persons"]["nodes"]] == [
        None,
        None,
        "+7 701 0000003",
        None,
    ]
    assert [code for _, code in errors] == ["FORBIDDEN"] * 3


@pytest.mark.parametrize("who", ["nobody", "anonymous"])
async def test_a_person_without_appointments_and_an_anonymous_one(
    client: Client, accounts: dict[str, int | None], who: str
) -> None:
    me = accounts[who]
    data, errors = await ask(client, me, "viewer")
    assert data["viewer"] == (
        {"fullName": "Dosova Aigul", "iin": None, "appointments": {"nodes": []}}
        if who == "nobody"
        else None
    )
    for query in ("projects", "programs"):
        data, more = await ask(client, me, query)
        errors += more
        assert data[query]["nodes"] == []
    data, more = await ask(client, me, "people")
    assert [node["fullName"] for node in data["persons"]["nodes"]] == (
        ["Dosova Aigul"] if who == "nobody" else []
    )
    assert errors + more == []


@pytest.mark.parametrize("who", ["manager", "program manager", "office", "nobody", "anonymous"])
async def test_places_are_public(client: Client, accounts: dict[str, int | None], who: str) -> None:
    data, errors = await ask(client, accounts[who], "places")
    assert data == {"regions": {"nodes": [{"code": "KZ-10"}]}, "country": {"name": "COUNTRY 1"}}
    assert errors == []
