"""The application with the platform's schema, and a world with three readers."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from tests.factories import make_appointment, make_person, make_world
from tests.stories.conftest import open_account, platform_schema, schema
from tests.zhoba.express.place import Place
from tests.zhoba.express.serving import line, served

__all__ = ["line", "platform_schema", "schema", "served"]


@pytest.fixture
async def place(app: Starlette) -> Place:
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        people = {
            "office": await make_person(session, "Асанова Дана"),
            "colleague": await make_person(session, "Чалтаев Олжас"),
            "manager": await make_person(session, "Беков Ерлан"),
            "stranger": await make_person(session, "Досова Айгүл"),
        }
        body = world.body.id
        people["hr"] = await make_person(session, "Ескен Өмір", state_body_id=body)
        member = await make_person(session, "Омар Қайрат", state_body_id=body, phone="+7 701")
        await make_appointment(session, people["hr"], "hr_service", world.body)
        await make_appointment(session, people["office"], "office_member", world.country)
        await make_appointment(session, people["colleague"], "office_member", world.country)
        await make_appointment(session, people["manager"], "project_manager", world.project)
    accounts: dict[str, int | None] = {"anonymous": None}
    for name, person in people.items():
        accounts[name] = await open_account(app, person)
    return Place(world, accounts, member.id)
