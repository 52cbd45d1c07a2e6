"""A claim: what a file hangs at, and who may open it there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime


class FileClaim(Base):
    """A file hangs at a node for a purpose; who is allowed ``action`` there may open it.

    With ``person_id`` only that person opens it by this claim. ``plugin`` is whose claim it is,
    null being the core.
    """

    __tablename__ = "file_claim"
    __table_args__ = (UniqueConstraint("file_id", "node_id", "purpose"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("file.id"))
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    plugin: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)


NODE = sa.table("node", sa.column("id", Key), sa.column("region_id", Key))
SWITCH = sa.table(
    "plugin_region",
    sa.column("plugin", Text),
    sa.column("region_id", Key),
    sa.column("enabled", sa.Boolean),
)
# Named and not imported: the tree and the plugins stand on higher floors.


def is_open() -> ColumnElement[bool]:
    """Whether a claim counts: one of the core, or of a plugin that is on at its node."""
    republic: ColumnElement[int] = sa.literal_column("0")
    on = sa.exists(
        sa.select(sa.literal_column("1"))
        .select_from(SWITCH)
        .join(
            NODE,
            sa.func.coalesce(NODE.c.region_id, republic)
            == sa.func.coalesce(SWITCH.c.region_id, republic),
        )
        .where(
            NODE.c.id == FileClaim.node_id, SWITCH.c.plugin == FileClaim.plugin, SWITCH.c.enabled
        )
        .correlate(FileClaim)
    )
    return sa.or_(FileClaim.plugin.is_(None), on)


def unreferenced(file_id: Any) -> ColumnElement[bool]:
    """Whether neither a claim nor a table of the core names a file; a ticket keeps none."""
    columns = [
        key.parent
        for table in Base.metadata.sorted_tables
        if table.name != "file_ticket"
        for key in table.foreign_keys
        if key.target_fullname == "file.id"
    ]
    return sa.and_(
        *(
            ~sa.exists(
                sa.select(sa.literal_column("1"))
                .select_from(column.table)
                .where(column == file_id)
                .correlate_except(column.table)
            )
            for column in columns
        )
    )
