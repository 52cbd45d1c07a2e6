"""The question ``plugins``: which there are, what each adds, and where it is on."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

from core.authority.conditions import ONE, kind_is
from core.authority.policy import PolicySet
from core.authority.reader import READER_PERSON, READER_TODAY, Reader
from core.db.base import FALLBACK
from core.places.region import Region
from core.plugins.enabling import ENABLE
from core.plugins.failure import Failure, Stage
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node, NodeKind
from schema.context import RequestContext
from schema.names import graphql_name
from schema.plugins.installed import LoadedPlugin, installed_in
from schema.types import Language, enum_type, global_id

Info = strawberry.Info[RequestContext, None]

INSTALL = "plugin.install"

Lang = Annotated[
    Language | None, strawberry.argument(description="In this language; else in the request's.")
]


class PluginState(enum.Enum):
    """What became of a plugin."""

    LOADED = "it runs"
    FAILED = "it is installed, but was left out when the server started"
    VANISHED = "its package is gone, its data are here"


PluginStage = enum.Enum("PluginStage", {stage.name: stage.value for stage in Stage})  # type: ignore[misc]
PluginStage.__doc__ = "A step of loading a plugin, in their order."


@strawberry.type(name="PluginPlace", description="A place where a plugin is on.")
class PluginPlace:
    """A region, or the republic."""

    row: strawberry.Private[PluginRegion]
    place: strawberry.Private[Region | None]

    @strawberry.field(description="The region; read it with `node(id)`. Null: the republic.")
    def region(self) -> strawberry.ID | None:
        return strawberry.ID(global_id("Region", self.place.id)) if self.place else None

    @strawberry.field(description="Code of the region; null: the republic.")
    def code(self) -> str | None:
        return self.place.code if self.place else None

    @strawberry.field(description="Name of the region; null: the republic.")
    def name(self, info: Info, lang: Lang = None) -> str | None:
        if self.place is None:
            return None
        texts = {code: getattr(self.place, f"name_{code}") for code in FALLBACK}
        return in_language(texts, info, lang)

    @strawberry.field(description="The plugin in the region; read it with `node(id)`.")
    def plugin_region(self) -> strawberry.ID:
        return strawberry.ID(global_id("PluginRegion", self.row.id))


@dataclass
class Known:
    """A plugin as far as it is known; what does not run has no ``plugin``."""

    id: str
    state: PluginState
    version: str | None = None
    plugin: LoadedPlugin | None = None
    failure: Failure | None = None


@strawberry.type(name="Plugin", description="A plugin of this installation.")
class PluginInfo:
    """A plugin with what it adds."""

    known: strawberry.Private[Known]
    places: strawberry.Private[list[PluginPlace]]
    failures_shown: strawberry.Private[bool]

    @strawberry.field(description="Its id, stable; what `enablePlugin` asks for.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(self.known.id)

    @strawberry.field(description="Its version; for one that is gone the last one; null: unknown.")
    def version(self) -> str | None:
        return self.known.version

    @strawberry.field(description="What it is called; null for one that does not run.")
    def title(self, info: Info, lang: Lang = None) -> str | None:
        plugin = self.known.plugin
        return in_language(dict(plugin.info.title), info, lang) if plugin else None

    @strawberry.field(description="What it is for; null for one that does not run.")
    def description(self, info: Info, lang: Lang = None) -> str | None:
        plugin = self.known.plugin
        return in_language(dict(plugin.info.description), info, lang) if plugin else None

    @strawberry.field(graphql_type=enum_type(PluginState), description="What became of it.")
    def state(self) -> Any:
        return self.known.state

    @strawberry.field(
        graphql_type=enum_type(PluginStage) | None,
        description="The step at which loading it failed; null: it did not, or the reader may "
        "neither switch plugins nor install them anywhere.",
    )
    def stage(self) -> Any:
        failure = self.known.failure
        return PluginStage[failure.stage.name] if failure and self.failures_shown else None

    @strawberry.field(description="Why it failed and what to do; null as for `stage`.")
    def reason(self) -> str | None:
        failure = self.known.failure
        return failure.reason if failure and self.failures_shown else None

    @strawberry.field(description="Ids of the plugins it builds on.")
    def requires(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(plugin.info.requires_plugins) if plugin else []

    @strawberry.field(description="Fields of Query, Mutation and Subscription that it adds.")
    def root_fields(self) -> list[str]:
        return root_fields(self.known.plugin) if self.known.plugin else []

    @strawberry.field(description="Types it adds that are read from tables.")
    def types(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(noun.name for noun in plugin.contribution.nouns) if plugin else []

    @strawberry.field(description="Codes of the permissions it adds.")
    def permissions(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(each.code for each in plugin.permissions) if plugin else []

    @strawberry.field(description="Codes of the roles it adds.")
    def roles(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(each.code for each in plugin.roles) if plugin else []

    @strawberry.field(description="Names of its jobs, which run by the clock.")
    def jobs(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(each.name for each in plugin.jobs) if plugin else []

    @strawberry.field(description="Names of its handlers, which run when something happens.")
    def handlers(self) -> list[str]:
        plugin = self.known.plugin
        return sorted(each.name for each in plugin.handlers) if plugin else []

    @strawberry.field(
        description="JSON Schema of its settings in a region; null for one that does not run."
    )
    def settings_schema(self) -> JSON | None:
        plugin = self.known.plugin
        return JSON(plugin.info.settings.model_json_schema()) if plugin else None

    @strawberry.field(description="Where it is switched on; the republic first.")
    def enabled_in(self) -> list[PluginPlace]:
        return self.places


@strawberry.type
class PluginQuestions:
    """Fields of Query about plugins."""

    @strawberry.field(
        description="The plugins of this installation, what each adds, and where it is on. Why one "
        "failed is told to whoever may switch plugins or install them anywhere.",
        metadata={"actions": ("viewer.read", ENABLE, INSTALL)},
    )
    async def plugins(self, info: Info) -> list[PluginInfo]:
        context = info.context
        async with context.asking() as work:
            places = await places_by_plugin(work.session)
            everyone = await known_plugins(context, work.session)
            shown = any(each.failure for each in everyone) and await may_somewhere(
                work.session, context.policy, context.reader, (ENABLE, INSTALL), context.today
            )
        return [
            PluginInfo(known=each, places=places.get(each.id, []), failures_shown=shown)
            for each in everyone
        ]


async def known_plugins(context: RequestContext, session: AsyncSession) -> list[Known]:
    """Those that run, in the order they were loaded; those that failed; those that are gone."""
    installed = installed_in(context)
    found = [
        Known(each.info.id, PluginState.LOADED, each.info.version, plugin=each)
        for each in installed.plugins
    ]
    rows = await session.execute(
        select(InstalledPlugin.plugin, InstalledPlugin.version).order_by(InstalledPlugin.plugin)
    )
    versions = {row.plugin: row.version for row in rows}
    for failure in installed.failures:
        version = versions.get(failure.plugin)
        found.append(Known(failure.plugin, PluginState.FAILED, version, failure=failure))
    ids = {each.id for each in found}
    found += [
        Known(id, PluginState.VANISHED, version)
        for id, version in versions.items()
        if id not in ids
    ]
    return found


async def places_by_plugin(session: AsyncSession) -> dict[str, list[PluginPlace]]:
    """Where each plugin is on, the republic first, then by the codes of regions."""
    rows = await session.execute(
        select(PluginRegion, Region)
        .outerjoin(Region, Region.id == PluginRegion.region_id)
        .where(PluginRegion.enabled)
    )
    places: dict[str, list[PluginPlace]] = {}
    for row, region in sorted(rows, key=lambda pair: pair[1].code if pair[1] else ""):
        places.setdefault(row.plugin, []).append(PluginPlace(row=row, place=region))
    return places


async def may_somewhere(
    session: AsyncSession, policy: PolicySet, reader: Reader, actions: tuple[str, ...], today: Any
) -> bool:
    """Whether the reader may do any of these at the country or at some state body."""
    node: Any = aliased(Node)
    for action in actions:
        asked = (
            select(ONE)
            .select_from(node)
            .where(
                kind_is(node.kind, NodeKind.COUNTRY, NodeKind.STATE_BODY),
                policy.predicate(action, node.id, reader),
            )
            .limit(1)
        )
        values = {READER_PERSON.key: reader.person_id, READER_TODAY.key: today}
        if await session.scalar(asked, values):
            return True
    return False


def root_fields(plugin: LoadedPlugin) -> list[str]:
    """Names of the fields of Query, Mutation and Subscription a plugin adds."""
    added = plugin.contribution
    names = {each.name for each in (*added.roots, *added.mutations, *added.told)}
    for question in added.questions:
        definition: Any = question.__strawberry_definition__  # type: ignore[attr-defined]
        names |= {graphql_name(each) for each in definition.fields}
    return sorted(names)


def in_language(texts: dict[str, str | None], info: Info, lang: Language | None) -> str:
    """A text in the language asked for, else in that of the request, else in the next best."""
    language = lang.name.lower() if lang else info.context.language
    return next(text for code in FALLBACK[language] if (text := texts.get(code)))
