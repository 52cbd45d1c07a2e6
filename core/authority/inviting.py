"""Invitations by an act of a plugin: the grant of access invites who gets it.

Who may is said by the plugin's own permission. Whoever invites could sign in as the invited, so
that permission reaches nobody who holds a role of the core; whom it reaches otherwise, such as
people of another procedure, is for the plugin to ask.
"""

from __future__ import annotations

from sqlalchemy import or_, select

from core.authority.appointment import Appointment
from core.authority.entitlement import catalogue_of
from core.errors import NotAllowed
from core.people import invitation
from core.people.account import MANAGE, Account
from core.people.invitation import (
    Invitation,
    end_all_sessions,
    end_invitations,
    make_invitation,
)
from core.people.person import Person
from core.rows import find
from core.work import Work


async def invite(
    work: Work,
    person_id: int,
    *,
    action: str = MANAGE,
    node_id: int | None = None,
    hours: int | None = None,
) -> tuple[Invitation, str]:
    """Invite a person to sign in; the invitation, and its link, shown this once.

    The actor must be allowed ``action`` at ``node_id``; without a node, as
    :func:`~core.people.invitation.invite_person` asks, which raises what this raises beside
    :class:`~core.errors.NotAllowed` for a person who holds a role of the core.
    """
    if node_id is None:
        return await invitation.invite_person(work, person_id, hours=hours)
    person = await outsider(work, person_id, action, node_id)
    return await make_invitation(work, person, hours, node_id)


async def revoke_sessions(
    work: Work, person_id: int, *, action: str = MANAGE, node_id: int | None = None
) -> None:
    """Sign a person out everywhere at once, invitations too; asked like :func:`invite`."""
    if node_id is None:
        await invitation.revoke_sessions(work, person_id)
    else:
        person = await outsider(work, person_id, action, node_id)
        await end_all_sessions(work, person, node_id)


async def end_unused_invitations(work: Work, person_id: int, *, action: str, node_id: int) -> None:
    """End the links made for a person that nobody has used: the one made next is the only one.

    The actor must be allowed ``action`` at ``node_id``.
    """
    await work.require(action, node_id)
    accounts = await work.session.scalars(select(Account.id).where(Account.person_id == person_id))
    for account_id in accounts.all():
        await end_invitations(work, account_id)


async def outsider(work: Work, person_id: int, action: str, node_id: int) -> Person:
    """The person, if the actor is allowed the action at the node and no role of the core, now or
    to come, is the person's."""
    await work.require(action, node_id)
    person = await find(work.session, Person, person_id, field="personId")
    held = await work.session.scalars(
        select(Appointment.role)
        .distinct()
        .where(
            Appointment.person_id == person_id,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= work.today),
        )
    )
    roles = catalogue_of(work).roles
    if any(code not in roles or roles[code].owner == "core" for code in held):
        raise NotAllowed(action)
    return person
