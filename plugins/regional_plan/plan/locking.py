"""What came from the template stays as the template says [R2023 §49].

Handlers within the acts of the core: they look at what an act left behind, and refuse it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from plugins.regional_plan.plan.adopting import end
from plugins.regional_plan.plan.extending import follows
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.reading import names_of
from plugins.regional_plan.template.template import (
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirection,
    Entry,
    Handler,
    Node,
    ProjectGroup,
    Region,
    RuleRefused,
    Stage,
    When,
    Work,
)

CLAUSE = "R2023 §49"

Mark = RegionalPlanDirection | RegionalPlanGroup


async def locked_mark(work: Work, node_id: int | None) -> tuple[Mark, RegionalPlan] | None:
    """Where a node came from, if its running plan keeps it as it is."""
    for model in (RegionalPlanDirection, RegionalPlanGroup):
        row: Any = (
            await work.session.execute(
                select(model, RegionalPlan)
                .join(RegionalPlan, RegionalPlan.id == model.plan_id)
                .where(model.id == node_id, model.locked, RegionalPlan.ended_at.is_(None))
            )
        ).one_or_none()
        if row is not None:
            return row[0], row[1]
    return None


def refusal(code: str, mark: Mark, field: str) -> RuleRefused:
    return RuleRefused(code, clause=CLAUSE, field=field, code=mark.code)


async def keep_name(work: Work, entry: Entry) -> None:
    """A direction or group keeps its template's name; the region's may be added."""
    if not any(name.startswith("name_") for name in entry.after or ()):
        return
    found = await locked_mark(work, entry.node_id)
    if found is None:
        return
    mark, plan = found
    group = isinstance(mark, RegionalPlanGroup)
    model: Any = RegionalTemplateGroup if group else RegionalTemplateDirection
    template: Any = await work.session.scalar(
        select(model).where(model.template_id == plan.template_id, model.code == mark.code)
    )
    row: Any = await work.session.get_one(ProjectGroup if group else BasicDirection, mark.id)
    region = await work.session.get_one(Region, plan.region_id)
    if not follows(names_of(template), names_of(row), names_of(region)):
        raise refusal("REGIONAL_NAME_LOCKED", mark, "names")


async def keep_place(work: Work, entry: Entry) -> None:
    """A direction stays in its plan, a group in the direction its template puts it into.

    A plan stays in its region (product default).
    """
    plan_moved = await work.session.get(RegionalPlan, entry.node_id)
    if plan_moved is not None and plan_moved.ended_at is None:
        node = await work.session.get_one(Node, plan_moved.id)
        if node.region_id != plan_moved.region_id:
            raise RuleRefused(
                "REGIONAL_PLAN_STAYS", clause="R2023 §2(54), §49", field="newParentId"
            )
        return
    found = await locked_mark(work, entry.node_id)
    if found is None:
        return
    mark, plan = found
    node = await work.session.get_one(Node, mark.id)
    if isinstance(mark, RegionalPlanDirection):
        right = node.parent_id == plan.id
    else:
        above = await work.session.get(RegionalPlanDirection, node.parent_id)
        lies_in = await work.session.scalar(
            select(RegionalTemplateDirection.code)
            .join(
                RegionalTemplateGroup,
                RegionalTemplateGroup.direction_id == RegionalTemplateDirection.id,
            )
            .where(
                RegionalTemplateGroup.template_id == plan.template_id,
                RegionalTemplateGroup.code == mark.code,
            )
        )
        right = above is not None and above.plan_id == plan.id and above.code == lies_in
    if not right:
        raise refusal("REGIONAL_PLACE_LOCKED", mark, "newParentId")


async def keep_alive(work: Work, entry: Entry) -> None:
    """What came from the template is not archived; a plan that is archived is over."""
    found = await locked_mark(work, entry.node_id)
    if found is not None:
        raise refusal("REGIONAL_PART_STAYS", found[0], "id")
    await end_if_running(work, entry, "archived")


async def end_with_program(work: Work, entry: Entry) -> None:
    """A plan whose program is closed is over."""
    if (entry.after or {}).get("stage") == Stage.CLOSED.name:
        await end_if_running(work, entry, "closed")


async def end_if_running(work: Work, entry: Entry, reason: str) -> None:
    """End the plan this act was about, if it was one."""
    plan = await work.session.get(RegionalPlan, entry.node_id)
    if plan is not None and plan.ended_at is None:
        await end(work, plan, reason)


async def keep_kind(work: Work, entry: Entry) -> None:
    """A program that follows the architecture stays a regional development plan."""
    if "kind" not in (entry.after or {}):
        return
    plan = await work.session.get(RegionalPlan, entry.node_id)
    if plan is not None and plan.ended_at is None:
        raise RuleRefused("REGIONAL_KIND_LOCKED", clause=PRODUCT_DEFAULT, field="kind")


HANDLERS = (
    Handler(
        name="names",
        acts=frozenset({"basicDirectionEdited", "projectGroupEdited"}),
        when=When.WITHIN,
        run=keep_name,
    ),
    Handler(name="places", acts=frozenset({"nodeMoved"}), when=When.WITHIN, run=keep_place),
    Handler(name="archive", acts=frozenset({"nodeArchived"}), when=When.WITHIN, run=keep_alive),
    Handler(
        name="closing",
        acts=frozenset({"stageMoveConfirmed"}),
        when=When.WITHIN,
        run=end_with_program,
    ),
    Handler(name="kinds", acts=frozenset({"programEdited"}), when=When.WITHIN, run=keep_kind),
)
