"""From an invitation's link to a session in a browser, and out again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from core.people import attempt
from core.people.account import Account
from core.people.invitation import invite_person, revoke_sessions
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import OPERATOR, OperatorAuthority
from tests.factories import make_node
from tests.zhoba.http.test_files import PDF
from tests.zhoba.people import make_account
from zhoba.settings import Settings

CSRF = {"X-Zhoba-CSRF": "1"}
WHO = {"query": "{ whoami }"}


class Clock:
    """The time of the application, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def clock(app: Starlette) -> Clock:
    """The application's clock, over a database with a country."""
    made = Clock()
    async with app.state.operations.services.database.session() as session, session.begin():
        await make_node(session, NodeKind.COUNTRY, None)
    object.__setattr__(app.state.operations, "clock", made)
    return made


@pytest.fixture
async def browser(app: Starlette, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://zhoba.test") as opened:
        yield opened


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


def acting(app: Starlette, clock: Clock) -> Any:
    database = app.state.operations.services.database
    return transact(database, actor=OPERATOR, authority=OperatorAuthority(), now=clock.now)


async def invited(app: Starlette, clock: Clock) -> tuple[int, str]:
    """A person with an account, and the token of their invitation."""
    account = await make_account(app, label="Aigul")
    async with acting(app, clock) as work:
        person = (await work.session.get_one(Account, account)).person_id
        _, link = await invite_person(work, person)
    path, _, token = link.partition("#")
    assert (path, len(token)) == ("/sign-in", 43)
    return person, token


async def enter(browser: httpx.AsyncClient, token: str) -> httpx.Response:
    return await browser.post("/sign-in", json={"token": token})


async def whoami(browser: httpx.AsyncClient, **headers: str) -> Any:
    response = await browser.post("/graphql", json=WHO, headers=CSRF | headers)
    return response.json().get("data") or code(response)


async def test_a_link_signs_in_once_and_looking_at_it_changes_nothing(
    browser: httpx.AsyncClient, app: Starlette, clock: Clock
) -> None:
    _, token = await invited(app, clock)
    for address in ("/sign-in", "/sign-in/page.js"):
        looked = await browser.get(address, headers={"accept-language": "kk"})
        assert (looked.status_code, "set-cookie" in looked.headers) == (200, False)
        assert "default-src 'none'" in looked.headers["content-security-policy"]
    signed = await enter(browser, token)
    assert signed.status_code == 201
    cookie = signed.headers["set-cookie"].split("; ")
    assert cookie[0].startswith("__Host-zhoba=")
    assert sorted(cookie[1:]) == sorted(
        ["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=lax", "Secure"]
    )
    assert await whoami(browser) == {"whoami": "Aigul en"}
    bare = await browser.post("/graphql", json=WHO)
    assert (bare.status_code, code(bare)) == (403, "CSRF_HEADER_MISSING")
    again = await enter(browser, token)
    assert (again.status_code, code(again)) == (401, "INVITATION_USED")


async def test_a_form_gets_a_page_in_the_readers_language(
    browser: httpx.AsyncClient, app: Starlette, clock: Clock
) -> None:
    _, token = await invited(app, clock)
    for given, headers, status, words in (
        ("x", {"accept-language": "ru"}, 401, "Такой пригласительной ссылки нет"),
        (token, {"origin": "https://elsewhere.test"}, 403, "foreign page"),
        (token, {"origin": "null"}, 403, "foreign page"),
        (token, {"origin": "http://["}, 403, "foreign page"),
        (
            f"https://zhoba.test/sign-in#{token}",
            {"accept-language": "kk", "origin": "https://zhoba.test"},
            200,
            "Сіз жүйеге кірдіңіз",
        ),
    ):
        response = await browser.post("/sign-in", data={"token": given}, headers=headers)
        assert (response.status_code, words in response.text) == (status, True)
        assert ("set-cookie" in response.headers) == (status == 200)


async def test_a_session_ends_when_idle_when_old_and_by_signing_out(
    browser: httpx.AsyncClient, app: Starlette, clock: Clock
) -> None:
    start = clock.now
    _, token = await invited(app, clock)
    clock.now = start + timedelta(hours=72)
    late = await enter(browser, token)
    assert (late.status_code, code(late)) == (401, "INVITATION_EXPIRED")
    clock.now = start + timedelta(hours=72, seconds=-1)
    assert (await enter(browser, token)).status_code == 201
    start = clock.now
    for minutes in range(59, 12 * 60, 59):  # somebody is seen just in time
        clock.now = start + timedelta(minutes=minutes)
        assert await whoami(browser) == {"whoami": "Aigul en"}
    clock.now = start + timedelta(hours=12)
    assert await whoami(browser) == "NOT_AUTHENTICATED"
    assert await whoami(browser) == {"whoami": "anonymous en"}  # the cookie was taken back
    _, token = await invited(app, clock)
    await enter(browser, token)
    clock.now += timedelta(minutes=60)
    assert await whoami(browser) == "NOT_AUTHENTICATED"
    _, token = await invited(app, clock)
    await enter(browser, token)
    held = dict(browser.cookies)
    assert (await browser.post("/sign-out")).status_code == 403
    assert (await browser.post("/sign-out", headers=CSRF)).status_code == 204
    assert dict(browser.cookies) == {}
    cookie = "; ".join(f"{name}={value}" for name, value in held.items())
    assert await whoami(browser, cookie=cookie) == "NOT_AUTHENTICATED"


async def test_revoking_ends_session_token_and_invitation_at_once(
    browser: httpx.AsyncClient, app: Starlette, clock: Clock
) -> None:
    person, token = await invited(app, clock)
    async with acting(app, clock) as work:
        _, unused = await invite_person(work, person)
    await enter(browser, token)
    short = await browser.post("/sign-in/token", headers=CSRF)
    assert datetime.fromisoformat(short.json()["expiresAt"]) == clock.now + timedelta(minutes=5)
    bearer = {"authorization": f"Bearer {short.json()['token']}"}
    assert await whoami(browser, **bearer) == {"whoami": "Aigul en"}
    ticket = await browser.post("/files/tickets", json={"name": "a.pdf"}, headers=CSRF)
    sent = CSRF | {"x-upload-ticket": ticket.json()["ticket"]}
    assert (await browser.post("/files", content=PDF, headers=sent)).status_code == 201
    async with acting(app, clock) as work:
        await revoke_sessions(work, person)
    assert await whoami(browser, **bearer) == "NOT_AUTHENTICATED"
    assert (await browser.post("/sign-in/token", headers=CSRF)).status_code == 401
    assert await whoami(browser) == "NOT_AUTHENTICATED"
    assert code(await enter(browser, unused.partition("#")[2])) == "INVITATION_UNKNOWN"


async def test_guessing_is_stopped_and_a_good_link_elsewhere_is_not(
    app: Starlette, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "MOST_OF_ONE", 3)
    monkeypatch.setattr(attempt, "MOST_OF_ALL", 5)

    def at(address: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="https://zhoba.test")

    async def codes(address: str, count: int) -> list[str]:
        async with at(address) as guesser:
            return [code(await enter(guesser, f"guess{number}")) for number in range(count)]

    _, token = await invited(app, clock)
    unknown, stopped = "INVITATION_UNKNOWN", "TOO_MANY_ATTEMPTS"
    assert await codes("2001:db8::1", 3) == [unknown] * 3
    async with at("2001:db8::2") as neighbour:  # of the same network
        refused = await enter(neighbour, token)
        assert (refused.status_code, code(refused)) == (429, stopped)
        assert 0 < int(refused.headers["retry-after"]) <= 601
    assert await codes("192.0.2.1", 3) == [unknown, unknown, stopped]  # five failures in all
    assert await codes("192.0.2.2", 2) == [unknown, stopped]
    async with at("192.0.2.3") as honest:
        assert (await enter(honest, token)).status_code == 201
    clock.now += attempt.WINDOW
    assert await codes("2001:db8::1", 1) == [unknown]


async def test_a_proxy_on_this_machine_tells_who_guesses_and_nobody_else(
    app: Starlette, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "MOST_OF_ONE", 2)

    async def codes(through: str, of: str, count: int) -> list[str]:
        transport = httpx.ASGITransport(app=app, client=(through, 1))
        said = {"x-forwarded-for": of}
        async with httpx.AsyncClient(
            transport=transport, base_url="https://zhoba.test", headers=said
        ) as guesser:
            return [code(await enter(guesser, f"guess{number}")) for number in range(count)]

    unknown, stopped = "INVITATION_UNKNOWN", "TOO_MANY_ATTEMPTS"
    assert await codes("127.0.0.1", "192.0.2.1", 3) == [unknown, unknown, stopped]
    assert await codes("127.0.0.1", "192.0.2.2", 1) == [unknown]
    assert await codes("192.0.2.9", "192.0.2.3", 3) == [unknown, unknown, stopped]
    assert await codes("192.0.2.9", "192.0.2.4", 1) == [stopped]


async def test_on_the_machine_itself_the_cookie_needs_no_tls(
    app: Starlette, clock: Clock, settings: Settings
) -> None:
    _, token = await invited(app, clock)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as local:
        signed = await enter(local, token)
        assert signed.headers["set-cookie"].startswith("zhoba=")
        assert "Secure" not in signed.headers["set-cookie"]
        assert await whoami(local) == {"whoami": "Aigul en"}
        planted = local.cookies["zhoba"]
    async with httpx.AsyncClient(transport=transport, base_url="https://zhoba.test") as far:
        assert await whoami(far, cookie=f"zhoba={planted}") == {"whoami": "anonymous en"}
