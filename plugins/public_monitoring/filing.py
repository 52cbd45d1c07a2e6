"""Who opens files: documents of members, photographs, files of recommendations; how they go.

A file opens for whoever sees the row it belongs to, and for nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from plugins.public_monitoring.access import ATTEND_VISIT, CONSIDER, READ, SUBMIT
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringDocument,
    MonitoringMember,
)
from plugins.public_monitoring.observing import (
    Attachment,
    MonitoringRecommendation,
    MonitoringVisit,
)
from plugins.public_monitoring.states import OURS
from zhoba.api import (
    File,
    Work,
    claim_file,
    delete_file,
    move_file,
    release_file,
)


def purpose_of(application_id: int) -> str:
    """What the documents of an application are kept for."""
    return f"monitoring_application:{application_id}"


def purpose_of_advice(recommendation_id: int) -> str:
    """What the files of a recommendation are kept for."""
    return f"monitoring_recommendation:{recommendation_id}"


def purpose_of_visit(visit_id: int) -> str:
    """What the photographs of a visit are kept for."""
    return f"monitoring_visit:{visit_id}"


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens a file: whoever may do ``action`` at a node, or of those one person."""

    node_id: int
    action: str
    purpose: str
    person_id: int | None = None


def for_member(
    application: MonitoringApplication, purpose: str, member: MonitoringMember
) -> Opening:
    """A member of the group, and no other group of the same object."""
    return Opening(
        application.body_id, SUBMIT, f"{purpose}:member:{member.id}", person_id=member.person_id
    )


def for_unit(application: MonitoringApplication, purpose: str) -> Opening:
    """The unit that handles the application, and the project office."""
    return Opening(application.node_id, READ, f"{purpose}:unit")


def for_manager(node_id: int, purpose: str) -> Opening:
    """Whoever manages the project and attends its visits."""
    return Opening(node_id, ATTEND_VISIT, f"{purpose}:manager")


def for_considering(node_id: int, purpose: str) -> Opening:
    """Whoever considers recommendations about an object."""
    return Opening(node_id, CONSIDER, f"{purpose}:considering")


async def open_file(work: Work, file_id: int, openings: Sequence[Opening]) -> File:
    """Let a file be opened so: first by the actor, who goes on opening what they hang."""
    mine = [
        each
        for each in openings
        if each.person_id in (None, work.actor.person_id)
        and (await work.may(each.action, each.node_id)).allowed
    ]
    for each in (*mine, *(each for each in openings if each not in mine)):
        file = await claim_file(
            work,
            file_id,
            node_id=each.node_id,
            purpose=each.purpose,
            action=each.action,
            person_id=each.person_id,
        )
    return file


async def show_files_of_advice(
    work: Work, application: MonitoringApplication, found: MonitoringRecommendation
) -> None:
    """Let those who answer a recommendation that is sent open its files."""
    purpose = purpose_of_advice(found.id)
    openings = [
        for_unit(application, purpose),
        for_considering(found.node_id, purpose),
        for_manager(found.node_id, purpose),
    ]
    files = await work.session.scalars(
        select(Attachment.file_id)
        .where(Attachment.recommendation_id == found.id)
        .order_by(Attachment.id)
    )
    for file_id in files.all():
        await open_file(work, file_id, openings)


async def files_of_group(work: Work, application_id: int) -> list[tuple[int, str]]:
    """Photographs and files of recommendations of a group, each with what it is kept for."""
    rows = await work.session.execute(
        select(Attachment.file_id, Attachment.visit_id, Attachment.recommendation_id)
        .outerjoin(MonitoringVisit, MonitoringVisit.id == Attachment.visit_id)
        .outerjoin(
            MonitoringRecommendation, MonitoringRecommendation.id == Attachment.recommendation_id
        )
        .where(
            or_(
                MonitoringVisit.application_id == application_id,
                MonitoringRecommendation.application_id == application_id,
            )
        )
        .order_by(Attachment.id)
    )
    found = [
        (file_id, purpose_of_visit(visit) if visit else purpose_of_advice(advice or 0))
        for file_id, visit, advice in rows
    ]
    return list(dict.fromkeys(found))  # rows of before could name a file twice


async def show_files_to_member(
    work: Work, application: MonitoringApplication, member: MonitoringMember
) -> None:
    """Let who joins a group open what it attached."""
    for file_id, purpose in await files_of_group(work, application.id):
        await open_file(work, file_id, [for_member(application, purpose, member)])


async def hide_files_from_member(
    work: Work, application: MonitoringApplication, member: MonitoringMember
) -> None:
    """Let who left a group open nothing of it any more."""
    for file_id, purpose in await files_of_group(work, application.id):
        opening = for_member(application, purpose, member)
        await release_file(work, file_id, node_id=opening.node_id, purpose=opening.purpose)


async def erase_document(
    work: Work, application: MonitoringApplication, document: MonitoringDocument
) -> None:
    """Delete the file of a document, unless another of the group is the same file; that there was
    one stays."""
    file_id, document.file_id, document.deleted_at = document.file_id, None, work.now
    await work.session.flush()
    kept = await work.session.scalar(
        select(MonitoringDocument.id)
        .join(MonitoringMember, MonitoringMember.id == MonitoringDocument.member_id)
        .where(
            MonitoringDocument.file_id == file_id,
            MonitoringMember.application_id == application.id,
        )
        .limit(1)
    )
    if file_id is not None and kept is None:
        await delete_file(
            work, file_id, node_id=application.node_id, purpose=purpose_of(application.id)
        )
    work.record("monitoringDocumentDeleted", document, node_id=application.node_id, clause=OURS)


async def move_documents(work: Work, application: MonitoringApplication, unit_id: int) -> None:
    """Let another unit open the documents of an application, and what its group attached, in place
    of the one before."""
    if unit_id == application.node_id:
        return
    for file_id, purpose in await files_of_group(work, application.id):
        await move_file(
            work,
            file_id,
            purpose=for_unit(application, purpose).purpose,
            from_node_id=application.node_id,
            to_node_id=unit_id,
        )
    files = await work.session.scalars(
        select(MonitoringDocument.file_id)
        .join(MonitoringMember, MonitoringMember.id == MonitoringDocument.member_id)
        .where(
            MonitoringMember.application_id == application.id,
            MonitoringDocument.file_id.is_not(None),
        )
    )
    for document_file_id in set(files.all()):
        assert document_file_id is not None
        await move_file(
            work,
            document_file_id,
            purpose=purpose_of(application.id),
            from_node_id=application.node_id,
            to_node_id=unit_id,
        )
