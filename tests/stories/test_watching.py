"""Watching nodes over WebSocket, in process, with the platform's own schema and policy."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from core.db.engine import Database
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, OperatorAuthority
from tests.factories import make_appointment, make_node, make_person
from tests.stories.conftest import open_account
from tests.zhoba.http.test_websocket import Socket, accepted, connect
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

WATCH = (
    "subscription ($id: ID, $under: ID) { nodeChanged(id: $id, under: $under) { act node { id } } }"
)


async def record(database: Database, node: Node, act: str) -> None:
    """An act on a node, whatever it is."""
    async with transact(
        database, actor=OPERATOR, authority=OperatorAuthority(), now=datetime.now(UTC)
    ) as work:
        work.record(act, node, node_id=node.id)


async def watch(socket: Socket, **variables: str) -> None:
    payload = {"query": WATCH, "variables": variables}
    await socket.say({"type": "subscribe", "id": "1", "payload": payload})


async def listening(socket: Socket, database: Database, node: Node) -> None:
    """Wait until a knock is heard: the protocol has no message that says a subscription began."""
    for _ in range(60):
        await record(database, node, "knock")
        with suppress(TimeoutError):
            message = await asyncio.wait_for(socket.from_app.get(), 1)
            assert '"knock"' in message["text"]
            return
    raise AssertionError("nothing was heard")


async def heard(socket: Socket) -> tuple[str, Any]:
    """The next change, but for knocks."""
    while True:
        change = (await socket.hear())["payload"]["data"]["nodeChanged"]
        if change["act"] != "knock":
            return change["act"], change["node"]


@pytest.fixture
def services(app: Starlette) -> Any:
    return app.state.operations.services


async def test_manager_hears_of_its_project_and_not_of_the_next(
    app: Starlette, services: Any, settings: Settings
) -> None:
    database: Database = services.database
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None)
        body = await make_node(session, NodeKind.STATE_BODY, country)
        programs = [await make_node(session, NodeKind.PROGRAM, body) for _ in range(2)]
        directions = [await make_node(session, NodeKind.BASIC_DIRECTION, p) for p in programs]
        mine, other = [await make_node(session, NodeKind.PROJECT, d) for d in directions]
        task = await make_node(session, NodeKind.TASK, mine)
        person = await make_person(session)
        await make_appointment(session, person, "project_manager", mine)
    token = own_token(settings, await open_account(app, person), datetime.now(UTC))
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init({"authorization": f"Bearer {token}"})
        await watch(socket, under=f"Country:{country.id}")
        await listening(socket, database, mine)
        for node, act in ((other, "hidden"), (mine, "first"), (task, "second")):
            await record(database, node, act)
        assert await heard(socket) == ("first", {"id": f"Project:{mine.id}"})
        assert await heard(socket) == ("second", {"id": f"Task:{task.id}"})
        await socket.say({"type": "complete", "id": "1"})
        await watch(socket, id=f"Project:{mine.id}")
        await listening(socket, database, mine)
        for node, act in ((task, "below"), (mine, "itself")):
            await record(database, node, act)
        assert await heard(socket) == ("itself", {"id": f"Project:{mine.id}"})
    assert services.feed.subscriptions == set()


async def test_hidden_and_absent_nodes_cannot_be_watched(app: Starlette, services: Any) -> None:
    async with services.database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None)
        body = await make_node(session, NodeKind.STATE_BODY, country)
    codes = {}
    async with connect(app) as socket:
        await accepted(socket)
        await socket.init()
        for target in (f"StateBody:{body.id}", "StateBody:999", "Nothing"):
            await watch(socket, id=target)
            [error] = (await socket.hear())["payload"]
            codes[target] = error["extensions"]["code"]
    assert list(codes.values()) == ["NOT_FOUND", "NOT_FOUND", "BAD_ID"]
    assert services.feed.subscriptions == set()
