"""The words bindings are written in. Types and nullability follow from the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from core.db.base import LANGUAGES
from schema.planner.binding import (
    Amount,
    Computed,
    Connection,
    Expression,
    Fact,
    Field,
    Identity,
    Level,
    Many,
    Name,
    Names,
    On,
    One,
    Stats,
    Value,
)
from schema.planner.row import Attribute, Model, Row, column_of


def ident() -> Identity:
    """``id``: the opaque id of the object."""
    return Identity(name="id", description="Opaque id of the object; node(id) finds it again.")


def col(
    name: str,
    attribute: Attribute,
    description: str,
    *,
    level: Level | str = Level.BASIC,
    where: bool = False,
    order: bool = False,
    order_by: Attribute | None = None,
    group: bool = False,
    search: Attribute | None = None,
    shown_as: Any = None,
    deprecated: str | None = None,
) -> Value:
    """A column as it is. ``order_by`` is the column to sort by instead, a sort key for instance."""
    column = column_of(attribute)
    return Value(
        name=name,
        description=description,
        level=level,
        deprecated=deprecated,
        source=attribute,
        type=column.type,
        nullable=column.nullable,
        where=where,
        order=order or order_by is not None,
        order_by=order_by,
        group=group,
        search=search,
        shown_as=shown_as,
    )


def expr(
    name: str,
    type_: sa.types.TypeEngine[Any],
    sql: Expression,
    description: str,
    *,
    nullable: bool = True,
    level: Level | str = Level.BASIC,
    where: bool = False,
    order: bool = False,
    group: bool = False,
    shown_as: Any = None,
) -> Value:
    """An SQL expression over the row's own columns, of SQL type ``type_``."""
    return Value(
        name=name,
        description=description,
        level=level,
        source=sql,
        type=type_,
        nullable=nullable,
        where=where,
        order=order,
        group=group,
        shown_as=shown_as,
    )


def text3(model: Model, description: str, *, level: Level | str = Level.BASIC) -> list[Field]:
    """``name`` and ``names`` of a model with :class:`core.db.base.Named`."""
    columns = {code: getattr(model, f"name_{code}") for code in LANGUAGES}
    return [
        Name(
            name="name",
            description=f"{description} Another language stands in where it has no translation.",
            level=level,
            columns=columns,
            sort={code: getattr(model, f"name_{code}_sort") for code in LANGUAGES},
            search=model.name_search,
        ),
        Names(
            name="names",
            description=f"{description} As stored, one text per language.",
            level=level,
            columns=columns,
        ),
    ]


def money(
    name: str,
    minor: Attribute | Expression,
    currency: Attribute | Expression,
    description: str,
    *,
    level: Level | str = Level.BASIC,
    where: bool = False,
    order: bool = False,
    total: bool = False,
) -> Amount:
    """Minor units of a currency, shown as ``Money``; an expression for them may be null."""
    return Amount(
        name=name,
        description=description,
        level=level,
        minor=minor,
        currency=currency,
        nullable=column_of(minor).nullable if isinstance(minor, InstrumentedAttribute) else True,
        where=where,
        order=order,
        total=total,
    )


def one(
    name: str,
    to: str,
    on: On,
    description: str,
    *,
    link: Model | None = None,
    level: Level | str = Level.BASIC,
    where: bool = False,
) -> One:
    """At most one other object; null also when the reader may not see it."""
    return One(
        name=name, description=description, level=level, to=to, on=on, link=link, where=where
    )


def many(
    name: str,
    to: str,
    on: On,
    description: str,
    *,
    link: Model | None = None,
    order: Callable[[Row], Sequence[ColumnElement[Any]]] | None = None,
    level: Level | str = Level.BASIC,
    where: bool = False,
    typical: int = 10,
) -> Many:
    """A list short by nature, in one piece; for anything that grows use :func:`connection`."""
    return Many(
        name=name,
        description=description,
        level=level,
        to=to,
        on=on,
        link=link,
        where=where,
        order=order,
        typical=typical,
    )


def connection(
    name: str,
    to: str,
    on: On,
    description: str,
    *,
    link: Model | None = None,
    level: Level | str = Level.BASIC,
    where: bool = False,
    large: bool = False,
) -> Connection:
    """A list in pages; ``large`` when it may hold thousands."""
    return Connection(
        name=name,
        description=description,
        level=level,
        to=to,
        on=on,
        link=link,
        where=where,
        large=large,
    )


def aggregate(
    name: str,
    to: str,
    on: On,
    description: str,
    *,
    link: Model | None = None,
    level: Level | str = Level.BASIC,
    large: bool = False,
) -> Stats:
    """Counts and sums over the objects that ``on`` relates, with a filter."""
    return Stats(
        name=name,
        description=description,
        level=level,
        to=to,
        on=on,
        link=link,
        large=large,
    )


def computed(
    name: str,
    type_: Any,
    columns: Sequence[Attribute | Fact],
    python: Callable[..., Any],
    description: str,
    *,
    level: Level | str = Level.BASIC,
    in_context: bool = False,
) -> Computed:
    """Worked out by ``python`` from the values of ``columns`` and facts of the same row.

    ``in_context``: ``python`` takes the context before them, of which it may use ``services``,
    ``policy``, ``language`` and ``today``. Asking it who calls takes the answer through the
    executor, since readers with the same authority share answers.
    """
    return Computed(
        name=name,
        description=description,
        level=level,
        type=type_,
        columns=tuple(columns),
        python=python,
        in_context=in_context,
    )
