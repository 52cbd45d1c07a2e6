"""How somebody holds a role, as one input."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from core.authority.appointment import Attachment, Employment
from core.authority.appointment_rows import Terms
from schema.mutations.declaring import Special
from schema.types import enum_type

enum_type(Employment)
enum_type(Attachment)


@strawberry.input(description="How somebody holds a role [R2023 App.1].")
class TermsInput:
    """Employment, attachment, share of time, implementation group, last day."""

    employment: Employment = strawberry.field(
        default=Employment.COMBINED, description="How much of the working time it takes."
    )
    attachment: Attachment = strawberry.field(
        default=Attachment.STAFF, description="What ties the person to the body."
    )
    participation_percent: int | None = strawberry.field(
        default=None, description="Share of the working time, 1 to 100."
    )
    group_number: int | None = strawberry.field(
        default=None,
        description="Which implementation group of the direction, from 1 [R2023 §64].",
    )
    valid_to: date | None = strawberry.field(
        default=None, description="Last day; left out: until released."
    )


def terms_given(value: TermsInput | None) -> Mapping[str, Any]:
    """The verb's parameter."""
    if value is None or value is strawberry.UNSET:
        return {}
    return {
        "terms": Terms(
            employment=value.employment,
            attachment=value.attachment,
            participation_percent=value.participation_percent,
            group_number=value.group_number,
            valid_to=value.valid_to,
        )
    }


TERMS = Special(
    type=TermsInput,
    description="How the role is held; left out: combined with the main post, until released.",
    given=terms_given,
    replaces=("terms",),
)
