"""Documents of members, which only the checking unit opens, and files of what observers found."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select

from plugins.public_monitoring.access import ADVISE, CHECK, DECIDE_VISIT
from plugins.public_monitoring.advising import own as own_recommendation
from plugins.public_monitoring.advising import require_access
from plugins.public_monitoring.filing import (
    Opening,
    erase_document,
    for_manager,
    for_member,
    for_unit,
    open_file,
    purpose_of,
    purpose_of_advice,
    purpose_of_visit,
)
from plugins.public_monitoring.loading import as_observer, for_group, members_of, settings_at
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
    ADMITTED,
    OURS,
    RECOMMENDATION,
    RULES,
    MonitoringVisitState,
    refuse_unless_in,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    File,
    InvalidInput,
    Lock,
    NotFound,
    RuleRefused,
    Work,
    claim_file,
    entered,
    find,
)

PDF, PICTURE = "application/pdf", "image/"
"""Kinds of file, told by the content: what a document of a member may be, and a photograph."""


async def attach_document(
    work: Work, member_id: int, kind: MonitoringDocumentKind, file_id: int
) -> MonitoringDocument:
    """Attach a document that confirms, for oneself, what the Rules ask of members; only the unit
    that checks the application opens it."""
    member, application = await own_place(work, member_id)
    require_open(application, "attachDocument", member)
    settings = await settings_at(work, application.body_id)
    await require_room(
        work,
        and_(MonitoringDocument.member_id == member.id, MonitoringDocument.file_id.is_not(None)),
        settings.documents_most,
    )
    file = await claim_file(
        work,
        file_id,
        node_id=application.node_id,
        purpose=purpose_of(application.id),
        action=CHECK,
    )
    require_kind(file, (PDF, PICTURE))
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
    """Attach a photograph to a visit that was held; its group and the unit see it. One that is
    there already is there once."""
    visit = await find(work.session, MonitoringVisit, visit_id, field="visitId")
    try:
        application = await for_group(work, visit.application_id)
        refuse_unless_in(application, "attachPhoto", ADMITTED, OURS)
    except NotFound:
        application = await work.session.get_one(MonitoringApplication, visit.application_id)
        await work.require(DECIDE_VISIT, application.node_id, field="visitId")
        await find(work.session, MonitoringApplication, application.id, lock=Lock.UPDATE)
    refuse_unless_in(visit, "attachPhoto", (MonitoringVisitState.HELD,), RULES)
    settings = await settings_at(work, application.body_id)
    there = Attachment.visit_id == visit.id
    if await hangs(work, there, file_id):
        return visit
    await require_room(work, there, settings.photos_most)
    purpose = purpose_of_visit(visit.id)
    openings = [for_unit(application, purpose), for_manager(visit.project_id, purpose)]
    file = await hang(work, application, purpose, file_id, openings, visit_id=visit.id)
    require_kind(file, (PICTURE,))
    work.record("monitoringPhotoAttached", visit, node_id=visit.project_id, clause=OURS)
    return visit


async def attach_to_recommendation(
    work: Work, recommendation_id: int, expected_version: int, file_id: int
) -> MonitoringRecommendation:
    """Attach a file, such as a photograph, to a recommendation that was not sent yet. One that is
    there already is there once."""
    found, application = await own_recommendation(work, recommendation_id, expected_version)
    await work.require(as_observer(application, ADVISE), found.node_id, field="recommendationId")
    RECOMMENDATION.after(found, "send")
    await require_access(work, application)
    settings = await settings_at(work, application.body_id)
    there = Attachment.recommendation_id == found.id
    if await hangs(work, there, file_id):
        return found
    await require_room(work, there, settings.attachments_most)
    found.version += 1
    purpose = purpose_of_advice(found.id)
    await hang(work, application, purpose, file_id, [], recommendation_id=found.id)
    work.record("monitoringRecommendationFileAttached", found, node_id=found.node_id, clause=RULES)
    return found


async def hang(
    work: Work,
    application: MonitoringApplication,
    purpose: str,
    file_id: int,
    openings: Sequence[Opening],
    **of: int,
) -> File:
    """Hang a file where the members of the group open it, and no other group of the same object;
    ``openings`` say who else does."""
    members = await members_of(work, application.id)
    group = [for_member(application, purpose, member) for member in members]
    file = await open_file(work, file_id, [*group, *openings])
    work.session.add(
        Attachment(
            file_id=file_id,
            attached_by_id=work.actor.person_id,
            attached_at=work.now,
            **of,
        )
    )
    await work.session.flush()
    return file


async def hangs(work: Work, there: ColumnElement[bool], file_id: int) -> bool:
    """Whether a file was attached there before."""
    found = select(Attachment.id).where(there, Attachment.file_id == file_id).limit(1)
    return await work.session.scalar(found) is not None


async def require_room(work: Work, belongs: ColumnElement[bool], most: int) -> None:
    """Raise ``MONITORING_FILES_FULL`` where there are as many files as there may be."""
    count = await work.session.scalar(select(func.count()).where(belongs))
    if (count or 0) >= most:
        raise RuleRefused("MONITORING_FILES_FULL", clause=PRODUCT_DEFAULT, limit=most)


def require_kind(file: File, allowed: Sequence[str]) -> None:
    """Raise ``MONITORING_FILE_KIND`` for a file whose content is of another kind."""
    if not file.media_type.startswith(tuple(allowed)):
        raise InvalidInput(
            "MONITORING_FILE_KIND", clause=PRODUCT_DEFAULT, field="fileId", found=file.media_type
        )
