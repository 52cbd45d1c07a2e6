"""What an imported node lacks of what the Rules demand. Shown, never filled by guesses.

Gaps are read off the row itself, so an act that fills one removes it.
"""

from __future__ import annotations

from collections.abc import Mapping

GAPS: dict[str, tuple[str, ...]] = {
    "national_priority": ("goal", "ends_on", "portfolio_goal", "portfolio_deadline"),
    "state_body": (),
    "organization_unit": (),
    "program": ("goal", "starts_on", "ends_on"),
    "basic_direction": ("task",),
    "project_group": ("responsible_unit_id",),
    "project": ("goal", "result", "starts_on", "ends_on", "budget_minor"),
    "task": ("due_on",),
    "region": (),
    "administrative_unit": (),
}
"""Columns the Rules ask for [R2023 §2(18)-(20), §44-48, §63-66, §85-92; App.2], by noun."""


def missing_columns(noun: str, columns: Mapping[str, object]) -> list[str]:
    """The demanded columns that are empty or absent in ``columns``."""
    return [column for column in GAPS[noun] if columns.get(column) is None]
