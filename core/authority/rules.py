"""The rules of a policy: which role may do what, where, under which condition."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from core.authority.catalogue import Catalogue, Grant
from core.work import Profile

ANY_REGION = "*"
NO_CONDITION = "*"

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
REGION_CODE = re.compile(r"[A-Z0-9-]{1,16}")
REGION = re.compile(r"\*|!?[A-Z0-9-]{1,16}|![A-Z0-9-]{1,16}(,[A-Z0-9-]{1,16})+")


class Relation(enum.Enum):
    """How the node of a role lies to the node asked about."""

    TREE = "tree"
    """At the node or above it, by containment or by a priority being served."""
    SELF = "self"
    """At the node itself."""
    UP = "up"
    """Below the node: the breadcrumb above a role."""
    REGION = "region"
    """In the same region."""
    PROGRAM = "program"
    """In the same program, or at the body whose program it is."""
    BODY = "body"
    """In a program of the same body, or at the body: the body and its units."""
    PRIORITY = "priority"
    """In a program that serves the priority asked about, or at the body of one."""
    OWN = "own"
    """The row asked about is the reader's own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the policy. ``id`` is stable: administrators refer to it across upgrades.

    ``region`` limits it to nodes of one region (its code) or, written ``!KZ-10,KZ-75``, to nodes
    that lie in none of these; ``condition`` names a registered condition. A deny wins over every
    allow.
    """

    id: str
    role: str
    action: str
    relation: Relation
    condition: str = NO_CONDITION
    region: str = ANY_REGION
    effect: Literal["allow", "deny"] = "allow"

    def __post_init__(self) -> None:
        # Codes end up as literals in SQL text and in the matcher's tuples: nothing else may.
        for name in (self.role, self.action):
            if not CODE.fullmatch(name):
                raise ValueError(f"rule {self.id}: {name!r} is not a code")
        if self.condition != NO_CONDITION and not CODE.fullmatch(self.condition):
            raise ValueError(f"rule {self.id}: {self.condition!r} is not the name of a condition")
        if not REGION.fullmatch(self.region):
            raise ValueError(f"rule {self.id}: {self.region!r} is not the code of a region")
        if self.effect not in ("allow", "deny"):
            raise ValueError(f"rule {self.id}: {self.effect!r} is neither allow nor deny")

    @property
    def resource(self) -> str:
        return self.action.rpartition(".")[0]

    @property
    def verb(self) -> str:
        return self.action.rpartition(".")[2]


def everywhere_but(regions: Iterable[str]) -> str:
    """The region of a rule that holds in none of these."""
    codes = sorted(regions)
    return f"!{','.join(codes)}" if codes else ANY_REGION


def excepted(pattern: str) -> tuple[str, ...]:
    """The regions in which a rule with this region does not hold, where it names those."""
    return tuple(pattern[1:].split(",")) if pattern.startswith("!") else ()


def speaks_of(pattern: str, region: str) -> bool:
    """Whether a rule with the region ``pattern`` holds in a region (empty: of the republic)."""
    if pattern.startswith("!"):
        return region not in excepted(pattern)
    return pattern in (ANY_REGION, region)


def default_rules(catalogue: Catalogue, profile: Profile = Profile.R2023) -> tuple[Rule, ...]:
    """The rules the catalogue implies under one edition of the Rules, in a stable order."""
    found: list[Rule] = []
    for role in catalogue.roles.values():
        for grant in role.grants[profile]:
            found.extend(grant_rules(role.owner, role.code, grant))
    for implied in catalogue.implied.values():
        for grant in implied.grants:
            found.extend(grant_rules(implied.owner, implied.code, grant))
    for each in catalogue.added:
        for rule in grant_rules(each.owner, each.role, each.grant):
            found.append(replace(rule, condition=each.condition or NO_CONDITION))
    return tuple(dict.fromkeys(found))


def grant_rules(owner: str, role: str, grant: Grant) -> Iterable[Rule]:
    """One rule per permission, e.g. ``core:project_manager:project.read``."""
    relation = Relation(grant.relation)
    for code in grant.permissions:
        suffix = "" if relation is Relation.TREE else f":{relation.value}"
        if grant.condition:
            suffix += f":{grant.condition}"
        yield Rule(
            id=f"{owner}:{role}:{code}{suffix}",
            role=role,
            action=code,
            relation=relation,
            condition=grant.condition or NO_CONDITION,
        )
