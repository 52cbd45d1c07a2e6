"""The lane without the application around it: requests to it are answered where they come in.

Most of what a short answer costs is the way to it: a cycle, a task, its context, messages in and
out. A request that came before needs none of that; it needs to know the snapshot of this moment.
What has to be waited for needs the task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

from starlette.types import Message
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from zhoba.express.express import Express
from zhoba.express.head import Head
from zhoba.express.lane import LEFT, PATH, Coming, ExpressLane, Repeated, Sent
from zhoba.express.watch import ClientLeft
from zhoba.logs import log

URL = PATH.encode()


class Flight:
    """A request that waits for its answer, in the place of uvicorn's cycle of one: what comes
    behind it on the same connection waits for it, and it hears when the client hangs up or the
    server ends."""

    __slots__ = ("body", "disconnected", "flow", "keep_alive", "left", "response_complete", "scope")

    def __init__(self, scope: Any, body: bytes, flow: FlowControl) -> None:
        self.scope = scope
        self.body = body
        self.flow = flow
        self.disconnected = False
        self.keep_alive = True
        self.left: asyncio.Event | None = None
        self.response_complete = False

    @property
    def message_event(self) -> Flight:
        return self

    def set(self) -> None:
        """The client hung up, or there will be nothing more to wait for."""
        if self.left is not None:
            self.left.set()

    async def receive(self) -> Message:
        """What the client does after the request has come whole: it hangs up, or waits."""
        self.left = asyncio.Event()
        if not self.disconnected:
            self.flow.resume_reading()  # or nobody would notice
            await self.left.wait()
        return {"type": "http.disconnect"}


class ExpressProtocol(HttpToolsProtocol):
    """uvicorn's protocol, but that a request which has come whole and in one piece is the lane's:
    its answer is at hand, or is worked for in a task of this protocol. What is unusual goes
    uvicorn's own way, and the application's; so does what the lane leaves."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        lane = getattr(self.app, "middleware_stack", None)
        self.lane = lane if isinstance(lane, ExpressLane) and not self.root_path else None
        self.held: list[bytes] | None = None
        self.flight: Flight | None = None
        self.may_read = True
        self.headers_read: list[tuple[bytes, bytes]] | None = None
        self.head: Head | None = None

    def data_received(self, data: bytes) -> None:
        self.may_read = True
        super().data_received(data)
        if self.held is not None:  # the rest is still to come, and is waited for as ever
            self.let_go()

    def on_headers_complete(self) -> None:
        self._unset_keepalive_if_required()  # armed by an answer in the same segment
        parser = self.parser
        if (
            self.lane is not None
            and self.url == URL
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.expect_100_continue
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        ):
            self.held = []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self.held is None:
            super().on_body(body)
        else:
            self.held.append(body)

    def on_message_complete(self) -> None:
        if self.held is not None:
            if self.flies(b"".join(self.held)):
                self.held = None
                return
            self.let_go()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        flight = self.flight
        if flight is not None and not flight.response_complete:
            # uvicorn tells only the last request of a connection.
            flight.disconnected = True
            flight.set()

    def let_go(self) -> None:
        """Go uvicorn's own way with what was held back."""
        held, self.held = self.held, None
        if self.transport.is_closing():
            return
        super().on_headers_complete()
        for body in held or ():
            super().on_body(body)

    def flies(self, body: bytes) -> bool:
        """Send the answer if it is there at once, or let it be worked for; not if the request is
        unusual."""
        lane = self.lane
        assert lane is not None
        answer = request = None
        try:
            express, head = lane.express_of(self.app), self.head_of(lane)
            if express is None or head is None or self.transport.is_closing():
                return False
            if express.near is None:
                request = lane.repeated(express, head, body)
                if request is not None and express.outdated(request.prepared):
                    lane.go_ahead(express, request, body, None)
            elif self.may_read:
                # One for each packet: who sends many at once is not to keep others waiting.
                self.may_read = False
                answer = lane.answer_here(express, head, body)
        except Exception as error:
            log.error("failed", exc_info=error)
            return False
        self.cycle = flight = self.flight = Flight(self.scope, body, self.flow)  # type: ignore[assignment]
        if answer is not None:
            self.give(flight, answer)
        elif request is not None:
            express.snapshots.tell(partial(self.land, flight, express, request))
        else:
            self.begin(self.work(flight, express, head))
        return True

    def head_of(self, lane: ExpressLane) -> Head | None:
        """What the headers say: mostly what those of the last request said, word by word."""
        if self.headers != self.headers_read:
            self.headers_read, self.head = [*self.headers], lane.heads.read(self.headers)
        return self.head

    def land(
        self, flight: Flight, express: Express, request: Repeated, snapshot: str | None
    ) -> None:
        """Send the answer if it is at hand; no ``snapshot``: the database did not say."""
        if flight.disconnected or self.transport.is_closing():
            if request.ahead is not None:
                express.give_up(request.ahead)
            return
        assert self.lane is not None
        answer = None
        if snapshot is not None:
            try:
                answer = self.lane.at_hand(express, request, snapshot)
                if answer is None:
                    self.lane.go_ahead(express, request, flight.body, snapshot)
            except Exception as error:
                log.info("express lane left", error=type(error).__qualname__)
        if answer is None:
            self.begin(self.work(flight, express, request.head, request))
        else:
            self.give(flight, answer)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin what the end of the server waits for."""
        task = self.loop.create_task(work)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def work(
        self,
        flight: Flight,
        express: Express,
        head: Head,
        request: Repeated | None = None,
    ) -> None:
        """Send what the lane answers, or hand the request on to the application."""
        assert self.lane is not None
        coming = Coming(flight.receive, flight.body, complete=True)
        try:
            answer = await self.lane.answer(express, head, coming, request)
        except ClientLeft:
            return
        except asyncio.CancelledError:
            log.warning("ended by the server", path=PATH)
            self.transport.close()
            raise
        except Exception as error:
            log.error("failed", exc_info=error)
            answer = None
        self.give(flight, answer)

    def give(self, flight: Flight, answer: Sent | None) -> None:
        """Send the answer, if anybody still waits for it; none: the application makes one."""
        if flight.disconnected or self.transport.is_closing():
            return
        try:
            if answer is None:
                self.take_long_way(flight)
            else:
                self.send(flight, *answer)
        except Exception as error:
            log.error("failed", exc_info=error)
            self.transport.close()  # or the client would wait for ever

    def send(
        self, flight: Flight, status: int, headers: list[tuple[bytes, bytes]], text: bytes
    ) -> None:
        """Send an answer."""
        parts = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
        if not flight.keep_alive:
            parts.append(b"connection: close\r\n")
        parts.append(b"\r\n")
        flight.response_complete = True
        # The text is everybody's, and no copy of it waits for one who reads slowly.
        self.transport.writelines((b"".join(parts), text))
        if not flight.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def take_long_way(self, flight: Any) -> None:
        """Hand the request on to the application."""
        flight.scope.update(method="POST", path=PATH, raw_path=URL, query_string=b"")
        flight.scope[LEFT] = True
        cycle = RequestResponseCycle(
            scope=flight.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=flight.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body += flight.body
        cycle.more_body = False
        cycle.message_event.set()
        if self.cycle is flight:
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)
