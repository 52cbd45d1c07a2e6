"""Short ways to write a role, a permission and a grant of a plugin."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from core.acts.act import ActKind
from core.authority.appointment import Employment
from core.authority.catalogue import Appointer, AppointmentRule, Grant, Permission, Role, Units
from core.authority.joining import PLUGIN_ROLE
from core.errors import PRODUCT_DEFAULT
from core.tree.node import NodeKind
from core.work import Profile


def permission(code: str, meaning: str, ref: str = PRODUCT_DEFAULT) -> Permission:
    """A permission ``resource.action``: what it lets its holder do, and the clause it rests on."""
    return Permission(code, meaning, ref)


def grant(
    *permissions: str,
    relation: str = "tree",
    condition: str | None = None,
    ref: str = PRODUCT_DEFAULT,
) -> Grant:
    """Permissions for a role where it is held and below (``tree``), only there (``self``), above
    it (``up``) or in its region (``region``), while a condition is true."""
    return Grant(relation, permissions, ref, condition)


def role(
    code: str,
    *,
    labels: Mapping[str, str],
    at: NodeKind | Collection[NodeKind],
    appointers: Sequence[str | Appointer],
    acts: Collection[ActKind] = (),
    employment: Collection[Employment] = (),
    units: Units | None = None,
    scope: Literal["node", "region"] = "node",
    kind: str = PLUGIN_ROLE,
    ref: str = PRODUCT_DEFAULT,
) -> Role:
    """A role of a plugin, held at nodes of the kinds ``at``, the same in each edition of the Rules.

    ``appointers`` are the roles that appoint to it; none: only the operator does. ``acts`` are the
    acts by which they do, none: it is entered directly. No ``employment``: either kind.
    ``scope="region"``: held at a state body that lies in a region. Of the kind ``project_role`` it
    makes its holder project personnel of the program.
    """
    rule = AppointmentRule(
        ref=ref,
        appointers=tuple(
            each if isinstance(each, Appointer) else Appointer(each) for each in appointers
        ),
        acts=frozenset(acts),
        units=units,
        employment=frozenset(employment),
        eligible=None,
        note=None,
    )
    places = frozenset({at} if isinstance(at, NodeKind) else at)
    return Role(
        code=code,
        owner="",
        labels=dict(labels),
        translated=frozenset(),
        kind=kind,
        scope=scope,
        ref=ref,
        editions=frozenset(Profile),
        node_kinds=dict.fromkeys(Profile, places),
        grants=dict.fromkeys(Profile, ()),
        rules=dict.fromkeys(Profile, rule),
    )
