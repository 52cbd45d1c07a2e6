"""The platform with every plugin there is: the shipped ones, and that of inspections."""

from __future__ import annotations

import pytest

from zhoba.host.finding import installed_offers
from zhoba.testing.databases import database_url, postgres_database, sqlite_template
from zhoba.testing.platform import installation, owners

__all__ = ["database_url", "installation", "owners", "postgres_database", "sqlite_template"]


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    offers = {offer.id: offer.module for offer in installed_offers()}
    return {**offers, "inspections": "tests.dummy_plugin.plugin"}
