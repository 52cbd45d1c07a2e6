"""Somebody without a token: invited, signed in, at work with a file, and signed out by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette

from tests.factories import make_appointment, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client
from tests.zhoba.http.test_files import PDF
from zhoba.settings import Settings

CSRF = {"X-Zhoba-CSRF": "1"}

INVITE = """mutation ($person: ID!) { invitePerson(input: { personId: $person }) {
  link invitation { id usedAt account { label } } userErrors { code } } }"""
REVOKE = """mutation ($person: ID!) { revokeSessions(input: { personId: $person }) {
  person { fullName } userErrors { code } } }"""
MINE = """{ viewer { fullName accounts { nodes { sessions { nodes { id endedAt } }
  invitations { nodes { usedAt revokedAt } } } } } }"""
FETCH = """mutation ($file: ID!) { prepareDownload(input: { fileId: $file }) {
  address file { id name mediaType size } userErrors { code } } }"""
END = """mutation ($session: ID!) { endSession(input: { sessionId: $session }) {
  session { endedAt } userErrors { code } } }"""


def browser_of(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="https://zhoba.test", headers=CSRF)


async def ask(browser: httpx.AsyncClient, document: str, **variables: Any) -> Any:
    body = {"query": document, "variables": variables}
    return (await browser.post("/graphql", json=body)).json()


async def test_an_invited_person_works_until_signed_out_in_every_process(
    app: Starlette,
    client: Client,
    open_app: Callable[[Settings], Any],
    settings: Settings,
) -> None:
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        admin, guest = await make_person(session, "Асанова Дана"), await make_person(session, "Бек")
        await make_appointment(session, admin, "national_administrator", world.country)
        await make_appointment(session, guest, "project_manager", world.project)
    manager = await open_account(app, admin)
    person = {"person": f"Person:{guest.id}"}
    made = (await client.query(INVITE, person, account=manager))["data"]["invitePerson"]
    assert (made["invitation"]["usedAt"], made["userErrors"]) == (None, [])
    refused = await client.query(INVITE, {"person": f"Person:{admin.id}"}, account=None)
    assert refused["errors"][0]["extensions"]["code"] == "NOT_AUTHENTICATED"

    elsewhere = await open_app(settings)
    async with browser_of(app) as browser, browser_of(elsewhere) as other:
        assert (await browser.post("/sign-in", json={"token": made["link"]})).status_code == 201
        other.cookies = browser.cookies
        for each in (browser, other, other):
            (account,) = (await ask(each, MINE))["data"]["viewer"]["accounts"]["nodes"]
            (held,) = account["sessions"]["nodes"]
            (spent,) = account["invitations"]["nodes"]
            assert (held["endedAt"], spent["revokedAt"], spent["usedAt"] is None) == (
                None, None, False,
            )  # fmt: skip
        assert elsewhere.state.express.answered > 0  # the lane knows the session too

        ticket = (await other.post("/files/tickets", json={"name": "Хаттама.pdf"})).json()
        sent = await other.post(
            "/files", content=PDF, headers={"x-upload-ticket": ticket["ticket"]}
        )
        file = {"file": sent.json()["id"]}
        link = (await ask(browser, FETCH, **file))["data"]["prepareDownload"]
        assert link["file"] == {
            "id": file["file"], "name": "Хаттама.pdf", "mediaType": "application/pdf",
            "size": len(PDF),
        }  # fmt: skip
        late = (await ask(browser, FETCH, **file))["data"]["prepareDownload"]
        assert (await client.get(link["address"])).content == PDF
        hidden = (await client.query(FETCH, file, account=manager))["data"]["prepareDownload"]
        assert [each["code"] for each in hidden["userErrors"]] == ["NOT_FOUND"]

        done = (await client.query(REVOKE, person, account=manager))["data"]["revokeSessions"]
        assert (done["person"], done["userErrors"]) == ({"fullName": "Бек"}, [])
        for each in (browser, other):
            refused = await ask(each, MINE)
            assert refused["errors"][0]["extensions"]["code"] == "NOT_AUTHENTICATED"
        gone = await client.get(late["address"])
        assert gone.json()["errors"][0]["extensions"]["code"] == "DOWNLOAD_LINK_EXPIRED"

        made = (await client.query(INVITE, person, account=manager))["data"]["invitePerson"]
        assert (await other.post("/sign-in", json={"token": made["link"]})).status_code == 201
        (account,) = (await ask(other, MINE))["data"]["viewer"]["accounts"]["nodes"]
        (live,) = [each["id"] for each in account["sessions"]["nodes"] if not each["endedAt"]]
        ended = (await ask(other, END, session=live))["data"]["endSession"]
        assert (ended["session"]["endedAt"] is None, ended["userErrors"]) == (False, [])
        refused = await ask(other, MINE)
        assert refused["errors"][0]["extensions"]["code"] == "NOT_AUTHENTICATED"
