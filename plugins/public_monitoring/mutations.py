"""The acts of public monitoring as mutations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from plugins.public_monitoring import access, bindings, bindings_observing, scope
from plugins.public_monitoring.advising import (
    acknowledge_recommendation,
    decline_recommendation,
    edit_recommendation,
    finish_recommendation,
    reopen_recommendation,
    send_recommendation,
    take_recommendation,
    write_recommendation,
)
from plugins.public_monitoring.answering import respond
from plugins.public_monitoring.applying import (
    edit_application,
    start_application,
    submit_application,
    withdraw_application,
)
from plugins.public_monitoring.disclosing import close_document, open_document, state_fact
from plugins.public_monitoring.documents import (
    attach_document,
    attach_photo,
    attach_to_recommendation,
    remove_document,
)
from plugins.public_monitoring.granting import admit_member, grant_access, revoke_access
from plugins.public_monitoring.handling import (
    assign_unit,
    refuse_application,
    request_access,
    return_application,
    send_back,
    take_application,
    verify_member,
)
from plugins.public_monitoring.membership import (
    add_member,
    confirm_membership,
    invite_member,
    leave_group,
)
from plugins.public_monitoring.printing import make_document
from plugins.public_monitoring.states import OURS, RULES
from plugins.public_monitoring.visiting import (
    confirm_attendance,
    hold_visit,
    miss_visit,
    refuse_visit,
    request_visit,
    schedule_visit,
)
from zhoba.api import Mutation, Special

FORM = "R2023 §18, App.3"
ANSWER = "R2023 §18, App.4"

APPLICATION, MEMBER = bindings.APPLICATION, bindings.MEMBER
DOCUMENT = bindings.DOCUMENT
VISIT, RECOMMENDATION = bindings_observing.VISIT, bindings_observing.RECOMMENDATION

IDS = {
    "application_id": (APPLICATION,),
    "member_id": (MEMBER,),
    "document_id": (DOCUMENT,),
    "visit_id": (VISIT,),
    "recommendation_id": (RECOMMENDATION,),
    "object_id": ("Project", "ProjectGroup"),
    "group_ids": ("ProjectGroup",),
    "visit_project_id": ("Project",),
    "monitoring_member_ids": (MEMBER,),
    "open_document_id": (scope.DOCUMENT,),
}

SAYS = {
    "application_id": "The application.",
    "member_id": "The member of the group.",
    "document_id": "The document.",
    "visit_id": "The visit.",
    "recommendation_id": "The recommendation.",
    "object_id": "The monitored project or group.",
    "body_id": "The state body addressed.",
    "wants_system": "Ask for access to the system.",
    "wants_territory": "Ask for access to the territory of the objects.",
    "project_id": "The project.",
    "object_title": "The object as the group calls it: name and place of the project, or a list of "
    "groups. It is shown, and printed, in place of the name until the application is submitted.",
    "group_ids": "The project groups, instead of a project.",
    "email": "E-mail address; personal data.",
    "consent": "Consent to the processing of these data, and the statement that one meets §18.",
    "iin": "Individual identification number: 12 digits; personal data.",
    "signature": "A detached signature by certificate of the member's `statement`, in Base64; left "
    "out, one signs by the link one is signed in with. Refused where no plugin verifies it.",
    "conflict_of_interest": "What ties one to the project or its contractors; may be left out.",
    "kind": "What the document confirms.",
    "file_id": "The uploaded file.",
    "reason": "Why; the group reads it.",
    "reasons": "Why the territory may not be entered, with the grounds.",
    "number": "Number of the answer.",
    "dated_on": "Day of the answer; today if left out.",
    "valid_to": "Last day of access; as long as the region allows if left out.",
    "territory": "What is answered about the territory.",
    "visit_project_id": "The project whose site may be entered; the only one if left out.",
    "visit_on": "Day of the visit.",
    "visit_at": "Hour of the visit in the country's time, such as 14:30.",
    "visit_address": "Where the site is.",
    "manager_phone": "Telephone at work of the manager of the project.",
    "purpose": "What the group wants to look at.",
    "safety_note": "What the group has to keep to on the site.",
    "grounds": "The grounds: code and words, such as {SAFETY: ...}; codes are SAFETY, SECRECY, "
    "NO_OBJECT_YET, OBJECT_CLOSED, OTHER.",
    "monitoring_member_ids": "Who of the group came.",
    "manager_present": "Whether the manager of the project was there.",
    "record": "What was seen and explained.",
    "parameter": "What was checked, or is stated.",
    "as_of": "The day up to which it is stated.",
    "actual": "What was achieved, in words that name nobody; of cost it may be left out.",
    "title": "What the document is called.",
    "signed_on": "The day it was signed.",
    "open_to_public": "The statement that it is not for service use and holds no personal data.",
    "open_document_id": "The document.",
    "finding": "What was found.",
    "advice": "What is recommended.",
    "planned": "What was planned.",
    "observed": "What was observed.",
    "task_id": "The task by which it is done.",
    "answer": "What the group is told.",
    "form": "Which document.",
    "format": "What it is opened with.",
    "language": "The language of the document.",
}


def act(
    name: str,
    verb: Callable[..., Awaitable[Any]],
    result: str,
    *actions: str,
    clause: str = RULES,
    extra: tuple[str, str] | None = None,
    special: Mapping[str, Special] | None = None,
) -> Mutation:
    """A mutation of this plugin, with the words above."""
    return Mutation(
        f"monitoring{name}",
        verb,
        result,
        actions,
        clause,
        ids=IDS,
        describe=SAYS,
        special=special or {},
        extra=extra,
    )


def spent_given(value: Any) -> Mapping[str, Any]:
    """The verb's parameter, unless the field was left out."""
    return {"spent": value} if isinstance(value, Decimal) else {}


SPENT = Special(
    Decimal,
    "With the parameter COST: money spent by that day, in the currency of the project.",
    spent_given,
    ("spent",),
)


LINK = ("link", "The one-time link for that member alone; it is shown only now.")

MUTATIONS = (
    act("StartApplication", start_application, APPLICATION, access.SUBMIT, clause=FORM),
    act("EditApplication", edit_application, APPLICATION, access.SUBMIT, clause=FORM),
    act("SubmitApplication", submit_application, APPLICATION, access.SUBMIT, clause=FORM),
    act("WithdrawApplication", withdraw_application, APPLICATION, access.SUBMIT, clause=OURS),
    act("AddMember", add_member, MEMBER, access.SUBMIT, clause=FORM, extra=LINK),
    act(
        "InviteMember",
        invite_member,
        MEMBER,
        access.SUBMIT,
        access.CHECK,
        clause="product default; R2023 App.4",
        extra=LINK,
    ),
    act("ConfirmMembership", confirm_membership, MEMBER, access.SUBMIT, clause=FORM),
    act("LeaveGroup", leave_group, MEMBER, access.SUBMIT, clause=OURS),
    act("MakeDocument", make_document, "File", access.SUBMIT, access.READ, clause="R2023 App.3-4"),
    act("AttachDocument", attach_document, DOCUMENT, access.SUBMIT),
    act("RemoveDocument", remove_document, DOCUMENT, access.SUBMIT, clause=OURS),
    act("AssignUnit", assign_unit, APPLICATION, access.GRANT_ACCESS, clause=OURS),
    act("TakeApplication", take_application, APPLICATION, access.CHECK, clause=OURS),
    act("VerifyMember", verify_member, MEMBER, access.CHECK),
    act("ReturnApplication", return_application, APPLICATION, access.CHECK, clause=OURS),
    act("RefuseApplication", refuse_application, APPLICATION, access.RESPOND, clause=OURS),
    act("RequestAccess", request_access, APPLICATION, access.REQUEST_ACCESS),
    act("SendBack", send_back, APPLICATION, access.GRANT_ACCESS, clause=OURS),
    act("GrantAccess", grant_access, APPLICATION, access.GRANT_ACCESS),
    act("AdmitMember", admit_member, MEMBER, access.GRANT_ACCESS, clause=OURS),
    act("RevokeAccess", revoke_access, APPLICATION, access.REVOKE_ACCESS),
    act("Respond", respond, APPLICATION, access.RESPOND, clause=ANSWER),
    act(
        "StateFact",
        state_fact,
        scope.FACT,
        access.DISCLOSE,
        clause=OURS,
        special={"spent": SPENT},
    ),
    act("OpenDocument", open_document, scope.DOCUMENT, access.DISCLOSE, clause=OURS),
    act("CloseDocument", close_document, scope.DOCUMENT, access.DISCLOSE, clause=OURS),
    act("RequestVisit", request_visit, VISIT, access.REQUEST_VISIT, access.SUBMIT),
    act("ScheduleVisit", schedule_visit, VISIT, access.DECIDE_VISIT),
    act("RefuseVisit", refuse_visit, VISIT, access.DECIDE_VISIT),
    act("ConfirmAttendance", confirm_attendance, VISIT, access.ATTEND_VISIT),
    act("HoldVisit", hold_visit, VISIT, access.DECIDE_VISIT),
    act("MissVisit", miss_visit, VISIT, access.DECIDE_VISIT, clause=OURS),
    act("AttachPhoto", attach_photo, VISIT, access.SUBMIT, access.DECIDE_VISIT, clause=OURS),
    act("WriteRecommendation", write_recommendation, RECOMMENDATION, access.ADVISE, access.SUBMIT),
    act("EditRecommendation", edit_recommendation, RECOMMENDATION, access.SUBMIT, clause=OURS),
    act(
        "AttachToRecommendation",
        attach_to_recommendation,
        RECOMMENDATION,
        access.ADVISE,
        access.SUBMIT,
    ),
    act("SendRecommendation", send_recommendation, RECOMMENDATION, access.ADVISE, access.SUBMIT),
    act(
        "AcknowledgeRecommendation",
        acknowledge_recommendation,
        RECOMMENDATION,
        access.CONSIDER,
        clause=OURS,
    ),
    act("TakeRecommendation", take_recommendation, RECOMMENDATION, access.CONSIDER, clause=OURS),
    act(
        "DeclineRecommendation",
        decline_recommendation,
        RECOMMENDATION,
        access.CONSIDER,
        clause=OURS,
    ),
    act(
        "FinishRecommendation", finish_recommendation, RECOMMENDATION, access.CONSIDER, clause=OURS
    ),
    act("ReopenRecommendation", reopen_recommendation, RECOMMENDATION, access.SUBMIT, clause=OURS),
)
