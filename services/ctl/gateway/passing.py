"""Events as they pass, as server-sent events, for whoever watches the stack."""

from __future__ import annotations

import asyncio
from asyncio import create_task
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.chassis.backoff import Backoff
from services.chassis.edge.http_problem import problem
from services.chassis.log.envelope import Record, Unreadable, open_envelope
from services.chassis.log.source import SourceDown
from services.ctl.event_text import SERVICE_OF

Records = Callable[[], AsyncGenerator[Sequence[Record]]]
WAITING = 1_000  # messages of one reader; of one who is slower the oldest are dropped
READERS = 64
HEARTBEAT_SECONDS = 15.0


class Passing:
    """One reader of the topics, for all who watch. `run` it while they do."""

    def __init__(self, records: Records, stopping: asyncio.Event) -> None:
        self._records, self._stopping = records, stopping
        self._readers: set[asyncio.Queue[bytes]] = set()
        self.listens = asyncio.Event()

    async def run(self) -> None:
        backoff = Backoff(1.0)
        while True:
            try:
                async with aclosing(self._records()) as batches:
                    async for batch in batches:
                        self.listens.set()
                        self._tell(batch)
            except SourceDown:
                await asyncio.sleep(backoff.next())

    def _tell(self, batch: Iterable[Record]) -> None:
        for record in batch:
            message = told(record)
            for reader in self._readers if message else ():
                if reader.full():
                    reader.get_nowait()
                reader.put_nowait(message)

    @property
    def route(self) -> Route:
        """`GET /local/events`."""
        return Route("/local/events", self._answer)

    async def _answer(self, request: Request) -> Response:
        if len(self._readers) >= READERS:
            return problem(request, 503, "overloaded", "Too many watch")
        return StreamingResponse(self.messages(), media_type="text/event-stream")

    async def messages(self) -> AsyncGenerator[bytes]:
        reader: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._readers.add(reader)
        stopping, coming = create_task(self._stopping.wait()), create_task(reader.get())
        try:
            yield b": what passes from now on\n\n"
            while not stopping.done():
                await asyncio.wait(
                    {coming, stopping},
                    timeout=HEARTBEAT_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if coming.done():
                    yield coming.result()
                    coming = create_task(reader.get())
                else:
                    yield b": nothing has passed\n\n"
        finally:
            stopping.cancel()
            coming.cancel()
            self._readers.discard(reader)


def told(record: Record) -> bytes:
    """A message with `type`, `service`, `district`, `about` (who or what the key names), `version`
    and `at`. Empty for what is no event of ours."""
    try:
        envelope = open_envelope(record.headers, record.key)
    except Unreadable:
        return b""
    body = {
        "type": envelope.type.rpartition(".")[2],
        "service": SERVICE_OF.get(record.topic, ""),
        "district": envelope.district,
        "about": envelope.key.partition(":")[2],
        "version": envelope.version,
        "at": envelope.occurred_at,
    }
    return b"event: passed\ndata: %b\n\n" % orjson.dumps(body, option=orjson.OPT_UTC_Z)
