"""The gate of a plugin: whether it is switched on in a region.

It is asked of the database, inside the statement or transaction that needs to know: every process
obeys from the moment the change is committed, and no answer mixes before and after.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    SQLColumnExpression,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.errors import PRODUCT_DEFAULT, NotFound, PlatformError
from core.places.region import Region
from core.plugins.plugin import PLUGIN_ID
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node

REPUBLIC: ColumnElement[int] = literal_column("0", Integer)
"""Stands for no region: bodies of the republic."""


class PluginNotEnabled(PlatformError):
    """The plugin is not switched on where this was asked; ``region`` is its code.

    ``region`` is null where it is switched on nowhere, or for objects of the republic.
    """

    def __init__(
        self, plugin: str, region: str | None, field: str | None, *, nowhere: bool = False
    ) -> None:
        super().__init__(
            "PLUGIN_NOT_ENABLED",
            clause=PRODUCT_DEFAULT,
            field=field,
            plugin=plugin,
            region=region,
        )
        if nowhere:
            self.wording = "PLUGIN_NOT_ENABLED__ANYWHERE"
        elif region is None:
            self.wording = "PLUGIN_NOT_ENABLED__REPUBLIC"


def enabled_at(plugin: str, region_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether the plugin is on in the region ``region_id`` says, null being the republic.

    Its text holds the id of the plugin and no parameter, so that plans can be kept.
    """
    return func.coalesce(region_id, REPUBLIC).in_(
        select(func.coalesce(PluginRegion.region_id, REPUBLIC))
        .where(PluginRegion.plugin == literal_id(plugin), PluginRegion.enabled)
        .correlate(None)
    )


def enabled_anywhere(plugin: str) -> ColumnElement[bool]:
    """Whether the plugin is on in any region, or for the republic."""
    return exists(
        select(literal_column("1"))
        .select_from(PluginRegion)
        .where(PluginRegion.plugin == literal_id(plugin), PluginRegion.enabled)
        .correlate(None)
    )


class IsTrue(FunctionElement[bool]):
    """Whether a JSON object holds true under a key; a key that is not there holds nothing."""

    type = Boolean()
    name = "is_true"
    inherit_cache = False

    def __init__(self, document: Any, key: str) -> None:
        if not PLUGIN_ID.fullmatch(key):
            raise ValueError(f"{key!r} is no name of a setting")
        super().__init__(document)
        self.key = key


@compiles(IsTrue, "postgresql")
def is_true_postgresql(element: IsTrue, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} ->> '{element.key}') = 'true'"


@compiles(IsTrue, "sqlite")
def is_true_sqlite(element: IsTrue, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_type({compiler.process(element.clauses, **kw)}, '$.{element.key}') = 'true'"


def switched_on(
    plugin: str, setting: str, region_id: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    """Whether the plugin is on in a region that has set ``setting`` to true there.

    For settings that are false unless a region says otherwise. No parameters, as above.
    """
    return func.coalesce(region_id, REPUBLIC).in_(
        select(func.coalesce(PluginRegion.region_id, REPUBLIC))
        .where(
            PluginRegion.plugin == literal_id(plugin),
            PluginRegion.enabled,
            IsTrue(PluginRegion.settings, setting),
        )
        .correlate(None)
    )


def literal_id(plugin: str) -> ColumnElement[str]:
    """An id as a literal of SQL. Raises :class:`ValueError` for what is no id."""
    if not PLUGIN_ID.fullmatch(plugin):
        raise ValueError(f"{plugin!r} is no id of a plugin")
    return literal_column(f"'{plugin}'")


async def is_enabled(
    session: AsyncSession, plugin: str, region_id: int | None, *, hold: bool = False
) -> bool:
    """Whether the plugin is on in a region; None: for the republic.

    With ``hold`` it stays so until the unit of work ends.
    """
    asked = select(PluginRegion.enabled).where(
        PluginRegion.plugin == plugin,
        PluginRegion.region_id.is_(None)
        if region_id is None
        else PluginRegion.region_id == region_id,
    )
    return bool(await session.scalar(asked.with_for_update(read=True) if hold else asked))


async def plugins_on_at(session: AsyncSession, node_id: int) -> frozenset[str]:
    """The plugins that are on in the region of an object of the tree."""
    place = func.coalesce(PluginRegion.region_id, REPUBLIC)
    found = await session.scalars(
        select(PluginRegion.plugin)
        .join(Node, func.coalesce(Node.region_id, REPUBLIC) == place)
        .where(Node.id == node_id, PluginRegion.enabled)
    )
    return frozenset(found)


async def require_enabled(
    session: AsyncSession, plugin: str, region_id: int | None, *, field: str | None = None
) -> None:
    """Raise :class:`PluginNotEnabled` unless the plugin is on in the region."""
    if not await is_enabled(session, plugin, region_id):
        raise await not_enabled(session, plugin, region_id, field)


async def not_enabled(
    session: AsyncSession, plugin: str, region_id: int | None, field: str | None
) -> PluginNotEnabled:
    """The refusal, with the code of the region."""
    region = await session.get(Region, region_id) if region_id is not None else None
    return PluginNotEnabled(plugin, region.code if region is not None else None, field)


async def require_enabled_at(
    session: AsyncSession, plugin: str, node_id: int, *, field: str | None = None
) -> None:
    """:func:`require_enabled` for the region of an object of the tree.

    Raises :class:`~core.errors.NotFound` for one that is not there.
    """
    region_id = await region_of_node(session, node_id, field=field)
    await require_enabled(session, plugin, region_id, field=field)


async def region_of_node(
    session: AsyncSession, node_id: int, *, field: str | None = None
) -> int | None:
    """The region of an object of the tree; None: the republic.

    Raises :class:`~core.errors.NotFound` for one that is not there.
    """
    found = (await session.execute(select(Node.region_id).where(Node.id == node_id))).one_or_none()
    if found is None:
        raise NotFound(field)
    region_id: int | None = found.region_id
    return region_id


@dataclass(slots=True)
class PluginGate:
    """Lets a plugin's act happen only where the plugin is on.

    It asks once for a region, and keeps the plugin on there until the act has ended: whoever
    switches it off waits, and then sees what the act left behind.
    """

    plugin: str
    regions: dict[int | None, bool] = field(default_factory=dict)
    nodes: dict[int, int | None] = field(default_factory=dict)

    async def look_up(self, session: AsyncSession, node_ids: Collection[int]) -> None:
        """Learn the regions of many nodes in one statement; one that is not there stays unknown."""
        unknown = [each for each in sorted(node_ids) if each not in self.nodes]
        if len(unknown) > 1:
            found = await session.execute(
                select(Node.id, Node.region_id).where(Node.id.in_(unknown))
            )
            self.nodes.update({row.id: row.region_id for row in found})

    async def is_open(self, session: AsyncSession, node_id: int) -> bool:
        """Whether the plugin is on in the region of the node.

        Raises :class:`~core.errors.NotFound` for a node that is not there.
        """
        region_id = await self.region_of(session, node_id)
        if region_id not in self.regions:
            self.regions[region_id] = await is_enabled(session, self.plugin, region_id, hold=True)
        return self.regions[region_id]

    async def require(
        self, session: AsyncSession, node_id: int, *, field: str | None = None
    ) -> None:
        """Raise :class:`PluginNotEnabled` unless the plugin is on in the region of the node.

        Raises :class:`~core.errors.NotFound` for a node that is not there.
        """
        await self.region_of(session, node_id, field=field)
        if not await self.is_open(session, node_id):
            raise await not_enabled(session, self.plugin, self.nodes[node_id], field)

    async def region_of(
        self, session: AsyncSession, node_id: int, *, field: str | None = None
    ) -> int | None:
        if node_id not in self.nodes:
            self.nodes[node_id] = await region_of_node(session, node_id, field=field)
        return self.nodes[node_id]


async def is_enabled_anywhere(session: AsyncSession, plugin: str) -> bool:
    """Whether the plugin is on in any region, or for the republic."""
    return bool(await session.scalar(select(enabled_anywhere(plugin))))


async def require_enabled_anywhere(
    session: AsyncSession, plugin: str, *, field: str | None = None
) -> None:
    """Raise :class:`PluginNotEnabled` when the plugin is on nowhere."""
    if not await is_enabled_anywhere(session, plugin):
        raise PluginNotEnabled(plugin, None, field, nowhere=True)
