"""Persons with accounts, as rows."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.applications import Starlette

from core.people.account import Account, AccountKind
from tests.factories import make_person


async def make_account(app: Starlette, *, label: str = "somebody") -> int:
    """A person with an account in the database of an application; the account's key."""
    async with app.state.operations.services.database.session() as session, session.begin():
        person = await make_person(session)
        account = Account(
            kind=AccountKind.PERSON,
            label=label,
            person_id=person.id,
            created_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
        session.add(account)
        await session.flush()
        return account.id
