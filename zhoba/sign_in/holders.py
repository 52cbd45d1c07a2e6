"""Whose account to make a token for: by id, by name, or by a role somebody holds today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.appointment import Appointment
from core.db.text import fold
from core.people.account import Account, AccountKind
from core.people.person import Person


@dataclass(frozen=True, slots=True)
class Holder:
    """An account somebody may be signed in as."""

    account_id: int
    person_id: int
    full_name: str


def open_accounts() -> Select[int, int, str]:
    """Personal accounts that let somebody in, the oldest of a person first."""
    return (
        select(func.min(Account.id), Person.id, Person.full_name)
        .join(Person, Person.id == Account.person_id)
        .where(
            Account.kind == AccountKind.PERSON,
            Account.locked_at.is_(None),
            Person.archived_on.is_(None),
        )
        .group_by(Person.id, Person.full_name)
    )


async def role_holders(session: AsyncSession, today: date) -> dict[str, Holder]:
    """For each role held today by somebody with an account: who has held it longest."""
    accounts = open_accounts().subquery()
    account_id, person_id, full_name = accounts.c
    rows = await session.execute(
        select(Appointment.role, account_id, person_id, full_name)
        .join(accounts, person_id == Appointment.person_id)
        .where(
            Appointment.valid_from <= today,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= today),
        )
        .order_by(Appointment.role, Appointment.id.desc())
    )
    return {role: Holder(account, person, name) for role, account, person, name in rows}


async def find_holders(session: AsyncSession, wanted: str, today: date) -> list[Holder]:
    """The accounts ``wanted`` may mean: ``Person:7``, a role code, or part of a name."""
    kind, _, key = wanted.partition(":")
    if kind == "Person" and key.isdigit():
        query = open_accounts().where(Person.id == int(key))
    else:
        held = (await role_holders(session, today)).get(wanted)
        if held is not None:
            return [held]
        pattern = f"%{fold(wanted).replace('%', '').replace('_', '')}%"
        query = open_accounts().where(Person.full_name_search.like(pattern)).limit(20)
    rows = await session.execute(query.order_by(Person.full_name))
    return [Holder(account, person, name) for account, person, name in rows]
