"""Drafts: begun from the version in force, edited change by change or by a file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.authority.policies.draft import (
    DraftState,
    PolicyDraft,
    add_policy_rule,
    create_policy_draft,
    disable_policy_rule,
    discard_policy_draft,
    import_policy_draft,
    replace_policy_rule,
    undo_policy_change,
)
from core.authority.policies.files import PART_LIMIT, Format, write_changes
from core.authority.policies.policy_version import changes_of_draft
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, NotFound, StaleVersion
from core.work import Work
from tests.acting import entries, refuses
from tests.core.authority.policies.changes import READS, add, disable, put
from tests.core.authority.policies.managers import Scene, arrange

Verb = Callable[..., Awaitable[PolicyDraft]]


async def edited(scene: Scene, draft: PolicyDraft, verb: Verb, **given: Any) -> PolicyDraft:
    """The draft after one act of the national administrator."""
    async with scene.by(scene.national) as work:
        return await verb(work, draft.id, expected_version=draft.version, **given)


async def changes(scene: Scene, draft: PolicyDraft) -> list[Any]:
    async with scene.database.session() as session:
        return await changes_of_draft(session, draft.id)


async def test_a_draft_takes_changes_one_by_one(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)
    assert (draft.based_on, draft.state, draft.version) == (0, DraftState.OPEN, 1)
    draft = await edited(scene, draft, disable_policy_rule, rule=READS)
    draft = await edited(scene, draft, replace_policy_rule, rule=READS, relation="self")
    draft = await edited(
        scene, draft, disable_policy_rule, rule=READS, region=scene.world.region.code
    )
    draft = await edited(
        scene,
        draft,
        add_policy_rule,
        rule="local:one",
        role="auditor",
        action="project.create",
        effect="deny",
    )
    assert await changes(scene, draft) == [
        put(relation="self"),
        disable(region=scene.world.region.code),
        add(effect="deny"),
    ]
    draft = await edited(scene, draft, undo_policy_change, rule=READS)
    assert await changes(scene, draft) == [
        disable(region=scene.world.region.code),
        add(effect="deny"),
    ]
    assert draft.version == 6
    assert [entry.act for entry in await entries(database)] == [
        "policyDraftCreated",
        *["policyDraftChanged"] * 5,
    ]


async def test_a_draft_keeps_what_means_nothing_yet(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)
    nonsense = {"rule": "x y", "role": "'; --", "action": "?", "relation": "r" * PART_LIMIT}
    draft = await edited(scene, draft, add_policy_rule, **nonsense)
    (change,) = await changes(scene, draft)
    assert {name: getattr(change, name) for name in nonsense} == nonsense
    with refuses("TEXT_TOO_LONG", PRODUCT_DEFAULT, "role"):
        await edited(
            scene, draft, add_policy_rule, rule="x", action="x", role="r" * (PART_LIMIT + 1)
        )


async def test_a_file_replaces_everything_a_draft_holds(database: Database) -> None:
    scene = await arrange(database)
    draft = await edited(scene, await scene.draft(scene.national), disable_policy_rule, rule=READS)
    text = write_changes([add()], Format.YAML)
    draft = await edited(scene, draft, import_policy_draft, format=Format.YAML, text=text)
    assert await changes(scene, draft) == [add()]
    with refuses("POLICY_FILE_UNREADABLE", None, "text"):
        await edited(scene, draft, import_policy_draft, format=Format.YAML, text="- {")
    assert await changes(scene, draft) == [add()]


async def test_a_replacement_is_of_a_rule_of_the_code(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)
    with refuses("POLICY_RULE_UNKNOWN", None, "rule"):
        await edited(scene, draft, replace_policy_rule, rule="core:x:y.z", relation="self")
    with pytest.raises(NotFound):
        await edited(scene, draft, undo_policy_change, rule=READS)


async def test_a_draft_given_up_takes_no_more_changes(database: Database) -> None:
    scene = await arrange(database)
    draft = await edited(scene, await scene.draft(scene.national), discard_policy_draft)
    assert draft.state is DraftState.DISCARDED
    with refuses("POLICY_DRAFT_CLOSED", PRODUCT_DEFAULT, "draftId"):
        await edited(scene, draft, disable_policy_rule, rule=READS)


async def test_of_two_editors_one_is_told_to_read_again(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)
    await edited(scene, draft, disable_policy_rule, rule=READS)
    with pytest.raises(StaleVersion):
        await edited(scene, draft, undo_policy_change, rule=READS)


async def test_a_regional_administrator_drafts_for_the_region_only(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.regional, scene.world.region)
    async with scene.by(scene.regional) as work:
        await disable_policy_rule(work, draft.id, expected_version=1, rule=READS)
    assert await changes(scene, draft) == [disable(region=scene.world.region.code, by_region=True)]
    for region in (None, scene.other_region):
        with pytest.raises((NotAllowed, NotFound)):
            await scene.draft(scene.regional, region)
    national = await scene.draft(scene.national)
    with pytest.raises((NotAllowed, NotFound)):
        async with scene.by(scene.regional) as work:
            await disable_policy_rule(work, national.id, expected_version=1, rule=READS)


async def test_whoever_does_not_manage_the_policy_drafts_nothing(database: Database) -> None:
    scene = await arrange(database)
    draft = await scene.draft(scene.national)

    async def create(work: Work) -> object:
        return await create_policy_draft(work, title="Mine")

    async def edit(work: Work) -> object:
        return await disable_policy_rule(work, draft.id, expected_version=1, rule=READS)

    for person in (scene.auditor, scene.manager):
        for act in (create, edit):
            with pytest.raises((NotAllowed, NotFound)):
                async with scene.by(person) as work:
                    await act(work)
