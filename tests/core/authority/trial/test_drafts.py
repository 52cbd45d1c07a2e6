"""A dry run of a draft: what it tells the administrator before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from core.authority.holding import PERSONNEL
from core.authority.policies.change import Change
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.ground import ground_of
from core.authority.rules import Relation
from core.authority.trial import dry_run
from core.authority.trial.agreeing import Disagreement
from core.authority.trial.dry_run import DryRun
from core.authority.trial.effect import Reckoning
from core.db.engine import Database
from core.people.person import Person
from core.places.region import Region
from core.tree.node import NodeKind
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.policies.changes import READS, add, disable, ground
from tests.core.authority.policies.managers import Scene, arrange
from tests.core.authority.policies.test_publishing import MANAGES, filled


async def tried(scene: Scene, draft: PolicyDraft, person: Person, **options: float) -> DryRun:
    async with scene.by(person) as work:
        return await dry_run.dry_run(work.session, ground_of(work), draft, work.today, **options)


async def run_of(
    scene: Scene, *changes: Change, person: Person | None = None, region: Region | None = None
) -> DryRun:
    person = person or scene.national
    return await tried(scene, await filled(scene, changes, person, region), person)


async def test_a_dry_run_tells_who_loses_what_where_and_by_which_rule(database: Database) -> None:
    scene = await arrange(database)
    run = await run_of(scene, disable(), add(role="auditor", action="project.create"))
    told = {(each.action, each.role, each.gained): each for each in run.groups}
    assert {key: (each.people, each.nodes, each.pairs) for key, each in told.items()} == {
        ("project.read", "project_manager", False): (1, 2, 2),
        ("project.create", "auditor", True): (1, 8, 8),
    }
    assert (run.gaining, run.losing, run.head, run.region, run.problems) == (1, 1, 0, None, ())
    lost = run.examples["project.read", "project_manager", False][0]
    assert (lost.case.person_id, lost.case.node_id) == (scene.manager.id, scene.world.project.id)
    assert (lost.before.rule, lost.after.rule) == (READS, None)
    gained = run.examples["project.create", "auditor", True][0]
    assert (gained.before.rule, gained.after.rule) == (None, "local:one")
    assert run.checks == 2
    assert run.predicates >= 4
    assert run.notes == []


async def test_whoever_loses_every_right_of_their_roles_is_told(database: Database) -> None:
    scene = await arrange(database)
    theirs = [
        disable(rule.id)
        for rule in ground().defaults
        if rule.role == "project_manager" or rule.role == PERSONNEL
    ]
    most = await run_of(scene, *theirs[:-1])
    assert (most.losing, most.stripped) == (1, [])
    everything = await run_of(scene, *theirs)
    assert (everything.losing, everything.stripped) == (1, [scene.manager.id])


async def test_the_last_administrators_are_told_and_that_nobody_is_left(
    database: Database,
) -> None:
    scene = await arrange(database)
    run = await run_of(scene, disable(MANAGES))
    managing, appointing = run.keepers
    assert (managing.before, managing.after) == ((scene.national.id,), ())
    assert managing.locked_out
    assert appointing.before == appointing.after == (scene.national.id,)
    assert not appointing.locked_out


async def test_the_dry_run_of_a_region_sees_the_region_only(database: Database) -> None:
    scene = await arrange(database)
    async with arranging(database) as session:
        elsewhere = await make.make_node(
            session, NodeKind.STATE_BODY, scene.world.country, region=scene.other_region
        )
        both = await make.make_person(session)
        await make.make_appointment(session, both, "project_manager", elsewhere)
        await make.make_appointment(session, both, "project_manager", scene.world.body)
        await make.make_node(session, NodeKind.PROGRAM, elsewhere)
    inside = (await run_of(scene, disable())).groups[0]
    code = scene.world.region.code
    run = await run_of(
        scene, disable(region=code), person=scene.regional, region=scene.world.region
    )
    assert run.region == code
    (group,) = run.groups
    assert (inside.people, inside.nodes, inside.pairs) == (2, 8, 10)
    # The body and the five objects below it; the other body and its program are not told of.
    assert (group.people, group.nodes, group.pairs) == (2, 6, 8)


async def test_numbers_that_the_rules_do_not_confirm_are_not_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [disable()], scene.national)
    honest = Reckoning.allowed

    def blind(self: Reckoning, words: Any, reached: Any, side: int) -> int:
        return honest(self, words, reached, side) & ~(1 << 7)

    monkeypatch.setattr(Reckoning, "allowed", blind)
    with pytest.raises(Disagreement):
        await tried(scene, draft, scene.national)


async def test_what_there_is_no_time_for_is_said(database: Database) -> None:
    scene = await arrange(database)
    draft = await filled(scene, [disable()], scene.national)
    run = await tried(scene, draft, scene.national, seconds=0.0)
    assert [(note.code, note.params) for note in run.notes] == [
        ("POLICY_TRIAL_OUT_OF_TIME", {"left": 1})
    ]
    assert (run.people, run.groups) == (0, [])


async def test_what_concerns_everybody_is_counted_and_told_for_the_anonymous(
    database: Database,
) -> None:
    scene = await arrange(database)
    run = await run_of(scene, add(role="anyone", action="project.read"))
    (group,) = run.groups
    # The auditor reads everything already, and the manager two of the eight objects.
    assert (group.role, group.people, group.nodes, group.pairs) == ("anyone", 3, 8, 22)
    assert run.unsigned == [("project.read", True, 8)]


async def test_rules_about_ones_own_rows_are_noted(database: Database) -> None:
    scene = await arrange(database)
    own = next(rule for rule in ground().defaults if rule.relation is Relation.OWN)
    run = await run_of(scene, disable(own.id))
    assert run.groups == []
    assert [(note.code, note.params) for note in run.notes] == [
        ("POLICY_TRIAL_OWN_ROWS", {"count": 1})
    ]


async def test_a_draft_with_problems_is_tried_and_its_problems_are_told(
    database: Database,
) -> None:
    scene = await arrange(database)
    run = await run_of(scene, disable(), add(role="boss"))
    assert [each.code for each in run.problems] == ["POLICY_ROLE_UNKNOWN"]
    assert run.losing == 1
