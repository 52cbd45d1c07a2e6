"""Who appoints to which role: the permission is not enough, the Rules name the appointer."""

from __future__ import annotations

from core.authority.catalogue import AppointmentRule, Catalogue, Role, core_catalogue
from core.authority.policy import PolicySet
from core.authority.rules import NO_CONDITION
from core.errors import InvalidInput, RuleRefused
from core.work import Work

OPERATOR_ROLE = "operator"
"""The role a decision names for the operator at the machine, who records what others decided."""


def catalogue_of(work: Work) -> Catalogue:
    """The roles of this installation; an operator who was given none knows the core's."""
    catalogue = getattr(work.authority, "catalogue", None)
    return catalogue if isinstance(catalogue, Catalogue) else core_catalogue()


def known_role(work: Work, code: str) -> Role:
    """The role with this code. Raises ``UNKNOWN_ROLE``; ``ROLE_NOT_IN_EDITION`` for one that the
    edition of the Rules in force does not have."""
    role = catalogue_of(work).roles.get(code)
    if role is None:
        raise InvalidInput("UNKNOWN_ROLE", field="role", role=code)
    if work.rules.profile not in role.editions:
        raise RuleRefused(
            "ROLE_NOT_IN_EDITION",
            clause=role.ref,
            field="role",
            role=code,
            edition=work.rules.profile.value,
        )
    return role


async def appointer_of(
    work: Work,
    role: Role,
    rule: AppointmentRule,
    node_id: int,
    action: str,
    *,
    field: str = "nodeId",
) -> int | None:
    """The appointment by which the actor appoints to the role here (or releases from it).

    None for the operator. Raises ``NOT_THE_APPOINTER`` when none of the actor's roles is the one
    the Rules name, however much it may otherwise do.
    """
    decision = await work.require(action, node_id, field=field)
    policy = work.authority
    if decision.role == OPERATOR_ROLE or not isinstance(policy, PolicySet):
        return None
    person_id = work.actor.person_id
    grounds = (
        await policy.grounds(work.session, person_id, action, node_id, work.today)
        if person_id is not None
        else ()
    )
    for ground in grounds:
        for appointer in rule.appointers:
            if appointer.role == ground.role and await policy.holds(
                work.session, appointer.condition or NO_CONDITION, node_id, ground, work.today
            ):
                work.acting_as = f"{ground.role} (acting)" if ground.via else ground.role
                return ground.appointment_id
    raise RuleRefused(
        "NOT_THE_APPOINTER",
        clause=rule.ref,
        field="role",
        role=role.code,
        appointers=[appointer.role for appointer in rule.appointers],
    )
