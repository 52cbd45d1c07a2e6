"""Questions about authority and staffing: the rules answer them, no table holds the answer."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from core.authority.catalogue import Catalogue
from core.authority.explanation import Explanation, HeldRole, RuleVerdict
from core.authority.people import may_person
from core.authority.rules import NO_CONDITION, Relation
from core.authority.staffing import Finding, Severity, staffing
from core.errors import InvalidInput, NotFound
from core.people.person import Person
from core.plugins.gate import plugins_on_at
from core.tree.node import Node
from core.work import Work
from schema.context import RequestContext
from schema.mutations.fields import TREE_TYPES, TYPE_OF
from schema.mutations.inputs import key_of, require_type
from schema.nouns.roles import RoleInfo, catalogue_of, role_info
from schema.plugins.installed import (
    installed_in,
    owner_of_permission,
    permissions_switched_off,
)
from schema.types import enum_type, global_id

Info = strawberry.Info[RequestContext, None]

EXPLAIN = "policy.explain"
"""Who may ask about somebody else."""

SEE_HOLDERS = "appointment.read"
"""Who may ask which places are filled: whoever sees who holds them."""


@strawberry.type(name="Permission", description="A permission of the catalogue.")
class PermissionInfo:
    """One permission."""

    code: str = strawberry.field(description="`resource.action`; stable.")
    meaning: str = strawberry.field(description="What it lets its holder do.")
    clause: str = strawberry.field(description="The paragraph it rests on.")
    planned: bool = strawberry.field(description="Whether no act uses it yet.")


@strawberry.type(name="HeldRole", description="A role that counted in a decision, and its origin.")
class HeldRoleInfo:
    """One role with its origin."""

    held: strawberry.Private[HeldRole]

    @strawberry.field(description="Code of the role.")
    def code(self) -> str:
        return self.held.role

    @strawberry.field(description="The role; null for one that follows from being somebody.")
    def role(self, info: Info) -> RoleInfo | None:
        return role_info(info.context, self.held.role)

    @strawberry.field(
        graphql_type=enum_type(Relation),
        description="How the node of the role lies to the node asked about.",
    )
    def relation(self) -> Any:
        return self.held.relation

    @strawberry.field(description="The appointment it comes from; read it with `node(id)`.")
    def appointment(self) -> strawberry.ID | None:
        key = self.held.appointment_id
        return strawberry.ID(global_id("Appointment", key)) if key else None

    @strawberry.field(description="The act the appointment rests on.")
    def act(self) -> strawberry.ID | None:
        key = self.held.act_id
        return strawberry.ID(global_id("Act", key)) if key else None

    @strawberry.field(description="The object of the tree where the role is held.")
    async def held_at(self, info: Info) -> strawberry.ID | None:
        if self.held.held_at is None:
            return None
        async with info.context.asking() as work:
            node = await work.session.get_one(Node, self.held.held_at)
        return strawberry.ID(global_id(TYPE_OF[node.kind], node.id))

    @strawberry.field(
        description="The substitution by which the person acts in the role; null: it is their own."
    )
    def substitution(self) -> strawberry.ID | None:
        via = self.held.via
        return strawberry.ID(global_id("Substitution", via.substitution_id)) if via else None

    @strawberry.field(
        description="The absent main performer the person acts for; null: the role is vacant, or "
        "their own."
    )
    def acting_for(self) -> strawberry.ID | None:
        absent = self.held.via.absent_person_id if self.held.via else None
        return strawberry.ID(global_id("Person", absent)) if absent else None

    @strawberry.field(description="How many levels lie between the two nodes.")
    def distance(self) -> int | None:
        return self.held.distance

    @strawberry.field(description="Whether it reaches here because a priority is served.")
    def service(self) -> bool:
        return self.held.service

    @strawberry.field(description="The role it follows from, for an implied role.")
    def follows_from(self) -> str | None:
        return self.held.follows_from


@strawberry.type(name="RuleVerdict", description="One rule about the action, and what of it holds.")
class RuleVerdictInfo:
    """One rule with pass or fail per part."""

    verdict: strawberry.Private[RuleVerdict]

    @strawberry.field(description="Stable id of the rule.")
    def id(self) -> str:
        return self.verdict.rule.id

    @strawberry.field(description="The role it speaks of.")
    def role(self) -> str:
        return self.verdict.rule.role

    @strawberry.field(description="The condition it asks for; null: none.")
    def condition(self) -> str | None:
        condition = self.verdict.rule.condition
        return None if condition == NO_CONDITION else condition

    @strawberry.field(description="Whether it allows or denies.")
    def effect(self) -> str:
        return self.verdict.rule.effect

    @strawberry.field(
        graphql_type=enum_type(Relation),
        description="How the node of the role has to lie to the node asked about.",
    )
    def relation(self) -> Any:
        return self.verdict.rule.relation

    @strawberry.field(description="The regions it speaks of; `*`: all.")
    def region(self) -> str:
        return self.verdict.rule.region

    @strawberry.field(description="Whether it speaks of this region.")
    def region_holds(self) -> bool:
        return self.verdict.region

    @strawberry.field(description="Whether the person holds the role in that relation.")
    def role_holds(self) -> bool:
        return self.verdict.role

    @strawberry.field(description="Whether its condition is true here.")
    def condition_holds(self) -> bool:
        return self.verdict.condition

    @strawberry.field(description="Whether all its parts hold.")
    def matches(self) -> bool:
        return self.verdict.matches


@strawberry.type(name="AccessExplanation", description="Why somebody may or may not do something.")
class AccessExplanation:
    """The answer with everything that led to it."""

    explanation: strawberry.Private[Explanation]
    on: strawberry.Private[bool | None]
    in_scopes: bool | None = strawberry.field(
        description="Whether the service key that asks about its own owner may use the permission; "
        "where it may not nothing is allowed through it. Null: no key asks, or about somebody else."
    )

    @strawberry.field(description="The answer.")
    def allowed(self) -> bool:
        return self.explanation.allowed and self.on is not False and self.in_scopes is not False

    @strawberry.field(
        description="Whether the plugin the permission belongs to is on in the region of the "
        "object; where it is off nothing of it is allowed. Null: a permission of the core."
    )
    def plugin_enabled(self) -> bool | None:
        return self.on

    @strawberry.field(description="The permission asked about.")
    def action(self) -> str:
        return self.explanation.action

    @strawberry.field(description="Version of the policy that answered.")
    def policy_version(self) -> str:
        return self.explanation.policy_version

    @strawberry.field(description="Id of the rule that decided; null: nothing allows it.")
    def deciding_rule(self) -> str | None:
        return self.explanation.deciding_rule

    @strawberry.field(description="The roles that counted, with their origin.")
    def roles(self) -> list[HeldRoleInfo]:
        return [HeldRoleInfo(held=held) for held in self.explanation.roles]

    @strawberry.field(description="Every rule about the action, and what of it holds.")
    def rules(self) -> list[RuleVerdictInfo]:
        return [RuleVerdictInfo(verdict=verdict) for verdict in self.explanation.rules]


@strawberry.type(
    name="StaffingFinding",
    description="A role of which an object has fewer or more holders today than the staffing "
    "table asks [R2023 App.1].",
)
class StaffingFindingInfo:
    """One vacancy, or one holder too many."""

    finding: strawberry.Private[Finding]

    @strawberry.field(description="The role.")
    def role(self, info: Info) -> RoleInfo:
        return RoleInfo(role=catalogue_of(info.context).roles[self.finding.role])

    @strawberry.field(
        description="Which implementation group of the direction; null: not a role of one "
        "[R2023 §64]."
    )
    def group_number(self) -> int | None:
        return self.finding.group_number

    @strawberry.field(description="How many holders there must be at least.")
    def required_min(self) -> int:
        return self.finding.required_min

    @strawberry.field(description="How many there may be at most; null: any number.")
    def required_max(self) -> int | None:
        return self.finding.required_max

    @strawberry.field(description="How many there are today.")
    def present(self) -> int:
        return self.finding.present

    @strawberry.field(
        graphql_type=enum_type(Severity),
        description="Whether the table binds here, or peculiarities apply [R2023 §12].",
    )
    def severity(self) -> Any:
        return self.finding.severity

    @strawberry.field(description="The row of the table.")
    def clause(self) -> str:
        return self.finding.clause


@strawberry.type
class Questions:
    """Fields of Query that the policy answers."""

    @strawberry.field(
        description="Everything the reader may do at an object of the tree.",
        metadata={"actions": ("viewer.read",)},
    )
    async def my_permissions(
        self,
        info: Info,
        node: Annotated[strawberry.ID, strawberry.argument(description="The object of the tree.")],
    ) -> list[PermissionInfo] | None:
        context = info.context
        named = key_of(node, *TREE_TYPES, field="node")
        async with context.asking() as work:
            key = await require_type(work.session, named, field="node")
            if not await context.policy.sees(work, key):
                raise NotFound("node")
            allowed = await context.policy.allowed_actions(
                work.session, context.reader, key, context.today
            )
            allowed -= await permissions_switched_off(context, work.session, key)
        return [permission_info(catalogue_of(context), code) for code in sorted(allowed)]

    @strawberry.field(
        description="Why a person may or may not do something at an object of the tree. Everybody "
        "may ask about themselves; about somebody else who may explain the policy there.",
        metadata={"actions": (EXPLAIN, "viewer.read")},
    )
    async def explain_access(
        self,
        info: Info,
        person: Annotated[strawberry.ID, strawberry.argument(description="Who would act.")],
        node: Annotated[strawberry.ID, strawberry.argument(description="The object of the tree.")],
        action: Annotated[
            str, strawberry.argument(description="The permission, such as project.create.")
        ],
    ) -> AccessExplanation | None:
        context = info.context
        person_id = key_of(person, "Person", field="person")
        named = key_of(node, *TREE_TYPES, field="node")
        if action not in context.policy.actions:
            raise InvalidInput("UNKNOWN_ACTION", field="action", action=action)
        async with context.asking() as work:
            node_id = await require_type(work.session, named, field="node")
            if person_id != context.actor.person_id:
                await work.require(EXPLAIN, node_id, field="node")
                if not await sees_person(context, work, person_id):
                    raise NotFound("person")
            elif not await context.policy.sees(work, node_id):
                raise NotFound("node")
            explanation = await context.policy.explain(
                work.session, person_id, node_id, action, context.today
            )
            plugin = owner_of_permission(installed_in(context), action)
            on = None if plugin is None else plugin in await plugins_on_at(work.session, node_id)
        scopes = context.actor.scopes if person_id == context.actor.person_id else None
        in_scopes = None if scopes is None else action in scopes
        return AccessExplanation(explanation=explanation, on=on, in_scopes=in_scopes)

    @strawberry.field(
        description="Which roles of this very object have too few or too many holders today, by "
        "the staffing table of the Rules; a vacancy stops nothing [R2023 App.1].",
        metadata={"actions": (SEE_HOLDERS,)},
    )
    async def staffing(
        self,
        info: Info,
        node: Annotated[strawberry.ID, strawberry.argument(description="The object of the tree.")],
    ) -> list[StaffingFindingInfo] | None:
        context = info.context
        named = key_of(node, *TREE_TYPES, field="node")
        async with context.asking() as work:
            key = await require_type(work.session, named, field="node")
            await work.require(SEE_HOLDERS, key, field="node")
            findings = await staffing(
                work.session,
                key,
                today=context.today,
                profile=work.rules.profile,
                catalogue=catalogue_of(context),
            )
        return [StaffingFindingInfo(finding=finding) for finding in findings]

    @strawberry.field(
        description="The role catalogue: the roles of the Rules and of the product.",
        metadata={"actions": ("viewer.read",)},
    )
    def roles(self, info: Info) -> list[RoleInfo]:
        return [RoleInfo(role=role) for role in catalogue_of(info.context).roles.values()]

    @strawberry.field(
        description="The permission catalogue.", metadata={"actions": ("viewer.read",)}
    )
    def permissions(self, info: Info) -> list[PermissionInfo]:
        catalogue = catalogue_of(info.context)
        return [permission_info(catalogue, code) for code in sorted(catalogue.permissions)]


async def sees_person(context: RequestContext, work: Work, person_id: int) -> bool:
    """Whether the reader may see that a person is there."""
    if await work.session.get(Person, person_id) is None:
        return False
    asked = [
        await may_person(
            context.policy, work.session, context.reader, action, person_id, context.today
        )
        for action in ("person.read_basic", "person.read")
    ]
    return any(asked)


def permission_info(catalogue: Catalogue, code: str) -> PermissionInfo:
    """The catalogue's entry of a permission."""
    permission = catalogue.permissions[code]
    return PermissionInfo(
        code=code,
        meaning=permission.meaning,
        clause=permission.ref,
        planned=permission.planned,
    )
