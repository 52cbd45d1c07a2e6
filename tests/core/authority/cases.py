"""Acting under the real policy in tests."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import date
from functools import cache

from core.authority.policy import PolicySet
from core.db.engine import Database
from core.hierarchy.conditions import core_policy
from core.people.person import Person
from core.transaction import transact
from core.work import OPERATOR, Actor, Authority, OperatorAuthority, Profile, RuleSettings, Work
from tests.conftest import NOW

TODAY = date(2026, 3, 2)


@cache
def policy(profile: Profile = Profile.R2023) -> PolicySet:
    return core_policy(profile)


def as_person(
    database: Database,
    person: Person | None,
    *,
    profile: Profile = Profile.R2023,
    scopes: frozenset[str] | None = None,
) -> AbstractAsyncContextManager[Work]:
    """A unit of work of this person (none: nobody signed in) under the default policy."""
    actor = Actor(person.id, 1, scopes, "somebody") if person else Actor()
    return working(database, actor, policy(profile), profile)


def as_operator(
    database: Database, profile: Profile = Profile.R2023
) -> AbstractAsyncContextManager[Work]:
    return working(database, OPERATOR, OperatorAuthority(), profile)


def working(
    database: Database, actor: Actor, authority: Authority, profile: Profile
) -> AbstractAsyncContextManager[Work]:
    return transact(
        database, actor=actor, authority=authority, now=NOW, rules=RuleSettings(profile=profile)
    )
