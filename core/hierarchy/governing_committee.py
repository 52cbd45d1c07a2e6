"""The governing committee: who sits in it [R2023 §51, §74(2); R2021 §44]."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from core.authority.appointment_rows import Terms, enter, propose, seated
from core.authority.committee import COMMITTEE_ROLES, OFFICE_HEAD
from core.authority.ending import end
from core.authority.entitlement import appointer_of, known_role
from core.authority.limits import require_act
from core.authority.periods import DAY, Period
from core.errors import PRODUCT_DEFAULT, RuleRefused, WrongState
from core.hierarchy.state_body import GoverningCommittee
from core.rows import require_version
from core.tree.editing import lock_node
from core.tree.node import Node, NodeKind
from core.work import Profile, Work

APPROVE = "gc.approve_composition"


async def approve_committee_composition(
    work: Work,
    *,
    node_id: int,
    chair_id: int,
    deputy_ids: Sequence[int],
    member_ids: Sequence[int] = (),
    act_id: int | None,
    first_day: date | None = None,
    expected_version: int | None = None,
) -> GoverningCommittee:
    """Approve the personal composition: one chair, deputies, members.

    The committee is the body's, one for all its programs [R2023 §51]; under the 2021 edition each
    program has one [R2021 §44]. Whoever sits already and stays keeps the appointment; the others
    are released on the day before ``first_day`` (today unless given). The first approval founds the
    committee; later ones need its ``expected_version``.

    Action ``gc.approve_composition`` at the node, by the program manager [R2023 §74(2)]. Raises
    ``COMMITTEE_NOT_HERE``, ``COMMITTEE_SEAT_TWICE``, ``COMMITTEE_NEEDS_DEPUTY`` [R2023 §51] (in
    2021 deputies were "if necessary"), ``COMMITTEE_LACKS_OFFICE_HEAD`` [R2023 §51], ``CONFLICT``,
    ``ACT_REQUIRED``, ``PERSON_ARCHIVED``, ``NODE_ARCHIVED``, ``NOT_FOUND``, ``NOT_THE_APPOINTER``.
    """
    node = await lock_node(work.session, node_id, field="nodeId")
    legacy = work.rules.profile is Profile.R2021
    clause = "R2021 §44" if legacy else "R2023 §51"
    chair = known_role(work, "gc_chair")
    appointer_id = await appointer_of(
        work, chair, chair.rules[work.rules.profile], node.id, APPROVE
    )
    if node.kind is not (NodeKind.PROGRAM if legacy else NodeKind.STATE_BODY):
        raise RuleRefused("COMMITTEE_NOT_HERE", clause=clause, field="nodeId", kind=node.kind)
    if node.archived_at is not None:
        raise WrongState("NODE_ARCHIVED", clause=f"{PRODUCT_DEFAULT}; R2023 §98", kind=node.kind)
    committee = await open_committee(work, node, expected_version)
    seats = dict(zip(COMMITTEE_ROLES, ([chair_id], deputy_ids, member_ids), strict=True))
    first = first_day or work.today
    refuse_seated_twice(seats)
    if not deputy_ids and not legacy:
        raise RuleRefused("COMMITTEE_NEEDS_DEPUTY", clause=clause, field="deputyIds")
    await require_office_head(work, node, deputy_ids, (first, None), clause)
    for code, persons in seats.items():
        await release_others(work, code, node, persons, first, act_id)
    for code, persons in seats.items():
        await seat_new(work, code, node, persons, first, act_id, appointer_id)
    return await keep(work, committee, node, first, act_id)


async def open_committee(
    work: Work, node: Node, expected_version: int | None
) -> GoverningCommittee | None:
    """The committee as it is, held; none before its first approval."""
    committee = await work.session.scalar(
        select(GoverningCommittee)
        .where(GoverningCommittee.node_id == node.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    require_version(committee.version if committee else 0, expected_version or 0)
    return committee


def refuse_seated_twice(seats: dict[str, Sequence[int]]) -> None:
    persons = [person for seated_persons in seats.values() for person in seated_persons]
    if len(persons) != len(set(persons)):
        raise RuleRefused("COMMITTEE_SEAT_TWICE", clause=PRODUCT_DEFAULT, field="memberIds")


async def require_office_head(
    work: Work, node: Node, deputy_ids: Sequence[int], period: Period, clause: str
) -> None:
    """The head of the project office is one of the deputies [R2023 §51]."""
    heads = await seated(work, OFFICE_HEAD, node.state_body_id or 0, period)
    if any(head.person_id not in deputy_ids for head in heads):
        raise RuleRefused("COMMITTEE_LACKS_OFFICE_HEAD", clause=clause, field="deputyIds")


async def release_others(
    work: Work, code: str, node: Node, persons: Sequence[int], first: date, act_id: int | None
) -> None:
    for appointment in await seated(work, code, node.id, (first, None)):
        if appointment.person_id not in persons:
            await end(work, appointment, first - DAY, act_id=act_id)


async def seat_new(
    work: Work,
    code: str,
    node: Node,
    persons: Sequence[int],
    first: date,
    act_id: int | None,
    appointer_id: int | None,
) -> None:
    role = known_role(work, code)
    staying = {
        appointment.person_id for appointment in await seated(work, code, node.id, (first, None))
    }
    for person_id in persons:
        if person_id not in staying:
            proposed = await propose(work, role, node, person_id, first, act_id, Terms())
            await require_act(work, proposed)
            await enter(work, proposed, appointer_id)


async def keep(
    work: Work,
    committee: GoverningCommittee | None,
    node: Node,
    first: date,
    act_id: int | None,
) -> GoverningCommittee:
    """Write when and by which act the composition was approved."""
    before = None
    if committee is None:
        committee = GoverningCommittee(node_id=node.id, approved_on=first, act_id=act_id, version=1)
        work.session.add(committee)
    else:
        before = {"approved_on": committee.approved_on.isoformat(), "act_id": committee.act_id}
        committee.approved_on, committee.act_id = first, act_id
        committee.version += 1
    await work.session.flush()
    work.record(
        "governingCommitteeApproved",
        committee,
        node_id=node.id,
        before=before,
        after={"approved_on": first.isoformat(), "act_id": act_id},
        clause="R2023 §74(2)",
    )
    return committee
