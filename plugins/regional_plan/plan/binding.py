"""Plans in the schema, and what they add to regions, programs, directions and groups."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import and_

from plugins.regional_plan.access import ADOPT, READ, READ_BASIC
from plugins.regional_plan.plan.adopting import CLAUSE, adopt_template, end_plan
from plugins.regional_plan.plan.outside import direction_outside, group_outside, template_code
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.plan.upgrading import upgrade_plan
from plugins.regional_plan.template.template import RegionalTemplate
from zhoba.api import (
    NODE,
    PRODUCT_DEFAULT,
    Act,
    BasicDirection,
    ById,
    Extension,
    Level,
    Mutation,
    Node,
    Page,
    Person,
    Program,
    ProjectGroup,
    Region,
    Told,
    bind,
    col,
    connection,
    expr,
    ident,
    one,
)

PLAN = "RegionalPlan"
TEMPLATE = "RegionalTemplate"

plan = bind(
    PLAN,
    RegionalPlan,
    "A regional development plan in the unified project architecture [R2023 §2(54), §49].",
    [
        ident(),
        one(
            "program",
            "Program",
            lambda me, it: it[Program.id] == me[RegionalPlan.id],
            "The program that the plan is.",
            where=True,
        ),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[RegionalPlan.region_id],
            "The region it is the plan of.",
            where=True,
        ),
        one(
            "template",
            TEMPLATE,
            lambda me, it: it[RegionalTemplate.id] == me[RegionalPlan.template_id],
            "The version of the architecture it follows.",
            where=True,
        ),
        expr(
            "edition",
            sa.Text(),
            lambda row: sa.cast(row[RegionalPlan.profile], sa.Text()),
            "The edition of the Rules its version follows: `R2023` or `R2021`.",
            nullable=False,
        ),
        connection(
            "directions",
            "BasicDirection",
            lambda me, it: it[Node.parent_id] == me[RegionalPlan.id],
            "Its basic directions, additional and other ones too.",
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[RegionalPlan.act_id],
            "What the adoption rests on.",
            level=Level.FULL,
        ),
        one(
            "adoptedBy",
            "Person",
            lambda me, it: it[Person.id] == me[RegionalPlan.adopted_by_id],
            "Who adopted the architecture.",
            level=Level.FULL,
        ),
        col("adoptedAt", RegionalPlan.adopted_at, "When it was adopted.", where=True, order=True),
        col(
            "endedAt",
            RegionalPlan.ended_at,
            "When it was over: let go of, archived or closed.",
            where=True,
            order=True,
        ),
        col("version", RegionalPlan.version, "Counts its changes; for `expectedVersion`."),
    ],
    levels={Level.BASIC: READ_BASIC, Level.FULL: READ},
    node=RegionalPlan.id,
    interfaces=[NODE],
    order=["adoptedAt"],
)

on_regions = Extension(
    target="Region",
    fields=[
        one(
            "plan",
            PLAN,
            lambda me, it: and_(
                it[RegionalPlan.region_id] == me[Region.id], it[RegionalPlan.ended_at].is_(None)
            ),
            "The running development plan of the region, in the unified architecture.",
            where=True,
        )
    ],
)

on_programs = Extension(
    target="Program",
    fields=[
        one(
            "regionalPlan",
            PLAN,
            lambda me, it: it[RegionalPlan.id] == me[Program.id],
            "The regional plan that it is; null while it has adopted no architecture.",
            where=True,
        ),
        one(
            "template",
            TEMPLATE,
            lambda me, it: and_(
                it[RegionalPlan.id] == me[Program.id],
                it[RegionalTemplate.id] == it[RegionalPlan.template_id],
            ),
            "The version of the unified architecture it follows [R2023 §49].",
            link=RegionalPlan,
        ),
    ],
)

on_directions = Extension(
    target="BasicDirection",
    fields=[
        expr(
            "templateCode",
            sa.Text(),
            template_code(RegionalPlanDirection, BasicDirection.id),
            "Code of the direction of the architecture that it came from.",
            where=True,
            order=True,
        ),
        expr(
            "outsideTemplate",
            sa.Boolean(),
            direction_outside,
            "Whether it is neither in the plan's version of the architecture nor agreed with the "
            "Office; null outside of plans.",
            where=True,
            group=True,
        ),
    ],
)

on_groups = Extension(
    target="ProjectGroup",
    fields=[
        expr(
            "templateCode",
            sa.Text(),
            template_code(RegionalPlanGroup, ProjectGroup.id),
            "Code of the group of the architecture that it came from.",
            where=True,
            order=True,
        ),
        expr(
            "outsideTemplate",
            sa.Boolean(),
            group_outside,
            "Whether it is not in the plan's version of the architecture; null outside of plans. "
            "Parts of a group, and groups of an agreed direction, are not outside.",
            where=True,
            group=True,
        ),
    ],
)

NOUNS = (plan,)

EXTENSIONS = (on_regions, on_programs, on_directions, on_groups)

ROOTS = (
    Page("regionalPlans", "Regional plans in the unified architecture, in pages.", PLAN),
    ById("regionalPlan", "One regional plan.", PLAN),
)

IDS = {"program_id": ("Program",), "plan_id": (PLAN,), "template_id": (TEMPLATE,)}

MUTATIONS = (
    Mutation(
        "regionalAdoptTemplate",
        adopt_template,
        PLAN,
        (ADOPT,),
        CLAUSE,
        ids=IDS,
        describe={
            "program_id": "The program: a regional development plan of an akimat.",
            "template_id": "The approved version of the architecture.",
            "act_id": "What the adoption rests on.",
        },
    ),
    Mutation(
        "regionalUpgradePlan",
        upgrade_plan,
        PLAN,
        (ADOPT,),
        CLAUSE,
        ids=IDS,
        describe={
            "plan_id": "The plan.",
            "template_id": "The approved version of the architecture to go over to.",
            "expected_version": "The `version` of the report of this upgrade: `CONFLICT` when "
            "anything of the plan's architecture was changed since.",
        },
    ),
    Mutation(
        "regionalEndPlan",
        end_plan,
        PLAN,
        (ADOPT,),
        PRODUCT_DEFAULT,
        ids=IDS,
        describe={"plan_id": "The plan.", "reason": "Why it is over."},
    ),
)

TOLD = (
    Told(
        name="regionalPlanChanged",
        to=PLAN,
        acts=("regionalPlanAdopted", "regionalPlanUpgraded", "regionalPlanEnded"),
        description="Told when a plan the subscriber may read adopts, upgrades or ends.",
    ),
    Told(
        name="regionalTemplatePublished",
        to=TEMPLATE,
        acts=("regionalTemplatePublished",),
        description="Told when the Office approves a version of the architecture.",
    ),
)
