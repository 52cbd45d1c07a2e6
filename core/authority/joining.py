"""Joining what plugins add to the roles, permissions and rules of the core.

Everything a plugin adds carries its prefix and its name as owner. What it grants becomes rules
under stable ids (``<plugin>:<role>:<permission>``), which administrators change like the core's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.authority.catalogue import AddedGrant, Catalogue, Grant, Permission, Role
from core.authority.conditions import ONE, About, Asked, Condition, ConditionRegistry, Place
from core.authority.policy import problems_of
from core.authority.rules import CODE, Relation, default_rules
from core.db.base import LANGUAGES
from core.plugins.gate import REPUBLIC, enabled_at
from core.plugins.plugin_region import PluginRegion
from core.tree.node import Node
from core.work import Profile

PLUGIN_ROLE = "plugin_role"
"""The kind of a role from which being project personnel does not follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Grants by the code of a role, of the core or one's own, and conditions they name."""

    grants: Mapping[str, Sequence[Grant]] = field(default_factory=dict)
    conditions: Sequence[Condition] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Everything one plugin adds; its names begin with ``prefix`` (the owner's, if left out), but
    for the ``roles_of_the_rules``, which the Rules name themselves."""

    owner: str
    prefix: str = ""
    roles_of_the_rules: Sequence[str] = ()
    permissions: Sequence[Permission] = ()
    roles: Sequence[Role] = ()
    policies: Policies = field(default_factory=Policies)

    def owns(self, code: str) -> bool:
        """Whether a name begins with the plugin's prefix."""
        prefix = self.prefix or self.owner
        return bool(CODE.fullmatch(code)) and code.startswith((f"{prefix}.", f"{prefix}_"))


class AdditionRefused(ValueError):
    """What ``owner`` adds does not fit; ``problems`` are all of its faults."""

    def __init__(self, owner: str, problems: Sequence[str]) -> None:
        super().__init__(f"{owner}: " + "; ".join(problems))
        self.owner = owner
        self.problems = tuple(problems)


def join(core: Catalogue, additions: Sequence[Addition]) -> Catalogue:
    """The catalogue of the core and of plugins, which may name what those before them added.

    Raises :class:`AdditionRefused` for the first plugin that names what nothing defines, takes a
    name that is taken, or gives something a name without its prefix.
    """
    joined = core
    for addition in additions:
        joined = joined_with(joined, addition)
    return joined


def join_conditions(core: ConditionRegistry, additions: Sequence[Addition]) -> ConditionRegistry:
    """The conditions of the core and of plugins, for a catalogue that :func:`join` took.

    Each plugin also has the condition ``<plugin>.enabled``: it is switched on where the node lies.
    """
    registry = ConditionRegistry(core)
    for addition in additions:
        gate = enabled_condition(addition.owner)
        own = [gate, *addition.policies.conditions]
        for condition in own:
            registry.register(condition)
        for name in conditions_of_grants(addition):
            registry.register(both_conditions(gate, registry[name]))
    return registry


def joined_with(core: Catalogue, addition: Addition) -> Catalogue:
    """The catalogue with one more addition."""
    problems = list(name_problems(core, addition))
    if problems:
        raise AdditionRefused(addition.owner, problems)
    gate = gate_name(addition.owner)
    names = {each.name for each in addition.policies.conditions}
    gated = {gated_name(gate, name) for name in conditions_of_grants(addition)}
    joined = Catalogue(
        roles={
            **core.roles,
            **{each.code: replace(each, owner=addition.owner) for each in addition.roles},
        },
        implied=core.implied,
        permissions={
            **core.permissions,
            **{each.code: replace(each, owner=addition.owner) for each in addition.permissions},
        },
        conditions=core.conditions | names | gated | {gate},
        added=(*core.added, *added_grants(addition)),
    )
    problems = list(dangling(joined, addition))
    if problems:
        raise AdditionRefused(addition.owner, problems)
    return joined


def added_grants(addition: Addition) -> Iterator[AddedGrant]:
    """What the plugin grants. Others' permissions hold only where it is switched on; its own are
    asked after where its fields and acts are, which say that it is not."""
    gate = gate_name(addition.owner)
    for role, grants in addition.policies.grants.items():
        for grant in grants:
            for code in grant.permissions:
                condition = grant.condition
                if not addition.owns(code):
                    condition = gated_name(gate, condition) if condition else gate
                yield AddedGrant(
                    addition.owner, role, replace(grant, permissions=(code,)), condition
                )


def name_problems(core: Catalogue, addition: Addition) -> Iterator[str]:
    """Names that are taken, given twice, or without the plugin's prefix; roles that say too much
    or too little."""
    conditions = [each.name for each in addition.policies.conditions]
    taken: list[tuple[str, Sequence[str], Collection[str]]] = [
        ("permission", [each.code for each in addition.permissions], core.permissions),
        ("role", [each.code for each in addition.roles], {*core.roles, *core.implied}),
        ("condition", conditions, {*core.conditions, gate_name(addition.owner)}),
    ]
    for kind, names, known in taken:
        seen: set[str] = set()
        for name in names:
            if not (
                addition.owns(name) or (kind == "role" and name in addition.roles_of_the_rules)
            ):
                prefix = addition.prefix or addition.owner
                yield f"the {kind} {name!r} does not begin with {prefix}. or {prefix}_"
            elif name in known or name in seen:
                yield f"the {kind} {name} is defined twice"
            seen.add(name)
    for permission in addition.permissions:
        if "." not in permission.code:
            yield f"the permission {permission.code!r} is not resource.action"
        if not permission.meaning.strip() or not permission.ref.strip():
            yield f"the permission {permission.code} has no meaning or no clause"
    kinds = {each.kind for each in core.roles.values()} | {PLUGIN_ROLE}
    for each in addition.roles:
        if set(each.labels) != set(LANGUAGES) or not all(each.labels.values()):
            yield f"the role {each.code} needs a label in each of {', '.join(LANGUAGES)}"
        if each.kind not in kinds:
            yield f"the role {each.code} is of the unknown kind {each.kind}"
        if any(each.grants.values()):
            yield f"the role {each.code} has grants of its own: they belong to register_policies"


def dangling(joined: Catalogue, addition: Addition) -> Iterator[str]:
    """What the addition names and nothing defines, in the catalogue that has it."""
    for each in addition.roles:
        for appointer in {
            appointer for rule in each.rules.values() for appointer in rule.appointers
        }:
            if appointer.role not in joined.roles:
                yield f"the role {each.code} is appointed by the unknown role {appointer.role}"
            if appointer.condition and appointer.condition not in joined.conditions:
                yield f"the role {each.code} names the unknown condition {appointer.condition}"
    relations = {relation.value for relation in Relation}
    wrong = False
    for role, grants in addition.policies.grants.items():
        for grant in grants:
            if grant.relation not in relations:
                wrong = True
                yield f"a grant to {role} names the unknown relation {grant.relation!r}"
            for name in (role, *grant.permissions, grant.condition):
                if name is not None and not CODE.fullmatch(name):
                    wrong = True
                    yield f"a grant to {role} names {name!r}, which is no name"
    if not wrong:
        own = [
            rule
            for rule in default_rules(joined, Profile.R2023)
            if rule.id.startswith(f"{addition.owner}:")
        ]
        yield from problems_of(own, joined, joined.conditions)


def conditions_of_grants(addition: Addition) -> Iterable[str]:
    """The conditions under which the plugin grants permissions of others, in a stable order."""
    return dict.fromkeys(
        grant.condition
        for grants in addition.policies.grants.values()
        for grant in grants
        if grant.condition and not all(addition.owns(code) for code in grant.permissions)
    )


def gate_name(owner: str) -> str:
    return f"{owner}.enabled"


def gated_name(gate: str, condition: str) -> str:
    return f"{gate}.and.{condition}"


def enabled_condition(plugin: str) -> Condition:
    """That the plugin is switched on in the region of the node asked about."""

    def sql(place: Place) -> ColumnElement[bool]:
        node: Any = aliased(Node)
        return exists(
            select(ONE)
            .select_from(node)
            .where(node.id == place.node_id, enabled_at(plugin, node.region_id))
            .correlate_except(node)
        )

    async def python(
        session: AsyncSession, asked: Collection[Asked], today: date
    ) -> frozenset[Asked]:
        enabled = select(func.coalesce(PluginRegion.region_id, REPUBLIC)).where(
            PluginRegion.plugin == plugin, PluginRegion.enabled
        )
        found = set(
            await session.scalars(
                select(Node.id).where(
                    Node.id.in_({each.node_id for each in asked}),
                    func.coalesce(Node.region_id, REPUBLIC).in_(enabled),
                )
            )
        )
        return frozenset(each for each in asked if each.node_id in found)

    return Condition(gate_name(plugin), sql, python, About.REGION)


def both_conditions(gate: Condition, other: Condition) -> Condition:
    """Both, under the name of both."""

    async def python(
        session: AsyncSession, asked: Collection[Asked], today: date
    ) -> frozenset[Asked]:
        enabled = await gate.python(session, asked, today)
        return await other.python(session, enabled, today) if enabled else enabled

    return Condition(
        gated_name(gate.name, other.name),
        lambda place: and_(gate.sql(place), other.sql(place)),
        python,
    )
