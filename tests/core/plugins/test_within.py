"""Handlers in the transaction of an act."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest
from sqlalchemy import select

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.errors import RuleRefused
from core.plugins.gate import PluginNotEnabled
from core.plugins.within import LONGEST_CHAIN
from core.transaction import settle, transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, Entry, OperatorAuthority, Work
from tests.core.background.hosts import SmallHost, acts, do, switch, within
from tests.factories import World, make_node, make_region, make_world


async def world_with(database: Database, *on: str) -> World:
    """A world in whose region these plugins are on."""
    async with database.session() as session, session.begin():
        world = await make_world(session)
        for plugin in on:
            await switch(session, world.region, plugin=plugin)
    return world


async def test_handler_runs_in_the_acts_transaction_as_its_plugin(
    database: Database, now: datetime
) -> None:
    world = await world_with(database, "visits")
    told: list[tuple[str, int, int | None]] = []

    async def visit(work: Work, entry: Entry) -> None:
        told.append((entry.act, entry.subject_id, entry.node_id))
        task = await work.session.get_one(Node, world.task.id)
        task.version += 1
        await work.require("task.edit", task.id)
        work.record("visitsCounted", task, node_id=task.id)

    host = SmallHost([within(visit, "projectEdited")])
    await do(database, now, "projectEdited", world.project, host)
    await do(database, now, "taskEdited", world.task, host)

    assert told == [("projectEdited", world.project.id, world.project.id)]
    async with database.session() as session:
        assert (await session.get_one(Node, world.task.id)).version == 2
        entries = await session.execute(
            select(AuditEntry.act, AuditEntry.acting_as, AuditEntry.actor).order_by(AuditEntry.id)
        )
        assert [tuple(entry) for entry in entries] == [
            ("projectEdited", None, "operator"),
            ("visitsCounted", "operator", "operator"),
            ("taskEdited", None, "operator"),
        ]


async def test_each_entry_is_told_once_and_before_the_act_is_shown(
    database: Database, now: datetime
) -> None:
    world = await world_with(database, "visits")
    told: list[str] = []

    async def hear(work: Work, entry: Entry) -> None:
        told.append(entry.act)
        if entry.act == "first":
            work.record("caused", world.project, node_id=entry.node_id)

    async with transact(
        database,
        actor=OPERATOR,
        authority=OperatorAuthority(),
        now=now,
        host=SmallHost([within(hear, "*")]),
    ) as work:
        work.record("first", world.project, node_id=world.project.id)
        await settle(work)
        assert told == ["first", "caused"]
        await settle(work)
        work.record("second", world.project, node_id=world.project.id)
    assert told == ["first", "caused", "second"]
    assert await acts(database) == ["first", "caused", "second"]


async def test_star_stands_for_every_act(database: Database, now: datetime) -> None:
    world = await world_with(database, "visits")
    told: list[str] = []

    async def hear(work: Work, entry: Entry) -> None:
        told.append(entry.act)

    host = SmallHost([within(hear, "*")])
    await do(database, now, "one", world.project, host)
    await do(database, now, "two", world.project, host)
    assert told == ["one", "two"]


async def refuse(work: Work, entry: Entry) -> None:
    raise RuleRefused("VISITS_OPEN", clause="visits §1", field="endsOn", count=2)


async def test_refusal_of_a_handler_takes_everything_back(
    database: Database, now: datetime
) -> None:
    world = await world_with(database, "visits")
    with pytest.raises(RuleRefused) as refused:
        await do(database, now, "projectEdited", world.project, SmallHost([within(refuse, "*")]))
    assert (refused.value.code, refused.value.clause, refused.value.field) == (
        "VISITS_OPEN",
        "visits §1",
        "endsOn",
    )
    assert await acts(database) == []


async def test_handler_is_not_run_where_its_plugin_is_off(
    database: Database, now: datetime
) -> None:
    host = SmallHost([within(refuse, "*")])
    world = await world_with(database)
    async with database.session() as session, session.begin():
        other = await make_region(session, "KZ-71")
        await switch(session, other)
        await switch(session, world.region, plugin="other")
    await do(database, now, "elsewhere", world.project, host)

    async with database.session() as session, session.begin():
        await switch(session, None)
    await do(database, now, "stillElsewhere", world.project, host)
    with pytest.raises(RuleRefused):
        await do(database, now, "countryEdited", world.country, host)

    async with database.session() as session, session.begin():
        await switch(session, world.region)
    with pytest.raises(RuleRefused):
        await do(database, now, "here", world.project, host)

    async with database.session() as session, session.begin():
        await switch(session, world.region, on=False)
    await do(database, now, "offAgain", world.project, host)
    assert await acts(database) == ["elsewhere", "stillElsewhere", "offAgain"]


async def test_what_a_handler_records_is_handled_too(database: Database, now: datetime) -> None:
    world = await world_with(database, "visits", "reports")

    async def visit(work: Work, entry: Entry) -> None:
        work.record("visitMade", world.project, node_id=entry.node_id)

    async def report(work: Work, entry: Entry) -> None:
        work.record("visitReported", world.project, node_id=entry.node_id)

    host = SmallHost(
        [within(report, "visitMade", plugin="reports"), within(visit, "projectEdited")]
    )
    await do(database, now, "projectEdited", world.project, host)
    assert await acts(database) == ["projectEdited", "visitMade", "visitReported"]


@pytest.mark.parametrize(("length", "ends"), [(LONGEST_CHAIN, True), (LONGEST_CHAIN + 1, False)])
async def test_handlers_that_call_each_other_are_stopped(
    database: Database, now: datetime, length: int, ends: bool
) -> None:
    world = await world_with(database, "visits")

    async def again(work: Work, entry: Entry) -> None:
        if len(work.entries) <= length:
            work.record("again", world.project, node_id=entry.node_id)

    host = SmallHost([within(again, "*")])
    if ends:
        await do(database, now, "first", world.project, host)
        assert await acts(database) == ["first", *["again"] * length]
        return
    with pytest.raises(RuleRefused) as refused:
        await do(database, now, "first", world.project, host)
    assert (refused.value.code, refused.value.params) == (
        "HANDLERS_NEVER_END",
        {"plugin": "visits", "handler": "within", "act": "again"},
    )
    assert await acts(database) == []


async def test_handlers_that_multiply_are_stopped(database: Database, now: datetime) -> None:
    world = await world_with(database, "visits")

    async def twice(work: Work, entry: Entry) -> None:
        for _ in range(2):
            work.record("again", world.project, node_id=entry.node_id)

    with pytest.raises(RuleRefused, match="HANDLERS_NEVER_END"):
        await do(database, now, "first", world.project, SmallHost([within(twice, "*")]))


async def test_handler_may_not_act_where_its_plugin_is_off(
    database: Database, now: datetime
) -> None:
    world = await world_with(database, "visits")
    async with database.session() as session, session.begin():
        region = await make_region(session, "KZ-71")
        other = await make_node(session, NodeKind.STATE_BODY, world.country, region=region)

    async def reach(work: Work, entry: Entry) -> None:
        work.record("visitMade", other, node_id=other.id)

    with pytest.raises(PluginNotEnabled) as refused:
        await do(database, now, "first", world.project, SmallHost([within(reach, "first")]))
    assert refused.value.params == {"plugin": "visits", "region": "KZ-71"}
    assert await acts(database) == []


async def test_broken_handler_fails_the_act_and_the_log_names_the_plugin(
    database: Database, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    world = await world_with(database, "visits")

    async def broken(work: Work, entry: Entry) -> None:
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR), pytest.raises(ZeroDivisionError):
        await do(database, now, "first", world.project, SmallHost([within(broken, "first")]))
    assert [record.getMessage() for record in caplog.records] == [
        "the handler within of the plugin visits failed in first"
    ]
    assert await acts(database) == []
