"""What an upgrade of a plan would do, before it is done."""

from __future__ import annotations

from typing import Annotated

import strawberry

from plugins.regional_plan.access import READ
from plugins.regional_plan.info import INFO
from plugins.regional_plan.plan.plan import RegionalPlan
from plugins.regional_plan.plan.upgrade import EXTRA, MISSING, MOVED, RegionalUpgradeStep, Step
from plugins.regional_plan.plan.upgrading import report
from plugins.regional_plan.template.questions import RegionalNames, seen_template, shown
from zhoba.api import Info, enum_type, find, global_id, key_of, require_enabled

enum_type(RegionalUpgradeStep)


@strawberry.type(name="RegionalUpgradeAction", description="One step of an upgrade.")
class RegionalUpgradeAction:
    """One step."""

    kind: RegionalUpgradeStep = strawberry.field(description="What is done.")
    code: str | None = strawberry.field(
        description="Code in the architecture; null for what never was in it."
    )
    names: RegionalNames = strawberry.field(description="The name it has afterwards.")
    node: strawberry.ID | None = strawberry.field(
        description="The direction or group of the plan; null for what is to be added."
    )
    direction: str | None = strawberry.field(
        description="Code of the direction a group lies in afterwards."
    )
    projects: int = strawberry.field(description="How many projects it holds.")


@strawberry.type(
    name="RegionalUpgradeReport",
    description="What going over to a version of the architecture does to a plan.",
)
class RegionalUpgradeReport:
    """The dry run of an upgrade."""

    version: int = strawberry.field(
        description="For `expectedVersion` of the upgrade: another one once the plan was changed."
    )
    missing: list[RegionalUpgradeAction] = strawberry.field(
        description="What the plan lacks, and is added."
    )
    extra: list[RegionalUpgradeAction] = strawberry.field(
        description="What the version does not have: archived when empty, else outside of it."
    )
    moved: list[RegionalUpgradeAction] = strawberry.field(
        description="Groups that go to another direction."
    )
    steps: list[RegionalUpgradeAction] = strawberry.field(
        description="Everything that is done, in its order; then what stays outside."
    )


def action_of(step: Step) -> RegionalUpgradeAction:
    """A step for GraphQL."""
    group = "GROUP" in step.kind.name or step.direction is not None
    type_name = "ProjectGroup" if group else "BasicDirection"
    return RegionalUpgradeAction(
        kind=step.kind,
        code=step.code,
        names=shown(step.names),
        node=None if step.node_id is None else strawberry.ID(global_id(type_name, step.node_id)),
        direction=step.direction,
        projects=step.projects,
    )


@strawberry.type
class PlanQuestions:
    """Fields of Query."""

    @strawberry.field(
        description="The dry run of an upgrade: what is missing, extra and moved, and each step.",
        metadata={"actions": (READ,)},
    )
    async def regional_upgrade_report(
        self,
        info: Info,
        plan: Annotated[strawberry.ID, strawberry.argument(description="The plan.")],
        template: Annotated[
            strawberry.ID, strawberry.argument(description="The version to go over to.")
        ],
    ) -> RegionalUpgradeReport | None:
        async with info.context.asking() as work:
            key = key_of(plan, "RegionalPlan", field="plan")
            found = await find(work.session, RegionalPlan, key, field="plan")
            await work.require(READ, found.id, field="plan")
            await require_enabled(
                work.session, INFO.id, found.region_id, field="regionalUpgradeReport"
            )
            version = await seen_template(work, template, field="template")
            made = await report(work, found, version)
        actions = [action_of(step) for step in made.steps]
        return RegionalUpgradeReport(
            version=made.version,
            missing=[each for each in actions if each.kind in MISSING],
            extra=[each for each in actions if each.kind in EXTRA],
            moved=[each for each in actions if each.kind in MOVED],
            steps=actions,
        )
