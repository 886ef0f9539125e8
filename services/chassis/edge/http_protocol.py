"""HTTP/1.1 by uvicorn and httptools, with limits on what they take before our code is asked.

They have none: a head may grow and last for ever, requests may be sent ahead without end, answers
may stay unread, and a connection may do nothing. Nobody has shown a token by then.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from functools import partial
from typing import Any, Protocol

import orjson
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from services.chassis.edge.turnstile import Turnstile

MAX_HEAD = 32 * 1024  # bytes of a request line and its headers
HEAD_SECONDS = 10.0  # for all of it, and for what is left of a body that nobody wants
IDLE_SECONDS = 65  # between two requests
UNREAD_SECONDS = 10.0  # in which at least UNREAD_BYTES of what waits to be sent must leave
UNREAD_BYTES = 4 * 1024
UNREAD = 200  # connections of one listener that do not read what they are sent
AHEAD = 16  # requests that one connection may send ahead of their answers
GONE = "tandem.gone"  # in the scope: whether nobody hears the answer any more
ARRIVED = "tandem.arrived"  # in the scope of a request of which nothing is missing any more

_REFUSALS = {
    400: ("malformed_request", "Not HTTP/1.1"),
    408: ("head_too_slow", "The request did not arrive in time"),
    431: ("head_too_large", f"The headers are larger than {MAX_HEAD} bytes"),
}
_quiet = logging.getLogger("uvicorn.http")  # what anybody sends from outside fills no log
_quiet.setLevel(logging.ERROR)


def refusal(status: int, code: str, title: str, *headers: bytes) -> bytes:
    """A whole response, for where there is no request to answer it."""
    body = orjson.dumps(
        {"type": f"urn:tandem:problem:{code}", "title": title, "status": status, "code": code}
    )
    fixed = [
        b"content-type: application/problem+json",
        b"cache-control: no-store",
        b"content-length: %d" % len(body),
    ]
    return STATUS_LINE[status] + b"\r\n".join([*fixed, *headers, b"", body])


_TOLD = {
    status: refusal(status, code, title, b"connection: close")
    for status, (code, title) in _REFUSALS.items()
}


class Connections:
    """Those of one listener, at most `most`. One more, and one is closed: of those with no
    request under way the one that has waited longest, else of those that do not read the one that
    has not for longest, else the one that has sent nothing for longest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: OrderedDict[BoundedHttp, None] = OrderedDict()
        self._unread: OrderedDict[BoundedHttp, None] = OrderedDict()
        self._working: OrderedDict[BoundedHttp, None] = OrderedDict()

    def come(self, one: BoundedHttp, count: int) -> None:
        """`one` is new, one of `count`."""
        if count > self._most:
            others = self._waiting or self._unread or self._working
            self._give_up(next(iter(others), one))
        self._waiting[one] = None

    def waits(self, one: BoundedHttp) -> None:
        self._working.pop(one, None)
        self._waiting[one] = None

    def works(self, one: BoundedHttp) -> None:
        """A request of hers is under way, and something has come."""
        self._waiting.pop(one, None)
        self._working[one] = None
        self._working.move_to_end(one)

    def stalls(self, one: BoundedHttp) -> None:
        """She does not read. Where too many do not, the first of them is closed: what they were
        sent is kept for each."""
        self._unread[one] = None
        if len(self._unread) > UNREAD:
            self._give_up(next(iter(self._unread)))

    def reads(self, one: BoundedHttp) -> None:
        self._unread.pop(one, None)

    def gone(self, one: BoundedHttp) -> None:
        for each in (self._waiting, self._unread, self._working):
            each.pop(one, None)

    def _give_up(self, one: BoundedHttp) -> None:
        self.gone(one)
        one.transport.abort()


class Doorkeeper(Protocol):
    def knows(self, scope: Any) -> bool:
        """Whether a request, by its head, is of somebody who is known to be one of ours."""

    @property
    def turnstile(self) -> Turnstile:
        """Where the others wait."""

    def refuses(self, scope: Any) -> bytes | None:
        """The whole answer to a request, by its head, that the application is not to see."""


class BoundedHttp(HttpToolsProtocol):
    """`crowd`: the connections of the same listener. `door`: None lets all in."""

    def __init__(self, *, crowd: Connections, door: Doorkeeper | None, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self.logger = _quiet
        self._crowd, self._door = crowd, door
        self._head = 0  # bytes received since the last one of a body, or of a whole request
        self._in_head = False
        self._whole = True  # nothing of a request's body is missing
        self._late: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._status = 400

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._crowd.come(self, len(self.connections))
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._crowd.gone(self)
        if self._door is not None:
            self._door.turnstile.gone(self._address, self)
        self._in_time()
        self._moves()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalls()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._moves()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._head += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head > MAX_HEAD:  # of a head, of trailers, of what chunks are called
            self._refuse(431)
        elif self._working():
            self._crowd.works(self)
        elif self.timeout_keep_alive_task is None:
            self._hurry()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._whole = True, False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # else it is a trailer, of which nobody here knows
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._in_time()
        if self._head > MAX_HEAD and self._size() > MAX_HEAD:
            self._status = 431
            raise ValueError("the head is too large")
        if len(self.pipeline) >= AHEAD:
            raise ValueError("too many requests ahead")
        self._crowd.works(self)
        told: Any = self.scope  # of which uvicorn knows its own names
        told[GONE] = self.transport.is_closing
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = 0
        self._whole = True
        whole: Any = self.scope
        whole[ARRIVED] = True
        super().on_message_complete()
        if not self._working():  # it was answered before
            self._in_time()
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        door = self._door
        if door is None or door.knows(cycle.scope):
            self._begin(cycle, app)
        elif not door.turnstile.come(self._address, self, partial(self._begin, cycle, app)):
            self.flow.pause_reading()

    def _begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        if not self.pipeline:
            self.flow.resume_reading()  # where she has waited
        refused = None if self._door is None else self._door.refuses(cycle.scope)
        if refused is None:
            super()._start_asgi_task(cycle, app)
            return
        if self.flow.write_paused:  # who reads no answers reads no refusals, which would pile up
            self.transport.abort()
            return
        cycle.response_started = cycle.response_complete = True
        self.transport.write(refused)
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._stalls()
            return
        if self._working():
            return
        self._crowd.waits(self)
        if not self._whole:
            self._hurry()

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # who has not read the last answer by now never will

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._status)

    def _working(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _refuse(self, status: int) -> None:
        if not self._working():  # else it would be read as the answer that is under way
            self.transport.write(_TOLD[status])
        self.transport.close()
        self._stalls()

    def _hurry(self) -> None:
        """Somebody has HEAD_SECONDS to say all that is missing."""
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _in_time(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if self._working():
            return
        if self._in_head:
            self._refuse(408)
        else:
            self.transport.abort()

    def _stalls(self) -> None:
        """Something waits to be sent until she reads, whether or not it is the last."""
        left = self.transport.get_write_buffer_size()
        if self._unread is None and left:
            self._crowd.stalls(self)
            self._unread = self.loop.call_later(UNREAD_SECONDS, self._look, left)

    def _moves(self) -> None:
        if self._unread is not None:
            self._crowd.reads(self)
            self._unread.cancel()
            self._unread = None

    def _look(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left > before - UNREAD_BYTES:
            self.transport.abort()
        else:
            self._unread = self.loop.call_later(UNREAD_SECONDS, self._look, left)
