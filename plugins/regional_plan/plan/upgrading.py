"""A plan goes over to another version of the architecture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update

from plugins.regional_plan.plan.holding import adoptable, held_plan, mark
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.plan.standing import Standing, standings
from plugins.regional_plan.plan.upgrade import RegionalUpgradeStep, Step, steps
from plugins.regional_plan.template.contents import Direction
from plugins.regional_plan.template.reading import contents_of, names_of
from plugins.regional_plan.template.template import RegionalTemplate
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirectionKind,
    NewDirection,
    Node,
    Region,
    Work,
    WrongState,
    add_directions,
    add_groups,
    archive_empty,
    change,
    move_groups,
    rename_parts,
    require_version,
    reshape_tree,
)

CLAUSE = "R2023 §49, §73(2)"

Kind = RegionalUpgradeStep


@dataclass(frozen=True, slots=True)
class Report:
    """What an upgrade would do; ``version`` is what it goes by when it is done."""

    plan: RegionalPlan
    template: RegionalTemplate
    version: int
    steps: list[Step]
    standing: Standing
    content: Sequence[Direction]


async def report(
    work: Work, plan: RegionalPlan, template: RegionalTemplate, *, lock: bool = False
) -> Report:
    """The steps from a plan as it stands to a version of the architecture."""
    (found,) = await reports(work, [plan], template, lock=lock)
    return found


async def reports(
    work: Work, plans: Sequence[RegionalPlan], template: RegionalTemplate, *, lock: bool = False
) -> list[Report]:
    """The same of several plans, in as many statements as of one."""
    session = work.session
    standing = await standings(session, [plan.id for plan in plans], lock=lock)
    contents = await contents_of(session, {template.id, *(plan.template_id for plan in plans)})
    regions = {
        region.id: names_of(region)
        for region in await session.scalars(
            select(Region).where(Region.id.in_({plan.region_id for plan in plans}))
        )
    }
    new = contents[template.id]
    return [
        Report(
            plan,
            template,
            standing[plan.id].fingerprint(plan.version, template.id, template.version),
            steps(standing[plan.id], contents[plan.template_id], new, regions[plan.region_id]),
            standing[plan.id],
            new,
        )
        for plan in plans
    ]


async def upgrade_plan(
    work: Work, plan_id: int, template_id: int, *, expected_version: int
) -> RegionalPlan:
    """Bring a plan to the approved version of the architecture, by the steps of its report.

    Action ``regional.architecture.adopt`` at the program. Groups that are no longer in the
    architecture and hold something stay, outside the template. Raises ``CONFLICT`` when anything
    of the plan was changed since the report, ``REGIONAL_UPGRADED_ALREADY``,
    ``REGIONAL_PLAN_ENDED``, ``NODE_ARCHIVED``, ``WRONG_STAGE``, what adopting raises about the
    version, and what moving a group raises, such as ``PROJECT_MANAGER_ONE_DIRECTION``.
    """
    await reshape_tree(work.session)
    plan = await held_plan(work, plan_id)
    template = await adoptable(work, template_id)
    if plan.template_id == template.id:
        raise WrongState(
            "REGIONAL_UPGRADED_ALREADY", clause=PRODUCT_DEFAULT, number=template.number
        )
    found = await report(work, plan, template, lock=True)
    require_version(found.version, expected_version)
    before, after = change(plan, {"template_id": template.id, "profile": template.profile})
    plan.version += 1
    await work.session.flush()
    await take(work, found)
    work.record(
        "regionalPlanUpgraded",
        plan,
        node_id=plan.id,
        before=before,
        after=after
        | {"template": template.number}
        | {kind.name.lower(): count for kind, count in counted(found.steps).items()},
        clause=CLAUSE,
    )
    return plan


def counted(found: Sequence[Step]) -> Counter[RegionalUpgradeStep]:
    return Counter(step.kind for step in found)


async def take(work: Work, report: Report) -> None:
    """Take the steps: release, add, move, restore, rename, archive."""
    plan, standing, content = report.plan, report.standing, report.content
    by_kind: dict[RegionalUpgradeStep, list[Step]] = {kind: [] for kind in Kind}
    for step in report.steps:
        by_kind[step.kind].append(step)
    leaving = keys(
        by_kind,
        Kind.RELEASE_DIRECTION, Kind.RELEASE_GROUP, Kind.ARCHIVE_DIRECTION, Kind.ARCHIVE_GROUP,
    )  # fmt: skip
    await lock_marks(work, leaving, locked=False)
    homes = {code: part.node_id for code, part in standing.directions.items()}
    homes |= await new_directions(work, plan, content, by_kind)
    await move_groups(
        work,
        {
            step.node_id: homes[step.direction]
            for step in by_kind[Kind.MOVE_GROUP]
            if step.node_id is not None and step.direction is not None
        },
        reason="regionalPlanUpgraded",
        clause=CLAUSE,
    )
    await new_groups(work, plan, by_kind, homes)
    await lock_marks(work, keys(by_kind, Kind.RESTORE_DIRECTION, Kind.RESTORE_GROUP), locked=True)
    await rename_parts(
        work,
        {
            step.node_id: step.names
            for kind in (Kind.RENAME_DIRECTION, Kind.RENAME_GROUP)
            for step in by_kind[kind]
            if step.node_id is not None
        },
        clause=CLAUSE,
    )
    for kind in (Kind.ARCHIVE_GROUP, Kind.ARCHIVE_DIRECTION):
        await archive_empty(work, keys(by_kind, kind), reason="regionalPlanUpgraded", clause=CLAUSE)


def keys(
    by_kind: Mapping[RegionalUpgradeStep, Sequence[Step]], *kinds: RegionalUpgradeStep
) -> list[int]:
    """The keys of the parts that steps of these kinds are about."""
    return [step.node_id for kind in kinds for step in by_kind[kind] if step.node_id is not None]


async def lock_marks(work: Work, node_ids: Collection[int], *, locked: bool) -> None:
    """Lock or release what came from a template."""
    models: tuple[Any, ...] = (RegionalPlanDirection, RegionalPlanGroup)
    for model in models if node_ids else ():
        await work.session.execute(
            update(model)
            .where(model.id.in_(node_ids))
            .values(locked=locked)
            .execution_options(synchronize_session="fetch")
        )


async def forget(work: Work, plan: RegionalPlan, model: Any, codes: Collection[str]) -> None:
    """Let go of what had these codes and was archived, or went into another program."""
    if codes:
        gone = select(Node.id).where(
            Node.archived_at.is_not(None) | Node.program_scope_id.is_distinct_from(plan.id)
        )
        await work.session.execute(
            delete(model)
            .where(model.plan_id == plan.id, model.code.in_(codes), model.id.in_(gone))
            .execution_options(synchronize_session="fetch")
        )


async def new_directions(
    work: Work,
    plan: RegionalPlan,
    content: Sequence[Direction],
    by_kind: Mapping[RegionalUpgradeStep, Sequence[Step]],
) -> dict[str, int]:
    """Add the directions the plan lacks; their nodes by code. Their groups follow."""
    codes = {step.code for step in by_kind[Kind.ADD_DIRECTION] if step.code is not None}
    chosen = [each for each in content if each.code in codes]
    if not chosen:
        return {}
    await forget(work, plan, RegionalPlanDirection, codes)
    added = await add_directions(
        work,
        plan.id,
        BasicDirectionKind.REGIONAL_STANDARD,
        [NewDirection(each.names) for each in chosen],
        clause=CLAUSE,
    )
    await mark(work, plan, added, [(each.code, []) for each in chosen])
    return {each.code: one.direction.id for each, one in zip(chosen, added, strict=True)}


async def new_groups(
    work: Work,
    plan: RegionalPlan,
    by_kind: Mapping[RegionalUpgradeStep, Sequence[Step]],
    homes: Mapping[str, int],
) -> None:
    """Add the groups the plan lacks."""
    chosen = [
        (step.code, homes[step.direction], step.names)
        for step in by_kind[Kind.ADD_GROUP]
        if step.code is not None and step.direction is not None
    ]
    await forget(work, plan, RegionalPlanGroup, [code for code, _, _ in chosen])
    groups = await add_groups(work, [(home, names) for _, home, names in chosen], clause=CLAUSE)
    work.session.add_all(
        RegionalPlanGroup(id=group.id, plan_id=plan.id, code=code, locked=True)
        for group, (code, _, _) in zip(groups, chosen, strict=True)
    )
    await work.session.flush()
