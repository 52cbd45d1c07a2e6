"""Which roles the demonstration has somebody for, and at which object each is held."""

from __future__ import annotations

from core.acts.act import ActKind
from core.authority.appointment import Employment
from core.authority.appointment_rows import Terms
from core.authority.catalogue import ROLES, Role
from core.authority.limits import is_numbered
from core.tree.node import NodeKind
from core.work import Profile

UNAPPOINTED = "Тұрсынова Гүлмира"
"""Signed in, and without any appointment."""

COMMITTEE = ("gc_chair", "gc_deputy_chair", "gc_member")
"""Seats that come with the approval of the committee's composition [R2023 §74(2)]."""

FIRST = ("program_manager", "po_head", "bd_head", "pg_head", "project_manager")
"""Filled before the others, who are appointed by them."""


def held_somewhere(role: Role) -> bool:
    """Whether the edition of 2023 has the role, at some object of the core."""
    return Profile.R2023 in role.editions and bool(role.node_kinds[Profile.R2023])


DEMO_ROLES: tuple[str, ...] = tuple(
    sorted(
        (code for code, role in ROLES.items() if held_somewhere(role)),
        key=lambda code: FIRST.index(code) if code in FIRST else len(FIRST),
    )
)
"""Every role somebody holds in the demonstration; each has an account."""


def place_of(code: str) -> NodeKind | str:
    """The kind of object the role is held at; ``"standard"`` for the standard direction."""
    if code == "standard_bd_head":
        return "standard"
    (kind,) = ROLES[code].node_kinds[Profile.R2023]
    return kind


def terms_of(code: str) -> Terms:
    """How the role is held: full employment where the Rules leave no choice."""
    role = ROLES[code]
    full = role.rules[Profile.R2023].employment == {Employment.FULL}
    return Terms(
        employment=Employment.FULL if full else Employment.COMBINED,
        group_number=1 if is_numbered(role) else None,
    )


def act_kind(code: str) -> ActKind | None:
    """The kind of act it rests on; none where it is entered directly."""
    acts = ROLES[code].rules[Profile.R2023].acts
    if not acts:
        return None
    return ActKind.ORDER if ActKind.ORDER in acts else ActKind.PROTOCOL
