"""Absences, substitutions and the log of decisions.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import JSON_VALUE, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "LEAVE",
                "BUSINESS_TRIP",
                "TRAINING",
                "SICK_LEAVE",
                "OTHER",
                name="absencereason",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_absence_person_id_first_day", ["person_id", "first_day"], unique=False
        )

    op.create_table(
        "substitution",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("replaced_id", Key, nullable=True),
        sa.Column("absence_id", Key, nullable=True),
        sa.Column("performer_id", Key, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"], ["appointment.id"], name=op.f("fk_substitution_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_id"],
            ["appointment.id"],
            name=op.f("fk_substitution_replaced_id_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["absence_id"], ["absence.id"], name=op.f("fk_substitution_absence_id_absence")
        ),
        sa.ForeignKeyConstraint(
            ["performer_id"],
            ["appointment.id"],
            name=op.f("fk_substitution_performer_id_appointment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    with op.batch_alter_table("substitution", schema=None) as batch_op:
        for column in ("replaced_id", "absence_id", "performer_id"):
            batch_op.create_index(batch_op.f(f"ix_substitution_{column}"), [column], unique=False)

    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_appointment_person_id_role", ["person_id", "role", "node_id"], unique=False
        )

    op.create_table(
        "decision_entry",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("DENIED", "SENSITIVE_READ", name="decisionkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("node_id", Key, nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("subject_id", Key, nullable=True),
        sa.Column("fields", JSON_VALUE, nullable=False),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("account_id", Key, nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_entry")),
    )
    with op.batch_alter_table("decision_entry", schema=None) as batch_op:
        batch_op.create_index("ix_decision_entry_at", ["at"], unique=False)
        batch_op.create_index("ix_decision_entry_node_id_at", ["node_id", "at"], unique=False)
        batch_op.create_index("ix_decision_entry_person_id_at", ["person_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("decision_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_entry_person_id_at")
        batch_op.drop_index("ix_decision_entry_node_id_at")
        batch_op.drop_index("ix_decision_entry_at")

    op.drop_table("decision_entry")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_person_id_role")

    with op.batch_alter_table("substitution", schema=None) as batch_op:
        for column in ("performer_id", "absence_id", "replaced_id"):
            batch_op.drop_index(batch_op.f(f"ix_substitution_{column}"))

    op.drop_table("substitution")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_person_id_first_day")

    op.drop_table("absence")
