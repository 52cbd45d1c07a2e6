"""Two who act at the same time: one wins, the other reads why not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import func, select

from core.hierarchy.program import Program, ProgramKind
from core.tree.node import NodeKind
from plugins.regional_plan.plan.adopting import adopt_template
from plugins.regional_plan.plan.plan import RegionalPlan
from plugins.regional_plan.template.publishing import publish_template
from plugins.regional_plan.template.template import RegionalTemplate, RegionalTemplateStatus
from tests.plugins.regional_plan.conftest import Staff, direction, draft, published
from zhoba.api import PlatformError, Work
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node

TWO = (direction("EDU", "EDU-1"), direction("ROADS", "ROADS-1"))


async def together(
    platform: Platform, acts: Sequence[Callable[[Work], Awaitable[object]]]
) -> list[str]:
    """How each act ended that was begun at once with the others: "done", or its refusal."""

    async def one(act: Callable[[Work], Awaitable[object]]) -> str:
        try:
            async with platform.work() as work:
                await act(work)
        except PlatformError as refusal:
            return refusal.code
        return "done"

    return sorted(await asyncio.gather(*map(one, acts)))


async def test_one_version_is_approved_whoever_publishes_at_once(
    platform: Platform, staff: Staff
) -> None:
    await published(platform, staff.office, *TWO)
    drafts = [await draft(platform, staff.office, *TWO) for _ in range(2)]

    def publish(begun: dict[str, str]) -> Callable[[Work], Awaitable[object]]:
        key = int(begun["id"].partition(":")[2])
        return lambda work: publish_template(work, key, expected_version=int(begun["version"]))

    ends = await together(platform, [publish(each) for each in drafts])
    assert ends in (["done", "done"], ["REGIONAL_APPROVED_TWICE", "done"])
    async with platform.arranging() as session:
        approved = select(func.count()).where(
            RegionalTemplate.status == RegionalTemplateStatus.APPROVED
        )
        assert await session.scalar(approved) == 1


async def test_one_plan_runs_in_a_region_whoever_adopts_at_once(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    template = int((await published(platform, staff.office, *TWO)).partition(":")[2])
    async with platform.arranging() as session:
        other = await make_node(session, NodeKind.PROGRAM, tree.here.body)
        (await session.get_one(Program, other.id)).kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    ends = await together(
        platform,
        [
            lambda work: adopt_template(work, tree.here.program.id, template),
            lambda work: adopt_template(work, other.id, template),
        ],
    )
    assert ends == ["REGIONAL_REGION_HAS_PLAN", "done"]
    async with platform.arranging() as session:
        assert await session.scalar(select(func.count()).select_from(RegionalPlan)) == 1
