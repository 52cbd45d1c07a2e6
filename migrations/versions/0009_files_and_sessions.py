"""What files hang at and links to them; invitations, sessions and failed attempts to sign in.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = (
    ("file", "uploaded_at"),
    ("file", "uploaded_by_id"),
    ("act", "file_id"),
    ("task", "confirming_file_id"),
)


def upgrade() -> None:
    for table, column in INDEXES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)

    op.create_table(
        "file_claim",
        sa.Column("id", Key, nullable=False),
        sa.Column("file_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_file_claim_file_id_file")),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_file_claim_node_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_claim")),
        sa.UniqueConstraint(
            "file_id", "node_id", "purpose", name=op.f("uq_file_claim_file_id_node_id_purpose")
        ),
    )
    with op.batch_alter_table("file_claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_claim_node_id"), ["node_id"], unique=False)

    op.create_table(
        "file_ticket",
        sa.Column("id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("UPLOAD", "DOWNLOAD", name="ticketkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("file_id", Key, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_file_ticket_account_id_account")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_file_ticket_file_id_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_ticket")),
        sa.UniqueConstraint("hash", name=op.f("uq_file_ticket_hash")),
    )
    with op.batch_alter_table("file_ticket", schema=None) as batch_op:
        for column in ("account_id", "expires_at", "file_id"):
            batch_op.create_index(batch_op.f(f"ix_file_ticket_{column}"), [column], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_invitation_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("hash", name=op.f("uq_invitation_hash")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_account_id"), ["account_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_session_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("hash", name=op.f("uq_sign_in_session_hash")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        for column in ("account_id", "expires_at"):
            batch_op.create_index(
                batch_op.f(f"ix_sign_in_session_{column}"), [column], unique=False
            )

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", Key, nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
        sa.UniqueConstraint("began_at", "origin", name=op.f("uq_sign_in_attempt_began_at_origin")),
    )


def downgrade() -> None:
    for table in ("sign_in_attempt", "sign_in_session", "invitation", "file_ticket", "file_claim"):
        op.drop_table(table)
    for table, column in INDEXES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
