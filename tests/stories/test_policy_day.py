"""An administrator's day with the policy, through GraphQL only: draft, problems, differences,
publication, explanation, going back."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from core.db.engine import Database
from tests import factories as make
from tests.acting import arranging
from tests.stories.conftest import open_account
from tests.zhoba.conftest import Client

CREATE = """mutation ($region: ID) {
  createPolicyDraft(input: {title: "Closer to home", regionId: $region}) {
    policyDraft { id version basedOn state region { code } } userErrors { code field }
  }
}"""
ADD = """mutation ($draft: ID!, $version: Int!, $rule: String!, $role: String!, $effect: String) {
  addPolicyRule(input: {draftId: $draft, expectedVersion: $version, rule: $rule, role: $role,
                        action: "project.create", effect: $effect}) {
    policyDraft { version changes { nodes { position act rule role action effect } } }
    userErrors { code field }
  }
}"""
DISABLE = """mutation ($draft: ID!, $version: Int!, $rule: String!, $region: String) {
  disablePolicyRule(input: {draftId: $draft, expectedVersion: $version, rule: $rule,
                            region: $region}) {
    policyDraft { version } userErrors { code field }
  }
}"""
PROBLEMS = """query ($draft: ID!) {
  policyProblems(draft: $draft) { line rule code message }
}"""
DIFF = """query ($draft: ID, $before: Int, $after: Int) {
  policyDiff(draft: $draft, before: $before, after: $after) {
    rules { id before { region effect } after { region effect } }
    dangling { code } drifted { code }
  }
}"""
PUBLISH = """mutation ($draft: ID!, $version: Int!, $head: Int!, $least: Int) {
  publishPolicy(input: {draftId: $draft, expectedVersion: $version, expectedHead: $head,
                        reason: "Asked for by the Office.", atLeastPolicyVersion: $least}) {
    policyVersion { number reason person { fullName } changes { totalCount } }
    userErrors { code field message }
  }
}"""
BACK = """mutation ($head: Int!) {
  rollBackPolicy(input: {number: 0, expectedHead: $head, reason: "It was a mistake."}) {
    policyVersion { number restores changes { totalCount } } userErrors { code }
  }
}"""
HISTORY = "{ policyVersions(first: 5) { nodes { number reason restores } } policy { number } }"
FILE = "query ($format: Format!) { policyFile(format: $format, version: 1) }"
EXPLAIN = """query ($person: ID!, $node: ID!, $action: String!) {
  explainAccess(person: $person, node: $node, action: $action) { allowed deciding: decidingRule }
}"""

READS = "core:project_manager:project.read"


class Person:
    """Somebody signed in."""

    def __init__(self, client: Client, account: int) -> None:
        self.client = client
        self.account = account

    async def ask(self, document: str, **variables: Any) -> Any:
        """The data of the answer; its only field, where there is one."""
        answer = await self.client.query(document, variables, account=self.account)
        assert "errors" not in answer, answer
        return only(answer["data"])

    async def refused(self, document: str, **variables: Any) -> str:
        """The code of the refusal."""
        answer = await self.client.query(document, variables, account=self.account)
        if answer.get("errors"):
            return str(answer["errors"][0]["extensions"]["code"])
        return str(only(answer["data"])["userErrors"][0]["code"])


def only(data: Any) -> Any:
    return next(iter(data.values())) if len(data) == 1 else data


TWO_ACTS = """mutation ($draft: ID!, $head: Int!) {
  publishPolicy(input: {draftId: $draft, expectedVersion: 2, expectedHead: $head,
                        reason: "No more regions."}) { userErrors { code } }
  registerRegion(input: {names: {en: "A new one"}, code: "KZ-11", kind: REGION}) {
    region { code } userErrors { code }
  }
}"""


async def test_an_act_is_judged_by_the_rules_in_force_when_it_begins(
    database: Database, app: Starlette, client: Client
) -> None:
    """Not by those that were when its operation was sent."""
    async with arranging(database) as session:
        world = await make.make_world(session)
        boss = await make.make_person(session)
        await make.make_appointment(session, boss, "national_administrator", world.country)
    national = Person(client, await open_account(app, boss))
    draft = (await national.ask(CREATE))["policyDraft"]
    rule = "core:national_administrator:region.manage"
    await national.ask(DISABLE, draft=draft["id"], version=1, rule=rule)
    answer = await client.query(
        TWO_ACTS, {"draft": draft["id"], "head": 0}, account=national.account
    )
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["registerRegion"], "FORBIDDEN")
    assert await national.ask("{ policy { number } }") == {"number": 1}


async def test_a_day_with_the_policy(database: Database, app: Starlette, client: Client) -> None:
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
    code = world.region.code

    # A draft, with a mistake in it that is told by its line.
    draft = (await national.ask(CREATE))["policyDraft"]
    assert (draft["version"], draft["basedOn"], draft["state"]) == (1, 0, "OPEN")
    given = {"draft": draft["id"]}
    await national.ask(DISABLE, **given, version=1, rule=READS, region=code)
    wrong = await national.ask(ADD, **given, version=2, rule="local:x", role="boss")
    assert wrong["policyDraft"]["changes"]["nodes"][1] == {
        "position": 2,
        "act": "add",
        "rule": "local:x",
        "role": "boss",
        "action": "project.create",
        "effect": "allow",
    }
    assert await national.ask(PROBLEMS, **given) == [
        {
            "line": 2,
            "rule": "local:x",
            "code": "POLICY_ROLE_UNKNOWN",
            "message": "local:x: there is no role boss.",
        }
    ]
    assert await national.refused(PUBLISH, **given, version=3, head=0) == "POLICY_INVALID"
    await national.ask(ADD, **given, version=3, rule="local:x", role="auditor")
    assert await national.ask(PROBLEMS, **given) == []

    # What it would do, and its publication.
    assert await national.ask(DIFF, **given) == {
        "rules": [
            {
                "id": READS,
                "before": {"region": "*", "effect": "allow"},
                "after": {"region": f"!{code}", "effect": "allow"},
            },
            {"id": "local:x", "before": None, "after": {"region": "*", "effect": "allow"}},
        ],
        "dangling": [],
        "drifted": [],
    }
    asked = {"person": person, "node": project, "action": "project.read"}
    assert await national.ask(EXPLAIN, **asked) == {"allowed": True, "deciding": READS}
    assert await national.refused(PUBLISH, **given, version=4, head=1) == "CONFLICT"
    late = await national.refused(PUBLISH, **given, version=4, head=0, least=1)
    assert late == "POLICY_NOT_YET_KNOWN"
    made = await national.ask(PUBLISH, **given, version=4, head=0)
    assert made == {
        "policyVersion": {
            "number": 1,
            "reason": "Asked for by the Office.",
            "person": {"fullName": boss.full_name},
            "changes": {"totalCount": 2},
        },
        "userErrors": [],
    }
    assert await national.ask(EXPLAIN, **asked) == {"allowed": False, "deciding": None}
    assert await national.ask(FILE, format="YAML") == (
        f"- act: disable\n  rule: {READS}\n  region: {code}\n"
        "- act: add\n  rule: local:x\n  role: auditor\n  action: project.create\n"
        "  relation: tree\n"
    )

    # A region under the country's rules.
    assert await regional.refused(CREATE) in ("FORBIDDEN", "NOT_FOUND")
    theirs = (await regional.ask(CREATE, region=f"Region:{world.region.id}"))["policyDraft"]
    assert (theirs["basedOn"], theirs["region"]) == (1, {"code": code})
    given = {"draft": theirs["id"]}
    await regional.ask(ADD, **given, version=1, rule="local:more", role="project_manager")
    (problem,) = await regional.ask(PROBLEMS, **given)
    assert problem["code"] == "POLICY_OVER_CEILING"
    await regional.ask(ADD, **given, version=2, rule="local:more", role="unit_head", effect="deny")
    made = await regional.ask(PUBLISH, **given, version=3, head=1, least=1)
    assert made["policyVersion"]["number"] == 2

    # Back to how it was, and the whole of it in the history.
    assert await regional.refused(BACK, head=2) == "FORBIDDEN"
    made = await national.ask(BACK, head=2)
    assert made["policyVersion"] == {
        "number": 3,
        "restores": 0,
        "changes": {"totalCount": 0},
    }
    assert await national.ask(EXPLAIN, **asked) == {"allowed": True, "deciding": READS}
    told = await regional.ask(HISTORY)
    assert [each["number"] for each in told["policyVersions"]["nodes"]] == [3, 2, 1]
    assert told["policy"] == {"number": 3}
    assert len((await national.ask(DIFF, before=1, after=2))["rules"]) == 1

    # Whoever has nothing to do with it sees nothing of it.
    history = await stranger.ask("{ policyVersions { nodes { number } } }")
    assert history == {"nodes": []}
    assert await stranger.refused("{ policy { number } }") == "FORBIDDEN"
    assert await stranger.refused(PROBLEMS, **given) == "FORBIDDEN"
    assert await stranger.refused(DIFF, **given) == "FORBIDDEN"
    assert await stranger.refused(FILE, format="CSV") == "FORBIDDEN"
