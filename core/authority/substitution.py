"""Who may stand in for whom: the substitution table [R2023 §107, App.7; R2021 §99, App.4].

Data here; recording a substitution and its effect on authority are another matter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from core.authority.catalogue import REFERENCE
from core.work import Profile

COLUMN_OF = {"standard_bd_head": "bd_head"}
"""Roles without a column of their own that use another's (product default)."""


@cache
def table() -> Mapping[Profile, Mapping[str, tuple[str, ...]]]:
    """For each edition: the replaced role -> the roles that may perform it, in table order."""
    document: dict[str, Any] = json.loads((REFERENCE / "substitution.json").read_text("utf-8"))
    replaced = document["substitutable_roles"]
    return {
        Profile(edition): {
            role: tuple(performer for performer, row in rows.items() if row[place] == "+")
            for place, role in enumerate(replaced)
        }
        for edition, rows in document["matrix"].items()
    }


def substitutes_of(role: str, profile: Profile = Profile.R2023) -> tuple[str, ...]:
    """The roles whose holders may stand in for ``role``; empty where the table knows no scheme.

    The role itself among them means another holder of it, never the absent person.
    """
    return table()[profile].get(COLUMN_OF.get(role, role), ())


def may_stand_in(performer: str, replaced: str, profile: Profile = Profile.R2023) -> bool:
    """Whether a holder of ``performer`` may perform ``replaced`` besides."""
    return performer in substitutes_of(replaced, profile)
