"""Rebuilds one view of one service from the journals, beside the one in use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.access.projection import COLLECTION, access_projection
from services.chassis.clock import ServiceClock
from services.chassis.log.consumer import ConsumerSettings, KafkaSource
from services.chassis.log.envelope import PendingEvent
from services.chassis.log.noted import noted_offsets
from services.chassis.log.topics import PARTITIONS
from services.chassis.mongo import Database
from services.chassis.views.canonical import digest
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Projection
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.exits import Code, Stop
from services.insights.adapters.mongo_cards import MongoCards
from services.insights.application.projections.projection import insights_projection
from services.insights.application.projections.reading import CALENDARS, CARDS

BATCH = 500
LARGEST_MESSAGE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class View:
    """`service` owns the database that the view is in."""

    service: str
    projection: Projection
    collections: tuple[str, ...]


def view_of(name: str, service: str) -> View:
    """`name` as `commands.views.VIEWS` has it."""
    if name == "insights":
        return View(service, insights_projection(), (CARDS, CALENDARS))
    return View(service, access_projection(service), (COLLECTION,))


async def journals(
    addresses: Mapping[str, str], tokens: Sequence[str]
) -> AsyncIterator[Sequence[JournalEntry]]:
    """All that the services' journals hold for these callers. Raises Stop."""
    for service, address in addresses.items():
        options = [("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            stub: Any = journal_pb2_grpc.JournalServiceStub(channel)
            for token in tokens:
                asked = journal_pb2.ReadJournalRequest(batch_size=BATCH)
                try:
                    metadata = (("authorization", f"Bearer {token}"),)
                    async for batch in stub.ReadJournal(asked, metadata=metadata):
                        yield [_entry(record) for record in batch.records]
                except grpc.aio.AioRpcError as error:
                    down = error.code() is grpc.StatusCode.UNAVAILABLE
                    raise Stop(
                        Code.UNREACHABLE if down else Code.REFUSED,
                        f"the journal of {service} at {address}: {error.details()}",
                    ) from None


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
            school_year=record.school_year,
        ),
    )


async def rebuild(
    view: View,
    own: Database,
    kafka: str,
    read: Callable[[], AsyncIterator[Sequence[JournalEntry]]],
    *,
    dry_run: bool,
) -> dict[str, Any]:
    """Build the view anew, compare it with the one in use and, unless `dry_run`, flip to it.

    The topics' offsets are noted first, so nothing that happens meanwhile is lost. A new
    build with fewer rows than the old one is not flipped to (Stop REFUSED): a journal or a
    district is missing. The old build stays, to go back to.
    """
    views = MongoViews(own)
    name = view.projection.group
    old = await views.generation(name)
    noted = await noted_offsets(kafka, view.projection.topics)
    work = Rebuild(views, view.projection, ServiceClock(), PARTITIONS, _prepare(view, own, views))
    new = await work.fold_journals(read(), noted)
    source = KafkaSource(
        ConsumerSettings(kafka, new.group, view.projection.topics, "tandem-rebuild")
    )
    await work.catch_up(new, source)
    rows = {
        each: (await digest(views.scan(old, each)), await digest(views.scan(new, each)))
        for each in view.collections
    }
    report: dict[str, Any] = {
        "view": name,
        "build": new.number,
        "replaces": old.number,
        "records": work.counts.records,
        "parked": work.counts.parked,
        "rows": sum(fresh[0] for _, fresh in rows.values()),
        "same_as_before": all(before == fresh for before, fresh in rows.values()),
        "in_use": False,
    }
    fewer = [each for each, (before, fresh) in rows.items() if fresh[0] < before[0]]
    if fewer:
        raise Stop(
            Code.REFUSED,
            f"{name}: the new build has fewer rows than the one in use ({', '.join(fewer)}), so "
            "a journal or a district's token is missing; nothing was changed",
        )
    if not dry_run:
        await views.flip(new)
        report["in_use"] = True
    return report


def _prepare(
    view: View, own: Database, views: MongoViews
) -> Callable[[Generation], Awaitable[None]]:
    async def indexes(generation: Generation) -> None:
        if view.service == "insights" and CARDS in view.collections:
            await MongoCards(own, views).ensure_indexes(generation)

    return indexes
