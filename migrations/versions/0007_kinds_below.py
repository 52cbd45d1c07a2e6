"""What kind of object lies below another, beside that it does; numbers in the order of code points.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KIND = sa.String(length=40)
BELOW = "ix_node_closure_ancestor_id_kind"


def upgrade() -> None:
    with op.batch_alter_table("node_closure") as batch:
        batch.add_column(sa.Column("kind", KIND, nullable=True))
    op.execute(
        "UPDATE node_closure SET kind ="
        " (SELECT kind FROM node WHERE node.id = node_closure.descendant_id)"
    )
    with op.batch_alter_table("node_closure") as batch:
        batch.alter_column("kind", existing_type=KIND, nullable=False)
        batch.create_index(BELOW, ["ancestor_id", "kind", "descendant_id"])
    if op.get_context().dialect.name == "postgresql":
        op.execute('ALTER TABLE project ALTER COLUMN number TYPE text COLLATE "C"')


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute('ALTER TABLE project ALTER COLUMN number TYPE text COLLATE "default"')
    with op.batch_alter_table("node_closure") as batch:
        batch.drop_index(BELOW)
        batch.drop_column("kind")
