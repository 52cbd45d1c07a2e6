"""The Office works on a draft of the architecture."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from plugins.regional_plan.access import DEFINE
from plugins.regional_plan.template.contents import Direction
from plugins.regional_plan.template.reading import content_of
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
    RegionalTemplateStatus,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    UNSET,
    Lock,
    Unset,
    Work,
    WrongState,
    change,
    clean,
    country_id,
    entered,
    find,
    flush_unique,
    name_columns,
    require_version,
)

CLAUSE = "R2023 §49, §73(2)"


async def draft_template(
    work: Work,
    *,
    copy_of_id: int | None = None,
    valid_from: date | None = None,
    note: str | None = None,
    sample: bool = False,
) -> RegionalTemplate:
    """Begin a draft of the next version of the architecture, empty or as a copy of another.

    Action ``regional.architecture.define`` at the country. Raises ``NOT_FOUND``,
    ``REGIONAL_NUMBER_TAKEN`` when two begin at once.
    """
    country = await country_id(work.session)
    await work.require(DEFINE, country)
    model = None
    if copy_of_id is not None:
        model = await find(work.session, RegionalTemplate, copy_of_id, field="copyOfId")
    values = {
        "number": (await work.session.scalar(select(func.max(RegionalTemplate.number))) or 0) + 1,
        "status": RegionalTemplateStatus.DRAFT,
        "profile": work.rules.profile,
        "valid_from": valid_from,
        "note": clean(note, "note"),
        "sample": sample or (model is not None and model.sample),
    }
    template = RegionalTemplate(**values)
    work.session.add(template)
    await flush_unique(
        work.session,
        WrongState("REGIONAL_NUMBER_TAKEN", clause=PRODUCT_DEFAULT, number=values["number"]),
    )
    if model is not None:
        await fill(work, template, await content_of(work.session, model.id))
    work.record(
        "regionalTemplateDrafted",
        template,
        node_id=country,
        after=entered(values) | ({"copy_of": model.number} if model is not None else {}),
        clause=CLAUSE,
    )
    return template


async def edit_template(
    work: Work,
    template_id: int,
    *,
    expected_version: int,
    valid_from: date | Unset | None = UNSET,
    note: str | Unset | None = UNSET,
) -> RegionalTemplate:
    """Change a draft's first day or its note.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``.
    """
    template = await open_draft(work, template_id, expected_version)
    before, after = change(
        template,
        {"valid_from": valid_from, "note": note if note is UNSET else clean(note, "note")},
    )
    if after:
        await edited(work, template, "regionalTemplateEdited", before, after)
    return template


async def open_draft(work: Work, template_id: int, expected_version: int) -> RegionalTemplate:
    """The draft, held for this edit.

    Raises ``NOT_FOUND``, ``CONFLICT``, ``REGIONAL_TEMPLATE_NOT_DRAFT``.
    """
    template = await held_template(work, template_id)
    require_version(template.version, expected_version)
    if template.status is not RegionalTemplateStatus.DRAFT:
        raise WrongState(
            "REGIONAL_TEMPLATE_NOT_DRAFT",
            clause=CLAUSE,
            number=template.number,
            status=template.status,
        )
    return template


async def held_template(work: Work, template_id: int) -> RegionalTemplate:
    """A version the Office is about to change; the actor may."""
    template = await find(
        work.session, RegionalTemplate, template_id, field="templateId", lock=Lock.UPDATE
    )
    await work.require(DEFINE, await country_id(work.session))
    return template


async def edited(
    work: Work,
    template: RegionalTemplate,
    act: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    """Count the edit and write it down in the history of the version."""
    template.version += 1
    await work.session.flush()
    work.record(
        act,
        template,
        node_id=await country_id(work.session),
        before=before,
        after=after,
        clause=CLAUSE,
    )


async def fill(work: Work, template: RegionalTemplate, content: tuple[Direction, ...]) -> None:
    """Put directions and groups into a version that has none."""
    session = work.session
    rows = [
        RegionalTemplateDirection(
            template_id=template.id,
            code=each.code,
            position=position,
            **name_columns(each.names.kk, each.names.ru, each.names.en),
        )
        for position, each in enumerate(content)
    ]
    session.add_all(rows)
    await session.flush()
    session.add_all(
        RegionalTemplateGroup(
            template_id=template.id,
            direction_id=row.id,
            code=one.code,
            position=position,
            **name_columns(one.names.kk, one.names.ru, one.names.en),
        )
        for row, each in zip(rows, content, strict=True)
        for position, one in enumerate(each.groups)
    )
    await session.flush()
