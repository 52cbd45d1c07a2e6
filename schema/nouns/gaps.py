"""What the Rules ask of an object and it lacks: shown above all for imported ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from core.authority.appointment import Appointment
from core.hierarchy.gaps import Gap, gaps, inputs_of
from core.hierarchy.program import ProgramPriority
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.project_office import ProjectOffice
from core.hierarchy.state_body import GoverningCommittee
from core.tree.node import Node, NodeKind
from schema.nouns.force import in_force
from schema.planner.binding import Computed, Fact, Level
from schema.planner.row import Attribute, Model, Row
from schema.planner.words import computed


@strawberry.type(name="Gap", description="Something the Rules ask of an object that it lacks.")
class GapInfo:
    """One thing that is missing."""

    gap: strawberry.Private[Gap]

    @strawberry.field(description="Code of what is missing.")
    def code(self) -> str:
        return self.gap.code

    @strawberry.field(description="A sentence in the caller's language.")
    def message(self, info: strawberry.Info[Any, None]) -> str:
        text: str = info.context.services.messages.text(self.gap.code, info.context.language)
        return text

    @strawberry.field(description='The clause of the Rules, or "product default".')
    def clause(self) -> str:
        return self.gap.clause

    @strawberry.field(description="The field of the object that is empty.")
    def field(self) -> str:
        return self.gap.field


def gap_field(model: Model, kind: NodeKind) -> Computed:
    """The field ``gaps`` of a noun."""
    names = inputs_of(kind)
    facts = facts_of(model, kind)
    sources: list[Attribute | Fact] = [facts.get(name) or getattr(model, name) for name in names]

    def work_out(*values: Any) -> list[GapInfo]:
        given = dict(zip(names, values, strict=True))
        if "held_roles" in given:
            given["held_roles"] = frozenset((given["held_roles"] or "").split(","))
        return [GapInfo(gap=gap) for gap in gaps(kind, given)]

    return computed(
        "gaps",
        list[GapInfo],
        sources,
        work_out,
        "What the Rules ask of it and it lacks; imported objects may lack much, and the Rules "
        "bind from the first act on.",
        level=Level.FULL,
    )


def facts_of(model: Model, kind: NodeKind) -> dict[str, Fact]:
    """The facts of :data:`core.hierarchy.gaps.FACTS` as expressions over the noun's row."""
    place: Attribute = Node.state_body_id if kind is NodeKind.PROGRAM else model.id
    return {
        "held_roles": Fact(sa.Text(), held_roles(place)),
        "lead_priority_id": Fact(
            sa.BigInteger(),
            one_of(
                ProgramPriority.priority_id,
                lambda row: (ProgramPriority.program_id == row[model.id], ProgramPriority.lead),
            ),
        ),
        "project_office_id": Fact(
            sa.BigInteger(),
            one_of(ProjectOffice.id, lambda row: (ProjectOffice.state_body_id == row[model.id],)),
        ),
        "governing_committee_id": Fact(
            sa.BigInteger(),
            one_of(
                GoverningCommittee.id, lambda row: (GoverningCommittee.node_id == row[model.id],)
            ),
        ),
        "location_count": Fact(
            sa.BigInteger(),
            one_of(func.count(), lambda row: (ProjectLocation.project_id == row[model.id],)),
        ),
    }


def one_of(
    value: Any, where: Callable[[Row], tuple[Any, ...]]
) -> Callable[[Row], ColumnElement[Any]]:
    """One value of another table, as an expression over our row."""

    def sql(row: Row) -> ColumnElement[Any]:
        return select(value).where(*where(row)).limit(1).correlate(None).scalar_subquery()

    return sql


def held_roles(place: Attribute) -> Callable[[Row], ColumnElement[Any]]:
    """Codes of the roles somebody holds today at the node in ``place``, with commas between."""

    def sql(row: Row) -> ColumnElement[Any]:
        held: Any = aliased(Appointment)
        return (
            select(func.aggregate_strings(held.role, ","))
            .where(held.node_id == row[place], in_force(held.valid_from, held.valid_to))
            .correlate(None)
            .scalar_subquery()
        )

    return sql
