"""Versions of the architecture in the schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from plugins.regional_plan.access import DEFINE, READ_BASIC
from plugins.regional_plan.plan.plan import RegionalPlan
from plugins.regional_plan.template.editing import CLAUSE, draft_template, edit_template
from plugins.regional_plan.template.parts import (
    add_template_direction,
    add_template_group,
    edit_template_direction,
    edit_template_group,
    remove_template_direction,
    remove_template_group,
)
from plugins.regional_plan.template.publishing import publish_template, retire_template
from plugins.regional_plan.template.template import (
    RegionalTemplate,
    RegionalTemplateDirection,
    RegionalTemplateGroup,
)
from plugins.regional_plan.template.transfer import import_template
from zhoba.api import (
    NODE,
    Act,
    ById,
    Level,
    Mutation,
    Page,
    Person,
    Row,
    bind,
    col,
    country_key,
    expr,
    ident,
    many,
    one,
    text3,
)

TEMPLATE = "RegionalTemplate"
DIRECTION = "RegionalTemplateDirection"
GROUP = "RegionalTemplateGroup"


def is_out(access: Any, template_id: ColumnElement[Any], form: Any) -> ColumnElement[bool]:
    """Whoever may define the architecture sees drafts; what was approved is for everybody."""
    version: Any = aliased(RegionalTemplate)
    out: Any = (
        select(sa.literal_column("1"))
        .where(version.id == template_id, version.approved_at.is_not(None))
        .correlate(None)
    )
    return or_(sa.exists(out), access.holds(DEFINE, country_key(), form))


def template_seen(access: Any, row: Row, action: str, form: Any) -> ColumnElement[bool]:
    return or_(
        row[RegionalTemplate.approved_at].is_not(None),
        access.holds(DEFINE, country_key(), form),
    )


def direction_seen(access: Any, row: Row, action: str, form: Any) -> ColumnElement[bool]:
    return is_out(access, row[RegionalTemplateDirection.template_id], form)


def group_seen(access: Any, row: Row, action: str, form: Any) -> ColumnElement[bool]:
    return is_out(access, row[RegionalTemplateGroup.template_id], form)


def counted(model: Any) -> Any:
    """How many parts of a kind a version has."""

    def count(row: Row) -> ColumnElement[Any]:
        part: Any = aliased(model)
        return (
            select(func.count(part.id))
            .where(part.template_id == row[RegionalTemplate.id])
            .correlate(None)
            .scalar_subquery()
        )

    return count


template = bind(
    TEMPLATE,
    RegionalTemplate,
    "A version of the unified project architecture of regional development plans "
    "[R2023 §49, §73(2)].",
    [
        ident(),
        col("number", RegionalTemplate.number, "Number of the version.", where=True, order=True),
        col("status", RegionalTemplate.status, "Where it is in its life.", where=True, group=True),
        expr(
            "edition",
            sa.Text(),
            lambda row: sa.cast(row[RegionalTemplate.profile], sa.Text()),
            "The edition of the Rules it follows: `R2023` or `R2021`.",
            nullable=False,
        ),
        col("validFrom", RegionalTemplate.valid_from, "The first day it may be adopted."),
        col("note", RegionalTemplate.note, "What the Office says about it."),
        col(
            "sample",
            RegionalTemplate.sample,
            "Whether it was made up to show the product, and is no architecture of the Office.",
            where=True,
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[RegionalTemplate.act_id],
            "The document it was approved by.",
        ),
        one(
            "approvedBy",
            "Person",
            lambda me, it: it[Person.id] == me[RegionalTemplate.approved_by_id],
            "Who approved it.",
        ),
        col("approvedAt", RegionalTemplate.approved_at, "When it was approved.", order=True),
        col("retiredAt", RegionalTemplate.retired_at, "When it was retired.", order=True),
        expr(
            "directionCount",
            sa.Integer(),
            counted(RegionalTemplateDirection),
            "How many directions it has.",
            nullable=False,
        ),
        expr(
            "groupCount",
            sa.Integer(),
            counted(RegionalTemplateGroup),
            "How many project groups it has.",
            nullable=False,
        ),
        expr(
            "planCount",
            sa.Integer(),
            lambda row: following(row),
            "How many running plans follow it.",
            nullable=False,
        ),
        many(
            "directions",
            DIRECTION,
            lambda me, it: it[RegionalTemplateDirection.template_id] == me[RegionalTemplate.id],
            "Its standard basic directions, in their order.",
            order=lambda row: [
                row[RegionalTemplateDirection.position],
                row[RegionalTemplateDirection.id],
            ],
            typical=12,
        ),
        col("version", RegionalTemplate.version, "Counts its edits; for `expectedVersion`."),
    ],
    levels={Level.BASIC: READ_BASIC},
    holds=template_seen,
    interfaces=[NODE],
    order=["-number"],
)


def following(row: Row) -> ColumnElement[Any]:
    """How many plans follow a version."""
    plan: Any = aliased(RegionalPlan)
    return (
        select(func.count(plan.id))
        .where(plan.template_id == row[RegionalTemplate.id], plan.ended_at.is_(None))
        .correlate(None)
        .scalar_subquery()
    )


direction = bind(
    DIRECTION,
    RegionalTemplateDirection,
    "A standard basic direction of the architecture [R2023 §49].",
    [
        ident(),
        col("code", RegionalTemplateDirection.code, "Its code, the same in every version."),
        *text3(RegionalTemplateDirection, "Name of the direction."),
        col("position", RegionalTemplateDirection.position, "Its place in the version."),
        one(
            "template",
            TEMPLATE,
            lambda me, it: it[RegionalTemplate.id] == me[RegionalTemplateDirection.template_id],
            "The version.",
        ),
        many(
            "groups",
            GROUP,
            lambda me, it: (
                it[RegionalTemplateGroup.direction_id] == me[RegionalTemplateDirection.id]
            ),
            "Its project groups, in their order.",
            order=lambda row: [row[RegionalTemplateGroup.position], row[RegionalTemplateGroup.id]],
            typical=5,
        ),
    ],
    levels={Level.BASIC: READ_BASIC},
    holds=direction_seen,
    interfaces=[NODE],
)

group = bind(
    GROUP,
    RegionalTemplateGroup,
    "A project group of the architecture [R2023 §49].",
    [
        ident(),
        col("code", RegionalTemplateGroup.code, "Its code, the same in every version."),
        *text3(RegionalTemplateGroup, "Name of the group."),
        col("position", RegionalTemplateGroup.position, "Its place in the direction."),
        one(
            "direction",
            DIRECTION,
            lambda me, it: (
                it[RegionalTemplateDirection.id] == me[RegionalTemplateGroup.direction_id]
            ),
            "The direction it lies in.",
        ),
    ],
    levels={Level.BASIC: READ_BASIC},
    holds=group_seen,
    interfaces=[NODE],
)

NOUNS = (template, direction, group)

ROOTS = (
    Page("regionalTemplates", "Versions of the unified architecture, in pages.", TEMPLATE),
    ById("regionalTemplate", "One version of the unified architecture.", TEMPLATE),
)

TEMPLATE_ID = {"template_id": (TEMPLATE,)}
VERSION = {"expected_version": "The `version` of the draft that the change is made to."}
SAYS = {
    "template_id": "The version.",
    "direction_id": "The direction of the draft.",
    "group_id": "The group of the draft.",
    "code": "Latin letters, digits, `.`, `_`, `-`; it stands once in a version.",
    "names": "The name in all three languages.",
    "position": "Place in the list, from 0.",
    "valid_from": "The first day it may be adopted; left out: the day of its approval.",
    "note": "What the Office says about it.",
    **VERSION,
}


def mutation(name: str, verb: Any, **more: Any) -> Mutation:
    """A mutation of the Office that returns the version."""
    return Mutation(
        name,
        verb,
        TEMPLATE,
        (DEFINE,),
        CLAUSE,
        ids={
            "template_id": (TEMPLATE,),
            "copy_of_id": (TEMPLATE,),
            "direction_id": (DIRECTION,),
            "group_id": (GROUP,),
        },
        describe={**SAYS, **more},
    )


MUTATIONS = (
    mutation(
        "regionalDraftTemplate",
        draft_template,
        copy_of_id="The version to begin from; left out: an empty one.",
        sample="Whether it is made up to show the product.",
    ),
    mutation("regionalEditTemplate", edit_template),
    mutation("regionalAddTemplateDirection", add_template_direction),
    mutation("regionalEditTemplateDirection", edit_template_direction),
    mutation("regionalRemoveTemplateDirection", remove_template_direction),
    mutation("regionalAddTemplateGroup", add_template_group),
    mutation("regionalEditTemplateGroup", edit_template_group),
    mutation("regionalRemoveTemplateGroup", remove_template_group),
    mutation(
        "regionalImportTemplate",
        import_template,
        format="The kind of file.",
        content="The text of a YAML file, or a spreadsheet in base64.",
    ),
    mutation("regionalPublishTemplate", publish_template, act_id="The document it is approved by."),
    mutation("regionalRetireTemplate", retire_template, reason="Why no version is to be adopted."),
)
