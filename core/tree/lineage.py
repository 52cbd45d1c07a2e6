"""Where a node lies: itself, its place in the country, and everything above it, in one read."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ClauseElement, and_, bindparam, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import Key
from core.db.direct import Direct, any_key
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind


class Above(NamedTuple):
    """A node above another, or the node itself at depth 0; ``service``: as the priority served."""

    id: int
    kind: NodeKind
    depth: int
    service: bool


class Lineage(NamedTuple):
    """A node with all above it. ``region`` is the code, empty for the republic."""

    id: int
    kind: NodeKind
    region_id: int | None
    body_id: int | None
    program_id: int | None
    region: str
    above: list[Above]

    @property
    def parent_kind(self) -> NodeKind | None:
        """What it lies in; None for the root."""
        return next(
            (each.kind for each in self.above if each.depth == 1 and not each.service), None
        )


def lineage_statement(dialect: str, *, many: bool) -> ClauseElement:
    """A row for each node above: the one at depth 0 is the node itself."""
    below = NodeClosure.descendant_id
    which = any_key(below, dialect) if many else below == bindparam("key", type_=Key)
    itself = NodeClosure.depth == literal_column("0")
    return (
        select(
            below, Node.id, Node.kind, NodeClosure.depth, NodeClosure.service,
            Node.region_id, Node.state_body_id, Node.program_scope_id, Region.code,
        )
        .join(Node, Node.id == NodeClosure.ancestor_id)
        .outerjoin(Region, and_(itself, Region.id == Node.region_id))
        .where(which)
    )  # fmt: skip


ONE = Direct(lambda dialect: lineage_statement(dialect, many=False))
MANY = Direct(lambda dialect: lineage_statement(dialect, many=True))

KINDS = {kind.name: kind for kind in NodeKind}


async def lineages(session: AsyncSession, node_ids: Collection[int]) -> dict[int, Lineage]:
    """The lineage of each of these nodes that there is. One statement."""
    if len(node_ids) == 1:
        rows = await ONE.fetch(session, key=next(iter(node_ids)))
    else:
        rows = await MANY.fetch(session, keys=list(node_ids))
    above: dict[int, list[Above]] = {}
    found: dict[int, Lineage] = {}
    for below, key, name, depth, service, region_id, body_id, program_id, region in rows:
        kind = KINDS[name]
        if below not in above:
            above[below] = []
        above[below].append(Above(key, kind, depth, bool(service)))
        if depth == 0:
            found[key] = Lineage(
                key, kind, region_id, body_id, program_id, region or "", above[below]
            )
    return found
