"""Publishing: whole or not at all, by whoever saw what is in force, and never the last key away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from core.authority.policies.change import Change
from core.authority.policies.difference import drifted
from core.authority.policies.draft import DraftState, PolicyDraft, import_policy_draft
from core.authority.policies.files import Format, write_changes
from core.authority.policies.live import LivePolicies
from core.authority.policies.policy_version import (
    PolicyChange,
    PolicyVersion,
    changes_of_version,
    head_number,
)
from core.authority.policies.publishing import publish_policy, roll_back_policy
from core.authority.policy import PolicySet
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, NotFound, RuleRefused, StaleVersion
from core.people.account import Account, AccountKind
from core.people.person import Person
from core.places.region import Region
from tests import factories as make
from tests.acting import arranging, entries, refuses
from tests.conftest import NOW
from tests.core.authority.policies.changes import READS, add, disable, ground, put
from tests.core.authority.policies.managers import Scene, allowed, arrange

MANAGES = "core:national_administrator:policy.manage"
APPOINTS = "core:national_administrator:role_assignment.appoint"


async def filled(
    scene: Scene, changes: Sequence[Change], person: Person, region: Region | None = None
) -> PolicyDraft:
    """A draft with exactly these changes."""
    draft = await scene.draft(person, region)
    async with scene.by(person) as work:
        return await import_policy_draft(
            work,
            draft.id,
            expected_version=1,
            format=Format.YAML,
            text=write_changes(changes, Format.YAML),
        )


async def published(
    scene: Scene,
    *changes: Change,
    person: Person | None = None,
    region: Region | None = None,
) -> int:
    """These changes put in force; the number of the version."""
    person = person or scene.national
    draft = await filled(scene, changes, person, region)
    return await scene.publish(person, draft.id, draft.version, draft.based_on)


async def in_force(scene: Scene) -> PolicySet:
    async with scene.database.session() as session:
        return (await LivePolicies(ground()).current(session))[1]


async def test_a_published_draft_is_in_force_as_the_next_version(database: Database) -> None:
    scene = await arrange(database)
    assert allowed(await in_force(scene), READS)
    assert await published(scene, disable()) == 1
    assert not allowed(await in_force(scene), READS)
    assert await published(scene, disable(), add()) == 2
    assert allowed(await in_force(scene), "local:one")
    async with database.session() as session:
        first, second = await session.scalars(select(PolicyVersion).order_by(PolicyVersion.number))
        draft = await session.scalar(select(PolicyDraft).order_by(PolicyDraft.id))
        assert draft is not None
        assert draft.state is DraftState.PUBLISHED
        assert (first.person_id, first.reason, first.restores) == (
            scene.national.id,
            "Because.",
            None,
        )
        assert await changes_of_version(session, 1) == [disable()]
        assert await changes_of_version(session, second.number) == [disable(), add()]
    (_, entry) = await entries(database, "policyPublished")
    assert entry.after == {"number": 2, "reason": "Because.", "changes": 2}


async def test_a_stale_editor_is_refused_and_nothing_changes(database: Database) -> None:
    scene = await arrange(database)
    mine = await filled(scene, [disable()], scene.national)
    await published(scene, add())
    for behind, head, field in (
        (0, 0, "expectedHead"), (0, 1, "draftId"), (1, 1, "expectedVersion")
    ):  # fmt: skip
        with pytest.raises(StaleVersion) as refused:
            await scene.publish(scene.national, mine.id, mine.version - behind, head)
        assert refused.value.field == field
    assert allowed(await in_force(scene), READS)


async def test_of_two_publications_at_once_one_is_refused(database: Database) -> None:
    scene = await arrange(database)
    drafts = [await filled(scene, [change], scene.national) for change in (disable(), add())]
    results: list[Any] = await asyncio.gather(
        *(scene.publish(scene.national, each.id, each.version, 0) for each in drafts),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["StaleVersion", "int"]


async def test_a_set_with_a_fault_is_not_put_in_force(database: Database) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [add(), add("local:two", role="boss")], scene.national)
    with refuses("POLICY_INVALID", PRODUCT_DEFAULT, "draftId") as refused:
        await scene.publish(scene.national, draft.id, draft.version, 0)
    assert refused.value.params == {
        "count": 1,
        "line": 2,
        "rule": "local:two",
        "reason": "POLICY_ROLE_UNKNOWN",
    }
    async with database.session() as session:
        assert await head_number(session) == 0


async def test_a_draft_that_changes_nothing_is_refused(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)
    with refuses("POLICY_NOTHING_CHANGED", PRODUCT_DEFAULT, "draftId"):
        await scene.publish(scene.national, draft.id, draft.version, 0)


@pytest.mark.parametrize("gone", [None, "locked", "archived"])
async def test_whoever_cannot_sign_in_keeps_no_key(database: Database, gone: str | None) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        keeper = await make.make_person(session, "Keeper")
        await make.make_appointment(session, keeper, "policy_administrator", scene.world.country)
        session.add(
            Account(
                kind=AccountKind.PERSON, label="keeper", person_id=keeper.id, created_at=NOW,
                locked_at=NOW if gone == "locked" else None,
            )
        )  # fmt: skip
        if gone == "archived":
            keeper.archived_on = NOW.date()
    draft = await filled(scene, [disable(MANAGES)], scene.national)
    if gone is None:
        assert await scene.publish(scene.national, draft.id, draft.version, 0) == 1
        return
    with refuses("POLICY_LOCKOUT", PRODUCT_DEFAULT, "draftId"):
        await scene.publish(scene.national, draft.id, draft.version, 0)


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (disable(MANAGES), "policy.manage"),
        (disable(APPOINTS), "role_assignment.appoint"),
        (put(MANAGES, relation="up"), "policy.manage"),
        (
            add(role="national_administrator", action="policy.manage", effect="deny"),
            "policy.manage",
        ),
        (add(role="anyone", action="policy.manage", effect="deny"), "policy.manage"),
    ],
)
async def test_nobody_locks_the_last_administrator_out(
    database: Database, change: Change, action: str
) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [change], scene.national)
    with refuses("POLICY_LOCKOUT", PRODUCT_DEFAULT, "draftId") as refused:
        await scene.publish(scene.national, draft.id, draft.version, 0)
    assert refused.value.params == {"actions": [action]}


async def test_a_key_may_pass_to_somebody_else(database: Database) -> None:
    scene = await arrange(database)
    given = add(role="auditor", action="policy.manage")
    assert await published(scene, given, disable(MANAGES)) == 1
    assert await published(scene, given, person=scene.auditor) == 2


async def test_rolling_back_publishes_an_older_version_anew(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, disable())
    await published(scene, add())
    async with scene.by(scene.national) as work:
        made = await roll_back_policy(work, number=1, expected_head=2, reason="It was better.")
        assert (made.number, made.restores) == (3, 1)
    async with database.session() as session:
        assert await changes_of_version(session, 3) == [disable()]
        assert await changes_of_version(session, 2) == [add()]
    assert not allowed(await in_force(scene), READS)
    async with scene.by(scene.national) as work:
        await roll_back_policy(work, number=0, expected_head=3, reason="As it was delivered.")
    assert (await in_force(scene)).rules == ground().defaults


async def test_rolling_back_is_refused_like_publishing(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, disable())
    cases: list[tuple[Person, int, int, type[Exception]]] = [
        (scene.national, 0, 0, StaleVersion),
        (scene.national, 7, 1, NotFound),
        (scene.national, -1, 1, NotFound),
        (scene.national, 1, 1, RuleRefused),
        (scene.auditor, 0, 1, NotAllowed),
        (scene.regional, 0, 1, NotAllowed),
    ]
    for person, number, head, refusal in cases:
        with pytest.raises(refusal):
            async with scene.by(person) as work:
                await roll_back_policy(work, number=number, expected_head=head, reason="Why not")


async def test_a_region_changes_its_own_rules_and_leaves_the_others(database: Database) -> None:
    scene = await arrange(database)
    code = scene.world.region.code
    await published(scene, add(), disable(region="KZ-75"))
    regional = disable(region=code, by_region=True)
    number = await published(scene, regional, person=scene.regional, region=scene.world.region)
    async with database.session() as session:
        assert await changes_of_version(session, number) == [
            add(),
            disable(region="KZ-75"),
            regional,
        ]
        version = await session.scalar(select(PolicyVersion).filter_by(number=number))
        assert version is not None
        assert version.region_id == scene.world.region.id
    assert await published(
        scene,
        put(relation="self", region=code, by_region=True),
        person=scene.regional,
        region=scene.world.region,
    )
    async with database.session() as session:
        assert (await changes_of_version(session, number + 1))[2:] == [
            put(relation="self", region=code, by_region=True)
        ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (disable(), "POLICY_NOT_YOUR_REGION"),
        (disable(region="KZ-75"), "POLICY_NOT_YOUR_REGION"),
        (add(region="KZ-10"), "POLICY_OVER_CEILING"),
        (put(relation="up", region="KZ-10"), "POLICY_OVER_CEILING"),
    ],
)
async def test_a_region_stays_inside_its_region_and_under_the_ceiling(
    database: Database, change: Change, reason: str
) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [change], scene.regional, scene.world.region)
    with refuses("POLICY_INVALID", PRODUCT_DEFAULT, "draftId") as refused:
        await scene.publish(scene.regional, draft.id, draft.version, 0)
    assert refused.value.params["reason"] == reason


async def test_a_region_leaves_alone_what_the_country_set_for_it(database: Database) -> None:
    scene = await arrange(database)
    code = scene.world.region.code
    await published(scene, disable(region=code))
    draft = await scene.draft(scene.regional, scene.world.region)
    async with database.session() as session:
        assert await session.scalar(select(PolicyChange).filter_by(draft_id=draft.id)) is None
    draft = await filled(
        scene, [put(relation="self", region=code)], scene.regional, scene.world.region
    )
    with refuses("POLICY_INVALID", PRODUCT_DEFAULT, "draftId") as refused:
        await scene.publish(scene.regional, draft.id, draft.version, 1)
    assert refused.value.params["reason"] == "POLICY_RULE_TWICE"


async def test_what_an_upgrade_broke_does_not_keep_others_from_being_published(
    database: Database,
) -> None:
    scene = await arrange(database)
    await published(scene, disable(), add(condition="no_project_group"))
    async with arranging(database) as session:
        await session.execute(
            update(PolicyChange).where(PolicyChange.rule == READS).values(rule="core:old:read.it")
        )
        await session.execute(
            update(PolicyChange)
            .where(PolicyChange.rule == "local:one")
            .values(condition="old_plugin_says_so")
        )
    kept = [disable("core:old:read.it"), add(condition="old_plugin_says_so")]
    assert await published(scene, *kept, disable()) == 2
    draft = await filled(
        scene,
        [*kept, disable(), add("local:new", action="task.manage", condition="old_plugin_says_so")],
        scene.national,
    )
    with refuses("POLICY_INVALID", PRODUCT_DEFAULT, "draftId") as refused:
        await scene.publish(scene.national, draft.id, draft.version, 2)
    assert (refused.value.params["count"], refused.value.params["rule"]) == (1, "local:new")


async def test_drift_is_told_until_the_country_publishes_again(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, disable())
    async with arranging(database) as session:
        assert drifted(ground(), await changes_of_version(session, 1)) == []
        await session.execute(update(PolicyChange).values(base='["as it was"]'))
    code = scene.world.region.code
    await published(
        scene,
        disable("core:project_manager:task.manage", region=code),
        person=scene.regional,
        region=scene.world.region,
    )
    async with database.session() as session:
        (found,) = drifted(ground(), await changes_of_version(session, 2))
        assert (found.code, found.rule, found.params["was"]) == (
            "POLICY_RULE_DRIFTED",
            READS,
            '["as it was"]',
        )
    await published(scene, disable(), add())
    async with database.session() as session:
        assert drifted(ground(), await changes_of_version(session, 3)) == []


async def test_only_managers_publish(database: Database) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [disable()], scene.national)
    for person in (scene.auditor, scene.manager, scene.regional):
        with pytest.raises((NotAllowed, NotFound)):
            async with scene.by(person) as work:
                await publish_policy(
                    work, draft.id, expected_version=2, expected_head=0, reason="Mine"
                )
