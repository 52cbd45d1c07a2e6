"""What lists of projects ask of their nodes, in the table of projects; kept the same by triggers.

Whoever rebuilds ``project`` or ``node`` in a later revision (batch mode on SQLite) has to make the
triggers again: they go with the table.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.base import Key
from core.db.types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    ("stage", sa.String(length=40)),
    ("parent_id", Key),
    ("program_scope_id", Key),
    ("state_body_id", Key),
    ("region_id", Key),
    ("archived_at", UtcDateTime()),
)
INDEXES = {
    "ix_project_stage_ends_on": ["stage", "ends_on", "id", "archived_at"],
    "ix_project_parent_id_number": [
        "parent_id", "number", "id", "stage", "currency", "budget_minor",
    ],
    "ix_project_state_body_id_number": ["state_body_id", "number", "id"],
    "ix_project_region_id_number": ["region_id", "number", "id"],
    "ix_project_program_scope_id_stage_currency": [
        "program_scope_id", "stage", "currency", "budget_minor", "id",
    ],
    "ix_project_id_stage_currency": ["id", "stage", "currency", "budget_minor"],
}  # fmt: skip
GROUPS = "ix_node_closure_groups"
MONEY = "ix_project_id_currency_budget_minor"

FILL = "UPDATE project SET (NAMES) = (SELECT NAMES FROM node WHERE node.id = project.id)"

POSTGRESQL = (
    # FOR SHARE: a change of the node that began before this row could be seen waits for it.
    """
CREATE FUNCTION project_copies_node() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT NAMES INTO NEW_VALUES FROM node WHERE id = NEW.id FOR SHARE;
  ELSE
    SELECT NAMES INTO NEW_VALUES FROM node WHERE id = NEW.id;
  END IF;
  RETURN NEW;
END $$""",
    """
CREATE TRIGGER project_copies_node BEFORE INSERT OR UPDATE OF id, NAMES ON project
FOR EACH ROW EXECUTE FUNCTION project_copies_node()""",
    """
CREATE FUNCTION node_tells_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE project SET (NAMES) = ROW(NEW_VALUES) WHERE id = NEW.id;
  RETURN NULL;
END $$""",
    """
CREATE TRIGGER node_tells_project AFTER UPDATE OF NAMES ON node
FOR EACH ROW WHEN ((OLD_VALUES) IS DISTINCT FROM (NEW_VALUES))
EXECUTE FUNCTION node_tells_project()""",
)

# A trigger of SQLite cannot change the row before it is written. One that is right already costs
# a look at its node.
SQLITE = (
    """
CREATE TRIGGER project_copies_node AFTER INSERT ON project
FOR EACH ROW WHEN (NEW_VALUES) IS NOT (SELECT NAMES FROM node WHERE id = NEW.id)
BEGIN
  UPDATE project SET (NAMES) = (SELECT NAMES FROM node WHERE id = NEW.id) WHERE id = NEW.id;
END""",
    """
CREATE TRIGGER project_keeps_copies AFTER UPDATE OF id, NAMES ON project
FOR EACH ROW WHEN (NEW_VALUES) IS NOT (SELECT NAMES FROM node WHERE id = NEW.id)
BEGIN
  UPDATE project SET (NAMES) = (SELECT NAMES FROM node WHERE id = NEW.id) WHERE id = NEW.id;
END""",
    """
CREATE TRIGGER node_tells_project AFTER UPDATE OF NAMES ON node
FOR EACH ROW WHEN (OLD_VALUES) IS NOT (NEW_VALUES)
BEGIN
  UPDATE project SET (NAMES) = (NEW_VALUES) WHERE id = NEW.id;
END""",
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("project", sa.Column(name, kind, nullable=True))
    op.execute(written(FILL))
    for statement in POSTGRESQL if on_postgresql() else SQLITE:
        op.execute(written(statement))
    op.drop_index(MONEY, table_name="project")
    for name, columns in INDEXES.items():
        op.create_index(name, "project", columns)
    groups = sa.text("kind = 'PROJECT_GROUP'")
    op.create_index(
        GROUPS,
        "node_closure",
        ["ancestor_id", "descendant_id"],
        postgresql_where=groups,
        sqlite_where=groups,
    )


def downgrade() -> None:
    op.drop_index(GROUPS, table_name="node_closure")
    for name in reversed(INDEXES):
        op.drop_index(name, table_name="project")
    op.create_index(MONEY, "project", ["id", "currency", "budget_minor"])
    if on_postgresql():
        op.execute("DROP TRIGGER node_tells_project ON node")
        op.execute("DROP TRIGGER project_copies_node ON project")
        op.execute("DROP FUNCTION node_tells_project()")
        op.execute("DROP FUNCTION project_copies_node()")
    else:
        for name in ("node_tells_project", "project_keeps_copies", "project_copies_node"):
            op.execute(f"DROP TRIGGER {name}")
    for name, _ in reversed(COLUMNS):
        # Not in batch mode: nothing but these columns goes.
        op.execute(f"ALTER TABLE project DROP COLUMN {name}")


def written(statement: str) -> str:
    """The statement with the columns in it."""
    names = [name for name, _ in COLUMNS]
    for row in ("OLD", "NEW"):
        values = ", ".join(f"{row}.{name}" for name in names)
        statement = statement.replace(f"{row}_VALUES", values)
    return statement.replace("NAMES", ", ".join(names))


def on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
