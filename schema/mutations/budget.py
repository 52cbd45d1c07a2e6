"""The budget of a project as one input: amount, currency and sources belong together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import strawberry

from core.errors import PRODUCT_DEFAULT, InvalidInput
from core.hierarchy.project import FundingSource
from core.money import TENGE, check_currency, minor_units
from schema.mutations.declaring import Special
from schema.types import enum_type


@strawberry.input(description="One source of a project's money.")
class FundingInput:
    """A source and its share."""

    source: enum_type(FundingSource) = strawberry.field(description="Where the money comes from.")  # type: ignore[valid-type]
    amount: Decimal = strawberry.field(description="How much, in the currency of the budget.")


@strawberry.input(description="A project's budget with its sources, all in one currency.")
class BudgetInput:
    """Amount, currency, sources."""

    amount: Decimal | None = strawberry.field(
        default=None, description="The whole budget; null: not known."
    )
    currency: str = strawberry.field(
        default=TENGE, description="ISO 4217 code. Only tenge are classed by cost [R2023 App.6(2)]."
    )
    funding: list[FundingInput] | None = strawberry.field(
        default=None, description="All sources; they replace those there were. Null: no change."
    )


def budget_given(value: BudgetInput | None) -> Mapping[str, Any]:
    """The verb's parameters: minor units, currency, sources.

    Raises :class:`InvalidInput` for an unknown currency, an amount finer than its minor unit, or a
    source named twice (``FUNDING_SOURCE_TWICE``).
    """
    if value is None or value is strawberry.UNSET:
        return {}
    check_currency(value.currency, field="budget.currency")
    given: dict[str, Any] = {"currency": value.currency, "budget_minor": None}
    if value.amount is not None:
        given["budget_minor"] = minor_units(value.amount, value.currency, field="budget.amount")
    if value.funding is not None:
        sources: dict[FundingSource, int] = {}
        for item in value.funding:
            if item.source in sources:
                raise InvalidInput(
                    "FUNDING_SOURCE_TWICE",
                    clause=PRODUCT_DEFAULT,
                    field="budget.funding",
                    source=item.source,
                )
            sources[item.source] = minor_units(
                item.amount, value.currency, field="budget.funding.amount"
            )
        given["funding"] = sources
    return given


BUDGET = Special(
    type=BudgetInput,
    description="The budget with its sources.",
    given=budget_given,
    replaces=("budget_minor", "currency", "funding"),
)
