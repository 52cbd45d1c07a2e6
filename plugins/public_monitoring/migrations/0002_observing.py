"""Visits to sites, and recommendations.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import Key, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_index(
        "ix_monitoring_recommendation_addressee_id", "monitoring_recommendation", ["addressee_id"]
    )
    op.create_index(
        "ix_monitoring_recommendation_application_id",
        "monitoring_recommendation",
        ["application_id"],
    )
    op.create_index(
        "ix_monitoring_recommendation_copy_to_id", "monitoring_recommendation", ["copy_to_id"]
    )
    op.create_index(
        "ix_monitoring_recommendation_node_id", "monitoring_recommendation", ["node_id"]
    )
    op.create_index(
        "ix_monitoring_recommendation_state_due_on",
        "monitoring_recommendation",
        ["state", "due_on"],
    )
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
                "CALLED_OFF",
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
    op.create_index("ix_monitoring_visit_application_id", "monitoring_visit", ["application_id"])
    op.create_index("ix_monitoring_visit_manager_id", "monitoring_visit", ["manager_id"])
    op.create_index("ix_monitoring_visit_project_id", "monitoring_visit", ["project_id"])
    op.create_index("ix_monitoring_visit_state_due_on", "monitoring_visit", ["state", "due_on"])
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
    op.create_index("ix_monitoring_attachment_file_id", "monitoring_attachment", ["file_id"])
    op.create_index(
        "ix_monitoring_attachment_recommendation_id", "monitoring_attachment", ["recommendation_id"]
    )
    op.create_index("ix_monitoring_attachment_visit_id", "monitoring_attachment", ["visit_id"])
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
    op.create_index(
        "ix_monitoring_step_recommendation_id", "monitoring_step", ["recommendation_id"]
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
    op.drop_table("monitoring_step")
    op.drop_table("monitoring_attachment")
    op.drop_table("monitoring_visit")
    op.drop_table("monitoring_recommendation")
