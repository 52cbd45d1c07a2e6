"""Nodes and their closure."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum


class NodeKind(enum.Enum):
    """What a node is; each kind has a table of its own that shares the node's key."""

    COUNTRY = "country"
    NATIONAL_PRIORITY = "national priority"
    STATE_BODY = "state body"
    ORGANIZATION_UNIT = "organization unit"
    PROGRAM = "program"
    BASIC_DIRECTION = "basic direction"
    PROJECT_GROUP = "project group"
    PROJECT = "project"
    TASK = "task"


class Stage(enum.Enum):
    """Where an object is in its life [R2023 §9; the machine itself is a product default]."""

    INITIATION = "initiation"
    PLANNING = "planning"
    IMPLEMENTATION = "implementation"
    ADJUSTMENT = "adjustment"
    STOPPED = "stopped"
    CLOSURE = "closure"
    CLOSED = "closed"


class Origin(enum.Enum):
    """How a node came to be here."""

    ENTERED = "entered by an act"
    IMPORTED = "imported from another system; may lack what the Rules demand"
    SAMPLE = "made up for demonstration"


class Retention(enum.Enum):
    """How long an archived object is kept; nothing is deleted after initiation [R2023 §98]."""

    YEARS_5 = "five years"
    YEARS_10 = "ten years"
    PERMANENT = "for ever"


class Node(Base):
    """One place in the tree.

    ``region_id`` is the region of the owning body (null: national), ``state_body_id`` that body.
    ``program_scope_id`` is the program the node lies in or is; the standard basic direction of a
    body counts as one for everything inside it. It decides who is personnel of the same program.
    """

    __tablename__ = "node"
    __table_args__ = (
        UniqueConstraint("origin_system", "origin_id"),
        # Lists of children and sums over a program read these, and not the table.
        Index("ix_node_parent_id_kind_stage", "parent_id", "kind", "stage", "id"),
        Index("ix_node_program_scope_id_kind_stage", "program_scope_id", "kind", "stage", "id"),
        Index("ix_node_kind_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[NodeKind] = mapped_column(named_enum(NodeKind))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    state_body_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"), index=True)
    program_scope_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"))
    stage: Mapped[Stage | None] = mapped_column(named_enum(Stage))
    origin: Mapped[Origin] = mapped_column(named_enum(Origin), default=Origin.ENTERED)
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retention: Mapped[Retention | None] = mapped_column(named_enum(Retention))
    version: Mapped[int] = mapped_column(default=1)


class NodeClosure(Base):
    """``descendant`` lies ``depth`` levels below ``ancestor``; every node is its own at depth 0.

    Rows with ``service`` come from a program serving a national priority, not from containment:
    a role held at the priority reaches the program and everything inside it [R2023 §27]. ``kind``
    is that of the descendant: few of those below anything are of the kind asked for.
    """

    __tablename__ = "node_closure"
    __table_args__ = (
        Index("ix_node_closure_descendant_id", "descendant_id", "ancestor_id"),
        Index("ix_node_closure_ancestor_id_kind", "ancestor_id", "kind", "descendant_id"),
        # Asked once for every group of a tree: all of it stays at hand.
        Index(
            "ix_node_closure_groups",
            "ancestor_id",
            "descendant_id",
            postgresql_where=text("kind = 'PROJECT_GROUP'"),
            sqlite_where=text("kind = 'PROJECT_GROUP'"),
        ),
    )

    ancestor_id: Mapped[int] = mapped_column(
        ForeignKey("node.id"), primary_key=True, autoincrement=False
    )
    descendant_id: Mapped[int] = mapped_column(
        ForeignKey("node.id"), primary_key=True, autoincrement=False
    )
    depth: Mapped[int]
    kind: Mapped[NodeKind] = mapped_column(named_enum(NodeKind))
    service: Mapped[bool] = mapped_column(default=False)
