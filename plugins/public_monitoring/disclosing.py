"""What a body tells observers of a project: the fact beside the plan, and documents open to them.

The Rules say "the proper level of access" and name terms, quality, cost [R2023 §18]. Terms and
budgets are in the tree; what was spent and how good it is nobody enters there, so the manager of
the project, who explains the progress, states it here (product default).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from plugins.public_monitoring.access import DISCLOSE, SCOPE
from plugins.public_monitoring.disclosures import MonitoringFact, MonitoringOpenDocument
from plugins.public_monitoring.observing import MonitoringParameter
from plugins.public_monitoring.states import OURS
from zhoba.api import (
    InvalidInput,
    Lock,
    Project,
    RuleRefused,
    Work,
    WrongState,
    change,
    claim_file,
    clean,
    entered,
    find,
    minor_units,
    release_file,
    required,
)


async def state_fact(
    work: Work,
    project_id: int,
    parameter: MonitoringParameter,
    as_of: date,
    planned: str | None = None,
    actual: str | None = None,
    spent: Decimal | None = None,
) -> MonitoringFact:
    """State what a project achieved by a day, for its observers: of cost the money spent, of
    anything else in words, which name nobody. A mistake is put right by stating it anew.

    Raises ``MONITORING_SPENT``, ``MONITORING_DAY_AHEAD`` and what an amount is refused with.
    """
    await work.require(DISCLOSE, project_id, field="projectId")
    project = await find(work.session, Project, project_id, field="projectId")
    if (spent is not None) is not (parameter is MonitoringParameter.COST):
        raise InvalidInput("MONITORING_SPENT", clause=OURS, field="spent")
    require_past(work, as_of, "asOf")
    values = {
        "project_id": project.id,
        "parameter": parameter,
        "as_of": as_of,
        "planned": clean(planned, "planned"),
        "actual": clean(actual, "actual") if spent is not None else required(actual, "actual"),
        "spent_minor": (
            None if spent is None else minor_units(spent, project.currency, field="spent")
        ),
    }
    fact = MonitoringFact(**values, stated_by_id=work.actor.person_id, stated_at=work.now)
    work.session.add(fact)
    await work.session.flush()
    work.record(
        "monitoringFactStated", fact, node_id=project.id, after=entered(values), clause=OURS
    )
    return fact


async def open_document(
    work: Work,
    object_id: int,
    title: str,
    signed_on: date,
    file_id: int,
    open_to_public: bool,
    number: str | None = None,
) -> MonitoringOpenDocument:
    """Open a signed document to the observers of a project or group: one that is not for service
    use and holds no personal data, as whoever opens it states.

    Raises ``MONITORING_DOCUMENT_NOT_OPEN``, ``MONITORING_DAY_AHEAD``.
    """
    await work.require(DISCLOSE, object_id, field="objectId")
    if not open_to_public:
        raise RuleRefused("MONITORING_DOCUMENT_NOT_OPEN", clause=OURS, field="openToPublic")
    require_past(work, signed_on, "signedOn")
    values = {
        "node_id": object_id,
        "title": required(title, "title"),
        "number": clean(number, "number"),
        "signed_on": signed_on,
        "file_id": file_id,
    }
    # The body first: whoever opens it to others goes on opening it themselves.
    await claim_file(work, file_id, node_id=object_id, purpose="monitoring_open_document")
    document = MonitoringOpenDocument(
        **values, opened_by_id=work.actor.person_id, opened_at=work.now
    )
    work.session.add(document)
    await work.session.flush()
    purpose = purpose_of_open(document)
    await claim_file(work, file_id, node_id=object_id, purpose=purpose, action=SCOPE)
    work.record(
        "monitoringDocumentOpened", document, node_id=object_id, after=entered(values), clause=OURS
    )
    return document


async def close_document(work: Work, open_document_id: int, reason: str) -> MonitoringOpenDocument:
    """Close a document that was open to observers; its row stays for the body.

    Raises ``MONITORING_DOCUMENT_CLOSED``.
    """
    seen = await find(
        work.session, MonitoringOpenDocument, open_document_id, field="openDocumentId"
    )
    await work.require(DISCLOSE, seen.node_id, field="openDocumentId")
    document = await find(work.session, MonitoringOpenDocument, open_document_id, lock=Lock.UPDATE)
    if document.closed_at is not None:
        raise WrongState("MONITORING_DOCUMENT_CLOSED", clause=OURS)
    reason = required(reason, "reason")
    before, after = change(document, {"closed_at": work.now})
    await work.session.flush()
    await release_file(
        work, document.file_id, node_id=document.node_id, purpose=purpose_of_open(document)
    )
    work.record(
        "monitoringDocumentClosed",
        document,
        node_id=document.node_id,
        before=before,
        after=after | {"reason": reason},
        clause=OURS,
    )
    return document


def purpose_of_open(document: MonitoringOpenDocument) -> str:
    """What the file of an open document hangs at its object for."""
    return f"monitoring_open_document:{document.id}"


def require_past(work: Work, day: date, field: str) -> None:
    """Raise ``MONITORING_DAY_AHEAD`` for a day that is still to come."""
    if day > work.today:
        raise RuleRefused("MONITORING_DAY_AHEAD", clause=OURS, field=field, day=day)
