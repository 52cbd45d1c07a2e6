"""Twenty plans in the demonstration, in an architecture that is made up and says so."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanDirection, RegionalPlanGroup
from plugins.regional_plan.template.editing import draft_template
from plugins.regional_plan.template.publishing import publish_template
from plugins.regional_plan.template.template import RegionalTemplate
from plugins.regional_plan.template.transfer import RegionalTemplateFormat, import_template
from plugins.regional_plan.template.yaml_file import read_yaml
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirection,
    BasicDirectionKind,
    Node,
    NodeKind,
    Origin,
    Program,
    ProgramKind,
    Work,
)

SAMPLE = Path(__file__).parent / "template" / "sample.yaml"


async def fill_demo(work: Work) -> None:
    """Publish the sample, and let the made-up plans follow it.

    Their directions and groups have its codes in the ids they were made under. Nothing is done
    where there is a version of the architecture already.
    """
    if await work.session.scalar(select(RegionalTemplate.id).limit(1)) is not None:
        return
    template = await published_sample(work)
    programs = await work.session.scalars(
        select(Node)
        .join(Program, Program.id == Node.id)
        .where(
            Program.kind == ProgramKind.REGIONAL_DEVELOPMENT_PLAN,
            Node.origin == Origin.SAMPLE,
            Node.region_id.is_not(None),
            Node.archived_at.is_(None),
        )
        .order_by(Node.id)
    )
    for program in programs.all():
        await follow(work, program, template)


async def published_sample(work: Work) -> RegionalTemplate:
    """The sample as the approved version."""
    draft = await draft_template(work, sample=True)
    await import_template(
        work,
        draft.id,
        expected_version=draft.version,
        format=RegionalTemplateFormat.YAML,
        content=SAMPLE.read_text("utf-8"),
    )
    return await publish_template(work, draft.id, expected_version=draft.version)


async def follow(work: Work, program: Node, template: RegionalTemplate) -> None:
    """Mark a made-up plan as one that adopted the sample, with the parts it has."""
    assert program.region_id is not None
    plan = RegionalPlan(
        id=program.id,
        region_id=program.region_id,
        template_id=template.id,
        profile=template.profile,
        adopted_at=work.now,
    )
    work.session.add(plan)
    await work.session.flush()
    content = read_yaml(SAMPLE.read_text("utf-8"))
    codes = {
        NodeKind.BASIC_DIRECTION: {each.code for each in content},
        NodeKind.PROJECT_GROUP: {one.code for each in content for one in each.groups},
    }
    models = {
        NodeKind.BASIC_DIRECTION: RegionalPlanDirection,
        NodeKind.PROJECT_GROUP: RegionalPlanGroup,
    }
    marked = []
    parts = await work.session.execute(
        select(Node.id, Node.kind, Node.origin_id).where(
            Node.program_scope_id == program.id, Node.kind.in_(models)
        )
    )
    for node_id, kind, origin_id in parts:
        code = (origin_id or "").rpartition(" ")[2].upper()
        if code in codes[kind]:
            work.session.add(models[kind](id=node_id, plan_id=plan.id, code=code, locked=True))
            marked.append(node_id)
    await work.session.execute(
        update(BasicDirection)
        .where(BasicDirection.id.in_(marked))
        .values(kind=BasicDirectionKind.REGIONAL_STANDARD)
        .execution_options(synchronize_session=False)
    )
    work.record(
        "regionalPlanAdopted",
        plan,
        node_id=plan.id,
        after={"template": template.number, "sample": True, "parts": len(marked)},
        clause=PRODUCT_DEFAULT,
    )
