"""Absences of persons, and who acts for them meanwhile."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, exists, func, literal_column, select
from sqlalchemy.orm import aliased

from core.authority.absence import Absence
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.people.person import Person
from schema.nouns.force import in_force
from schema.nouns.person import asked, of_person
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Level, bind
from schema.planner.row import Form, Row
from schema.planner.words import col, expr, ident, many, one

PERSONAL = "person.read_personal"


def about_absent(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the person who is away."""
    return of_person(access, row[Absence.person_id], action, form)


absence = bind(
    "Absence",
    Absence,
    "A person is away from all their roles; substitutes may act in them for as long "
    "[R2023 §107, App.7].",
    [
        ident(),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[Absence.person_id],
            "Who is away.",
            where=True,
        ),
        col("firstDay", Absence.first_day, "First day away.", where=True, order=True),
        col(
            "lastDay",
            Absence.last_day,
            "Last day away; null: until further notice.",
            where=True,
            order=True,
        ),
        expr(
            "current",
            Boolean(),
            lambda row: in_force(row[Absence.first_day], row[Absence.last_day]),
            "Whether the person is away today.",
            nullable=False,
            where=True,
        ),
        col(
            "reason",
            Absence.reason,
            "Why; personal data, since it may speak of health.",
            level=Level.PERSONAL,
        ),
        many(
            "substitutions",
            "Substitution",
            lambda me, it: it[Substitution.absence_id] == me[Absence.id],
            "The substitutions that rest on it.",
            order=lambda row: [row[Substitution.id]],
        ),
        col("version", Absence.version, "Counts its changes; for `expectedVersion`."),
    ],
    levels={
        Level.BASIC: "person.read_basic",
        Level.PERSONAL: PERSONAL,
    },
    holds=about_absent,
    interfaces=[NODE],
    order=["-firstDay"],
)


def at_acting(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the acting appointment, whose key the substitution shares; what is personal of the
    absent main performer, or in a vacant role of the substitute."""
    acting: Any = aliased(Appointment)
    if action == PERSONAL:
        who: Any = aliased(Person)
        return exists(
            select(literal_column("1"))
            .select_from(acting)
            .join(who, who.id == acting.person_id)
            .where(
                acting.id == func.coalesce(row[Substitution.replaced_id], row[Substitution.id]),
                asked(access, action, who, "exists"),
            )
            .correlate(None)
        )
    return exists(
        select(literal_column("1"))
        .select_from(acting)
        .where(
            acting.id == row[Substitution.id],
            access.holds(action, acting.node_id, "exists", acting.person_id),
        )
        .correlate(None)
    )


substitution = bind(
    "Substitution",
    Substitution,
    "What makes an appointment an acting one: for whom, by which role, resting on which absence "
    "[R2023 §107, App.7].",
    [
        ident(),
        one(
            "appointment",
            "Appointment",
            lambda me, it: it[Appointment.id] == me[Substitution.id],
            "The acting appointment; its days are those of the substitution.",
        ),
        one(
            "replaced",
            "Appointment",
            lambda me, it: it[Appointment.id] == me[Substitution.replaced_id],
            "The appointment of the absent main performer; null: the role is vacant.",
        ),
        one(
            "performer",
            "Appointment",
            lambda me, it: it[Appointment.id] == me[Substitution.performer_id],
            "The substitute's own appointment, whose role the table lets stand in.",
        ),
        one(
            "absence",
            "Absence",
            lambda me, it: it[Absence.id] == me[Substitution.absence_id],
            "The absence it rests on; null: the role is vacant.",
        ),
        col(
            "reason",
            Substitution.reason,
            "Why, as recorded; personal data, since it may speak of health.",
            level=Level.PERSONAL,
        ),
    ],
    levels={Level.BASIC: "appointment.read", Level.PERSONAL: PERSONAL},
    holds=at_acting,
    interfaces=[NODE],
)

ABSENCE = (absence, substitution)
