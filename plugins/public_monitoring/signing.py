"""How a member signs an application: by the link that only they were given, or by certificate.

Signatures by certificate are verified by whichever plugin can, through its hook
``verify_signature``; without one they are refused.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, literal_column, select
from sqlalchemy.orm import aliased

from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from zhoba.api import Row, Work, verify_signature

LINK = "one-time link"
"""The kind of a signature of who is signed in by their own link."""

SIGNATURE = "monitoring_signature"
"""What signatures are sealed for: certificates name their owners, and their numbers."""


async def signed(
    work: Work,
    application: MonitoringApplication,
    member: MonitoringMember,
    number: str,
    signature: str | None,
) -> dict[str, str | None]:
    """The columns of a member who signs, as kind and sealed signature.

    The caller has made sure that the actor is the member. Raises what
    :func:`~zhoba.api.verify_signature` raises.
    """
    if signature is None:
        return {"signature_kind": LINK, "signature_sealed": None}
    kind = await verify_signature(
        work,
        application.body_id,
        statement=statement(application, member).encode(),
        signature=signature,
        signer=number,
    )
    assert work.seal is not None  # every unit of work of a server has one
    return {"signature_kind": kind, "signature_sealed": work.seal.closed(signature, SIGNATURE)}


def statement(application: MonitoringApplication, member: MonitoringMember) -> str:
    """What is signed, byte for byte: which application, of which version, as which member."""
    return f"monitoring:{application.id}:{application.version}:{member.position}"


def statement_of(row: Row) -> ColumnElement[Any]:
    """The same in SQL."""
    found: Any = aliased(MonitoringApplication)
    version = (
        select(found.version)
        .where(found.id == row[MonitoringMember.application_id])
        .correlate(None)
        .scalar_subquery()
    )
    colon: ColumnElement[str] = literal_column("':'", Text)
    text: ColumnElement[str] = literal_column("'monitoring'", Text)
    for part in (row[MonitoringMember.application_id], version, row[MonitoringMember.position]):
        text = text + colon + cast(part, Text)
    return text
