"""Persisted documents: asked for by their hash, and nothing else where only they are allowed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from typer.testing import CliRunner

from core.errors import InvalidInput
from tests.zhoba.conftest import Client, client_of
from tests.zhoba.http.test_websocket import connect
from zhoba.cli import app as zhoba
from zhoba.documents import Documents, hash_of
from zhoba.http.body import Asked
from zhoba.settings import Settings

HELLO = "{ hello }"
HELLO_ID = "sha256:" + hash_of(HELLO)


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'zhoba.db')}"


def outcome(response: Any) -> tuple[int, Any]:
    """Status, and the code of the refusal or the data."""
    body = response.json()
    if "errors" in body:
        return response.status_code, body["errors"][0]["extensions"]["code"]
    return response.status_code, body["data"]


async def ask(client: Client, **body: Any) -> tuple[int, Any]:
    return outcome(await client.post("/graphql", json=body))


async def test_a_registered_document_is_asked_for_by_its_id(
    app: Starlette, client: Client, settings: Settings
) -> None:
    documents = Documents(settings.documents)
    assert await ask(client, documentId=HELLO_ID) == (404, "DOCUMENT_NOT_FOUND")
    documents.add(HELLO)
    greeting = {"hello": "Сәлем, Zhoba!"}
    assert await ask(client, documentId=HELLO_ID) == (200, greeting)
    assert await ask(client, documentId=HELLO_ID.removeprefix("sha256:")) == (200, greeting)
    got = await client.get("/graphql", params={"documentId": HELLO_ID})
    assert outcome(got) == (200, greeting)
    async with connect(app) as socket:
        await socket.hear()
        await socket.init()
        payload = {"documentId": HELLO_ID}
        await socket.say({"type": "subscribe", "id": "1", "payload": payload})
        assert (await socket.hear())["payload"] == {"data": greeting}
    assert await ask(client, documentId=HELLO_ID, query=HELLO) == (400, "DOCUMENT_AND_QUERY")
    assert await ask(client, documentId=7) == (400, "BAD_PARAMETER")
    assert await ask(client, query="{ __typename }") == (200, {"__typename": "Query"})
    assert documents.remove(hash_of(HELLO)) is True
    assert documents.remove(hash_of(HELLO)) is False
    assert await ask(client, documentId=HELLO_ID) == (404, "DOCUMENT_NOT_FOUND")


async def test_only_registered_documents_run_where_others_are_not_allowed(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    Documents(settings.documents).add(HELLO)
    chosen = settings.model_copy(update={"only_documents": True})
    async with client_of(await open_app(chosen), chosen) as client:
        greeting = {"hello": "Сәлем, Zhoba!"}
        assert await ask(client, documentId=HELLO_ID) == (200, greeting)
        assert await ask(client, query=HELLO) == (200, greeting)
        for other in ("{ hello } ", "{ __schema { types { name } } }", "mutation { wave }", "{"):
            assert await ask(client, query=other) == (403, "DOCUMENT_NOT_ALLOWED")
        got = await client.get("/graphql", params={"query": "{ __typename }"})
        assert outcome(got) == (403, "DOCUMENT_NOT_ALLOWED")
        assert (await client.get("/graphiql")).status_code == 404


@pytest.mark.parametrize("name", ["", "..", "../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_what_is_no_hash_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{'a' * 64}.graphql").write_text(HELLO)
    documents = Documents(tmp_path)
    assert documents.find(name) is None
    with pytest.raises(InvalidInput) as refused:
        documents.resolve(Asked("", document_id=name))
    assert refused.value.code == "DOCUMENT_NOT_FOUND"


def test_an_altered_file_is_not_registered(tmp_path: Path) -> None:
    documents = Documents(tmp_path)
    name = documents.add(HELLO)
    documents.file(name).write_text("mutation { deleteAll }")
    assert documents.find(name) is None
    assert list(documents.all()) == []
    assert Documents(None).find(name) is None


def test_documents_are_added_listed_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("good", "query Regions { regions { totalCount } }"),
        ("wrong", "{ nothing }"),
        ("broken", "{"),
    ):
        (tmp_path / f"{name}.graphql").write_text(text)

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(zhoba, ["documents", *arguments])
        return result.exit_code, result.stdout

    assert run("add", "good.graphql", "wrong.graphql", "broken.graphql")[0] == 1
    assert run("list") == (0, "")
    name = "sha256:" + hash_of("query Regions { regions { totalCount } }")
    assert run("add", "good.graphql") == (0, f"{name}  good.graphql\n")
    assert run("list") == (0, f"{name}  Regions\n")
    assert run("remove", "good.graphql")[0] == 0
    assert run("remove", name)[0] == 1
    assert run("list") == (0, "")
