"""State bodies, and the governing committee of each."""

from __future__ import annotations

import enum
import re
from datetime import date

from sqlalchemy import ForeignKey, Text, column, select, table
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.text import fold
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.hierarchy.placement import require_place
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.standard_direction import found_standard_direction
from core.node_facts import country_id
from core.people.identification_number import is_identification_number
from core.places.region import Region
from core.rows import change, entered, find, flush_unique
from core.texts import CODE_LIMIT, Names, clean, cleaned_names
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent
from core.tree.node import Node, NodeKind
from core.unset import UNSET, Unset
from core.work import Work

NATIONAL_SECURITY_COMMITTEE = re.compile(
    "|".join(
        fold(name)
        for name in (
            r"ұлттық қауіпсіздік комитет",
            r"комитет\w* национальной безопасности",
            r"national security committee",
            r"committee (?:of|for|on) national security",
        )
    )
)
"""How the one body outside the Rules is called, in folded text [R2023 §1]."""

_office = table("project_office", column("state_body_id"))  # stands on this module


class StateBodyKind(enum.Enum):
    """Kinds of state body, as far as the Rules tell them apart [R2023 §1, §55]."""

    CENTRAL = "central state body"
    LOCAL_EXECUTIVE = "local executive body (akimat)"
    LAW_ENFORCEMENT = "law enforcement body"
    PRESIDENT_SUBORDINATE = "directly subordinate and accountable to the President"
    NATIONAL_SECURITY = "national security body, outside the Rules"


class StateBody(Named, Base):
    """A state body; its region is that of its node (none: a national body) [R2023 §1, §55]."""

    __tablename__ = "state_body"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    kind: Mapped[StateBodyKind] = mapped_column(named_enum(StateBodyKind))
    bin: Mapped[str | None] = mapped_column(Text, unique=True)


class GoverningCommittee(Base):
    """The governing committee: one per state body for all its programs [R2023 §51].

    Under the 2021 profile one per program [R2021 §44]; ``node_id`` is the body or the program.
    """

    __tablename__ = "governing_committee"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), unique=True)
    approved_on: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    version: Mapped[int] = mapped_column(default=1)


async def register_state_body(
    work: Work,
    *,
    names: Names,
    kind: StateBodyKind,
    region_id: int | None = None,
    bin: str | None = None,
) -> StateBody:
    """Register a state body; its standard basic direction with six groups comes with it.

    Action ``state_body.manage`` at the country; for a body of a region it is enough to manage all
    bodies the region has already (a regional administrator does). An akimat belongs to a region,
    every other body is national (product default). Raises ``NATIONAL_SECURITY_IS_OUTSIDE``
    [R2023 §1], ``AKIMAT_NEEDS_REGION``, ``NATIONAL_BODY_HAS_NO_REGION``, ``BIN_MALFORMED``,
    ``BIN_TAKEN``, ``NOT_FOUND``.
    """
    country = await load_parent(work, await country_id(work.session), NodeKind.COUNTRY)
    await require_registrar(work, country.id, region_id)
    await require_place(work.session, NodeKind.STATE_BODY, country)
    refuse_national_security(kind, names)
    if region_id is not None:
        await find(work.session, Region, region_id, field="regionId")
    check_region(kind, region_id)
    values = {"kind": kind, "bin": checked_bin(bin), **cleaned_names(names)}
    node = await insert_node(
        work.session,
        kind=NodeKind.STATE_BODY,
        parent=country,
        now=work.now,
        region_id=region_id,
    )
    body = StateBody(id=node.id, **values)
    work.session.add(body)
    await flush_unique(work.session, bin_taken())
    work.record(
        "stateBodyRegistered",
        body,
        node_id=node.id,
        after=entered({**values, "region_id": region_id}),
        clause="R2023 §1",
    )
    await found_standard_direction(work, node)
    return body


async def edit_state_body(
    work: Work,
    body_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    kind: StateBodyKind | Unset = UNSET,
    bin: str | Unset | None = UNSET,
) -> StateBody:
    """Change a state body. Its region stays: everything in the body belongs to it.

    Action ``state_body.manage`` at the body. Raises ``CONFLICT``, ``NODE_ARCHIVED`` and what
    :func:`register_state_body` raises.
    """
    node = await lock_node(work.session, body_id, NodeKind.STATE_BODY, field="id")
    await work.require("state_body.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    body = await find(work.session, StateBody, node.id)
    if kind is not UNSET:
        check_region(kind, node.region_id)
    refuse_national_security(
        body.kind if kind is UNSET else kind, Names() if names is UNSET else names
    )
    before, after = change(
        body,
        {
            "kind": kind,
            "bin": bin if bin is UNSET else checked_bin(bin),
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if after:
        node.version += 1
        await flush_unique(work.session, bin_taken())
        if "kind" in after:
            await warn_of_project_office(work, body.id)
        work.record("stateBodyEdited", body, node_id=node.id, before=before, after=after)
    return body


async def warn_of_project_office(work: Work, body_id: int) -> None:
    """The form of an office follows the kind of its body [R2023 §55]; it is changed after it."""
    office = select(_office.c.state_body_id).where(_office.c.state_body_id == body_id)
    if await work.session.scalar(office) is not None:
        work.warn("PROJECT_OFFICE_FORM_TO_REVIEW", clause="R2023 §55")


async def require_registrar(work: Work, country: int, region_id: int | None) -> None:
    """Raise unless the actor registers bodies in the country, or manages all of the region's."""
    if region_id is not None and not (await work.may("state_body.manage", country)).allowed:
        bodies = await work.session.scalars(
            select(Node.id)
            .where(Node.kind == NodeKind.STATE_BODY, Node.region_id == region_id)
            .order_by(Node.id)
        )
        managed = [await work.may("state_body.manage", body_id) for body_id in bodies]
        if managed and all(decision.allowed for decision in managed):
            work.acting_as = managed[0].acting_as
            return
    await work.require("state_body.manage", country)


def refuse_national_security(kind: StateBodyKind, names: Names) -> None:
    """Raise for the National Security Committee, to which the Rules do not apply [R2023 §1]."""
    called = fold(" | ".join(name for name in (names.kk, names.ru, names.en) if name))
    if kind is StateBodyKind.NATIONAL_SECURITY or NATIONAL_SECURITY_COMMITTEE.search(
        " ".join(called.split())
    ):
        raise RuleRefused("NATIONAL_SECURITY_IS_OUTSIDE", clause="R2023 §1", field="kind")


def check_region(kind: StateBodyKind, region_id: int | None) -> None:
    """An akimat is one of a region; central and other bodies have none (product default)."""
    if kind is StateBodyKind.LOCAL_EXECUTIVE and region_id is None:
        raise RuleRefused("AKIMAT_NEEDS_REGION", clause=PRODUCT_DEFAULT, field="regionId")
    if kind is not StateBodyKind.LOCAL_EXECUTIVE and region_id is not None:
        raise RuleRefused(
            "NATIONAL_BODY_HAS_NO_REGION", clause=PRODUCT_DEFAULT, field="regionId", kind=kind
        )


def checked_bin(text: str | None) -> str | None:
    """The business identification number, or nothing; ``BIN_MALFORMED`` when it cannot be one."""
    number = clean(text, "bin", limit=CODE_LIMIT)
    if number is not None and not is_identification_number(number):
        raise InvalidInput("BIN_MALFORMED", clause=PRODUCT_DEFAULT, field="bin")
    return number


def bin_taken() -> RuleRefused:
    return RuleRefused("BIN_TAKEN", clause=PRODUCT_DEFAULT, field="bin")
