"""Where plugins are switched on, and the history of that.

That a procedure is on in a region is public; its settings and its history are for those who may
switch it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from core.people.person import Person
from core.places.region import Region
from core.plugins.enabling import ENABLE
from core.plugins.plugin_region import PluginChange, PluginRegion
from core.plugins.settings import shown
from core.tree.node import Node, NodeKind
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Fact, Level, bind
from schema.planner.elements import text_literal
from schema.planner.registry import ById, Page
from schema.planner.row import Form, Row
from schema.planner.words import col, computed, connection, ident, one
from schema.plugins.installed import installed_in


def first_body(region_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Where a permission over a region is asked: as :func:`core.plugins.enabling.asked_at`."""
    body: Any = aliased(Node)
    found = (
        select(func.min(body.id))
        .where(body.kind == text_literal(NodeKind.STATE_BODY.name), body.region_id == region_id)
        .correlate_except(body)
        .scalar_subquery()
    )
    return func.coalesce(found, country_key())


def in_region(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked at the first body of the region; without one, at the country."""
    return access.holds(action, first_body(row[PluginRegion.region_id]), form)


def in_region_of_change(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked where the plugin was switched."""
    place: Any = aliased(PluginRegion)
    region_id = (
        select(place.region_id)
        .where(place.id == row[PluginChange.plugin_region_id])
        .correlate_except(place)
        .scalar_subquery()
    )
    return access.holds(action, first_body(region_id), form)


def told_settings(context: Any, plugin: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without the secrets that the plugin's model knows; all are of one not loaded."""
    known = (each.info for each in installed_in(context).plugins if each.info.id == plugin)
    return shown(next(known, None), settings)


def plugin_of_change(row: Row) -> ColumnElement[Any]:
    place: Any = aliased(PluginRegion)
    return (
        select(place.plugin)
        .where(place.id == row[PluginChange.plugin_region_id])
        .correlate_except(place)
        .scalar_subquery()
    )


PLUGIN_OF_CHANGE = Fact(sa.Text(), plugin_of_change)

plugin_region = bind(
    "PluginRegion",
    PluginRegion,
    "A plugin in one region, since it was first switched on there.",
    [
        ident(),
        col("plugin", PluginRegion.plugin, "Id of the plugin.", where=True, order=True, group=True),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[PluginRegion.region_id],
            "The region; null: the bodies of the republic.",
            where=True,
        ),
        col("enabled", PluginRegion.enabled, "Whether it is on now.", where=True, group=True),
        computed(
            "settings",
            JSON,
            [PluginRegion.plugin, PluginRegion.settings],
            told_settings,
            "Its settings there, as they were given, secrets as `**********`; what is left out has "
            "the default that `plugins { settingsSchema }` tells.",
            level=ENABLE,
            in_context=True,
        ),
        col("changedAt", PluginRegion.changed_at, "When it was last switched or set.", order=True),
        col("version", PluginRegion.version, "Counts its changes; for `expectedVersion`."),
        connection(
            "history",
            "PluginChange",
            lambda me, it: it[PluginChange.plugin_region_id] == me[PluginRegion.id],
            "What was done to it there, the latest first.",
        ),
    ],
    public=True,
    holds=in_region,
    interfaces=[NODE],
    order=["plugin"],
)

plugin_change = bind(
    "PluginChange",
    PluginChange,
    "One entry of the history of a plugin in a region.",
    [
        ident(),
        col("act", PluginChange.act, "What was done.", where=True, group=True),
        col("at", PluginChange.at, "When.", where=True, order=True),
        col("reason", PluginChange.reason, "Why it was switched off."),
        computed(
            "settings",
            JSON,
            [PLUGIN_OF_CHANGE, PluginChange.settings],
            told_settings,
            "Its settings after that, secrets as `**********`.",
            in_context=True,
        ),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[PluginChange.person_id],
            "Who did it; null: the operator at the machine.",
        ),
        one(
            "pluginRegion",
            "PluginRegion",
            lambda me, it: it[PluginRegion.id] == me[PluginChange.plugin_region_id],
            "The plugin in the region.",
        ),
    ],
    levels={Level.BASIC: ENABLE},
    holds=in_region_of_change,
    interfaces=[NODE],
    order=["-at"],
)

PLUGINS = (plugin_region, plugin_change)

PLUGIN_ROOTS = (
    ById("pluginRegion", "A plugin in a region.", "PluginRegion"),
    Page("pluginRegions", "Where plugins are, or were, switched on.", "PluginRegion"),
)
