"""The queue of jobs, and the places and failures of event handlers.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def attempted() -> list[sa.Column[object]]:
    """The columns of what is tried again."""
    states = ("WAITING", "DONE", "PASSED_OVER", "DEAD")
    state = sa.Enum(*states, name="attemptstate", native_enum=False, length=40)
    return [
        sa.Column("state", state, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "handler_place",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("transaction_id", Key, nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handler_place")),
        sa.UniqueConstraint("plugin", "handler", name=op.f("uq_handler_place_plugin_handler")),
    )
    op.create_table(
        "event_delivery",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        *attempted(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_delivery")),
        sa.UniqueConstraint(
            "plugin", "handler", "event_id", name=op.f("uq_event_delivery_plugin_handler_event_id")
        ),
    )
    op.create_index("ix_event_delivery_state_next_at", "event_delivery", ["state", "next_at"])
    op.create_table(
        "job_schedule",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("scheduled_to", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_schedule")),
        sa.UniqueConstraint("plugin", "job", name=op.f("uq_job_schedule_plugin_job")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", Key, nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        *attempted(),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_job_run_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index("ix_job_run_state_next_at", "job_run", ["state", "next_at"])
    op.create_index(op.f("ix_job_run_region_id"), "job_run", ["region_id"])
    op.create_index(
        "uq_job_run_plugin_job_region_id_due_at",
        "job_run",
        ["plugin", "job", "region_id", "due_at"],
        unique=True,
        sqlite_where=sa.text("region_id IS NOT NULL"),
        postgresql_where=sa.text("region_id IS NOT NULL"),
    )
    op.create_index(
        "uq_job_run_plugin_job_due_at",
        "job_run",
        ["plugin", "job", "due_at"],
        unique=True,
        sqlite_where=sa.text("region_id IS NULL"),
        postgresql_where=sa.text("region_id IS NULL"),
    )


def downgrade() -> None:
    for table in ("job_run", "job_schedule", "event_delivery", "handler_place"):
        op.drop_table(table)
