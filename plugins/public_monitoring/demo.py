"""Applications in the demonstration, one for each state worth looking at, by people made up.

They have no identification numbers: whichever were made up could be somebody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from plugins.public_monitoring.access import GRANT_ACCESS, OBSERVER, SUBMIT
from plugins.public_monitoring.answering import current_manager
from plugins.public_monitoring.models import (
    MonitoringAccess,
    MonitoringApplication,
    MonitoringMember,
    MonitoringResponse,
    MonitoringTargetKind,
    MonitoringTerritoryAnswer,
    Target,
)
from plugins.public_monitoring.observing import (
    MonitoringParameter,
    MonitoringRecommendation,
    MonitoringVisit,
    Step,
    VisitMember,
)
from plugins.public_monitoring.routing import route_of
from plugins.public_monitoring.signing import LINK
from plugins.public_monitoring.states import MonitoringApplicationState as State
from plugins.public_monitoring.states import MonitoringRecommendationState as Advice
from plugins.public_monitoring.states import MonitoringVisitState as Visit
from zhoba.api import (
    COUNTRY_TIME,
    PRODUCT_DEFAULT,
    Node,
    NodeClosure,
    NodeKind,
    Origin,
    Stage,
    Work,
    confer_role,
    end_unused_invitations,
    invite,
    register_outsider,
)

SYSTEM = "zhoba-sample"
TERRITORY = MonitoringTerritoryAnswer
ACCESS = timedelta(days=180)
SITE = "Абай көшесі, 1 (үлгі)"


@dataclass(frozen=True, slots=True)
class Sample:
    """An application as it stands: ``ago`` days after it was submitted, ``due`` days before the
    answer is owed; the names of its members."""

    state: State
    names: tuple[str, ...]
    ago: int
    due: int | None = None
    system: bool = True
    note: str | None = None


SAMPLES = {
    "KZ-10": (
        Sample(State.ACTIVE, ("Үлгібаева Айгүл", "Үлгібаев Берік", "Үлгібаева Гүлнар"), 60),
        Sample(State.SUBMITTED, ("Мысалова Дана", "Мысалов Ерлан"), 25, due=-4),
        Sample(State.UNDER_CHECK, ("Сынақова Жанар", "Сынақов Қайрат"), 5, due=16),
        Sample(State.RESPONDED, ("Көрмеев Марат", "Көрмеева Назым"), 30, system=False),
        Sample(
            State.REFUSED, ("Байқауов Олжас", "Байқауова Перизат"), 40,
            note="Құжаттардың мерзімі өткен (үлгі)",
        ),
    ),
    "KZ-71": (
        Sample(State.ACTIVE, ("Үлгіева Сәуле", "Үлгіев Тимур"), 50),
        Sample(State.ACCESS_REQUESTED, ("Мысалова Ұлжан", "Мысалов Шыңғыс"), 10, due=9),
    ),
}  # fmt: skip


async def fill_demo(work: Work) -> None:
    """Make up the applications, unless there are some."""
    if await work.session.scalar(select(MonitoringApplication.id).limit(1)) is not None:
        return
    for code, samples in SAMPLES.items():
        body = await made_up(work, f"akimat: {code}")
        projects = await projects_of(work, code)
        if body is None or not projects:
            continue
        unit = await made_up(work, f"unit: {code} economy") or body
        for place, sample in enumerate(samples):
            project_id = projects[place % len(projects)]
            await apply(work, sample, body.id, unit.id, project_id, f"{place + 1}-үлгі")


async def made_up(work: Work, origin_id: str) -> Node | None:
    """The made-up object of the tree of this id."""
    found: Node | None = await work.session.scalar(
        select(Node).where(Node.origin_system == SYSTEM, Node.origin_id == origin_id)
    )
    return found


async def projects_of(work: Work, code: str) -> Sequence[int]:
    """Made-up projects of a region's roads that are under way."""
    group = await made_up(work, f"group: {code} roads")
    if group is None:
        return []
    found = await work.session.scalars(
        select(Node.id)
        .join(NodeClosure, NodeClosure.descendant_id == Node.id)
        .where(
            NodeClosure.ancestor_id == group.id,
            Node.kind == NodeKind.PROJECT,
            Node.origin == Origin.SAMPLE,
            Node.stage == Stage.IMPLEMENTATION,
        )
        .order_by(Node.id)
    )
    return found.all()


async def apply(
    work: Work, sample: Sample, body_id: int, unit_id: int, project_id: int, number: str
) -> None:
    """One application with everything that belongs to it."""
    people = [await citizen(work, body_id, name) for name in sample.names]
    answered = sample.state in (State.ACTIVE, State.RESPONDED, State.REFUSED)
    open_ = sample.state in (State.ACTIVE, State.RESPONDED)
    submitted_at = work.now - timedelta(days=sample.ago)
    answered_on = work.today - timedelta(days=sample.ago - 10) if answered else None
    application = MonitoringApplication(
        body_id=body_id,
        node_id=unit_id,
        target_kind=MonitoringTargetKind.PROJECT,
        wants_system=sample.system,
        wants_territory=not sample.system,
        state=sample.state,
        contact_id=people[0],
        created_at=submitted_at - timedelta(days=2),
        submitted_at=submitted_at,
        due_on=None if sample.due is None else work.today + timedelta(days=sample.due),
        answered_on=answered_on,
        answered_in_time=answered or None,
        valid_to=work.today + ACCESS if open_ else None,
        ended_on=answered_on if answered and not open_ else None,
        note=sample.note,
        version=1,
    )
    work.session.add(application)
    await work.session.flush()
    work.session.add(Target(application_id=application.id, node_id=project_id))
    members = [
        MonitoringMember(
            application_id=application.id,
            person_id=person_id,
            position=position,
            email=f"citizen{person_id}@example.kz",
            confirmed_at=submitted_at,
            signature_kind=LINK,
            verified_at=None if sample.state is State.SUBMITTED else submitted_at,
        )
        for position, person_id in enumerate(people, 1)
    ]
    work.session.add_all(members)
    await work.session.flush()
    if answered_on is not None:
        signed_at = datetime.combine(answered_on, time(12), tzinfo=COUNTRY_TIME)
        allowed = not sample.system
        work.session.add(
            MonitoringResponse(
                application_id=application.id,
                body_id=body_id,
                year=answered_on.year,
                number=number,
                dated_on=answered_on,
                granted=sample.system and open_,
                territory=TERRITORY.ALLOWED if allowed else TERRITORY.NOT_REQUESTED,
                territory_at=signed_at + timedelta(days=7) if allowed else None,
                territory_address=SITE if allowed else None,
                reasons=sample.note,
                manager_id=await current_manager(work, project_id) if open_ else None,
                signed_at=signed_at,
            )
        )
    if open_:
        await observe(work, application, members, project_id)
    await work.session.flush()
    work.record(
        "monitoringApplicationSubmitted",
        application,
        node_id=unit_id,
        after={"state": sample.state.name, "sample": True},
        clause=PRODUCT_DEFAULT,
    )


async def citizen(work: Work, body_id: int, name: str) -> int:
    """Somebody made up, with an account to sign in as."""
    family_name, given_name = name.split()
    person = await register_outsider(
        work, SUBMIT, body_id, family_name=family_name, given_name=given_name
    )
    person.origin_system, person.origin_id = SYSTEM, f"citizen: {person.id}"
    await invite(work, person.id, action=SUBMIT, node_id=body_id)
    await end_unused_invitations(work, person.id, action=SUBMIT, node_id=body_id)
    return person.id


async def observe(
    work: Work,
    application: MonitoringApplication,
    members: Sequence[MonitoringMember],
    project_id: int,
) -> None:
    """What a group with access did: roles, visits, recommendations."""
    for member in members if application.wants_system else ():
        appointment = await confer_role(
            work,
            GRANT_ACCESS,
            person_id=member.person_id,
            role=OBSERVER,
            node_id=project_id,
            valid_to=application.valid_to,
        )
        work.session.add(
            MonitoringAccess(
                application_id=application.id,
                member_id=member.id,
                appointment_id=appointment.id,
            )
        )
    manager_id = await current_manager(work, project_id)
    held, coming = (
        MonitoringVisit(
            application_id=application.id,
            project_id=project_id,
            state=state,
            purpose="Құрылыс барысын көру (үлгі)",
            requested_by_id=application.contact_id,
            requested_at=work.now - timedelta(days=30),
            starts_at=work.now + timedelta(days=days),
            address=SITE,
            safety_note="Каска мен жилет (үлгі)",
            manager_id=manager_id,
            manager_present=True if state is Visit.HELD else None,
            record="Жұмыстың барысы көрсетілді (үлгі)" if state is Visit.HELD else None,
            version=1,
        )
        for state, days in ((Visit.HELD, -20), (Visit.SCHEDULED, 7))
    )
    asked = MonitoringVisit(
        application_id=application.id,
        project_id=project_id,
        state=Visit.REQUESTED,
        purpose="Төсемнің қалыңдығын өлшеу (үлгі)",
        requested_by_id=application.contact_id,
        requested_at=work.now - timedelta(days=25),
        due_on=work.today - timedelta(days=3),
        version=1,
    )
    work.session.add_all((held, coming, asked))
    await work.session.flush()
    work.session.add_all(VisitMember(visit_id=held.id, member_id=each.id) for each in members[:2])
    route = await route_of(work, project_id)
    for state, parameter in (
        (Advice.SENT, MonitoringParameter.TERM),
        (Advice.REOPENED, MonitoringParameter.QUALITY),
        (Advice.NOT_ACCEPTED, MonitoringParameter.COST),
    ):
        advice = MonitoringRecommendation(
            application_id=application.id,
            node_id=project_id,
            state=state,
            parameter=parameter,
            planned="Екі қабат (үлгі)",
            observed="Бір қабат (үлгі)",
            finding="Жобадан ауытқу байқалды (үлгі)",
            advice="Екінші қабатты төсеу керек (үлгі)",
            written_by_id=application.contact_id,
            written_at=work.now - timedelta(days=19),
            sent_at=work.now - timedelta(days=18),
            due_on=None if state is Advice.NOT_ACCEPTED else work.today + timedelta(days=5),
            addressee_id=route.addressee_id,
            addressee_role=route.role,
            copy_to_id=route.copy_to_id,
            answer="Жоба бойынша бір қабат (үлгі)" if state is Advice.NOT_ACCEPTED else None,
            answered_at=work.now if state is Advice.NOT_ACCEPTED else None,
            reopened_at=work.now if state is Advice.REOPENED else None,
            reopen_reason="Әлі бір қабат (үлгі)" if state is Advice.REOPENED else None,
            version=1,
        )
        work.session.add(advice)
        await work.session.flush()
        work.session.add(
            Step(
                recommendation_id=advice.id,
                act="send",
                state=Advice.SENT,
                at=work.now - timedelta(days=18),
                by_id=application.contact_id,
            )
        )
