"""Applications, groups, answers, access, visits and recommendations.

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
    with op.batch_alter_table("monitoring_application", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_application_body_id"), ["body_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_application_contact_id"), ["contact_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_application_node_id"), ["node_id"], unique=False
        )
        batch_op.create_index(
            "ix_monitoring_application_state_due_on", ["state", "due_on"], unique=False
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
    with op.batch_alter_table("monitoring_member", schema=None) as batch_op:
        batch_op.create_index("ix_monitoring_member_iin_print", ["iin_print"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_monitoring_member_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "monitoring_recommendation",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "SENT",
                "ACKNOWLEDGED",
                "TAKEN",
                "NOT_ACCEPTED",
                "DONE",
                "REOPENED",
                name="monitoringrecommendationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
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
        sa.Column("planned", sa.Text(), nullable=True),
        sa.Column("observed", sa.Text(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("written_by_id", Key, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("addressee_id", Key, nullable=True),
        sa.Column("addressee_role", sa.Text(), nullable=True),
        sa.Column("copy_to_id", Key, nullable=True),
        sa.Column("task_id", Key, nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("reopened_at", UtcDateTime(), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["addressee_id"],
            ["person.id"],
            name=op.f("fk_monitoring_recommendation_addressee_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_recommendation_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["copy_to_id"],
            ["person.id"],
            name=op.f("fk_monitoring_recommendation_copy_to_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_monitoring_recommendation_node_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_monitoring_recommendation_task_id_task")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"],
            ["person.id"],
            name=op.f("fk_monitoring_recommendation_written_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_recommendation")),
    )
    with op.batch_alter_table("monitoring_recommendation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_recommendation_addressee_id"), ["addressee_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_recommendation_application_id"),
            ["application_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_recommendation_copy_to_id"), ["copy_to_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_recommendation_node_id"), ["node_id"], unique=False
        )
        batch_op.create_index(
            "ix_monitoring_recommendation_state_due_on", ["state", "due_on"], unique=False
        )

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
    with op.batch_alter_table("monitoring_target", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_monitoring_target_node_id"), ["node_id"], unique=False)

    op.create_table(
        "monitoring_visit",
        sa.Column("id", Key, nullable=False),
        sa.Column("application_id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "REQUESTED",
                "SCHEDULED",
                "HELD",
                "MISSED",
                "REFUSED",
                name="monitoringvisitstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("requested_by_id", Key, nullable=True),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("safety_note", sa.Text(), nullable=True),
        sa.Column("manager_id", Key, nullable=True),
        sa.Column("manager_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by_id", Key, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("manager_present", sa.Boolean(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["monitoring_application.id"],
            name=op.f("fk_monitoring_visit_application_id_monitoring_application"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_monitoring_visit_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"], ["person.id"], name=op.f("fk_monitoring_visit_manager_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["node.id"], name=op.f("fk_monitoring_visit_project_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["person.id"],
            name=op.f("fk_monitoring_visit_requested_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_visit")),
    )
    with op.batch_alter_table("monitoring_visit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_visit_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_visit_manager_id"), ["manager_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_visit_project_id"), ["project_id"], unique=False
        )
        batch_op.create_index("ix_monitoring_visit_state_due_on", ["state", "due_on"], unique=False)

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
    with op.batch_alter_table("monitoring_access", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_access_application_id"), ["application_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_access_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "monitoring_attachment",
        sa.Column("id", Key, nullable=False),
        sa.Column("visit_id", Key, nullable=True),
        sa.Column("recommendation_id", Key, nullable=True),
        sa.Column("file_id", Key, nullable=False),
        sa.Column("attached_by_id", Key, nullable=True),
        sa.Column("attached_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attached_by_id"],
            ["person.id"],
            name=op.f("fk_monitoring_attachment_attached_by_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_monitoring_attachment_file_id_file")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["monitoring_recommendation.id"],
            name=op.f("fk_monitoring_attachment_recommendation_id_monitoring_recommendation"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["monitoring_visit.id"],
            name=op.f("fk_monitoring_attachment_visit_id_monitoring_visit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_attachment")),
    )
    with op.batch_alter_table("monitoring_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_attachment_file_id"), ["file_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_attachment_recommendation_id"),
            ["recommendation_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_attachment_visit_id"), ["visit_id"], unique=False
        )

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
    with op.batch_alter_table("monitoring_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_document_file_id"), ["file_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_monitoring_document_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "monitoring_step",
        sa.Column("id", Key, nullable=False),
        sa.Column("recommendation_id", Key, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "SENT",
                "ACKNOWLEDGED",
                "TAKEN",
                "NOT_ACCEPTED",
                "DONE",
                "REOPENED",
                name="monitoringrecommendationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", Key, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_monitoring_step_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"],
            ["monitoring_recommendation.id"],
            name=op.f("fk_monitoring_step_recommendation_id_monitoring_recommendation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_step")),
    )
    with op.batch_alter_table("monitoring_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_monitoring_step_recommendation_id"), ["recommendation_id"], unique=False
        )

    op.create_table(
        "monitoring_visit_ground",
        sa.Column("id", Key, nullable=False),
        sa.Column("visit_id", Key, nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "SAFETY",
                "SECRECY",
                "NO_OBJECT_YET",
                "OBJECT_CLOSED",
                "OTHER",
                name="monitoringrefusalground",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["monitoring_visit.id"],
            name=op.f("fk_monitoring_visit_ground_visit_id_monitoring_visit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_visit_ground")),
        sa.UniqueConstraint(
            "visit_id", "code", name=op.f("uq_monitoring_visit_ground_visit_id_code")
        ),
    )
    op.create_table(
        "monitoring_visit_member",
        sa.Column("id", Key, nullable=False),
        sa.Column("visit_id", Key, nullable=False),
        sa.Column("member_id", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["monitoring_member.id"],
            name=op.f("fk_monitoring_visit_member_member_id_monitoring_member"),
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"],
            ["monitoring_visit.id"],
            name=op.f("fk_monitoring_visit_member_visit_id_monitoring_visit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_visit_member")),
        sa.UniqueConstraint(
            "visit_id", "member_id", name=op.f("uq_monitoring_visit_member_visit_id_member_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("monitoring_visit_member")
    op.drop_table("monitoring_visit_ground")
    with op.batch_alter_table("monitoring_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_step_recommendation_id"))

    op.drop_table("monitoring_step")
    with op.batch_alter_table("monitoring_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_document_member_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_document_file_id"))

    op.drop_table("monitoring_document")
    with op.batch_alter_table("monitoring_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_attachment_visit_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_attachment_recommendation_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_attachment_file_id"))

    op.drop_table("monitoring_attachment")
    with op.batch_alter_table("monitoring_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_access_member_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_access_application_id"))

    op.drop_table("monitoring_access")
    with op.batch_alter_table("monitoring_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_monitoring_visit_state_due_on")
        batch_op.drop_index(batch_op.f("ix_monitoring_visit_project_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_visit_manager_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_visit_application_id"))

    op.drop_table("monitoring_visit")
    with op.batch_alter_table("monitoring_target", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_target_node_id"))

    op.drop_table("monitoring_target")
    op.drop_table("monitoring_response")
    with op.batch_alter_table("monitoring_recommendation", schema=None) as batch_op:
        batch_op.drop_index("ix_monitoring_recommendation_state_due_on")
        batch_op.drop_index(batch_op.f("ix_monitoring_recommendation_node_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_recommendation_copy_to_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_recommendation_application_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_recommendation_addressee_id"))

    op.drop_table("monitoring_recommendation")
    with op.batch_alter_table("monitoring_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitoring_member_person_id"))
        batch_op.drop_index("ix_monitoring_member_iin_print")

    op.drop_table("monitoring_member")
    op.drop_table("monitoring_day")
    with op.batch_alter_table("monitoring_application", schema=None) as batch_op:
        batch_op.drop_index("ix_monitoring_application_state_due_on")
        batch_op.drop_index(batch_op.f("ix_monitoring_application_node_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_application_contact_id"))
        batch_op.drop_index(batch_op.f("ix_monitoring_application_body_id"))

    op.drop_table("monitoring_application")
