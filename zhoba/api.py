"""What a plugin may use: the one module of Zhoba it imports.

A plugin names the version it was made for in ``PluginInfo.requires_api``, such as ``>=1.0,<2``. A
name that is to go warns for one minor version first. What is not here may change at any time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from core.acts.act import Act, ActKind
from core.authority.acting import is_main
from core.authority.appointment import Appointment, Employment
from core.authority.authoring import grant, permission, role
from core.authority.catalogue import Appointer, Grant, Permission, Role, Units, core_catalogue
from core.authority.conditions import Asked, Condition, Place, holds_on
from core.authority.conferring import confer_role, withdraw_role
from core.authority.inviting import end_unused_invitations, invite, revoke_sessions
from core.authority.joining import Policies
from core.authority.reader import READER_PERSON
from core.authority.reader import READER_TODAY as TODAY
from core.authority.staffing import compare as compare_staffing
from core.db.base import Key, Named, SortText, name_columns, plugin_metadata, set_names
from core.db.engine import Database
from core.db.types import JSON_VALUE, UtcDateTime, named_enum
from core.errors import (
    PRODUCT_DEFAULT,
    InvalidInput,
    NotAllowed,
    NotFound,
    PlatformError,
    RuleRefused,
    StaleVersion,
    WrongState,
)
from core.events.handler import Handler, Happened, When
from core.files.claiming import claim_file, delete_file, release_file
from core.files.file import File, read_file_bytes, readable_file, store_file
from core.files.moving import move_file
from core.hierarchy.architecture import (
    AddedDirection,
    NewDirection,
    add_directions,
    add_groups,
    archive_empty,
    move_groups,
    rename_parts,
)
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.program import Program, ProgramKind
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.project import FundingSource, Project, ProjectFunding
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.project_office import ProjectOffice
from core.hierarchy.stage_move import StageMove, StageMoveState
from core.hierarchy.state_body import StateBody
from core.hierarchy.task import Task
from core.imports.copying import ProjectCopy, copy_projects
from core.jobs.job import Job
from core.money import check_amount, check_currency, major_units, minor_units
from core.node_facts import country_id
from core.people.identification_number import is_identification_number
from core.people.invitation import Invitation
from core.people.outsider import register_outsider
from core.people.person import Person
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.plugins.gate import (
    PluginGate,
    PluginNotEnabled,
    enabled_anywhere,
    enabled_at,
    is_enabled,
    require_enabled,
    require_enabled_anywhere,
    require_enabled_at,
    switched_on,
)
from core.plugins.plugin import NoSettings, PluginInfo
from core.plugins.settings import settings_of
from core.plugins.signatures import verify_signature
from core.rows import Lock, change, entered, find, flush_unique, require_version
from core.texts import Names, clean, cleaned_names, required
from core.tree.editing import lock_node
from core.tree.load import load_seen
from core.tree.lock import hold_tree, reshape_tree
from core.tree.node import Node, NodeClosure, NodeKind, Origin, Stage
from core.unset import UNSET, Unset
from core.work import COUNTRY_TIME, Actor, Decision, Entry, Profile, Work
from migrations.run import Migrations
from schema.contribution import Contribution, Extension, Told
from schema.mutations.declaring import Mutation, Special
from schema.mutations.fields import TYPE_OF
from schema.mutations.inputs import key_of
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Binding, Fact, Interface, Level, bind
from schema.planner.binding import Condition as Where
from schema.planner.registry import ById, ByIds, Own, Page
from schema.planner.row import Form, Row
from schema.planner.words import (
    aggregate,
    col,
    computed,
    connection,
    expr,
    ident,
    many,
    money,
    one,
    text3,
)
from schema.questions import Info
from schema.types import enum_type, global_id
from zhoba.deprecating import Deprecated, deprecated_names
from zhoba.hookspecs import hookimpl
from zhoba.settings import Settings

__all__ = [
    "API_VERSION",
    "COUNTRY_TIME",
    "JSON_VALUE",
    "NODE",
    "PRODUCT_DEFAULT",
    "READER_PERSON",
    "TODAY",
    "TYPE_OF",
    "UNSET",
    "Access",
    "Act",
    "ActKind",
    "Actor",
    "AddedDirection",
    "AdministrativeUnit",
    "Appointer",
    "Appointment",
    "Asked",
    "BasicDirection",
    "BasicDirectionKind",
    "Binding",
    "ById",
    "ByIds",
    "Condition",
    "Contribution",
    "Database",
    "Decision",
    "Employment",
    "Entry",
    "Extension",
    "Fact",
    "File",
    "Form",
    "FundingSource",
    "Grant",
    "Handler",
    "Happened",
    "Info",
    "Interface",
    "InvalidInput",
    "Invitation",
    "Job",
    "Key",
    "Level",
    "Lock",
    "Migrations",
    "Mutation",
    "Named",
    "Names",
    "NationalPriority",
    "NewDirection",
    "NoSettings",
    "Node",
    "NodeClosure",
    "NodeKind",
    "NotAllowed",
    "NotFound",
    "OrganizationUnit",
    "Origin",
    "Own",
    "Page",
    "Permission",
    "Person",
    "Place",
    "PlatformError",
    "PluginInfo",
    "PluginNotEnabled",
    "Policies",
    "Profile",
    "Program",
    "ProgramKind",
    "ProgramPriority",
    "Project",
    "ProjectCopy",
    "ProjectFunding",
    "ProjectGroup",
    "ProjectLocation",
    "ProjectOffice",
    "Region",
    "Role",
    "Row",
    "RuleRefused",
    "SortText",
    "Special",
    "Stage",
    "StageMove",
    "StageMoveState",
    "StaleVersion",
    "StateBody",
    "Task",
    "Told",
    "Units",
    "Unset",
    "UtcDateTime",
    "When",
    "Where",
    "Work",
    "WrongState",
    "add_directions",
    "add_groups",
    "aggregate",
    "archive_empty",
    "bind",
    "change",
    "check_amount",
    "check_currency",
    "claim_file",
    "clean",
    "cleaned_names",
    "col",
    "compare_staffing",
    "computed",
    "confer_role",
    "connection",
    "copy_projects",
    "core_catalogue",
    "country_id",
    "country_key",
    "delete_file",
    "enabled_anywhere",
    "enabled_at",
    "end_unused_invitations",
    "entered",
    "enum_type",
    "expr",
    "find",
    "flush_unique",
    "global_id",
    "grant",
    "hold_tree",
    "holds_on",
    "hookimpl",
    "ident",
    "invite",
    "is_enabled",
    "is_identification_number",
    "is_main",
    "key_of",
    "load_seen",
    "lock_node",
    "major_units",
    "many",
    "minor_units",
    "money",
    "move_file",
    "move_groups",
    "name_columns",
    "named_enum",
    "one",
    "open_database",
    "operator_work",
    "permission",
    "plugin_metadata",
    "read_file_bytes",
    "readable_file",
    "register_outsider",
    "release_file",
    "rename_parts",
    "require_enabled",
    "require_enabled_anywhere",
    "require_enabled_at",
    "require_version",
    "required",
    "reshape_tree",
    "revoke_sessions",
    "role",
    "set_names",
    "settings_of",
    "store_file",
    "switched_on",
    "text3",
    "verify_signature",
    "withdraw_role",
]

API_VERSION = "1.0"
"""Version of this module, apart from that of the product: a new minor adds, a new major breaks."""

DEPRECATED: dict[str, Deprecated] = {}
"""Names that warn in this minor and are gone in the next."""

__getattr__ = deprecated_names(__name__, DEPRECATED)


@asynccontextmanager
async def open_database() -> AsyncIterator[Database]:
    """The installation's database, for a plugin's commands; the settings say where it is."""
    database = await Database.open(Settings().database)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def operator_work(plugin: str) -> AsyncIterator[Work]:
    """One unit of work of the operator at the machine, for a command of ``plugin``.

    It commits when the block ends. Raises :class:`PluginNotEnabled` when the plugin is on nowhere,
    and, before anything is kept, when something was recorded where it is not on.
    """
    from zhoba.host.switching import operating  # the host itself imports this module

    async with operating(Settings(), datetime.now(UTC)) as work:
        await require_enabled_anywhere(work.session, plugin)
        work.gate = PluginGate(plugin)
        yield work
