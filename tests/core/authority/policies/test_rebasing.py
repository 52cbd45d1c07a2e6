"""A draft carried over to the version somebody else published meanwhile."""

from __future__ import annotations

import pytest

from core.authority.policies.change import Change
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.policy_version import changes_of_draft
from core.authority.policies.rebasing import rebase_policy_draft
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, NotFound, StaleVersion
from tests.acting import refuses
from tests.core.authority.policies.changes import READS, add, disable, put
from tests.core.authority.policies.managers import Scene, arrange
from tests.core.authority.policies.test_publishing import filled, published

MANAGES_TASKS = "core:project_manager:task.manage"


async def rebased(scene: Scene, draft: PolicyDraft) -> list[Change]:
    async with scene.by(scene.national) as work:
        made = await rebase_policy_draft(work, draft.id, expected_version=draft.version)
        assert made.based_on == 2
    async with scene.database.session() as session:
        return await changes_of_draft(session, draft.id)


async def test_edits_of_both_are_kept(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, disable(), add())
    # Mine: one rule more, one undone. Theirs: another rule more, and one replaced.
    mine = await filled(scene, [disable(), add("local:mine", effect="deny")], scene.national)
    await published(
        scene, disable(), add(), disable(MANAGES_TASKS), add("local:theirs", role="po_head")
    )
    assert await rebased(scene, mine) == [
        disable(),
        disable(MANAGES_TASKS),
        add("local:theirs", role="po_head"),
        add("local:mine", effect="deny"),
    ]
    assert await scene.publish(scene.national, mine.id, mine.version + 1, 2) == 3


async def test_the_same_edit_by_both_is_one_edit(database: Database) -> None:
    scene = await arrange(database)
    await published(scene, add())
    mine = await filled(scene, [disable()], scene.national)
    await published(scene, disable())
    assert await rebased(scene, mine) == [disable()]


@pytest.mark.parametrize("theirs", [[add()], [add(), put(relation="up")]])
async def test_different_edits_of_one_rule_are_left_to_the_editor(
    database: Database, theirs: list[Change]
) -> None:
    scene = await arrange(database)
    await published(scene, add(), disable())
    mine = await filled(scene, [add(), put(relation="self")], scene.national)
    await published(scene, *theirs)
    with refuses("POLICY_DRAFT_CONFLICTS", PRODUCT_DEFAULT, "draftId") as refused:
        await rebased(scene, mine)
    assert refused.value.params == {"rules": [READS]}


async def test_a_draft_of_a_region_is_carried_over_within_the_region(database: Database) -> None:
    scene = await arrange(database)
    code = scene.world.region.code
    own = disable(region=code, by_region=True)
    mine = await filled(scene, [own], scene.regional, scene.world.region)
    await published(scene, add())
    await published(scene, add(), disable(region="KZ-75"))
    assert await rebased(scene, mine) == [own]


async def test_a_draft_is_carried_over_by_whoever_may_edit_it(database: Database) -> None:
    scene = await arrange(database)
    twice = await filled(scene, [disable(), disable()], scene.national)
    with refuses("POLICY_RULE_TWICE", None, "draftId"):
        await rebased(scene, twice)
    with pytest.raises(StaleVersion):
        async with scene.by(scene.national) as work:
            await rebase_policy_draft(work, twice.id, expected_version=1)
    for person in (scene.regional, scene.auditor, scene.manager):
        with pytest.raises((NotAllowed, NotFound)):
            async with scene.by(person) as work:
                await rebase_policy_draft(work, twice.id, expected_version=2)
