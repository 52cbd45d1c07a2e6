"""The first national administrator, made by the operator at the machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from core.authority.appointment import Appointment, Employment
from core.db.engine import Database
from core.hierarchy.country import Country, found_country
from core.people.account import Account, create_account
from core.people.person import Person, register_person
from core.texts import Names
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority, RuleSettings, Work

ADMINISTRATOR = "national_administrator"

COUNTRY_NAMES = Names(kk="Қазақстан Республикасы", ru="Республика Казахстан", en="Kazakhstan")


async def grant_administration(
    database: Database,
    *,
    family_name: str,
    given_name: str,
    now: datetime,
    rules: RuleSettings,
) -> int:
    """Make a person of this name national administrator; the key of the account to sign in with.

    Founds the country, enters the person and opens the account where they are missing; a person
    who is administrator already stays so. Everything is recorded as done by the operator.
    """
    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=now, rules=rules
    ) as work:
        country = await work.session.scalar(select(Country))
        if country is None:
            country = await found_country(work, names=COUNTRY_NAMES)
        person = await work.session.scalar(
            select(Person)
            .where(Person.family_name == family_name, Person.given_name == given_name)
            .where(Person.archived_on.is_(None))
            .order_by(Person.id)
        )
        if person is None:
            person = await register_person(work, family_name=family_name, given_name=given_name)
        account = await work.session.scalar(
            select(Account).where(Account.person_id == person.id, Account.locked_at.is_(None))
        )
        if account is None:
            account = await create_account(work, person.id, label=person.full_name)
        await appoint_administrator(work, person, country)
        return account.id


async def appoint_administrator(work: Work, person: Person, country: Country) -> None:
    """Record the appointment; there is no act behind the first one."""
    held = await work.session.scalar(
        select(Appointment.id).where(
            Appointment.person_id == person.id,
            Appointment.role == ADMINISTRATOR,
            Appointment.node_id == country.id,
            Appointment.valid_to.is_(None),
        )
    )
    if held is not None:
        return
    appointment = Appointment(
        person_id=person.id,
        role=ADMINISTRATOR,
        node_id=country.id,
        employment=Employment.COMBINED,
        valid_from=work.today,
    )
    work.session.add(appointment)
    await work.session.flush()
    work.record(
        "appointed",
        appointment,
        node_id=country.id,
        after={"personId": person.id, "role": ADMINISTRATOR, "validFrom": str(work.today)},
    )
