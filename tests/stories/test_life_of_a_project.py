"""A project from initiation to closing, through GraphQL only, by the persons of the Rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from core.audit.chain import verify_chain
from core.audit.entry import AuditChain, AuditEntry
from tests.factories import World, make_appointment, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client


@dataclass
class Stage:
    """The persons of the story, with their accounts, and what they act on."""

    client: Client
    world: World
    accounts: dict[str, int] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)

    async def act(self, who: str, mutation: str, selection: str, **given: Any) -> Any:
        """The payload of a mutation, which must not have failed as a whole."""
        type_name = mutation[0].upper() + mutation[1:] + "Input"
        document = (
            f"mutation M($input: {type_name}!) {{ {mutation}(input: $input) {{ {selection} "
            "userErrors { field code clause message } warnings { code clause } } }"
        )
        answer = await self.client.query(document, {"input": given}, account=self.accounts.get(who))
        assert "errors" not in answer, answer["errors"]
        return answer["data"][mutation]

    async def done(self, who: str, mutation: str, selection: str, **given: Any) -> Any:
        """The changed object of a mutation that must not be refused."""
        payload = await self.act(who, mutation, selection, **given)
        assert payload["userErrors"] == []
        return payload[selection.split()[0]]

    async def refused(self, who: str, mutation: str, selection: str, **given: Any) -> Any:
        """Code, clause and field of the one refusal."""
        payload = await self.act(who, mutation, selection, **given)
        (error,) = payload["userErrors"]
        assert payload[selection.split()[0]] is None
        return error["code"], error["clause"], error["field"]


ROLES = ("program_manager", "bd_head", "pg_head", "gc_chair", "manager", "customer", "sponsor")


@pytest.fixture
async def stage(app: Starlette, client: Client) -> Stage:
    """An akimat with a program and one group; its officers hold their roles."""
    database = app.state.operations.services.database
    async with database.session() as session, session.begin():
        world = await make_world(session)
        people = {role: await make_person(session, f"{role.title()} Holder") for role in ROLES}
        for role in ("program_manager", "gc_chair"):
            await make_appointment(session, people[role], role, world.body)
        await make_appointment(session, people["bd_head"], "bd_head", world.direction)
        await make_appointment(session, people["pg_head"], "pg_head", world.group)
    found = Stage(client, world)
    for role, person in people.items():
        found.accounts[role] = await open_account(app, person)
        found.persons[role] = f"Person:{person.id}"
    return found


async def test_a_project_lives(stage: Stage, app: Starlette) -> None:
    world, persons = stage.world, stage.persons
    group = f"ProjectGroup:{world.group.id}"

    project = await stage.done(
        "pg_head",
        "createProject",
        "project { id number version stage durationClass costClass budget { amount currency } }",
        parentId=group,
        names={"kk": "Су құбыры", "ru": "Водопровод", "en": "Water main"},
        startsOn="2026-03-10",
        endsOn="2027-03-10",
        timeClass="NORMAL",
        budget={
            "amount": "70000000.00",
            "funding": [{"source": "LOCAL_BUDGET", "amount": "70000000.00"}],
        },
    )
    assert (project["stage"], project["durationClass"], project["costClass"]) == (
        "INITIATION",
        "MEDIUM_TERM",
        "MEDIUM_BUDGET",
    )
    assert project["budget"] == {"amount": "70000000.00", "currency": "KZT"}
    identity = project["id"]

    act = await stage.done(
        "program_manager",
        "registerAct",
        "act { id kind }",
        kind="PROTOCOL",
        number="7",
        datedOn="2026-03-01",
        bodyId=f"StateBody:{world.body.id}",
        title="Kick-off meeting",
    )
    appointment = await stage.done(
        "pg_head",
        "appoint",
        "appointment { id roleCode person { fullName } act { number } appointedBy { roleCode } }",
        personId=persons["manager"],
        role="project_manager",
        nodeId=identity,
        actId=act["id"],
    )
    assert appointment["appointedBy"] == {"roleCode": "pg_head"}
    assert appointment["act"] == {"number": "7"}

    assert await stage.refused(
        "manager", "proposeStageMove", "stageMove { id }", nodeId=identity, toStage="PLANNING"
    ) == ("CHARTER_ROLES_MISSING", "R2023 §85", [])

    edited = await stage.done(
        "manager",
        "editProjectCharter",
        "project { version goal }",
        projectId=identity,
        expectedVersion=1,
        goal="Clean water in every house",
    )
    assert edited == {"version": 2, "goal": "Clean water in every house"}
    assert await stage.refused(
        "manager",
        "editProjectCharter",
        "project { version }",
        projectId=identity,
        expectedVersion=1,
        goal="Something else",
    ) == ("CONFLICT", None, ["expectedVersion"])

    for role in ("project_initiator", "project_customer", "project_sponsor"):
        who = {"project_initiator": "pg_head", "project_customer": "customer"}.get(role, "sponsor")
        await stage.done(
            "bd_head",
            "appoint",
            "appointment { id }",
            personId=persons[who],
            role=role,
            nodeId=identity,
            actId=act["id"],
        )

    for target in ("PLANNING", "IMPLEMENTATION"):
        move = await stage.done(
            "manager",
            "proposeStageMove",
            "stageMove { id state fromStage }",
            nodeId=identity,
            toStage=target,
        )
        assert move["state"] == "PROPOSED"
        confirmed = await stage.done(
            "pg_head",
            "confirmStageMove",
            "stageMove { state object { ... on Project { stage monitored } } }",
            moveId=move["id"],
        )
        assert confirmed["object"]["stage"] == target
    assert confirmed["object"]["monitored"]

    task = await stage.done(
        "manager",
        "createTask",
        "task { id version overdue }",
        parentId=identity,
        names={"ru": "Проложить трубы"},
        executorId=persons["manager"],
        dueOn="2026-06-01",
    )
    assert await stage.refused(
        "manager", "closeTask", "task { id }", taskId=task["id"], expectedVersion=task["version"]
    ) == ("TASK_NEEDS_CONFIRMING_DOCUMENT", "R2023 §38(7)", ["confirmingDocument"])
    await stage.done(
        "manager",
        "closeTask",
        "task { closedOn }",
        taskId=task["id"],
        expectedVersion=task["version"],
        confirmingDocument="Акт № 12 от 28.05.2026",
    )

    assert await stage.refused(
        "manager", "proposeClosure", "stageMove { id }", nodeId=identity
    ) == ("RESULTS_NOT_ACCEPTED", "R2023 §2(23)", [])
    await stage.done("customer", "acceptResults", "project { stage }", projectId=identity)
    await stage.done(
        "manager", "recordLesson", "lesson { text }", projectId=identity, text="Pipes freeze"
    )
    for mutation, target in (("proposeClosure", "CLOSURE"), ("proposeClosing", "CLOSED")):
        move = await stage.done("manager", mutation, "stageMove { id toStage }", nodeId=identity)
        assert move["toStage"] == target
        await stage.done("pg_head", "confirmStageMove", "stageMove { state }", moveId=move["id"])

    answer = await stage.client.query(
        """query ($id: ID!) { project(id: $id) {
            stage managerName
            stageMoves { nodes { fromStage toStage } }
            history { totalCount nodes { act } }
            lessons { nodes { text } }
        } }""",
        {"id": identity},
        account=stage.accounts["bd_head"],
    )
    seen = answer["data"]["project"]
    assert (seen["stage"], seen["managerName"]) == ("CLOSED", "Manager Holder")
    assert [move["toStage"] for move in reversed(seen["stageMoves"]["nodes"])] == [
        "PLANNING",
        "IMPLEMENTATION",
        "CLOSURE",
        "CLOSED",
    ]
    assert seen["history"]["nodes"][0] == {"act": "projectCreated"}

    database = app.state.operations.services.database
    async with database.session() as session:
        assert await verify_chain(session, world.body.id) is None
        acts = (
            await session.scalars(
                select(AuditEntry.act)
                .where(AuditEntry.chain == world.body.id)
                .order_by(AuditEntry.position)
            )
        ).all()
        head = await session.get(AuditChain, world.body.id)
    assert head is not None
    assert head.length == len(acts)
    assert acts[0] == "projectCreated"


async def test_a_key_makes_an_act_happen_once(stage: Stage) -> None:
    given = {
        "parentId": f"ProjectGroup:{stage.world.group.id}",
        "names": {"en": "Once"},
        "idempotencyKey": "k-1",
    }
    first = await stage.done("pg_head", "createProject", "project { id number }", **given)
    again = await stage.done("pg_head", "createProject", "project { id number }", **given)
    assert again == first
    assert await stage.refused(
        "pg_head", "createProject", "project { id }", **(given | {"names": {"en": "Other"}})
    ) == ("IDEMPOTENCY_KEY_REUSED", "product default", ["idempotencyKey"])
    answer = await stage.client.query(
        "{ projects { totalCount } }", account=stage.accounts["bd_head"]
    )
    assert answer["data"] == {"projects": {"totalCount": 2}}


async def test_may_not_and_who_are_you_are_top_level(stage: Stage) -> None:
    document = (
        "mutation ($input: CreateProjectInput!) "
        "{ createProject(input: $input) { project { id } userErrors { code } } }"
    )
    given = {"input": {"parentId": f"ProjectGroup:{stage.world.group.id}", "names": {"en": "No"}}}
    for account, code in ((stage.accounts["gc_chair"], "FORBIDDEN"), (None, "NOT_AUTHENTICATED")):
        answer = await stage.client.query(document, given, account=account)
        assert [each["extensions"]["code"] for each in answer["errors"]] == [code]
        assert answer["data"] is None or answer["data"]["createProject"] is None


@pytest.mark.parametrize(
    ("parent", "code"),
    [("rubbish", "BAD_ID"), ("ProjectGroup:999999", "NOT_FOUND"), ("Program:1", "NOT_FOUND")],
)
async def test_a_bad_id_is_an_error_of_its_field(stage: Stage, parent: str, code: str) -> None:
    refused = await stage.refused(
        "pg_head", "createProject", "project { id }", parentId=parent, names={"en": "X"}
    )
    assert refused == (code, None, ["parentId"])
