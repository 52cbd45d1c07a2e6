"""The whole platform with the plugin of regional plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from core.hierarchy.program import Program, ProgramKind
from core.tree.node import Node
from plugins.regional_plan.template.contents import Direction, Group
from plugins.regional_plan.template.yaml_file import write_yaml
from zhoba.api import Names
from zhoba.testing.databases import (
    database,
    database_url,
    postgres_database,
    sqlite_template,
)
from zhoba.testing.platform import (
    Member,
    Platform,
    Tree,
    installation,
    owners,
    platform,
    tree,
)

__all__ = [
    "database",
    "database_url",
    "installation",
    "owners",
    "platform",
    "postgres_database",
    "sqlite_template",
    "tree",
]


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    return {"regional_plan": "plugins.regional_plan.plugin"}


@dataclass
class Staff:
    """Who acts in the tests: the Office, and the heads of the project offices of two akimats."""

    office: Member
    here: Member
    there: Member


@pytest.fixture
async def staff(platform: Platform, tree: Tree) -> Staff:
    """The plugin is on for the republic and both regions, whose programs are regional plans."""
    async with platform.arranging() as session:
        for area in (tree.here, tree.there):
            program = await session.get_one(Program, area.program.id)
            program.kind = ProgramKind.REGIONAL_DEVELOPMENT_PLAN
    for region in (None, tree.here.region, tree.there.region):
        await platform.enable(region)
    return Staff(
        await platform.person("office_member", tree.country),
        await platform.person("po_head", tree.here.body),
        await platform.person("po_head", tree.there.body),
    )


def names(text: str) -> Names:
    """One name for all languages."""
    return Names(kk=text, ru=text, en=text)


def direction(code: str, *groups: str) -> Direction:
    """A direction of the architecture whose names are its codes."""
    return Direction(
        code, names(f"About {code}"), tuple(Group(each, names(f"Group {each}")) for each in groups)
    )


async def draft(platform: Platform, office: Member, *directions: Direction) -> dict[str, Any]:
    """A draft with these directions; its id and version."""
    begun = await platform.done(
        "regionalDraftTemplate", "regionalTemplate { id version }", by=office
    )
    found: dict[str, Any] = await platform.done(
        "regionalImportTemplate",
        "regionalTemplate { id version }",
        by=office,
        templateId=begun["id"],
        expectedVersion=begun["version"],
        format="YAML",
        content=write_yaml(directions, sample=False, note=None),
    )
    return found


async def published(platform: Platform, office: Member, *directions: Direction) -> str:
    """The id of an approved version with these directions."""
    begun = await draft(platform, office, *directions)
    await platform.done(
        "regionalPublishTemplate",
        "regionalTemplate { id }",
        by=office,
        templateId=begun["id"],
        expectedVersion=begun["version"],
    )
    id: str = begun["id"]
    return id


async def adopted(platform: Platform, by: Member, program: Node, template: str) -> str:
    """The id of the plan that has adopted a version."""
    plan: dict[str, str] = await platform.done(
        "regionalAdoptTemplate",
        "regionalPlan { id }",
        by=by,
        programId=f"Program:{program.id}",
        templateId=template,
    )
    return plan["id"]


PARTS = """
query Parts($plan: ID!) {
  regionalPlan(id: $plan) {
    directions(first: 50, orderBy: [{ field: TEMPLATE_CODE }]) {
      nodes {
        templateCode archivedAt
        groups(first: 50, orderBy: [{ field: TEMPLATE_CODE }]) {
          nodes { id name templateCode outsideTemplate }
        }
      }
    }
  }
}
"""


async def parts(platform: Platform, by: Member, plan: str) -> dict[str | None, Sequence[Any]]:
    """The groups of each direction of a plan that is not archived, by its code."""
    found = await platform.read(PARTS, {"plan": plan}, by=by)
    return {
        each["templateCode"]: each["groups"]["nodes"]
        for each in found["regionalPlan"]["directions"]["nodes"]
        if each["archivedAt"] is None
    }
