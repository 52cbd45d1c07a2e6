"""The tables of the core.

Revision ID: 0001
Revises: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key, SortText
from core.db.types import JSON_VALUE, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("chain", Key, autoincrement=False, nullable=False),
        sa.Column("length", Key, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", Key, nullable=False),
        sa.Column("chain", Key, nullable=False),
        sa.Column("position", Key, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("account_id", Key, nullable=True),
        sa.Column("person_id", Key, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("acting_as", sa.Text(), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=True),
        sa.Column("before", JSON_VALUE, nullable=True),
        sa.Column("after", JSON_VALUE, nullable=True),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("chain", "position", name=op.f("uq_audit_entry_chain_position")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_node_id_id", ["node_id", "id"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("result", JSON_VALUE, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("account_id", "key", name=op.f("uq_idempotency_key_account_id_key")),
    )
    op.create_table(
        "outbox_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=True),
        sa.Column("payload", JSON_VALUE, nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("transaction_id", Key, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
    )
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_event_transaction_id_id", ["transaction_id", "id"], unique=False
        )

    op.create_table(
        "project_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_project_number")),
    )
    op.create_table(
        "region",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kato", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "REGION",
                "CITY_OF_REPUBLICAN_SIGNIFICANCE",
                "CAPITAL",
                name="regionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("special_regime", sa.Boolean(), nullable=False),
        sa.Column("origin_system", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("code", name=op.f("uq_region_code")),
        sa.UniqueConstraint(
            "origin_system", "origin_id", name=op.f("uq_region_origin_system_origin_id")
        ),
    )
    op.create_table(
        "administrative_unit",
        sa.Column("id", Key, nullable=False),
        sa.Column("region_id", Key, nullable=False),
        sa.Column("parent_id", Key, nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CITY",
                "DISTRICT",
                "RURAL_DISTRICT",
                name="administrativeunitkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("origin_system", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["administrative_unit.id"],
            name=op.f("fk_administrative_unit_parent_id_administrative_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_administrative_unit_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrative_unit")),
        sa.UniqueConstraint(
            "origin_system",
            "origin_id",
            name=op.f("uq_administrative_unit_origin_system_origin_id"),
        ),
        sa.UniqueConstraint(
            "region_id", "code", name=op.f("uq_administrative_unit_region_id_code")
        ),
    )
    with op.batch_alter_table("administrative_unit", schema=None) as batch_op:
        batch_op.create_index("ix_administrative_unit_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "node",
        sa.Column("id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "COUNTRY",
                "NATIONAL_PRIORITY",
                "STATE_BODY",
                "ORGANIZATION_UNIT",
                "PROGRAM",
                "BASIC_DIRECTION",
                "PROJECT_GROUP",
                "PROJECT",
                "TASK",
                name="nodekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", Key, nullable=True),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("state_body_id", Key, nullable=True),
        sa.Column("program_scope_id", Key, nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "INITIATION",
                "PLANNING",
                "IMPLEMENTATION",
                "ADJUSTMENT",
                "STOPPED",
                "CLOSURE",
                "CLOSED",
                name="stage",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "origin",
            sa.Enum("ENTERED", "IMPORTED", "SAMPLE", name="origin", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("origin_system", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.Column(
            "retention",
            sa.Enum(
                "YEARS_5", "YEARS_10", "PERMANENT", name="retention", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["node.id"], name=op.f("fk_node_parent_id_node")),
        sa.ForeignKeyConstraint(
            ["program_scope_id"], ["node.id"], name=op.f("fk_node_program_scope_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_node_region_id_region")
        ),
        sa.ForeignKeyConstraint(
            ["state_body_id"], ["node.id"], name=op.f("fk_node_state_body_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        sa.UniqueConstraint(
            "origin_system", "origin_id", name=op.f("uq_node_origin_system_origin_id")
        ),
    )
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.create_index("ix_node_kind_id", ["kind", "id"], unique=False)
        batch_op.create_index("ix_node_parent_id_kind", ["parent_id", "kind"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_node_program_scope_id"), ["program_scope_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_node_region_id"), ["region_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_node_state_body_id"), ["state_body_id"], unique=False)

    op.create_table(
        "basic_direction",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ORDINARY",
                "STANDARD",
                "REGIONAL_STANDARD",
                "REGIONAL_ADDITIONAL",
                name="basicdirectionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("task", sa.Text(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_basic_direction_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basic_direction")),
    )
    op.create_table(
        "country",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_country_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country")),
        sa.UniqueConstraint("code", name=op.f("uq_country_code")),
    )
    op.create_table(
        "national_priority",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("portfolio_goal", sa.Text(), nullable=True),
        sa.Column("portfolio_deadline", sa.Date(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_national_priority_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_national_priority")),
        sa.UniqueConstraint("code", name=op.f("uq_national_priority_code")),
    )
    op.create_table(
        "node_closure",
        sa.Column("ancestor_id", Key, autoincrement=False, nullable=False),
        sa.Column("descendant_id", Key, autoincrement=False, nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("service", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["node.id"], name=op.f("fk_node_closure_ancestor_id_node")
        ),
        sa.ForeignKeyConstraint(
            ["descendant_id"], ["node.id"], name=op.f("fk_node_closure_descendant_id_node")
        ),
        sa.PrimaryKeyConstraint("ancestor_id", "descendant_id", name=op.f("pk_node_closure")),
    )
    with op.batch_alter_table("node_closure", schema=None) as batch_op:
        batch_op.create_index(
            "ix_node_closure_descendant_id", ["descendant_id", "ancestor_id"], unique=False
        )

    op.create_table(
        "organization_unit",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_organization_unit_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_unit")),
    )
    op.create_table(
        "program",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "NATIONAL_PROJECT",
                "REGIONAL_DEVELOPMENT_PLAN",
                "PROGRAM",
                "OTHER_STRATEGIC_DOCUMENT",
                name="programkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_program_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
    )
    op.create_table(
        "state_body",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CENTRAL",
                "LOCAL_EXECUTIVE",
                "LAW_ENFORCEMENT",
                "PRESIDENT_SUBORDINATE",
                "NATIONAL_SECURITY",
                name="statebodykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bin", sa.Text(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_state_body_id_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_body")),
        sa.UniqueConstraint("bin", name=op.f("uq_state_body_bin")),
    )
    op.create_table(
        "person",
        sa.Column("id", Key, nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("patronymic", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("full_name_sort", SortText, nullable=False),
        sa.Column("full_name_search", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("state_body_id", Key, nullable=True),
        sa.Column("organization_unit_id", Key, nullable=True),
        sa.Column("iin", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column(
            "certificate_level",
            sa.Enum(
                "TECHNICIAN",
                "PROJECT_MANAGEMENT",
                "PROGRAM_MANAGEMENT",
                "PORTFOLIO_MANAGEMENT",
                name="certificatelevel",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("certificate_number", sa.Text(), nullable=True),
        sa.Column("certificate_expires_on", sa.Date(), nullable=True),
        sa.Column("origin_system", sa.Text(), nullable=True),
        sa.Column("origin_id", sa.Text(), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_unit_id"],
            ["organization_unit.id"],
            name=op.f("fk_person_organization_unit_id_organization_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["state_body_id"], ["state_body.id"], name=op.f("fk_person_state_body_id_state_body")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("iin", name=op.f("uq_person_iin")),
        sa.UniqueConstraint(
            "origin_system", "origin_id", name=op.f("uq_person_origin_system_origin_id")
        ),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_full_name_sort"), ["full_name_sort"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_person_organization_unit_id"), ["organization_unit_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_person_state_body_id"), ["state_body_id"], unique=False
        )

    op.create_table(
        "program_priority",
        sa.Column("program_id", Key, autoincrement=False, nullable=False),
        sa.Column("priority_id", Key, autoincrement=False, nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["priority_id"],
            ["national_priority.id"],
            name=op.f("fk_program_priority_priority_id_national_priority"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["program.id"], name=op.f("fk_program_priority_program_id_program")
        ),
        sa.PrimaryKeyConstraint("program_id", "priority_id", name=op.f("pk_program_priority")),
    )
    with op.batch_alter_table("program_priority", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_program_priority_priority_id"), ["priority_id"], unique=False
        )

    op.create_table(
        "project_group",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("standard_code", sa.Text(), nullable=True),
        sa.Column("responsible_unit_id", Key, nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_project_group_id_node")),
        sa.ForeignKeyConstraint(
            ["responsible_unit_id"],
            ["organization_unit.id"],
            name=op.f("fk_project_group_responsible_unit_id_organization_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_group")),
    )
    op.create_table(
        "account",
        sa.Column("id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PERSON", "SYSTEM", name="accountkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("locked_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_account_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_person_id"), ["person_id"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("budget_minor", Key, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("budget_program_code", sa.Text(), nullable=True),
        sa.Column(
            "duration_class",
            sa.Enum(
                "SHORT_TERM",
                "MEDIUM_TERM",
                "LONG_TERM",
                name="durationclass",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "cost_class",
            sa.Enum(
                "LOW_BUDGET",
                "MEDIUM_BUDGET",
                "HIGH_BUDGET",
                name="costclass",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "scale_class",
            sa.Enum(
                "MONOPROJECT",
                "MULTIPROJECT",
                "MEGAPROJECT",
                name="scaleclass",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "product_class",
            sa.Enum(
                "INFORMATIZATION_OBJECT",
                "LEGAL_ACT",
                "INFRASTRUCTURE",
                "BUILDING",
                name="productclass",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "time_class",
            sa.Enum("CRITICAL", "URGENT", "NORMAL", name="timeclass", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column(
            "financing_class",
            sa.Enum("INTERNAL", "EXTERNAL", name="financingclass", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("product_has_priority", sa.Boolean(), nullable=False),
        sa.Column("contractual", sa.Boolean(), nullable=False),
        sa.Column("implementing_body", sa.Text(), nullable=True),
        sa.Column("results_accepted_at", UtcDateTime(), nullable=True),
        sa.Column("results_accepted_by_id", Key, nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.CheckConstraint("budget_minor >= 0", name=op.f("ck_project_budget_not_negative")),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_project_id_node")),
        sa.ForeignKeyConstraint(
            ["results_accepted_by_id"],
            ["person.id"],
            name=op.f("fk_project_results_accepted_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index("ix_project_budget_minor_id", ["budget_minor", "id"], unique=False)
        batch_op.create_index("ix_project_ends_on_id", ["ends_on", "id"], unique=False)
        batch_op.create_index("ix_project_name_kk_sort_id", ["name_kk_sort", "id"], unique=False)
        batch_op.create_index("ix_project_starts_on_id", ["starts_on", "id"], unique=False)

    op.create_table(
        "file",
        sa.Column("id", Key, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", Key, nullable=False),
        sa.Column("uploaded_by_id", Key, nullable=True),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_file_uploaded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_sha256"), ["sha256"], unique=False)

    op.create_table(
        "identity",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_identity_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_account_id"), ["account_id"], unique=False)

    op.create_table(
        "lesson",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", Key, nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_lesson_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_lesson_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_project_id"), ["project_id"], unique=False)

    op.create_table(
        "project_funding",
        sa.Column("project_id", Key, autoincrement=False, nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "REPUBLICAN_BUDGET",
                "LOCAL_BUDGET",
                "OTHER_PUBLIC",
                "PRIVATE",
                "FOREIGN",
                name="fundingsource",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_funding_project_id_project")
        ),
        sa.PrimaryKeyConstraint("project_id", "source", name=op.f("pk_project_funding")),
    )
    op.create_table(
        "project_location",
        sa.Column("id", Key, nullable=False),
        sa.Column("project_id", Key, nullable=False),
        sa.Column("nationwide", sa.Boolean(), nullable=False),
        sa.Column("region_id", Key, nullable=True),
        sa.Column("administrative_unit_id", Key, nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "latitude between -90 and 90", name=op.f("ck_project_location_latitude")
        ),
        sa.CheckConstraint(
            "longitude between -180 and 180", name=op.f("ck_project_location_longitude")
        ),
        sa.ForeignKeyConstraint(
            ["administrative_unit_id"],
            ["administrative_unit.id"],
            name=op.f("fk_project_location_administrative_unit_id_administrative_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_location_project_id_project")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_project_location_region_id_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_location")),
    )
    with op.batch_alter_table("project_location", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_project_location_administrative_unit_id"),
            ["administrative_unit_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_project_location_project_id"), ["project_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_project_location_region_id"), ["region_id"], unique=False
        )

    op.create_table(
        "service_key",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scopes", JSON_VALUE, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_service_key_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_service_key_hash")),
        sa.UniqueConstraint("prefix", name=op.f("uq_service_key_prefix")),
    )
    with op.batch_alter_table("service_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_key_account_id"), ["account_id"], unique=False)

    op.create_table(
        "act",
        sa.Column("id", Key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ORDER",
                "DIRECTIVE",
                "PROTOCOL",
                "ASSIGNMENT",
                "RESOLUTION",
                name="actkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("body_id", Key, nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("file_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["state_body.id"], name=op.f("fk_act_body_id_state_body")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_act_file_id_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sa.UniqueConstraint(
            "kind",
            "number",
            "dated_on",
            "body_id",
            name=op.f("uq_act_kind_number_dated_on_body_id"),
        ),
    )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_act_body_id"), ["body_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("TASK", "MILESTONE", "ACTIVITY", name="taskkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("executor_id", Key, nullable=True),
        sa.Column("predecessor_id", Key, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("confirming_document", sa.Text(), nullable=True),
        sa.Column("confirming_file_id", Key, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("name_kk", sa.Text(), nullable=True),
        sa.Column("name_ru", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("name_kk_sort", SortText, nullable=False),
        sa.Column("name_ru_sort", SortText, nullable=False),
        sa.Column("name_en_sort", SortText, nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["confirming_file_id"], ["file.id"], name=op.f("fk_task_confirming_file_id_file")
        ),
        sa.ForeignKeyConstraint(
            ["executor_id"], ["person.id"], name=op.f("fk_task_executor_id_person")
        ),
        sa.ForeignKeyConstraint(["id"], ["node.id"], name=op.f("fk_task_id_node")),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["task.id"], name=op.f("fk_task_predecessor_id_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_executor_id"), ["executor_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", Key, nullable=False),
        sa.Column("person_id", Key, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column(
            "employment",
            sa.Enum("FULL", "COMBINED", name="employment", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "attachment",
            sa.Enum(
                "STAFF",
                "FREELANCE",
                "SECONDMENT",
                "INTERNSHIP",
                name="attachment",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("participation_percent", sa.Integer(), nullable=True),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("group_number", sa.Integer(), nullable=True),
        sa.Column("act_id", Key, nullable=True),
        sa.Column("appointed_by_id", Key, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("release_act_id", Key, nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_appointment_act_id_act")),
        sa.ForeignKeyConstraint(
            ["appointed_by_id"],
            ["appointment.id"],
            name=op.f("fk_appointment_appointed_by_id_appointment"),
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_appointment_node_id_node")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_appointment_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["release_act_id"], ["act.id"], name=op.f("fk_appointment_release_act_id_act")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_act_id"), ["act_id"], unique=False)
        batch_op.create_index("ix_appointment_node_id_role", ["node_id", "role"], unique=False)
        batch_op.create_index(
            "ix_appointment_person_id_node_id", ["person_id", "node_id"], unique=False
        )

    op.create_table(
        "governing_committee",
        sa.Column("id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("act_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["act_id"], ["act.id"], name=op.f("fk_governing_committee_act_id_act")
        ),
        sa.ForeignKeyConstraint(
            ["node_id"], ["node.id"], name=op.f("fk_governing_committee_node_id_node")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_governing_committee")),
        sa.UniqueConstraint("node_id", name=op.f("uq_governing_committee_node_id")),
    )
    op.create_table(
        "project_office",
        sa.Column("id", Key, nullable=False),
        sa.Column("state_body_id", Key, nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "CENTRAL_BODY",
                "LOCAL_EXECUTIVE",
                "LAW_ENFORCEMENT",
                "PRESIDENT_SUBORDINATE",
                "STATE_PARTICIPATION_BASE",
                name="projectofficeform",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_on", sa.Date(), nullable=False),
        sa.Column("act_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_project_office_act_id_act")),
        sa.ForeignKeyConstraint(
            ["state_body_id"],
            ["state_body.id"],
            name=op.f("fk_project_office_state_body_id_state_body"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_office")),
        sa.UniqueConstraint("state_body_id", name=op.f("uq_project_office_state_body_id")),
    )
    op.create_table(
        "stage_move",
        sa.Column("id", Key, nullable=False),
        sa.Column("node_id", Key, nullable=False),
        sa.Column(
            "from_stage",
            sa.Enum(
                "INITIATION",
                "PLANNING",
                "IMPLEMENTATION",
                "ADJUSTMENT",
                "STOPPED",
                "CLOSURE",
                "CLOSED",
                name="stage",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "to_stage",
            sa.Enum(
                "INITIATION",
                "PLANNING",
                "IMPLEMENTATION",
                "ADJUSTMENT",
                "STOPPED",
                "CLOSURE",
                "CLOSED",
                name="stage",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PROPOSED",
                "CONFIRMED",
                "REFUSED",
                "WITHDRAWN",
                name="stagemovestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_by_id", Key, nullable=True),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", Key, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("act_id", Key, nullable=True),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_stage_move_act_id_act")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_stage_move_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(["node_id"], ["node.id"], name=op.f("fk_stage_move_node_id_node")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_stage_move_proposed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_move")),
    )
    with op.batch_alter_table("stage_move", schema=None) as batch_op:
        batch_op.create_index("ix_stage_move_node_id_id", ["node_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("stage_move", schema=None) as batch_op:
        batch_op.drop_index("ix_stage_move_node_id_id")

    op.drop_table("stage_move")
    op.drop_table("project_office")
    op.drop_table("governing_committee")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_person_id_node_id")
        batch_op.drop_index("ix_appointment_node_id_role")
        batch_op.drop_index(batch_op.f("ix_appointment_act_id"))

    op.drop_table("appointment")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_executor_id"))

    op.drop_table("task")
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_act_body_id"))

    op.drop_table("act")
    with op.batch_alter_table("service_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_key_account_id"))

    op.drop_table("service_key")
    with op.batch_alter_table("project_location", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_location_region_id"))
        batch_op.drop_index(batch_op.f("ix_project_location_project_id"))
        batch_op.drop_index(batch_op.f("ix_project_location_administrative_unit_id"))

    op.drop_table("project_location")
    op.drop_table("project_funding")
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_project_id"))

    op.drop_table("lesson")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_account_id"))

    op.drop_table("identity")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_file_sha256"))

    op.drop_table("file")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index("ix_project_starts_on_id")
        batch_op.drop_index("ix_project_name_kk_sort_id")
        batch_op.drop_index("ix_project_ends_on_id")
        batch_op.drop_index("ix_project_budget_minor_id")

    op.drop_table("project")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_person_id"))

    op.drop_table("account")
    op.drop_table("project_group")
    with op.batch_alter_table("program_priority", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_program_priority_priority_id"))

    op.drop_table("program_priority")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_state_body_id"))
        batch_op.drop_index(batch_op.f("ix_person_organization_unit_id"))
        batch_op.drop_index(batch_op.f("ix_person_full_name_sort"))

    op.drop_table("person")
    op.drop_table("state_body")
    op.drop_table("program")
    op.drop_table("organization_unit")
    with op.batch_alter_table("node_closure", schema=None) as batch_op:
        batch_op.drop_index("ix_node_closure_descendant_id")

    op.drop_table("node_closure")
    op.drop_table("national_priority")
    op.drop_table("country")
    op.drop_table("basic_direction")
    with op.batch_alter_table("node", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_node_state_body_id"))
        batch_op.drop_index(batch_op.f("ix_node_region_id"))
        batch_op.drop_index(batch_op.f("ix_node_program_scope_id"))
        batch_op.drop_index("ix_node_parent_id_kind")
        batch_op.drop_index("ix_node_kind_id")

    op.drop_table("node")
    with op.batch_alter_table("administrative_unit", schema=None) as batch_op:
        batch_op.drop_index("ix_administrative_unit_parent_id")

    op.drop_table("administrative_unit")
    op.drop_table("region")
    op.drop_table("project_number")
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_event_transaction_id_id")

    op.drop_table("outbox_event")
    op.drop_table("idempotency_key")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index("ix_audit_entry_node_id_id")

    op.drop_table("audit_entry")
    op.drop_table("audit_chain")
