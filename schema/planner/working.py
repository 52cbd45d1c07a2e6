"""Computed fields of plain values, worked out while the statement's answer is read.

The executor then need not walk the answer for their sake: of 50 applications with three members
each that walk took 6 ms, working out their values 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import UnionType
from typing import Any, Union, get_args, get_origin

import sqlalchemy as sa

from core.db.types import UtcDateTime
from schema.planner.binding import Computed, Fact
from schema.planner.row import Attribute, column_of
from schema.types import parse_moment

COMPUTED = "!"
"""Begins the key of what a computed field needs; no response key can."""

PLAIN = (str, bool, int)


class NotPlain(Exception):
    """A value is not what the answer may hold as it is: the executor has to look at it."""


Worked = Mapping[str, Computed]
"""Computed fields of a statement by the key of what they need."""


def is_plain(item: Computed) -> bool:
    """Whether the values of a computed field stand in the answer as they are."""
    return plain_type(item.type) is not None


def plain_type(type_: Any) -> tuple[type, bool] | None:
    """Text, truth value or number, and whether it may be null; none for other types."""
    if type_ in PLAIN:
        return type_, False
    if get_origin(type_) in (Union, UnionType):
        parts = [part for part in get_args(type_) if part is not type(None)]
        if len(parts) == 1 and parts[0] in PLAIN and type(None) in get_args(type_):
            return parts[0], True
    return None


def worker(worked: Worked, context: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What puts the values into each object that is read; it may raise anything they raise."""
    workers = {key: working(item) for key, item in worked.items()}
    keys = frozenset(workers)

    def put(found: dict[str, Any]) -> dict[str, Any]:
        if keys.isdisjoint(found):
            return found
        return {
            key[len(COMPUTED) :] if key in keys else key: workers[key](context, value)
            if key in keys
            else value
            for key, value in found.items()
        }

    return put


def working(item: Computed) -> Callable[[Any, Any], Any]:
    """How one field is worked out from what the statement brought along."""
    readers = [reader_of(column) for column in item.columns]
    plain = plain_type(item.type)
    assert plain is not None
    kind, nullable = plain

    def work_out(context: Any, values: Any) -> Any:
        if not isinstance(values, list):
            raise NotPlain  # denied, or switched off
        given = [read(value) for read, value in zip(readers, values, strict=True)]
        value = item.python(context, *given) if item.in_context else item.python(*given)
        if type(value) is kind or (value is None and nullable):
            return value
        raise NotPlain

    return work_out


def reader_of(source: Attribute | Fact) -> Callable[[Any], Any]:
    """Turns JSON back into the Python value of a column or a fact."""
    type_ = source.type if isinstance(source, Fact) else column_of(source).type
    if isinstance(type_, sa.Enum) and type_.enum_class is not None:
        members = type_.enum_class.__members__
        return lambda value: None if value is None else members[value]
    if isinstance(type_, UtcDateTime):
        return lambda value: None if value is None else parse_moment(value)
    if isinstance(type_, sa.Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    return lambda value: value
