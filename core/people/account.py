"""Accounts and the identities that sign in to them."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime, named_enum
from core.errors import (
    PRODUCT_DEFAULT,
    InvalidInput,
    NotAllowed,
    RuleRefused,
    StaleVersion,
)
from core.people.person import Person, place_of
from core.rows import Lock, find
from core.work import Work


class AccountKind(enum.Enum):
    """Whose account it is."""

    PERSON = "a person's"
    SYSTEM = "an external information system's"


class Account(Base):
    """What signs in. A system's account acts with the authority of its owner, within its scopes."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(named_enum(AccountKind))
    label: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Identity(Base):
    """One way to prove being an account: a subject at an issuer."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


MANAGE = "account.manage"

APPOINTMENT = sa.table(
    "appointment",
    sa.column("person_id", Key),
    sa.column("node_id", Key),
    sa.column("valid_to", sa.Date),
)
# Named and not imported: appointments stand on a higher floor than people.


async def create_account(
    work: Work, person_id: int, *, label: str, kind: AccountKind = AccountKind.PERSON
) -> Account:
    """Give a person an account (product default; R2023 §97 wants every act to have its author).

    A person may have several, a system's account among them. Raises ``ACCOUNT_LABEL_EMPTY`` and
    ``PERSON_ARCHIVED``.
    """
    person = await manageable_person(work, person_id, field="personId")
    if not label.strip():
        raise InvalidInput("ACCOUNT_LABEL_EMPTY", field="label")
    if person.archived_on is not None:
        raise RuleRefused("PERSON_ARCHIVED", clause=PRODUCT_DEFAULT, field="personId")
    account = Account(kind=kind, label=label.strip(), person_id=person.id, created_at=work.now)
    work.session.add(account)
    await work.session.flush()
    after = {"personId": person.id, "kind": kind.name}
    work.record("accountCreated", account, node_id=await place_of(work, person), after=after)
    return account


async def link_identity(work: Work, account_id: int, *, issuer: str, subject: str) -> Identity:
    """Let a subject of an issuer sign in to an account.

    Raises ``IDENTITY_EMPTY``, and ``IDENTITY_TAKEN`` when the subject signs in to some account
    already.
    """
    account, person = await manageable_account(work, account_id)
    if not issuer.strip() or not subject.strip():
        raise InvalidInput("IDENTITY_EMPTY", field="subject")
    taken = await work.session.scalar(
        sa.select(Identity.id).where(Identity.issuer == issuer, Identity.subject == subject)
    )
    if taken is not None:
        raise RuleRefused("IDENTITY_TAKEN", clause=PRODUCT_DEFAULT, field="subject")
    identity = Identity(account_id=account.id, issuer=issuer, subject=subject, created_at=work.now)
    work.session.add(identity)
    await work.session.flush()
    after = {"accountId": account.id, "issuer": issuer, "subject": "changed"}
    work.record("identityLinked", identity, node_id=await place_of(work, person), after=after)
    return identity


async def lock_account(work: Work, account_id: int, *, expected_version: int) -> Account:
    """Let nobody in by this account until it is unlocked; also ends its subscriptions.

    Raises ``ACCOUNT_LOCKED`` when it is locked already.
    """
    return await set_lock(work, account_id, expected_version, locked=True)


async def unlock_account(work: Work, account_id: int, *, expected_version: int) -> Account:
    """Open a locked account again; raises ``ACCOUNT_NOT_LOCKED`` when it is open."""
    return await set_lock(work, account_id, expected_version, locked=False)


async def set_lock(work: Work, account_id: int, expected_version: int, *, locked: bool) -> Account:
    account, person = await manageable_account(work, account_id)
    if account.version != expected_version:
        raise StaleVersion(expected=expected_version, current=account.version)
    if locked == (account.locked_at is not None):
        code = "ACCOUNT_LOCKED" if locked else "ACCOUNT_NOT_LOCKED"
        raise RuleRefused(code, clause=PRODUCT_DEFAULT, field="accountId")
    account.locked_at = work.now if locked else None
    account.version += 1
    await work.session.flush()
    work.record(
        "accountLocked" if locked else "accountUnlocked",
        account,
        node_id=await place_of(work, person),
        before={"locked": not locked},
        after={"locked": locked},
    )
    return account


async def manageable_account(work: Work, account_id: int) -> tuple[Account, Person]:
    """The account, locked for change, and its person, if the actor may manage it."""
    account = await find(work.session, Account, account_id, field="accountId", lock=Lock.UPDATE)
    return account, await manageable_person(work, account.person_id, field="accountId")


async def manageable_person(work: Work, person_id: int, *, field: str) -> Person:
    """The person, if the actor may manage accounts of theirs.

    That takes the right at the person's body and at every node the person holds a role at: whoever
    can sign in as somebody may do what that somebody may, so a regional administrator must not be
    able to make an account for a holder of a national role.
    """
    person = await find(work.session, Person, person_id, field=field)
    held = await work.session.scalars(
        sa.select(APPOINTMENT.c.node_id)
        .distinct()
        .where(
            APPOINTMENT.c.person_id == person_id,
            sa.or_(APPOINTMENT.c.valid_to.is_(None), APPOINTMENT.c.valid_to >= work.today),
        )
    )
    await work.require(MANAGE, await place_of(work, person), field=field)
    for node_id in held:
        if not (await work.may(MANAGE, node_id)).allowed:
            raise NotAllowed(MANAGE)
    return person
