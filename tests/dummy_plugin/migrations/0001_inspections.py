"""Inspections, what they demand, and their rounds.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import Key, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = ("PLANNED", "OVERDUE", "RECORDED")
VERDICTS = ("PASSED", "PASSED_WITH_REMARKS", "FAILED")


def upgrade() -> None:
    op.create_table(
        "inspections_inspection",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("inspector_id", Key, nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="inspectionsstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "verdict",
            sa.Enum(*VERDICTS, name="inspectionsverdict", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'RECORDED') = (verdict IS NOT NULL)",
            name=op.f("ck_inspections_inspection_verdict_when_recorded"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["node.id"], name=op.f("fk_inspections_inspection_project_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"],
            ["person.id"],
            name=op.f("fk_inspections_inspection_inspector_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections_inspection")),
    )
    op.create_index(
        "ix_inspections_inspection_project_id", "inspections_inspection", ["project_id"]
    )
    op.create_index(
        "ix_inspections_inspection_inspector_id", "inspections_inspection", ["inspector_id"]
    )
    op.create_index(
        "uq_inspections_inspection_open",
        "inspections_inspection",
        ["project_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'RECORDED'"),
        postgresql_where=sa.text("state <> 'RECORDED'"),
    )
    op.create_table(
        "inspections_follow_up",
        sa.Column("id", Key, nullable=False),
        sa.Column("inspection_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections_inspection.id"],
            name=op.f("fk_inspections_follow_up_inspection_id_inspections_inspection"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["node.id"], name=op.f("fk_inspections_follow_up_project_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections_follow_up")),
        sa.UniqueConstraint("inspection_id", name=op.f("uq_inspections_follow_up_inspection_id")),
    )
    op.create_index("ix_inspections_follow_up_project_id", "inspections_follow_up", ["project_id"])
    op.create_table(
        "inspections_round",
        sa.Column("id", Key, nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_inspections_round_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections_round")),
    )
    op.create_index("ix_inspections_round_region_id", "inspections_round", ["region_id"])


def downgrade() -> None:
    op.drop_table("inspections_round")
    op.drop_table("inspections_follow_up")
    op.drop_table("inspections_inspection")
