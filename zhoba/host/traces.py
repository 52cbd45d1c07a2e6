"""The rows of the core that speak of a plugin, and what becomes of them when it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, ForeignKey, Table, false, func, select

from core.authority.appointment import Appointment
from core.authority.policies.policy_version import PolicyChange
from core.events.idempotency import IdempotencyKey
from core.models import metadata
from core.people.service_key import ServiceKey
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin import camel
from zhoba.host.policy_removing import drafted


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of the core to delete, or to part from the plugin by setting ``column`` to null."""

    table: Table
    where: ColumnElement[bool]
    column: str | None = None


def changes(connection: Connection, row: Any) -> Iterator[Change]:
    """What happens to rows of the core, those that refer before those they refer to."""
    roles = Appointment.role.in_(row.roles) if row.roles else false()
    yield from with_referring(Appointment.__table__, roles)
    for each in metadata.sorted_tables[::-1]:
        if "plugin" in each.c and each.name != InstalledPlugin.__tablename__:
            yield from with_referring(each, each.c.plugin == row.plugin)
    yield Change(metadata.tables[PolicyChange.__tablename__], drafted(row))
    names = mutations_of(connection, row.prefix)
    yield from with_referring(IdempotencyKey.__table__, IdempotencyKey.mutation.in_(names))


def with_referring(target: Any, where: ColumnElement[bool]) -> Iterator[Change]:
    """Delete rows: those that cannot be without them go first, others only forget them."""
    for each in metadata.sorted_tables[::-1]:
        for key in sorted(each.foreign_keys, key=lambda key: key.parent.name):
            if key.column.table is target:
                yield from parted(key, key.parent.in_(select(key.column).where(where)))
    yield Change(target, where)


def parted(key: ForeignKey, where: ColumnElement[bool]) -> Iterator[Change]:
    owner = key.parent.table
    if key.parent.nullable:
        yield Change(owner, where, key.parent.name)
    elif owner is not key.column.table:
        yield from with_referring(owner, where)


def mutations_of(connection: Connection, prefix: str) -> list[str]:
    """Names of the plugin's mutations that somebody sent with an idempotency key."""
    longer = connection.execute(select(InstalledPlugin.prefix)).scalars()
    others = [camel(each) for each in longer if each.startswith(f"{prefix}_")]
    names = connection.execute(select(IdempotencyKey.mutation).distinct()).scalars()
    return sorted(
        name
        for name in names
        if begins(name, camel(prefix)) and not any(begins(name, other) for other in others)
    )


def begins(name: str, prefix: str) -> bool:
    """Whether a name in GraphQL is the prefix, or another word follows it."""
    return name.startswith(prefix) and not name.removeprefix(prefix)[:1].islower()


def service_keys(connection: Connection, row: Any) -> list[tuple[int, list[str]]]:
    """Keys of information systems that name the plugin's permissions, with those that remain."""
    gone = set(row.permissions)
    keys = connection.execute(select(ServiceKey.id, ServiceKey.scopes).order_by(ServiceKey.id))
    return [
        (key.id, [scope for scope in key.scopes if scope not in gone])
        for key in keys
        if gone & set(key.scopes)
    ]


def counted(connection: Connection, of: Any, where: ColumnElement[bool] | None = None) -> int:
    statement = select(func.count()).select_from(of)
    return connection.execute(statement if where is None else statement.where(where)).scalar_one()
