"""The services' journals, read over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC

import grpc

from coaching.journal.v1 import journal_pb2 as pb
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from services.chassis.documents import JournalEntry, PendingEvent
from services.chassis.rebuild import RebuildFailed

BATCH = 1_000
PAUSES = (0.2, 1.0, 3.0, 10.0)


async def read_journals(
    addresses: Sequence[str], tokens: Sequence[str]
) -> AsyncIterator[Sequence[JournalEntry]]:
    """All events of the districts that the tokens speak for, in batches, service by
    service; goes on where it was after a cut. Raises RebuildFailed where a journal stays
    unreachable or refuses."""
    for address in addresses:
        for token in tokens:
            async for batch in _read(address, token):
                yield batch


async def _read(address: str, token: str) -> AsyncIterator[Sequence[JournalEntry]]:
    metadata = (("authorization", f"Bearer {token}"),)
    place, failures = "", 0
    async with grpc.aio.insecure_channel(address) as channel:
        stub = JournalServiceStub(channel)
        while True:
            request = pb.ReadJournalRequest(batch_size=BATCH, page_token=place)
            try:
                async for response in stub.ReadJournal(request, metadata=metadata):
                    failures = 0
                    yield [_entry(record) for record in response.records]
                    place = response.next_page_token
                return
            except grpc.aio.AioRpcError as error:
                failures += 1
                if error.code() is not grpc.StatusCode.UNAVAILABLE or failures > len(PAUSES):
                    raise RebuildFailed(
                        f"the journal at {address}: {error.code().name}: {error.details()}"
                    ) from error
                await asyncio.sleep(PAUSES[failures - 1])


def _entry(record: pb.JournalRecord) -> JournalEntry:
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
            school_year=record.school_year,
        ),
    )
