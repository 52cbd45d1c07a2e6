"""Two regions that are alike, down to their projects."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from core.hierarchy.state_body import StateBodyKind
from core.places.region import Region
from core.tree.node import Node, NodeKind
from zhoba.testing.rows import make_node, make_region


@dataclass(frozen=True, slots=True)
class Area:
    """A region with one body, and below it one of everything down to two projects."""

    region: Region
    body: Node
    program: Node
    direction: Node
    group: Node
    project: Node
    second_project: Node


@dataclass(frozen=True, slots=True)
class Tree:
    """The country with two regions that are alike; plugins are off in both."""

    country: Node
    here: Area
    there: Area


async def make_area(session: AsyncSession, country: Node, code: str) -> Area:
    """A region with one body, and below it one of everything."""
    region = await make_region(session, code)
    body = await make_node(
        session,
        NodeKind.STATE_BODY,
        country,
        region=region,
        stage=None,
        kind=StateBodyKind.LOCAL_EXECUTIVE,
    )
    program = await make_node(session, NodeKind.PROGRAM, body)
    direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
    group = await make_node(session, NodeKind.PROJECT_GROUP, direction)
    first, second = [await make_node(session, NodeKind.PROJECT, group) for _ in range(2)]
    return Area(region, body, program, direction, group, first, second)
