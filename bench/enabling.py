"""How soon three servers of one installation follow the switch of a plugin.

``python -m bench.enabling``: the milliseconds from the answer of ``enablePlugin`` or
``disablePlugin`` of one server to the right answer of all three. The plugin is the one of the
tests.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.databases import DIALECTS, empty_databases
from bench.results import keep, show, verdict
from core.db.engine import Database
from core.people.account import Account, AccountKind
from zhoba.host.installing import install
from zhoba.host.loading import load_installation
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.rows import make_appointment, make_person, make_world

MODULE = "tests.dummy_plugin.plugin"
SWITCHES = 40
LIMIT_MS = 100.0
LIST = "{ inspectionsInspections { totalCount } }"
SWITCH = """mutation ($region: ID!) { %s(input: {plugin: "inspections", regionId: $region%s}) {
  userErrors { code } } }"""
ACTS = (("enablePlugin", "", True), ("disablePlugin", ', reason: "measured"', False))


async def administrator(url: str) -> tuple[int, str]:
    """An account that may switch plugins, and the region it does so in."""
    database = await Database.open(url)
    async with database.session() as session, session.begin():
        world = await make_world(session)
        person = await make_person(session, "Bench Administrator")
        await make_appointment(session, person, "national_administrator", world.country)
        account = Account(
            kind=AccountKind.PERSON,
            label="bench",
            person_id=person.id,
            created_at=datetime.now(UTC),
        )
        session.add(account)
        await session.flush()
        found = account.id, f"Region:{world.region.id}"
    await database.close()
    return found


@asynccontextmanager
async def server(environment: dict[str, str]) -> Any:
    """``zhoba serve``; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "zhoba.cli", "serve", env=environment,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    port = None
    async for line in process.stderr:
        if found := re.search(rb"running on http://127\.0\.0\.1:(\d+)", line):
            port = int(found[1])
            break
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        process.terminate()
        await process.wait()
        await reading


async def measure(url: str, folder: Path) -> list[float]:
    """Milliseconds of each switch."""
    now = datetime.now(UTC)
    await install(url, load_installation({"inspections": MODULE}).plugins, now)
    account, region = await administrator(url)
    info = folder / "site" / "inspections-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: inspections\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[zhoba.plugins]\ninspections = {MODULE}\n")
    settings = Settings(database_url=url, data_dir=folder / "data")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder / "site"), str(Path(__file__).parents[1])]),
        "ZHOBA_DATABASE_URL": url,
        "ZHOBA_DATA_DIR": str(settings.data_dir),
        "ZHOBA_PORT": "0",
    }
    token = own_token(settings, account, now)
    times = []
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30)
        )
        servers = [await stack.enter_async_context(server(environment)) for _ in range(3)]

        async def ask(address: str, query: str, **variables: Any) -> Any:
            answer = await client.post(address, json={"query": query, "variables": variables})
            return answer.json()

        async def follows(address: str, on: bool) -> None:
            while ("errors" not in await ask(address, LIST)) is not on:
                pass

        acts = itertools.cycle(ACTS)
        for number in range(SWITCHES):
            act, more, on = next(acts)
            done = await ask(servers[number % 3], SWITCH % (act, more), region=region)
            if done["data"][act]["userErrors"]:
                raise SystemExit(done)
            started = time.perf_counter()
            await asyncio.gather(*(follows(address, on) for address in servers))
            times.append((time.perf_counter() - started) * 1000)
    return times


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name:
        folder = Path(name)
        with empty_databases(folder, DIALECTS) as urls:
            for dialect, url in urls.items():
                times = asyncio.run(measure(url, folder))
                rows.append(
                    {
                        "database": dialect,
                        "switches": len(times),
                        "p50_ms": round(statistics.median(times), 1),
                        "longest_ms": round(max(times), 1),
                        "limit_ms": LIMIT_MS,
                        "verdict": verdict(max(times), LIMIT_MS),
                    }
                )
    show("A switch of a plugin, seen by three servers", rows)
    keep("enabling", rows)


if __name__ == "__main__":
    main()
