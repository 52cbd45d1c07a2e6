"""What came from the template stays as the template says [R2023 §49].

Handlers within the acts of the core: they look at what an act left behind, and refuse it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select

from plugins.regional_plan.plan.adopting import end
from plugins.regional_plan.plan.extending import follows
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.reading import content_of, names_of
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirection,
    Entry,
    Handler,
    Names,
    Node,
    NodeKind,
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
    direction, group = RegionalPlanDirection, RegionalPlanGroup
    row = (
        await work.session.execute(
            select(direction, group, RegionalPlan)
            .select_from(Node)
            .outerjoin(direction, and_(direction.id == Node.id, direction.locked))
            .outerjoin(group, and_(group.id == Node.id, group.locked))
            .join(RegionalPlan, RegionalPlan.id == func.coalesce(direction.plan_id, group.plan_id))
            .where(Node.id == node_id, RegionalPlan.ended_at.is_(None))
        )
    ).one_or_none()
    return None if row is None else (row[0] or row[1], row[2])


def refusal(code: str, mark: Mark, field: str) -> RuleRefused:
    return RuleRefused(code, clause=CLAUSE, field=field, code=mark.code)


Key = tuple[type[Mark], str]


def key_of(mark: Mark) -> Key:
    """What a direction or a group is found by: both may have the same code."""
    return type(mark), mark.code


async def architecture_of(work: Work, plan: RegionalPlan) -> dict[Key, tuple[Names, str]]:
    """The name of each part of the plan's version, and the code of the direction it lies in.

    Read once in a unit of work: a version that plans follow never changes.
    """
    kept = work.session.info.setdefault("regional_plan", {})
    if plan.template_id not in kept:
        content = await content_of(work.session, plan.template_id)
        kept[plan.template_id] = {
            (RegionalPlanDirection, each.code): (each.names, each.code) for each in content
        } | {
            (RegionalPlanGroup, one.code): (one.names, each.code)
            for each in content
            for one in each.groups
        }
    found: dict[Key, tuple[Names, str]] = kept[plan.template_id]
    return found


async def keep_name(work: Work, entry: Entry) -> None:
    """A direction or group keeps its template's name; the region's may be added."""
    if not any(name.startswith("name_") for name in entry.after or ()):
        return
    found = await locked_mark(work, entry.node_id)
    if found is None:
        return
    mark, plan = found
    group = isinstance(mark, RegionalPlanGroup)
    row: Any = await work.session.get_one(ProjectGroup if group else BasicDirection, mark.id)
    region = await work.session.get_one(Region, plan.region_id)
    architecture = await architecture_of(work, plan)
    if not follows(architecture[key_of(mark)][0], names_of(row), names_of(region)):
        raise refusal("REGIONAL_NAME_LOCKED", mark, "names")


async def keep_place(work: Work, entry: Entry) -> None:
    """A direction stays in its plan, a group in the direction its template puts it into.

    A plan stays in its region (product default).
    """
    node = await work.session.get_one(Node, entry.node_id)
    if node.kind is NodeKind.PROGRAM:
        own = await work.session.get(RegionalPlan, node.id)
        if own is not None and own.ended_at is None and node.region_id != own.region_id:
            raise RuleRefused(
                "REGIONAL_PLAN_STAYS", clause="R2023 §2(54), §49", field="newParentId"
            )
        return
    found = await locked_mark(work, node.id)
    if found is None:
        return
    mark, plan = found
    if isinstance(mark, RegionalPlanDirection):
        right = node.parent_id == plan.id
    else:
        above = await work.session.get(RegionalPlanDirection, node.parent_id)
        _, lies_in = (await architecture_of(work, plan))[key_of(mark)]
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
