"""Who hangs up before her answer is no error of ours, and no line of the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from services.chassis.edge.http_protocol import GONE
from services.chassis.metrics import Metrics
from tests.support.raw_socket import listening, request
from tests.support.tiny_service import build, router
from tests.support.tokens import LocalIssuer
from tests.support.waiting import HANGS, eventually

ISSUER = LocalIssuer()


async def asked(path: str, gone: bool) -> list[Any]:
    """What is logged where the connection turns out to be closed when it is answered."""
    app = build(router(), ISSUER, Metrics())
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"authorization", ISSUER.bearer()["Authorization"].encode())],
        GONE: lambda: gone,
    }

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise RuntimeError("the handler is closed")

    with capture_logs() as logged:
        await app(scope, receive, send)
    return [(each["log_level"], each["event"]) for each in logged]


@pytest.mark.parametrize(
    ("path", "refused"),
    [("/things/v1/things", 0), ("/things/v1/faults/invalid", 1), ("/nowhere", 1)],
)
async def test_an_answer_that_nobody_hears_is_no_error(path: str, refused: int) -> None:
    logged = await asked(path, gone=True)
    assert set(logged) == {("debug", "answer_unheard"), *[("info", "refused")] * refused}


async def test_an_answer_that_cannot_be_sent_is_one() -> None:
    with pytest.raises(RuntimeError):
        await asked("/things/v1/things", gone=False)


async def test_whoever_answers_can_ask_whether_it_is_heard() -> None:
    gone: asyncio.Queue[Callable[[], bool]] = asyncio.Queue()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        gone.put_nowait(scope[GONE])
        while (await receive())["type"] != "http.disconnect":
            pass

    async with listening(application) as up, asyncio.timeout(HANGS):
        (wire,) = await up.connect()
        await wire.send(request("/"))
        is_gone = await gone.get()
        assert not is_gone()
        wire.close()
        await eventually(is_gone)
