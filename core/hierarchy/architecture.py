"""Directions and groups of a program in bulk: what a plugin builds an architecture with.

None of these asks who may: the act that calls them has asked for a permission of its own. What the
Rules say about the shape of the tree they keep.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.errors import NotFound, RuleRefused
from core.hierarchy.archive import AT_REST, checked_retention
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.move import (
    require_managers_in_one_direction,
    require_rules_of_new_place,
    whereabouts,
)
from core.hierarchy.placement import require_place
from core.hierarchy.program import Program, ProgramKind
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.stages import refuse_unless_in, require_not_archived
from core.rows import change, entered, find
from core.texts import Names, cleaned_names
from core.tree.closure import insert_nodes, move_subtree, swap_parents
from core.tree.load import load_parent
from core.tree.lock import hold_tree, reshape_tree
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from core.work import Profile, Work

Changes = tuple[dict[str, Any], dict[str, Any]]
"""Columns before and after, as :func:`core.rows.change` tells them."""

REGIONAL = (BasicDirectionKind.REGIONAL_STANDARD, BasicDirectionKind.REGIONAL_ADDITIONAL)


@dataclass(frozen=True, slots=True)
class NewDirection:
    """A basic direction to be, with the names of its groups."""

    names: Names
    groups: Sequence[Names] = field(default=())


@dataclass(frozen=True, slots=True)
class AddedDirection:
    """A direction that was added, and its groups in the order they were named in."""

    direction: BasicDirection
    groups: Sequence[ProjectGroup]


async def add_directions(
    work: Work,
    program_id: int,
    kind: BasicDirectionKind,
    directions: Sequence[NewDirection],
    *,
    clause: str,
) -> list[AddedDirection]:
    """Add directions of a regional kind to a regional development plan, with groups [R2023 §49].

    Raises ``DIRECTION_KIND_NOT_ADOPTED`` for other kinds, ``REGIONAL_DIRECTION_STAYS_IN_PLAN`` for
    other programs, ``NODE_ARCHIVED``, ``WRONG_STAGE``, ``NAME_REQUIRED``, ``NOT_FOUND``.
    """
    if kind not in REGIONAL:
        raise RuleRefused("DIRECTION_KIND_NOT_ADOPTED", clause="R2023 §49", field="kind", kind=kind)
    node = await load_parent(work, program_id, NodeKind.PROGRAM, field="programId")
    refuse_unless_in(node)
    program = await find(work.session, Program, node.id)
    if program.kind is not ProgramKind.REGIONAL_DEVELOPMENT_PLAN:
        raise RuleRefused("REGIONAL_DIRECTION_STAYS_IN_PLAN", clause="R2023 §49", field="programId")
    values = [{"kind": kind, **cleaned_names(each.names)} for each in directions]
    nodes = await insert_nodes(
        work.session,
        kind=NodeKind.BASIC_DIRECTION,
        parents=[node] * len(directions),
        now=work.now,
        stage=Stage.INITIATION,
    )
    rows = [BasicDirection(id=at.id, **given) for at, given in zip(nodes, values, strict=True)]
    work.session.add_all(rows)
    await work.session.flush()
    for row, given in zip(rows, values, strict=True):
        work.record(
            "basicDirectionAdopted", row, node_id=row.id, after=entered(given), clause=clause
        )
    parents = [at for at, each in zip(nodes, directions, strict=True) for _ in each.groups]
    names = [name for each in directions for name in each.groups]
    groups = iter(await insert_groups(work, parents, names, clause=clause))
    return [
        AddedDirection(row, [next(groups) for _ in each.groups])
        for row, each in zip(rows, directions, strict=True)
    ]


async def add_groups(
    work: Work, groups: Sequence[tuple[int, Names]], *, clause: str
) -> list[ProjectGroup]:
    """Add groups to directions, each given by the key of its direction [R2023 §48, §49].

    Raises ``STANDARD_DIRECTION_HAS_SIX_GROUPS``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``NAME_REQUIRED``, ``NOT_FOUND``.
    """
    if not groups:
        return []
    await hold_tree(work.session)
    parents = await held(work, {direction_id for direction_id, _ in groups})
    _programs = await parents_of(work, parents.values())  # the rules find them in the session
    for parent in parents.values():
        refuse_unless_in(parent)
        await require_place(work.session, NodeKind.PROJECT_GROUP, parent)
    return await insert_groups(
        work,
        [parents[direction_id] for direction_id, _ in groups],
        [names for _, names in groups],
        clause=clause,
    )


async def insert_groups(
    work: Work, parents: Sequence[Node], names: Sequence[Names], *, clause: str
) -> list[ProjectGroup]:
    """The mechanics of adding groups: one under each parent."""
    values = [cleaned_names(each) for each in names]
    nodes = await insert_nodes(
        work.session,
        kind=NodeKind.PROJECT_GROUP,
        parents=parents,
        now=work.now,
        stage=Stage.INITIATION,
    )
    rows = [ProjectGroup(id=at.id, **given) for at, given in zip(nodes, values, strict=True)]
    work.session.add_all(rows)
    await work.session.flush()
    for row, given in zip(rows, values, strict=True):
        work.record("projectGroupCreated", row, node_id=row.id, after=entered(given), clause=clause)
    return rows


async def rename_parts(work: Work, names: Mapping[int, Names], *, clause: str) -> None:
    """Give directions and groups, by their keys, other names.

    Raises ``NAME_REQUIRED``, ``NOT_FOUND``.
    """
    nodes = await held(work, names)
    changed: list[tuple[Node, BasicDirection | ProjectGroup, Changes]] = []
    for model in (BasicDirection, ProjectGroup):
        chosen: Any = select(model).where(model.id.in_(nodes))
        for row in await work.session.scalars(chosen):
            before, after = change(row, cleaned_names(names[row.id]))
            if after:
                nodes[row.id].version += 1
                changed.append((nodes[row.id], row, (before, after)))
    await work.session.flush()
    for node, row, (before, after) in changed:
        group = isinstance(row, ProjectGroup)
        act = "projectGroupEdited" if group else "basicDirectionEdited"
        work.record(act, row, node_id=node.id, before=before, after=after, clause=clause)


async def held(work: Work, node_ids: Collection[int]) -> dict[int, Node]:
    """Directions and groups by their keys, held as they are. Raises ``NOT_FOUND``."""
    found = await work.session.scalars(
        select(Node)
        .where(
            Node.id.in_(node_ids),
            Node.kind.in_((NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)),
        )
        .order_by(Node.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    nodes = {node.id: node for node in found}
    if nodes.keys() != set(node_ids):
        raise NotFound
    return nodes


async def move_groups(work: Work, places: Mapping[int, int], *, reason: str, clause: str) -> None:
    """Put groups, with everything in them, into other directions, both by their keys.

    Raises ``NODE_ARCHIVED``, ``WRONG_STAGE``, ``NOT_FOUND`` and what a move raises about the new
    place, such as ``PROJECT_MANAGER_ONE_DIRECTION`` [R2023 §87].
    """
    if not places:
        return
    await reshape_tree(work.session)
    nodes = await held(work, {*places, *places.values()})
    above = await parents_of(work, nodes.values())
    before = {group_id: whereabouts(nodes[group_id]) for group_id in places}
    managed = await with_managers(work, places)
    beside: list[tuple[Node, Node, Node]] = []
    for group_id, direction_id in sorted(places.items()):
        node, parent = nodes[group_id], nodes[direction_id]
        require_not_archived(node)
        refuse_unless_in(parent)
        await require_place(work.session, node.kind, parent)
        old = above[node.parent_id or 0]
        if old.parent_id == parent.parent_id and old.kind is parent.kind:
            # Body and program stay the same: of the rules of the new place this one is left.
            if node.id in managed and work.rules.profile is Profile.R2023:
                await require_managers_in_one_direction(work, node, parent)
            beside.append((node, old, parent))
        else:
            await require_rules_of_new_place(work, node, parent)
            await move_subtree(work.session, node, parent)
    await swap_parents(work.session, beside)
    for group_id in places:
        nodes[group_id].version += 1
    await work.session.flush()
    for group_id in sorted(places):
        work.record(
            "nodeMoved",
            nodes[group_id],
            node_id=group_id,
            before=before[group_id],
            after=whereabouts(nodes[group_id]) | {"reason": reason},
            clause=clause,
        )


async def parents_of(work: Work, nodes: Collection[Node]) -> dict[int, Node]:
    """What lies directly above the nodes, and their programs: loaded for the rules that ask."""
    wanted = {each.parent_id for each in nodes} | {each.program_scope_id for each in nodes}
    found = await work.session.scalars(select(Node).where(Node.id.in_(wanted - {None})))
    return {node.id: node for node in found}


async def with_managers(work: Work, group_ids: Collection[int]) -> set[int]:
    """The groups in which somebody manages a project."""
    return set(
        await work.session.scalars(
            select(NodeClosure.ancestor_id)
            .join(Appointment, Appointment.node_id == NodeClosure.descendant_id)
            .where(
                NodeClosure.ancestor_id.in_(group_ids),
                NodeClosure.kind == NodeKind.PROJECT,
                Appointment.role == "project_manager",
            )
        )
    )


async def archive_empty(
    work: Work, node_ids: Collection[int], *, reason: str, clause: str
) -> list[int]:
    """Archive those directions and groups that hold nothing alive and have not begun [R2023 §98].

    Returns the keys of those archived. A direction is empty once its groups are: name them before.
    """
    inner, closure = aliased(Node), aliased(NodeClosure)
    alive_inside = exists(
        select(inner.id)
        .join(closure, closure.descendant_id == inner.id)
        .where(closure.ancestor_id == Node.id, closure.depth > 0, inner.archived_at.is_(None))
        .correlate(Node)
    )
    found = await work.session.scalars(
        select(Node)
        .where(
            Node.id.in_(node_ids),
            Node.kind.in_((NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP)),
            Node.archived_at.is_(None),
            Node.stage.is_(None) | Node.stage.in_([each for each in AT_REST if each is not None]),
            ~alive_inside,
        )
        .order_by(Node.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    nodes = found.all()
    put_away = {"archived_at": work.now, "retention": checked_retention(work, None)}
    changes = [change(node, put_away) for node in nodes]
    for node in nodes:
        node.version += 1
    await work.session.flush()
    for node, (before, after) in zip(nodes, changes, strict=True):
        work.record(
            "nodeArchived",
            node,
            node_id=node.id,
            before=before,
            after=after | {"reason": reason},
            clause=clause,
        )
    return [node.id for node in nodes]
