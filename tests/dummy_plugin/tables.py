"""The tables and their revisions, as the platform wants them."""

from __future__ import annotations

from pathlib import Path

from zhoba.api import Migrations

from tests.dummy_plugin.models import Base

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", Base.metadata)
