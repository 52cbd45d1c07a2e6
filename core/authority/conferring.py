"""Roles that follow from an act of a plugin: the grant of access makes a public observer.

They are appointments like all others, so every question about authority knows them. What differs
is who may: the plugin's own permission, in place of the general one to appoint.
"""

from __future__ import annotations

from datetime import date

from core.authority.acting import Substitution
from core.authority.appointing import refuse_archived
from core.authority.appointment import Appointment
from core.authority.appointment_rows import Terms, enter, propose
from core.authority.ending import end
from core.authority.entitlement import catalogue_of, known_role
from core.authority.limits import require_allowed
from core.authority.periods import DAY
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.rows import Lock, find
from core.tree.editing import lock_node
from core.work import Work


async def confer_role(
    work: Work,
    action: str,
    *,
    person_id: int,
    role: str,
    node_id: int,
    valid_to: date | None = None,
) -> Appointment:
    """Give a person a role of a plugin at a node, from today to ``valid_to``.

    The actor must be allowed ``action`` at the node. Raises ``ROLE_NOT_CONFERRED`` for a role of
    the core, ``UNKNOWN_ROLE``, ``ROLE_NOT_IN_EDITION``, ``NODE_ARCHIVED``, ``PERSON_ARCHIVED`` and
    what :func:`~core.authority.limits.require_allowed` raises.
    """
    held = known_role(work, role)
    node = await lock_node(work.session, node_id)
    decision = await work.require(action, node.id)
    require_of_plugin(held.owner, role)
    refuse_archived(node)
    terms = Terms(valid_to=valid_to)
    proposed = await propose(work, held, node, person_id, work.today, None, terms)
    await require_allowed(work, proposed)
    return await enter(work, proposed, decision.appointment_id)


async def withdraw_role(work: Work, action: str, appointment_id: int, *, reason: str) -> None:
    """Take a role of a plugin away at once: its last day is yesterday. One that is over stays.

    The actor must be allowed ``action`` at the node. Raises ``ROLE_NOT_CONFERRED``.
    """
    appointment = await find(work.session, Appointment, appointment_id)
    await lock_node(work.session, appointment.node_id)
    await work.require(action, appointment.node_id)
    role = catalogue_of(work).roles.get(appointment.role)
    require_of_plugin(role.owner if role is not None else "core", appointment.role)
    assert await work.session.get(Substitution, appointment_id) is None  # core roles only
    appointment = await find(work.session, Appointment, appointment_id, lock=Lock.UPDATE)
    if appointment.valid_to is None or appointment.valid_to >= work.today:
        await end(work, appointment, work.today - DAY, reason=reason)


def require_of_plugin(owner: str, role: str) -> None:
    """Raise ``ROLE_NOT_CONFERRED`` for a role of the core: its appointers are in the Rules."""
    if owner == "core":
        raise RuleRefused("ROLE_NOT_CONFERRED", clause=PRODUCT_DEFAULT, role=role)
