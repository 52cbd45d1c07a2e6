"""An act: the document an appointment or a collegial decision refers to."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey, Text, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.files.file import attachable_file
from core.node_facts import country_id, require_state_body
from core.rows import (
    Lock,
    change,
    entered,
    find,
    flush_unique,
    require_version,
)
from core.texts import CODE_LIMIT, clean, required
from core.unset import UNSET, Unset
from core.work import Work


class ActKind(enum.Enum):
    """The kinds of basis document [R2023 App.1, §52]."""

    ORDER = "order"
    DIRECTIVE = "directive"
    PROTOCOL = "protocol"
    ASSIGNMENT = "assignment"
    RESOLUTION = "resolution"


class Act(Base):
    """A registered document: kind, number, date, the body that issued it, and its file."""

    __tablename__ = "act"
    __table_args__ = (UniqueConstraint("kind", "number", "dated_on", "body_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[ActKind] = mapped_column(named_enum(ActKind))
    number: Mapped[str] = mapped_column(Text)
    dated_on: Mapped[date]
    body_id: Mapped[int | None] = mapped_column(ForeignKey("state_body.id"), index=True)
    title: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)


async def register_act(
    work: Work,
    *,
    kind: ActKind,
    number: str,
    dated_on: date,
    body_id: int | None,
    title: str | None = None,
    file_id: int | None = None,
) -> Act:
    """Register a basis document [R2023 §52, App.1].

    ``body_id`` is the body that issued it; ``None`` stands for one that is not registered here
    (the President, the Government). Action ``act.register`` at the body, else at the country.
    Raises ``NOT_FOUND``, also for a file the actor may not open, ``ACT_IN_FUTURE``,
    ``ACT_REGISTERED_ALREADY``.
    """
    await require_registrar(work, body_id)
    values = {
        "kind": kind,
        "number": required(number, "number", limit=CODE_LIMIT),
        "dated_on": checked_date(work, dated_on),
        "body_id": body_id,
        "title": clean(title, "title"),
        "file_id": await checked_file(work, file_id),
    }
    act = Act(**values)
    work.session.add(act)
    await flush_act(work, act)
    work.record("actRegistered", act, node_id=await act_node(work, act), after=entered(values))
    return act


async def edit_act(
    work: Work,
    act_id: int,
    *,
    expected_version: int,
    kind: ActKind | Unset = UNSET,
    number: str | Unset = UNSET,
    dated_on: date | Unset = UNSET,
    title: str | Unset | None = UNSET,
    file_id: int | Unset | None = UNSET,
) -> Act:
    """Correct a document nothing rests on yet (product default).

    Action ``act.register`` where it was registered. Raises ``CONFLICT``, ``ACT_IN_USE`` and what
    :func:`register_act` raises.
    """
    act = await find(work.session, Act, act_id, field="id", lock=Lock.UPDATE)
    await require_registrar(work, act.body_id)
    require_version(act.version, expected_version)
    if await is_in_use(work, act):
        raise WrongState("ACT_IN_USE", clause=PRODUCT_DEFAULT)
    with work.session.no_autoflush:
        before, after = change(
            act,
            {
                "kind": kind,
                "number": (
                    number if number is UNSET else required(number, "number", limit=CODE_LIMIT)
                ),
                "dated_on": dated_on if dated_on is UNSET else checked_date(work, dated_on),
                "title": title if title is UNSET else clean(title, "title"),
                "file_id": (
                    file_id
                    if file_id is UNSET or file_id == act.file_id
                    else await checked_file(work, file_id)
                ),
            },
        )
        if not after:
            return act
        act.version += 1
        await flush_act(work, act)
    work.record("actEdited", act, node_id=await act_node(work, act), before=before, after=after)
    return act


async def require_registrar(work: Work, body_id: int | None) -> None:
    """Raise unless the actor may register acts of the body, or of none that is registered."""
    if body_id is None:
        await work.require("act.register", await country_id(work.session, hold=True))
        return
    await require_state_body(work.session, body_id, field="bodyId")
    await work.require("act.register", body_id, field="bodyId")


async def act_node(work: Work, act: Act) -> int:
    """The node in whose history an act on this document stands."""
    return await country_id(work.session) if act.body_id is None else act.body_id


def checked_date(work: Work, dated_on: date) -> date:
    """``dated_on`` unless it is still to come (product default)."""
    if dated_on > work.today:
        raise RuleRefused(
            "ACT_IN_FUTURE",
            clause=PRODUCT_DEFAULT,
            field="datedOn",
            dated_on=dated_on,
            today=work.today,
        )
    return dated_on


async def checked_file(work: Work, file_id: int | None) -> int | None:
    """``file_id`` if the actor may attach that file."""
    return None if file_id is None else (await attachable_file(work, file_id, field="fileId")).id


async def is_in_use(work: Work, act: Act) -> bool:
    """Whether any row of any table refers to the act."""
    uses = [
        exists().where(column.parent == act.id)
        for table in Base.metadata.sorted_tables
        for column in table.foreign_keys
        if column.target_fullname == "act.id"
    ]
    return any([await work.session.scalar(select(use)) for use in uses])


async def flush_act(work: Work, act: Act) -> None:
    """Flush; ``ACT_REGISTERED_ALREADY`` when kind, number, date and body are taken.

    A unique constraint holds nulls apart, so acts of unregistered bodies are looked up, one
    registration at a time (:func:`require_registrar` holds the country).
    """
    refusal = RuleRefused(
        "ACT_REGISTERED_ALREADY",
        clause=PRODUCT_DEFAULT,
        field="number",
        kind=act.kind,
        number=act.number,
        dated_on=act.dated_on,
    )
    await flush_unique(work.session, refusal)
    if act.body_id is None:
        twin = select(Act.id).where(
            Act.kind == act.kind,
            Act.number == act.number,
            Act.dated_on == act.dated_on,
            Act.body_id.is_(None),
            Act.id != act.id,
        )
        if await work.session.scalar(twin.limit(1)) is not None:
            raise refusal
