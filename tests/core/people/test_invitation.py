"""Invitations: who may make one, for whom, and what is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.authority.inviting import invite, revoke_sessions
from core.db.engine import Database
from core.errors import InvalidInput, NotAllowed, NotAuthenticated, PlatformError, RuleRefused
from core.people.account import Account
from core.people.invitation import Invitation, accept_invitation, invite_person
from core.people.person import Person
from core.people.session import SignInSession, end_session
from tests.acting import acting, arranging, committed_world, entries
from tests.conftest import NOW
from tests.factories import make_appointment, make_person

GRANT = "monitoring.grant"


async def outsider(database: Database) -> int:
    """A person who belongs to no body and holds no role."""
    async with arranging(database) as session:
        return (await make_person(session, "Қанатова Сәуле")).id


def token_of(link: str) -> str:
    return link.partition("#")[2]


async def test_invite_person_opens_an_account_and_tells_no_link(database: Database) -> None:
    await committed_world(database)
    person_id = await outsider(database)
    async with acting(database) as work:
        invitation, link = await invite_person(work, person_id)
        again, _ = await invite_person(work, person_id, hours=720)
        assert again.account_id == invitation.account_id
        assert again.expires_at - NOW == timedelta(hours=720)
        for hours in (0, 721):
            with pytest.raises(InvalidInput, match="INVITATION_HOURS"):
                await invite_person(work, person_id, hours=hours)
    async with acting(database) as work:
        session, secret = await accept_invitation(work, token_of(link))
        assert (work.actor.person_id, session.account_id) == (person_id, invitation.account_id)
        with pytest.raises(NotAuthenticated, match="INVITATION_USED"):
            await accept_invitation(work, token_of(link))
    logged = await entries(database)
    assert [each.act for each in logged] == [
        "accountCreated", "personInvited", "personInvited", "signedIn",
    ]  # fmt: skip
    assert [each.person_id for each in logged] == [None, None, None, person_id]
    async with database.reading_session() as session_:
        kept = str((await session_.execute(select(Invitation.hash))).all())
        kept += str((await session_.execute(select(SignInSession.hash))).all())
    told = str([(each.before, each.after, each.actor) for each in logged])
    assert [text for text in (token_of(link), secret) if text in told + kept] == []


async def test_invite_person_refuses_who_is_gone_or_locked(database: Database) -> None:
    await committed_world(database)
    gone, locked = await outsider(database), await outsider(database)
    async with acting(database) as work:
        await invite_person(work, locked)
    async with arranging(database) as session:
        (await session.get_one(Person, gone)).archived_on = NOW.date()
        account = await session.scalar(select(Account).where(Account.person_id == locked))
        assert account is not None
        account.locked_at = NOW
    for person_id, code in ((gone, "PERSON_ARCHIVED"), (locked, "ACCOUNT_LOCKED")):
        async with acting(database) as work:
            with pytest.raises(RuleRefused, match=code):
                await invite_person(work, person_id)


async def test_an_act_of_a_plugin_invites_only_who_holds_no_role_of_the_core(
    database: Database,
) -> None:
    world = await committed_world(database)
    citizen, official, clerk = [await outsider(database) for _ in range(3)]
    async with arranging(database) as session:
        person = await session.get_one(Person, official)
        await make_appointment(session, person, "project_manager", world.project)
    here = world.project.id

    async def tried(person_id: int, may: list[str]) -> str:
        async with acting(database, person_id=clerk, may=may) as work:
            try:
                await revoke_sessions(work, person_id, action=GRANT, node_id=here)
                _, link = await invite(work, person_id, action=GRANT, node_id=here)
            except PlatformError as refusal:
                return refusal.code
            return link.partition("#")[0]

    assert await tried(citizen, [GRANT]) == "/sign-in"
    assert await tried(citizen, ["account.manage"]) == "FORBIDDEN"
    assert await tried(official, [GRANT]) == "FORBIDDEN"
    async with acting(database, person_id=clerk, may=[GRANT]) as work:
        with pytest.raises(NotAllowed):
            await invite(work, citizen)  # without a node it takes account.manage


async def test_end_session_is_for_its_own_person_and_for_who_manages_accounts(
    database: Database,
) -> None:
    await committed_world(database)
    person_id, clerk = await outsider(database), await outsider(database)
    async with acting(database) as work:
        links = [(await invite_person(work, person_id))[1] for _ in range(2)]
    sessions = []
    for link in links:
        async with acting(database) as work:
            sessions.append((await accept_invitation(work, token_of(link)))[0].id)
            own = work.actor
    async with acting(database, person_id=clerk, may=["task.read"]) as work:
        with pytest.raises(NotAllowed):
            await end_session(work, sessions[0])
    async with acting(database, person_id=clerk, may=["account.manage"]) as work:
        await end_session(work, sessions[0])
    async with acting(database, person_id=person_id, may=[]) as work:
        work.actor = own
        await end_session(work, sessions[1])
        with pytest.raises(RuleRefused, match="SESSION_ENDED"):
            await end_session(work, sessions[1])
    assert [each.person_id for each in await entries(database, "sessionEnded")] == [
        clerk, person_id,
    ]  # fmt: skip
