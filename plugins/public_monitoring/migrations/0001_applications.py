"""Applications, groups, answers and access.

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


def upgrade() -> None:
    op.create_table(
        "monitoring_application",
        sa.Column("id", Key, nullable=False),
        sa.Column("body_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column(
            "target_kind",
            sa.Enum(
                "PROJECT",
                "PROJECT_GROUPS",
                name="monitoringtargetkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wants_system", sa.Boolean(), nullable=False),
        sa.Column("wants_territory", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "SUBMITTED",
                "UNDER_CHECK",
                "RETURNED",
                "ACCESS_REQUESTED",
                "ACCESS_GRANTED",
                "ACTIVE",
                "SUSPENDED",
                "RESPONDED",
                "REFUSED",
                "REVOKED",
                "CLOSED",
                "WITHDRAWN",
                name="monitoringapplicationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("contact_id", Key, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_in_time", sa.Boolean(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["node.id"], name=op.f("fk_monitoring_application_body_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["person.id"], name=op.f("fk_monitoring_application_contact_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_monitoring_application_node_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_application")),
    )
    op.create_index(
        "ix_monitoring_application_figures",
        "monitoring_application",
        ["body_id", "state", "submitted_at", "answered_on", "answered_in_time", "due_on"],
    )
    op.create_index(
        "ix_monitoring_application_contact_id", "monitoring_application", ["contact_id"]
    )
    op.create_index("ix_monitoring_application_node_id", "monitoring_application", ["node_id"])
    op.create_index(
        "ix_monitoring_application_state_due_on", "monitoring_application", ["state", "due_on"]
    )
    op.create_table(
        "monitoring_day",
        sa.Column("id", Key, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_day")),
        sa.UniqueConstraint("day", name=op.f("uq_monitoring_day_day")),
    )
    op.create_table(
        "monitoring_member",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("iin_sealed", sa.Text(), nullable=True),
        sa.Column("iin_print", sa.Text(), nullable=True),
        sa.Column("conflict", sa.Text(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("signature_kind", sa.Text(), nullable=True),
        sa.Column("verified_at", UtcDateTime(), nullable=True),
        sa.Column("verified_by_id", Key, nullable=True),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_member_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_monitoring_member_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"],
            ["person.id"],
            name=op.f("fk_monitoring_member_verified_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_member")),
        sa.UniqueConstraint(
            "application_id",
            "person_id",
            name=op.f("uq_monitoring_member_application_id_person_id"),
        ),
    )
    op.create_index("ix_monitoring_member_iin_print", "monitoring_member", ["iin_print"])
    op.create_index("ix_monitoring_member_person_id", "monitoring_member", ["person_id"])
    op.create_table(
        "monitoring_response",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column(
            "territory",
            sa.Enum(
                "ALLOWED",
                "REFUSED",
                "NOT_REQUESTED",
                name="monitoringterritoryanswer",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("territory_at", UtcDateTime(), nullable=True),
        sa.Column("territory_address", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("manager_phone", sa.Text(), nullable=True),
        sa.Column("manager_id", Key, nullable=True),
        sa.Column("signed_by_id", Key, nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_response_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["person.id"], name=op.f("fk_monitoring_response_manager_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_monitoring_response_signed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_response")),
        sa.UniqueConstraint("application_id", name=op.f("uq_monitoring_response_application_id")),
    )
    op.create_table(
        "monitoring_target",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_target_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_monitoring_target_node_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_target")),
        sa.UniqueConstraint(
            "application_id", "node_id", name=op.f("uq_monitoring_target_application_id_node_id")
        ),
    )
    op.create_index("ix_monitoring_target_node_id", "monitoring_target", ["node_id"])
    op.create_table(
        "monitoring_access",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("member_id", Key, nullable=False),
        sa.Column("appointment_id", Key, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_access_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_monitoring_access_appointment_id_appointment"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["monitoring_member.id"],
            name=op.f("fk_monitoring_access_member_id_monitoring_member"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_access")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_monitoring_access_appointment_id")),
    )
    op.create_index("ix_monitoring_access_application_id", "monitoring_access", ["application_id"])
    op.create_index("ix_monitoring_access_member_id", "monitoring_access", ["member_id"])
    op.create_table(
        "monitoring_document",
        sa.Column("id", Key, nullable=False),
        sa.Column("member_id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CONVICTION",
                "PSYCHONEUROLOGICAL",
                "NARCOLOGICAL",
                "OTHER",
                name="monitoringdocumentkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", Key, nullable=True),
        sa.Column("attached_at", UtcDateTime(), nullable=False),
        sa.Column("deleted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_monitoring_document_file_id_file")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["monitoring_member.id"],
            name=op.f("fk_monitoring_document_member_id_monitoring_member"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_document")),
    )
    op.create_index("ix_monitoring_document_file_id", "monitoring_document", ["file_id"])
    op.create_index("ix_monitoring_document_member_id", "monitoring_document", ["member_id"])


def downgrade() -> None:
    op.drop_table("monitoring_document")
    op.drop_table("monitoring_access")
    op.drop_table("monitoring_target")
    op.drop_table("monitoring_response")
    op.drop_table("monitoring_member")
    op.drop_table("monitoring_day")
    op.drop_table("monitoring_application")
