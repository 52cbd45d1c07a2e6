"""The tables and their revisions, as the platform wants them."""

from __future__ import annotations

from pathlib import Path

from plugins.public_monitoring.disclosures import MonitoringFact
from plugins.public_monitoring.models import Base
from plugins.public_monitoring.observing import Attachment
from zhoba.api import Migrations

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", Base.metadata)
TABLES_READ_TOO = (Attachment, MonitoringFact)
