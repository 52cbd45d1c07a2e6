"""The responsible unit handles an application: takes, checks, returns, refuses, asks for access."""

from __future__ import annotations

from datetime import date, timedelta

from plugins.public_monitoring.access import CHECK, GRANT_ACCESS, REQUEST_ACCESS, RESPOND
from plugins.public_monitoring.applying import require_documents
from plugins.public_monitoring.filing import move_documents
from plugins.public_monitoring.handling_unit import is_headed_by, is_unit_of
from plugins.public_monitoring.loading import for_body, members_of, moved, require_size, settings_at
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringMember,
    MonitoringResponse,
    MonitoringTerritoryAnswer,
)
from plugins.public_monitoring.states import (
    APPLICATION,
    AWAITED,
    OURS,
    RUNNING,
    refuse_unless_in,
    wrong_state,
)
from plugins.public_monitoring.states import MonitoringApplicationState as State
from zhoba.api import (
    COUNTRY_TIME,
    PRODUCT_DEFAULT,
    Lock,
    NotFound,
    RuleRefused,
    Work,
    change,
    entered,
    find,
    flush_unique,
    required,
)


async def assign_unit(
    work: Work, application_id: int, expected_version: int, unit_id: int
) -> MonitoringApplication:
    """Name the unit that handles an application, where the object leads to none or another should;
    none that a member of the group heads.

    The project office does it (product default; the Rules name no unit).
    """
    application = await for_body(work, application_id, GRANT_ACCESS, expected_version)
    if not await is_unit_of(work.session, unit_id, application.body_id):
        raise NotFound("unitId")
    refuse_unless_in(application, "assignUnit", (*AWAITED, *RUNNING), OURS)
    people = [each.person_id for each in await members_of(work, application.id)]
    if await is_headed_by(work.session, unit_id, people, work.today):
        raise RuleRefused("MONITORING_OWN_APPLICATION", clause=PRODUCT_DEFAULT, field="unitId")
    await hand_over(work, application, unit_id)
    return application


async def hand_over(work: Work, application: MonitoringApplication, unit_id: int) -> None:
    """Let a unit handle an application, with its files, in place of the one before."""
    await move_documents(work, application, unit_id)
    before, after = change(application, {"node_id": unit_id})
    application.version += 1
    await work.session.flush()
    work.record(
        "monitoringUnitAssigned",
        application,
        node_id=unit_id,
        before=before,
        after=after,
        clause=OURS,
    )


async def take_application(
    work: Work, application_id: int, expected_version: int
) -> MonitoringApplication:
    """Take an application from the inbox, to check it."""
    return await step(work, application_id, expected_version, CHECK, "take", "Taken")


async def return_application(
    work: Work, application_id: int, expected_version: int, reason: str
) -> MonitoringApplication:
    """Return an application to its group, which corrects and submits it again."""
    note = required(reason, "reason")
    return await step(
        work, application_id, expected_version, CHECK, "return", "Returned", note=note, due_on=None,
        returned_on=work.today,
    )  # fmt: skip


async def send_back(
    work: Work, application_id: int, expected_version: int, reason: str
) -> MonitoringApplication:
    """Send the unit's request for access back to the unit; the project office says why, to the
    unit and not to the group."""
    note = required(reason, "reason")
    return await step(
        work,
        application_id,
        expected_version,
        GRANT_ACCESS,
        "sendBack",
        "SentBack",
        office_note=note,
    )


async def verify_member(work: Work, member_id: int) -> MonitoringMember:
    """Note that the documents of a member confirm what the Rules ask of members."""
    member = await find(work.session, MonitoringMember, member_id, field="memberId")
    application = await for_body(work, member.application_id, CHECK)
    member = await find(work.session, MonitoringMember, member_id, lock=Lock.UPDATE)
    checked_in = (State.UNDER_CHECK, *RUNNING)
    if application.state not in checked_in or member.left_at is not None:
        raise wrong_state(application, "verifyMember", checked_in, "R2023 §18")
    if member.confirmed_at is None:
        raise RuleRefused(
            "MONITORING_MEMBER_NOT_CONFIRMED", clause="R2023 §18", position=member.position
        )
    await require_documents(work, member, await settings_at(work, application.body_id))
    before, after = change(
        member, {"verified_at": work.now, "verified_by_id": work.actor.person_id}
    )
    await work.session.flush()
    work.record(
        "monitoringMemberVerified",
        member,
        node_id=application.node_id,
        before=before,
        after=after,
        clause="R2023 §18",
    )
    return member


async def request_access(
    work: Work, application_id: int, expected_version: int
) -> MonitoringApplication:
    """Ask the project office to give a checked group access to the system [R2023 §18]."""
    application = await for_body(work, application_id, REQUEST_ACCESS, expected_version)
    APPLICATION.after(application, "requestAccess")
    if not application.wants_system:
        raise RuleRefused("MONITORING_NO_SYSTEM_ACCESS_ASKED", clause="R2023 §18, App.3")
    members = await members_of(work, application.id)
    require_size(members)
    require_verified(members)
    return await noted(
        work, application, "requestAccess", "AccessRequested", note=None, office_note=None
    )


async def refuse_application(
    work: Work,
    application_id: int,
    expected_version: int,
    number: str,
    reason: str,
    dated_on: date | None = None,
) -> MonitoringApplication:
    """Refuse an application with grounds: the answer gets a number and a day like any other.

    The Rules name no refusal of access to the system; this one is a product default.
    """
    application = await for_body(work, application_id, RESPOND, expected_version)
    APPLICATION.after(application, "refuse")
    reason = required(reason, "reason")
    await enter_response(
        work,
        application,
        number=number,
        dated_on=dated_on,
        granted=False,
        territory=MonitoringTerritoryAnswer.REFUSED
        if application.wants_territory
        else MonitoringTerritoryAnswer.NOT_REQUESTED,
        reasons=reason,
    )
    return await noted(
        work, application, "refuse", "Refused", note=reason, **answered(work, application),
        ended_on=work.today,
    )  # fmt: skip


def answered(work: Work, application: MonitoringApplication) -> dict[str, object]:
    """The columns that tell when the body answered."""
    return {
        "answered_on": work.today,
        "answered_in_time": application.due_on is None or work.today <= application.due_on,
        "due_on": None,
    }


async def enter_response(
    work: Work,
    application: MonitoringApplication,
    *,
    number: str,
    dated_on: date | None,
    **given: object,
) -> MonitoringResponse:
    """Write the answer [R2023 App.4]; its day lies between the application's and today, its number
    is no other answer's of the body in that year: ``MONITORING_NUMBER_TAKEN``."""
    day = dated_on or work.today
    if day > work.today:
        raise RuleRefused("MONITORING_DATED_LATER", clause=PRODUCT_DEFAULT, field="datedOn")
    assert application.submitted_at is not None  # only what was submitted is answered
    asked_on = application.submitted_at.astimezone(COUNTRY_TIME).date()
    if day < asked_on:
        raise RuleRefused(
            "MONITORING_DATED_EARLIER", clause=PRODUCT_DEFAULT, field="datedOn", asked_on=asked_on
        )
    number = required(number, "number", limit=100)
    values = {
        "application_id": application.id,
        "body_id": application.body_id,
        "year": day.year,
        "number": number,
        "dated_on": day,
        "signed_by_id": work.actor.person_id,
        **given,
    }
    response = MonitoringResponse(**values, signed_at=work.now)
    work.session.add(response)
    taken = RuleRefused(
        "MONITORING_NUMBER_TAKEN",
        clause=PRODUCT_DEFAULT,
        field="number",
        number=number,
        year=day.year,
    )
    await flush_unique(work.session, taken)
    work.record(
        "monitoringResponseSigned",
        response,
        node_id=application.node_id,
        after=entered(values, personal={"manager_phone"}),
        clause="R2023 App.4",
    )
    return response


def require_verified(members: list[MonitoringMember]) -> None:
    """Raise ``MONITORING_MEMBER_NOT_VERIFIED`` for the first whose documents were not checked."""
    for member in members:
        if member.verified_at is None:
            raise RuleRefused(
                "MONITORING_MEMBER_NOT_VERIFIED", clause="R2023 §18", position=member.position
            )


async def step(
    work: Work,
    application_id: int,
    expected_version: int,
    action: str,
    act: str,
    name: str,
    **columns: object,
) -> MonitoringApplication:
    """One move by the body that changes nothing else."""
    application = await for_body(work, application_id, action, expected_version)
    return await noted(work, application, act, name, **columns)


async def noted(
    work: Work, application: MonitoringApplication, act: str, name: str, **columns: object
) -> MonitoringApplication:
    """Make the move and write it down as ``monitoringApplication...``."""
    before, after = moved(APPLICATION, application, act, **columns)
    await work.session.flush()
    work.record(
        f"monitoringApplication{name}",
        application,
        node_id=application.node_id,
        before=before,
        after=after,
        clause=APPLICATION.move(act).clause,
    )
    return application


async def latest_day(work: Work, application: MonitoringApplication) -> date:
    """The last day that access may have, from today (product default)."""
    settings = await settings_at(work, application.body_id)
    return work.today + timedelta(days=settings.access_days)
