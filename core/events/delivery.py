"""How far each handler of a plugin has read the outbox, and the events it failed on."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.errors import PRODUCT_DEFAULT, WrongState
from core.events.attempts import Attempted, AttemptState
from core.node_facts import country_id
from core.rows import Lock, find
from core.work import Work

Tried = TypeVar("Tried", bound=Attempted)

MANAGE = ("plugin.enable", "plugin.install")
"""Who sees at the country what plugins do, and may have tried again what failed: either will do."""


async def require_manager(work: Work) -> None:
    """Raise :class:`~core.errors.NotAllowed` unless the actor looks after plugins."""
    country = await country_id(work.session)
    switching, installing = MANAGE
    decision = await work.may(switching, country)
    if decision.allowed:
        work.acting_as = decision.acting_as
    else:
        await work.require(installing, country)


class HandlerPlace(Base):
    """Up to where a handler has handled, or set aside, the events of the outbox.

    The place is that of :mod:`core.events.feed`. ``since`` is PostgreSQL's snapshot of the moment
    the handler was first seen: what was committed by then is not told to it.
    """

    __tablename__ = "handler_place"
    __table_args__ = (UniqueConstraint("plugin", "handler"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    handler: Mapped[str] = mapped_column(Text)
    transaction_id: Mapped[int] = mapped_column(Key)
    event_id: Mapped[int] = mapped_column(Key)
    since: Mapped[str | None] = mapped_column(Text)


class Delivery(Attempted, Base):
    """An event on which a handler failed at first, set aside so that later ones go on."""

    __tablename__ = "event_delivery"
    __table_args__ = (
        UniqueConstraint("plugin", "handler", "event_id"),
        Index("ix_event_delivery_state_next_at", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    handler: Mapped[str] = mapped_column(Text)
    event_id: Mapped[int] = mapped_column(Key)
    act: Mapped[str] = mapped_column(Text)


async def retry_delivery(work: Work, delivery_id: int) -> Delivery:
    """Have a handler of a plugin try again an event on which it has failed too often.

    Raises :class:`~core.errors.NotFound`, and ``NOT_DEAD`` for one that is not given up.
    """
    return await try_again(work, Delivery, delivery_id, field="deliveryId", act="deliveryRetried")


async def try_again(work: Work, model: type[Tried], key: int, *, field: str, act: str) -> Tried:
    """Revive what was given up, and record it as ``act``."""
    await require_manager(work)
    row = await find(work.session, model, key, field=field, lock=Lock.UPDATE)
    if row.state is not AttemptState.DEAD:
        raise WrongState("NOT_DEAD", clause=PRODUCT_DEFAULT, state=row.state)
    before = {"state": row.state.name, "attempts": row.attempts}
    row.revive(work.now)
    await work.session.flush()
    after = {"state": row.state.name, "attempts": row.attempts}
    work.record(act, row, before=before, after=after, clause=PRODUCT_DEFAULT)
    return row
