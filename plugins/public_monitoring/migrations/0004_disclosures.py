"""What a body discloses to observers: facts, and open documents.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import Key, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FACT, DOCUMENT = "monitoring_fact", "monitoring_open_document"


def foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    """A foreign key to the id of a table of the core, under the usual name."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def upgrade() -> None:
    op.create_table(
        FACT,
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column(
            "parameter",
            sa.Enum(
                "TERM",
                "QUALITY",
                "COST",
                "RESULT",
                name="monitoringparameter",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("planned", sa.Text(), nullable=True),
        sa.Column("actual", sa.Text(), nullable=True),
        sa.Column("spent_minor", Key, nullable=True),
        sa.Column("stated_by_id", Key, nullable=True),
        sa.Column("stated_at", UtcDateTime(), nullable=False),
        foreign(FACT, "project_id", "project"),
        foreign(FACT, "stated_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_fact")),
    )
    op.create_index("ix_monitoring_fact_project_id", FACT, ["project_id", "parameter", "as_of"])
    op.create_table(
        DOCUMENT,
        sa.Column("id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("file_id", Key, nullable=False),
        sa.Column("opened_by_id", Key, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        foreign(DOCUMENT, "node_id", "node"),
        foreign(DOCUMENT, "file_id", "file"),
        foreign(DOCUMENT, "opened_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_open_document")),
    )
    for column in ("node_id", "file_id"):
        op.create_index(op.f(f"ix_{DOCUMENT}_{column}"), DOCUMENT, [column])


def downgrade() -> None:
    op.drop_table(DOCUMENT)
    op.drop_table(FACT)
