"""The application with the platform's own schema, in process, over both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette

from core.people.account import Account, AccountKind
from core.people.person import Person
from schema.compose import ZhobaSchema
from tests.zhoba.conftest import app, client, database_first, log_lines, open_app, settings
from zhoba.host.composing import core_schema

__all__ = ["app", "client", "database_first", "log_lines", "open_app", "settings"]


@pytest.fixture(scope="session")
def platform_schema() -> ZhobaSchema:
    return core_schema()


@pytest.fixture
def schema(platform_schema: ZhobaSchema) -> ZhobaSchema:
    return platform_schema


async def open_account(app: Starlette, person: Person) -> int:
    """An account for a person that exists; its key."""
    async with app.state.operations.services.database.session() as session, session.begin():
        account = Account(
            kind=AccountKind.PERSON,
            label=person.full_name,
            person_id=person.id,
            created_at=datetime(2026, 1, 5, tzinfo=UTC),
        )
        session.add(account)
        await session.flush()
        return account.id
