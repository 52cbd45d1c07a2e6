"""Files only one person opens; tickets that are being sent with.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PERSON = "fk_file_claim_person_id_person"


def upgrade() -> None:
    with op.batch_alter_table("file_claim", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", Key, nullable=True))
        batch_op.create_foreign_key(batch_op.f(PERSON), "person", ["person_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_file_claim_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("file_ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("begun_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("file_ticket", schema=None) as batch_op:
        batch_op.drop_column("begun_at")
    with op.batch_alter_table("file_claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_claim_person_id"))
        batch_op.drop_constraint(batch_op.f(PERSON), type_="foreignkey")
        batch_op.drop_column("person_id")
