"""Is the process alive, and may it be sent requests?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.zhoba.conftest import Client, client_of
from zhoba.settings import Settings

GOOD = {
    "status": "ok",
    "checks": {"database": "ok", "migrations": "ok", "policy": "ok", "plugins": "ok"},
}


async def test_alive_and_ready(client: Client) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, GOOD)


async def test_not_ready_before_the_migrations(
    open_app: Callable[[Settings], Any], settings: Settings, empty_database_url: str
) -> None:
    chosen = settings.model_copy(update={"database_url": empty_database_url})
    async with client_of(await open_app(chosen), chosen) as client:
        ready = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    assert (ready.status_code, ready.json()["checks"]["migrations"]) == (503, "pending")


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all.db", "postgresql://zhoba:secret@127.0.0.1:1/zhoba"]
)
async def test_not_ready_without_a_database_and_no_word_why(
    open_app: Callable[[Settings], Any], tmp_path: Any, url: str
) -> None:
    chosen = Settings(database_url=url, data_dir=tmp_path)
    async with client_of(await open_app(chosen), chosen) as client:
        ready = await client.get("/readyz")
        answer = await client.send_query("{ whoami }", headers={"authorization": "Bearer zsk_a_b"})
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "unreachable")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "secret" not in ready.text + answer.text
