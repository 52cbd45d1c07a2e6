"""Assertions about the policy: who keeps them, when they hold, and that publications heed them."""

from __future__ import annotations

from typing import Any

import pytest

from core.authority.policies.publishing import publish_policy, roll_back_policy
from core.authority.trial.asserting import try_assertions
from core.authority.trial.assertion import (
    Expected,
    PolicyAssertion,
    add_policy_assertion,
    remove_policy_assertion,
)
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, NotFound
from core.people.person import Person
from tests.acting import entries, refuses
from tests.core.authority.cases import TODAY
from tests.core.authority.policies.changes import add, disable, ground
from tests.core.authority.policies.managers import Scene, arrange
from tests.core.authority.policies.test_publishing import filled
from tests.core.authority.trial.test_drafts import run_of

ALLOW, DENY = Expected.ALLOW, Expected.DENY


async def asserted(scene: Scene, person: Person | None = None, **given: Any) -> PolicyAssertion:
    what = {"node_id": scene.world.project.id, "action": "project.read", "expected": ALLOW}
    async with scene.by(person or scene.national) as work:
        return await add_policy_assertion(work, **{**what, **given})


async def publish(scene: Scene, *changes: Any, head: int = 0, **options: Any) -> int:
    draft = await filled(scene, changes, scene.national)
    async with scene.by(scene.national) as work:
        made = await publish_policy(
            work, draft.id, expected_version=2, expected_head=head, reason="Because.", **options
        )
        return made.number


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"role": "project_manager"}, ALLOW),
        ({"role": "project_manager", "action": "policy.manage"}, DENY),
        ({"role": "auditor", "held_at": "country"}, ALLOW),
        ({"role": "auditor", "held_at": "country", "action": "project.create"}, DENY),
        ({"person": "manager"}, ALLOW),
        ({"person": "manager", "action": "policy.manage"}, DENY),
        ({"role": "project_manager", "held_at": "task"}, DENY),
    ],
)
async def test_an_assertion_holds_exactly_when_its_expectation_comes_out(
    database: Database, given: dict[str, str], expected: Expected
) -> None:
    scene = await arrange(database)
    parts: dict[str, Any] = {key: given[key] for key in ("role", "action") if key in given}
    if "held_at" in given:
        parts["held_at_id"] = getattr(scene.world, given["held_at"]).id
    if "person" in given:
        parts["person_id"] = getattr(scene, given["person"]).id
    for each in (ALLOW, DENY):
        await asserted(scene, **parts, expected=each)
    rules = ground().policy([])
    async with database.session() as session:
        found = await try_assertions(session, rules, rules, TODAY)
    assert [(one.before, one.after) for one in found] == [
        (expected is ALLOW, expected is ALLOW),
        (expected is DENY, expected is DENY),
    ]


async def test_a_publication_that_breaks_an_assertion_is_refused(database: Database) -> None:
    scene = await arrange(database)
    kept = await asserted(scene, role="project_manager")
    with refuses("POLICY_BREAKS_ASSERTIONS", PRODUCT_DEFAULT, "despite") as refused:
        await publish(scene, disable())
    assert refused.value.params == {
        "count": 1,
        "first": f"PolicyAssertion:{kept.id}",
        "action": "project.read",
    }
    with refuses("POLICY_BREAKS_ASSERTIONS", PRODUCT_DEFAULT, "despite"):
        await publish(scene, disable(), despite="  ")
    assert await publish(scene, add()) == 1


async def test_whoever_says_why_may_break_an_assertion_and_it_is_recorded(
    database: Database,
) -> None:
    scene = await arrange(database)
    kept = await asserted(scene, role="project_manager")
    assert await publish(scene, disable(), despite="They move to another system.") == 1
    (entry,) = await entries(database, "policyPublished")
    assert entry.after == {
        "number": 1,
        "reason": "Because.",
        "changes": 1,
        "breaks": [kept.id],
        "despite": "They move to another system.",
    }
    # What is broken already keeps nobody from publishing, or from going back.
    assert await publish(scene, disable(), add(), head=1) == 2
    await asserted(scene, role="project_manager", expected=DENY)
    async with scene.by(scene.national) as work:
        with refuses("POLICY_BREAKS_ASSERTIONS", PRODUCT_DEFAULT, "despite"):
            await roll_back_policy(work, number=0, expected_head=2, reason="Back.")
        await roll_back_policy(work, number=0, expected_head=2, reason="Back.", despite="Asked.")


async def test_a_removed_assertion_binds_nobody_and_stays_readable(database: Database) -> None:
    scene = await arrange(database)
    kept = await asserted(scene, role="project_manager", note="They work there.")
    async with scene.by(scene.national) as work:
        gone = await remove_policy_assertion(work, kept.id)
        assert gone.removed_at == work.now
    async with scene.by(scene.national) as work:
        with refuses("POLICY_ASSERTION_REMOVED", PRODUCT_DEFAULT, "assertionId"):
            await remove_policy_assertion(work, kept.id)
    assert await publish(scene, disable()) == 1
    acts = [each.act for each in await entries(database) if "Assertion" in each.act]
    assert acts == ["policyAssertionAdded", "policyAssertionRemoved"]


async def test_a_dry_run_tells_which_assertions_would_break(database: Database) -> None:
    scene = await arrange(database)
    await asserted(scene, role="project_manager")
    await asserted(scene, person_id=scene.auditor.id, action="project.create", expected=DENY)
    await asserted(scene, person_id=scene.auditor.id, action="policy.manage")
    run = await run_of(scene, disable(), add())
    assert [(one.before, one.after, one.broken) for one in run.assertions] == [
        (True, False, True),
        (True, False, True),
        (False, False, False),
    ]


async def test_an_action_that_no_plugin_defines_any_more_is_denied(database: Database) -> None:
    scene = await arrange(database)
    kept = await asserted(scene, role="project_manager", expected=DENY)
    async with database.session() as session, session.begin():
        again = await session.get_one(PolicyAssertion, kept.id)
        again.action = "gone.read"
    rules = ground().policy([])
    async with database.session() as session:
        (found,) = await try_assertions(session, rules, rules, TODAY)
    assert (found.before, found.after) == (True, True)


async def test_assertions_are_kept_by_whoever_manages_the_policy(database: Database) -> None:
    scene = await arrange(database)
    role = {"role": "project_manager"}
    region = {"region_id": scene.world.region.id}
    theirs = await asserted(scene, scene.regional, **role, **region)
    mine = await asserted(scene, **role)
    for person in (scene.auditor, scene.manager, scene.regional):
        with pytest.raises((NotAllowed, NotFound)):
            await asserted(scene, person, **role)
        async with scene.by(person) as work:
            with pytest.raises((NotAllowed, NotFound)):
                await remove_policy_assertion(work, mine.id)
    with pytest.raises((NotAllowed, NotFound)):
        await asserted(scene, scene.manager, **role, **region)
    with refuses("POLICY_ASSERTION_ELSEWHERE", PRODUCT_DEFAULT, "nodeId"):
        await asserted(scene, scene.regional, **role, **region, node_id=scene.world.country.id)
    async with scene.by(scene.regional) as work:
        await remove_policy_assertion(work, theirs.id)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({}, "POLICY_ASSERTION_OF_ONE", "personId"),
        ({"role": "  "}, "POLICY_ASSERTION_OF_ONE", "personId"),
        ({"role": "auditor", "person_id": 1}, "POLICY_ASSERTION_OF_ONE", "personId"),
        ({"role": "boss"}, "UNKNOWN_ROLE", "role"),
        ({"role": "auditor", "action": "project.smell"}, "UNKNOWN_ACTION", "action"),
        ({"person_id": 999_999}, "NOT_FOUND", "personId"),
        ({"role": "auditor", "held_at_id": 999_999}, "NOT_FOUND", "heldAtId"),
        ({"role": "auditor", "node_id": 999_999}, "NOT_FOUND", "nodeId"),
    ],
)
async def test_an_assertion_that_says_nothing_is_refused(
    database: Database, given: dict[str, Any], code: str, field: str
) -> None:
    scene = await arrange(database)
    with refuses(code, None, field):
        await asserted(scene, **given)


async def test_a_region_breaks_no_assertion_of_the_country_whatever_it_says(
    database: Database,
) -> None:
    scene = await arrange(database)
    kept = await asserted(scene, role="project_manager")
    denial = add(
        "local:no", role="project_manager", action="project.read", effect="deny",
        region=scene.world.region.code, by_region=True,
    )  # fmt: skip
    draft = await filled(scene, [denial], scene.regional, scene.world.region)
    async with scene.by(scene.regional) as work:
        with refuses("POLICY_BREAKS_COUNTRY_ASSERTIONS", PRODUCT_DEFAULT, "draftId") as refused:
            await publish_policy(
                work, draft.id, expected_version=2, expected_head=0, reason="Because.",
                despite="I want to.",
            )  # fmt: skip
    assert refused.value.params == {
        "count": 1,
        "first": f"PolicyAssertion:{kept.id}",
        "action": "project.read",
    }
