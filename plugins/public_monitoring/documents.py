"""Documents of members, which only the checking unit opens, and files of what observers found."""

from __future__ import annotations

from plugins.public_monitoring.access import ADVISE, CHECK, DECIDE_VISIT, SCOPE
from plugins.public_monitoring.advising import own as own_recommendation
from plugins.public_monitoring.filing import (
    erase_document,
    purpose_of,
    purpose_of_advice,
    shown_places,
)
from plugins.public_monitoring.loading import for_group
from plugins.public_monitoring.membership import own_place, require_open
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringDocument,
    MonitoringDocumentKind,
)
from plugins.public_monitoring.observing import (
    Attachment,
    MonitoringRecommendation,
    MonitoringVisit,
)
from plugins.public_monitoring.states import (
    RECOMMENDATION,
    MonitoringVisitState,
    refuse_unless_in,
)
from zhoba.api import (
    NotFound,
    Work,
    claim_file,
    entered,
    find,
)

RULES = "R2023 §18"


async def attach_document(
    work: Work, member_id: int, kind: MonitoringDocumentKind, file_id: int
) -> MonitoringDocument:
    """Attach a document that confirms, for oneself, what the Rules ask of members; only the unit
    that checks the application opens it."""
    member, application = await own_place(work, member_id)
    require_open(application, "attachDocument", member)
    file = await claim_file(
        work,
        file_id,
        node_id=application.node_id,
        purpose=purpose_of(application.id),
        action=CHECK,
    )
    values = {"member_id": member.id, "kind": kind}
    document = MonitoringDocument(**values, file_id=file.id, attached_at=work.now)
    work.session.add(document)
    member.verified_at = member.verified_by_id = None
    await work.session.flush()
    work.record(
        "monitoringDocumentAttached",
        document,
        node_id=application.node_id,
        after=entered(values),
        clause=RULES,
    )
    return document


async def remove_document(work: Work, document_id: int) -> MonitoringDocument:
    """Take back a document of one's own that was attached by mistake; its file is deleted."""
    document = await find(work.session, MonitoringDocument, document_id, field="documentId")
    try:
        member, application = await own_place(work, document.member_id)
    except NotFound:
        raise NotFound("documentId") from None
    require_open(application, "removeDocument", member)
    member.verified_at = member.verified_by_id = None
    await erase_document(work, application, document)
    return document


async def attach_photo(work: Work, visit_id: int, file_id: int) -> MonitoringVisit:
    """Attach a photograph to a visit that was held; its group and the unit see it."""
    visit = await find(work.session, MonitoringVisit, visit_id, field="visitId")
    try:
        application = await for_group(work, visit.application_id)
    except NotFound:
        application = await work.session.get_one(MonitoringApplication, visit.application_id)
        await work.require(DECIDE_VISIT, application.node_id, field="visitId")
    refuse_unless_in(visit, "attachPhoto", (MonitoringVisitState.HELD,), RULES)
    await hang(
        work,
        application,
        visit.project_id,
        f"monitoring_visit:{visit.id}",
        file_id,
        visit_id=visit.id,
    )
    work.record("monitoringPhotoAttached", visit, node_id=visit.project_id, clause=RULES)
    return visit


async def attach_to_recommendation(
    work: Work, recommendation_id: int, expected_version: int, file_id: int
) -> MonitoringRecommendation:
    """Attach a file, such as a photograph, to a recommendation that was not sent yet."""
    found, application = await own_recommendation(work, recommendation_id, expected_version)
    await work.require(ADVISE, found.node_id, field="recommendationId")
    RECOMMENDATION.after(found, "send")
    found.version += 1
    await hang(
        work,
        application,
        found.node_id,
        purpose_of_advice(found.id),
        file_id,
        recommendation_id=found.id,
    )
    work.record("monitoringRecommendationFileAttached", found, node_id=found.node_id, clause=RULES)
    return found


async def hang(
    work: Work,
    application: MonitoringApplication,
    node_id: int,
    purpose: str,
    file_id: int,
    **of: int,
) -> None:
    """Hang a file on the monitored object for its observers, and show it to the body; what belongs
    to a recommendation only when that is sent."""
    places = [(node_id, SCOPE, purpose)]
    if "recommendation_id" not in of:
        places += shown_places(application, node_id, purpose)
    mine = [place for place in places if (await work.may(place[1], place[0])).allowed]
    for node, action, why in (*mine, *(place for place in places if place not in mine)):
        await claim_file(work, file_id, node_id=node, purpose=why, action=action)
    work.session.add(
        Attachment(
            file_id=file_id,
            attached_by_id=work.actor.person_id,
            attached_at=work.now,
            **of,
        )
    )
    await work.session.flush()
