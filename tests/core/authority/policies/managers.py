"""People who may change the rules, and their units of work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.authority.policies.draft import PolicyDraft, create_policy_draft
from core.authority.policies.live import LivePolicies
from core.authority.policies.publishing import publish_policy
from core.authority.policy import PolicySet
from core.db.engine import Database
from core.people.person import Person
from core.places.region import Region
from core.work import Actor, Profile, Work
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import working
from tests.core.authority.policies.changes import ground
from tests.factories import World


@dataclass
class Scene:
    """A national and a regional administrator, an auditor, and a manager of a project."""

    database: Database
    world: World
    other_region: Region
    national: Person
    regional: Person
    auditor: Person
    manager: Person

    @asynccontextmanager
    async def by(self, person: Person) -> AsyncIterator[Work]:
        """A unit of work of this person, under the rules in force."""
        actor = Actor(person.id, 1, None, "somebody")
        async with self.database.session() as session:
            _, policy = await LivePolicies(ground()).current(session)
        async with working(self.database, actor, policy, Profile.R2023) as work:
            yield work

    async def draft(self, person: Person, region: Region | None = None) -> PolicyDraft:
        """A new draft, committed."""
        async with self.by(person) as work:
            return await create_policy_draft(
                work, title="Draft", region_id=region.id if region else None
            )

    async def publish(self, person: Person, draft_id: int, version: int, head: int) -> int:
        """Publish a draft; the number of the version."""
        async with self.by(person) as work:
            made = await publish_policy(
                work, draft_id, expected_version=version, expected_head=head, reason="Because."
            )
            return made.number


async def arrange(database: Database) -> Scene:
    async with arranging(database) as session:
        world = await make.make_world(session)
        people = [await make.make_person(session) for _ in range(4)]
        other = await make.make_region(session, "KZ-75")
        for person, role, node in zip(
            people,
            ("national_administrator", "regional_administrator", "auditor", "project_manager"),
            (world.country, world.body, world.country, world.project),
            strict=True,
        ):
            await make.make_appointment(session, person, role, node)
    return Scene(database, world, other, *people)


def allowed(policy: PolicySet, rule: str) -> bool:
    """Whether a rule is in force."""
    return rule in {each.id for each in policy.rules}
