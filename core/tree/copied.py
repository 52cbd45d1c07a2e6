"""Columns of a node that a noun's own table holds once more, so that its lists need one table.

The node is the truth. Triggers of the database fill the copies when a row of the noun is written,
carry every change of the node over, and undo what anybody else writes into them. No class maps
them: a statement may read them, an act of ours cannot even name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from sqlalchemy import Column, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.tree.node import Node, NodeKind

NODE = cast(Table, Node.__table__)

COPY_OF, OF_KIND = "copy of", "of kind"


def copied(*names: str) -> tuple[Column[Any], ...]:
    """Columns for the copies of these columns of the node, for ``__table_args__``.

    They have no foreign keys: the node's are enough.
    """
    return tuple(Column(name, NODE.c[name].type, info={COPY_OF: NODE.c[name]}) for name in names)


def of_kind(kind: NodeKind) -> dict[str, Any]:
    """The ``info`` of a table all of whose rows belong to nodes of this kind."""
    return {OF_KIND: kind}


@cache
def copies_in(table: Table) -> Mapping[Column[Any], Column[Any]]:
    """The columns of the node that the table holds too, with its own for each."""
    return {column.info[COPY_OF]: column for column in table.c if COPY_OF in column.info}


def kind_of(table: Table) -> NodeKind | None:
    """The kind of the nodes of all rows, where the table says it."""
    kind: NodeKind | None = table.info.get(OF_KIND)
    return kind


async def differing(session: AsyncSession, table: Table) -> list[int]:
    """The keys of rows that do not hold what their nodes hold; none, while the triggers are there.

    Somebody may have taken them away, or a restored backup may lack them.
    """
    different = [own.is_distinct_from(column) for column, own in copies_in(table).items()]
    found = await session.scalars(
        select(table.c.id).join(NODE, NODE.c.id == table.c.id).where(or_(*different)).order_by("id")
    )
    return list(found)
