"""The tables and their revisions, as the platform wants them."""

from __future__ import annotations

from pathlib import Path

from tests.dummy_plugin.models import Base
from zhoba.api import Migrations

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", Base.metadata)
