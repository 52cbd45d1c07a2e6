"""Questions about authority and about what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from starlette.applications import Starlette

from core.people.person import CertificateLevel
from tests.factories import World, make_appointment, make_person, make_world
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

EXPLAIN = """query ($person: ID!, $node: ID!, $action: String!) {
  explainAccess(person: $person, node: $node, action: $action) {
    allowed decidingRule roles { code relation distance service } rules { id condition matches }
  }
}"""


@dataclass
class Asked:
    world: World
    manager: int
    manager_id: str
    auditor: int


@pytest.fixture
async def asked(app: Starlette) -> Asked:
    async with app.state.operations.services.database.session() as session, session.begin():
        world = await make_world(session)
        manager = await make_person(session, "Manager Holder", state_body_id=world.body.id)
        auditor = await make_person(session, "Auditor Holder")
        await make_appointment(session, manager, "project_manager", world.project)
        await make_appointment(session, auditor, "auditor", world.country)
        await make_appointment(session, auditor, "security_officer", world.country)
    return Asked(
        world,
        await open_account(app, manager),
        f"Person:{manager.id}",
        await open_account(app, auditor),
    )


async def test_my_permissions_are_those_held_here(client: Client, asked: Asked) -> None:
    query = "query ($node: ID!) { myPermissions(node: $node) { code } }"
    found = {}
    for kind, node in (("Project", asked.world.project), ("Program", asked.world.program)):
        answer = await client.query(query, {"node": f"{kind}:{node.id}"}, account=asked.manager)
        found[kind] = {each["code"] for each in answer["data"]["myPermissions"]}
    assert {"project.edit_charter", "task.manage", "project.read"} <= found["Project"]
    assert "project.confirm_stage" not in found["Project"]
    assert "program.read_basic" in found["Program"]
    assert "program.read" not in found["Program"]


async def test_explanation_names_the_role_and_the_rule(client: Client, asked: Asked) -> None:
    node = f"Task:{asked.world.task.id}"
    given = {"person": asked.manager_id, "node": node, "action": "task.manage"}
    answer = await client.query(EXPLAIN, given, account=asked.manager)
    explained = answer["data"]["explainAccess"]
    assert explained["allowed"]
    (matching,) = [rule for rule in explained["rules"] if rule["matches"]]
    assert explained["decidingRule"] == matching["id"]
    assert matching["condition"] is None
    assert {"code": "project_manager", "relation": "TREE", "distance": 1, "service": False} in (
        explained["roles"]
    )


@pytest.mark.parametrize(("who", "code"), [("manager", "FORBIDDEN"), (None, "NOT_FOUND")])
async def test_asking_about_others_needs_a_right(
    client: Client, asked: Asked, who: str | None, code: str
) -> None:
    given = {
        "person": "Person:999" if who is None else f"Person:{asked.manager_id[7:]}1",
        "node": f"Project:{asked.world.project.id}",
        "action": "project.read",
    }
    account = asked.manager if who else None
    answer = await client.query(EXPLAIN, given, account=account)
    assert answer["data"]["explainAccess"] is None
    assert [each["extensions"]["code"] for each in answer["errors"]] == [code]


async def test_an_auditor_may_ask_about_others(client: Client, asked: Asked) -> None:
    given = {
        "person": asked.manager_id,
        "node": f"Project:{asked.world.project.id}",
        "action": "project.confirm_stage",
    }
    answer = await client.query(EXPLAIN, given, account=asked.auditor)
    explained = answer["data"]["explainAccess"]
    assert explained["allowed"] is False
    assert explained["decidingRule"] is None
    assert explained["rules"] != []


async def test_an_unknown_action_is_bad_input(client: Client, asked: Asked) -> None:
    given = {"person": asked.manager_id, "node": "Project:1", "action": "project.fly"}
    answer = await client.query(EXPLAIN, given, account=asked.manager)
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["UNKNOWN_ACTION"]


async def test_gaps_say_what_a_project_lacks(client: Client, asked: Asked) -> None:
    query = "query ($id: ID!) { project(id: $id) { gaps { code clause field message } } }"
    identity = {"id": f"Project:{asked.world.project.id}"}
    answer = await client.query(query, identity, account=asked.manager)
    gaps = {gap["code"]: gap for gap in answer["data"]["project"]["gaps"]}
    assert gaps["GAP_PROJECT_SPONSOR"]["clause"] == "R2023 §85"
    assert gaps["GAP_PROJECT_END"]["field"] == "endsOn"
    assert gaps["GAP_PROJECT_END"]["message"] != "GAP_PROJECT_END"
    assert "GAP_PROJECT_MANAGER" not in gaps
    anonymous = await client.query(query, identity)
    assert anonymous["data"]["project"] is None


STAFFING = """query ($node: ID!) {
  staffing(node: $node) {
    role { code } groupNumber requiredMin requiredMax present severity clause
  }
}"""


async def test_staffing_names_the_vacancies_of_the_object(client: Client, asked: Asked) -> None:
    identity = {"node": f"Project:{asked.world.project.id}"}
    answer = await client.query(STAFFING, identity, account=asked.manager)
    found = {each["role"]["code"]: each for each in answer["data"]["staffing"]}
    assert set(found) == {"project_initiator", "project_sponsor", "project_customer"}
    assert found["project_sponsor"] == {
        "role": {"code": "project_sponsor"},
        "groupNumber": None,
        "requiredMin": 1,
        "requiredMax": None,
        "present": 0,
        "severity": "VIOLATION",
        "clause": "R2023 App.1 6.2",
    }


async def test_staffing_counts_each_implementation_group(client: Client, asked: Asked) -> None:
    identity = {"node": f"BasicDirection:{asked.world.direction.id}"}
    answer = await client.query(STAFFING, identity, account=asked.auditor)
    assert [(each["role"]["code"], each["groupNumber"]) for each in answer["data"]["staffing"]] == [
        ("bd_head", None),
        ("bdig_head", 1),
        ("bdig_chief_manager", 1),
        ("bdig_administrator", 1),
    ]


@pytest.mark.parametrize(
    ("kind", "who", "code"),
    [("program", "manager", "FORBIDDEN"), ("project", None, "NOT_FOUND")],
)
async def test_staffing_is_for_whoever_sees_the_holders(
    client: Client, asked: Asked, kind: str, who: str | None, code: str
) -> None:
    node = getattr(asked.world, kind)
    account = asked.manager if who else None
    answer = await client.query(STAFFING, {"node": f"{kind.title()}:{node.id}"}, account=account)
    assert answer["data"]["staffing"] is None
    assert [each["extensions"]["code"] for each in answer["errors"]] == [code]


async def test_an_id_of_another_type_names_nothing(client: Client, asked: Asked) -> None:
    query = "query ($node: ID!) { myPermissions(node: $node) { code } }"
    wrong = {"node": f"Program:{asked.world.project.id}"}
    answer = await client.query(query, wrong, account=asked.manager)
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["NOT_FOUND"]
    archive = """mutation ($input: ArchiveNodeInput!) {
      archiveNode(input: $input) { treeNode { id } userErrors { code field } }
    }"""
    given = {"nodeId": wrong["node"], "expectedVersion": 1, "reason": "mixed up"}
    answer = await client.query(archive, {"input": given}, account=asked.manager)
    assert answer["data"]["archiveNode"] == {
        "treeNode": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["nodeId"]}],
    }


async def test_an_object_says_where_it_may_go_and_an_appointment_what_it_lacks(
    client: Client, asked: Asked, app: Starlette
) -> None:
    async with app.state.operations.services.database.session() as session, session.begin():
        person = await make_person(session, "Office Head", state_body_id=asked.world.body.id)
        await make_appointment(session, person, "po_head", asked.world.body)
        certified = await make_person(
            session,
            "Office Manager",
            state_body_id=asked.world.body.id,
            certificate_level=CertificateLevel.TECHNICIAN,
        )
        await make_appointment(session, certified, "po_chief_manager", asked.world.body)
    query = """query ($id: ID!, $body: ID!) {
      project(id: $id) { nextStages }
      stateBody(id: $body) {
        appointments(orderBy: [{field: ROLE_CODE}]) { nodes { roleCode certificateFlag } }
      }
    }"""
    given = {"id": f"Project:{asked.world.project.id}", "body": f"StateBody:{asked.world.body.id}"}
    answer = await client.query(query, given, account=asked.auditor)
    assert answer["data"] == {
        "project": {"nextStages": ["PLANNING"]},
        "stateBody": {
            "appointments": {
                "nodes": [
                    {"roleCode": "po_chief_manager", "certificateFlag": "CERTIFICATE_TOO_LOW"},
                    {"roleCode": "po_head", "certificateFlag": "CERTIFICATE_MISSING"},
                ]
            }
        },
    }
