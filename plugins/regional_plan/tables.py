"""The tables and their revisions, as the platform wants them."""

from __future__ import annotations

from pathlib import Path

from plugins.regional_plan.base import Base
from plugins.regional_plan.direction_request.request import RegionalDirectionRequest
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiarity
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from zhoba.api import Migrations

MODELS = (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
    RegionalPlan,
    RegionalPlanDirection,
    RegionalPlanGroup,
    RegionalDirectionRequest,
    RegionalPeculiarity,
)

MIGRATIONS = Migrations(Path(__file__).parent / "migrations", Base.metadata)
