"""What the README promises a new user."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette

from core.hierarchy.project import Project
from core.tree.node import Node, Stage
from tests.factories import make_appointment, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


async def test_the_first_query_is_answered(client: Client, app: Starlette) -> None:
    (query,) = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        manager = await make_person(session, "Asanova Dana")
        await make_appointment(session, manager, "project_manager", world.project)
        project = await session.get_one(Project, world.project.id)
        project.number, project.budget_minor = "PRJ-2026-000001", 100_00
        (await session.get_one(Node, project.id)).stage = Stage.PLANNING
    answer = await client.query(query, account=await open_account(app, manager))
    assert "errors" not in answer
    assert answer["data"]["viewer"] == {"fullName": "Asanova Dana"}
    (found,) = answer["data"]["projects"]["nodes"]
    assert (found["number"], found["budget"]) == (
        "PRJ-2026-000001",
        {"amount": "100.00", "currency": "KZT"},
    )
    assert found["appointments"]["nodes"] == [
        {"role": {"name": "project manager"}, "person": {"fullName": "Asanova Dana"}}
    ]
