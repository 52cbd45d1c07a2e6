"""What every object of the tree has: place, stage, history, the people appointed there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from core.audit.entry import AuditEntry
from core.authority.appointment import Appointment
from core.hierarchy.stage_move import StageMove
from core.hierarchy.stages import MONITORED, stages_after
from core.people.person import Person
from core.places.region import Region
from core.tree.node import Node, NodeClosure, NodeKind, Stage
from schema.nouns.force import in_force
from schema.nouns.gaps import gap_field
from schema.planner.binding import Expression, Field, Interface, Value
from schema.planner.elements import text_literal
from schema.planner.row import Attribute, Model, Row
from schema.planner.words import col, computed, connection, expr, ident, many, one, text3
from schema.types import enum_type

STAGE = enum_type(Stage)

NODE = Interface(
    name="Node",
    description="Anything with an id; `node(id)` finds it again.",
    fields=("id",),
)


def place_columns() -> list[Value]:
    """The columns of an object of the tree by which mixed lists are filtered and sorted."""
    return [
        col("kind", Node.kind, "What kind of object it is.", where=True, group=True),
        col(
            "stage",
            Node.stage,
            "Where the object is in its life [R2023 §9]; null for what has no stages.",
            where=True,
            order=True,
            group=True,
        ),
        col("createdAt", Node.created_at, "When it was entered.", where=True, order=True),
        col(
            "archivedAt",
            Node.archived_at,
            "When it was archived; nothing is deleted after initiation [R2023 §98].",
            where=True,
        ),
    ]


TREE_FIELDS = (
    "id",
    "name",
    "names",
    "kind",
    "stage",
    "nextStages",
    "monitored",
    "version",
    "origin",
    "originSystem",
    "originId",
    "createdAt",
    "archivedAt",
    "retention",
    "region",
    "stateBody",
    "parent",
    "ancestors",
    "children",
    "descendants",
    "appointments",
    "history",
    "stageMoves",
    "gaps",
)

TREE_NODE = Interface(
    name="TreeNode",
    description=(
        "An object of the tree: country, priority, state body, unit, program, direction, group, "
        "project or task."
    ),
    fields=TREE_FIELDS,
    model=Node,
    kind=Node.kind,
    columns=tuple(place_columns()),
)

INTERFACES = (NODE, TREE_NODE)


def tree_fields(model: Model, kind: NodeKind) -> list[Field]:
    """The fields of :data:`TREE_NODE` for a noun with this table."""
    return [
        ident(),
        *text3(model, "Name of the object."),
        *place_columns(),
        expr(
            "monitored",
            Boolean(),
            lambda row: func.coalesce(
                or_(*(row[Node.stage] == each for each in MONITORED)), false()
            ),
            "Whether the object is being monitored: in implementation or adjustment "
            "[R2023 §9; product default].",
            nullable=False,
        ),
        computed(
            "nextStages",
            list[STAGE],  # type: ignore[valid-type]
            [Node.stage, Node.archived_at],
            lambda stage, archived: (
                [] if archived else list(stages_after(kind, stage or Stage.INITIATION))
            ),
            "The stages a move may be proposed to from here; empty for what has no stages or is "
            "archived (product default; R2023 §9).",
        ),
        col(
            "version",
            Node.version,
            "Counts the changes of the object; mutations take it as `expectedVersion`.",
        ),
        col("origin", Node.origin, "How the object came to be here.", where=True, group=True),
        col(
            "originSystem",
            Node.origin_system,
            "The system it was imported from.",
            where=True,
        ),
        col("originId", Node.origin_id, "Its identifier in that system.", where=True),
        col("retention", Node.retention, "How long it is kept once archived."),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[Node.region_id],
            "The region of the owning body; null: a national one. Where a project happens is told "
            "by its locations.",
            where=True,
        ),
        one(
            "stateBody",
            "StateBody",
            lambda me, it: it[Node.id] == me[Node.state_body_id],
            "The state body that owns it.",
            where=True,
        ),
        one(
            "parent",
            "TreeNode",
            lambda me, it: it[Node.id] == me[Node.parent_id],
            "What it lies in directly.",
        ),
        many(
            "ancestors",
            "TreeNode",
            lambda me, it: and_(
                it[NodeClosure.descendant_id] == me[model.id],
                it[NodeClosure.ancestor_id] == it[Node.id],
                it[NodeClosure.depth] > 0,
                it[NodeClosure.service] == false(),
            ),
            "What it lies in, from the country down to its parent; what the reader may not see is "
            "left out.",
            link=NodeClosure,
            order=lambda row: [-row[NodeClosure.depth]],
        ),
        connection(
            "children",
            "TreeNode",
            lambda me, it: it[Node.parent_id] == me[model.id],
            "What lies in it directly.",
        ),
        connection(
            "descendants",
            "TreeNode",
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[model.id],
                it[NodeClosure.descendant_id] == it[Node.id],
                it[NodeClosure.depth] > 0,
                it[NodeClosure.service] == false(),
            ),
            "Everything that lies in it, at any depth.",
            link=NodeClosure,
            large=True,
        ),
        connection(
            "appointments",
            "Appointment",
            lambda me, it: it[Appointment.node_id] == me[model.id],
            "Who holds or held which role here, by which act [R2023 App.1].",
        ),
        connection(
            "history",
            "AuditEntry",
            lambda me, it: it[AuditEntry.node_id] == me[model.id],
            "What was done to it, newest last: who, acting as what, before and after, by which "
            "clause.",
            level="history.read",
        ),
        connection(
            "stageMoves",
            "StageMove",
            lambda me, it: it[StageMove.node_id] == me[model.id],
            "Its moves from stage to stage: proposed, decided, refused.",
            level="history.read",
        ),
        gap_field(model, kind),
    ]


def head(name: str, roles: tuple[str, ...], at: Attribute, description: str) -> Value:
    """The full name of whoever holds one of ``roles`` at the node in ``at`` today (basic level)."""
    return expr(name, Person.full_name.type, holder_name(roles, at), description)


def holder_name(roles: tuple[str, ...], at: Attribute) -> Expression:
    """The name of the holder, the longest in office first."""

    def sql(row: Row) -> ColumnElement[Any]:
        held: Any = aliased(Appointment)
        person: Any = aliased(Person)
        return (
            select(person.full_name)
            .join(held, held.person_id == person.id)
            .where(
                held.node_id == row[at],
                held.role.in_([text_literal(role) for role in roles]),
                in_force(held.valid_from, held.valid_to),
            )
            .order_by(held.valid_from, held.id)
            .limit(1)
            .correlate(None)
            .scalar_subquery()
        )

    return sql
