"""A head of a project office goes on leave: through GraphQL only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from core.people.person import Person
from core.tree.node import Node
from tests.factories import make_act, make_appointment, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client
from zhoba.testing.days import today

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cast:
    """Accounts, and ids of what they speak of."""

    administrator: int
    chief: int
    officer: int
    ids: dict[str, str]


@pytest.fixture
async def cast(app: Starlette) -> Cast:
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        at = {"state_body_id": world.body.id}
        head, chief, administrator, officer = [
            await make_person(session, name, **at)
            for name in ("Head Aidar", "Chief Saule", "Admin Timur", "Officer Gulnar")
        ]
        order = await make_act(session, body=world.body, number="7-n")
        held = await make_appointment(session, head, "po_head", world.body, act_id=order.id)
        await make_appointment(session, chief, "po_chief_manager", world.body)
        await make_appointment(session, administrator, "po_administrator", world.body)
        await make_appointment(session, officer, "auditor", world.country)
    return Cast(
        await open_account(app, administrator),
        await open_account(app, chief),
        await open_account(app, officer),
        {
            "head": f"Person:{head.id}", "chief": f"Person:{chief.id}",
            "administrator": f"Person:{administrator.id}", "held": f"Appointment:{held.id}",
            "body": f"StateBody:{world.body.id}", "act": f"Act:{order.id}",
        },
    )  # fmt: skip


async def answered(client: Client, account: int, document: str, **given: Any) -> Any:
    answer = await client.query(document, given, account=account)
    assert "errors" not in answer, answer
    return answer["data"]


RECORD = """mutation ($head: ID!, $from: Date!, $to: Date) { recordAbsence(input: {
  personId: $head, reason: SICK_LEAVE, firstDay: $from, lastDay: $to
}) { userErrors { code } absence { id version current person { id } } } }"""
SUBSTITUTE = """mutation ($held: ID!, $chief: ID!) { substituteAbsent(input: {
  appointmentId: $held, personId: $chief, reason: "Order 7"
}) { userErrors { code clause } appointment {
  id version acting roleCode validTo
  substitution { replaced { person { fullName } } performer { roleCode }
                 absence { id } }
} } }"""
END = """mutation ($absence: ID!, $day: Date!) { endAbsence(input: {
  absenceId: $absence, expectedVersion: 1, lastDay: $day
}) { userErrors { code } absence { lastDay substitutions { appointment { validTo } } } } }"""
WHO = """query ($body: ID!, $day: Date, $first: Int! = 50, $after: String) {
  whoCan(node: $body, action: "role_assignment.substitute", asOf: $day, first: $first,
         after: $after) {
    nodes { fullName rule since until act actKind actNumber
            via { code relation substitution actingFor heldAt } }
    hasNextPage endCursor policyVersion } }"""


async def test_a_leave_from_its_record_to_the_return(client: Client, cast: Cast) -> None:
    day = today()
    until = day + 9 * DAY
    recorded = (
        await answered(
            client, cast.administrator, RECORD,
            head=cast.ids["head"], **{"from": str(day), "to": str(until)},
        )
    )["recordAbsence"]  # fmt: skip
    assert recorded["userErrors"] == []
    assert recorded["absence"]["current"] is True
    absence = recorded["absence"]["id"]

    substituted = (
        await answered(
            client, cast.administrator, SUBSTITUTE, held=cast.ids["held"], chief=cast.ids["chief"]
        )
    )["substituteAbsent"]
    assert substituted["userErrors"] == []
    acting = substituted["appointment"]
    assert (acting["acting"], acting["roleCode"], acting["validTo"]) == (
        True, "po_head", str(until)
    )  # fmt: skip
    assert acting["substitution"] == {
        "replaced": {"person": {"fullName": "Head Aidar"}},
        "performer": {"roleCode": "po_chief_manager"},
        "absence": {"id": absence},
    }

    page = (await answered(client, cast.officer, WHO, body=cast.ids["body"]))["whoCan"]
    assert [(each["fullName"], each["via"]["code"]) for each in page["nodes"]] == [
        ("Head Aidar", "po_head"), ("Chief Saule", "po_head"), ("Admin Timur", "po_administrator"),
    ]  # fmt: skip
    first, second, _ = page["nodes"]
    assert (first["act"], first["actKind"], first["actNumber"]) == (
        cast.ids["act"], "ORDER", "7-n"
    )  # fmt: skip
    assert (first["via"]["substitution"], first["via"]["heldAt"]) == (None, cast.ids["body"])
    assert second["via"]["actingFor"] == cast.ids["head"]
    assert second["via"]["substitution"] == acting["id"].replace("Appointment", "Substitution")
    assert (second["since"], second["until"]) == (str(day), str(until))
    assert second["rule"] == "core:po_head:role_assignment.substitute"

    past = await answered(client, cast.officer, WHO, body=cast.ids["body"], day=str(day - DAY))
    assert [each["fullName"] for each in past["whoCan"]["nodes"]] == ["Head Aidar", "Admin Timur"]

    for account in (cast.chief, cast.officer):
        told = await answered(
            client, account,
            """query ($me: ID!, $body: ID!) { explainAccess(person: $me, node: $body,
                 action: "role_assignment.substitute") {
                 allowed roles { code substitution actingFor heldAt } } }""",
            me=cast.ids["chief"], body=cast.ids["body"],
        )  # fmt: skip
        assert told["explainAccess"]["allowed"] is True
        assert [(each["code"], each["actingFor"]) for each in told["explainAccess"]["roles"]] == [
            ("po_head", cast.ids["head"])
        ]

    ended = (await answered(client, cast.administrator, END, absence=absence, day=str(day)))[
        "endAbsence"
    ]
    assert ended["absence"] == {
        "lastDay": str(day), "substitutions": [{"appointment": {"validTo": str(day)}}]
    }  # fmt: skip


async def test_pages_of_who_can_go_on_where_they_ended(client: Client, cast: Cast) -> None:
    names, after = [], None
    while True:
        page = (
            await answered(client, cast.officer, WHO, body=cast.ids["body"], first=1, after=after)
        )["whoCan"]
        names += [each["fullName"] for each in page["nodes"]]
        after = page["endCursor"]
        if not page["hasNextPage"]:
            break
    assert names == ["Head Aidar", "Admin Timur"]


async def test_only_who_explains_the_policy_asks_who_can(client: Client, cast: Cast) -> None:
    answer = await client.query(WHO, {"body": cast.ids["body"]}, account=cast.administrator)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for first in (0, 101):
        answer = await client.query(
            WHO, {"body": cast.ids["body"], "first": first}, account=cast.officer
        )
        assert answer["errors"][0]["extensions"]["code"] == "BAD_PAGE_SIZE"


async def test_the_reasons_of_an_absence_and_of_who_stands_in_are_personal(
    app: Starlette, client: Client, cast: Cast
) -> None:
    day = today()
    given = {"head": cast.ids["head"], "from": str(day), "to": None}
    await answered(client, cast.administrator, RECORD, **given)
    document = "{ absences(first: 5) { nodes { firstDay person { id } reason } } }"
    answer = await client.query(document, account=cast.administrator)
    assert answer["data"]["absences"]["nodes"] == [
        {"firstDay": str(day), "person": {"id": cast.ids["head"]}, "reason": None}
    ]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    await answered(
        client, cast.administrator, SUBSTITUTE, held=cast.ids["held"], chief=cast.ids["chief"]
    )
    document = """{ appointments(first: 9, where: {acting: {eq: true}}) {
                    nodes { substitution { reason } } } }"""
    answer = await client.query(document, account=cast.administrator)
    assert answer["data"]["appointments"]["nodes"] == [{"substitution": {"reason": None}}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    async with app.state.operations.services.database.session() as session:
        head = await session.get_one(Person, int(cast.ids["head"].partition(":")[2]))
    absent = await open_account(app, head)
    answer = await client.query(document, account=absent)
    assert answer["data"]["appointments"]["nodes"] == [{"substitution": {"reason": "Order 7"}}]


async def test_appointments_as_of_a_day(app: Starlette, client: Client, cast: Cast) -> None:
    day = today()
    async with app.state.operations.services.database.session() as session, session.begin():
        world_body = int(cast.ids["body"].partition(":")[2])
        body = await session.get_one(Node, world_body)
        former = await make_person(session, "Former Marat", state_body_id=world_body)
        await make_appointment(
            session, former, "cc_head", body,
            valid_from=day - 30 * DAY, valid_to=day - 10 * DAY,
        )  # fmt: skip
    document = """query ($day: Date!) { appointments(first: 20, where: {
      asOf: $day, roleCode: {eq: "cc_head"} }) { nodes { person { fullName } } } }"""
    found = {}
    for back in (31, 30, 20, 10, 9, 0):
        data = await answered(client, cast.administrator, document, day=str(day - back * DAY))
        found[back] = len(data["appointments"]["nodes"])
    assert found == {31: 0, 30: 1, 20: 1, 10: 1, 9: 0, 0: 0}
