"""Moves between stages: proposed by one, decided by another."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from core.acts.act import Act, ActKind
from core.db.engine import Database
from core.errors import NotAllowed, NotFound, PlatformError, WrongState
from core.hierarchy.conditions import core_policy
from core.hierarchy.project import Lesson, Project
from core.hierarchy.stage_move import (
    StageMove,
    StageMoveState,
    confirm_stage_move,
    propose_stage_move,
    refuse_stage_move,
    withdraw_stage_move,
)
from core.hierarchy.stage_needs import CHARTER_ROLES
from core.hierarchy.stages import TRANSITIONS, Requirement
from core.hierarchy.task import Task
from core.people.person import Person
from core.transaction import transact
from core.tree.node import Node, NodeKind, Stage
from core.work import Actor
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import World, make_act, make_appointment, make_person

MOVE, CONFIRM = "project.move_stage", "project.confirm_stage"
PROPOSE_STOP, DECIDE_STOP = "project.propose_stop_start", "project.decide_stop_start"


class Play:
    """A world with a manager, a head, and a project that has everything a move may need."""

    def __init__(
        self, database: Database, world: World, manager: Person, head: Person, protocol: Act
    ) -> None:
        self.database = database
        self.world = world
        self.manager = manager
        self.head = head
        self.protocol = protocol

    @property
    def project(self) -> Node:
        return self.world.project

    async def put(self, node: Node, stage: Stage | None) -> None:
        async with arranging(self.database) as session:
            (await session.get_one(Node, node.id)).stage = stage

    async def propose(
        self,
        to_stage: Stage,
        *,
        node: Node | None = None,
        may: Collection[str] = (MOVE,),
        reason: str | None = None,
        hidden: Collection[int] = (),
    ) -> StageMove:
        async with acting(self.database, person_id=self.manager.id, may=may, hidden=hidden) as work:
            return await propose_stage_move(
                work, (node or self.project).id, to_stage, reason=reason
            )

    async def confirm(
        self,
        move: StageMove,
        *,
        by: Person | None = None,
        may: Collection[str] = (CONFIRM,),
        act: Act | None = None,
    ) -> StageMove:
        async with acting(self.database, person_id=(by or self.head).id, may=may) as work:
            return await confirm_stage_move(work, move.id, act_id=act.id if act else None)

    async def node(self) -> Node:
        async with arranging(self.database) as session:
            return await session.get_one(Node, self.project.id)


async def make_play(database: Database, stage: Stage | None = Stage.INITIATION) -> Play:
    world = await committed_world(database)
    async with arranging(database) as session:
        manager, head = await make_person(session), await make_person(session)
        for role in CHARTER_ROLES:
            await make_appointment(session, manager, role, world.project)
        session.add(Lesson(project_id=world.project.id, text="Lesson", recorded_at=NOW))
        project = await session.get_one(Project, world.project.id)
        project.results_accepted_at, project.results_accepted_by_id = NOW, manager.id
        (await session.get_one(Task, world.task.id)).closed_on = NOW.date()
        protocol = await make_act(session, ActKind.PROTOCOL, world.body)
        (await session.get_one(Node, world.project.id)).stage = stage
    return Play(database, world, manager, head, protocol)


async def test_a_project_goes_the_whole_way(database: Database) -> None:
    play = await make_play(database)
    way = [
        (Stage.PLANNING, False),
        (Stage.STOPPED, True),
        (Stage.PLANNING, True),
        (Stage.IMPLEMENTATION, False),
        (Stage.ADJUSTMENT, False),
        (Stage.IMPLEMENTATION, False),
        (Stage.STOPPED, True),
        (Stage.IMPLEMENTATION, True),
    ]
    for to_stage, collegial in way:
        move = await play.propose(
            to_stage,
            may=[PROPOSE_STOP] if collegial else [MOVE],
            reason="Gap analysis" if collegial else None,
        )
        await play.confirm(
            move,
            may=[DECIDE_STOP] if collegial else [CONFIRM],
            act=play.protocol if collegial else None,
        )
        assert (await play.node()).stage is to_stage
    async with arranging(database) as session:
        project = await session.get_one(Project, play.project.id)
        assert project.results_accepted_at is None
        project.results_accepted_at = NOW
    for to_stage in (Stage.CLOSURE, Stage.CLOSED):
        await play.confirm(await play.propose(to_stage))
        assert (await play.node()).stage is to_stage
    assert (await play.node()).version == 1 + 2 * (len(way) + 2)
    async with arranging(database) as session:
        project = await session.get_one(Project, play.project.id)
        assert project.results_accepted_at == NOW


async def test_a_proposal_and_its_decision_are_kept_and_recorded(database: Database) -> None:
    play = await make_play(database, Stage.IMPLEMENTATION)
    move = await play.propose(Stage.STOPPED, may=[PROPOSE_STOP], reason=" Gap analysis ")
    assert (await play.node()).stage is Stage.IMPLEMENTATION
    await play.confirm(move, may=[DECIDE_STOP], act=play.protocol)
    async with arranging(database) as session:
        kept = await session.get_one(StageMove, move.id)
    assert (
        kept.node_id, kept.from_stage, kept.to_stage, kept.state, kept.reason, kept.proposed_by_id,
        kept.proposed_at, kept.decided_by_id, kept.decided_at, kept.decision_reason, kept.act_id,
    ) == (
        play.project.id, Stage.IMPLEMENTATION, Stage.STOPPED, StageMoveState.CONFIRMED,
        "Gap analysis", play.manager.id, NOW, play.head.id, NOW, None, play.protocol.id,
    )  # fmt: skip
    proposed, confirmed = await entries(database)
    assert (proposed.act, proposed.subject, proposed.node_id, proposed.clause, proposed.after) == (
        "stageMoveProposed",
        "StageMove",
        play.project.id,
        "R2023 §69(2), §78(6)",
        {"from_stage": "IMPLEMENTATION", "to_stage": "STOPPED", "reason": "Gap analysis"},
    )
    assert (confirmed.act, confirmed.before, confirmed.after) == (
        "stageMoveConfirmed",
        {
            "state": "PROPOSED",
            "stage": "IMPLEMENTATION",
            "results_accepted_at": NOW.isoformat(),
            "results_accepted_by_id": play.manager.id,
        },
        {
            "state": "CONFIRMED",
            "stage": "STOPPED",
            "act_id": play.protocol.id,
            "results_accepted_at": None,
            "results_accepted_by_id": None,
        },
    )


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (source, target)
        for source in Stage
        for target in Stage
        if (NodeKind.PROJECT, source, target) not in TRANSITIONS
    ],
)
async def test_propose_refuses_every_way_that_is_not_in_the_table(
    database: Database, source: Stage, target: Stage
) -> None:
    play = await make_play(database, source)
    with pytest.raises(WrongState) as caught:
        await play.propose(target)
    assert (caught.value.code, caught.value.clause, caught.value.field) == (
        "STAGE_MOVE_IMPOSSIBLE", "product default; R2023 §9", "toStage",
    )  # fmt: skip
    assert set(caught.value.params["allowed"]) == {
        move.target
        for move in TRANSITIONS.values()
        if move.kind is NodeKind.PROJECT and move.source is source
    }


async def test_a_project_without_stage_begins_at_the_beginning(database: Database) -> None:
    play = await make_play(database, None)
    move = await play.propose(Stage.PLANNING)
    assert move.from_stage is Stage.INITIATION
    await play.confirm(move)
    assert (await play.node()).stage is Stage.PLANNING


@pytest.mark.parametrize("key", sorted(TRANSITIONS, key=str))
async def test_each_move_asks_for_its_own_two_actions(
    database: Database, key: tuple[NodeKind, Stage, Stage]
) -> None:
    rule = TRANSITIONS[key]
    every = {each for move in TRANSITIONS.values() for each in (move.propose, move.decide)}
    play = await make_play(database)
    world = play.world
    node = {
        NodeKind.NATIONAL_PRIORITY: world.priority,
        NodeKind.PROGRAM: world.program,
        NodeKind.BASIC_DIRECTION: world.direction,
        NodeKind.PROJECT_GROUP: world.group,
        NodeKind.PROJECT: world.project,
    }[rule.kind]
    if Requirement.NOTHING_OPEN_INSIDE in rule.needs:
        for each in (world.program, world.direction, world.group, world.project):
            await play.put(each, Stage.CLOSED)
    await play.put(node, rule.source)
    with pytest.raises(NotAllowed) as caught:
        await play.propose(rule.target, node=node, may=every - {rule.propose}, reason="Reason")
    assert caught.value.action == rule.propose
    move = await play.propose(rule.target, node=node, may=[rule.propose], reason="Reason")
    act = play.protocol if rule.collegial else None
    with pytest.raises(NotAllowed) as caught:
        await play.confirm(move, may=every - {rule.decide}, act=act)
    assert caught.value.action == rule.decide
    await play.confirm(move, may=[rule.decide], act=act)
    async with arranging(database) as session:
        assert (await session.get_one(Node, node.id)).stage is rule.target


async def test_propose_asks_the_plain_action_where_there_is_no_way(database: Database) -> None:
    play = await make_play(database)
    with pytest.raises(NotAllowed) as caught:
        await play.propose(Stage.CLOSED, may=[PROPOSE_STOP])
    assert caught.value.action == MOVE


async def test_what_has_no_stages_or_is_hidden_is_not_found(database: Database) -> None:
    play = await make_play(database)
    with pytest.raises(NotFound):
        await play.propose(Stage.PLANNING, node=play.world.task)
    with pytest.raises(NotFound):
        await play.propose(Stage.PLANNING, may=[MOVE], hidden=[play.project.id])
    move = await play.propose(Stage.PLANNING)
    with pytest.raises(NotFound):
        async with acting(
            database, person_id=play.head.id, may=[CONFIRM], hidden=[play.project.id]
        ) as work:
            await confirm_stage_move(work, move.id)
    for unknown in (0, move.id + 1):
        with pytest.raises(NotFound):
            async with acting(database) as work:
                await confirm_stage_move(work, unknown)


async def test_one_proposal_waits_at_a_time(database: Database) -> None:
    play = await make_play(database, Stage.IMPLEMENTATION)
    move = await play.propose(Stage.ADJUSTMENT)
    with refuses("STAGE_MOVE_ALREADY_PROPOSED", "product default"):
        await play.propose(Stage.CLOSURE)
    async with acting(database, person_id=play.manager.id, may=[MOVE]) as work:
        await withdraw_stage_move(work, move.id)
    await play.propose(Stage.CLOSURE)


async def test_of_eight_proposals_at_once_one_waits(database: Database) -> None:
    play = await make_play(database)
    outcomes = await asyncio.gather(
        *(play.propose(Stage.PLANNING) for _ in range(8)), return_exceptions=True
    )
    refused = [each.code for each in outcomes if isinstance(each, PlatformError)]
    assert refused == ["STAGE_MOVE_ALREADY_PROPOSED"] * 7
    assert (await play.node()).version == 2


async def test_nobody_decides_on_a_proposal_of_his_own(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    with refuses("OWN_PROPOSAL", "product default"):
        await play.confirm(move, by=play.manager)
    with refuses("OWN_PROPOSAL", "product default"):
        async with acting(database, person_id=play.manager.id, may=[CONFIRM]) as work:
            await refuse_stage_move(work, move.id, "No")
    await play.confirm(move)


async def test_a_committee_decides_whoever_registers_its_protocol(database: Database) -> None:
    play = await make_play(database, Stage.PLANNING)
    move = await play.propose(Stage.STOPPED, may=[PROPOSE_STOP], reason="Gap")
    with refuses("DECISION_NEEDS_PROTOCOL", "R2023 §52", "actId"):
        await play.confirm(move, may=[DECIDE_STOP])
    await play.confirm(move, by=play.manager, may=[DECIDE_STOP], act=play.protocol)
    assert (await play.node()).stage is Stage.STOPPED


async def test_the_operator_may_propose_and_decide(database: Database) -> None:
    play = await make_play(database)
    async with acting(database) as work:
        move = await propose_stage_move(work, play.project.id, Stage.PLANNING)
        await confirm_stage_move(work, move.id)
    assert (await play.node()).stage is Stage.PLANNING


async def test_a_settled_proposal_stays_settled(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    await play.confirm(move)
    with refuses("STAGE_MOVE_ALREADY_DECIDED", "product default"):
        await play.confirm(move)
    with refuses("STAGE_MOVE_ALREADY_DECIDED", "product default"):
        async with acting(database, person_id=play.head.id, may=[CONFIRM]) as work:
            await refuse_stage_move(work, move.id, "No")
    with refuses("STAGE_MOVE_ALREADY_DECIDED", "product default"):
        async with acting(database, person_id=play.manager.id, may=[MOVE]) as work:
            await withdraw_stage_move(work, move.id)


async def test_of_eight_decisions_at_once_one_counts(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)

    async def refuse() -> None:
        async with acting(database, person_id=play.head.id, may=[CONFIRM]) as work:
            await refuse_stage_move(work, move.id, "No")

    outcomes = await asyncio.gather(*(refuse() for _ in range(8)), return_exceptions=True)
    refused = [each.code for each in outcomes if isinstance(each, PlatformError)]
    assert refused == ["STAGE_MOVE_ALREADY_DECIDED"] * 7
    assert (await play.node()).version == 3


async def test_confirm_wants_the_stage_the_proposal_was_made_in(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    await play.put(play.project, Stage.IMPLEMENTATION)
    with refuses("WRONG_STAGE", "product default"):
        await play.confirm(move)


async def test_needs_are_checked_when_proposed_and_when_decided(database: Database) -> None:
    play = await make_play(database, Stage.IMPLEMENTATION)
    move = await play.propose(Stage.CLOSURE)
    async with arranging(database) as session:
        (await session.get_one(Project, play.project.id)).results_accepted_at = None
    with refuses("RESULTS_NOT_ACCEPTED", "R2023 §2(23)"):
        await play.confirm(move)
    async with acting(database, person_id=play.manager.id, may=[MOVE]) as work:
        await withdraw_stage_move(work, move.id)
    with refuses("RESULTS_NOT_ACCEPTED", "R2023 §2(23)"):
        await play.propose(Stage.CLOSURE)


async def test_a_stop_needs_its_reasons(database: Database) -> None:
    play = await make_play(database, Stage.IMPLEMENTATION)
    with refuses("STAGE_MOVE_NEEDS_REASON", "R2023 §69(2), §78(6)", "reason"):
        await play.propose(Stage.STOPPED, may=[PROPOSE_STOP], reason=" ")


async def test_a_project_starts_only_where_work_goes_on(database: Database) -> None:
    play = await make_play(database)
    await play.put(play.world.program, Stage.STOPPED)
    with refuses("HALTED_ABOVE", "product default"):
        await play.propose(Stage.PLANNING)


async def test_an_archived_project_moves_nowhere(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    async with arranging(database) as session:
        (await session.get_one(Node, play.project.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await play.confirm(move)
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await play.propose(Stage.PLANNING)


async def test_refuse_keeps_the_stage_and_the_reason(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    with refuses("TEXT_REQUIRED", "product default", "reason"):
        async with acting(database, person_id=play.head.id, may=[CONFIRM]) as work:
            await refuse_stage_move(work, move.id, " ")
    async with acting(database, person_id=play.head.id, may=[CONFIRM]) as work:
        refused = await refuse_stage_move(work, move.id, "Not ready")
    assert (refused.state, refused.decided_by_id, refused.decided_at, refused.decision_reason) == (
        StageMoveState.REFUSED, play.head.id, NOW, "Not ready",
    )  # fmt: skip
    node = await play.node()
    assert (node.stage, node.version) == (Stage.INITIATION, 3)
    [entry] = await entries(database, "stageMoveRefused")
    assert (entry.before, entry.after) == (
        {"state": "PROPOSED"},
        {"state": "REFUSED", "decision_reason": "Not ready"},
    )
    await play.propose(Stage.PLANNING)


async def test_a_committee_refuses_by_protocol_too(database: Database) -> None:
    play = await make_play(database, Stage.IMPLEMENTATION)
    move = await play.propose(Stage.STOPPED, may=[PROPOSE_STOP], reason="Gap")
    with refuses("DECISION_NEEDS_PROTOCOL", "R2023 §52", "actId"):
        async with acting(database, person_id=play.head.id, may=[DECIDE_STOP]) as work:
            await refuse_stage_move(work, move.id, "No")
    async with acting(database, person_id=play.head.id, may=[DECIDE_STOP]) as work:
        refused = await refuse_stage_move(work, move.id, "No", act_id=play.protocol.id)
    assert refused.act_id == play.protocol.id


async def test_only_the_proposer_withdraws(database: Database) -> None:
    play = await make_play(database)
    move = await play.propose(Stage.PLANNING)
    with refuses("PROPOSAL_OF_ANOTHER", "product default"):
        async with acting(database, person_id=play.head.id, may=[MOVE]) as work:
            await withdraw_stage_move(work, move.id)
    with pytest.raises(NotAllowed):
        async with acting(database, person_id=play.manager.id, may=[CONFIRM]) as work:
            await withdraw_stage_move(work, move.id)
    async with acting(database, person_id=play.manager.id, may=[MOVE]) as work:
        withdrawn = await withdraw_stage_move(work, move.id)
    assert (withdrawn.state, withdrawn.decided_at) == (StageMoveState.WITHDRAWN, None)
    assert (await play.node()).version == 3
    [entry] = await entries(database, "stageMoveWithdrawn")
    assert (entry.before, entry.after) == ({"state": "PROPOSED"}, {"state": "WITHDRAWN"})


WHERE = {
    "project_manager": "project",
    "project_customer": "project",
    "project_sponsor": "project",
    "project_team_member": "project",
    "pg_head": "group",
    "bd_head": "direction",
    "program_manager": "program",
    "po_head": "body",
    "gc_member": "body",
    "office_member": "country",
    "np_curator": "priority",
}
"""Where the roles of the next test are held."""

MAY_PROPOSE = {
    (NodeKind.PROJECT, False): {"project_manager", "pg_head"},
    (NodeKind.PROJECT, True): {"bd_head"},
    (NodeKind.PROJECT_GROUP, False): {"pg_head"},
    (NodeKind.BASIC_DIRECTION, False): {"bd_head"},
    (NodeKind.PROGRAM, False): {"po_head"},
    (NodeKind.NATIONAL_PRIORITY, False): {"office_member"},
}
MAY_DECIDE = {
    (NodeKind.PROJECT, False): {"pg_head", "bd_head"},
    (NodeKind.PROJECT, True): {"gc_member"},
    (NodeKind.PROJECT_GROUP, False): {"bd_head"},
    (NodeKind.BASIC_DIRECTION, False): {"program_manager"},
    (NodeKind.PROGRAM, False): {"program_manager"},
    (NodeKind.NATIONAL_PRIORITY, False): {"np_curator"},
}
"""By kind and by whether a committee decides: the roles of WHERE that the default policy lets."""


async def test_each_move_is_in_the_hands_the_rules_put_it_in(database: Database) -> None:
    world = await committed_world(database)
    nodes = {
        NodeKind.NATIONAL_PRIORITY: world.priority,
        NodeKind.PROGRAM: world.program,
        NodeKind.BASIC_DIRECTION: world.direction,
        NodeKind.PROJECT_GROUP: world.group,
        NodeKind.PROJECT: world.project,
    }
    holders: dict[str, Person] = {}
    async with arranging(database) as session:
        for role, place in WHERE.items():
            holders[role] = await make_person(session)
            await make_appointment(session, holders[role], role, getattr(world, place))
    policy = core_policy()
    for rule in TRANSITIONS.values():
        may: dict[str, set[str]] = {rule.propose: set(), rule.decide: set()}
        for role, person in holders.items():
            actor = Actor(person_id=person.id, account_id=person.id, label=role)
            async with transact(database, actor=actor, authority=policy, now=NOW) as work:
                for action, roles in may.items():
                    if (await work.may(action, nodes[rule.kind].id)).allowed:
                        roles.add(role)
        key = (rule.kind, rule.collegial)
        assert (may[rule.propose], may[rule.decide]) == (MAY_PROPOSE[key], MAY_DECIDE[key]), rule
