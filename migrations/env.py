"""Alembic's environment; it runs inside :func:`migrations.run.migrate`, never by itself."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from core.db.base import Key, SortText
from core.db.types import JSON_VALUE, UtcDateTime

connection = context.config.attributes["connection"]
owner = context.config.attributes["owner"]


def shared_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a revision spells the column types that differ between the databases."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "UtcDateTime()"
    names = {repr(Key): "Key", repr(SortText): "SortText", repr(JSON_VALUE): "JSON_VALUE"}
    return names.get(repr(item), False) if item._variant_mapping else False


context.configure(
    connection=connection,
    target_metadata=owner.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    render_item=shared_type,
    **owner.options(),
)
context.run_migrations()
