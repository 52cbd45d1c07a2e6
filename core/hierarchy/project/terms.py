"""The dates of a project against each other, its portfolios and its program."""

from __future__ import annotations

from datetime import date

from core.errors import PRODUCT_DEFAULT, InvalidInput
from core.hierarchy.deadline import require_project_within_portfolios
from core.hierarchy.program import Program
from core.work import Work


def require_order(starts_on: date | None, ends_on: date | None, *, field: str = "endsOn") -> None:
    """Raise when something would end before it starts; both days may be the same."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise InvalidInput(
            "ENDS_BEFORE_IT_STARTS",
            clause=PRODUCT_DEFAULT,
            field=field,
            starts_on=starts_on,
            ends_on=ends_on,
        )


async def require_terms(
    work: Work, program_id: int | None, starts_on: date | None, ends_on: date | None
) -> None:
    """Raise unless the project ends after it starts and by the deadline of every portfolio.

    ``program_id`` is the program scope of the project's node. A project that ends after its
    program is let through with a warning: the Rules bind both to the portfolio only [R2023 §9].
    """
    require_order(starts_on, ends_on)
    await require_project_within_portfolios(work, program_id, ends_on)
    if program_id is None or ends_on is None:
        return
    program = await work.session.get(Program, program_id)
    if program is not None and program.ends_on is not None and ends_on > program.ends_on:
        work.warn(
            "PROJECT_ENDS_AFTER_PROGRAM",
            clause=f"{PRODUCT_DEFAULT}; R2023 §9",
            ends_on=ends_on,
            program_ends_on=program.ends_on,
        )
