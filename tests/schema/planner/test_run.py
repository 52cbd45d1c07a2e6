"""Running statements: how many, from which snapshot, on which connection."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text, update

from core.db.engine import Database
from core.hierarchy.project import Project
from core.tree.node import Node, NodeKind
from schema.planner import run
from schema.planner.plan import Plan, Ready
from schema.planner.run import SqliteReads, open_reads, run_inside, statements
from tests.factories import make_node
from tests.schema.planner.conftest import Ask

LISTS = """{
  regions { nodes { code bodies { nodes { name programs { edges { cursor node { name } } } } } } }
  programs { nodes { name projectStats { count byStage { count } } projects { totalCount nodes {
    name ancestors { id } locations { region { code } } tasks { nodes { executor { fullName } } }
    appointments { nodes { person { fullName appointments { nodes { node { name } } } } } }
    children { nodes { id parent { name } } } group { projects { stats { count } } }
  } } } }
}"""


@pytest.mark.parametrize("who", ["root", "project manager"])
async def test_a_root_field_is_one_statement_however_long_its_lists(
    ask: Ask, database: Database, who: str
) -> None:
    async def ran() -> list[str]:
        with statements() as texts:
            await ask.data(LISTS, who=who)
        return texts

    few = await ran()
    assert len(few) == 2
    async with database.session() as session, session.begin():
        for name in ("g1", "p1"):
            place = await session.get_one(Node, ask.made.keys[name])
            kind = NodeKind.TASK if name == "p1" else NodeKind.PROJECT
            for _ in range(3):
                await make_node(session, kind, place)
    assert await ran() == few


def ready(sql: str, dialect: Any, cost: int = 1, *, scans: bool = False) -> Ready:
    plan = Plan(
        sql=sql, dialect=dialect, names=(), constants=(), filled={}, of_reader=(), sites=(),
        guards={}, cost=cost, scans=scans, personal=False, walked=False, untagged=False, weight=0,
    )  # fmt: skip
    return Ready(plan, [])


async def test_two_statements_run_in_one_transaction(ask: Ask, database: Database) -> None:
    """PostgreSQL tells its snapshot; SQLite refuses a BEGIN inside another."""
    if database.dialect == "postgresql":
        snapshot = (
            "SELECT current_setting('transaction_isolation') || txid_current_snapshot()::text"
        )
        first, second = await ask.reads.run([ready(snapshot, "postgresql")] * 2)
        assert first == second
        assert first.startswith("repeatable read")
        alone = await ask.reads.run([ready(snapshot, "postgresql")])
        assert alone[0].startswith("read committed")
    else:
        with pytest.raises(Exception, match="within a transaction"):
            await ask.reads.run([ready("BEGIN", "sqlite"), ready("BEGIN", "sqlite")])
        assert await ask.reads.run([ready("SELECT '1'", "sqlite")] * 2) == ["1", "1"]


async def test_reads_cannot_write(ask: Ask, database: Database) -> None:
    for several in (1, 2):
        write = ready("DELETE FROM region RETURNING 'x'", database.dialect)
        with pytest.raises(Exception, match=r"(?i)read-?only"):
            await ask.reads.run([write] * several)


@pytest.mark.parametrize(
    ("query", "short"),
    [
        ("query($id: ID!) { project(id: $id) { name group { name } ancestors { id } } }", True),
        ("query($id: ID!) { project(id: $id) { tasks { nodes { id } } } }", True),
        ("query($id: ID!) { project(id: $id) { children { nodes { children { totalCount } } } } }",
         True),
        ("query($id: ID!) { project(id: $id) { descendants { nodes { id } } } }", False),
        ("query($id: ID!) { project(id: $id) { group { projects { stats { count } } } } }", False),
        ("query($id: ID!) { project(id: $id) { program { projectStats { count } } } }", False),
        ("query($id: ID!) { project(id: $id) { id } projects(first: 1) { totalCount } }", False),
        ("query($id: ID!) { project(id: $id) { ancestors { descendants { totalCount } } } }",
         False),
    ],
)  # fmt: skip
async def test_what_may_scan_a_long_list_is_not_short(ask: Ask, query: str, short: bool) -> None:
    ran: list[Ready] = []

    class Watched:
        dialect = ask.reads.dialect

        async def run(self, given: Sequence[Ready]) -> list[str]:
            ran.extend(given)
            return await ask.reads.run(given)

        async def close(self) -> None:
            raise AssertionError("closed")

    reading = replace(ask.reading("root"), reads=Watched())
    await ask.data(query, {"id": f"Project:{ask.made.keys['p1']}"}, reading=reading)
    assert run.is_short(ran) is short


async def test_costly_reads_leave_the_event_loop_free(ask: Ask, database: Database) -> None:
    if not isinstance(ask.reads, SqliteReads):
        pytest.skip("PostgreSQL always waits on a socket")
    slow = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
      SELECT CAST(count(*) AS TEXT) FROM n"""
    reading = asyncio.ensure_future(ask.reads.run([ready(slow, "sqlite", cost=run.SHORT_COST + 1)]))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert reading.result() == ["3000000"]
    assert turns > 100


async def test_a_cancelled_read_stops_and_gives_its_connection_back(
    ask: Ask, database: Database
) -> None:
    endless = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
        " SELECT max(i) FROM n",
        "postgresql": "SELECT pg_sleep(60)::text",
    }[database.dialect]
    short = ready("SELECT '1'", database.dialect, cost=run.SHORT_COST + 1)
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask.reads.run([ready(endless, database.dialect, cost=10**6)])
    answers = await asyncio.gather(*(ask.reads.run([short]) for _ in range(10)))
    assert answers == [["1"]] * 10


async def test_connections_are_closed_when_no_thread_uses_them_any_more(
    ask: Ask, database: Database
) -> None:
    """However often those who waited for the answer were cancelled; else the process would die."""
    if not isinstance(ask.reads, SqliteReads):
        pytest.skip("PostgreSQL's connections have no threads")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n"
    reads = SqliteReads(ask.reads.url)
    reading = asyncio.ensure_future(reads.run([ready(endless, "sqlite", cost=10**6)]))
    await asyncio.sleep(0)
    (connection,) = reads.running.values()
    while not reading.done():
        reading.cancel()
        await asyncio.sleep(0)
    assert reads.running, "the thread reads on"
    assert reads.far.empty(), "and has its connection to itself"
    await reads.close()
    assert not reads.running
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


async def test_reads_go_on_when_the_server_has_dropped_their_connections(
    ask: Ask, database: Database
) -> None:
    """On SQLite there is no server to lose."""
    one = ready("SELECT '1'", database.dialect)
    if database.dialect == "postgresql":
        async with database.session() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE"
                    " application_name = 'zhoba reads' AND datname = current_database()"
                )
            )
    answers: list[list[str]] = []
    for _ in range(50):
        try:
            answers.append(await ask.reads.run([one]))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            assert not answers, "what works goes on working"
    assert len(answers) > 20


async def test_a_transaction_nobody_ended_is_ended_before_the_connection_is_used_again(
    ask: Ask, database: Database
) -> None:
    """However early or late those who began it were cancelled, and however often."""
    if database.dialect == "sqlite":
        pytest.skip("there a thread does all of it, whoever is cancelled")
    one = ready("SELECT pg_current_snapshot()::text", database.dialect)
    slow = ready("SELECT pg_sleep(60)::text", database.dialect)
    for turns in (*range(12), 100, 1000):
        both = asyncio.ensure_future(ask.reads.run([one, slow]))
        for _ in range(turns):
            await asyncio.sleep(0)
        while not both.done():
            both.cancel()
            await asyncio.sleep(0)
        first, second = await ask.reads.run([one, one])
        assert first == second
        async with database.session() as session, session.begin():
            await session.execute(text("SELECT pg_current_xact_id()"))
        alone = await asyncio.gather(*(ask.reads.run([one]) for _ in range(4)))
        assert all(answer != [first] for answer in alone)


async def test_inside_a_session_a_read_sees_what_was_flushed(ask: Ask, database: Database) -> None:
    goal = f"SELECT goal FROM project WHERE id = {ask.made.keys['p1']}"
    async with database.session() as session:
        await session.execute(
            update(Project).where(Project.id == ask.made.keys["p1"]).values(goal="Жаңа")
        )
        await session.flush()
        assert await run_inside(session, ready(goal, database.dialect)) == "Жаңа"
        assert await ask.reads.run([ready(goal, database.dialect)]) == ["Жол салу"]
        await session.rollback()


async def test_a_database_in_memory_cannot_be_read_from_elsewhere() -> None:
    with pytest.raises(ValueError, match="need a database file"):
        await open_reads("sqlite://")
