"""From an application to a recommendation opened again: by GraphQL alone, over two servers."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.db.engine import Database
from core.hierarchy.project_group import ProjectGroup
from core.people.account import Account, AccountKind
from core.tree.node import NodeKind
from tests.factories import World, make_appointment, make_node, make_person, make_world
from tests.stories.serving import Server, server
from zhoba.host.installing import Outcome, install
from zhoba.host.loading import load_installation
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.databases import run_sql, server_url
from zhoba.testing.days import today

PLUGIN = "public_monitoring"
MODULE = "plugins.public_monitoring.plugin"
NOW = datetime.now(UTC)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CSRF = {"X-Zhoba-CSRF": "1"}
KINDS = ("CONVICTION", "PSYCHONEUROLOGICAL", "NARCOLOGICAL")
APPLICATION = "monitoringApplication { id state version members { id } }"
ADVICE = "monitoringRecommendation { id state version }"
OBJECTS = "{ monitoringObjects { nodes { number } } }"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated, empty database that goes away with all its tables.

    PostgreSQL's: it is what servers share in service, and starting two of them takes a while.
    """
    if request.config.getoption("--db") == "sqlite":
        pytest.skip("two servers share a database of PostgreSQL")
    template = request.getfixturevalue("postgres_database").rpartition("/")[2]
    name = f"story_{uuid.uuid4().hex[:12]}"
    asyncio.run(run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    yield f"{server_url()}/{name}"
    asyncio.run(run_sql(f'DROP DATABASE "{name}" WITH (FORCE)'))


async def fill(database: Database) -> tuple[World, dict[str, int]]:
    """A body with its people, and one citizen; their accounts."""
    async with database.session() as session, session.begin():
        world = await make_world(session)
        unit = await make_node(session, NodeKind.ORGANIZATION_UNIT, world.body, stage=None)
        (await session.get_one(ProjectGroup, world.group.id)).responsible_unit_id = unit.id
        places = {
            "administrator": ("national_administrator", world.country),
            "head": ("unit_head", unit),
            "office": ("po_head", world.body),
            "manager": ("project_manager", world.project),
            "director": ("bd_head", world.direction),
            "citizen": None,
        }
        accounts = {}
        for name, place in places.items():
            person = await make_person(session, f"{name.capitalize()} Person")
            if place is not None:
                await make_appointment(session, person, *place)
            account = Account(
                kind=AccountKind.PERSON, label=name, person_id=person.id, created_at=NOW
            )
            session.add(account)
            await session.flush()
            accounts[name] = account.id
    return world, accounts


class People:
    """Everybody of the story, whose requests go to the servers in turns."""

    def __init__(self, servers: list[Server], settings: Settings, accounts: dict[str, int]) -> None:
        self.turns = itertools.cycle(f"http://127.0.0.1:{each.port}" for each in servers)
        self.settings = settings
        self.accounts = accounts
        self.client = httpx.AsyncClient(timeout=60)
        self.second = httpx.AsyncClient(timeout=60, headers=CSRF)  # who has a cookie, no token

    async def post(self, who: str, path: str, **given: Any) -> httpx.Response:
        address = f"{next(self.turns)}{path}"
        if who == "second":
            return await self.second.post(address, **given)
        token = own_token(self.settings, self.accounts[who], datetime.now(UTC))
        headers = {**given.pop("headers", {}), "authorization": f"Bearer {token}"}
        return await self.client.post(address, headers=headers, **given)

    async def ask(self, who: str, query: str, **variables: Any) -> Any:
        answer = await self.post(who, "/graphql", json={"query": query, "variables": variables})
        data = answer.json()
        assert "errors" not in data, data
        return data["data"]

    async def act(self, who: str, mutation: str, selection: str, **given: Any) -> Any:
        """The payload of a mutation that must not be refused."""
        name = mutation[0].upper() + mutation[1:]
        query = (
            f"mutation M($input: {name}Input!) {{ {mutation}(input: $input) "
            f"{{ {selection} userErrors {{ code message }} }} }}"
        )
        payload = (await self.ask(who, query, input=given))[mutation]
        assert payload["userErrors"] == [], payload
        return payload

    async def upload(self, who: str) -> str:
        ticket = await self.post(who, "/files/tickets", json={"name": "a.pdf"})
        stored = await self.post(
            who, "/files", content=PDF, headers={"X-Upload-Ticket": ticket.json()["ticket"]}
        )
        assert stored.status_code == 201, stored.text
        id: str = stored.json()["id"]
        return id


@pytest.mark.early
async def test_a_group_checks_a_project(url: str, tmp_path: Path) -> None:
    steps = await install(url, load_installation({PLUGIN: MODULE}).plugins, NOW)
    assert {each.outcome for each in steps} == {Outcome.CHANGED}, steps
    database = await Database.open(url)
    world, accounts = await fill(database)
    await database.close()
    settings = Settings(database_url=url, data_dir=tmp_path / "data")
    async with AsyncExitStack() as stack:
        servers = await asyncio.gather(
            *(stack.enter_async_context(server(settings)) for _ in range(2))
        )
        people = People(list(servers), settings, accounts)
        stack.push_async_callback(people.client.aclose)
        stack.push_async_callback(people.second.aclose)
        await people.act(
            "administrator",
            "enablePlugin",
            "pluginRegion { enabled }",
            plugin=PLUGIN,
            regionId=f"Region:{world.region.id}",
        )
        group = await apply(people, world)
        await handle(people, world, group)
        await advise(people, world, group)
        for name in ("citizen", "second"):
            assert len((await people.ask(name, OBJECTS))["monitoringObjects"]["nodes"]) == 1
        await move(people, "office", "RevokeAccess", group, reason="rude to the builders")
        for name in ("citizen", "second", "citizen", "second"):
            assert (await people.ask(name, OBJECTS))["monitoringObjects"]["nodes"] == []


async def move(people: People, who: str, act: str, group: Any, **given: Any) -> Any:
    """One act on the application, whose version goes on."""
    payload = await people.act(
        who,
        f"monitoring{act}",
        APPLICATION,
        applicationId=group["id"],
        expectedVersion=group["version"],
        **given,
    )
    group.update(payload["monitoringApplication"])
    return group["state"]


async def apply(people: People, world: World) -> Any:
    """Two citizens apply; the second has nothing but the link."""
    payload = await people.act(
        "citizen",
        "monitoringStartApplication",
        APPLICATION,
        bodyId=f"StateBody:{world.body.id}",
        projectId=f"Project:{world.project.id}",
        wantsSystem=True,
        wantsTerritory=True,
    )
    group = payload["monitoringApplication"]
    added = await people.act(
        "citizen",
        "monitoringAddMember",
        "monitoringMember { id application { version } } link",
        applicationId=group["id"],
        familyName="Second",
        givenName="Person",
        email="second@example.kz",
    )
    group["version"] = added["monitoringMember"]["application"]["version"]
    token = added["link"].partition("#")[2]
    signed_in = await people.second.post(f"{next(people.turns)}/sign-in", json={"token": token})
    assert signed_in.status_code == 201, signed_in.text
    async with httpx.AsyncClient(timeout=60) as client:
        again = await client.post(f"{next(people.turns)}/sign-in", json={"token": token})
    assert again.json()["errors"][0]["extensions"]["code"] == "INVITATION_USED"
    members = (group["members"][0]["id"], added["monitoringMember"]["id"])
    numbers = ("900101300126", "850505400266")
    for who, member, number in zip(("citizen", "second"), members, numbers, strict=True):
        await people.act(
            who,
            "monitoringConfirmMembership",
            "monitoringMember { confirmedAt }",
            memberId=member,
            iin=number,
            consent=True,
        )
        for kind in KINDS:
            await people.act(
                who,
                "monitoringAttachDocument",
                "monitoringDocument { kind }",
                memberId=member,
                kind=kind,
                fileId=await people.upload(who),
            )
    assert await move(people, "citizen", "SubmitApplication", group) == "SUBMITTED"
    return group


async def handle(people: People, world: World, group: Any) -> None:
    """The unit checks, the office grants, the unit answers and lets the group on the site."""
    inbox = "{ monitoringApplications { nodes { id members { documents { file { id } } } } } }"
    (found,) = (await people.ask("head", inbox))["monitoringApplications"]["nodes"]
    document = found["members"][1]["documents"][0]["file"]["id"]
    link = await people.act("head", "prepareDownload", "address", fileId=document)
    opened = await people.client.get(f"{next(people.turns)}{link['address']}")
    assert opened.content == PDF
    await move(people, "head", "TakeApplication", group)
    for member in group["members"]:
        await people.act(
            "head", "monitoringVerifyMember", "monitoringMember { id }", memberId=member["id"]
        )
    await move(people, "head", "RequestAccess", group)
    assert await move(people, "office", "GrantAccess", group) == "ACCESS_GRANTED"
    answer = {
        "number": "15-7/21",
        "territory": "ALLOWED",
        "visitOn": str(today() + timedelta(days=3)),
        "visitAt": "10:00",
        "visitAddress": "Abay 1",
    }
    assert await move(people, "head", "Respond", group, **answer) == "ACTIVE"


async def advise(people: People, world: World, group: Any) -> None:
    """The second member recommends, the director says it is done, the group says it is not."""
    found = (
        await people.act(
            "second",
            "monitoringWriteRecommendation",
            ADVICE,
            applicationId=group["id"],
            objectId=f"Project:{world.project.id}",
            parameter="QUALITY",
            planned="two layers",
            observed="one layer",
            finding="The roof is thin",
            advice="Lay the second layer",
        )
    )["monitoringRecommendation"]

    async def step(who: str, act: str, **given: Any) -> None:
        payload = await people.act(
            who,
            f"monitoring{act}Recommendation",
            ADVICE,
            recommendationId=found["id"],
            expectedVersion=found["version"],
            **given,
        )
        found.update(payload["monitoringRecommendation"])

    task = f"Task:{world.task.id}"
    await step("second", "Send")
    await step("director", "Acknowledge")
    await step("director", "Take", taskId=task)
    version = (await people.ask("manager", "query Q($id: ID!) { task(id: $id) { version } }",
                                id=task))["task"]["version"]  # fmt: skip
    await people.act(
        "manager",
        "closeTask",
        "task { closedOn }",
        taskId=task,
        expectedVersion=version,
        confirmingDocument="act 5",
    )
    await step("director", "Finish", answer="laid")
    await step("citizen", "Reopen", reason="there is one layer still")
    assert found["state"] == "REOPENED"
