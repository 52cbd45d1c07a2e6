"""Everything in a database, to compare before and after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, text

from migrations.run import looking

PAST = frozenset({"audit_entry", "audit_chain", "outbox_event"})
"""Tables that tell of the past, and grow."""


async def rows_of_all_tables(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those that tell of the past."""

    def look(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            name: sorted(
                tuple(map(str, row)) for row in connection.execute(text(f'SELECT * FROM "{name}"'))
            )
            for name in inspect(connection).get_table_names()
            if name not in PAST
        }

    return await looking(url, look)


async def schema_of(url: str) -> Any:
    """Tables, columns, keys and indexes, and on PostgreSQL sequences."""

    def look(connection: Connection) -> Any:
        if connection.dialect.name == "sqlite":
            statement = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
            return [tuple(row) for row in connection.execute(text(statement))]
        inspector = inspect(connection)
        return sorted(inspector.get_sequence_names()), {
            name: [
                repr(inspector.get_columns(name)),
                inspector.get_pk_constraint(name),
                sorted(map(repr, inspector.get_foreign_keys(name))),
                sorted(map(repr, inspector.get_indexes(name))),
                sorted(map(repr, inspector.get_unique_constraints(name))),
                sorted(map(repr, inspector.get_check_constraints(name))),
            ]
            for name in inspector.get_table_names()
        }

    return await looking(url, look)
