"""Versions of the policy.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_policy_version_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_policy_version_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("number", name=op.f("uq_policy_version_number")),
    )
    op.create_index(op.f("ix_policy_version_person_id"), "policy_version", ["person_id"])
    op.create_index(op.f("ix_policy_version_region_id"), "policy_version", ["region_id"])
    op.create_table(
        "policy_draft",
        sa.Column("id", Key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "OPEN",
                "PUBLISHED",
                "DISCARDED",
                name="draftstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_policy_draft_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_policy_draft_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_draft")),
    )
    op.create_index(op.f("ix_policy_draft_person_id"), "policy_draft", ["person_id"])
    op.create_index(op.f("ix_policy_draft_region_id"), "policy_draft", ["region_id"])
    op.create_table(
        "policy_change",
        sa.Column("id", Key, nullable=False),
        sa.Column("version_id", Key, nullable=True),
        sa.Column("draft_id", Key, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("by_region", sa.Boolean(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(version_id IS NULL) <> (draft_id IS NULL)", name=op.f("ck_policy_change_one_home")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["policy_draft.id"], name=op.f("fk_policy_change_draft_id_policy_draft")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["policy_version.id"],
            name=op.f("fk_policy_change_version_id_policy_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_change")),
    )
    op.create_index(
        "ix_policy_change_version_id_position", "policy_change", ["version_id", "position"]
    )
    op.create_index("ix_policy_change_draft_id_position", "policy_change", ["draft_id", "position"])


def downgrade() -> None:
    op.drop_table("policy_change")
    op.drop_table("policy_draft")
    op.drop_table("policy_version")
