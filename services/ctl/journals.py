"""The services' journals over gRPC, read side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import JournalEntry
from services.ctl.exits import Exit, Stop

BATCH = 500
AHEAD = 2  # batches received and not yet taken, of about 1 MB at most
LARGEST_MESSAGE = 16 * 1024 * 1024
PATIENCE = 30.0  # seconds that a service may take for a batch
TRIES = 6
PAUSE = 0.5

JournalEntries = Sequence[JournalEntry]


class ServiceJournals:
    """`views.rebuild.Journals` of services at gRPC addresses, for the callers named by
    tokens. A stream that breaks or stalls goes on after its last batch; a service that is not
    reached, or refuses, for about 8 s ends the reading with Stop. At first, too: to a pod that has
    just begun networks are closed until its policies are known everywhere."""

    def __init__(
        self,
        addresses: Mapping[str, str],
        tokens: Sequence[str],
        progress: Callable[[int], None] = lambda _: None,
        patience: float = PATIENCE,
        until: datetime | None = None,
    ) -> None:
        """`progress` is told how many entries have come. `until`: only what occurred before."""
        self._addresses, self._tokens = addresses, tokens
        self._progress, self._patience, self._until = progress, patience, until

    def newest(self, replacing: Sequence[Sequence[str]]) -> AsyncIterator[JournalEntries]:
        groups = [journal_pb2.TypeGroup(types=types) for types in replacing]
        asked = journal_pb2.ReadJournalRequest(batch_size=BATCH, replacing=groups)
        if self._until is not None:
            asked.until.FromDatetime(self._until)
        return self._read(asked)

    async def every(self, aggregate: str) -> AsyncIterator[JournalEntries]:
        asked = journal_pb2.ReadJournalRequest(batch_size=BATCH, aggregate_id=aggregate)
        async with aclosing(self._read(asked)) as batches:
            async for entries in batches:
                # a service of an earlier release does not know `aggregate_id` and gives all
                yield [each for each in entries if each.aggregate_id == aggregate]

    async def _read(
        self, asked: journal_pb2.ReadJournalRequest
    ) -> AsyncGenerator[JournalEntries, None]:
        """All services at once, each in its order."""
        queue: asyncio.Queue[JournalEntries | Exception | None] = asyncio.Queue(AHEAD)

        async def fill(service: str) -> None:
            try:
                async with aclosing(self._of(service, asked)) as batches:
                    async for entries in batches:
                        await queue.put(entries)
                await queue.put(None)
            except Exception as error:  # noqa: BLE001 # handed on to the reader
                await queue.put(error)

        tasks = [asyncio.create_task(fill(service)) for service in self._addresses]
        try:
            left = len(tasks)
            while left:
                got = await queue.get()
                if isinstance(got, Exception):
                    raise got
                if got is None:
                    left -= 1
                    continue
                self._progress(len(got))
                yield got
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _of(
        self, service: str, asked: journal_pb2.ReadJournalRequest
    ) -> AsyncGenerator[JournalEntries, None]:
        address = self._addresses[service]
        options = [("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            stub: Any = journal_pb2_grpc.JournalServiceStub(channel)
            for token in self._tokens:
                after, failures = "", 0
                while True:
                    try:
                        async with aclosing(self._stream(stub, token, asked, after)) as batches:
                            async for batch in batches:
                                after, failures = batch.next_page_token or after, 0
                                yield [_entry(record) for record in batch.records]
                        break
                    except (grpc.aio.AioRpcError, TimeoutError) as error:
                        failures += 1
                        if failures >= TRIES or not _passing(error):
                            raise _stop(service, address, error) from None
                    await asyncio.sleep(PAUSE * failures)

    async def _stream(
        self, stub: Any, token: str, asked: journal_pb2.ReadJournalRequest, after: str
    ) -> AsyncGenerator[journal_pb2.ReadJournalResponse, None]:
        request = journal_pb2.ReadJournalRequest(page_token=after)
        request.MergeFrom(asked)
        call = stub.ReadJournal(request, metadata=(("authorization", f"Bearer {token}"),))
        try:
            while True:
                batch = await asyncio.wait_for(call.read(), self._patience)
                if batch is grpc.aio.EOF:
                    return
                yield batch
        finally:
            call.cancel()


def _passing(error: grpc.aio.AioRpcError | TimeoutError) -> bool:
    return isinstance(error, TimeoutError) or error.code() is grpc.StatusCode.UNAVAILABLE


def _stop(service: str, address: str, error: grpc.aio.AioRpcError | TimeoutError) -> Stop:
    said = "no answer in time" if isinstance(error, TimeoutError) else error.details()
    code = Exit.UNREACHABLE if _passing(error) else Exit.REFUSED
    return Stop(code, f"the journal of {service} at {address}: {said}")


def _entry(record: journal_pb2.JournalRecord) -> JournalEntry:
    return JournalEntry(
        aggregate_id=record.aggregate_id,
        district=record.district_id,
        event=PendingEvent(
            version=record.version,
            event_id=record.event_id,
            type=record.type,
            keys=tuple(record.keys),
            data=record.data,
            occurred_at=record.occurred_at.ToDatetime(UTC),
            year=record.year,
            made_at=record.device_time.ToDatetime(UTC) if record.HasField("device_time") else None,
        ),
    )
