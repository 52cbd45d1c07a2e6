"""Whether anybody ever reads what is no longer true: ``python -m bench.read_after_write``.

Several clients rename regions through two servers in turn, and read them again from both, twice
over, so that the second answer may be a kept one. An answer older than the last write that was
answered is stale. ``--checks`` sets how many answers are looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

import core.models  # noqa: F401 - the tables must know each other before a row is written
from bench.databases import DIALECTS, empty_databases
from bench.results import keep, show
from core.db.base import set_names
from core.db.engine import Database
from core.places.region import Region, RegionKind
from zhoba.admin import grant_administration
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.postgres import free_port

REGIONS = 8
"""Regions, each renamed by one client."""

READS = 2
"""Times each server is asked after each write."""

RENAME = """mutation ($id: ID!, $version: Int!, $name: String!) {
  editRegion(input: {regionId: $id, expectedVersion: $version, names: {en: $name}}) {
    region { version } userErrors { code } } }"""

READ = "query ($id: ID!) { region(id: $id) { version name(lang: EN) } }"


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the answers looked at."""

    checks: int
    stale: int
    seconds: float


async def check(
    servers: Sequence[httpx.AsyncClient],
    headers: Mapping[str, str],
    regions: Sequence[str],
    checks: int,
) -> Checked:
    """Rename ``regions`` through ``servers`` in turn and read each new name from all of them.

    ``headers`` are those of somebody who may rename. Raises :class:`AssertionError` when a request
    fails.
    """
    writes = -(-checks // (len(servers) * READS * len(regions)))
    started = time.perf_counter()
    stale = await asyncio.gather(*(follow(servers, headers, region, writes) for region in regions))
    done = writes * len(servers) * READS * len(regions)
    return Checked(done, sum(stale), round(time.perf_counter() - started, 1))


async def follow(
    servers: Sequence[httpx.AsyncClient], headers: Mapping[str, str], region: str, writes: int
) -> int:
    """Rename one region again and again; the number of stale answers."""
    found = await ask(servers[0], headers, READ, id=region)
    version, stale = found["region"]["version"], 0
    for number in range(writes):
        name, writer = f"Region {number}", servers[number % len(servers)]
        made = await ask(writer, headers, RENAME, id=region, version=version, name=name)
        payload = made["editRegion"]
        assert payload["userErrors"] == [], payload
        version = payload["region"]["version"]
        for _ in range(READS):
            answers = await asyncio.gather(
                *(ask(server, headers, READ, id=region) for server in servers)
            )
            expected = {"region": {"version": version, "name": name}}
            stale += sum(answer != expected for answer in answers)
    return stale


async def ask(
    server: httpx.AsyncClient, headers: Mapping[str, str], document: str, **variables: Any
) -> Any:
    body = {"query": document, "variables": variables}
    response = await server.post("/graphql", json=body, headers=dict(headers))
    answer = response.json()
    assert "errors" not in answer, answer
    return answer["data"]


async def fill(url: str, settings: Settings) -> tuple[dict[str, str], list[str]]:
    """Regions, and the headers of an administrator who may rename them."""
    database = await Database.open(url)
    now = datetime.now(UTC)
    account = await grant_administration(
        database, family_name="Bench", given_name="Aida", now=now, rules=settings.rules()
    )
    async with database.session() as session, session.begin():
        rows = [Region(code=f"KZ-B{n}", kind=RegionKind.REGION) for n in range(REGIONS)]
        for row in rows:
            set_names(row, kk="Өңір", ru="Регион", en="Region")
        session.add_all(rows)
        await session.flush()
        regions = [f"Region:{row.id}" for row in rows]
    await database.close()
    return {"Authorization": f"Bearer {own_token(settings, account, now)}"}, regions


@contextmanager
def server(url: str, folder: Path) -> Iterator[str]:
    """A server process of its own over the database; yields its address."""
    port = free_port()
    environment = {
        **os.environ,
        "ZHOBA_DATABASE_URL": url,
        "ZHOBA_DATA_DIR": str(folder),
        "ZHOBA_LOG_LEVEL": "warning",
        "ZHOBA_DISPATCH": "false",
    }
    command = [sys.executable, "-m", "zhoba.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{address}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("a server did not start")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


async def measure(url: str, addresses: Sequence[str], settings: Settings, checks: int) -> Checked:
    """The check over running servers."""
    headers, regions = await fill(url, settings)
    clients = [httpx.AsyncClient(base_url=address, timeout=30) for address in addresses]
    try:
        return await check(clients, headers, regions, checks)
    finally:
        for client in clients:
            await client.aclose()


def measure_read_after_write(
    urls: Mapping[str, str], folder: Path, checks: int
) -> list[dict[str, Any]]:
    """A line for each database: answers looked at, and how many were stale."""
    rows = []
    for dialect, url in urls.items():
        settings = Settings(database_url=url, data_dir=folder / dialect)
        settings.data_dir.mkdir()
        with ExitStack() as stack:
            addresses = [stack.enter_context(server(url, settings.data_dir)) for _ in range(2)]
            checked = asyncio.run(measure(url, addresses, settings, checks))
        rows.append(
            {
                "database": dialect,
                "servers": 2,
                "checks": checked.checks,
                "stale": checked.stale,
                "seconds": checked.seconds,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    parser.add_argument("--checks", type=int, default=10_000)
    chosen = parser.parse_args()
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    with (
        tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name,
        empty_databases(Path(name), dialects) as urls,
    ):
        rows = measure_read_after_write(urls, Path(name), chosen.checks)
    show("Answers read after a write, from two servers", rows)
    keep("read_after_write", rows)
    if any(row["stale"] for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
