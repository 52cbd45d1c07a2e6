"""Files up and down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from core.files.ticket import prepare_download
from core.people.account import Account
from core.people.attempt import MOST_OF_ONE
from core.transaction import transact
from core.work import Actor
from schema.types import parse_global_id
from tests.authorities import Grants
from tests.zhoba.conftest import Client, client_of
from tests.zhoba.people import make_account
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

PDF = b"%PDF-1.7\n%%EOF\n"
NAME = "Бұйрық.pdf"


def bearer(settings: Settings, account: int) -> dict[str, str]:
    return {"authorization": f"Bearer {own_token(settings, account, datetime.now(UTC))}"}


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def announce(client: Client, account: int | None, **given: object) -> httpx.Response:
    headers = {} if account is None else bearer(client.settings, account)
    return await client.post("/files/tickets", json={"name": NAME} | given, headers=headers)


async def upload(
    client: Client,
    account: int,
    content: bytes | AsyncIterator[bytes] = PDF,
    *,
    ticket: str | None = None,
) -> httpx.Response:
    if ticket is None:
        ticket = (await announce(client, account)).json()["ticket"]
    headers = bearer(client.settings, account) | {"x-upload-ticket": ticket}
    return await client.post("/files", content=content, headers=headers)


async def link(app: Starlette, account: int, file_id: str) -> str:
    """A link to a file for its uploader."""
    database = app.state.operations.services.database
    async with database.session() as session:
        person = (await session.get_one(Account, account)).person_id
    actor, now = Actor(person_id=person, account_id=account), datetime.now(UTC)
    async with transact(database, actor=actor, authority=Grants({}), now=now) as work:
        return (await prepare_download(work, parse_global_id(file_id)[1]))[1]


async def test_file_comes_down_as_it_went_up_once_and_is_never_shown(
    client: Client, app: Starlette
) -> None:
    account = await make_account(app)
    stored = await upload(client, account)
    assert stored.status_code == 201
    shown = stored.json()
    assert (shown["size"], shown["name"], shown["mediaType"]) == (15, NAME, "application/pdf")
    address = await link(app, account, shown["id"])
    looked = await client.head(address)
    assert looked.status_code == 405
    response = await client.get(address)
    assert response.content == PDF
    assert {
        name: response.headers[name]
        for name in (
            "content-type", "content-disposition", "x-content-type-options",
            "content-security-policy", "cache-control", "referrer-policy",
        )
    } == {
        "content-type": "application/pdf",
        "content-disposition": "attachment; filename*=UTF-8''"
        "%D0%91%D2%B1%D0%B9%D1%80%D1%8B%D2%9B.pdf",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
        "referrer-policy": "no-referrer",
    }  # fmt: skip
    again = await client.get(address)
    assert (again.status_code, code(again)) == (410, "DOWNLOAD_LINK_USED")


async def test_address_that_is_no_link_is_coded(client: Client) -> None:
    for address in ("/files/File:1", *("/files/" + f"{n:043}" for n in range(MOST_OF_ONE - 1))):
        response = await client.get(address)
        assert (response.status_code, code(response)) == (404, "DOWNLOAD_LINK_UNKNOWN")
    response = await client.get("/files/" + "x" * 43)
    assert (response.status_code, code(response)) == (429, "TOO_MANY_ATTEMPTS")


async def test_lost_content_is_coded_and_leaves_the_link_good(
    client: Client, app: Starlette
) -> None:
    account = await make_account(app)
    address = await link(app, account, (shown := (await upload(client, account)).json())["id"])
    lies = app.state.operations.services.files.path(shown["sha256"])
    content = lies.read_bytes()
    lies.unlink()
    for _ in range(2):
        response = await client.get(address)
        assert (response.status_code, code(response)) == (410, "FILE_CONTENT_LOST")
    lies.write_bytes(content)
    assert (await client.get(address)).content == PDF


async def test_upload_needs_a_sign_in_and_a_ticket_of_ones_own(
    client: Client, app: Starlette
) -> None:
    account, other = await make_account(app), await make_account(app)
    anonymous = await announce(client, None)
    assert (anonymous.status_code, code(anonymous)) == (401, "NOT_AUTHENTICATED")
    ticket = (await announce(client, account, mediaType="application/pdf", size=15)).json()
    unsigned = await client.post(
        "/files", content=PDF, headers={"x-upload-ticket": ticket["ticket"]}
    )
    assert (unsigned.status_code, code(unsigned)) == (401, "NOT_AUTHENTICATED")
    foreign = await upload(client, other, ticket=ticket["ticket"])
    assert (foreign.status_code, code(foreign)) == (400, "UPLOAD_LINK_UNKNOWN")
    assert (await upload(client, account, ticket=ticket["ticket"])).status_code == 201
    twice = await upload(client, account, ticket=ticket["ticket"])
    assert (twice.status_code, code(twice)) == (409, "UPLOAD_LINK_USED")


async def test_what_is_announced_is_checked_part_by_part(client: Client, app: Starlette) -> None:
    account = await make_account(app)
    for given, status, expected in (
        ({"name": 7}, 400, "BAD_PARAMETER"),
        ({"size": True}, 400, "BAD_PARAMETER"),
        ({"more": 1}, 400, "BAD_PARAMETER"),
        ({"name": "a.exe"}, 415, "FILE_TYPE_NOT_ALLOWED"),
        ({"size": 20_000_001}, 413, "FILE_TOO_LARGE"),
    ):
        response = await announce(client, account, **given)
        assert (response.status_code, code(response)) == (status, expected)


async def test_disguised_and_empty_files_are_refused_and_may_be_sent_again(
    client: Client, app: Starlette
) -> None:
    account = await make_account(app)
    ticket = (await announce(client, account)).json()["ticket"]
    for content, status, expected in (
        (b"", 400, "FILE_EMPTY"),
        (b"MZ\x90\x00", 415, "FILE_TYPE_NOT_ALLOWED"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 415, "FILE_DISGUISED"),
    ):
        response = await upload(client, account, content, ticket=ticket)
        assert (response.status_code, code(response)) == (status, expected)
    files = app.state.operations.services.files
    assert list(files.contents()) == []
    assert (await upload(client, account, ticket=ticket)).status_code == 201


async def endless() -> AsyncIterator[bytes]:
    """A file whose sender never comes to an end."""
    yield PDF
    await asyncio.Event().wait()


async def test_one_ticket_sends_one_file_at_a_time(client: Client, app: Starlette) -> None:
    account = await make_account(app)
    ticket = (await announce(client, account)).json()["ticket"]
    coming, leaving = asyncio.Event(), asyncio.Event()

    async def broken() -> AsyncIterator[bytes]:
        yield PDF
        coming.set()
        await leaving.wait()
        yield b"\x89PNG"
        yield b"x" * client.settings.max_file_bytes

    first = asyncio.ensure_future(upload(client, account, broken(), ticket=ticket))
    await coming.wait()
    second = await upload(client, account, ticket=ticket)
    assert (second.status_code, code(second)) == (409, "UPLOAD_LINK_BUSY")
    leaving.set()
    assert code(await first) == "FILE_TOO_LARGE"
    assert (await upload(client, account, ticket=ticket)).status_code == 201


async def test_upload_that_takes_longer_than_its_ticket_is_given_up(
    client: Client, app: Starlette
) -> None:
    account = await make_account(app)
    ticket = (await announce(client, account)).json()
    operations = app.state.operations
    last = datetime.fromisoformat(ticket["expiresAt"]) - timedelta(milliseconds=1)
    object.__setattr__(operations, "clock", lambda: last)
    signed = {"authorization": f"Bearer {own_token(client.settings, account, last)}"}
    headers = {"x-upload-ticket": ticket["ticket"], **signed}
    refused = await client.post("/files", content=endless(), headers=headers)
    assert (refused.status_code, code(refused)) == (410, "UPLOAD_LINK_EXPIRED")
    assert list(operations.services.files.folder.glob("tmp*")) == []


async def stream(size: int) -> AsyncIterator[bytes]:
    """A PDF of this size whose length nobody announces."""
    yield PDF
    yield b"x" * (size - len(PDF))


async def test_upload_at_the_cap_and_not_beyond(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    chosen = settings.model_copy(update={"max_file_bytes": 20})
    app = await open_app(chosen)
    account = await make_account(app)
    async with client_of(app, chosen) as client:
        assert (await upload(client, account, stream(20))).status_code == 201
        refused = await upload(client, account, stream(21))
    assert (refused.status_code, code(refused)) == (413, "FILE_TOO_LARGE")
    assert Settings(data_dir=settings.data_dir).max_file_bytes == 20_000_000
