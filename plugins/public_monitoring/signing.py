"""How a member signs an application. A signature by certificate (CMS) is one more of these."""

from __future__ import annotations

from typing import Protocol

from plugins.public_monitoring.models import MonitoringApplication, MonitoringMember
from zhoba.api import NotFound, Work


class Signature(Protocol):
    """A way to sign: ``kind`` is kept with the member.

    A verifier of certificates takes the text of :func:`statement` and the detached signature.
    """

    @property
    def kind(self) -> str: ...

    async def verify(
        self, work: Work, application: MonitoringApplication, member: MonitoringMember
    ) -> None:
        """Raise unless the member signed the application."""


class LinkSignature:
    """Signed in by the one-time link that only this member was given."""

    kind = "one-time link"

    async def verify(
        self, work: Work, application: MonitoringApplication, member: MonitoringMember
    ) -> None:
        """Raise :class:`~zhoba.api.NotFound` for anybody but the member."""
        if work.actor.person_id != member.person_id or member.application_id != application.id:
            raise NotFound("memberId")


LINK = LinkSignature()


def statement(application: MonitoringApplication, member: MonitoringMember) -> bytes:
    """What is signed, byte for byte: which application, as which member, of which version."""
    return f"monitoring:{application.id}:{application.version}:{member.position}".encode()
