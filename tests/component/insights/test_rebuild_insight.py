"""Cards built from the services' journals equal those built from the topics."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.access.write_service import JOURNAL_POLICIES
from services.chassis.grpc_server import GrpcServer, RpcService, call_of
from services.chassis.journal_rpc import JournalService
from services.chassis.memory_documents import MemoryJournal
from services.chassis.memory_source import MemoryGroup, MemorySource
from services.chassis.metrics import Metrics
from services.chassis.rebuild import Rebuild, RebuildFailed
from services.chassis.rows import Generation
from services.chassis.settings import ChassisSettings, load
from services.chassis.tracing import Tracer
from services.insights.adapters.journal_client import read_journals
from services.insights.application.projections.projection import TOPICS, insights_projection
from services.insights.application.rebuild_views import rebuild_views
from tests.support.insight import Insights, small_district
from tests.support.platform import NamedCallers

READER = "north/reader?journal.read"


async def no_indexes(generation: Generation) -> None:
    """A store in memory has none."""


@asynccontextmanager
async def journal_of(insights: Insights) -> AsyncIterator[str]:
    """The address of a service whose journal holds all that was published."""
    journal = MemoryJournal()
    await journal.append(insights.entries)
    server = GrpcServer(
        [
            RpcService(
                journal_pb2_grpc.add_JournalServiceServicer_to_server,
                JournalService(journal, call_of),
                journal_pb2.DESCRIPTOR.services_by_name["JournalService"],
            )
        ],
        load(ChassisSettings, environment="test", host="127.0.0.1", grpc_port=0),
        NamedCallers(),
        policies=JOURNAL_POLICIES,
        metrics=Metrics(),
        tracer=Tracer("test"),
    )
    try:
        yield f"127.0.0.1:{await server.start()}"
    finally:
        await server.stop()


def work(insights: Insights) -> Rebuild:
    return Rebuild(
        insights.views,
        insights_projection(),
        insights.clock,
        insights.log.partitions,
        no_indexes,
    )


async def test_a_rebuild_gives_the_same_cards_and_takes_their_place() -> None:
    insights = await small_district()
    for value in range(1_200):  # more than one batch
        insights.progress("t1", value)
    await insights.project()
    noted = {
        number: {topic: insights.log.end(topic, number) for topic in TOPICS}
        for number in range(insights.log.partitions)
    }
    async with journal_of(insights) as address:
        insights.observed("t2", shared=True)  # after the journal was read: from the topic
        insights.survey("t3", 20, 0.5)
        await insights.project()
        source = MemorySource(MemoryGroup(insights.log, TOPICS))
        done = await rebuild_views(
            work(insights), read_journals([address], [READER]), noted, source
        )
    assert (done.cards, done.digest) == (done.cards_before, done.digest_before)
    assert done.cards == 6
    assert await insights.views.generation("insights") == done.generation


@pytest.mark.parametrize("token", ["north/reader?roster.read", "nonsense"])
async def test_a_journal_that_refuses_leaves_all_as_it_was(token: str) -> None:
    insights = await small_district()
    async with journal_of(insights) as address:
        with pytest.raises(RebuildFailed, match=r"PERMISSION_DENIED|UNAUTHENTICATED"):
            await rebuild_views(
                work(insights),
                read_journals([address], [token]),
                {},
                MemorySource(MemoryGroup(insights.log, TOPICS)),
            )
    assert (await insights.views.generation("insights")).number == 0
