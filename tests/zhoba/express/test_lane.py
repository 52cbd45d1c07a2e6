"""The express lane: nobody can tell which way an answer came, and none is ever stale."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from starlette.applications import Starlette

from core.authority.appointment import Appointment
from core.db.engine import Database
from core.decisions.entry import DecisionEntry, DecisionKind
from core.hierarchy.country import rename_country
from core.people.account import Account
from core.texts import Names
from tests.acting import acting
from tests.conftest import NOW
from tests.factories import make_appointment, make_person
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client, client_of
from tests.zhoba.express.place import TREE, Place, alone, bearer, change_by_hand, express_of
from zhoba.express.documents import Documents
from zhoba.http.body import Asked
from zhoba.http.browser import SECURE_COOKIE
from zhoba.settings import Settings

DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "tree": (TREE, {}),
    "tree, other values": (TREE, {"first": 1, "short": True}),
    "several roots": (
        "{ a: projects { nodes { id } } __typename regions { totalCount } viewer { fullName } }",
        {},
    ),
    "statistics": ("{ projects { stats { count byStage { stage count } budget { amount } } } }",
                   {}),
    "aliases": ("{ x: projects(first: 1) { y: nodes { z: id w: id } } x2: projects { n: totalCount"
                " } }", {}),
    "inline fragments": (
        """query ($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename id ... on Project { number
          stage } ... on TreeNode { name parent { id ... on ProjectGroup { names { ru } } } } }
          nodes(ids: $ids) { id ... on Program { goal } ... on Region { code } } }""",
        {"id": "Project:{project}", "ids": ["Program:{program}", "Project:999999"]},
    ),
    "values of every kind": (
        """{ projects(where: { stage: { in: [PLANNING, IMPLEMENTATION] } }, orderBy: [{ field:
          ENDS_ON, direction: DESC }]) { edges { cursor node { id number name(lang: RU) kind stage
          createdAt startsOn endsOn contractual budget { amount currency } origin version
          locations { latitude } } } } }""",
        {},
    ),
    "pages both ways": (
        """query ($n: Int = 1) { f: projects(first: $n) { pageInfo { hasNextPage hasPreviousPage
          startCursor endCursor } } l: programs(last: $n) { totalCount pageInfo { hasNextPage
          hasPreviousPage startCursor endCursor } nodes { children(last: 2) { totalCount nodes {
          id } } } } }""",
        {},
    ),
    "secrets": ("{ projects { nodes { number description budget { amount } } } }", {}),
    "personal data": ("{ persons { nodes { fullName phone iin } } }", {}),
    "a question": ('{ roles { code } regions { totalCount } }', {}),
    "introspection": ('{ __type(name: "Stage") { enumValues { name } } }', {}),
    "computed": ("{ projects { nodes { nextStages gaps { code } } } appointments { nodes"
                 " { role { code } } } }", {}),
    "nothing there": ('{ project(id: "Project:999999") { name } }', {}),
    "no id": ('{ project(id: "nonsense") { name } }', {}),
    "bad cursor": ('{ projects(after: "00") { totalCount } }', {}),
    "variable missing": ("query ($id: ID!) { project(id: $id) { name } }", {}),
    "variable of another type": (
        "query ($n: Int) { projects(first: $n) { totalCount } }", {"n": "x"}
    ),
    "page too large": ("query ($n: Int) { projects(first: $n) { totalCount } }", {"n": 1000}),
    "too costly": ("{ programs(first: 100) { nodes { children(first: 100) { nodes { descendants("
                   "first: 100) { nodes { children(first: 100) { nodes { id } } } } } } } } }", {}),
    "unknown directive": ("{ projects @nonsense { totalCount } }", {}),
    "invalid": ("{ projects { nothing } }", {}),
    "syntax": ("{ projects {", {}),
    "empty": ("", {}),
    "mutation": (
        "mutation { createProgram(input: {}) { program { id } } }", {}
    ),
}  # fmt: skip

READERS = ("office", "manager", "stranger", "anonymous")


async def test_an_answer_is_the_same_either_way(
    app: Starlette, client: Client, place: Place
) -> None:
    express = express_of(app)
    same = {"X-Correlation-Id": "same"}
    ways = {
        "ru": {**same, "Accept-Language": "ru"},
        "new type": {**same, "Accept": "application/graphql-response+json", "X-Zhoba-Cost": "1"},
    }
    denied = dict.fromkeys(READERS, 0)
    quickly: dict[str, set[str]] = {reader: set() for reader in READERS}
    world = place.world
    for name, (document, given) in DOCUMENTS.items():
        variables = json.loads(
            json.dumps(given)
            .replace("{project}", str(world.project.id))
            .replace("{program}", str(world.program.id))
        )
        for reader in READERS:
            for way in ("ru", "new type") if reader in ("office", "manager") else ("ru",):
                answers = []
                for lane in (express, express, None):
                    app.state.express = lane
                    before = express.answered
                    answers.append(
                        await client.send_query(
                            document,
                            variables,
                            account=place.accounts[reader],
                            headers=ways[way],
                        )
                    )
                    if lane is not None and express.answered > before:
                        quickly[reader].add(name)
                quick, again, slow = answers
                assert quick.content == again.content == slow.content, (name, reader, way)
                assert quick.status_code == slow.status_code, (name, reader, way)
                assert dict(quick.headers) == dict(slow.headers), (name, reader, way)
                denied[reader] += quick.text.count('"FORBIDDEN"')
    left = {
        "a question", "introspection", "no id", "bad cursor", "variable missing",
        "variable of another type", "page too large", "too costly", "unknown directive", "invalid",
        "syntax", "empty", "mutation",
    }  # fmt: skip
    assert quickly == dict.fromkeys(READERS, DOCUMENTS.keys() - left)
    assert denied["stranger"] == denied["anonymous"] == 0
    assert min(denied["manager"], denied["office"]) > 0


@alone
async def test_the_lane_answers_what_is_finished(
    app: Starlette, client: Client, place: Place
) -> None:
    await client.query(TREE, account=place.accounts["office"])
    answers = express_of(app).answers
    assert answers is not None
    assert (answers.hits, answers.misses) == (0, 1)
    await client.query(TREE, account=place.accounts["office"])
    assert (answers.hits, answers.misses) == (1, 1)


@alone
async def test_a_request_that_came_before_is_not_looked_into_again(
    app: Starlette, client: Client, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    express, proof = express_of(app), bearer(client, place.accounts["manager"])
    plain, flawed = "{ projects { nodes { number } } }", TREE
    answers = {}
    for document in (plain, flawed):
        for _ in range(2):
            answers[document] = await client.query(document, headers=proof)
    assert "errors" in answers[flawed]  # which are to be logged each time
    looked_into: list[str] = []
    whole = Documents.whole

    def noted(self: Documents, asked: Asked) -> Any:
        looked_into.append(asked.query)
        return whole(self, asked)

    monkeypatch.setattr(Documents, "whole", noted)
    assert express.answers is not None
    hits, misses = express.answers.hits, express.answers.misses
    assert await client.query(plain, headers=proof) == answers[plain]
    assert (express.answers.hits, express.answers.misses) == (hits + 1, misses)
    assert (await client.query(flawed, headers=proof))["data"] == answers[flawed]["data"]
    assert looked_into == [flawed]


async def test_a_document_taken_back_runs_no_more_though_its_answer_is_kept(
    app: Starlette, client: Client, place: Place, tmp_path: Path
) -> None:
    document = "{ projects { nodes { number } } }"
    documents = express_of(app).operations.documents
    documents.folder, documents.only = tmp_path, True
    name = documents.add(document)
    proof = bearer(client, place.accounts["office"])
    asked = ({"query": document}, {"documentId": name})
    for body in asked:
        for _ in range(3):
            sent = await client.post("/graphql", json=body, headers=proof)
            assert len(sent.json()["data"]["projects"]["nodes"]) == 1
    documents.remove(name)
    for body, code in zip(asked, ("DOCUMENT_NOT_ALLOWED", "DOCUMENT_NOT_FOUND"), strict=True):
        sent = await client.post("/graphql", json=body, headers=proof)
        assert sent.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("origins", [[], ["https://pages.example"]])
async def test_other_origins_are_heard_only_where_they_are_named(
    open_app: Callable[[Settings], Any], settings: Settings, origins: list[str]
) -> None:
    chosen = settings.model_copy(update={"cors_origins": origins})
    app = await open_app(chosen)
    express = express_of(app)
    async with client_of(app, chosen) as client:
        for lane in (express, None):
            app.state.express = lane
            sent = await client.send_query("{ __typename }")
            assert sent.headers.get("vary") == ("Origin" if origins else None)
        asked = await client.options(
            "/graphql",
            headers={
                "Origin": "https://pages.example",
                "Access-Control-Request-Method": "POST",
            },
        )
    allowed = asked.headers.get("access-control-allow-origin")
    assert (asked.status_code, allowed) == ((200, origins[0]) if origins else (405, None))


@alone
async def test_readers_with_the_same_authority_share_an_answer_and_others_do_not(
    app: Starlette, client: Client, place: Place
) -> None:
    answers = express_of(app).answers
    assert answers is not None
    document = "{ projects { totalCount nodes { number } } }"
    first = await client.query(document, account=place.accounts["office"])
    assert first == await client.query(document, account=place.accounts["colleague"])
    assert (answers.hits, answers.misses) == (1, 1)
    assert first["data"]["projects"]["totalCount"] == 1
    other = await client.query(document, account=place.accounts["stranger"])
    assert other["data"]["projects"]["totalCount"] == 0
    assert (answers.hits, answers.misses) == (1, 2)


async def test_fields_that_variables_choose_between_do_not_share_an_answer(
    client: Client, place: Place
) -> None:
    document = """query ($n: Boolean!) { a: regions @include(if: $n) { totalCount }
      b: regions @skip(if: $n) { totalCount } }"""
    for name in ("a", "b", "a"):
        answer = await client.query(document, {"n": name == "a"})
        assert answer == {"data": {name: {"totalCount": 1}}}


async def test_operations_of_one_document_do_not_share_an_answer(
    client: Client, place: Place
) -> None:
    document = "query A { a: regions { totalCount } } query B { b: regions { totalCount } }"
    for name in ("a", "b", "a"):
        body = {"query": document, "operationName": name.upper()}
        answer = (await client.post("/graphql", json=body)).json()
        assert answer == {"data": {name: {"totalCount": 1}}}


async def test_a_change_from_outside_is_in_the_next_answer(
    client: Client, place: Place, database_url: str, dialect: str
) -> None:
    document, account = "{ projects { nodes { number } } }", place.accounts["office"]
    for number in ("PRJ-2026-000017", "PRJ-2026-000018", "PRJ-2026-000019"):
        await change_by_hand(database_url, f"UPDATE project SET number = '{number}'")
        for _ in range(2):
            answer = await client.query(document, account=account)
            assert answer["data"]["projects"]["nodes"] == [{"number": number}]


async def test_a_released_reader_sees_nothing_at_once(
    client: Client, place: Place, database: Database
) -> None:
    document = "{ projects { totalCount } }"
    before = await client.query(document, account=place.accounts["office"])
    assert before["data"]["projects"]["totalCount"] == 1
    async with database.session() as session, session.begin():
        await session.execute(delete(Appointment).where(Appointment.role == "office_member"))
    after = await client.query(document, account=place.accounts["office"])
    assert after["data"]["projects"]["totalCount"] == 0


@pytest.mark.parametrize("kept", [0, 1_000_000])
async def test_a_locked_account_is_refused_at_once(
    open_app: Any, settings: Settings, kept: int, database: Database
) -> None:
    from tests.zhoba.conftest import client_of
    from tests.zhoba.people import make_account

    app = await open_app(settings.model_copy(update={"answer_cache_bytes": kept}))
    account = await make_account(app)
    async with client_of(app, settings) as client:
        assert "errors" not in await client.query("{ regions { totalCount } }", account=account)
        async with database.session() as session, session.begin():
            await session.execute(update(Account).values(locked_at=NOW))
        answer = await client.query("{ regions { totalCount } }", account=account)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_AUTHENTICATED"]


async def test_a_forged_token_is_refused(client: Client, place: Place) -> None:
    account = place.accounts["office"]
    good = await client.send_query("{ regions { totalCount } }", account=account)
    token = good.request.headers["Authorization"]
    bad = await client.send_query(
        "{ regions { totalCount } }", headers={"Authorization": token[:-4] + "AAAA"}
    )
    assert bad.status_code == 401


async def test_personal_data_is_never_kept_and_each_read_is_logged(
    app: Starlette, client: Client, place: Place, database: Database
) -> None:
    answer = await client.query("{ viewer { fullName phone } }", account=place.accounts["manager"])
    assert "errors" not in answer
    answers, log = express_of(app).answers, app.state.operations.services.decisions
    assert answers is not None
    assert (answers.hits, answers.misses, answers.held) == (0, 1, 0)
    for times in (1, 2):
        answer = await client.query("{ persons { nodes { phone } } }", account=place.accounts["hr"])
        assert {"phone": "+7 701"} in answer["data"]["persons"]["nodes"]
        await log.flush()
        async with database.session() as session:
            lines = await session.scalars(
                select(DecisionEntry.subject_id).where(
                    DecisionEntry.kind == DecisionKind.SENSITIVE_READ
                )
            )
            assert list(lines).count(place.member) == times


@alone
async def test_what_is_denied_is_logged_each_time_though_the_answer_is_kept(
    app: Starlette, client: Client, place: Place, database: Database
) -> None:
    answers, log = express_of(app).answers, app.state.operations.services.decisions
    assert answers is not None
    for language in ("ru", "en"):
        answer = await client.query(
            "{ programs { nodes { id p: goal } } }",
            account=place.accounts["manager"],
            headers={"Accept-Language": language, "X-Correlation-Id": f"in-{language}"},
        )
        error = answer["errors"][0]
        assert error["extensions"]["correlationId"] == f"in-{language}"
        assert error["message"].isascii() is (language == "en")
    assert answers.held > 0
    await log.flush()
    async with database.session() as session:
        denied = select(DecisionEntry).where(DecisionEntry.kind == DecisionKind.DENIED)
        lines = [
            (entry.action, entry.fields, entry.correlation_id)
            for entry in await session.scalars(denied.order_by(DecisionEntry.id))
        ]
    assert lines == [
        ("program.read", ["programs.nodes.p"], f"in-{language}") for language in ("ru", "en")
    ]


async def test_a_body_in_pieces_arrives_whole(app: Starlette, client: Client) -> None:
    body = json.dumps({"query": "{ roles { code } }"}).encode()

    async def pieces() -> Any:
        yield body[:7]
        yield body[7:]

    response = await client.post(
        "/graphql", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert response.json()["data"]["roles"]


async def test_a_body_too_large_for_the_lane_goes_the_long_way(
    app: Starlette, client: Client
) -> None:
    document = "{ regions { totalCount } }" + " " * 100_000
    assert await client.query(document) == {"data": {"regions": {"totalCount": 0}}}


@pytest.mark.parametrize("lane", [True, False])
async def test_the_limit_of_bodies_holds_on_either_way(
    open_app: Callable[[Settings], Any], settings: Settings, lane: bool
) -> None:
    chosen = settings.model_copy(update={"max_body_bytes": 300, "express": lane})
    async with client_of(await open_app(chosen), chosen) as client:
        document = "{ regions { totalCount } }"
        room = 300 - len(json.dumps({"query": document, "variables": {}}, separators=(",", ":")))
        answers = [
            await client.post(
                "/graphql",
                content=json.dumps(
                    {"query": document + " " * spaces, "variables": {}}, separators=(",", ":")
                ),
                headers={"Content-Type": "application/json"},
            )
            for spaces in (room, room + 1)
        ]
    assert [answer.status_code for answer in answers] == [200, 413]


@pytest.mark.parametrize("lane", [True, False])
@pytest.mark.parametrize("cookie", [{}, {"Cookie": f"{SECURE_COOKIE}=x"}])
async def test_a_body_that_does_not_end_is_not_waited_for(
    open_app: Callable[[Settings], Any], settings: Settings, lane: bool, cookie: dict[str, str]
) -> None:
    chosen = settings.model_copy(update={"request_seconds": 0.2, "express": lane})

    async def stalls() -> Any:
        yield b'{"query": '
        await asyncio.Event().wait()

    app = await open_app(chosen)
    async with client_of(app, chosen) as client:
        # The cookie's proof is not good: there is no time left to say so.
        answer = await client.post(
            "/graphql", content=stalls(), headers={"Content-Type": "application/json", **cookie}
        )
    assert answer.status_code == 504
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMED_OUT"
    if lane:
        assert express_of(app).answered == (0 if cookie else 1)


async def test_an_empty_proof_is_no_anonymous_request(client: Client) -> None:
    document = "{ regions { totalCount } }"
    for _ in range(2):
        assert (await client.send_query(document)).status_code == 200
        empty = await client.send_query(document, headers={"Authorization": ""})
        assert empty.status_code == 401


async def test_a_kept_answer_costs_no_more_than_it_says(app: Starlette, client: Client) -> None:
    """Its key is short, however long the statement and the values asked for."""
    for number in range(5):
        name = f"{number}" * 2000
        document = f'{{ projects(where: {{ number: {{ eq: "{name}" }} }}) {{ nodes {{ id }} }} }}'
        assert await client.query(document) == {"data": {"projects": {"nodes": []}}}
    kept = express_of(app).answers
    assert kept is not None
    assert len(kept.kept) == 5
    assert all(isinstance(key, bytes) and len(key) < 100 for key in kept.kept)


async def test_an_id_is_a_text_whichever_way_it_goes(
    app: Starlette, client: Client, place: Place, database: Database
) -> None:
    async with acting(database) as work:
        country = place.world.country
        await rename_country(
            work, country.id, expected_version=country.version, names=Names(en="The Republic")
        )
    async with database.session() as session, session.begin():
        person = await make_person(session, "Ережепова Гүл")
        await make_appointment(session, person, "auditor", place.world.country)
    account = await open_account(app, person)
    document = "{ auditEntries { nodes { subjectId } } }"
    quick = await client.query(document, account=account)
    app.state.express = None
    assert quick == await client.query(document, account=account)
    key = str(place.world.country.id)
    assert quick == {"data": {"auditEntries": {"nodes": [{"subjectId": key}]}}}
