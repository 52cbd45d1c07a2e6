"""Who is let in over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette

from core.db.lookup import Compiled, Look
from tests.zhoba.conftest import Client
from tests.zhoba.people import make_account


async def test_no_token_is_anonymous_and_a_good_one_is_somebody(
    client: Client, app: Starlette
) -> None:
    account = await make_account(app, label="Aigul")
    assert await client.query("{ whoami }") == {"data": {"whoami": "anonymous en"}}
    assert await client.query("{ whoami }", account=account) == {"data": {"whoami": "Aigul en"}}


@pytest.mark.parametrize("header", ["Bearer x", "Basic x", "", "Bearer zsk_a_b"])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_bad_token_is_401_and_not_anonymous(client: Client, header: str, accept: str) -> None:
    response = await client.send_query(
        "{ hello }", headers={"authorization": header, "accept": accept}
    )
    [error] = response.json()["errors"]
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert error["extensions"]["code"] == "NOT_AUTHENTICATED"
    assert error["message"] == "You are not signed in, or your sign-in has expired."


@pytest.mark.parametrize("header", ["Bearer x", "Basic x"])
async def test_what_proves_nothing_asks_the_database_nothing(
    client: Client, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Compiled] = []
    rows = Look.rows

    async def noted(self: Look, compiled: Compiled, values: dict[str, Any]) -> Any:
        asked.append(compiled)
        return await rows(self, compiled, values)

    monkeypatch.setattr(Look, "rows", noted)
    assert (await client.send_query("{ hello }")).status_code == 200
    assert len(asked) == 1  # the rules in force
    asked.clear()
    sent = await client.send_query("{ hello }", headers={"authorization": header})
    assert (sent.status_code, asked) == (401, [])
