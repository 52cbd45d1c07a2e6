"""What is denied, and whose personal data are read, stands in the decision log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from core.authority.appointment import Appointment
from core.authority.reader import Reader
from core.decisions import log as decision_log
from core.decisions.entry import DecisionEntry, DecisionKind
from core.decisions.log import DecisionLog, line
from core.people.account import Account
from core.tree.node import NodeKind
from tests.factories import make_appointment, make_node, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

LOG = """query ($where: DecisionEntryWhere) {
  decisionEntries(first: 50, where: $where, orderBy: [{field: AT}]) { nodes {
    kind action outcome subject subjectId fields rule node { id } person { id }
  } } }"""

PERSONAL = ("iin", "phone", "email", "certificateLevel", "certificateNumber",
            "certificateExpiresOn")  # fmt: skip


@dataclass(frozen=True)
class Cast:
    """Who asks, and what about."""

    personnel: int
    member: int
    colleague: int
    auditor: int
    of_member: int
    project: int
    hidden: int
    body: int


@pytest.fixture
async def cast(app: Starlette) -> Cast:
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        at = {"state_body_id": world.body.id}
        member = await make_person(
            session, "Asanova Dana", iin="900101300017", phone="+7 701", email="d@kz", **at
        )
        await make_appointment(session, member, "project_team_member", world.project)
        personnel = await make_person(session, **at)
        await make_appointment(session, personnel, "hr_service", world.body)
        colleague = await make_person(session, **at)
        await make_appointment(session, colleague, "project_manager", world.project)
        auditor = await make_person(session)
        await make_appointment(session, auditor, "auditor", world.country)
        other = await make_node(session, NodeKind.STATE_BODY, world.country, stage=None)
    return Cast(
        await open_account(app, personnel),
        await open_account(app, member),
        await open_account(app, colleague),
        await open_account(app, auditor),
        member.id,
        world.project.id,
        other.id,
        world.body.id,
    )


async def told(app: Starlette, client: Client, account: int, **where: Any) -> list[Any]:
    """The log as this reader sees it, without moments."""
    await app.state.operations.services.decisions.flush()
    answer = await client.query(LOG, {"where": where or None}, account=account)
    assert "errors" not in answer, answer
    return list(answer["data"]["decisionEntries"]["nodes"])


async def test_every_read_of_personal_data_is_logged_without_them(
    app: Starlette, client: Client, cast: Cast
) -> None:
    document = "{ persons(first: 9) { nodes { fullName p: phone iin } } }"
    answer = await client.query(document, account=cast.personnel)
    found = {each["fullName"]: each for each in answer["data"]["persons"]["nodes"]}
    assert found["Asanova Dana"]["iin"] == "900101300017"
    assert found["Asanova Dana"]["p"] == "+7 701"
    assert all(set(each) == {"fullName", "p", "iin"} for each in found.values())
    lines = await told(app, client, cast.auditor, kind={"eq": "SENSITIVE_READ"})
    assert [
        {**each, "person": None} for each in lines if each["subjectId"] == str(cast.of_member)
    ] == [
        {
            "kind": "SENSITIVE_READ", "action": "person.read_personal", "outcome": None,
            "subject": "Person", "subjectId": str(cast.of_member), "fields": ["iin", "phone"],
            "rule": "core:hr_service:person.read_personal", "node": None, "person": None,
        }
    ]  # fmt: skip
    async with app.state.operations.services.database.session() as session:
        rows = (await session.scalars(select(DecisionEntry))).all()
    assert rows
    for row in rows:
        kept = " ".join(str(getattr(row, column.key)) for column in DecisionEntry.__table__.columns)
        assert not any(secret in kept for secret in ("900101300017", "+7 701", "d@kz", "Asanova"))


async def test_a_reader_of_their_own_data_is_not_logged(
    app: Starlette, client: Client, cast: Cast
) -> None:
    answer = await client.query("{ viewer { iin } }", account=cast.member)
    assert answer["data"]["viewer"] == {"iin": "900101300017"}
    assert await told(app, client, cast.auditor) == []


async def test_denied_fields_are_logged_once_for_a_whole_list(
    app: Starlette, client: Client, cast: Cast
) -> None:
    document = "{ persons(first: 9) { nodes { fullName phone } } }"
    answer = await client.query(document, account=cast.colleague)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"FORBIDDEN"}
    assert len(answer["errors"]) > 1
    lines = await told(app, client, cast.auditor)
    assert [(each["kind"], each["action"], each["outcome"], each["fields"]) for each in lines] == [
        ("DENIED", "person.read_personal", "FORBIDDEN", ["persons.nodes.phone"])
    ]


@pytest.mark.parametrize("name", PERSONAL)
async def test_a_personal_field_is_null_and_forbidden_and_no_filter(
    client: Client, cast: Cast, name: str
) -> None:
    document = "query ($id: ID!) { person(id: $id) { fullName %s } }" % name  # noqa: UP031
    answer = await client.query(
        document, {"id": f"Person:{cast.of_member}"}, account=cast.colleague
    )
    assert answer["data"]["person"] == {"fullName": "Asanova Dana", name: None}, answer
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["person", name], "FORBIDDEN")
    ]
    refused = await client.query(
        "{ persons(first: 1, where: {%s: {isNull: true}}) { totalCount } }" % name,  # noqa: UP031
        account=cast.personnel,
    )
    assert refused["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT" or "data" not in refused
    schema = await client.query(
        '{ order: __type(name: "PersonOrderField") { enumValues { name } } '
        'filter: __type(name: "PersonWhere") { inputFields { name } } }'
    )
    spelled = "".join("_" + one if one.isupper() else one.upper() for one in name)
    assert spelled not in [each["name"] for each in schema["data"]["order"]["enumValues"]]
    assert name not in [each["name"] for each in schema["data"]["filter"]["inputFields"]]


async def test_a_hidden_object_that_is_asked_for_is_logged(
    app: Starlette, client: Client, cast: Cast
) -> None:
    document = "query ($id: ID!) { stateBody(id: $id) { id } }"
    given = {"id": f"StateBody:{cast.hidden}"}
    answer = await client.query(document, given, account=cast.member)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    [found] = await told(app, client, cast.auditor)
    assert (found["action"], found["outcome"]) == ("stateBody", "NOT_FOUND")
    assert (found["subject"], found["subjectId"]) == ("StateBody", str(cast.hidden))


async def test_a_denied_act_is_logged_though_it_is_undone(
    app: Starlette, client: Client, cast: Cast
) -> None:
    act = """mutation ($id: ID!) { editStateBody(input: {bodyId: $id, expectedVersion: 1,
             names: {en: "X"}}) { userErrors { code } } }"""
    seen = await client.query(act, {"id": f"StateBody:{cast.body}"}, account=cast.member)
    assert seen["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    hidden = await client.query(act, {"id": f"StateBody:{cast.hidden}"}, account=cast.member)
    assert hidden["data"]["editStateBody"]["userErrors"] == [{"code": "NOT_FOUND"}]
    lines = await told(app, client, cast.auditor)
    assert [(each["action"], each["outcome"], each["node"]["id"]) for each in lines] == [
        ("state_body.manage", "FORBIDDEN", f"StateBody:{cast.body}"),
        ("state_body.manage", "NOT_FOUND", f"StateBody:{cast.hidden}"),
    ]


async def test_a_hidden_object_that_an_act_is_given_is_logged(
    app: Starlette, client: Client, cast: Cast
) -> None:
    act = """mutation ($id: ID!) { createTask(input: {parentId: $id, names: {en: "X"}}) {
             userErrors { code field } } }"""
    hidden = await client.query(act, {"id": f"Project:{cast.hidden}"}, account=cast.member)
    assert hidden["data"]["createTask"]["userErrors"] == [
        {"code": "NOT_FOUND", "field": ["parentId"]}
    ]
    [found] = await told(app, client, cast.auditor)
    assert (found["action"], found["outcome"], found["subjectId"]) == (
        "createTask", "NOT_FOUND", str(cast.hidden)
    )  # fmt: skip


async def test_only_auditors_read_the_log(app: Starlette, client: Client, cast: Cast) -> None:
    await client.query("{ persons(first: 9) { nodes { phone } } }", account=cast.personnel)
    assert await told(app, client, cast.auditor) != []
    assert await told(app, client, cast.personnel) == []


async def test_a_key_of_a_system_reads_no_personal_data_beyond_its_scopes(
    app: Starlette, client: Client, cast: Cast
) -> None:
    services = app.state.operations.services
    scopes = frozenset({"person.read_basic", "person.read"})
    async with services.database.session() as session:
        owner = await session.get_one(Account, cast.personnel)
        _, policy = await services.policies.current(session)
    narrow, wide = Reader(owner.person_id, scopes=scopes), Reader(owner.person_id)
    async with services.database.session() as session:
        today = services.decisions.clock().date()
        answers = [
            await policy.decisions(session, each, ["person.read_personal"], [cast.body], today)
            for each in (narrow, wide)
        ]
        held = await session.scalar(select(func.count()).select_from(Appointment))
    assert held
    assert [answer["person.read_personal", cast.body].allowed for answer in answers] == [
        False,
        True,
    ]


async def test_old_lines_are_deleted_and_a_full_buffer_drops_the_oldest(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = app.state.operations.services
    now = services.decisions.clock()
    kept = DecisionLog(services.database, kept_days=10, clock=lambda: now)

    def at(days: int, action: str) -> dict[str, Any]:
        return line(
            DecisionKind.DENIED, at=now - timedelta(days=days), action=action,
            policy_version="0", correlation_id="-",
        )  # fmt: skip

    kept.note(at(9, "kept"), at(11, "old"))
    await kept.flush()
    await kept.purge_when_due()
    async with services.database.session() as session:
        assert list(await session.scalars(select(DecisionEntry.action))) == ["kept"]
    monkeypatch.setattr(decision_log, "MOST", 2)
    kept.note(at(1, "first"), at(1, "second"), at(1, "third"))
    assert kept.lost == 1
    await kept.close()
    async with services.database.session() as session:
        found = await session.scalars(select(DecisionEntry.action).order_by(DecisionEntry.id))
        assert list(found) == ["kept", "second", "third"]
