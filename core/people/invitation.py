"""Invitations: a link by which a person without a token signs in, once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Text, UniqueConstraint, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime
from core.errors import PRODUCT_DEFAULT, InvalidInput, NotAuthenticated, RuleRefused
from core.files.ticket import end_tickets
from core.people.account import Account, AccountKind, manageable_person
from core.people.person import Person, place_of
from core.people.session import SignInSession, begin_session
from core.people.sign_in import actor_of_account
from core.tokens import new_token, token_hash
from core.work import Work

SIGN_IN_PATH = "/sign-in#"
"""The token stands behind ``#``: no browser sends that to a server, so no log ever holds it."""

LONGEST_HOURS = 24 * 30
"""An invitation is good for thirty days at most. Product default."""


class Invitation(Base):
    """A link that opens one account once; of its 256 random bits only the hash is kept."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("hash"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def invite_person(
    work: Work, person_id: int, *, hours: int | None = None
) -> tuple[Invitation, str]:
    """Invite a person to sign in (product default; R2023 §97 wants every act to have its author).

    The link is shown this once and good once, for ``hours``. The person gets an account if there is
    none. Action ``account.manage`` as for accounts. Raises ``PERSON_ARCHIVED``,
    ``ACCOUNT_LOCKED`` and ``INVITATION_HOURS``.
    """
    person = await manageable_person(work, person_id, field="personId")
    return await make_invitation(work, person, hours)


async def make_invitation(
    work: Work, person: Person, hours: int | None = None, node_id: int | None = None
) -> tuple[Invitation, str]:
    """The invitation, and its link. The caller has asked whether the actor may invite, at
    ``node_id``; left out, where the person is."""
    node_id = node_id or await place_of(work, person)
    hours = work.rules.invitation_hours if hours is None else hours
    if not 1 <= hours <= LONGEST_HOURS:
        raise InvalidInput("INVITATION_HOURS", field="hours", limit=LONGEST_HOURS)
    account = await account_for(work, person, node_id)
    text, kept = new_token()
    invitation = Invitation(
        account_id=account.id,
        hash=kept,
        created_at=work.now,
        expires_at=work.now + timedelta(hours=hours),
    )
    work.session.add(invitation)
    await work.session.flush()
    after = {"accountId": account.id, "expiresAt": invitation.expires_at.isoformat()}
    work.record("personInvited", invitation, node_id=node_id, after=after)
    return invitation, SIGN_IN_PATH + text


async def account_for(work: Work, person: Person, node_id: int) -> Account:
    """The person's own account, made when there is none."""
    if person.archived_on is not None:
        raise RuleRefused("PERSON_ARCHIVED", clause=PRODUCT_DEFAULT, field="personId")
    accounts = await work.session.scalars(
        select(Account)
        .where(Account.person_id == person.id, Account.kind == AccountKind.PERSON)
        .order_by(Account.locked_at.is_not(None), Account.id)
    )
    account = accounts.first()
    if account is None:
        account = Account(
            kind=AccountKind.PERSON,
            label=person.full_name,
            person_id=person.id,
            created_at=work.now,
        )
        work.session.add(account)
        await work.session.flush()
        after = {"personId": person.id, "kind": account.kind.name}
        work.record("accountCreated", account, node_id=node_id, after=after)
    elif account.locked_at is not None:
        raise RuleRefused("ACCOUNT_LOCKED", clause=PRODUCT_DEFAULT, field="personId")
    return account


async def accept_invitation(work: Work, text: str) -> tuple[SignInSession, str]:
    """Sign in with an invitation: the session, and what the browser is to hold.

    From here on the unit of work is the invited person's. Raises ``INVITATION_UNKNOWN``,
    ``INVITATION_USED`` and ``INVITATION_EXPIRED``; a revoked one is unknown, and so is one to an
    account that is locked.
    """
    invitation = await work.session.scalar(
        select(Invitation).where(Invitation.hash == token_hash(text))
    )
    if invitation is None or invitation.revoked_at is not None:
        raise NotAuthenticated("INVITATION_UNKNOWN")
    if invitation.used_at is not None:
        raise NotAuthenticated("INVITATION_USED")
    if invitation.expires_at <= work.now:
        raise NotAuthenticated("INVITATION_EXPIRED")
    try:
        work.actor = await actor_of_account(work.session, invitation.account_id)
    except NotAuthenticated:
        raise NotAuthenticated("INVITATION_UNKNOWN") from None
    spent = await work.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(used_at=work.now)
        .returning(Invitation.id)
    )
    if spent.scalar() is None:
        raise NotAuthenticated("INVITATION_USED")
    account = await work.session.get_one(Account, invitation.account_id)
    person = await work.session.get_one(Person, account.person_id)
    return await begin_session(work, account, person)


async def forget_invitations(session: AsyncSession, before: datetime) -> int:
    """Delete invitations that were used, taken back or not used in time before a moment."""
    over = func.coalesce(Invitation.used_at, Invitation.revoked_at, Invitation.expires_at) < before
    gone = await session.execute(delete(Invitation).where(over).returning(Invitation.id))
    return len(gone.all())


async def revoke_sessions(work: Work, person_id: int) -> Person:
    """Sign a person out everywhere, and end the invitations and links to files they hold unused.

    Their next request is anonymous, in every process. Action ``account.manage`` as for accounts.
    """
    person = await manageable_person(work, person_id, field="personId")
    await end_all_sessions(work, person)
    return person


async def end_all_sessions(work: Work, person: Person, node_id: int | None = None) -> int:
    """End them; how many sessions. The caller has asked whether the actor may, at ``node_id``."""
    node_id = node_id or await place_of(work, person)
    accounts = await work.session.scalars(select(Account.id).where(Account.person_id == person.id))
    count = 0
    for account_id in accounts.all():
        ended = await work.session.execute(
            update(SignInSession)
            .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None))
            .values(ended_at=work.now)
            .returning(SignInSession.id)
        )
        count += len(ended.all())
        await end_invitations(work, account_id)
        await end_tickets(work, account_id)
    work.record("sessionsRevoked", person, node_id=node_id, after={"sessions": count})
    return count


async def end_invitations(work: Work, account_id: int) -> None:
    """End the links to an account that nobody has used. The caller has asked whether one may."""
    await work.session.execute(
        update(Invitation)
        .where(
            Invitation.account_id == account_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=work.now)
    )
