"""When the unit made a link for a member: by that nobody signs.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("monitoring_member", sa.Column("link_from_unit_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("monitoring_member", "link_from_unit_at")
