"""Loading a project to change it."""

from __future__ import annotations

from core.hierarchy.project.model import Project
from core.hierarchy.stages import EDITABLE, refuse_unless_in
from core.rows import find
from core.tree.editing import lock_node, refuse_stale
from core.tree.node import Node, NodeKind, Stage
from core.work import Work


async def open_project(
    work: Work,
    project_id: int,
    action: str,
    *,
    expected_version: int | None = None,
    stages: frozenset[Stage] = EDITABLE,
) -> tuple[Node, Project]:
    """A project the actor may do ``action`` to, as read, in one of ``stages``, held for a change.

    Raises :class:`~core.errors.NotFound`, :class:`~core.errors.NotAllowed`,
    :class:`~core.errors.StaleVersion` or :class:`~core.errors.WrongState`.
    """
    node = await lock_node(work.session, project_id, NodeKind.PROJECT)
    await work.require(action, node.id)
    if expected_version is not None:
        refuse_stale(node, expected_version)
    refuse_unless_in(node, stages)
    return node, await find(work.session, Project, node.id)
