"""What the rules look at, asked of the database at once: one statement, however large the plan.

Each function is a query of one kind of rows; :func:`facts` puts them together over the program of
a plan. What is archived does not count. Nothing binds a constant (plans of reads are kept).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from plugins.regional_plan.compliance.rows import NOTHING, ONE, YES, all_rows, tagged, word
from plugins.regional_plan.direction_request.request import RegionalDirectionRequest
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiarity
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from zhoba.api import (
    TODAY,
    Appointment,
    BasicDirection,
    NationalPriority,
    Node,
    NodeClosure,
    Program,
    ProgramKind,
    ProgramPriority,
    Project,
    ProjectGroup,
    ProjectLocation,
    Region,
    StateBody,
    is_main,
)

Key = ColumnElement[Any]
"""The key of the plan's program, as the statement around writes it."""


def facts(program_id: Key) -> ColumnElement[str]:
    """All that is known of a plan, as JSON: ``[[kind, value, ...], ...]``."""
    return all_rows([one(program_id) for one in QUERIES])


def names(noun: Any) -> tuple[Any, Any, Any]:
    return noun.name_kk, noun.name_ru, noun.name_en


def plan(program_id: Key) -> Select[Any]:
    """The program itself, its body and region, and the version it follows."""
    program, node, body = aliased(Program), aliased(Node), aliased(StateBody)
    region, followed = aliased(Region), aliased(RegionalPlan)
    template, newest = aliased(RegionalTemplate), aliased(RegionalTemplate)
    approved = (
        select(newest.number)
        .where(newest.status == word("APPROVED"))
        .correlate(None)
        .scalar_subquery()
    )
    return (
        tagged(
            "plan", program.id, node.stage, node.state_body_id, body.kind, region.special_regime,
            template.number, template.status, approved, followed.profile, *names(program),
        )
        .select_from(program)
        .join(node, node.id == program.id)
        .join(body, body.id == node.state_body_id)
        .outerjoin(region, region.id == node.region_id)
        .outerjoin(followed, and_(followed.id == program.id, followed.ended_at.is_(None)))
        .outerjoin(template, template.id == followed.template_id)
        .where(program.id == program_id)
    )  # fmt: skip


def peculiarities(program_id: Key) -> Select[Any]:
    """What the region has on record and holds today."""
    found, node = aliased(RegionalPeculiarity), aliased(Node)
    return (
        tagged("peculiarity", found.subject, found.override)
        .select_from(found)
        .join(node, node.region_id == found.region_id)
        .where(node.id == program_id, in_force(found.valid_from, found.valid_until))
    )


def in_force(first: Any, last: Any) -> ColumnElement[bool]:
    return and_(first <= TODAY, or_(last.is_(None), last >= TODAY))


def missing_directions(program_id: Key) -> Select[Any]:
    """Directions of the version that the plan has not."""
    followed, wanted = aliased(RegionalPlan), aliased(RegionalTemplateDirection)
    return (
        tagged("direction", wanted.code, wanted.position, *names(wanted))
        .select_from(followed)
        .join(wanted, wanted.template_id == followed.template_id)
        .where(followed.id == program_id, not_(stands_for(RegionalPlanDirection, wanted, followed)))
    )


def missing_groups(program_id: Key) -> Select[Any]:
    """Groups of the version that the plan has not."""
    followed, wanted = aliased(RegionalPlan), aliased(RegionalTemplateGroup)
    direction = aliased(RegionalTemplateDirection)
    return (
        tagged("group", wanted.code, wanted.position, direction.code, *names(wanted))
        .select_from(followed)
        .join(wanted, wanted.template_id == followed.template_id)
        .join(direction, direction.id == wanted.direction_id)
        .where(followed.id == program_id, not_(stands_for(RegionalPlanGroup, wanted, followed)))
    )


def stands_for(place: Any, wanted: Any, followed: Any) -> ColumnElement[bool]:
    """Whether something alive in the plan has the code."""
    held, node = aliased(place), aliased(Node)
    return exists(
        select(ONE)
        .select_from(held)
        .join(node, node.id == held.id)
        .where(
            held.plan_id == followed.id,
            held.code == wanted.code,
            held.locked,
            node.archived_at.is_(None),
        )
        .correlate_except(held, node)
    )


def moved_groups(program_id: Key) -> Select[Any]:
    """Groups that lie in another direction than in the version."""
    followed, held, node = aliased(RegionalPlan), aliased(RegionalPlanGroup), aliased(Node)
    wanted, home = aliased(RegionalTemplateGroup), aliased(RegionalTemplateDirection)
    group, above = aliased(ProjectGroup), aliased(NodeClosure)
    direction = aliased(RegionalPlanDirection)
    at_home = exists(
        select(ONE)
        .select_from(above)
        .join(direction, direction.id == above.ancestor_id)
        .where(above.descendant_id == held.id, direction.code == home.code)
        .correlate_except(above, direction)
    )
    return (
        tagged("moved", held.id, held.code, home.code, *names(group))
        .select_from(followed)
        .join(held, held.plan_id == followed.id)
        .join(node, node.id == held.id)
        .join(group, group.id == held.id)
        .join(
            wanted,
            and_(wanted.template_id == followed.template_id, wanted.code == held.code),
        )
        .join(home, home.id == wanted.direction_id)
        .where(followed.id == program_id, held.locked, node.archived_at.is_(None), not_(at_home))
    )


def parts(program_id: Key) -> Select[Any]:
    """The directions of the plan, and whether they come from the version it follows."""
    node, direction = aliased(Node), aliased(BasicDirection)
    held, request = aliased(RegionalPlanDirection), aliased(RegionalDirectionRequest)
    agreed = exists(
        select(ONE)
        .select_from(request)
        .where(request.direction_id == node.id, request.state == word("AGREED"))
        .correlate_except(request)
    )
    return (
        tagged(
            "part",
            node.id,
            node.kind,
            direction.kind,
            held.locked,
            agreed,
            YES,
            *names(direction),
        )
        .select_from(node)
        .join(direction, direction.id == node.id)
        .outerjoin(held, held.id == node.id)
        .where(node.parent_id == program_id, node.archived_at.is_(None))
    )


def groups(program_id: Key) -> Select[Any]:
    """The groups of the plan; compared with the version are those right in its directions."""
    node, group = aliased(Node), aliased(ProjectGroup)
    held, home = aliased(RegionalPlanGroup), aliased(RegionalPlanDirection)
    compared = exists(
        select(ONE)
        .select_from(home)
        .where(home.id == node.parent_id, home.locked)
        .correlate_except(home)
    )
    return (
        tagged("part", node.id, node.kind, NOTHING, held.locked, NOTHING, compared, *names(group))
        .select_from(node)
        .join(group, group.id == node.id)
        .outerjoin(held, held.id == node.id)
        .where(
            node.program_scope_id == program_id,
            node.kind == word("PROJECT_GROUP"),
            node.archived_at.is_(None),
        )
    )


def other_plans(program_id: Key) -> Select[Any]:
    """Further plans of the region that are neither closed nor archived."""
    ours, node, program = aliased(Node), aliased(Node), aliased(Program)
    return (
        tagged("other", program.id, *names(program))
        .select_from(ours)
        .join(node, node.region_id == ours.region_id)
        .join(program, program.id == node.id)
        .where(
            ours.id == program_id,
            node.id != program_id,
            program.kind == word(ProgramKind.REGIONAL_DEVELOPMENT_PLAN.name),
            node.archived_at.is_(None),
            or_(node.stage.is_(None), node.stage != word("CLOSED")),
        )
    )


def holders(program_id: Key) -> Select[Any]:
    """How many hold which role today: at the body, and at directions and groups of the plan."""
    ours, node, held = aliased(Node), aliased(Node), aliased(Appointment)
    place = or_(
        node.id == ours.state_body_id,
        and_(
            node.program_scope_id == ours.id,
            node.kind.in_([word("BASIC_DIRECTION"), word("PROJECT_GROUP")]),
        ),
    )
    counted = (
        select(held.node_id, held.role, held.group_number, held.employment, func.count().label("n"))
        .select_from(ours)
        .join(node, place)
        .join(held, held.node_id == node.id)
        .where(
            ours.id == program_id,
            node.archived_at.is_(None),
            in_force(held.valid_from, held.valid_to),
            is_main(held),
        )
        .group_by(held.node_id, held.role, held.group_number, held.employment)
        .correlate(None)
        .subquery()
    )
    return tagged(
        "held", counted.c.node_id, counted.c.role, counted.c.group_number, counted.c.employment,
        counted.c.n,
    ).select_from(counted)  # fmt: skip


def deadline(program_id: Key) -> Select[Any]:
    """The portfolio among those the plan serves that ends first."""
    served, priority = aliased(ProgramPriority), aliased(NationalPriority)
    return (
        select(priority.portfolio_deadline)
        .join(served, served.priority_id == priority.id)
        .where(served.program_id == program_id, priority.portfolio_deadline.is_not(None))
        .order_by(priority.portfolio_deadline)
        .limit(ONE)
        .correlate(None)
    )


def late_plan(program_id: Key) -> Select[Any]:
    """The plan, when it ends after a portfolio."""
    program, latest = aliased(Program), deadline(program_id).scalar_subquery()
    return (
        tagged("late", program.id, word("PROGRAM"), program.ends_on, latest, *names(program))
        .select_from(program)
        .where(program.id == program_id, program.ends_on > latest)
    )


def late_projects(program_id: Key) -> Select[Any]:
    """Projects that end after a portfolio the plan serves."""
    node, project, latest = aliased(Node), aliased(Project), deadline(program_id).subquery()
    return (
        tagged(
            "late", project.id, word("PROJECT"), project.ends_on, latest.c.portfolio_deadline,
            *names(project),
        )
        .select_from(latest)
        .join(project, project.ends_on > latest.c.portfolio_deadline)
        .join(node, node.id == project.id)
        .where(node.program_scope_id == program_id, node.archived_at.is_(None))
    )  # fmt: skip


def projects_elsewhere(program_id: Key) -> Select[Any]:
    """Projects with a place in another region than that of the plan."""
    node, project, place = aliased(Node), aliased(Project), aliased(ProjectLocation)
    outside = (
        select(ONE)
        .select_from(place)
        .where(
            place.project_id == node.id,
            place.region_id.is_not(None),
            place.region_id != node.region_id,
        )
        .correlate_except(place)
    )
    return (
        tagged("elsewhere", project.id, *names(project))
        .select_from(node)
        .join(project, project.id == node.id)
        .where(
            node.program_scope_id == program_id,
            node.kind == word("PROJECT"),
            node.archived_at.is_(None),
            exists(outside),
        )
    )


QUERIES: Sequence[Any] = (
    plan, peculiarities, missing_directions, missing_groups, moved_groups, parts, groups,
    other_plans, holders, late_plan, late_projects, projects_elsewhere,
)  # fmt: skip
