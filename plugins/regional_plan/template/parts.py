"""Directions and groups of a draft, one by one."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from plugins.regional_plan.template.contents import (
    CLAUSE,
    checked_code,
    checked_names,
    code_twice,
    group_twice,
)
from plugins.regional_plan.template.editing import edited, open_draft
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from zhoba.api import (
    PRODUCT_DEFAULT,
    UNSET,
    InvalidInput,
    Names,
    RuleRefused,
    Unset,
    Work,
    change,
    entered,
    find,
)


async def add_template_direction(
    work: Work, template_id: int, *, expected_version: int, code: str, names: Names
) -> RegionalTemplate:
    """Add a standard basic direction to a draft, as its last one.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``, ``REGIONAL_CODE_MALFORMED``, ``REGIONAL_CODE_TWICE``,
    ``REGIONAL_LANGUAGE_MISSING``.
    """
    template = await open_draft(work, template_id, expected_version)
    code = checked_code(code)
    await require_free_direction(work, template, code)
    values = {"code": code, **checked_names(names, code)}
    last = await work.session.scalar(
        select(func.max(RegionalTemplateDirection.position)).where(
            RegionalTemplateDirection.template_id == template.id
        )
    )
    position = 0 if last is None else last + 1
    work.session.add(
        RegionalTemplateDirection(template_id=template.id, position=position, **values)
    )
    await edited(work, template, "regionalTemplateDirectionAdded", None, entered(values))
    return template


async def edit_template_direction(
    work: Work,
    direction_id: int,
    *,
    expected_version: int,
    code: str | Unset = UNSET,
    names: Names | Unset = UNSET,
    position: int | Unset = UNSET,
) -> RegionalTemplate:
    """Change code, name or place of a direction of a draft.

    Action ``regional.architecture.define`` at the country. Raises what adding one raises.
    """
    direction = await find(
        work.session, RegionalTemplateDirection, direction_id, field="directionId"
    )
    template = await open_draft(work, direction.template_id, expected_version)
    new_code = direction.code if code is UNSET else checked_code(code)
    if new_code != direction.code:
        await require_free_direction(work, template, new_code)
    before, after = change(
        direction,
        {
            "code": new_code,
            "position": position if position is UNSET else checked_position(position),
            **({} if names is UNSET else checked_names(names, new_code)),
        },
    )
    if after:
        was = before | {"direction": before.get("code", new_code)}
        await edited(work, template, "regionalTemplateDirectionEdited", was, after)
    return template


async def remove_template_direction(
    work: Work, direction_id: int, *, expected_version: int
) -> RegionalTemplate:
    """Take a direction with its groups out of a draft.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``.
    """
    direction = await find(
        work.session, RegionalTemplateDirection, direction_id, field="directionId"
    )
    template = await open_draft(work, direction.template_id, expected_version)
    await work.session.execute(
        delete(RegionalTemplateGroup).where(RegionalTemplateGroup.direction_id == direction.id)
    )
    await work.session.delete(direction)
    gone = entered({"code": direction.code, "name_kk": direction.name_kk})
    await edited(work, template, "regionalTemplateDirectionRemoved", gone, None)
    return template


async def add_template_group(
    work: Work, direction_id: int, *, expected_version: int, code: str, names: Names
) -> RegionalTemplate:
    """Add a project group to a direction of a draft, as its last one.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``, ``REGIONAL_CODE_MALFORMED``, ``REGIONAL_CODE_TWICE``,
    ``REGIONAL_GROUP_IN_TWO_DIRECTIONS``, ``REGIONAL_LANGUAGE_MISSING``.
    """
    direction = await find(
        work.session, RegionalTemplateDirection, direction_id, field="directionId"
    )
    template = await open_draft(work, direction.template_id, expected_version)
    code = checked_code(code)
    await require_free_group(work, template, code, direction.code)
    values = {"code": code, **checked_names(names, code)}
    last = await work.session.scalar(
        select(func.max(RegionalTemplateGroup.position)).where(
            RegionalTemplateGroup.direction_id == direction.id
        )
    )
    work.session.add(
        RegionalTemplateGroup(
            template_id=template.id,
            direction_id=direction.id,
            position=0 if last is None else last + 1,
            **values,
        )
    )
    after = entered(values) | {"direction": direction.code}
    await edited(work, template, "regionalTemplateGroupAdded", None, after)
    return template


async def edit_template_group(
    work: Work,
    group_id: int,
    *,
    expected_version: int,
    code: str | Unset = UNSET,
    names: Names | Unset = UNSET,
    direction_id: int | Unset = UNSET,
    position: int | Unset = UNSET,
) -> RegionalTemplate:
    """Change code, name, direction or place of a group of a draft.

    Action ``regional.architecture.define`` at the country. Raises what adding one raises, and
    ``REGIONAL_DIRECTION_OF_ANOTHER_VERSION``.
    """
    group = await find(work.session, RegionalTemplateGroup, group_id, field="groupId")
    template = await open_draft(work, group.template_id, expected_version)
    direction = await find(
        work.session,
        RegionalTemplateDirection,
        group.direction_id if direction_id is UNSET else direction_id,
        field="directionId",
    )
    if direction.template_id != template.id:
        raise RuleRefused(
            "REGIONAL_DIRECTION_OF_ANOTHER_VERSION", clause=CLAUSE, field="directionId"
        )
    new_code = group.code if code is UNSET else checked_code(code)
    if new_code != group.code:
        await require_free_group(work, template, new_code, direction.code)
    before, after = change(
        group,
        {
            "code": new_code,
            "direction_id": direction.id,
            "position": position if position is UNSET else checked_position(position),
            **({} if names is UNSET else checked_names(names, new_code)),
        },
    )
    if after:
        was = before | {"group": before.get("code", new_code)}
        await edited(work, template, "regionalTemplateGroupEdited", was, after)
    return template


async def remove_template_group(
    work: Work, group_id: int, *, expected_version: int
) -> RegionalTemplate:
    """Take a group out of a draft.

    Action ``regional.architecture.define`` at the country. Raises ``CONFLICT``,
    ``REGIONAL_TEMPLATE_NOT_DRAFT``.
    """
    group = await find(work.session, RegionalTemplateGroup, group_id, field="groupId")
    template = await open_draft(work, group.template_id, expected_version)
    await work.session.delete(group)
    gone = entered({"code": group.code, "name_kk": group.name_kk})
    await edited(work, template, "regionalTemplateGroupRemoved", gone, None)
    return template


async def require_free_direction(work: Work, template: RegionalTemplate, code: str) -> None:
    """Raise ``REGIONAL_CODE_TWICE`` when a direction of the version has the code."""
    taken = select(RegionalTemplateDirection.id).where(
        RegionalTemplateDirection.template_id == template.id, RegionalTemplateDirection.code == code
    )
    if await work.session.scalar(taken) is not None:
        raise code_twice(code, "code")


async def require_free_group(
    work: Work, template: RegionalTemplate, code: str, direction: str
) -> None:
    """Raise unless no group of the version has the code; a group lies in one direction."""
    lies_in = await work.session.scalar(
        select(RegionalTemplateDirection.code)
        .join(
            RegionalTemplateGroup,
            RegionalTemplateGroup.direction_id == RegionalTemplateDirection.id,
        )
        .where(RegionalTemplateGroup.template_id == template.id, RegionalTemplateGroup.code == code)
    )
    if lies_in is not None:
        raise group_twice(code, lies_in, direction, "code")


def checked_position(position: int) -> int:
    """Raise ``REGIONAL_POSITION`` for no place in a list."""
    if not 0 <= position < 10_000:
        raise InvalidInput("REGIONAL_POSITION", clause=PRODUCT_DEFAULT, field="position")
    return position
