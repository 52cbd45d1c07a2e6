"""What an owner of roles and permissions adds to the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.authority.catalogue import Grant
from core.authority.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Grants by the code of a role, of the core or one's own, and conditions they name."""

    grants: Mapping[str, Sequence[Grant]] = field(default_factory=dict)
    conditions: Sequence[Condition] = ()
