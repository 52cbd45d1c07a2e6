"""Organisation units of a state body."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.hierarchy.stages import refuse_unless_in
from core.rows import change, entered, find
from core.texts import CODE_LIMIT, Names, clean, cleaned_names
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent
from core.tree.node import NodeKind
from core.unset import UNSET, Unset
from core.work import Work


class OrganizationUnit(Named, Base):
    """A structural unit or subordinate organisation; nested under a body or another unit."""

    __tablename__ = "organization_unit"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str | None] = mapped_column(Text)


async def register_organization_unit(
    work: Work, *, parent_id: int, names: Names, code: str | None = None
) -> OrganizationUnit:
    """Register a unit of a body, or a unit inside a unit (product; R2023 §2(28), §62).

    Its head is an appointment. Action ``state_body.manage`` at the body or unit above. Raises
    ``NODE_ARCHIVED``, ``NOT_FOUND``.
    """
    parent = await load_parent(
        work, parent_id, NodeKind.STATE_BODY, NodeKind.ORGANIZATION_UNIT, field="parentId"
    )
    await work.require("state_body.manage", parent.id, field="parentId")
    refuse_unless_in(parent)
    values = {"code": clean(code, "code", limit=CODE_LIMIT), **cleaned_names(names)}
    node = await insert_node(
        work.session, kind=NodeKind.ORGANIZATION_UNIT, parent=parent, now=work.now
    )
    unit = OrganizationUnit(id=node.id, **values)
    work.session.add(unit)
    await work.session.flush()
    work.record("organizationUnitRegistered", unit, node_id=node.id, after=entered(values))
    return unit


async def edit_organization_unit(
    work: Work,
    unit_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    code: str | Unset | None = UNSET,
) -> OrganizationUnit:
    """Change a unit.

    Action ``state_body.manage`` at the unit. Raises ``CONFLICT``, ``NODE_ARCHIVED``.
    """
    node = await lock_node(work.session, unit_id, NodeKind.ORGANIZATION_UNIT, field="id")
    await work.require("state_body.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    unit = await find(work.session, OrganizationUnit, node.id)
    before, after = change(
        unit,
        {
            "code": code if code is UNSET else clean(code, "code", limit=CODE_LIMIT),
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if after:
        node.version += 1
        await work.session.flush()
        work.record("organizationUnitEdited", unit, node_id=node.id, before=before, after=after)
    return unit
