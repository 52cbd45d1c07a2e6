"""The answer to "why may she do this here?", as data."""

from __future__ import annotations

from dataclasses import dataclass

from core.authority.holding import Via
from core.authority.rules import Relation, Rule


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that counted, with its origin.

    ``appointment_id`` is empty for what follows from being somebody, ``act_id`` is the act the
    appointment rests on; ``follows_from`` is the role an implied role follows from. ``held_at`` is
    the node of the appointment, ``distance`` how many levels lie between it and the node asked
    about, ``service`` whether a priority is served there. ``via`` is the substitution by which
    somebody acts in the role. ``conditions`` are those that rules about
    the action ask of this role and that are true here.
    """

    role: str
    relation: Relation
    appointment_id: int | None
    act_id: int | None
    held_at: int | None
    distance: int | None
    service: bool
    follows_from: str | None
    via: Via | None
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule about the action, and which of its parts hold."""

    rule: Rule
    region: bool
    role: bool
    condition: bool

    @property
    def matches(self) -> bool:
        return self.region and self.role and self.condition


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, the roles that count, every rule about the action, and the policy's version.

    ``deciding_rule`` is the id of the rule that allowed or denied; none: nothing allowed it.
    """

    allowed: bool
    action: str
    person_id: int | None
    node_id: int
    policy_version: str
    deciding_rule: str | None
    roles: tuple[HeldRole, ...]
    rules: tuple[RuleVerdict, ...]
