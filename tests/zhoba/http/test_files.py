"""Files up and down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.zhoba.conftest import Client, client_of
from tests.zhoba.people import make_account
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token


def bearer(settings: Settings, account: int) -> dict[str, str]:
    return {"authorization": f"Bearer {own_token(settings, account, datetime.now(UTC))}"}


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def upload(client: Client, account: int, content: bytes = b"%PDF") -> httpx.Response:
    headers = {
        "x-file-name": "%D0%91%D2%B1%D0%B9%D1%80%D1%8B%D2%9B.pdf",
        "content-type": "application/pdf",
    }
    return await client.post(
        "/files", content=content, headers=headers | bearer(client.settings, account)
    )


async def test_file_comes_down_as_it_went_up_and_is_never_shown(
    client: Client, app: Starlette, settings: Settings
) -> None:
    account = await make_account(app)
    stored = await upload(client, account)
    assert stored.status_code == 201
    shown = stored.json()
    response = await client.get(f"/files/{shown['id']}", headers=bearer(settings, account))
    assert (shown["size"], response.content) == (4, b"%PDF")
    assert {
        name: response.headers[name]
        for name in (
            "content-type", "content-disposition", "x-content-type-options",
            "content-security-policy", "cache-control",
        )
    } == {
        "content-type": "application/pdf",
        "content-disposition": "attachment; filename*=UTF-8''"
        "%D0%91%D2%B1%D0%B9%D1%80%D1%8B%D2%9B.pdf",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
    }  # fmt: skip


async def test_file_of_somebody_else_does_not_exist(
    client: Client, app: Starlette, settings: Settings
) -> None:
    mine, other = await make_account(app), await make_account(app)
    address = f"/files/{(await upload(client, mine)).json()['id']}"
    for headers in (bearer(settings, other), {}):
        response = await client.get(address, headers=headers)
        assert (response.status_code, code(response)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("identifier", "status", "expected"),
    [("File:999", 404, "NOT_FOUND"), ("Project:1", 404, "NOT_FOUND"), ("1", 400, "BAD_ID"),
     ("File:-1", 400, "BAD_ID"), ("..%2F..%2Fsecret", 404, "ROUTE_NOT_FOUND")],
)  # fmt: skip
async def test_address_of_no_file_is_coded(
    client: Client, identifier: str, status: int, expected: str
) -> None:
    response = await client.get(f"/files/{identifier}")
    assert (response.status_code, code(response)) == (status, expected)


async def test_upload_needs_a_sign_in_a_name_and_a_content(client: Client, app: Starlette) -> None:
    account = await make_account(app)
    anonymous = await client.post("/files", content=b"x", headers={"x-file-name": "x"})
    assert (anonymous.status_code, code(anonymous)) == (401, "NOT_AUTHENTICATED")
    assert anonymous.headers["www-authenticate"] == "Bearer"
    empty = await upload(client, account, b"")
    assert (empty.status_code, code(empty)) == (400, "FILE_EMPTY")
    nameless = await client.post("/files", content=b"x", headers=bearer(client.settings, account))
    assert (nameless.status_code, code(nameless)) == (400, "FILE_NAME")


async def test_upload_at_the_cap_and_not_beyond(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    chosen = settings.model_copy(update={"max_file_bytes": 4})
    app = await open_app(chosen)
    account = await make_account(app)
    async with client_of(app, chosen) as client:
        assert (await upload(client, account, b"1234")).status_code == 201
        refused = await upload(client, account, b"12345")
    assert (refused.status_code, code(refused)) == (413, "FILE_TOO_LARGE")
