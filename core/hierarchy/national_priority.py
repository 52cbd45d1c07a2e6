"""National priorities; each has one portfolio (:mod:`core.hierarchy.portfolio`)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.stages import refuse_unless_in
from core.node_facts import country_id
from core.rows import Lock, change, entered, find, flush_unique
from core.texts import CODE_LIMIT, Names, clean, cleaned_names, required
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.load import load_parent
from core.tree.node import NodeKind, Stage
from core.unset import UNSET, Unset
from core.work import Work


class NationalPriority(Named, Base):
    """A national priority with its one portfolio [R2023 §2(17)-(20), §27].

    ``goal`` is its statement, ``ends_on`` the end of its period. The portfolio's deadline bounds
    every program and project that serves it [R2023 §9].
    """

    __tablename__ = "national_priority"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, unique=True)
    goal: Mapped[str | None] = mapped_column(Text)
    ends_on: Mapped[date | None]
    portfolio_goal: Mapped[str | None] = mapped_column(Text)
    portfolio_deadline: Mapped[date | None]


async def create_national_priority(
    work: Work,
    *,
    names: Names,
    code: str,
    portfolio_deadline: date,
    goal: str | None = None,
    ends_on: date | None = None,
    portfolio_goal: str | None = None,
) -> NationalPriority:
    """Enter a national priority with its portfolio [R2023 §2(17), §2(20), §27].

    Action ``portfolio.manage`` at the country. Raises ``PRIORITY_CODE_TAKEN``,
    ``PORTFOLIO_AFTER_PERIOD``.
    """
    country = await load_parent(work, await country_id(work.session), NodeKind.COUNTRY)
    await work.require("portfolio.manage", country.id)
    check_period(portfolio_deadline, ends_on, field="portfolioDeadline")
    values = {
        "code": required(code, "code", limit=CODE_LIMIT),
        "goal": clean(goal, "goal"),
        "ends_on": ends_on,
        "portfolio_goal": clean(portfolio_goal, "portfolioGoal"),
        "portfolio_deadline": portfolio_deadline,
        **cleaned_names(names),
    }
    node = await insert_node(
        work.session,
        kind=NodeKind.NATIONAL_PRIORITY,
        parent=country,
        now=work.now,
        stage=Stage.INITIATION,
    )
    priority = NationalPriority(id=node.id, **values)
    work.session.add(priority)
    await flush_unique(work.session, code_taken(priority.code))
    work.record(
        "nationalPriorityCreated",
        priority,
        node_id=node.id,
        after=entered(values),
        clause="R2023 §27",
    )
    return priority


async def edit_national_priority(
    work: Work,
    priority_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    code: str | Unset = UNSET,
    goal: str | Unset | None = UNSET,
    ends_on: date | Unset | None = UNSET,
) -> NationalPriority:
    """Change a national priority; its portfolio has an act of its own.

    Action ``portfolio.manage`` at the priority. Raises ``CONFLICT``, ``NODE_ARCHIVED``,
    ``WRONG_STAGE``, ``PRIORITY_CODE_TAKEN``, ``PORTFOLIO_AFTER_PERIOD``.
    """
    node = await lock_node(work.session, priority_id, NodeKind.NATIONAL_PRIORITY, field="id")
    await work.require("portfolio.manage", node.id)
    refuse_stale(node, expected_version)
    refuse_unless_in(node)
    priority = await find(work.session, NationalPriority, node.id, lock=Lock.UPDATE)
    given = {
        "code": code if code is UNSET else required(code, "code", limit=CODE_LIMIT),
        "goal": goal if goal is UNSET else clean(goal, "goal"),
        "ends_on": ends_on,
        **({} if names is UNSET else cleaned_names(names)),
    }
    if ends_on is not UNSET:
        check_period(priority.portfolio_deadline, ends_on, field="endsOn")
    before, after = change(priority, given)
    if after:
        node.version += 1
        await flush_unique(work.session, code_taken(priority.code))
        work.record("nationalPriorityEdited", priority, node_id=node.id, before=before, after=after)
    return priority


def check_period(deadline: date | None, ends_on: date | None, *, field: str) -> None:
    """A portfolio realises its priority, so it ends within the priority's period.

    Raises ``PORTFOLIO_AFTER_PERIOD`` [R2023 §2(17), §2(20); the comparison is a product default].
    """
    if deadline is not None and ends_on is not None and deadline > ends_on:
        raise RuleRefused(
            "PORTFOLIO_AFTER_PERIOD",
            clause=f"{PRODUCT_DEFAULT}; R2023 §2(17), §2(20)",
            field=field,
            deadline=deadline,
            ends_on=ends_on,
        )


def code_taken(code: str) -> RuleRefused:
    return RuleRefused("PRIORITY_CODE_TAKEN", clause=PRODUCT_DEFAULT, field="code", code=code)
