"""How long five reads of the Italian plan take, in process and over HTTP, and in what memory."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select
from starlette.applications import Starlette

from bench.results import verdict
from core.authority.appointment import Appointment, Employment
from core.db.engine import Database
from core.db.text import fold, sort_key
from core.models import Account, Node, Person
from core.people.account import AccountKind
from core.tree.node import NodeKind
from schema.planner.run import statements
from zhoba.app import build_app
from zhoba.logs import configure_logs
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.postgres import free_port

SINCE = date(2023, 3, 1)
TREE = """query ($id: ID!) { program(id: $id) { name(lang: EN)
  directions(first: 100) { nodes { name(lang: EN)
    groups(first: 100) { nodes { name(lang: EN)
      projects(first: 100) { %s
        nodes { number name(lang: EN) stage budget { amount currency } }
} } } } } } }"""


@dataclass(frozen=True)
class Read:
    """One query; its variable ``id`` is the object ``node``, ``limit`` bounds p50 in ms."""

    name: str
    document: str
    node: str | None
    limit: float | None
    repeats: int
    holds: Callable[[Any], bool]


READS = (
    Read(
        "one project, its ancestors and people",
        """query ($id: ID!) { project(id: $id) { number name(lang: EN) stage
           budget { amount currency } ancestors { id kind name(lang: EN) }
           appointments(first: 20) { nodes { roleCode person { fullName } } } } }""",
        "project", 6, 300, lambda data: len(data["project"]["appointments"]["nodes"]) == 4,
    ),
    Read(
        "tree of M4C2, pages of 100", TREE % "", "M4C2", 40, 60,
        lambda data: shown(data) == 657 or shown(data) < 300,
    ),
    Read(
        "tree of M1C1, pages of 100, totalCount", TREE % "totalCount", "M1C1", 60, 60,
        lambda data: shown(data) == 563 or shown(data) < 300,
    ),
    Read(
        "page of 50, filtered and ordered",
        """{ projects(first: 50, orderBy: [{field: BUDGET, direction: DESC}], where: {
             stage: {eq: IMPLEMENTATION}, budget: {currency: "EUR", lte: "1000000"}
           }) { nodes { number name(lang: EN) budget { amount currency } stage } } }""",
        None, 15, 200, lambda data: len(data["projects"]["nodes"]) == 50,
    ),
    Read(
        "count and sums by program",
        """{ programs(first: 50) { nodes { name(lang: EN)
             projectStats { count budget { amount currency } } } } }""",
        None, None, 40, lambda data: len(data["programs"]["nodes"]) == 16,
    ),
)  # fmt: skip


def shown(data: Any) -> int:
    """The projects a tree shows."""
    return sum(
        len(group["projects"]["nodes"])
        for direction in data["program"]["directions"]["nodes"]
        for group in direction["groups"]["nodes"]
    )


@dataclass(frozen=True)
class Readers:
    """Accounts of two readers, and the global ids the queries name."""

    accounts: dict[str, int]
    ids: dict[str, str]


async def prepare(url: str) -> Readers:
    """Two readers, and four people at one project; the plan itself names nobody."""
    database = await Database.open(url)
    async with database.session() as session, session.begin():
        nodes = {
            name: await session.scalar(select(Node.id).where(condition).limit(1))
            for name, condition in {
                "country": Node.parent_id.is_(None),
                "body": Node.kind == NodeKind.STATE_BODY,
                "project": Node.kind == NodeKind.PROJECT,
                "M4C2": Node.origin_id == "M4C2",
                "M1C1": Node.origin_id == "M1C1",
            }.items()
        }
        accounts = {}
        seats = [("office_member", "country"), ("program_manager", "body")]
        seats += [
            (f"project_{role}", "project")
            for role in ("manager", "sponsor", "customer", "initiator")
        ]
        for role, place in seats:
            full = f"Bench {role}"
            person = Person(
                family_name="Bench", given_name=role, full_name=full,
                full_name_sort=sort_key(full), full_name_search=fold(full),
            )  # fmt: skip
            session.add(person)
            await session.flush()
            account = Account(
                kind=AccountKind.PERSON, label=full, person_id=person.id,
                created_at=datetime.now(UTC),
            )  # fmt: skip
            session.add(account)
            session.add(
                Appointment(
                    person_id=person.id, role=role, node_id=nodes[place],
                    employment=Employment.COMBINED, valid_from=SINCE,
                )
            )  # fmt: skip
            await session.flush()
            accounts[role] = account.id
    await database.close()
    ids = {"project": f"Project:{nodes['project']}"}
    ids |= {code: f"Program:{nodes[code]}" for code in ("M4C2", "M1C1")}
    return Readers({role: accounts[role] for role in ("office_member", "program_manager")}, ids)


def body_of(read: Read, readers: Readers) -> bytes:
    variables = {"id": readers.ids[read.node]} if read.node else {}
    return json.dumps({"query": read.document, "variables": variables}).encode()


def headers_of(settings: Settings, account: int) -> dict[str, str]:
    token = own_token(settings, account, datetime.now(UTC))
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def checked(read: Read, answer: bytes) -> None:
    """Raise unless the answer is whole: a fast refusal is no figure."""
    content = json.loads(answer)
    if content.get("errors") or not read.holds(content["data"]):
        raise SystemExit(f"{read.name}: {answer[:600]!r}")


WARM = 5
"""First repetitions that do not count: caches fill, prepared statements settle."""

LONGEST = 6.0
"""Seconds after which a slow read is repeated no more."""


def wants_more(read: Read, times: list[float]) -> bool:
    """Whether the read is to be repeated once more."""
    if len(times) < WARM + 5:
        return True
    return len(times) < WARM + read.repeats and sum(times) < LONGEST


def percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    times = times[WARM:]
    return (
        round(statistics.median(times) * 1000, 1),
        round(statistics.quantiles(times, n=20)[18] * 1000, 1),
    )


async def call(app: Starlette, headers: dict[str, str], body: bytes) -> bytes:
    """One request to the application without a network."""
    parts: list[bytes] = []
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        parts.append(message.get("body", b""))

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(body)).encode()))
    await app(
        {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "headers": raw,
            "scheme": "http", "server": ("bench", 80), "client": ("bench", 1), "root_path": "",
        },
        receive,
        send,
    )  # fmt: skip
    return b"".join(parts)


async def measure_in_process(
    settings: Settings, readers: Readers
) -> dict[tuple[str, str], dict[str, Any]]:
    """p50, p95 and statements of every read by every reader."""
    found = {}
    app = build_app(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        for (who, account), read in itertools.product(readers.accounts.items(), READS):
            headers, body = headers_of(settings, account), body_of(read, readers)
            with statements() as ran:
                checked(read, await call(app, headers, body))
            times: list[float] = []
            while wants_more(read, times):
                start = time.perf_counter()
                await call(app, headers, body)
                times.append(time.perf_counter() - start)
            p50, p95 = percentiles(times)
            found[who, read.name] = {"statements": len(ran), "p50": p50, "p95": p95}
    return found


def measure_over_http(
    settings: Settings, readers: Readers, rows: dict[tuple[str, str], dict[str, Any]]
) -> dict[str, Any]:
    """The same through a server process; gives back its memory after 1 000 mixed queries."""
    port = free_port()
    environment = {
        **os.environ,
        "ZHOBA_DATABASE_URL": settings.database_url,
        "ZHOBA_DATA_DIR": str(settings.data_dir),
        "ZHOBA_DEMO": "true",
        "ZHOBA_LOG_LEVEL": "warning",
        "ZHOBA_ANSWER_CACHE_BYTES": "0",
    }
    command = [sys.executable, "-m", "zhoba.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        connection = connected(server, port)
        process = psutil.Process(server.pid)
        at_start = process.memory_info().rss >> 20

        def ask(headers: dict[str, str], body: bytes) -> bytes:
            connection.request("POST", "/graphql", body, headers)
            return connection.getresponse().read()

        for (who, account), read in itertools.product(readers.accounts.items(), READS):
            headers, body = headers_of(settings, account), body_of(read, readers)
            checked(read, ask(headers, body))
            times: list[float] = []
            while wants_more(read, times):
                start = time.perf_counter()
                ask(headers, body)
                times.append(time.perf_counter() - start)
            rows[who, read.name]["http_p50"], rows[who, read.name]["http_p95"] = percentiles(times)
        mixed = itertools.cycle(itertools.product(readers.accounts.values(), READS))
        for account, read in itertools.islice(mixed, 1000):
            ask(headers_of(settings, account), body_of(read, readers))
        after = process.memory_info().rss >> 20
        connection.close()
    finally:
        server.terminate()
        server.wait(30)
    return {"memory_at_start_mb": at_start, "memory_mb": after, "limit_mb": 250,
            "verdict": verdict(after, 250)}  # fmt: skip


def connected(server: subprocess.Popen[bytes], port: int) -> http.client.HTTPConnection:
    """A connection to the server, once it listens."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.connect()
            return connection
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def measure_reads(
    urls: dict[str, str], folder: Path
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All reads on all databases, and the memory of the servers."""
    rows: list[dict[str, Any]] = []
    memory = []
    for dialect, url in urls.items():
        readers = asyncio.run(prepare(url))
        data = folder / f"data-{dialect}"
        data.mkdir()
        # Without kept answers: the same question is asked again and again.
        settings = Settings(
            database_url=url, data_dir=data, demo=True, log_level="warning", answer_cache_bytes=0
        )
        configure_logs(settings)
        found = asyncio.run(measure_in_process(settings, readers))
        memory.append({"database": dialect, **measure_over_http(settings, readers, found)})
        limits = {read.name: read.limit for read in READS}
        for (who, name), figures in found.items():
            limit = limits[name]
            rows.append(
                {"database": dialect, "reader": who, "read": name, **figures,
                 "limit p50": "" if limit is None else f"{limit:g}",
                 "verdict": verdict(figures["p50"], limit)}
            )  # fmt: skip
    return rows, memory
