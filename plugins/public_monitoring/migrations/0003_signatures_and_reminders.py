"""What groups write of their object, signatures by certificate, numbers of answers, reminders.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADDED = (
    ("monitoring_application", "object_title", sa.Text()),
    ("monitoring_application", "office_note", sa.Text()),
    ("monitoring_member", "signature_sealed", sa.Text()),
    ("monitoring_recommendation", "reminded_on", sa.Date()),
    ("monitoring_visit", "reminded_on", sa.Date()),
)
BODY = "fk_monitoring_response_body_id_node"
NUMBER = "uq_monitoring_response_body_id_year_number"

APPLICATION = sa.table("monitoring_application", sa.column("id"), sa.column("body_id"))
RESPONSE = sa.table(
    "monitoring_response",
    sa.column("id"),
    sa.column("application_id"),
    sa.column("body_id"),
    sa.column("year"),
    sa.column("dated_on", sa.Date()),
)


def upgrade() -> None:
    for table, column, type_ in ADDED:
        op.add_column(table, sa.Column(column, type_, nullable=True))
    op.add_column("monitoring_response", sa.Column("body_id", Key, nullable=True))
    op.add_column("monitoring_response", sa.Column("year", sa.Integer(), nullable=True))
    body = sa.select(APPLICATION.c.body_id).where(APPLICATION.c.id == RESPONSE.c.application_id)
    op.execute(
        sa.update(RESPONSE).values(
            body_id=body.scalar_subquery(), year=sa.extract("year", RESPONSE.c.dated_on)
        )
    )
    with op.batch_alter_table("monitoring_response") as batch:
        batch.alter_column("body_id", existing_type=Key, nullable=False)
        batch.alter_column("year", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key(BODY, "node", ["body_id"], ["id"])
        batch.create_unique_constraint(NUMBER, ["body_id", "year", "number"])


def downgrade() -> None:
    with op.batch_alter_table("monitoring_response") as batch:
        batch.drop_constraint(NUMBER, type_="unique")
        batch.drop_constraint(BODY, type_="foreignkey")
        batch.drop_column("year")
        batch.drop_column("body_id")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column)
