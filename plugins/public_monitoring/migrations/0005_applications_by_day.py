"""The inbox and the overdue list in the order they are read in, without looking at all rows.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX = "ix_monitoring_application_due_on_id"


def upgrade() -> None:
    op.create_index(INDEX, "monitoring_application", ["due_on", "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="monitoring_application")
