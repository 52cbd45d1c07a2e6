"""Assertions about the policy.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_assertion",
        sa.Column("id", Key, nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("held_at_id", Key, nullable=True),
        sa.Column("node_id", Key, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column(
            "expected",
            sa.Enum("ALLOW", "DENY", name="expected", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_by_id", Key, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (role IS NULL)", name=op.f("ck_policy_assertion_one_subject")
        ),
        sa.CheckConstraint(
            "(role IS NULL) = (held_at_id IS NULL)",
            name=op.f("ck_policy_assertion_place_of_role"),
        ),
        sa.ForeignKeyConstraint(
            ["held_at_id"], ["node.id"], name=op.f("fk_policy_assertion_held_at_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_policy_assertion_made_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_policy_assertion_node_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_policy_assertion_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_policy_assertion_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_assertion")),
    )
    for column in ("held_at_id", "made_by_id", "node_id", "person_id", "region_id"):
        op.create_index(op.f(f"ix_policy_assertion_{column}"), "policy_assertion", [column])


def downgrade() -> None:
    op.drop_table("policy_assertion")
