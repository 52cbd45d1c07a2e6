"""What the plugin adds to the schema, noun by noun."""

from __future__ import annotations

from plugins.regional_plan.info import INFO
from zhoba.api import Contribution

CONTRIBUTION = Contribution(owner=INFO.id)
