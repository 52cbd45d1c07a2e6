"""The same country with four and with sixteen times the programs, each in a database of its own.

Every program is copied with all that lies in it, by the database itself: a thousandth of the time
that writing rows from Python takes.
"""

from __future__ import annotations

import asyncpg

ASKED = ("Q1", "Q3")
"""What must not become slower: one object, and one page of a long list (without totalCount)."""

COPIES: tuple[tuple[str, str], ...] = (
    ("node", "program_scope_id IS NOT NULL"),
    ("program", "true"),
    ("basic_direction", "true"),
    ("project_group", "true"),
    ("project", "true"),
    ("task", "true"),
    ("program_priority", "true"),
    ("appointment", "role <> 'office_member' AND role <> 'program_manager'"),
    ("node_closure", "descendant_id IN (SELECT id FROM node WHERE program_scope_id IS NOT NULL)"),
)
"""Tables in the order they are copied, and which of their rows."""

SHIFTED = {"id", "parent_id", "program_scope_id", "program_id", "node_id", "descendant_id"}
"""Columns that name an object of the program, in a copy another one."""

SHARED = "SELECT id FROM node WHERE program_scope_id IS NULL"
"""Country, priorities and bodies, which there is one of."""


async def copied(url: str, times: int) -> str:
    """Another database on the same server with so many times the programs; its address. Nobody may
    be connected to the first one."""
    before, _, name = url.rpartition("/")
    copy = f"{name}_{times}"
    connection = await asyncpg.connect(f"{before}/postgres")
    await connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
    await connection.close()
    _, span = await size(url)
    await multiply(f"{before}/{copy}", span, range(1, times))
    return f"{before}/{copy}"


async def size(url: str) -> tuple[int, int]:
    """How many projects there are, and the largest key."""
    connection = await asyncpg.connect(url)
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM project), (SELECT max(id) FROM node)"
    )
    await connection.close()
    return row[0], row[1]


async def multiply(url: str, span: int, numbers: range) -> None:
    """Add these copies of the programs there were at first, whose keys go up to ``span``."""
    connection = await asyncpg.connect(url, server_settings={"maintenance_work_mem": "512MB"})
    # Copies refer to copies: what keeps references right would look up every row.
    await connection.execute("SET session_replication_role = replica")
    for table, which in COPIES:
        await copy(connection, table, which, span, numbers)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def copy(
    connection: asyncpg.Connection, table: str, which: str, span: int, numbers: range
) -> None:
    """Copy rows of a table so many times, each copy ``span`` further on; indexes come after."""
    columns = [
        row[0]
        for row in await connection.fetch(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position",
            table,
        )
    ]
    indexes = [
        (row[0], row[1])
        for row in await connection.fetch(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
            " WHERE i.indrelid = $1::regclass AND NOT i.indisprimary AND NOT EXISTS"
            " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
            table,
        )
    ]
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    values = [shifted(table, column, span) for column in columns]
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)}"
        f" FROM (SELECT * FROM {table} WHERE {first(table)} <= {span} AND {which}) t,"
        f" generate_series({numbers.start}, {numbers.stop - 1}) k"
    )
    for _, made in indexes:
        await connection.execute(made)


def first(table: str) -> str:
    """The column that tells the rows there were at first."""
    return {"node_closure": "descendant_id", "appointment": "node_id",
            "program_priority": "program_id"}.get(table, "id")  # fmt: skip


def shifted(table: str, column: str, span: int) -> str:
    """The value of a column in a copy."""
    moved = f"t.{column} + k * {span}"
    if table == "appointment" and column == "id":
        return "nextval(pg_get_serial_sequence('appointment', 'id'))"
    if table == "project" and column == "number":
        return "t.number || '-' || k"
    if column == "parent_id" and table == "node":
        return f"CASE WHEN t.kind = 'PROGRAM' THEN t.parent_id ELSE {moved} END"
    if column == "ancestor_id":
        return f"CASE WHEN t.ancestor_id IN ({SHARED}) THEN t.ancestor_id ELSE {moved} END"
    return moved if column in SHIFTED else f"t.{column}"
