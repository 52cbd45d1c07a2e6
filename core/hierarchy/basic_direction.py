"""Basic directions."""

from __future__ import annotations

import enum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.db.types import named_enum
from core.errors import RuleRefused
from core.hierarchy.placement import require_place
from core.hierarchy.stages import refuse_unless_in
from core.rows import change, entered, find
from core.texts import Names, clean, cleaned_names
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent
from core.tree.node import NodeKind, Stage
from core.unset import UNSET, Unset
from core.work import Work


class BasicDirectionKind(enum.Enum):
    """Where a basic direction comes from; two of them are called "standard" [R2023 §49, §63]."""

    ORDINARY = "of a program"
    STANDARD = "the body's one standard direction"
    REGIONAL_STANDARD = "of the unified architecture of regional plans"
    REGIONAL_ADDITIONAL = "added to a regional plan by agreement with the Office"


class BasicDirection(Named, Base):
    """A basic direction of a program, or the standard one of a body [R2023 §2(10), §47, §63].

    ``task`` is the task of the program it answers.
    """

    __tablename__ = "basic_direction"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[BasicDirectionKind] = mapped_column(named_enum(BasicDirectionKind))
    task: Mapped[str | None] = mapped_column(Text)


async def adopt_basic_direction(
    work: Work,
    *,
    program_id: int,
    names: Names,
    task: str | None = None,
    kind: BasicDirectionKind = BasicDirectionKind.ORDINARY,
) -> BasicDirection:
    """Add a basic direction to a program's architecture [R2023 §45, §47, §74(1)].

    Action ``program.set_architecture`` at the program. Only ordinary directions are adopted here:
    the standard one appears with its body [R2023 §63], and the regional kinds follow the Office's
    architecture or its agreement [R2023 §49], which the core does not know. Raises
    ``DIRECTION_KIND_NOT_ADOPTED``, ``NODE_ARCHIVED``, ``WRONG_STAGE``.
    """
    program = await load_parent(work, program_id, NodeKind.PROGRAM, field="programId")
    await work.require("program.set_architecture", program.id, field="programId")
    if kind is not BasicDirectionKind.ORDINARY:
        clause = "R2023 §63" if kind is BasicDirectionKind.STANDARD else "R2023 §49"
        raise RuleRefused("DIRECTION_KIND_NOT_ADOPTED", clause=clause, field="kind", kind=kind)
    refuse_unless_in(program)
    await require_place(work.session, NodeKind.BASIC_DIRECTION, program, field="programId")
    values = {"kind": kind, "task": clean(task, "task"), **cleaned_names(names)}
    node = await insert_node(
        work.session,
        kind=NodeKind.BASIC_DIRECTION,
        parent=program,
        now=work.now,
        stage=Stage.INITIATION,
    )
    direction = BasicDirection(id=node.id, **values)
    work.session.add(direction)
    await work.session.flush()
    work.record(
        "basicDirectionAdopted",
        direction,
        node_id=node.id,
        after=entered(values),
        clause="R2023 §74(1)",
    )
    return direction


async def edit_basic_direction(
    work: Work,
    direction_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    task: str | Unset | None = UNSET,
) -> BasicDirection:
    """Change a basic direction [R2023 §78].

    Action ``bd.manage`` at the direction. The standard direction keeps its name and answers no
    task of a program [R2023 §63]. Raises ``CONFLICT``, ``NODE_ARCHIVED``, ``WRONG_STAGE``,
    ``STANDARD_DIRECTION_IS_FIXED``.
    """
    node = await lock_node(work.session, direction_id, NodeKind.BASIC_DIRECTION, field="id")
    await work.require("bd.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    direction = await find(work.session, BasicDirection, node.id)
    if direction.kind is BasicDirectionKind.STANDARD:
        raise RuleRefused("STANDARD_DIRECTION_IS_FIXED", clause="R2023 §63")
    before, after = change(
        direction,
        {
            "task": task if task is UNSET else clean(task, "task"),
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if after:
        node.version += 1
        await work.session.flush()
        work.record("basicDirectionEdited", direction, node_id=node.id, before=before, after=after)
    return direction
