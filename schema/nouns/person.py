"""Persons, the accounts they sign in with, and the keys of information systems."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, exists, literal_column, select
from sqlalchemy.orm import aliased

from core.authority.absence import Absence
from core.authority.appointment import Appointment
from core.authority.people import person_predicate
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.state_body import StateBody
from core.hierarchy.task import Task
from core.people.account import Account, Identity
from core.people.invitation import Invitation
from core.people.person import Person
from core.people.service_key import ServiceKey
from core.people.session import SignInSession
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Level, bind
from schema.planner.row import Form, Row
from schema.planner.words import col, computed, connection, ident, one


class Columns:
    """A row with the attributes of :class:`Person`, for predicates of the core."""

    def __init__(self, row: Row) -> None:
        self.row = row

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        return self.row[getattr(Person, name)]


def about_person(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked at the person's unit or body, where they hold a role, and of oneself."""
    return asked(access, action, Columns(row), form)


def asked(access: Access, action: str, person: Any, form: Form) -> ColumnElement[bool]:
    """The core's predicate of persons, for the reader."""
    policy, reader = cast(PolicySet, access.policy), cast(Reader, access.reader)
    return person_predicate(policy, action, person, reader, form=form)


person = bind(
    "Person",
    Person,
    "A person who may hold roles; a person may have no account [R2023 §103].",
    [
        ident(),
        col(
            "fullName",
            Person.full_name,
            "Family name, given name, patronymic.",
            where=True,
            order_by=Person.full_name_sort,
            search=Person.full_name_search,
        ),
        col("familyName", Person.family_name, "Family name."),
        col("givenName", Person.given_name, "Given name."),
        col("patronymic", Person.patronymic, "Patronymic."),
        col("post", Person.post, "Post held in the body."),
        col("archivedOn", Person.archived_on, "Day the record was archived.", where=True),
        col("version", Person.version, "Counts its changes; for `expectedVersion`."),
        col(
            "originSystem",
            Person.origin_system,
            "The system it was imported from.",
            level=Level.FULL,
        ),
        col("originId", Person.origin_id, "Its identifier in that system.", level=Level.FULL),
        one(
            "stateBody",
            "StateBody",
            lambda me, it: it[StateBody.id] == me[Person.state_body_id],
            "The body the person works in.",
            where=True,
        ),
        one(
            "organizationUnit",
            "OrganizationUnit",
            lambda me, it: it[OrganizationUnit.id] == me[Person.organization_unit_id],
            "The unit the person works in.",
            where=True,
        ),
        connection(
            "appointments",
            "Appointment",
            lambda me, it: it[Appointment.person_id] == me[Person.id],
            "The roles the person holds or held.",
        ),
        connection(
            "absences",
            "Absence",
            lambda me, it: it[Absence.person_id] == me[Person.id],
            "When the person is or was away.",
        ),
        connection(
            "tasks",
            "Task",
            lambda me, it: it[Task.executor_id] == me[Person.id],
            "The tasks the person executes.",
        ),
        connection(
            "accounts",
            "Account",
            lambda me, it: it[Account.person_id] == me[Person.id],
            "The accounts the person signs in with or answers for.",
        ),
        col(
            "iin",
            Person.iin,
            "Individual identification number; personal data.",
            level=Level.PERSONAL,
        ),
        col("phone", Person.phone, "Telephone; personal data.", level=Level.PERSONAL),
        col("email", Person.email, "E-mail address; personal data.", level=Level.PERSONAL),
        col(
            "certificateLevel",
            Person.certificate_level,
            "Level of the project management certificate [R2023 §55, §110]; personal data.",
            level=Level.PERSONAL,
        ),
        col(
            "certificateNumber",
            Person.certificate_number,
            "Number of the certificate; personal data.",
            level=Level.PERSONAL,
        ),
        col(
            "certificateExpiresOn",
            Person.certificate_expires_on,
            "Last day of the certificate; personal data.",
            level=Level.PERSONAL,
        ),
    ],
    levels={
        Level.BASIC: "person.read_basic",
        Level.FULL: "person.read",
        Level.PERSONAL: "person.read_personal",
    },
    holds=about_person,
    interfaces=[NODE],
    order=["fullName"],
)


def about_account(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the account's person."""
    return of_person(access, row[Account.person_id], action, form)


def about_service_key(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the person who answers for the key's account."""
    return of_account(access, row[ServiceKey.account_id], action, form)


def about_session(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the person of the session's account."""
    return of_account(access, row[SignInSession.account_id], action, form)


def about_invitation(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the person of the invitation's account."""
    return of_account(access, row[Invitation.account_id], action, form)


def about_identity(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked of the person of the identity's account."""
    return of_account(access, row[Identity.account_id], action, form)


def of_account(
    access: Access, account_id: ColumnElement[int], action: str, form: Form
) -> ColumnElement[bool]:
    """The action holds of the person of an account."""
    account = aliased(Account)
    return exists(
        select(literal_column("1"))
        .select_from(account)
        .where(account.id == account_id, of_person(access, account.person_id, action, "exists"))
        .correlate(None)
    )


def of_person(access: Access, person_id: Any, action: str, form: Form) -> ColumnElement[bool]:
    """The action holds of a person whose key is known."""
    who = aliased(Person)
    return exists(
        select(literal_column("1"))
        .select_from(who)
        .where(
            who.id == person_id,
            asked(access, action, who, "exists"),
        )
        .correlate(None)
    )


account = bind(
    "Account",
    Account,
    "What signs in: a person's account, or that of an information system a person answers for.",
    [
        ident(),
        col("kind", Account.kind, "Whose account it is.", where=True),
        col("label", Account.label, "What it is called.", where=True, order=True),
        col("lockedAt", Account.locked_at, "When it was locked; null: it is open.", where=True),
        col("createdAt", Account.created_at, "When it was opened.", where=True, order=True),
        col("version", Account.version, "Counts its changes; for `expectedVersion`."),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[Account.person_id],
            "The person whose it is, or who answers for the system.",
            where=True,
        ),
        connection(
            "identities",
            "Identity",
            lambda me, it: it[Identity.account_id] == me[Account.id],
            "The identities that sign in to it.",
        ),
        connection(
            "serviceKeys",
            "ServiceKey",
            lambda me, it: it[ServiceKey.account_id] == me[Account.id],
            "Its keys, without their secrets.",
        ),
        connection(
            "sessions",
            "Session",
            lambda me, it: it[SignInSession.account_id] == me[Account.id],
            "The browsers signed in to it by invitation, and those that were.",
        ),
        connection(
            "invitations",
            "Invitation",
            lambda me, it: it[Invitation.account_id] == me[Account.id],
            "The invitations to sign in to it, without their links.",
        ),
    ],
    levels={Level.BASIC: "account.read"},
    holds=about_account,
    interfaces=[NODE],
    order=["label"],
)

identity = bind(
    "Identity",
    Identity,
    "One way to prove being an account.",
    [
        ident(),
        col("issuer", Identity.issuer, "Who vouches: the issuer of the tokens.", where=True),
        col("subject", Identity.subject, "Whom the issuer names."),
        col("createdAt", Identity.created_at, "When it was linked."),
        one(
            "account",
            "Account",
            lambda me, it: it[Account.id] == me[Identity.account_id],
            "The account it signs in to.",
        ),
    ],
    levels={Level.BASIC: "account.read"},
    holds=about_identity,
    interfaces=[NODE],
)

service_key = bind(
    "ServiceKey",
    ServiceKey,
    "A key of an information system; it acts with its owner's authority, within its scopes.",
    [
        ident(),
        col("prefix", ServiceKey.prefix, "The part by which it is recognised; not secret."),
        computed(
            "scopes",
            list[str],
            [ServiceKey.scopes],
            list,
            "The actions it may use, out of those its owner holds.",
        ),
        col("expiresOn", ServiceKey.expires_on, "Its last day.", where=True, order=True),
        col("createdAt", ServiceKey.created_at, "When it was made."),
        col(
            "revokedAt", ServiceKey.revoked_at, "When it was revoked; null: it is not.", where=True
        ),
        one(
            "account",
            "Account",
            lambda me, it: it[Account.id] == me[ServiceKey.account_id],
            "The account it belongs to.",
        ),
    ],
    levels={Level.BASIC: "account.read"},
    holds=about_service_key,
    interfaces=[NODE],
    order=["expiresOn"],
)

session = bind(
    "Session",
    SignInSession,
    "A browser that signed in by an invitation. It ends when its time is over, when nobody was "
    "seen in it for long, or by `endSession`, at once.",
    [
        ident(),
        col("createdAt", SignInSession.created_at, "When it began.", where=True, order=True),
        col(
            "lastSeenAt",
            SignInSession.last_seen_at,
            "When somebody was last seen in it, to five minutes.",
        ),
        col("expiresAt", SignInSession.expires_at, "When it ends in any case.", where=True),
        col(
            "endedAt",
            SignInSession.ended_at,
            "When it was ended; null: it was not.",
            where=True,
        ),
        one(
            "account",
            "Account",
            lambda me, it: it[Account.id] == me[SignInSession.account_id],
            "The account it is signed in to.",
        ),
    ],
    levels={Level.BASIC: "account.read"},
    holds=about_session,
    interfaces=[NODE],
    order=["-createdAt"],
)

invitation = bind(
    "Invitation",
    Invitation,
    "A link by which a person without a token signs in, once.",
    [
        ident(),
        col("createdAt", Invitation.created_at, "When it was made.", where=True, order=True),
        col("expiresAt", Invitation.expires_at, "Until when it is good.", where=True),
        col("usedAt", Invitation.used_at, "When it was used; null: it was not.", where=True),
        col(
            "revokedAt",
            Invitation.revoked_at,
            "When it was revoked; null: it was not.",
            where=True,
        ),
        one(
            "account",
            "Account",
            lambda me, it: it[Account.id] == me[Invitation.account_id],
            "The account it opens.",
        ),
    ],
    levels={Level.BASIC: "account.read"},
    holds=about_invitation,
    interfaces=[NODE],
    order=["-createdAt"],
)

PERSON = (person, account, identity, service_key, session, invitation)
