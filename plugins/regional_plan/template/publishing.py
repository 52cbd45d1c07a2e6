"""The Office sets the architecture, and takes it back."""

from __future__ import annotations

from sqlalchemy import select

from plugins.regional_plan.template.contents import Direction
from plugins.regional_plan.template.editing import CLAUSE, edited, held_template, open_draft
from plugins.regional_plan.template.reading import content_of
from plugins.regional_plan.template.template import RegionalTemplate, RegionalTemplateStatus
from zhoba.api import (
    PRODUCT_DEFAULT,
    Act,
    RuleRefused,
    Work,
    WrongState,
    change,
    find,
    flush_unique,
    require_version,
    required,
)


async def publish_template(
    work: Work, template_id: int, *, expected_version: int, act_id: int | None = None
) -> RegionalTemplate:
    """Approve a draft: plans adopt it from now on, and the version before it is retired.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``, ``REGIONAL_TEMPLATE_EMPTY``, ``REGIONAL_DIRECTION_EMPTY``,
    ``REGIONAL_TEMPLATE_OF_LATER_DAY``, ``NOT_FOUND``, ``REGIONAL_APPROVED_TWICE`` when another
    is approved at the same time.
    """
    template = await open_draft(work, template_id, expected_version)
    if act_id is not None:
        await find(work.session, Act, act_id, field="actId")
    require_complete(await content_of(work.session, template.id))
    for former in await work.session.scalars(
        select(RegionalTemplate)
        .where(RegionalTemplate.status == RegionalTemplateStatus.APPROVED)
        .with_for_update()
    ):
        require_day(work, template, former)
        await retire(work, former, {"successor": template.number})
    before, after = change(
        template,
        {
            "status": RegionalTemplateStatus.APPROVED,
            "valid_from": template.valid_from or work.today,
            "act_id": act_id,
            "approved_by_id": work.actor.person_id,
            "approved_at": work.now,
        },
    )
    await flush_unique(work.session, WrongState("REGIONAL_APPROVED_TWICE", clause=PRODUCT_DEFAULT))
    if template.sample:
        work.warn("REGIONAL_TEMPLATE_IS_SAMPLE", clause=PRODUCT_DEFAULT, number=template.number)
    await edited(work, template, "regionalTemplatePublished", before, after)
    return template


def require_day(work: Work, template: RegionalTemplate, former: RegionalTemplate) -> None:
    """Raise ``REGIONAL_TEMPLATE_OF_LATER_DAY`` where no version could be adopted until it comes."""
    if template.valid_from is not None and work.today < template.valid_from:
        raise RuleRefused(
            "REGIONAL_TEMPLATE_OF_LATER_DAY",
            clause=PRODUCT_DEFAULT,
            field="templateId",
            number=former.number,
            valid_from=template.valid_from,
        )


async def retire_template(
    work: Work, template_id: int, *, expected_version: int, reason: str
) -> RegionalTemplate:
    """Retire the approved version without another in its place: none can be adopted then.

    Action ``regional.architecture.define`` at the country. Plans that follow it go on. Raises
    ``CONFLICT``, ``REGIONAL_TEMPLATE_NOT_APPROVED``.
    """
    template = await held_template(work, template_id)
    require_version(template.version, expected_version)
    require_approved(template)
    await retire(work, template, {"reason": required(reason, "reason")})
    return template


async def retire(work: Work, template: RegionalTemplate, why: dict[str, object]) -> None:
    """The mechanics of retiring."""
    before, after = change(
        template, {"status": RegionalTemplateStatus.RETIRED, "retired_at": work.now}
    )
    await edited(work, template, "regionalTemplateRetired", before, after | why)


def require_approved(template: RegionalTemplate, field: str = "templateId") -> None:
    """Raise ``REGIONAL_TEMPLATE_NOT_APPROVED`` for a draft and for what is retired."""
    if template.status is not RegionalTemplateStatus.APPROVED:
        raise RuleRefused(
            "REGIONAL_TEMPLATE_NOT_APPROVED",
            clause=CLAUSE,
            field=field,
            number=template.number,
            status=template.status,
        )


def require_complete(content: tuple[Direction, ...]) -> None:
    """Raise unless it is a list of groups, consolidated in directions [R2023 §49]."""
    if not content:
        raise RuleRefused("REGIONAL_TEMPLATE_EMPTY", clause=CLAUSE, field="templateId")
    for each in content:
        if not each.groups:
            raise RuleRefused(
                "REGIONAL_DIRECTION_EMPTY", clause=CLAUSE, field="templateId", code=each.code
            )
