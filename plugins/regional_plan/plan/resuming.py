"""A plan that let go of the unified architecture takes it on again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.plan.upgrading import CLAUSE, counted, report, take
from plugins.regional_plan.template.template import RegionalTemplate
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirectionKind,
    RuleRefused,
    Work,
    add_directions,
    change,
    flush_unique,
)


async def resume(
    work: Work, plan: RegionalPlan, template: RegionalTemplate, values: Mapping[str, Any]
) -> None:
    """Bring what is there of an ended plan into the version, and add what it lacks.

    What the version does not have stays, outside the template. The shape of the tree is held.
    Raises as adopting does.
    """
    # Whether anything may be added to the program is asked even if it lacks nothing.
    await add_directions(work, plan.id, BasicDirectionKind.REGIONAL_STANDARD, [], clause=CLAUSE)
    for model in (RegionalPlanDirection, RegionalPlanGroup):
        await work.session.execute(
            update(model)
            .where(model.plan_id == plan.id)
            .values(locked=False)
            .execution_options(synchronize_session="fetch")
        )
    found = await report(work, plan, template, lock=True)
    before, after = change(plan, {**values, "ended_at": None})
    plan.version += 1
    await flush_unique(
        work.session,
        RuleRefused("REGIONAL_REGION_HAS_PLAN", clause=PRODUCT_DEFAULT, field="programId"),
    )
    await take(work, found)
    work.record(
        "regionalPlanAdopted",
        plan,
        node_id=plan.id,
        before=before,
        after=after
        | {"template": template.number}
        | {kind.name.lower(): count for kind, count in counted(found.steps).items()},
        clause=CLAUSE,
    )
