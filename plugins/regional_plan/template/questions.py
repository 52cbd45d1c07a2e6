"""Questions about versions of the architecture that no table answers."""

from __future__ import annotations

from typing import Annotated

import strawberry

from plugins.regional_plan.access import DEFINE, READ_BASIC
from plugins.regional_plan.info import INFO
from plugins.regional_plan.template.difference import Change, RegionalChangeKind, changes
from plugins.regional_plan.template.reading import content_of
from plugins.regional_plan.template.template import RegionalTemplate, RegionalTemplateStatus
from plugins.regional_plan.template.transfer import RegionalTemplateFormat, written
from zhoba.api import (
    Info,
    Names,
    NotFound,
    Work,
    country_id,
    enum_type,
    find,
    key_of,
    require_enabled_anywhere,
)

TEMPLATE = "RegionalTemplate"

enum_type(RegionalChangeKind)
enum_type(RegionalTemplateFormat)


@strawberry.type(name="RegionalNames", description="A name in three languages.")
class RegionalNames:
    """A name as it stands in a version or a plan."""

    kk: str | None = strawberry.field(description="In Kazakh.")
    ru: str | None = strawberry.field(description="In Russian.")
    en: str | None = strawberry.field(description="In English.")


@strawberry.type(name="RegionalTemplateChange", description="One difference between two versions.")
class RegionalTemplateChange:
    """One difference."""

    kind: RegionalChangeKind = strawberry.field(description="What is different.")
    code: str = strawberry.field(description="Code of the direction or group.")
    names: RegionalNames = strawberry.field(description="Its name.")
    former_names: RegionalNames | None = strawberry.field(
        description="Its name in the other version, where that is different."
    )
    from_direction: str | None = strawberry.field(
        description="Code of the direction a group lay in, where it left it."
    )
    to_direction: str | None = strawberry.field(
        description="Code of the direction a group lies in, where it is new there."
    )


def shown(names: Names) -> RegionalNames:
    """A name for GraphQL."""
    return RegionalNames(kk=names.kk, ru=names.ru, en=names.en)


def shown_change(change: Change) -> RegionalTemplateChange:
    """A difference for GraphQL."""
    before, after = change.before, change.after
    return RegionalTemplateChange(
        kind=change.kind,
        code=change.code,
        names=shown(change.names),
        former_names=shown(before) if isinstance(before, Names) else None,
        from_direction=before if isinstance(before, str) else None,
        to_direction=after if isinstance(after, str) else None,
    )


async def seen_template(work: Work, given: str, *, field: str) -> RegionalTemplate:
    """The version of an id. Raises ``NOT_FOUND`` for a draft of others."""
    found = await find(
        work.session, RegionalTemplate, key_of(given, TEMPLATE, field=field), field=field
    )
    if found.status is RegionalTemplateStatus.DRAFT:
        at = await country_id(work.session)
        if not (await work.authority.check(work, DEFINE, at)).allowed:
            raise NotFound(field)
    return found


@strawberry.type
class TemplateQuestions:
    """Fields of Query."""

    @strawberry.field(
        description="What is different from one version of the architecture to another.",
        metadata={"actions": (READ_BASIC,)},
    )
    async def regional_template_difference(
        self,
        info: Info,
        before: Annotated[strawberry.ID, strawberry.argument(description="The one version.")],
        after: Annotated[strawberry.ID, strawberry.argument(description="The other version.")],
    ) -> list[RegionalTemplateChange] | None:
        async with info.context.asking() as work:
            await require_enabled_anywhere(
                work.session, INFO.id, field="regionalTemplateDifference"
            )
            old = await seen_template(work, before, field="before")
            new = await seen_template(work, after, field="after")
            return [
                shown_change(each)
                for each in changes(
                    await content_of(work.session, old.id), await content_of(work.session, new.id)
                )
            ]

    @strawberry.field(
        description="A version of the architecture as a file.",
        metadata={"actions": (READ_BASIC,)},
    )
    async def regional_template_file(
        self,
        info: Info,
        template: Annotated[strawberry.ID, strawberry.argument(description="The version.")],
        format: Annotated[
            RegionalTemplateFormat,
            strawberry.argument(description="The kind of file; a spreadsheet comes in base64."),
        ] = RegionalTemplateFormat.YAML,
    ) -> str | None:
        async with info.context.asking() as work:
            await require_enabled_anywhere(work.session, INFO.id, field="regionalTemplateFile")
            found = await seen_template(work, template, field="template")
            return written(format, found, await content_of(work.session, found.id))
