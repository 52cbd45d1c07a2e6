"""Where the documents of members hang, and how they go."""

from __future__ import annotations

from sqlalchemy import select

from plugins.public_monitoring.access import READ
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringDocument,
    MonitoringMember,
)
from plugins.public_monitoring.observing import Attachment, MonitoringRecommendation
from zhoba.api import Work, claim_file, delete_file, move_file

RULES = "R2023 §18"


def purpose_of(application_id: int) -> str:
    """What the documents of an application are kept for."""
    return f"monitoring_application:{application_id}"


def purpose_of_advice(recommendation_id: int) -> str:
    """What the files of a recommendation are kept for."""
    return f"monitoring_recommendation:{recommendation_id}"


def shown_places(
    application: MonitoringApplication, node_id: int, purpose: str
) -> list[tuple[int, str, str]]:
    """Where the body opens a file of a group: the unit, and who may read the object."""
    return [
        (application.node_id, READ, f"{purpose}:unit"),
        (node_id, "project.read", f"{purpose}:body"),
    ]


async def show_files_of_advice(
    work: Work, application: MonitoringApplication, found: MonitoringRecommendation
) -> None:
    """Let the body open the files of a recommendation that is sent."""
    files = await work.session.scalars(
        select(Attachment.file_id)
        .where(Attachment.recommendation_id == found.id)
        .order_by(Attachment.id)
    )
    for file_id in files.all():
        for node, action, why in shown_places(
            application, found.node_id, purpose_of_advice(found.id)
        ):
            await claim_file(work, file_id, node_id=node, purpose=why, action=action)


async def erase_document(
    work: Work, application: MonitoringApplication, document: MonitoringDocument
) -> None:
    """Delete the file of a document; that there was one stays."""
    file_id, document.file_id, document.deleted_at = document.file_id, None, work.now
    await work.session.flush()
    if file_id is not None:
        await delete_file(
            work, file_id, node_id=application.node_id, purpose=purpose_of(application.id)
        )
    work.record("monitoringDocumentDeleted", document, node_id=application.node_id, clause=RULES)


async def move_documents(work: Work, application: MonitoringApplication, unit_id: int) -> None:
    """Let another unit open the documents of an application, in place of the one before."""
    if unit_id == application.node_id:
        return
    files = await work.session.scalars(
        select(MonitoringDocument.file_id)
        .join(MonitoringMember, MonitoringMember.id == MonitoringDocument.member_id)
        .where(
            MonitoringMember.application_id == application.id,
            MonitoringDocument.file_id.is_not(None),
        )
    )
    for file_id in set(files.all()):
        assert file_id is not None
        await move_file(
            work,
            file_id,
            purpose=purpose_of(application.id),
            from_node_id=application.node_id,
            to_node_id=unit_id,
        )
