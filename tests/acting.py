"""Acting in tests: a world that is committed, and units of work in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.errors import PlatformError
from core.transaction import transact
from core.work import OPERATOR, Actor, Authority, OperatorAuthority, Work
from tests.authorities import Grants
from tests.conftest import NOW
from tests.factories import World, make_world

OPERATOR_AUTHORITY = OperatorAuthority()


def acting(
    database: Database,
    *,
    person_id: int | None = None,
    may: Collection[str] | None = None,
    hidden: Collection[int] = (),
    now: datetime = NOW,
) -> AbstractAsyncContextManager[Work]:
    """A unit of work of a person who may do exactly ``may``; of the operator when nothing is said.

    ``hidden`` nodes are seen by nobody.
    """
    authority: Authority = OPERATOR_AUTHORITY
    if may is not None:
        authority = Grants({person_id: may}, hidden=hidden)
    actor = OPERATOR
    if person_id is not None:
        actor = Actor(person_id=person_id, account_id=person_id, label=f"person {person_id}")
    return transact(database, actor=actor, authority=authority, now=now)


@asynccontextmanager
async def arranging(database: Database) -> AsyncIterator[AsyncSession]:
    """A session whose rows are simply put there, without acts."""
    async with database.session() as session, session.begin():
        yield session


async def committed_world(database: Database) -> World:
    """One of everything, committed."""
    async with arranging(database) as session:
        return await make_world(session)


async def entries(database: Database, act: str | None = None) -> list[AuditEntry]:
    """What the audit log holds, oldest first; of one act only, if named."""
    chosen = select(AuditEntry).order_by(AuditEntry.id)
    if act is not None:
        chosen = chosen.where(AuditEntry.act == act)
    async with database.session() as session:
        return list(await session.scalars(chosen))


@contextmanager
def refuses(
    code: str, clause: str | None = None, field: str | None = None
) -> Iterator[pytest.ExceptionInfo[PlatformError]]:
    """The block is refused with exactly this code, clause and field."""
    with pytest.raises(PlatformError) as caught:
        yield caught
    assert (caught.value.code, caught.value.clause, caught.value.field) == (code, clause, field)
