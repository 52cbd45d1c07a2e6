"""A plan takes on the unified architecture, and lets go of it."""

from __future__ import annotations

from plugins.regional_plan.access import ADOPT
from plugins.regional_plan.plan.holding import adoptable, held_plan, mark
from plugins.regional_plan.plan.plan import RegionalPlan
from plugins.regional_plan.plan.resuming import resume
from plugins.regional_plan.template.reading import content_of
from zhoba.api import (
    PRODUCT_DEFAULT,
    Act,
    BasicDirectionKind,
    NewDirection,
    NodeKind,
    Program,
    ProgramKind,
    RuleRefused,
    Work,
    WrongState,
    add_directions,
    change,
    entered,
    find,
    flush_unique,
    lock_node,
    require_version,
    required,
    reshape_tree,
)

CLAUSE = "R2023 §49, §73(2)"


async def adopt_template(
    work: Work, program_id: int, template_id: int, *, act_id: int | None = None
) -> RegionalPlan:
    """Adopt the approved architecture for a regional plan: its directions and groups appear.

    Action ``regional.architecture.adopt`` at the program. Directions and groups that the program
    has already stay, outside the template; those that came from it before the plan was ended are
    taken into it again. Raises ``REGIONAL_NOT_A_PLAN``,
    ``REGIONAL_TEMPLATE_NOT_APPROVED``, ``REGIONAL_TEMPLATE_NOT_VALID_YET``,
    ``REGIONAL_TEMPLATE_OTHER_EDITION``, ``REGIONAL_PLAN_ADOPTED_ALREADY``,
    ``REGIONAL_REGION_HAS_PLAN``, ``NODE_ARCHIVED``, ``WRONG_STAGE``, ``NOT_FOUND``.
    """
    await reshape_tree(work.session)
    node = await lock_node(
        work.session, program_id, NodeKind.PROGRAM, field="programId", share=True
    )
    await work.require(ADOPT, node.id, field="programId")
    program = await find(work.session, Program, node.id)
    if program.kind is not ProgramKind.REGIONAL_DEVELOPMENT_PLAN or node.region_id is None:
        raise RuleRefused(
            "REGIONAL_NOT_A_PLAN", clause="R2023 §2(54), §49", field="programId", kind=program.kind
        )
    template = await adoptable(work, template_id)
    if act_id is not None:
        await find(work.session, Act, act_id, field="actId")
    former = await work.session.get(RegionalPlan, node.id, populate_existing=True)
    if former is not None and former.ended_at is None:
        raise WrongState("REGIONAL_PLAN_ADOPTED_ALREADY", clause=PRODUCT_DEFAULT)
    values = {
        "region_id": node.region_id,
        "template_id": template.id,
        "profile": template.profile,
        "act_id": act_id,
        "adopted_by_id": work.actor.person_id,
        "adopted_at": work.now,
    }
    if former is not None:
        await resume(work, former, template, values)
        return former
    plan = RegionalPlan(id=node.id, **values)
    work.session.add(plan)
    await flush_unique(
        work.session,
        RuleRefused("REGIONAL_REGION_HAS_PLAN", clause=PRODUCT_DEFAULT, field="programId"),
    )
    content = await content_of(work.session, template.id)
    added = await add_directions(
        work,
        node.id,
        BasicDirectionKind.REGIONAL_STANDARD,
        [NewDirection(each.names, [one.names for one in each.groups]) for each in content],
        clause=CLAUSE,
    )
    codes = [(each.code, [one.code for one in each.groups]) for each in content]
    await mark(work, plan, added, codes)
    work.record(
        "regionalPlanAdopted",
        plan,
        node_id=node.id,
        after=entered(values)
        | {
            "template": template.number,
            "directions": len(codes),
            "groups": sum(len(groups) for _, groups in codes),
        },
        clause=CLAUSE,
    )
    return plan


async def end_plan(work: Work, plan_id: int, *, expected_version: int, reason: str) -> RegionalPlan:
    """Let a plan no longer follow the architecture, so that its region may have another one.

    Action ``regional.architecture.adopt`` at the program. Nothing of it is locked any more. Raises
    ``CONFLICT``, ``REGIONAL_PLAN_ENDED``, ``NOT_FOUND``.
    """
    plan = await held_plan(work, plan_id)
    require_version(plan.version, expected_version)
    await end(work, plan, required(reason, "reason"))
    return plan


async def end(work: Work, plan: RegionalPlan, reason: str) -> None:
    """The mechanics of ending."""
    before, after = change(plan, {"ended_at": work.now})
    plan.version += 1
    await work.session.flush()
    work.record(
        "regionalPlanEnded",
        plan,
        node_id=plan.id,
        before=before,
        after=after | {"reason": reason},
        clause=PRODUCT_DEFAULT,
    )
