"""What a peculiarity may change, one model per subject: data that is checked, never a formula.

Section 12 of the Rules names five matters in which Astana, Almaty and Shymkent may differ, and
says nothing of how. What may be written down for each is a product default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiaritySubject as Subject
from zhoba.api import PRODUCT_DEFAULT, InvalidInput

ROLES_OF = {
    Subject.COMM_CENTRE: ("cc_head", "cc_manager"),
    Subject.SAC: ("sac_head", "sac_analyst"),
    Subject.EXPERT_COUNCIL: (
        "expert_council_member", "expert_council_secretary", "expert_group_member",
    ),
}  # fmt: skip
"""The rows of the staffing table that belong to what a city may do without [R2023 App.1 2-4]."""

OPTIONAL = frozenset(role for roles in ROLES_OF.values() for role in roles)

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
MOST = 1000


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Number(Model):
    """How many hold a role; no ``max``: any number."""

    min: int = Field(default=0, ge=0, le=MOST)
    max: int | None = Field(default=None, ge=0, le=MOST)

    @model_validator(mode="after")
    def check_order(self) -> Number:
        if self.max is not None and self.max < self.min:
            raise ValueError("max is less than min")
        return self


class Override(Model):
    """``units`` replaces rows of the staffing table by role; ``note`` is for people."""

    units: dict[str, Number] = {}
    note: Text | None = None

    def check_roles(self, roles: tuple[str, ...]) -> None:
        strange = sorted(set(self.units) - set(roles))
        if strange:
            raise ValueError(f"roles of something else: {', '.join(strange)}")


class Centre(Override):
    """``created``: whether the city has it at all."""

    created: bool = True


class CommCentre(Centre):
    @model_validator(mode="after")
    def check_units(self) -> CommCentre:
        self.check_roles(ROLES_OF[Subject.COMM_CENTRE])
        return self


class SituationCentre(Centre):
    @model_validator(mode="after")
    def check_units(self) -> SituationCentre:
        self.check_roles(ROLES_OF[Subject.SAC])
        return self


class ExpertCouncil(Centre):
    @model_validator(mode="after")
    def check_units(self) -> ExpertCouncil:
        self.check_roles(ROLES_OF[Subject.EXPERT_COUNCIL])
        return self


class Architecture(Model):
    """``omitted`` are codes of directions and groups of the template the plan goes without."""

    omitted: list[Code] = Field(default=[], max_length=MOST)
    note: Text | None = None


class Structure(Override):
    """``employment`` says by role which employment the city allows, ``appointment`` in words who
    appoints in which order."""

    employment: dict[str, Annotated[list[Literal["FULL", "COMBINED"]], Field(min_length=1)]] = {}
    appointment: Text | None = None

    @model_validator(mode="after")
    def check_units(self) -> Structure:
        strange = sorted(OPTIONAL & (set(self.units) | set(self.employment)))
        if strange:
            raise ValueError(f"roles with a subject of their own: {', '.join(strange)}")
        return self


MODELS: dict[Subject, type[Model]] = {
    Subject.COMM_CENTRE: CommCentre,
    Subject.SAC: SituationCentre,
    Subject.EXPERT_COUNCIL: ExpertCouncil,
    Subject.ARCHITECTURE: Architecture,
    Subject.ORG_STRUCTURE: Structure,
}


def checked_override(
    subject: Subject, given: Mapping[str, Any], roles: frozenset[str]
) -> dict[str, Any]:
    """``given`` as the model of its subject keeps it; ``roles`` are those of the staffing table.

    Raises ``REGIONAL_OVERRIDE_WRONG``, whose ``faults`` name each value at fault.
    """
    faults: list[str] = []
    try:
        found = MODELS[subject].model_validate(dict(given))
    except ValidationError as error:
        faults = [
            ": ".join((".".join(str(part) for part in each["loc"]), each["msg"])).lstrip(": ")
            for each in error.errors(include_input=False, include_context=False, include_url=False)
        ]
    else:
        named = {*getattr(found, "units", {}), *getattr(found, "employment", {})}
        faults = [f"{role}: no role of the staffing table" for role in sorted(named - roles)]
    if faults:
        raise InvalidInput(
            "REGIONAL_OVERRIDE_WRONG",
            clause=PRODUCT_DEFAULT,
            field="override",
            subject=subject,
            faults=faults,
        )
    return found.model_dump(mode="json", exclude_unset=True)
