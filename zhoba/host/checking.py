"""Looking at one plugin by itself, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import typer
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core.authority.catalogue import Permission, Role
from core.authority.joining import Policies
from core.events.handler import Handler
from core.jobs.job import Job
from core.messages import read_sentences
from core.plugins.failure import Stage
from core.plugins.plugin import PluginInfo
from migrations.run import Migrations
from schema.contribution import Contribution
from zhoba.api import API_VERSION
from zhoba.host.failing import LeftOut
from zhoba.host.hooks import Hook, ask_all, ask_one
from zhoba.host.names import RESERVED, foreign_names, owner_of_prefix
from zhoba.host.plugin import Plugin


def read_info(id: str, hooks: Mapping[str, Hook]) -> PluginInfo:
    """What the plugin says of itself. Raises :class:`LeftOut` unless it fits its entry point."""
    info = ask_one(hooks, "plugin_info", PluginInfo, Stage.INFO)
    if info is None:
        raise LeftOut(Stage.INFO, "it implements no plugin_info, which every plugin must.")
    if info.id != id:
        raise LeftOut(
            Stage.INFO,
            f"its entry point is called {id}, its plugin_info says {info.id}: give both one name.",
        )
    if id in RESERVED:
        raise LeftOut(Stage.INFO, f"the id {id} belongs to the core: choose another.")
    try:
        Version(info.version)
    except InvalidVersion as error:
        raise LeftOut(
            Stage.INFO, f"its version {info.version!r} is none: write it like 1.0.2."
        ) from error
    require_api(info)
    return info


def require_api(info: PluginInfo) -> None:
    """Raise :class:`LeftOut` unless the plugin was made for this version of ``zhoba.api``."""
    try:
        wanted = SpecifierSet(info.requires_api)
    except InvalidSpecifier as error:
        raise LeftOut(
            Stage.API,
            f"requires_api {info.requires_api!r} is no version specifier: write it like "
            f"'>={API_VERSION},<2'.",
        ) from error
    if not wanted.contains(API_VERSION):
        raise LeftOut(
            Stage.API,
            f"it requires zhoba.api {info.requires_api}, this is {API_VERSION}: install a release "
            "of the plugin made for it.",
        )


def require_free_prefix(info: PluginInfo, others: Iterable[PluginInfo]) -> None:
    """Raise :class:`LeftOut` when the core or another plugin has the prefix."""
    owner = owner_of_prefix(info.prefix, others)
    if owner is not None:
        raise LeftOut(
            Stage.INFO,
            f"its prefix {info.prefix} is taken by {owner}: choose another in plugin_info.",
        )


def read_plugin(info: PluginInfo, module: ModuleType, hooks: Mapping[str, Hook]) -> Plugin:
    """Everything the plugin adds. Raises :class:`LeftOut` at the first step that fails."""
    contribution = ask_one(hooks, "register_graphql", Contribution, Stage.SCHEMA)
    plugin = Plugin(
        info=info,
        module=module,
        hooks=hooks,
        migrations=read_migrations(info, hooks),
        permissions=ask_all(hooks, "register_actions", Permission, Stage.AUTHORITY),
        roles=ask_all(hooks, "register_roles", Role, Stage.AUTHORITY),
        policies=ask_one(hooks, "register_policies", Policies, Stage.AUTHORITY) or Policies(),
        sentences=read_messages(info, module),
        handlers=ask_all(hooks, "register_event_handlers", Handler, Stage.HANDLERS),
        jobs=ask_all(hooks, "register_jobs", Job, Stage.JOBS),
        commands=ask_one(hooks, "register_cli", typer.Typer, Stage.COMMANDS),
        contribution=replace(
            contribution or Contribution(),
            owner=info.id,
            camel_prefix=info.camel_prefix,
            type_prefix=info.type_prefix,
        ),
    )
    require_once("handler", [each.name for each in plugin.handlers], Stage.HANDLERS)
    require_once("job", [each.name for each in plugin.jobs], Stage.JOBS)
    require_levels(plugin)
    return plugin


def read_migrations(info: PluginInfo, hooks: Mapping[str, Hook]) -> Migrations | None:
    """Its tables. Raises :class:`LeftOut` for names of others, and for a missing folder."""
    found = ask_one(hooks, "register_migrations", Migrations, Stage.TABLES)
    if found is not None:
        if not Path(found.versions).is_dir():
            raise LeftOut(
                Stage.TABLES,
                f"the folder of its revisions {found.versions} is missing: ship it in the package.",
            )
        require_prefix(info, foreign_names(info, found.metadata.tables), Stage.TABLES)
    return found


def read_messages(info: PluginInfo, module: ModuleType) -> dict[str, dict[str, str]]:
    """Its sentences: every ``*messages.toml`` of its package, or beside a module of a package.

    Raises :class:`LeftOut` for codes without the prefix or without one of the languages.
    """
    file, own = Path(module.__file__ or ""), module.__name__
    pattern = "**/*messages.toml" if hasattr(module, "__path__") else "*messages.toml"
    if "." not in own and not hasattr(module, "__path__"):
        pattern = f"{own}_messages.toml"  # its folder is everybody's
    try:
        sentences = read_sentences(sorted(file.parent.glob(pattern)))
    except ValueError as error:
        raise LeftOut(Stage.MESSAGES, f"{error}.") from error
    foreign = foreign_names(info, [code.lower() for code in sentences])
    require_prefix(info, [code.upper() for code in foreign], Stage.MESSAGES)
    return sentences


def require_prefix(info: PluginInfo, foreign: list[str], stage: Stage) -> None:
    """Raise :class:`LeftOut` when there are names that do not begin with the prefix."""
    if foreign:
        names = ", ".join(foreign)
        raise LeftOut(
            stage, f"these names do not begin with its prefix {info.prefix}: {names}. Rename them."
        )


def require_levels(plugin: Plugin) -> None:
    """Raise :class:`LeftOut` for types everybody could read because nobody said who may."""
    public = [noun.name for noun in plugin.contribution.nouns if not noun.levels]
    if public:
        raise LeftOut(
            Stage.SCHEMA,
            f"these types do not say who may read them: {', '.join(public)}. Give them `resource` "
            "or `levels`.",
        )


def require_once(what: str, names: list[str], stage: Stage) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LeftOut(stage, f"it has more than one {what} called {', '.join(twice)}.")
