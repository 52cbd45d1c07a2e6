"""Where plugins are installed and switched on.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import JSON_VALUE, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installed_plugin",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("requires", JSON_VALUE, nullable=False),
        sa.Column("tables", JSON_VALUE, nullable=False),
        sa.Column("roles", JSON_VALUE, nullable=False),
        sa.Column("permissions", JSON_VALUE, nullable=False),
        sa.Column("installed_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installed_plugin")),
        sa.UniqueConstraint("plugin", name=op.f("uq_installed_plugin_plugin")),
    )
    op.create_table(
        "plugin_region",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", JSON_VALUE, nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_plugin_region_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_region")),
    )
    with op.batch_alter_table("plugin_region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plugin_region_region_id"), ["region_id"], unique=False)
        batch_op.create_index(
            "uq_plugin_region_plugin",
            ["plugin"],
            unique=True,
            sqlite_where=sa.text("region_id IS NULL"),
            postgresql_where=sa.text("region_id IS NULL"),
        )
        batch_op.create_index(
            "uq_plugin_region_plugin_region_id",
            ["plugin", "region_id"],
            unique=True,
            sqlite_where=sa.text("region_id IS NOT NULL"),
            postgresql_where=sa.text("region_id IS NOT NULL"),
        )

    op.create_table(
        "plugin_change",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin_region_id", Key, nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "ENABLED",
                "DISABLED",
                "SETTINGS_CHANGED",
                name="pluginact",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settings", JSON_VALUE, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plugin_change_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["plugin_region_id"],
            ["plugin_region.id"],
            name=op.f("fk_plugin_change_plugin_region_id_plugin_region"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plugin_change")),
    )
    with op.batch_alter_table("plugin_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plugin_change_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_plugin_change_plugin_region_id"), ["plugin_region_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("plugin_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plugin_change_plugin_region_id"))
        batch_op.drop_index(batch_op.f("ix_plugin_change_person_id"))

    op.drop_table("plugin_change")
    with op.batch_alter_table("plugin_region", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_plugin_region_plugin_region_id",
            sqlite_where=sa.text("region_id IS NOT NULL"),
            postgresql_where=sa.text("region_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_plugin_region_plugin",
            sqlite_where=sa.text("region_id IS NULL"),
            postgresql_where=sa.text("region_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_plugin_region_region_id"))

    op.drop_table("plugin_region")
    op.drop_table("installed_plugin")
