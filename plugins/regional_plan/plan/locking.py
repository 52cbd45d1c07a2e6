"""What came from the template stays as the template says [R2023 §49].

Handlers within the acts of the core: they look at what an act left behind, and refuse it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

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


@dataclass(frozen=True, slots=True)
class Kept:
    """A node that a running plan keeps, or the program that is the plan.

    ``code`` is that of the template's direction or group it came from, ``above`` that of the
    direction it lies in.
    """

    node_id: int
    kind: NodeKind
    parent_id: int | None
    region_id: int | None
    code: str | None
    above: str | None
    plan_id: int
    plan_region_id: int
    template_id: int


async def kept(work: Work, node_id: int | None) -> Kept | None:
    """What a running plan says of a node; read at once for all that was recorded so far."""
    count, rows = work.session.info.get("regional_plan.kept", (0, {}))
    if count != len(work.entries):
        rows = await all_kept(work, {each.node_id for each in work.entries})
        work.session.info["regional_plan.kept"] = len(work.entries), rows
    found: Kept | None = rows.get(node_id)
    return found


async def all_kept(work: Work, node_ids: set[int | None]) -> dict[int, Kept]:
    """Those of the nodes that a running plan keeps, or that are one."""
    direction, group = RegionalPlanDirection, RegionalPlanGroup
    above = aliased(RegionalPlanDirection)
    plan_id = func.coalesce(direction.plan_id, group.plan_id, Node.id)
    rows = await work.session.execute(
        select(
            Node.id,
            Node.kind,
            Node.parent_id,
            Node.region_id,
            func.coalesce(direction.code, group.code),
            above.code,
            RegionalPlan.id,
            RegionalPlan.region_id,
            RegionalPlan.template_id,
        )
        .select_from(Node)
        .outerjoin(direction, and_(direction.id == Node.id, direction.locked))
        .outerjoin(group, and_(group.id == Node.id, group.locked))
        .join(RegionalPlan, RegionalPlan.id == plan_id)
        .outerjoin(above, and_(above.id == Node.parent_id, above.plan_id == RegionalPlan.id))
        .where(
            Node.id.in_([each for each in node_ids if each is not None]),
            RegionalPlan.ended_at.is_(None),
        )
    )
    return {row[0]: Kept(*row) for row in rows}


def refusal(code: str, part: Kept, field: str) -> RuleRefused:
    return RuleRefused(code, clause=CLAUSE, field=field, code=part.code)


Key = tuple[NodeKind, str | None]


async def architecture_of(work: Work, template_id: int) -> dict[Key, tuple[Names, str]]:
    """The name of each part of a version, and the code of the direction it lies in.

    Read once in a unit of work: a version that plans follow never changes.
    """
    versions = work.session.info.setdefault("regional_plan.versions", {})
    if template_id not in versions:
        content = await content_of(work.session, template_id)
        versions[template_id] = {
            (NodeKind.BASIC_DIRECTION, each.code): (each.names, each.code) for each in content
        } | {
            (NodeKind.PROJECT_GROUP, one.code): (one.names, each.code)
            for each in content
            for one in each.groups
        }
    found: dict[Key, tuple[Names, str]] = versions[template_id]
    return found


async def keep_name(work: Work, entry: Entry) -> None:
    """A direction or group keeps its template's name; the region's may be added."""
    if not any(name.startswith("name_") for name in entry.after or ()):
        return
    part = await kept(work, entry.node_id)
    if part is None:
        return
    model: Any = ProjectGroup if part.kind is NodeKind.PROJECT_GROUP else BasicDirection
    row: Any = await work.session.get_one(model, part.node_id)
    region = await work.session.get_one(Region, part.plan_region_id)
    names, _ = (await architecture_of(work, part.template_id))[part.kind, part.code]
    if not follows(names, names_of(row), names_of(region)):
        raise refusal("REGIONAL_NAME_LOCKED", part, "names")


async def keep_place(work: Work, entry: Entry) -> None:
    """A direction stays in its plan, a group in the direction its template puts it into.

    A plan stays in its region (product default).
    """
    part = await kept(work, entry.node_id)
    if part is None:
        return
    if part.kind is NodeKind.PROGRAM:
        if part.region_id != part.plan_region_id:
            raise RuleRefused(
                "REGIONAL_PLAN_STAYS", clause="R2023 §2(54), §49", field="newParentId"
            )
        return
    _, lies_in = (await architecture_of(work, part.template_id))[part.kind, part.code]
    group = part.kind is NodeKind.PROJECT_GROUP
    if part.above != lies_in if group else part.parent_id != part.plan_id:
        raise refusal("REGIONAL_PLACE_LOCKED", part, "newParentId")


async def keep_alive(work: Work, entry: Entry) -> None:
    """What came from the template is not archived; a plan that is archived is over."""
    part = await kept(work, entry.node_id)
    if part is not None and part.kind is not NodeKind.PROGRAM:
        raise refusal("REGIONAL_PART_STAYS", part, "id")
    if part is not None:
        await end(work, await work.session.get_one(RegionalPlan, part.plan_id), "archived")


async def end_with_program(work: Work, entry: Entry) -> None:
    """A plan whose program is closed is over."""
    if (entry.after or {}).get("stage") != Stage.CLOSED.name:
        return
    part = await kept(work, entry.node_id)
    if part is not None and part.kind is NodeKind.PROGRAM:
        await end(work, await work.session.get_one(RegionalPlan, part.plan_id), "closed")


async def keep_kind(work: Work, entry: Entry) -> None:
    """A program that follows the architecture stays a regional development plan."""
    if "kind" in (entry.after or {}) and await kept(work, entry.node_id) is not None:
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
