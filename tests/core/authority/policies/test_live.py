"""The set in force: made once for each version, and never an old one after the new number."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from core.authority.policies.change import Change
from core.authority.policies.effective import Ground
from core.authority.policies.live import KEPT, LivePolicies
from core.authority.policy import PolicySet
from core.db.engine import Database
from tests.core.authority.policies.changes import READS, add, disable, ground
from tests.core.authority.policies.managers import allowed, arrange
from tests.core.authority.policies.test_publishing import published


class Counting(Ground):
    """Counts the sets it makes."""

    made = 0

    def policy(self, changes: Sequence[Change]) -> PolicySet:
        type(self).made += 1
        return super().policy(changes)


async def test_a_version_is_made_once_however_many_ask(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, disable())
    Counting.made = 0
    known = ground()
    live = LivePolicies(Counting(known.defaults, known.catalogue, known.conditions))

    async def ask() -> tuple[int, PolicySet]:
        async with database.session() as session:
            return await live.current(session)

    found = await asyncio.gather(*(ask() for _ in range(8)))
    assert {number for number, _ in found} == {1}
    assert len({id(policy) for _, policy in found}) == 1
    assert not allowed(found[0][1], READS)
    assert Counting.made == 1


async def test_whoever_asks_after_a_publication_gets_its_set(database: Database) -> None:
    scene = await arrange(database)
    live = LivePolicies(ground())
    async with database.session() as session:
        number, before = await live.current(session)
        assert (number, allowed(before, READS)) == (0, True)
    await published(scene, disable())
    async with database.session() as session:
        number, after = await live.current(session)
        assert (number, allowed(after, READS)) == (1, False)
        assert await live.of(session, 0) is before
    assert before.version != after.version


async def test_only_the_last_sets_are_kept(database: Database) -> None:
    scene = await arrange(database)
    live = LivePolicies(ground())
    changes = [add(f"local:n{number}", action="task.manage", region="*") for number in range(9)]
    changes = [replace(each, role=role) for each, role in zip(changes, ROLES, strict=False)]
    async with database.session() as session:
        first = await live.of(session, 0)
    for last in range(1, KEPT + 1):
        await published(scene, *changes[:last])
        async with database.session() as session:
            await live.current(session)
    async with database.session() as session:
        assert await live.of(session, 0) is not first


ROLES = ("auditor", "data_consumer", "office_member", "hr_service", "unit_head", "employee")
