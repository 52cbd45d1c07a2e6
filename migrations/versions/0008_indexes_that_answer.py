"""Indexes that hold what lists and sums ask for, so that the tables are not read.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PARENT, SCOPE = "ix_node_parent_id_kind_stage", "ix_node_program_scope_id_kind_stage"
MONEY = "ix_project_id_currency_budget_minor"


def upgrade() -> None:
    op.drop_index("ix_node_parent_id_kind", table_name="node")
    op.drop_index("ix_node_program_scope_id", table_name="node")
    op.create_index(PARENT, "node", ["parent_id", "kind", "stage", "id"])
    op.create_index(SCOPE, "node", ["program_scope_id", "kind", "stage", "id"])
    op.create_index(MONEY, "project", ["id", "currency", "budget_minor"])


def downgrade() -> None:
    op.drop_index(MONEY, table_name="project")
    op.drop_index(SCOPE, table_name="node")
    op.drop_index(PARENT, table_name="node")
    op.create_index("ix_node_program_scope_id", "node", ["program_scope_id"])
    op.create_index("ix_node_parent_id_kind", "node", ["parent_id", "kind"])
