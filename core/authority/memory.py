"""What a unit of work has learned about authority: asked once, until it writes or waits.

It lives with the session and ends with it, so no request ever answers from another's. Whatever the
session writes, by a flush or by a statement, clears it: an appointment made in a unit of work
counts in it from then on. So does a statement that takes a lock, since what others committed while
it waited is seen from then on, and the end of a transaction or savepoint. Rows written past the
session, on its bare connection, need :func:`forget`.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

if TYPE_CHECKING:
    from core.authority.holding import Held, Seats
    from core.tree.lineage import Lineage
    from core.work import Decision

KEY = "authority"


@dataclass(slots=True)
class Memory:
    """Answers by everything they depend on besides the rows."""

    seats: dict[Any, Seats] = field(default_factory=dict)
    lineages: dict[int, Lineage | None] = field(default_factory=dict)
    held: dict[Any, dict[int, Held]] = field(default_factory=dict)
    conditions: dict[Any, dict[Hashable, bool]] = field(default_factory=dict)
    decisions: dict[Any, Decision] = field(default_factory=dict)


def memory_of(session: AsyncSession) -> Memory:
    """What the session knows; a new one when something has been written since."""
    info = session.info
    if KEY not in info:
        info[KEY] = Memory()
    found: Memory = info[KEY]
    return found


def forget(session: AsyncSession | Session) -> None:
    """Ask everything again from here on."""
    session.info.pop(KEY, None)


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    forget(session)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, _transaction: object) -> None:
    forget(session)


@event.listens_for(Session, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    statement = state.statement
    if (
        not isinstance(statement, Select)
        or statement._for_update_arg is not None
        or not statement.columns_clause_froms  # calls a function: an advisory lock is taken so
    ):
        forget(state.session)
