"""The policy set: one immutable set of rules that answers every question about authority.

May somebody do this here (check), which rows may they act on (predicate), why (explain), what may
they do here (allowed_actions). A change of the rules makes a new set; nobody ever sees half of one.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, true
from sqlalchemy import false as never
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import Catalogue
from core.authority.conditions import Asked, ConditionRegistry
from core.authority.explanation import Explanation, HeldRole, RuleVerdict
from core.authority.holding import (
    ONESELF,
    PERSONNEL,
    Held,
    Holding,
    held_at,
    known_lineages,
)
from core.authority.matcher import Bucket, TrueConditions
from core.authority.memory import memory_of
from core.authority.predicate import Arm, Form, Reach, arms_of
from core.authority.reader import Reader
from core.authority.rules import (
    ANY_REGION,
    NO_CONDITION,
    Relation,
    Rule,
    default_rules,
    speaks_of,
)
from core.tree.lineage import Lineage
from core.tree.node import NodeKind
from core.work import Decision, Profile, Work

READ_RESOURCE: Mapping[NodeKind, str] = {
    NodeKind.COUNTRY: "country",
    NodeKind.NATIONAL_PRIORITY: "portfolio",
    NodeKind.STATE_BODY: "state_body",
    NodeKind.ORGANIZATION_UNIT: "organization_unit",
    NodeKind.PROGRAM: "program",
    NodeKind.BASIC_DIRECTION: "basic_direction",
    NodeKind.PROJECT_GROUP: "project_group",
    NodeKind.PROJECT: "project",
    NodeKind.TASK: "task",
}
"""The resource whose ``read_basic`` or ``read`` makes a node of this kind visible."""

READ_LEVELS = ("read_basic", "read")

IMPLIED_BY_RELATION = {
    Relation.PROGRAM: PERSONNEL,
    Relation.BODY: PERSONNEL,
    Relation.PRIORITY: PERSONNEL,
    Relation.OWN: ONESELF,
}
"""Relations that only an implied role has."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be known to decide by some rules: how nodes may lie to each other, and each
    condition with the roles and relations it is asked of."""

    relations: frozenset[Relation]
    conditions: Mapping[str, frozenset[tuple[str, str]]]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Needs:
        relations: set[Relation] = set()
        conditions: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for rule in rules:
            relations.add(rule.relation)
            if rule.condition != NO_CONDITION:
                conditions[rule.condition].add((rule.role, rule.relation.value))
        return cls(
            frozenset(relations), {name: frozenset(pairs) for name, pairs in conditions.items()}
        )


NOTHING = Needs(frozenset(), {})


class UnknownAction(LookupError):
    """An action no permission defines: a mistake in the program, not a refusal."""


class PolicySet:
    """An immutable set of rules. The default one comes from :meth:`defaults`."""

    def __init__(
        self, catalogue: Catalogue, rules: Iterable[Rule], conditions: ConditionRegistry
    ) -> None:
        """Raises :class:`ValueError` when a rule names what nothing defines, or an id is doubled:
        one malformed rule would break every check."""
        self.rules = tuple(rules)
        self.catalogue = catalogue
        self.actions = frozenset(catalogue.permissions)
        problems = list(problems_of(self.rules, catalogue, conditions))
        if problems:
            raise ValueError("; ".join(problems))
        self.conditions = conditions
        self.personnel = catalogue.holders_of(PERSONNEL)
        by_action: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.rules:
            by_action[rule.action].append(rule)
        self._buckets = {action: Bucket(action, found) for action, found in by_action.items()}
        self._needs = {action: Needs.of(found) for action, found in by_action.items()}
        self._reach = Reach(conditions, self.personnel)
        self._allow = arms_by_action(self.rules, "allow")
        self._deny = arms_by_action(self.rules, "deny")
        self._version = version_of(self.rules, self.personnel)

    @classmethod
    def defaults(
        cls,
        catalogue: Catalogue,
        conditions: ConditionRegistry,
        profile: Profile = Profile.R2023,
    ) -> PolicySet:
        """The set that the catalogue implies."""
        return cls(catalogue, default_rules(catalogue, profile), conditions)

    @property
    def version(self) -> str:
        """Changes whenever a rule changes."""
        return self._version

    async def check(
        self, work: Work, action: str, node_id: int, *, owner_id: int | None = None
    ) -> Decision:
        """May the actor do this at the node? ``owner_id``: the person the row in hand is about."""
        reader = Reader(work.actor.person_id, scopes=work.actor.scopes)
        key = (self, reader, action, node_id, work.today, owner_id)
        known = memory_of(work.session).decisions
        if key not in known:
            found = await self.decisions(
                work.session, reader, [action], [node_id], work.today, owner_id=owner_id
            )
            known = memory_of(work.session).decisions
            known[key] = found.get((action, node_id), Decision(False, action))
        return known[key]

    async def sees(self, work: Work, node_id: int) -> bool:
        """May the actor know that the node exists?"""
        node = (await known_lineages(work.session, [node_id])).get(node_id)
        if node is None:
            return False
        reader = Reader(work.actor.person_id, scopes=work.actor.scopes)
        actions = [f"{READ_RESOURCE[node.kind]}.{level}" for level in READ_LEVELS]
        known = [action for action in actions if action in self.actions]
        found = await self.decisions(work.session, reader, known, [node_id], work.today)
        return any(decision.allowed for decision in found.values())

    async def allowed_actions(
        self, session: AsyncSession, reader: Reader, node_id: int, today: date
    ) -> frozenset[str]:
        """Everything the reader may do at the node."""
        found = await self.decisions(session, reader, self._buckets, [node_id], today)
        return frozenset(action for (action, _), one in found.items() if one.allowed)

    async def decisions(
        self,
        session: AsyncSession,
        reader: Reader,
        actions: Collection[str],
        node_ids: Collection[int],
        today: date,
        *,
        owner_id: int | None = None,
    ) -> dict[tuple[str, int], Decision]:
        """The decision for every action at every node; absent nodes are left out.

        The number of statements depends on neither. Raises :class:`UnknownAction`.
        """
        for action in actions:
            self.refuse_unknown(action)
        own = owner_id is not None and owner_id == reader.person_id
        usable = [a for a in actions if reader.scopes is None or a in reader.scopes]
        needs = self.needs_of(usable)
        held = await held_at(
            session,
            reader.person_id,
            node_ids,
            today,
            personnel=self.personnel,
            own=own,
            relations=needs.relations,
        )
        true_conditions = await self.true_conditions(session, needs, held.values(), today)
        found = {}
        for node in held.values():
            for action in actions:
                found[action, node.node_id] = (
                    self.decide(action, node, true_conditions[node.node_id])
                    if action in usable
                    else Decision(False, action)
                )
        return found

    async def grounds(
        self, session: AsyncSession, person_id: int, action: str, node_id: int, today: date
    ) -> tuple[Holding, ...]:
        """Every appointment by which the person may do this here: their own before those they
        act in, the nearest first.

        Empty where a rule denies it.
        """
        nodes = await held_at(session, person_id, [node_id], today, personnel=self.personnel)
        found: list[Holding] = []
        for node in nodes.values():
            for rule in self.rules_of(action):
                if not speaks_of(rule.region, node.region):
                    continue
                held = [
                    one
                    for one in node.holdings
                    if one.appointment_id is not None
                    and (one.role, one.relation) == (rule.role, rule.relation)
                    and await self.holds(session, rule.condition, node_id, one, today)
                ]
                if held and rule.effect == "deny":
                    return ()
                found.extend(held)
        return tuple(
            sorted(dict.fromkeys(found), key=lambda one: (one.via is not None, one.distance or 0))
        )

    async def holds(
        self, session: AsyncSession, condition: str, node_id: int, holding: Holding, today: date
    ) -> bool:
        """Whether a condition is true for one role at one node."""
        if condition == NO_CONDITION:
            return True
        nodes = await known_lineages(session, [node_id])
        asked = Asked(node_id, holding.held_at)
        return (await self.answers(session, condition, {asked: nodes[node_id]}, today))[asked]

    def decide(self, action: str, node: Held, true_conditions: TrueConditions) -> Decision:
        """One decision from what is held."""
        bucket = self._buckets.get(action)
        if bucket is None:
            return Decision(False, action)
        allowed, role, rule_id = bucket.decide(node.pairs, node.region, true_conditions)
        if not allowed or role is None:
            return Decision(False, action, rule=rule_id)
        source = source_of(bucket, node, role, rule_id)
        if source.via is not None:
            # Allowed anyhow; where a role of their own allows it too, they do not act for another.
            own, own_role, own_rule = bucket.decide(node.main_pairs, node.region, true_conditions)
            if own and own_role is not None:
                role, rule_id = own_role, own_rule
                source = source_of(bucket, node, role, rule_id)
        return Decision(
            True, action, role, rule_id, source.appointment_id, acting=source.via is not None
        )

    def rules_of(self, action: str) -> tuple[Rule, ...]:
        bucket = self._buckets.get(action)
        return tuple(bucket.rules) if bucket else ()

    def needs_of(self, actions: Collection[str]) -> Needs:
        """What has to be known to decide these actions."""
        if len(actions) == 1:
            return self._needs.get(next(iter(actions)), NOTHING)
        return Needs.of(rule for action in actions for rule in self.rules_of(action))

    def refuse_unknown(self, action: str) -> None:
        if action not in self.actions:
            raise UnknownAction(action)

    async def true_conditions(
        self, session: AsyncSession, needs: Needs, nodes: Collection[Held], today: date
    ) -> dict[int, TrueConditions]:
        """For each node the conditions that are true there, asked only where a rule needs them."""
        found: dict[int, set[tuple[str, str, str]]] = {node.node_id: set() for node in nodes}
        for name, pairs in needs.conditions.items():
            asked = {
                (node.node_id, holding): Asked(node.node_id, holding.held_at)
                for node in nodes
                if not pairs.isdisjoint(node.pairs)
                for holding in node.holdings
                if (holding.role, holding.relation.value) in pairs
            }
            if asked:
                by_id = {node.node_id: node.lineage for node in nodes}
                about = {each: by_id[each.node_id] for each in asked.values()}
                answers = await self.answers(session, name, about, today)
                for (node_id, holding), question in asked.items():
                    if answers[question]:
                        found[node_id].add((holding.role, holding.relation.value, name))
        return {node_id: frozenset(true_here) for node_id, true_here in found.items()}

    async def answers(
        self, session: AsyncSession, name: str, asked: Mapping[Asked, Lineage], today: date
    ) -> Mapping[Asked, bool]:
        """Whether a condition is true of each question, with the node it asks about; each topic
        is asked once in a unit of work."""
        condition = self.conditions[name]
        if condition.lineage is not None:
            return {each: condition.lineage(node) for each, node in asked.items()}
        topics = {each: condition.topic(each, node) for each, node in asked.items()}
        key = (self.conditions, name, today)
        known = memory_of(session).conditions.get(key, {})
        missing = {topic: each for each, topic in topics.items() if topic not in known}
        if missing:
            found = await condition.python(session, set(missing.values()), today)
            known = memory_of(session).conditions.setdefault(key, {})
            known.update((topic, each in found) for topic, each in missing.items())
        return {each: known[topic] for each, topic in topics.items()}

    def predicate(
        self,
        action: str,
        node_id_column: ColumnElement[Any],
        reader: Reader,
        *,
        form: Form = "exists",
        owner: ColumnElement[Any] | None = None,
        kind: NodeKind | None = None,
    ) -> ColumnElement[bool]:
        """Which rows the reader may do ``action`` to, for a statement of any shape.

        ``owner`` is the column of the person a row is about, where its type has one, ``kind`` that
        of all nodes asked about, where it is one. Parameters: ``reader_person`` and
        ``reader_today``. Raises :class:`UnknownAction`.
        """
        self.refuse_unknown(action)
        if reader.scopes is not None and action not in reader.scopes:
            return never()
        allow, deny = self._allow.get(action, []), self._deny.get(action, [])
        granted = (
            true()
            if any(holds_nationally(arm, reader) for arm in allow)
            else self._reach.allowed(allow, node_id_column, form, owner, kind)
        )
        if not deny:
            return granted
        return and_(granted, not_(self._reach.denied(deny, node_id_column, owner)))

    async def explain(
        self,
        session: AsyncSession,
        person_id: int | None,
        node_id: int,
        action: str,
        today: date,
        *,
        owner_id: int | None = None,
    ) -> Explanation:
        """The answer with everything that led to it. Raises :class:`UnknownAction`."""
        self.refuse_unknown(action)
        own = owner_id is not None and owner_id == person_id
        nodes = await held_at(
            session, person_id, [node_id], today, personnel=self.personnel, own=own
        )
        rules = self.rules_of(action)
        true_conditions = await self.true_conditions(
            session, self.needs_of([action]), nodes.values(), today
        )
        node = nodes.get(node_id)
        if node is None:
            return Explanation(False, action, person_id, node_id, self.version, None, (), ())
        true_here = true_conditions[node_id]
        decision = self.decide(action, node, true_here)
        asked = {(rule.role, rule.relation) for rule in rules}
        return Explanation(
            allowed=decision.allowed,
            action=action,
            person_id=person_id,
            node_id=node_id,
            policy_version=self.version,
            deciding_rule=decision.rule,
            roles=tuple(
                held_role(one, true_here)
                for one in node.holdings
                if (one.role, one.relation) in asked
            ),
            rules=tuple(verdict(rule, node, true_here) for rule in rules),
        )


def source_of(bucket: Bucket, node: Held, role: str, rule_id: str | None) -> Holding:
    """What is held that the rule speaks of; a role of one's own before one acted in."""
    relation = next(rule.relation for rule in bucket.rules if rule.id == rule_id)
    return next(one for one in node.holdings if one.role == role and one.relation is relation)


def held_role(holding: Holding, true_here: TrueConditions) -> HeldRole:
    pair = (holding.role, holding.relation.value)
    return HeldRole(
        role=holding.role,
        relation=holding.relation,
        appointment_id=holding.appointment_id,
        act_id=holding.act_id,
        held_at=holding.held_at,
        distance=holding.distance,
        service=holding.service,
        follows_from=holding.follows_from,
        via=holding.via,
        conditions=tuple(sorted(name for role, scope, name in true_here if (role, scope) == pair)),
    )


def verdict(rule: Rule, node: Held, true_here: TrueConditions) -> RuleVerdict:
    """Which parts of a rule hold; worked out beside the matcher, from the same facts."""
    scope = rule.relation.value
    return RuleVerdict(
        rule=rule,
        region=speaks_of(rule.region, node.region),
        role=(rule.role, scope) in node.pairs,
        condition=rule.condition == NO_CONDITION or (rule.role, scope, rule.condition) in true_here,
    )


def holds_nationally(arm: Arm, reader: Reader) -> bool:
    """Every node lies below the country: nothing is left to ask."""
    return (
        arm.relation is Relation.TREE
        and arm.condition == NO_CONDITION
        and arm.region == ANY_REGION
        and not arm.roles.isdisjoint(reader.national_roles)
    )


def arms_by_action(rules: Iterable[Rule], effect: str) -> dict[str, list[Arm]]:
    by_action: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.effect == effect:
            by_action[rule.action].append(rule)
    return {action: arms_of(found) for action, found in by_action.items()}


def version_of(rules: Iterable[Rule], personnel: Iterable[str]) -> str:
    """A fingerprint of everything the answers depend on besides the data."""
    lines = sorted(json.dumps([str(part) for part in astuple(rule)]) for rule in rules)
    text = json.dumps([lines, sorted(personnel)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def problems_of(
    rules: Iterable[Rule], catalogue: Catalogue, conditions: Container[str]
) -> Iterable[str]:
    """What is wrong with a set of rules, one sentence each, naming the rule."""
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield f"rule {rule.id}: the id is used twice"
        seen.add(rule.id)
        if rule.role not in catalogue.roles and rule.role not in catalogue.implied:
            yield f"rule {rule.id}: unknown role {rule.role}"
        if rule.action not in catalogue.permissions:
            yield f"rule {rule.id}: unknown action {rule.action}"
        if rule.condition != NO_CONDITION and rule.condition not in conditions:
            yield f"rule {rule.id}: unknown condition {rule.condition}"
        implied = IMPLIED_BY_RELATION.get(rule.relation)
        if implied is not None and rule.role != implied:
            yield f"rule {rule.id}: only {implied} has the relation {rule.relation.value}"
        if (
            rule.role in catalogue.implied
            and rule.role != implied
            and (rule.role in IMPLIED_BY_RELATION.values() or rule.relation is not Relation.TREE)
        ):
            yield f"rule {rule.id}: {rule.role} never has the relation {rule.relation.value}"
