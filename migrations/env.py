"""Alembic's environment; it runs inside :func:`migrations.run.migrate`, never by itself."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from core.db.base import Key, SortText
from core.db.types import JSON_VALUE, UtcDateTime
from migrations.run import CORE

API = "zhoba.api"
"""The one module that plugins import."""

HOMES = {
    "Key": "core.db.base",
    "SortText": "core.db.base",
    "JSON_VALUE": "core.db.types",
    "UtcDateTime": "core.db.types",
}

connection = context.config.attributes["connection"]
owner = context.config.attributes["owner"]


def shared_type(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """How a revision spells the column types that differ between the databases."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        name = "UtcDateTime"
    else:
        names = {repr(Key): "Key", repr(SortText): "SortText", repr(JSON_VALUE): "JSON_VALUE"}
        name = names.get(repr(item), "") if item._variant_mapping else ""
    if not name:
        return False
    autogenerate.imports.add(f"from {HOMES[name] if owner == CORE else API} import {name}")
    return f"{name}()" if name == "UtcDateTime" else name


context.configure(
    connection=connection,
    target_metadata=owner.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
    render_item=shared_type,
    **owner.options(),
)
context.run_migrations()
