"""An administrator asserts, tries a draft, and publishes against an assertion: GraphQL only."""

from __future__ import annotations

from starlette.applications import Starlette

from core.db.engine import Database
from tests import factories as make
from tests.acting import arranging
from tests.stories.conftest import open_account
from tests.stories.test_policy_day import CREATE, DISABLE, READS, Person
from tests.zhoba.conftest import Client

ASSERT = """mutation ($node: ID!, $role: String, $person: ID, $region: ID) {
  addPolicyAssertion(input: {nodeId: $node, role: $role, personId: $person, regionId: $region,
                             action: "project.read", expected: ALLOW, note: "They work there."}) {
    policyAssertion { id role expected note person { id } node { id } heldAt { id } removedAt
                      region { code } madeBy { id } }
    userErrors { code field }
  }
}"""
REMOVE = """mutation ($id: ID!) {
  removePolicyAssertion(input: {assertionId: $id}) {
    policyAssertion { id } userErrors { code field }
  }
}"""
LIST = """{ policyAssertions(where: {removedAt: {isNull: true}}) { nodes { id } } }"""
TRY = """query ($draft: ID!) {
  policyDryRun(draft: $draft) {
    head region gaining losing strippedCount stripped people
    problems { code }
    groups { action role gained people nodes pairs
             examples { person node ruleBefore ruleAfter } }
    unsigned { action }
    keepers { action before after people lockedOut }
    assertions { assertion holdsBefore holdsAfter broken }
    notes { code message }
  }
}"""
PUBLISH = """mutation ($draft: ID!, $version: Int!, $head: Int!, $despite: String) {
  publishPolicy(input: {draftId: $draft, expectedVersion: $version, expectedHead: $head,
                        reason: "Asked for.", despite: $despite}) {
    policyVersion { number } userErrors { code field }
  }
}"""


async def test_a_draft_is_tried_before_it_is_published(
    database: Database, app: Starlette, client: Client
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        boss, local, manager = [await make.make_person(session) for _ in range(3)]
        await make.make_appointment(session, boss, "national_administrator", world.country)
        await make.make_appointment(session, local, "regional_administrator", world.body)
        await make.make_appointment(session, manager, "project_manager", world.project)
    national, regional, stranger = [
        Person(client, await open_account(app, each)) for each in (boss, local, manager)
    ]
    project, person = f"Project:{world.project.id}", f"Person:{manager.id}"

    kept = (await national.ask(ASSERT, node=project, role="project_manager"))["policyAssertion"]
    assert kept == {
        "id": kept["id"],
        "role": "project_manager",
        "expected": "ALLOW",
        "note": "They work there.",
        "person": None,
        "node": {"id": project},
        "heldAt": {"id": project},
        "removedAt": None,
        "region": None,
        "madeBy": {"id": f"Person:{boss.id}"},
    }
    other = (await national.ask(ASSERT, node=project, person=person))["policyAssertion"]
    assert (other["person"], other["heldAt"]) == ({"id": person}, None)
    assert await stranger.refused(ASSERT, node=project, person=person) == "FORBIDDEN"
    assert await national.ask(REMOVE, id=other["id"]) == {
        "policyAssertion": {"id": other["id"]},
        "userErrors": [],
    }
    assert await national.refused(REMOVE, id=other["id"]) == "POLICY_ASSERTION_REMOVED"
    assert await national.ask(LIST) == {"nodes": [{"id": kept["id"]}]}

    draft = (await national.ask(CREATE))["policyDraft"]
    await national.ask(DISABLE, draft=draft["id"], version=1, rule=READS)
    told = await national.ask(TRY, draft=draft["id"])
    assert told == {
        "head": 0,
        "region": None,
        "gaining": 0,
        "losing": 1,
        "strippedCount": 0,
        "stripped": [],
        "people": 1,
        "problems": [],
        "groups": [
            {
                "action": "project.read",
                "role": "project_manager",
                "gained": False,
                "people": 1,
                "nodes": 2,
                "pairs": 2.0,
                "examples": [
                    {"person": person, "node": project, "ruleBefore": READS, "ruleAfter": None}
                ],
            }
        ],
        "unsigned": [],
        "keepers": [
            {
                "action": action,
                "before": 1,
                "after": 1,
                "people": [f"Person:{boss.id}"],
                "lockedOut": False,
            }
            for action in ("policy.manage", "role_assignment.appoint")
        ],
        "assertions": [
            {"assertion": kept["id"], "holdsBefore": True, "holdsAfter": False, "broken": True}
        ],
        "notes": [],
    }
    assert await stranger.refused(TRY, draft=draft["id"]) in ("FORBIDDEN", "NOT_FOUND")
    assert await regional.refused(TRY, draft=draft["id"]) in ("FORBIDDEN", "NOT_FOUND")
    assert await national.refused(TRY, draft="PolicyDraft:999") == "NOT_FOUND"

    publish = {"draft": draft["id"], "version": 2, "head": 0}
    assert await national.refused(PUBLISH, **publish) == "POLICY_BREAKS_ASSERTIONS"
    made = await national.ask(PUBLISH, **publish, despite="They move to another system.")
    assert made == {"policyVersion": {"number": 1}, "userErrors": []}

    # The administrator of a region tries a draft of the region, and is told of it alone.
    theirs = (await regional.ask(CREATE, region=f"Region:{world.region.id}"))["policyDraft"]
    await regional.ask(
        DISABLE, draft=theirs["id"], version=1, rule="core:regional_administrator:policy.read"
    )
    told = await regional.ask(TRY, draft=theirs["id"])
    assert told["region"] == world.region.code
    assert {group["nodes"] for group in told["groups"]} <= {6}
