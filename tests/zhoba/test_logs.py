"""What the log tells, and what it must never hold."""

from __future__ import annotations

import io
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette

from tests.zhoba.conftest import Client
from tests.zhoba.people import make_account
from zhoba.logs import configure_logs, log
from zhoba.settings import Settings

SECRETS = {
    "iin": "900101300123",
    "name": "Сейітқали",
    "phone": "+77011234567",
    "key": "zsk_0a1b2c3d4e5f_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlYw",
}


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'zhoba.db')}"


def events(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


async def test_every_request_is_one_line_with_its_number(
    client: Client, log_lines: io.StringIO
) -> None:
    await client.query("{ hello }", headers={"x-correlation-id": "n-1"})
    [line] = [event for event in events(log_lines) if event["event"] == "http"]
    assert {key: line[key] for key in ("method", "path", "status", "correlation_id", "level")} == {
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "correlation_id": "n-1",
        "level": "info",
    }


async def test_refusal_is_told_by_its_code_and_a_bug_by_its_places(
    client: Client, log_lines: io.StringIO
) -> None:
    await client.query("{ refused broken }", headers={"x-correlation-id": "n-2"})
    told = {event["event"]: event for event in events(log_lines) if event["logger"] == "zhoba"}
    assert told["refused"]["code"] == "CONFLICT"
    assert (told["failed"]["error"], told["failed"]["level"]) == ("KeyError", "error")
    assert told["failed"]["places"][-1].endswith(" broken")
    assert {event["correlation_id"] for event in told.values()} == {"n-2"}


@pytest.mark.parametrize(
    ("brought", "kept"),
    [("a", True), ("A-b_c.9" * 9, True), ("a" * 65, False), ("", False), ("a b", False),
     ('a"b', False), ("a{b", False)],
)  # fmt: skip
async def test_correlation_id_of_the_client_is_kept_when_harmless(
    client: Client, brought: str, kept: bool
) -> None:
    response = await client.send_query("{ hello }", headers={"x-correlation-id": brought})
    assert (response.headers["x-correlation-id"] == brought) is kept
    assert response.headers["x-correlation-id"] != ""


async def test_nothing_anybody_sent_is_in_the_log(
    client: Client, app: Starlette, log_lines: io.StringIO
) -> None:
    """A session of good, bad and broken requests, all of them full of secrets."""
    account = await make_account(app, label=SECRETS["name"])
    everything = " ".join(SECRETS.values())
    document = f'query Q {{ echo(text: "{everything}") }}'
    asked = [
        await client.send_query(document, account=account),
        await client.send_query("query ($t: String) { echo(text: $t) }", {"t": everything}),
        await client.send_query("query ($t: Int) { echo(number: $t) }", {"t": everything}),
        await client.send_query(f'{{ absent(text: "{everything}") }}'),
        await client.send_query(f'{{ "{everything}" }}'),
        await client.send_query("{ broken nonsense }"),
        await client.send_query(
            "{ whoami }", headers={"authorization": f"Bearer {SECRETS['key']}"}
        ),
        await client.get("/graphql", params={"query": document}),
        await client.post("/graphql", content=everything.encode()),
        await client.get(f"/files/{SECRETS['iin']}"),
        await client.post("/files", content=everything.encode(), headers={"x-file-name": "x"}),
    ]
    try:
        async with app.state.operations.services.database.session() as session:
            statement = text("INSERT INTO person (iin, full_name) VALUES (:iin, :name)")
            await session.execute(statement, SECRETS)
    except IntegrityError as error:
        log.error("failed", exc_info=error)
        logging.getLogger("asyncio").error("failed: see %s", "trace", exc_info=error)
        logging.getLogger("strawberry.execution").error("failed %s", error, exc_info=error)
    logged = log_lines.getvalue()
    paths = [event.get("path", "") for event in events(log_lines)]
    assert len(asked) == 11
    assert len([event for event in events(log_lines) if event["event"] == "http"]) == 11
    assert "IntegrityError" in logged
    assert "/files/..." in paths  # a link to a file is a secret until it is used
    assert [name for name, secret in SECRETS.items() if secret in logged] == []
    token = asked[0].request.headers["authorization"].removeprefix("Bearer ")
    assert token not in logged


async def test_internal_answers_hold_nothing_internal(client: Client) -> None:
    response = await client.send_query("{ broken nonsense }")
    for word in ("KeyError", "Traceback", ".py", SECRETS["iin"], "IIN"):
        assert word not in response.text


def test_texts_of_errors_are_logged_on_request_only(tmp_path: Path) -> None:
    told = {}
    for texts in (False, True):
        lines = io.StringIO()
        configure_logs(Settings(data_dir=tmp_path, log_error_texts=texts), lines)
        log.error("failed", exc_info=KeyError(SECRETS["iin"]))
        told[texts] = SECRETS["iin"] in lines.getvalue()
    assert told == {False: False, True: True}


def test_console_format_is_for_people(tmp_path: Path) -> None:
    lines = io.StringIO()
    configure_logs(Settings(data_dir=tmp_path, log_format="console"), lines)
    log.info("hello", code="X")
    assert "hello" in lines.getvalue()
    assert "code=X" in lines.getvalue()
