"""A request to the one address goes on to its service, and the answer comes back as it is made.

Nothing is kept: bodies and streams pass in pieces, as fast as whoever takes them, and what one side
ends is ended on the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import httpx2
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from services.chassis.edge.http_problem import problem

MOST_BYTES = 65 * 1024 * 1024  # of a body: a service that takes less says so itself
BODY_SECONDS = 30.0  # for the next piece of one
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 300.0  # an import of a large roster says nothing until it is done
CONNECTIONS = 256
# What belongs to a connection and not to what it carries, and what this server says itself.
_HOPS = frozenset(
    b"connection date keep-alive proxy-authenticate proxy-authorization proxy-connection te "
    b"trailer transfer-encoding upgrade".split()
)
_TIMES = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS).as_dict()


def open_client(transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """What all services are asked with; whoever opens it closes it."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=30.0)
    return httpx2.AsyncClient(limits=limits, verify=False, trust_env=False, transport=transport)


class Forward:
    """The ASGI application of all below `/<service>`; `address` is the service's, without a path.
    Streams end with `stopping`."""

    def __init__(
        self, service: str, address: str, client: httpx2.AsyncClient, stopping: asyncio.Event
    ) -> None:
        self._service, self._address = service, httpx2.URL(address)
        self._client, self._stopping = client, stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = _Caller(receive)
        await _first(self._pass(scope, caller, send), caller.gone(), self._stopping.wait())

    async def _pass(self, scope: Scope, caller: _Caller, send: Send) -> None:
        request = self._request(scope, caller)
        try:
            response = await self._client.send(request, stream=True)
        except _Refused as refused:
            await problem(Request(scope), *refused.args)(scope, caller.receive, send)
            return
        except httpx2.TimeoutException as error:
            down = isinstance(error, httpx2.ConnectTimeout)
            await self._failed(scope, caller, send, 502 if down else 504)
            return
        except httpx2.TransportError:
            await self._failed(scope, caller, send, 502)
            return
        try:
            await _answer(response, send)
        except httpx2.TransportError:
            return  # broken off: the server closes the connection, and no answer looks whole
        finally:
            await response.aclose()

    def _request(self, scope: Scope, caller: _Caller) -> httpx2.Request:
        headers = [each for each in scope["headers"] if each[0] not in (*_HOPS, b"host")]
        names = {name for name, _ in scope["headers"]}
        path = scope["raw_path"]
        if scope["query_string"]:
            path += b"?" + scope["query_string"]
        if not names & {b"content-length", b"transfer-encoding"}:
            caller.said_all()
        return httpx2.Request(
            scope["method"],
            self._address.copy_with(raw_path=path),
            headers=headers,
            content=None if caller.whole else caller.body(),
            extensions={"timeout": _TIMES},
        )

    async def _failed(self, scope: Scope, caller: _Caller, send: Send, status: int) -> None:
        code, title = {
            502: ("service_down", "The service is down"),
            504: ("service_silent", "The service does not answer"),
        }[status]
        detail = f"The {self._service} service does not answer at {self._address}."
        answer = problem(Request(scope), status, code, title, detail)
        await answer(scope, caller.receive, send)


class _Refused(Exception):
    """`args`: status, code, title and detail of a problem."""


class _Caller:
    """What a caller sends, as it comes."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self._said_all = asyncio.Event()

    @property
    def whole(self) -> bool:
        return self._said_all.is_set()

    def said_all(self) -> None:
        self._said_all.set()

    async def body(self) -> AsyncIterator[bytes]:
        """Raises _Refused."""
        size, more = 0, True
        while more:
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    message = await self.receive()
            except TimeoutError:
                raise _Refused(408, "body_too_slow", "The body did not arrive in time") from None
            if message["type"] == "http.disconnect":
                raise _Refused(400, "malformed_request", "The request ended too early")
            size += len(message["body"])
            if size > MOST_BYTES:
                detail = f"The body is larger than {MOST_BYTES} bytes."
                raise _Refused(413, "too_large", "Too large", detail)
            more = message["more_body"]
            if message["body"]:
                yield message["body"]
        self.said_all()

    async def gone(self) -> None:
        """Returns once she has left, after all that she had to say."""
        await self._said_all.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def _answer(response: httpx2.Response, send: Send) -> None:
    kept = [(name.lower(), value) for name, value in response.headers.raw]
    headers = [each for each in kept if each[0] not in _HOPS]
    status = response.status_code
    await send({"type": "http.response.start", "status": status, "headers": headers})
    async for piece in response.aiter_raw():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _first(*work: Coroutine[Any, Any, Any]) -> None:
    """Until one of them ends; then the others are ended, too."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0].done():
            tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
