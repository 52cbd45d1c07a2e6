"""A plugin as small as can be, whose tables refer to the core and to each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text

from core.authority.appointment import Appointment
from core.authority.catalogue import Permission, core_catalogue
from core.db.base import NAMING, Key
from core.places.region import Region
from core.plugins.plugin import PluginInfo
from core.tree.node import Node
from migrations.run import Migrations
from schema.contribution import Contribution
from zhoba.host.plugin import Plugin

ROLE = "visits_visitor"
TEXTS = {"kk": "бару", "ru": "посещение", "en": "visit"}

FIRST = """
import sqlalchemy as sa
from alembic import op

from core.db.base import Key

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "{id}_visit",
        sa.Column("id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column("appointment_id", Key),
        sa.Column("next_id", Key),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name="fk_{id}_visit_node_id_node"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name="fk_{id}_visit_appointment_id_appointment"
        ),
        sa.ForeignKeyConstraint(
            ["next_id"], ["{id}_visit.id"], name="fk_{id}_visit_next_id_{id}_visit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_{id}_visit"),
    )
    op.create_index("ix_{id}_visit_node_id", "{id}_visit", ["node_id"])
    op.create_table(
        "{id}_remark",
        sa.Column("id", Key, nullable=False),
        sa.Column("visit_id", Key, nullable=False),
        sa.Column("region_id", Key),
        sa.Column("text", sa.Text()),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["{id}_visit.id"], name="fk_{id}_remark_visit_id_{id}_visit",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name="fk_{id}_remark_region_id_region"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_{id}_remark"),
    )


def downgrade():
    op.drop_table("{id}_remark")
    op.drop_table("{id}_visit")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    # A rebuilt table is what loses its children where foreign keys are not off.
    rebuild = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("{id}_visit", recreate=rebuild) as batch:
        batch.add_column(sa.Column("grade", sa.Integer(), nullable=False, server_default="3"))


def downgrade():
    with op.batch_alter_table("{id}_visit", recreate="auto") as batch:
        batch.drop_column("grade")
"""

BROKEN = """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("INSERT INTO {id}_visit (node_id) SELECT id FROM node")
    op.execute("DROP TABLE no_such_table")


def downgrade():
    pass
"""


def tables(id: str, *, grade: bool = False) -> MetaData:
    """The models that belong to the first revision, or with ``grade`` to the second."""
    metadata = MetaData(naming_convention=NAMING)
    visit = Table(
        f"{id}_visit",
        metadata,
        Column("id", Key, primary_key=True),
        Column("node_id", Key, ForeignKey(Node.id), index=True, nullable=False),
        Column("appointment_id", Key, ForeignKey(Appointment.id)),
        Column("next_id", Key, ForeignKey(f"{id}_visit.id")),
    )
    if grade:
        visit.append_column(Column("grade", Integer, nullable=False, server_default="3"))
    Table(
        f"{id}_remark",
        metadata,
        Column("id", Key, primary_key=True),
        Column("visit_id", Key, ForeignKey(visit.c.id, ondelete="CASCADE"), nullable=False),
        Column("region_id", Key, ForeignKey(Region.id)),
        Column("text", Text),
    )
    return metadata


def tiny(
    folder: Path,
    *revisions: str,
    id: str = "visits",
    version: str = "1.0",
    requires: tuple[str, ...] = (),
) -> Plugin:
    """The plugin with these revisions, the first one if none is given."""
    versions = folder / f"{id}-{version}"
    versions.mkdir()
    for number, revision in enumerate(revisions or (FIRST,), 1):
        (versions / f"{number:04}_step.py").write_text(revision.replace("{id}", id))
    info = PluginInfo(
        id=id,
        version=version,
        title=TEXTS,
        description=TEXTS,
        requires_api=">=1",
        requires_plugins=requires,
    )
    return Plugin(
        info=info,
        module=ModuleType(id),
        hooks={},
        contribution=Contribution(owner=id),
        migrations=Migrations(versions, tables(id, grade=SECOND in revisions)),
        permissions=(Permission(f"{id}.read", "Read visits.", "product default"),),
        roles=(replace(core_catalogue().roles["project_manager"], code=f"{id}_visitor", owner=id),),
    )
