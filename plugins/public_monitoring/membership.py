"""The group: who is in it, who leaves, and how each member confirms alone [R2023 §18, App.3]."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from plugins.public_monitoring.access import CHECK, OBSERVER, SUBMIT
from plugins.public_monitoring.applying import EDITABLE, sign_anew
from plugins.public_monitoring.filing import hide_files_from_member, show_files_to_member
from plugins.public_monitoring.granting import end_access, shrink
from plugins.public_monitoring.loading import (
    for_body,
    for_contact,
    for_group,
    is_own,
    members_of,
)
from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from plugins.public_monitoring.settings import GROUP_SIZE
from plugins.public_monitoring.signing import signed
from plugins.public_monitoring.states import LIVE, RUNNING, wrong_state
from zhoba.api import (
    PRODUCT_DEFAULT,
    Appointment,
    InvalidInput,
    Lock,
    NotFound,
    RuleRefused,
    Work,
    change,
    clean,
    end_unused_invitations,
    entered,
    find,
    invite,
    is_identification_number,
    register_outsider,
    required,
)

FORM = "R2023 §18, App.3"
OPEN_TO_MEMBERS = (*EDITABLE, *RUNNING)
"""States in which members may join: while the application is the group's, and to fill a gap."""
MOST_NAMED = 20
"""Members that an application may ever have had."""
IIN = "monitoring_iin"
"""What identification numbers are sealed for."""
PERSONAL = ("iin_sealed", "iin_print", "signature_sealed", "conflict", "email")


async def add_member(
    work: Work,
    application_id: int,
    family_name: str,
    given_name: str,
    email: str,
    patronymic: str | None = None,
) -> tuple[MonitoringMember, str]:
    """Name a further member of the group; the answer shows once the link by which that person, and
    nobody else, signs in and confirms. There are at most five members at a time, and twenty who
    ever were: each gets an account (``MONITORING_NAMED_TOO_MANY``).

    Who signed before signs again, as long as the application is with the group: it names its
    members.
    """
    application = await for_contact(work, application_id)
    require_open(application, "addMember")
    members = await members_of(work, application.id)
    if len(members) >= GROUP_SIZE[1]:
        least, most = GROUP_SIZE
        raise RuleRefused(
            "MONITORING_GROUP_SIZE",
            clause="R2023 §18",
            least=least,
            most=most,
            found=len(members) + 1,
        )
    last = await work.session.scalar(
        select(func.max(MonitoringMember.position)).where(
            MonitoringMember.application_id == application.id
        )
    )
    if (last or 0) >= MOST_NAMED:
        raise RuleRefused("MONITORING_NAMED_TOO_MANY", clause=PRODUCT_DEFAULT, most=MOST_NAMED)
    person = await register_outsider(
        work,
        SUBMIT,
        application.body_id,
        family_name=family_name,
        given_name=given_name,
        patronymic=patronymic,
    )
    member = MonitoringMember(
        application_id=application.id,
        person_id=person.id,
        position=(last or 0) + 1,
        email=checked_email(email),
    )
    work.session.add(member)
    await sign_anew(work, application)
    work.record(
        "monitoringMemberAdded",
        member,
        node_id=application.body_id,
        after=entered(
            {"application_id": application.id, "position": member.position, "email": email},
            personal={"email"},
        ),
        clause=FORM,
    )
    await show_files_to_member(work, application, member)
    _, link = await invite(work, person.id, action=SUBMIT, node_id=application.body_id)
    return member, link


async def invite_member(work: Work, member_id: int) -> tuple[MonitoringMember, str]:
    """Make a new link for a member: the contact while the member has not confirmed, so that nobody
    signs in as somebody who has; afterwards the unit, instead of a password [R2023 App.4].

    Nobody makes one for the contact, or for who is in another group, too: whoever makes a link
    could act there in their stead (``MONITORING_NO_LINK``). Links made for the member before, and
    not used, are good no more.
    """
    member = await find(work.session, MonitoringMember, member_id, field="memberId")
    application = await work.session.get_one(MonitoringApplication, member.application_id)
    checks = (await work.may(CHECK, application.node_id)).allowed
    if checks and not await is_own(work, application.id):
        application = await for_body(work, application.id, CHECK)
        action, node_id = CHECK, application.node_id
        if member.confirmed_at is None:
            raise RuleRefused("MONITORING_LINK_CANNOT_SIGN", clause=FORM, position=member.position)
    else:
        application = await for_contact(work, application.id)
        action, node_id = SUBMIT, application.body_id
        if member.iin_print is not None:  # signed once, if not anew since the last edit
            raise RuleRefused("MONITORING_LINK_FROM_UNIT", clause=PRODUCT_DEFAULT)
    if member.left_at is not None or application.state not in LIVE:
        raise wrong_state(application, "inviteMember", LIVE, PRODUCT_DEFAULT)
    if member.person_id == application.contact_id or await is_elsewhere(work, member):
        raise RuleRefused("MONITORING_NO_LINK", clause=PRODUCT_DEFAULT, position=member.position)
    if action == CHECK:
        member.link_from_unit_at = work.now
    await end_unused_invitations(work, member.person_id, action=action, node_id=node_id)
    _, link = await invite(work, member.person_id, action=action, node_id=node_id)
    work.record("monitoringMemberInvited", member, node_id=node_id, clause=PRODUCT_DEFAULT)
    return member, link


async def confirm_membership(
    work: Work,
    member_id: int,
    iin: str,
    consent: bool,
    email: str | None = None,
    conflict_of_interest: str | None = None,
    signature: str | None = None,
) -> MonitoringMember:
    """Sign the application as a member: who one is, that one meets what the Rules ask of members
    and is of age, and that one consents to the processing of these data.

    Signed in by one's own link one signs by that; or by a certificate, whose detached signature is
    of the member's ``statement``. A link that the unit made signs nothing: it is the member's
    alone no more. Raises ``MONITORING_IIN_WRONG``, ``MONITORING_SAME_PERSON``,
    ``MONITORING_CONSENT_NEEDED``, ``MONITORING_LINK_CANNOT_SIGN``.
    """
    member, application = await own_place(work, member_id)
    require_open(application, "confirmMembership", member)
    if not consent:
        raise RuleRefused("MONITORING_CONSENT_NEEDED", clause=FORM, field="consent")
    if member.link_from_unit_at is not None and signature is None:
        raise RuleRefused("MONITORING_LINK_CANNOT_SIGN", clause=FORM, position=member.position)
    number = iin.strip()
    if not is_identification_number(number):
        raise InvalidInput("MONITORING_IIN_WRONG", clause=PRODUCT_DEFAULT, field="iin")
    assert work.seal is not None  # every unit of work of a server has one
    print_ = work.seal.fingerprint(number, IIN)
    for other in await members_of(work, application.id):
        if other.id != member.id and other.iin_print == print_:
            raise RuleRefused("MONITORING_SAME_PERSON", clause=FORM, field="iin")
    given: dict[str, object] = {
        "iin_sealed": work.seal.closed(number, IIN),
        "iin_print": print_,
        "conflict": clean(conflict_of_interest, "conflictOfInterest"),
        "confirmed_at": work.now,
        **await signed(work, application, member, number, signature),
        "verified_at": None,
        "verified_by_id": None,
    }
    if email is not None:
        given["email"] = checked_email(email)
    before, after = change(member, given, personal=PERSONAL)
    await work.session.flush()
    work.record(
        "monitoringMembershipConfirmed",
        member,
        node_id=application.body_id,
        before=before,
        after=after,
        clause=FORM,
    )
    return member


async def leave_group(work: Work, member_id: int) -> MonitoringMember:
    """Leave a group, or be taken out of it by its contact: access ends at once, and rests for all
    when fewer than two are left. The contact stays until the end (product default).

    Who signed signs again, as long as the application is with the group.
    """
    member = await find(work.session, MonitoringMember, member_id, field="memberId")
    if member.person_id == work.actor.person_id:
        application = await for_group(work, member.application_id)
    else:
        application = await for_contact(work, member.application_id)
    member = await find(work.session, MonitoringMember, member_id, lock=Lock.UPDATE)
    if member.left_at is not None:
        raise NotFound("memberId")
    if member.person_id == application.contact_id:
        raise RuleRefused("MONITORING_CONTACT_STAYS", clause=PRODUCT_DEFAULT, field="memberId")
    if application.state not in LIVE:
        raise wrong_state(application, "leaveGroup", LIVE, PRODUCT_DEFAULT)
    await end_access(work, application, SUBMIT, "left the group", member)
    await hide_files_from_member(work, application, member)
    await end_unused_invitations(work, member.person_id, action=SUBMIT, node_id=application.body_id)
    before, after = change(member, {"left_at": work.now})
    await sign_anew(work, application)
    work.record(
        "monitoringMemberLeft",
        member,
        node_id=application.body_id,
        before=before,
        after=after,
        clause=PRODUCT_DEFAULT,
    )
    await shrink(work, application, SUBMIT, "fewer than two members are left")
    return member


async def is_elsewhere(work: Work, member: MonitoringMember) -> bool:
    """Whether a member is, or was, in another group, or has a role of another procedure."""
    group = select(MonitoringMember.id).where(
        MonitoringMember.person_id == member.person_id, MonitoringMember.id != member.id
    )
    role = select(Appointment.id).where(
        Appointment.person_id == member.person_id, Appointment.role != OBSERVER
    )
    return any([await work.session.scalar(each.limit(1)) for each in (group, role)])


async def own_place(work: Work, member_id: int) -> tuple[MonitoringMember, MonitoringApplication]:
    """The actor's own place in a group, held, and the application."""
    member = await find(work.session, MonitoringMember, member_id, field="memberId")
    if member.person_id != work.actor.person_id or member.left_at is not None:
        raise NotFound("memberId")
    application = await for_group(work, member.application_id)
    return await find(work.session, MonitoringMember, member_id, lock=Lock.UPDATE), application


def require_open(
    application: MonitoringApplication, act: str, member: MonitoringMember | None = None
) -> None:
    """Raise unless members may join; whoever was found in order stays so once access is given."""
    checked = member is not None and member.verified_at is not None
    allowed = EDITABLE if checked else OPEN_TO_MEMBERS
    if application.state not in allowed:
        raise wrong_state(application, act, allowed, PRODUCT_DEFAULT)


def opened_iin(seal: Any, sealed: str | None) -> str | None:
    """An identification number in full; None where none is kept."""
    if sealed is None:
        return None
    number: str = seal.opened(sealed, IIN)
    return number


def masked_iin(seal: Any, sealed: str | None) -> str | None:
    """``******1234``, or None where none is kept."""
    number = opened_iin(seal, sealed)
    return None if number is None else "******" + number[-4:]


def checked_email(text: str) -> str:
    """An address, as far as one can see. Raises ``MONITORING_EMAIL_WRONG``."""
    address = required(text, "email", limit=200)
    name, at, host = address.partition("@")
    if not (name and at and host) or any(each.isspace() for each in address) or "@" in host:
        raise InvalidInput("MONITORING_EMAIL_WRONG", clause=PRODUCT_DEFAULT, field="email")
    return address
