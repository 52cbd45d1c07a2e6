"""What files hang at: who opens them there, and what is left when they are taken off."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.db.engine import Database
from core.errors import NotFound
from core.files.claiming import claim_file, delete_file, release_file
from core.files.file import File, read_file_bytes, readable_file, store_file
from core.files.store import FileStore
from core.files.sweep import sweep_files
from core.plugins.gate import PluginGate
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import Actor
from tests.acting import arranging, entries
from tests.authorities import Grants
from tests.core.files.test_file import make_actor
from tests.factories import make_act, make_node

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
READER = "monitoring.check"


class Desk:
    """People at files: an uploader, and a checker who may do ``READER`` at node ``here``."""

    def __init__(self, database: Database, store: FileStore, here: int, people: list[Actor]):
        self.database, self.store, self.here = database, store, here
        self.uploader, self.checker = people
        self.authority = Grants({self.checker.person_id: [READER]}, hidden=())

    def work(self, actor: Actor, gate: PluginGate | None = None):  # type: ignore[no-untyped-def]
        return transact(
            self.database,
            actor=actor,
            authority=self.authority,
            now=NOW,
            files=self.store,
            gate=gate,
        )

    async def opens(self, actor: Actor, file_id: int) -> bool:
        async with self.work(actor) as work:
            try:
                return (await readable_file(work, file_id)).id == file_id
            except NotFound:
                return False


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    people = [await make_actor(database), await make_actor(database)]
    async with arranging(database) as session:
        country = await make_node(session, NodeKind.COUNTRY, None)
        here = (await make_node(session, NodeKind.STATE_BODY, country)).id
    return Desk(database, FileStore(tmp_path / "files", largest=100), here, people)


async def stored(desk: Desk, content: bytes = b"certificate") -> int:
    async with desk.work(desk.uploader) as work:
        return (await store_file(work, content, name="a.txt")).id


async def test_claimed_file_opens_for_the_claims_action_alone(desk: Desk) -> None:
    file_id = await stored(desk)
    everybody = (desk.uploader, desk.checker)
    assert [await desk.opens(each, file_id) for each in everybody] == [True, False]
    async with desk.work(desk.checker) as work:
        with pytest.raises(NotFound):  # somebody else's upload cannot be attached and so opened
            await claim_file(work, file_id, node_id=desk.here, purpose="x", action=READER)
    async with desk.work(desk.uploader) as work:
        await claim_file(work, file_id, node_id=desk.here, purpose="x", action=READER)
    assert [await desk.opens(each, file_id) for each in everybody] == [False, True]
    async with desk.work(desk.checker) as work:
        assert await read_file_bytes(work, file_id) == b"certificate"
        await claim_file(work, file_id, node_id=desk.here, purpose="x", action=READER)
        await claim_file(work, file_id, node_id=desk.here, purpose="y", action="other")
    attached = await entries(desk.database, "fileAttached")
    assert [(each.subject_id, each.node_id, each.after) for each in attached] == [
        (file_id, desk.here, {"purpose": "x"}),
        (file_id, desk.here, {"purpose": "y"}),
    ]


async def test_a_claim_for_one_person_opens_for_no_other_with_the_same_action(desk: Desk) -> None:
    file_id = await stored(desk)
    both = (desk.uploader, desk.checker)
    desk.authority = Grants({each.person_id: [READER] for each in both}, hidden=())
    at = {"node_id": desk.here, "action": READER}
    async with desk.work(desk.uploader) as work:
        person = desk.uploader.person_id
        await claim_file(work, file_id, purpose="x", person_id=person, **at)
    assert [await desk.opens(each, file_id) for each in both] == [True, False]
    async with desk.work(desk.uploader) as work:
        await claim_file(work, file_id, purpose="y", person_id=desk.checker.person_id, **at)
        await release_file(work, file_id, node_id=desk.here, purpose="x")
    assert [await desk.opens(each, file_id) for each in both] == [False, True]
    desk.authority = Grants({}, hidden=())
    assert [await desk.opens(each, file_id) for each in both] == [False, False]


async def test_a_plugins_claim_opens_only_where_the_plugin_is_on(desk: Desk) -> None:
    file_id = await stored(desk)
    async with arranging(desk.database) as session:
        switch = PluginRegion(
            plugin="visits", region_id=None, enabled=True, settings={}, changed_at=NOW
        )
        session.add(switch)
    async with desk.work(desk.uploader, PluginGate("visits")) as work:
        await claim_file(work, file_id, node_id=desk.here, purpose="x", action=READER)
    assert await desk.opens(desk.checker, file_id)
    async with arranging(desk.database) as session:
        (await session.get_one(PluginRegion, switch.id)).enabled = False
    everybody = (desk.uploader, desk.checker)
    assert [await desk.opens(each, file_id) for each in everybody] == [False, False]


async def test_delete_file_keeps_what_something_else_refers_to(desk: Desk) -> None:
    file_id = await stored(desk)
    async with desk.work(desk.uploader) as work:
        await claim_file(work, file_id, node_id=desk.here, purpose="x", action=READER)
    async with desk.work(desk.checker) as work:
        await claim_file(work, file_id, node_id=desk.here, purpose="y", action=READER)
        assert not await delete_file(work, file_id, node_id=desk.here, purpose="x")
        with pytest.raises(NotFound):
            await release_file(work, file_id, node_id=desk.here, purpose="x")
        assert await delete_file(work, file_id, node_id=desk.here, purpose="y")
    assert not await desk.opens(desk.uploader, file_id)
    async with arranging(desk.database) as session:
        assert await session.get(File, file_id) is None
    act_file = await stored(desk)
    async with arranging(desk.database) as session:
        await make_act(session, file_id=act_file)
    async with desk.work(Actor(label="operator")) as work:
        await claim_file(work, act_file, node_id=desk.here, purpose="x")
        assert not await delete_file(work, act_file, node_id=desk.here, purpose="x")


async def test_sweep_files_deletes_what_nobody_used_for_a_day(desk: Desk) -> None:
    waiting, claimed = await stored(desk, b"waiting"), await stored(desk, b"claimed")
    same = await stored(desk, b"claimed")
    async with desk.work(desk.uploader) as work:
        await claim_file(work, claimed, node_id=desk.here, purpose="x", action=READER)
    for _, path in desk.store.contents():
        os.utime(path, (1, 1))
    day = timedelta(days=1)
    assert await sweep_files(desk.database, desk.store, NOW + day) == (0, 0)
    assert await sweep_files(desk.database, desk.store, NOW + day + timedelta(seconds=1)) == (2, 1)
    async with desk.database.reading_session() as session:
        left = await session.scalars(select(File.id).order_by(File.id))
        assert (left.all(), waiting < claimed < same) == ([claimed], True)
    assert [path.read_bytes() for _, path in desk.store.contents()] == [b"claimed"]
