"""Answers that are waited for, over real connections: ended, refused and sent in their turn."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.zhoba.express.place import alone, express_of
from tests.zhoba.express.serving import DOCUMENT, Line, Served, told
from zhoba.express.express import Express
from zhoba.express.lane import ExpressLane
from zhoba.express.protocol import ExpressProtocol

pytestmark = alone


class Gate:
    """Reads in the lane wait here until a test opens it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()
        self.ended: list[str] = []
        real = Express.answer

        async def answer(*given: Any, **named: Any) -> bytes | None:
            self.asked.set()
            try:
                await self.open.wait()
                return await real(*given, **named)
            except BaseException as error:
                self.ended.append(type(error).__name__)
                raise

        monkeypatch.setattr(Express, "answer", answer)


@pytest.fixture
def gate(served: Served, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


async def no_tasks(served: Served) -> None:
    async with asyncio.timeout(10):
        while served.state.tasks:  # noqa: ASYNC110 - the server looks for them as well
            await asyncio.sleep(0)


@pytest.mark.parametrize("kept", [True, False])
async def test_a_read_that_is_waited_for_needs_no_application(
    app: Starlette, served: Served, line: Line, kept: bool
) -> None:
    express = express_of(app)
    if not kept:
        express.answers = None
    document = "{ projects { nodes { id number stage } } }"
    first = await line.ask(served.request(document))
    assert served.calls == ["lane"]
    app.state.express = None
    assert told(first) == told(await line.ask(served.request(document)))
    assert served.calls == ["lane", "/graphql?"]
    assert b'"stage"' in first


async def test_what_the_lane_leaves_is_looked_at_by_it_once(
    app: Starlette, served: Served, line: Line
) -> None:
    express = express_of(app)
    left, answered = express.left, express.answered
    refused = await line.ask(served.request("{ nothing }"))
    assert served.calls == ["lane", "/graphql?"]
    assert (express.left, express.answered) == (left + 1, answered)
    app.state.express = None
    assert told(refused) == told(await line.ask(served.request("{ nothing }")))


@pytest.mark.parametrize("behind", [0, 1, 2])
async def test_who_hangs_up_ends_the_read(
    served: Served, line: Line, gate: Gate, log_lines: io.StringIO, behind: int
) -> None:
    """Whatever was sent behind it, which nobody waits for either."""
    line.writer.write(served.request("{ regions { totalCount } }") + served.request() * behind)
    await gate.asked.wait()
    line.writer.transport.abort()
    await no_tasks(served)
    assert gate.ended == ["CancelledError"]
    assert served.calls == ["lane"]
    assert "client left" in log_lines.getvalue()
    assert "failed" not in log_lines.getvalue()


async def test_an_answer_for_nobody_is_not_sent(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client hangs up when the answer is there, but before it is sent."""
    answer = ExpressLane.answer

    async def late(*given: Any, **named: Any) -> Any:
        found = await answer(*given, **named)
        line.writer.transport.abort()
        while served.state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0)
        return found

    before = served.state.total_requests
    monkeypatch.setattr(ExpressLane, "answer", late)
    for document in ("{ regions { totalCount } }", "{ nothing }"):
        line = await Line.open(served)
        line.writer.write(served.request(document))
        assert await line.ended()
        await no_tasks(served)
    assert served.state.total_requests == before
    assert served.calls == ["lane"] * 2


@pytest.mark.parametrize("at_hand", [True, False])
async def test_a_fault_while_an_answer_is_sent_ends_the_connection(
    served: Served, line: Line, monkeypatch: pytest.MonkeyPatch, at_hand: bool
) -> None:
    def failing(*_given: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(ExpressProtocol, "send", failing)
    line.writer.write(served.request(DOCUMENT if at_hand else "{ regions { totalCount } }"))
    assert await line.ended()
    await no_tasks(served)
    assert served.calls == ([] if at_hand else ["lane"])


async def test_what_takes_too_long_is_refused_without_the_application(
    app: Starlette, served: Served, line: Line, gate: Gate
) -> None:
    limits = express_of(app).operations.limits  # of this application alone
    object.__setattr__(limits, "seconds", 0.01)
    refused = await line.ask(served.request("{ regions { totalCount } }"))
    assert b'"code":"TIMED_OUT"' in refused
    assert refused.startswith(b"HTTP/1.1 504")
    assert (gate.ended, served.calls) == (["CancelledError"], ["lane"])
    gate.open.set()
    object.__setattr__(limits, "seconds", 10)
    assert b'"totalCount":1' in await line.ask(served.request("{ regions { totalCount } }"))


async def test_what_comes_behind_a_read_waits_for_it(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }") + served.request())
    await gate.asked.wait()
    assert served.calls == ["lane"]
    gate.open.set()
    assert b'"regions"' in await line.answer()
    assert b'"projects"' in await line.answer()


async def test_a_server_that_ends_sends_what_is_being_read(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }"))
    await gate.asked.wait()
    served.protocol.shutdown()
    gate.open.set()
    last = await line.answer()
    assert b'"totalCount":1' in last
    assert b"\r\nconnection: close\r\n" in last
    assert await line.ended()


async def test_a_server_that_waits_no_longer_hangs_up(
    served: Served, line: Line, gate: Gate
) -> None:
    line.writer.write(served.request("{ regions { totalCount } }"))
    await gate.asked.wait()
    (task,) = served.state.tasks
    task.cancel()
    assert await line.ended()
    await no_tasks(served)
    assert served.calls == ["lane"]


async def test_a_fault_of_the_lane_leaves_the_request_to_the_application(
    served: Served, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await line.ask(served.request("{ regions { totalCount } }"))
    served.calls.clear()

    async def failing(*_given: Any, **_named: Any) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(ExpressLane, "answer", failing)
    assert told(usual) == told(await line.ask(served.request("{ regions { totalCount  } }")))
    assert served.calls == ["lane", "/graphql?"]
