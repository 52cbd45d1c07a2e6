"""GraphQL over HTTP: what is answered, how, and how every bad request is refused."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from starlette.applications import Starlette

from tests.zhoba.conftest import Client, client_of
from tests.zhoba.small_schema import Trace, small_schema
from zhoba.http.answers import GRAPHQL_JSON, preferred_type
from zhoba.settings import Settings

trace = Trace()


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'zhoba.db')}"


@pytest.fixture
def schema() -> strawberry.Schema:
    global trace
    trace = Trace()
    return small_schema(trace)


def code(response: httpx.Response) -> str:
    [error] = response.json()["errors"]
    return str(error["extensions"]["code"])


async def test_post_answers_a_query_in_utf_8(client: Client) -> None:
    response = await client.send_query("{ hello }")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.content == '{"data":{"hello":"Сәлем, Zhoba!"}}'.encode()


async def test_get_answers_a_query_with_variables(client: Client) -> None:
    parameters = {
        "query": "query Q($name: String!) { hello(name: $name) }",
        "variables": '{"name": "Айгүл"}',
        "operationName": "Q",
    }
    response = await client.get("/graphql", params=parameters)
    assert response.json() == {"data": {"hello": "Сәлем, Айгүл!"}}


async def test_get_refuses_a_mutation(client: Client) -> None:
    response = await client.get("/graphql", params={"query": 'mutation { rename(name: "x") }'})
    assert (response.status_code, code(response)) == (405, "OPERATION_NOT_ALLOWED")


async def test_post_runs_a_mutation_and_refuses_a_subscription(client: Client) -> None:
    assert await client.query('mutation { rename(name: "x") }') == {"data": {"rename": "x"}}
    response = await client.send_query("subscription { count(to: 1) }")
    assert (response.status_code, code(response)) == (405, "OPERATION_NOT_ALLOWED")


async def test_other_methods_are_refused_by_name(client: Client) -> None:
    response = await client.put("/graphql")
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON),
        (f"application/json, {GRAPHQL_JSON};q=0.9", "application/json"),
        (f"{GRAPHQL_JSON}, */*", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0", None),
        ("text/html", None),
        ("application/json;q=nonsense", None),
    ],
)
def test_preferred_type_follows_accept(accept: str | None, chosen: str | None) -> None:
    assert preferred_type(accept) == chosen


async def test_accept_of_neither_type_is_refused(client: Client) -> None:
    response = await client.send_query("{ hello }", headers={"accept": "text/html"})
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ hello", None),
        ("{ absent }", None),
        ("query ($n: Int!) { long(length: $n) }", {"n": "many"}),
        ("query ($n: Int = 1) { long(length: $n) }", {"n": None}),
    ],
    ids=["syntax", "validation", "variable", "argument"],
)
@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL_JSON, 400), ("application/json", 200)])
async def test_invalid_document_is_400_only_in_the_new_type(
    client: Client, accept: str, status: int, document: str, variables: dict[str, Any] | None
) -> None:
    response = await client.send_query(document, variables, headers={"accept": accept})
    if response.json().get("data", "absent") is None:
        assert response.status_code == 200  # an argument that fails while executing
    else:
        assert response.status_code == status
        assert "data" not in response.json()
    assert code(response) == "GRAPHQL_INVALID"


BAD_BODIES = {
    "empty": (b"", "BAD_REQUEST_BODY"),
    "null": (b"null", "BAD_REQUEST_BODY"),
    "text": (b'"query"', "BAD_REQUEST_BODY"),
    "number": (b"7", "BAD_REQUEST_BODY"),
    "true": (b"true", "BAD_REQUEST_BODY"),
    "list": (b'[{"query": "{ hello }"}]', "BAD_REQUEST_BODY"),
    "not json": (b"{query}", "BAD_REQUEST_BODY"),
    "half": (b'{"query": "{ hello }"', "BAD_REQUEST_BODY"),
    "two values": (b'{"query": "{ hello }"} {}', "BAD_REQUEST_BODY"),
    "not utf-8": (b'{"query": "\xff"}', "BAD_REQUEST_BODY"),
    "utf-16": ('{"query": "{ hello }"}'.encode("utf-16"), "BAD_REQUEST_BODY"),
    "deep lists": (b'{"variables": ' + b"[" * 100_000 + b"}", "BAD_REQUEST_BODY"),
    "deep objects": (b'{"a":' * 100_000, "BAD_REQUEST_BODY"),
    "doubled key": (b'{"query": "{ hello }", "query": "{ hello }"}', "BAD_REQUEST_BODY"),
    "NaN": (b'{"query": "{ hello }", "variables": {"a": NaN}}', "BAD_REQUEST_BODY"),
    "infinity": (b'{"query": "{ hello }", "variables": {"a": 1e999}}', "BAD_REQUEST_BODY"),
    "endless integer": (
        b'{"query": "{ hello }", "variables": {"a": ' + b"9" * 5000 + b"}}",
        "BAD_REQUEST_BODY",
    ),
    "NUL": (b'{"query": "{ hello(name: \\"\\u0000\\") }"}', "BAD_REQUEST_BODY"),
    "raw NUL": (b'{"query": "{ hello }\x00"}', "BAD_REQUEST_BODY"),
    "NUL in a key": (
        b'{"query": "{ hello }", "variables": {"\\u0000": 1}}',
        "BAD_REQUEST_BODY",
    ),
    "half a surrogate": (
        b'{"query": "{ hello }", "variables": {"name": "\\ud800"}}',
        "BAD_REQUEST_BODY",
    ),
    "no query": (b"{}", "QUERY_MISSING"),
    "null query": (b'{"query": null}', "QUERY_MISSING"),
    "blank query": (b'{"query": "  "}', "QUERY_MISSING"),
    "query of a number": (b'{"query": 1}', "BAD_PARAMETER"),
    "query of an object": (b'{"query": {"a": 1}}', "BAD_PARAMETER"),
    "variables of text": (b'{"query": "{ hello }", "variables": "{}"}', "BAD_PARAMETER"),
    "variables of a list": (b'{"query": "{ hello }", "variables": []}', "BAD_PARAMETER"),
    "extensions of a list": (b'{"query": "{ hello }", "extensions": [1]}', "BAD_PARAMETER"),
    "name of a number": (b'{"query": "{ hello }", "operationName": 1}', "BAD_PARAMETER"),
    "name of nothing": (b'{"query": "{ hello }", "operationName": "B"}', "OPERATION_NOT_CHOSEN"),
    "two operations": (
        b'{"query": "query A { hello } query B { hello }"}',
        "OPERATION_NOT_CHOSEN",
    ),
    "only a fragment": (
        b'{"query": "fragment F on Query { hello }", "operationName": "F"}',
        "GRAPHQL_INVALID",
    ),
    "deep variables": (
        json.dumps({"query": "{ hello }", "variables": json.loads("[" * 30 + "]" * 30)})
        .encode()
        .replace(b'"variables": ', b'"variables": {"a": ')
        + b"}",
        "VARIABLES_TOO_DEEP",
    ),
    "many variables": (
        json.dumps({"query": "{ hello }", "variables": {"a": [0] * 20_001}}).encode(),
        "VARIABLES_TOO_MANY",
    ),
}


@pytest.mark.parametrize(("body", "expected"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_malformed_body_is_a_coded_4xx(client: Client, body: bytes, expected: str) -> None:
    headers = {"content-type": "application/json", "accept": GRAPHQL_JSON}
    response = await client.post("/graphql", content=body, headers=headers)
    assert (response.status_code, code(response)) == (400, expected)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonx",
        "nonsense",
        ";",
    ],
)
async def test_other_content_types_are_refused(client: Client, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert (response.status_code, code(response)) == (415, "CONTENT_TYPE_UNSUPPORTED")


async def test_multipart_form_with_a_mutation_is_refused(client: Client) -> None:
    operations = '{"query": "mutation { rename(name: \\"x\\") }"}'
    form = {"operations": (None, operations), "map": (None, "null")}
    headers = {"origin": "https://elsewhere.test"}
    response = await client.post("/graphql", files=form, headers=headers)
    assert (response.status_code, code(response)) == (415, "CONTENT_TYPE_UNSUPPORTED")


@pytest.mark.parametrize(
    ("query_string", "expected"),
    [
        ("", "QUERY_MISSING"),
        ("query=", "QUERY_MISSING"),
        ("query={hello}&query={hello}", "BAD_REQUEST_BODY"),
        ("query={hello}&variables={", "BAD_REQUEST_BODY"),
        ("query={hello}&variables=[]", "BAD_PARAMETER"),
        ("query={hello}&variables=1", "BAD_PARAMETER"),
        ("query=%00", "BAD_REQUEST_BODY"),
        ("query=%FF", "GRAPHQL_INVALID"),
    ],
)
async def test_malformed_query_string_is_a_coded_4xx(
    client: Client, query_string: str, expected: str
) -> None:
    response = await client.get(f"/graphql?{query_string}", headers={"accept": GRAPHQL_JSON})
    assert (response.status_code, code(response)) == (400, expected)


async def test_body_over_the_cap_is_refused_and_at_the_cap_read(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    body = b'{"query": "{ hello }"}'
    chosen = settings.model_copy(update={"max_body_bytes": len(body)})
    async with client_of(await open_app(chosen), chosen) as client:
        headers = {"content-type": "application/json"}
        assert (await client.post("/graphql", content=body, headers=headers)).status_code == 200
        for too_long in (body + b" ", chunks(body, b" ")):
            response = await client.post("/graphql", content=too_long, headers=headers)
            assert (response.status_code, code(response)) == (413, "BODY_TOO_LARGE")


async def chunks(*parts: bytes) -> Any:
    for part in parts:
        yield part


async def test_answer_over_the_cap_is_refused_and_at_the_cap_sent(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    document = "query ($n: Int!) { long(length: $n) }"
    size = len('{"data":{"long":"жж"}}'.encode())
    chosen = settings.model_copy(update={"max_response_bytes": size})
    async with client_of(await open_app(chosen), chosen) as client:
        assert (await client.send_query(document, {"n": 2})).status_code == 200
        response = await client.send_query(document, {"n": 3})
        assert (response.status_code, code(response)) == (400, "RESPONSE_TOO_LARGE")


async def test_refusal_in_a_field_has_code_clause_and_numbers(client: Client) -> None:
    assert await client.query("{ refused }", headers={"x-correlation-id": "n1"}) == {
        "data": {"refused": None},
        "errors": [
            {
                "message": "Someone changed the object since you read it: you expected version 1, "
                "it is now 2. Read it again and decide again.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["refused"],
                "extensions": {
                    "code": "CONFLICT",
                    "params": {"expected": 1, "current": 2},
                    "clause": "R2023 §87",
                    "field": "endsOn",
                    "correlationId": "n1",
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("kk", "Бұл әрекетке құқығыңыз жоқ: project.read."),
        ("ru-RU,en;q=0.5", "У вас нет права на это действие: project.read."),
        ("de, en;q=0.1", "You may not do this: project.read."),
        ("de", "You may not do this: project.read."),
    ],
)
async def test_refusal_speaks_the_callers_language(
    client: Client, header: str, sentence: str
) -> None:
    answer = await client.query("{ forbidden }", headers={"accept-language": header})
    assert answer["errors"][0]["message"] == sentence


@pytest.mark.parametrize("document", ["{ broken }", "{ nonsense }"])
async def test_bug_is_masked_with_its_number(client: Client, document: str) -> None:
    response = await client.send_query(document, headers={"x-correlation-id": "n2"})
    [error] = response.json()["errors"]
    assert "900101300123" not in response.text
    assert error["message"] == "Something went wrong on our side. Tell the support this number: n2."
    assert error["extensions"] == {"code": "INTERNAL", "correlationId": "n2"}


async def test_slow_operation_is_stopped_at_the_time_limit(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    chosen = settings.model_copy(update={"request_seconds": 0.3})
    async with client_of(await open_app(chosen), chosen) as client:
        response = await client.send_query("{ slow }")
    assert (response.status_code, code(response)) == (504, "TIMED_OUT")
    assert trace.cancelled.is_set()


async def test_operation_ends_when_its_client_hangs_up(app: Starlette) -> None:
    body = b'{"query": "{ slow }"}'
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        for message in messages:
            return message
        await trace.started.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), 60)
    assert trace.cancelled.is_set()
    assert sent == []


async def test_unknown_path_and_method_are_coded(client: Client) -> None:
    response = await client.get("/graphql/")
    assert (response.status_code, code(response)) == (404, "ROUTE_NOT_FOUND")
    response = await client.get("/files")
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")


async def test_foreign_page_may_call_only_when_its_origin_is_named(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    chosen = settings.model_copy(update={"cors_origins": ("https://ours.test",)})
    async with client_of(await open_app(chosen), chosen) as client:
        allowed = {}
        for origin in ("https://ours.test", "https://theirs.test"):
            response = await client.send_query("{ hello }", headers={"origin": origin})
            allowed[origin] = response.headers.get("access-control-allow-origin")
    assert allowed == {"https://ours.test": "https://ours.test", "https://theirs.test": None}
