"""Appointments, and the audit log."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.acts.act import Act
from core.audit.entry import AuditEntry
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.limits import certificate_flag
from core.authority.reader import READER_TODAY
from core.people.person import CertificateLevel, Person
from core.tree.node import Node
from schema.nouns.force import in_force
from schema.nouns.roles import RoleInfo, catalogue_of, role_info
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Condition, Expression, Fact, Level, bind
from schema.planner.row import Attribute, Form, Row
from schema.planner.words import col, computed, expr, ident, many, one


def of_holder(attribute: Attribute) -> Expression:
    """A column of the person who holds the role."""

    def sql(row: Row) -> ColumnElement[Any]:
        who: Any = aliased(Person)
        return (
            select(getattr(who, attribute.key))
            .where(who.id == row[Appointment.person_id])
            .correlate(None)
            .scalar_subquery()
        )

    return sql


CERTIFICATE_FACTS = (
    Fact(Person.certificate_level.type, of_holder(Person.certificate_level)),
    Fact(sa.Date(), of_holder(Person.certificate_expires_on)),
    # Beside a column: PostgreSQL takes a bare parameter in a list of columns for a text.
    Fact(sa.Date(), lambda row: func.coalesce(READER_TODAY, row[Appointment.valid_from])),
    Fact(
        sa.Boolean(),
        lambda row: in_force(row[Appointment.valid_from], row[Appointment.valid_to]),
    ),
)


def flag_of_holder(
    context: Any,
    role: str,
    level: CertificateLevel | None,
    expires_on: date | None,
    today: date,
    current: bool,
) -> str | None:
    """What is wrong today with the certificate of whoever holds the role."""
    known = catalogue_of(context).roles.get(role)
    if known is None or not current:
        return None
    return certificate_flag(known.certificate, level, expires_on, today)


def acts(row: Row) -> ColumnElement[bool]:
    record: Any = aliased(Substitution)
    return exists(
        select(record.id).where(record.id == row[Appointment.id]).correlate_except(record)
    )


ACTING = [
    expr(
        "acting",
        sa.Boolean(),
        acts,
        "Whether the person only acts in the role, for an absent performer or in a vacant one "
        "[R2023 §107, App.7].",
        nullable=False,
        where=True,
    ),
    one(
        "substitution",
        "Substitution",
        lambda me, it: it[Substitution.id] == me[Appointment.id],
        "For whom and why the person acts; null: not acting.",
    ),
    many(
        "substitutions",
        "Substitution",
        lambda me, it: it[Substitution.replaced_id] == me[Appointment.id],
        "Who acts, or acted, for this performer.",
        order=lambda row: [row[Substitution.id]],
    ),
]

appointment = bind(
    "Appointment",
    Appointment,
    "A person holds a role at an object of the tree, from a day to a day [R2023 App.1, §103].",
    [
        ident(),
        col("roleCode", Appointment.role, "Code of the role.", where=True, order=True, group=True),
        computed(
            "role",
            RoleInfo | None,
            [Appointment.role],
            role_info,
            "The role; null where the plugin it belongs to was removed.",
            in_context=True,
        ),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[Appointment.person_id],
            "Who holds it.",
            where=True,
        ),
        one(
            "node",
            "TreeNode",
            lambda me, it: it[Node.id] == me[Appointment.node_id],
            "Where it is held.",
        ),
        col("employment", Appointment.employment, "How much of the working time it takes."),
        col("attachment", Appointment.attachment, "What ties the person to the body."),
        col(
            "participationPercent",
            Appointment.participation_percent,
            "Share of the working time, percent.",
        ),
        col("alias", Appointment.alias, "An extra name of the role [R2023 §103]."),
        col(
            "groupNumber",
            Appointment.group_number,
            "Which implementation group of the direction [R2023 §64].",
        ),
        col("validFrom", Appointment.valid_from, "First day.", where=True, order=True),
        col("validTo", Appointment.valid_to, "Last day; null: open.", where=True, order=True),
        expr(
            "current",
            sa.Boolean(),
            lambda row: in_force(row[Appointment.valid_from], row[Appointment.valid_to]),
            "Whether it is in force today.",
            nullable=False,
            where=True,
        ),
        computed(
            "certificateFlag",
            str | None,
            [Appointment.role, *CERTIFICATE_FACTS],
            flag_of_holder,
            "Code of what is wrong today with the holder's project management certificate: "
            "CERTIFICATE_MISSING, CERTIFICATE_EXPIRED or CERTIFICATE_TOO_LOW. A violation without "
            "a sanction [R2023 §55, §110]. Null: nothing is, none is asked for, or it is over.",
            in_context=True,
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[Appointment.act_id],
            "The act it rests on.",
        ),
        one(
            "appointedBy",
            "Appointment",
            lambda me, it: it[Appointment.id] == me[Appointment.appointed_by_id],
            "The appointment by which the appointer could appoint.",
        ),
        one(
            "releaseAct",
            "Act",
            lambda me, it: it[Act.id] == me[Appointment.release_act_id],
            "The act by which it ended.",
        ),
        col("releaseReason", Appointment.release_reason, "Why it ended."),
        *ACTING,
        col("version", Appointment.version, "Counts its changes; for `expectedVersion`."),
    ],
    levels={Level.BASIC: "appointment.read"},
    node=Appointment.node_id,
    owner=Appointment.person_id,
    interfaces=[NODE],
    order=["validFrom"],
    filters=[
        Condition(
            name="asOf",
            description="Only those in force on this day. Whoever reads sees what they may see "
            "today: past days never widen it.",
            type=date,
            column=sa.Date(),
            sql=lambda row, day: and_(
                row[Appointment.valid_from] <= day,
                or_(row[Appointment.valid_to].is_(None), row[Appointment.valid_to] >= day),
            ),
        )
    ],
)


def of_entry(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """The history of an object for who may read it, the whole log for auditors."""
    place = func.coalesce(row[AuditEntry.node_id], country_key())
    return or_(
        and_(row[AuditEntry.node_id].is_not(None), access.holds("history.read", place, form)),
        access.holds(action, place, form),
    )


JSON = strawberry.scalars.JSON

audit_entry = bind(
    "AuditEntry",
    AuditEntry,
    "One entry of the audit log: entries of a body form a chain of hashes anyone can recompute.",
    [
        ident(),
        col("at", AuditEntry.at, "When.", where=True, order=True),
        col("act", AuditEntry.act, "What was done.", where=True),
        col("actor", AuditEntry.actor, "The account that did it."),
        col("actingAs", AuditEntry.acting_as, "The role that allowed it."),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[AuditEntry.person_id],
            "Who did it.",
        ),
        col("subject", AuditEntry.subject, "What kind of row changed.", where=True),
        col("subjectId", AuditEntry.subject_id, "Its key.", shown_as=strawberry.ID),
        one(
            "node",
            "TreeNode",
            lambda me, it: it[Node.id] == me[AuditEntry.node_id],
            "The object of the tree it concerns.",
        ),
        computed(
            "before",
            JSON | None,
            [AuditEntry.before],
            as_is := (lambda value: value),
            'The changed columns before; personal ones say "changed".',
        ),
        computed("after", JSON | None, [AuditEntry.after], as_is, "The changed columns after."),
        col("clause", AuditEntry.clause, "The clause of the Rules."),
        col("correlationId", AuditEntry.correlation_id, "Ties it to the request and the logs."),
        col(
            "chain",
            AuditEntry.chain,
            "Key of the chain: the state body; 0 outside any.",
            shown_as=strawberry.ID,
        ),
        col(
            "position", AuditEntry.position, "Place in the chain, from 1.", order=True, shown_as=int
        ),
        col("previousHash", AuditEntry.previous_hash, "Hash of the entry before."),
        col("hash", AuditEntry.hash, "SHA-256 over the previous hash and this entry."),
    ],
    levels={Level.BASIC: "audit.read"},
    node=AuditEntry.node_id,
    holds=of_entry,
    interfaces=[NODE],
    order=["position"],
)

APPOINTMENT = (appointment, audit_entry)
