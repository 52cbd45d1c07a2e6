"""The budget of a project and where its money comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from core.errors import PRODUCT_DEFAULT, InvalidInput
from core.hierarchy.project.model import FundingSource, Project, ProjectFunding
from core.money import check_amount, check_currency
from core.work import Work


def check_budget(budget_minor: int | None, currency: str) -> None:
    """Raise unless the budget is an amount in a currency we know."""
    check_currency(currency)
    if budget_minor is not None:
        check_amount(budget_minor, field="budget")


def check_funding(
    work: Work, budget_minor: int | None, funding: Mapping[FundingSource, int]
) -> None:
    """Raise unless every source gives something; warn when they do not add up to the budget."""
    for source, minor in funding.items():
        check_amount(minor, field="funding")
        if minor == 0:
            raise InvalidInput(
                "FUNDING_EMPTY", clause=PRODUCT_DEFAULT, field="funding", source=source
            )
    total = sum(funding.values())
    if funding and budget_minor is not None and total != budget_minor:
        work.warn(
            "FUNDING_DIFFERS_FROM_BUDGET",
            clause=PRODUCT_DEFAULT,
            total_minor=total,
            budget_minor=budget_minor,
        )


async def funding_of(work: Work, project: Project) -> dict[FundingSource, int]:
    """The sources of a project's money."""
    rows = await work.session.execute(
        select(ProjectFunding.source, ProjectFunding.amount_minor)
        .where(ProjectFunding.project_id == project.id)
        .order_by(ProjectFunding.source)
    )
    return dict(rows.all())


async def replace_funding(
    work: Work, project: Project, funding: Mapping[FundingSource, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make ``funding`` the project's sources; what they were and are, if that is a change."""
    old = await funding_of(work, project)
    if old == dict(funding):
        return {}, {}
    await work.session.execute(
        delete(ProjectFunding).where(ProjectFunding.project_id == project.id)
    )
    work.session.add_all(
        ProjectFunding(project_id=project.id, source=source, amount_minor=minor)
        for source, minor in funding.items()
    )
    await work.session.flush()
    return {"funding": by_name(old)}, {"funding": by_name(funding)}


def by_name(funding: Mapping[FundingSource, int]) -> dict[str, int]:
    """Sources by name, for the audit log."""
    return {source.name: minor for source, minor in funding.items()}
