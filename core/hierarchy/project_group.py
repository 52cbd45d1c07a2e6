"""Project groups, nested inside one basic direction."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.errors import RuleRefused
from core.hierarchy.placement import require_place
from core.hierarchy.stages import refuse_unless_in
from core.rows import change, entered, find
from core.texts import Names, cleaned_names
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent, load_seen
from core.tree.node import Node, NodeKind, Stage
from core.unset import UNSET, Unset
from core.work import Work


class ProjectGroup(Named, Base):
    """A group of projects [R2023 §2(28)-(29), §48, §65].

    ``standard_code`` is that of one of the six groups of the standard direction [R2023 §63].
    """

    __tablename__ = "project_group"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    standard_code: Mapped[str | None] = mapped_column(Text)
    responsible_unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization_unit.id"))


async def create_project_group(
    work: Work, *, parent_id: int, names: Names, responsible_unit_id: int | None = None
) -> ProjectGroup:
    """Decompose a basic direction, or a group of it, into a further group [R2023 §48, §65].

    Action ``project_group.create`` at the direction or group above. Lying in one parent, a group
    lies in one direction, and never in itself. Raises ``STANDARD_DIRECTION_HAS_SIX_GROUPS``,
    ``NODE_ARCHIVED``, ``WRONG_STAGE``, ``NOT_FOUND``, ``RESPONSIBLE_UNIT_OF_ANOTHER_BODY``.
    """
    parent = await load_parent(
        work, parent_id, NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP, field="parentId"
    )
    await work.require("project_group.create", parent.id, field="parentId")
    refuse_unless_in(parent)
    await require_place(work.session, NodeKind.PROJECT_GROUP, parent)
    values = {
        "responsible_unit_id": await checked_unit(work, parent, responsible_unit_id),
        **cleaned_names(names),
    }
    node = await insert_node(
        work.session,
        kind=NodeKind.PROJECT_GROUP,
        parent=parent,
        now=work.now,
        stage=Stage.INITIATION,
    )
    group = ProjectGroup(id=node.id, **values)
    work.session.add(group)
    await work.session.flush()
    work.record(
        "projectGroupCreated", group, node_id=node.id, after=entered(values), clause="R2023 §48"
    )
    return group


async def edit_project_group(
    work: Work,
    group_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    responsible_unit_id: int | Unset | None = UNSET,
) -> ProjectGroup:
    """Change a project group [R2023 §66, §81].

    Action ``project_group.manage`` at the group. The six groups of a standard direction keep their
    names, their responsible unit may be set [R2023 §63]. Raises ``CONFLICT``, ``NODE_ARCHIVED``,
    ``WRONG_STAGE``, ``STANDARD_DIRECTION_IS_FIXED``, ``NOT_FOUND``,
    ``RESPONSIBLE_UNIT_OF_ANOTHER_BODY``.
    """
    node = await lock_node(work.session, group_id, NodeKind.PROJECT_GROUP, field="id")
    await work.require("project_group.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    group = await find(work.session, ProjectGroup, node.id)
    if group.standard_code is not None and names is not UNSET:
        raise RuleRefused("STANDARD_DIRECTION_IS_FIXED", clause="R2023 §63", field="names")
    if responsible_unit_id is not UNSET:
        responsible_unit_id = await checked_unit(work, node, responsible_unit_id)
    before, after = change(
        group,
        {
            "responsible_unit_id": responsible_unit_id,
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if after:
        node.version += 1
        await work.session.flush()
        work.record("projectGroupEdited", group, node_id=node.id, before=before, after=after)
    return group


async def checked_unit(work: Work, place: Node, unit_id: int | None) -> int | None:
    """The unit responsible for a group there; it is one of the same body [R2023 §2(28)].

    Raises ``NOT_FOUND``, ``NODE_ARCHIVED``, ``RESPONSIBLE_UNIT_OF_ANOTHER_BODY``.
    """
    if unit_id is None:
        return None
    unit = await load_seen(work, unit_id, NodeKind.ORGANIZATION_UNIT, field="responsibleUnitId")
    refuse_unless_in(unit)
    if unit.state_body_id != place.state_body_id:
        raise RuleRefused(
            "RESPONSIBLE_UNIT_OF_ANOTHER_BODY", clause="R2023 §2(28)", field="responsibleUnitId"
        )
    return unit.id
