"""Templates, plans that follow them, requests for additional directions, peculiarities.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from zhoba.api import JSON_VALUE, Key, SortText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regional_peculiarity",
        sa.Column("id", Key, nullable=False),
        sa.Column("region_id", Key, nullable=False),
        sa.Column("body_id", Key, nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "COMM_CENTRE",
                "SAC",
                "EXPERT_COUNCIL",
                "ARCHITECTURE",
                "ORG_STRUCTURE",
                name="regionalpeculiaritysubject",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("override", JSON_VALUE, nullable=False),
        sa.Column("act_id", Key, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from",
            name=op.f("ck_regional_peculiarity_days"),
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_regional_peculiarity_act_id_act")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["node.id"], name=op.f("fk_regional_peculiarity_body_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_regional_peculiarity_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_peculiarity")),
    )
    op.create_index("ix_regional_peculiarity_body_id", "regional_peculiarity", ["body_id"])
    op.create_index(
        "ix_regional_peculiarity_region_id_subject",
        "regional_peculiarity",
        ["region_id", "subject"],
    )

    op.create_table(
        "regional_template",
        sa.Column("id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "APPROVED",
                "RETIRED",
                name="regionaltemplatestatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "profile",
            sa.Enum("R2023", "R2021", name="profile", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("act_id", Key, nullable=True),
        sa.Column("approved_by_id", Key, nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'DRAFT') = (approved_at IS NULL)",
            name=op.f("ck_regional_template_approved_at"),
        ),
        sa.CheckConstraint(
            "(status = 'RETIRED') = (retired_at IS NOT NULL)",
            name=op.f("ck_regional_template_retired_at"),
        ),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_regional_template_act_id_act")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"],
            ["person.id"],
            name=op.f("fk_regional_template_approved_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_template")),
        sa.UniqueConstraint("number", name=op.f("uq_regional_template_number")),
    )
    op.create_index(
        "uq_regional_template_approved",
        "regional_template",
        ["status"],
        unique=True,
        sqlite_where=sa.text("status = 'APPROVED'"),
        postgresql_where=sa.text("status = 'APPROVED'"),
    )

    op.create_table(
        "regional_plan",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("region_id", Key, nullable=False),
        sa.Column("template_id", Key, nullable=False),
        sa.Column(
            "profile",
            sa.Enum("R2023", "R2021", name="profile", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("act_id", Key, nullable=True),
        sa.Column("adopted_by_id", Key, nullable=True),
        sa.Column("adopted_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_regional_plan_act_id_act")),
        sa.ForeignKeyConstraint(
            ["adopted_by_id"], ["person.id"], name=op.f("fk_regional_plan_adopted_by_id_person")
        ),
        sa.ForeignKeyConstraint(["id"], ["program.id"], name=op.f("fk_regional_plan_id_program")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_regional_plan_region_id_region")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["regional_template.id"],
            name=op.f("fk_regional_plan_template_id_regional_template"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_plan")),
    )
    op.create_index("ix_regional_plan_region_id", "regional_plan", ["region_id"])
    op.create_index("ix_regional_plan_template_id", "regional_plan", ["template_id"])
    op.create_index(
        "uq_regional_plan_active",
        "regional_plan",
        ["region_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "regional_template_direction",
        sa.Column("id", Key, nullable=False),
        sa.Column("template_id", Key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["regional_template.id"],
            name=op.f("fk_regional_template_direction_template_id_regional_template"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_template_direction")),
        sa.UniqueConstraint(
            "template_id", "code", name=op.f("uq_regional_template_direction_template_id_code")
        ),
    )
    op.create_table(
        "regional_direction_request",
        sa.Column("id", Key, nullable=False),
        sa.Column("plan_id", Key, nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("groups", JSON_VALUE, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "DRAFT",
                "SENT_TO_OFFICE",
                "AGREED",
                "RETURNED",
                name="regionalrequeststate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requested_by_id", Key, nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by_id", Key, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("direction_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'AGREED') = (direction_id IS NOT NULL)",
            name=op.f("ck_regional_direction_request_direction"),
        ),
        sa.CheckConstraint(
            "state <> 'RETURNED' OR decision IS NOT NULL",
            name=op.f("ck_regional_direction_request_reasons"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["person.id"],
            name=op.f("fk_regional_direction_request_decided_by_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["direction_id"],
            ["node.id"],
            name=op.f("fk_regional_direction_request_direction_id_node"),
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["regional_plan.id"],
            name=op.f("fk_regional_direction_request_plan_id_regional_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["person.id"],
            name=op.f("fk_regional_direction_request_requested_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_direction_request")),
        sa.UniqueConstraint(
            "direction_id", name=op.f("uq_regional_direction_request_direction_id")
        ),
    )
    op.create_index(
        "ix_regional_direction_request_plan_id", "regional_direction_request", ["plan_id"]
    )

    op.create_table(
        "regional_plan_direction",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("plan_id", Key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["node.id"], name=op.f("fk_regional_plan_direction_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["regional_plan.id"],
            name=op.f("fk_regional_plan_direction_plan_id_regional_plan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_plan_direction")),
        sa.UniqueConstraint(
            "plan_id", "code", name=op.f("uq_regional_plan_direction_plan_id_code")
        ),
    )
    op.create_table(
        "regional_plan_group",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("plan_id", Key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_regional_plan_group_id_node")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["regional_plan.id"],
            name=op.f("fk_regional_plan_group_plan_id_regional_plan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_plan_group")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_regional_plan_group_plan_id_code")),
    )
    op.create_table(
        "regional_template_group",
        sa.Column("id", Key, nullable=False),
        sa.Column("template_id", Key, nullable=False),
        sa.Column("direction_id", Key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["direction_id"],
            ["regional_template_direction.id"],
            name=op.f("fk_regional_template_group_direction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["regional_template.id"],
            name=op.f("fk_regional_template_group_template_id_regional_template"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regional_template_group")),
        sa.UniqueConstraint(
            "template_id", "code", name=op.f("uq_regional_template_group_template_id_code")
        ),
    )
    op.create_index(
        "ix_regional_template_group_direction_id", "regional_template_group", ["direction_id"]
    )


def downgrade() -> None:
    op.drop_table("regional_template_group")
    op.drop_table("regional_plan_group")
    op.drop_table("regional_plan_direction")
    op.drop_table("regional_direction_request")
    op.drop_table("regional_template_direction")
    op.drop_table("regional_plan")
    op.drop_table("regional_template")
    op.drop_table("regional_peculiarity")
