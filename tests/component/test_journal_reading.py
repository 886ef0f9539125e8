"""How `tandem views rebuild` reads the services' journals: side by side, and on after a break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import grpc
import pytest

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.chassis.call import Call, Principal
from services.chassis.edge.followers import Followers
from services.chassis.edge.journal_rpc import JournalService
from services.chassis.log.memory_following import MemoryFollowed
from services.chassis.log.memory_log import MemoryLog
from services.chassis.write.documents import JournalEntry
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.memory_sealing import MemorySealingKey
from services.ctl import journals as reading
from services.ctl.exits import Exit, Stop
from services.ctl.journals import ServiceJournals
from tests.support.documents_suite import event
from tests.support.followed import as_she_is
from tests.support.waiting import HANGS

ALL = Principal("*", partner="insights", scopes=frozenset({"journal.read"}))
NOBODY = Followers(MemoryFollowed(MemoryLog(), "things"))
GROUPS = [["t.E"]]


class Troubled(JournalService):
    """A service's journal in which `trouble` happens once, `when` a call has reached its
    n-th batch or the end: both from 1."""

    def __init__(
        self,
        names: str,
        trouble: Callable[[Any], Awaitable[None]] | None = None,
        when: tuple[int, int] = (1, 2),
    ) -> None:
        self.journal = MemoryJournal()
        super().__init__(
            self.journal,
            NOBODY,
            datetime.now,
            MemorySealingKey(),
            "journal.read",
            lambda _: Call("read_journal", ALL),
            lambda *told: None,
            as_she_is,
        )
        self.names, self.trouble, self.when = names, trouble, when
        self.asked: list[str] = []  # page tokens

    async def ReadJournal(
        self, request: journal_pb2.ReadJournalRequest, context: Any
    ) -> AsyncIterator[journal_pb2.ReadJournalResponse]:
        self.asked.append(request.page_token)
        request.batch_size = 2
        number = 1
        await self._reached(number, context)
        async for batch in super().ReadJournal(request, context):
            yield batch
            number += 1
            await self._reached(number, context)

    async def _reached(self, batch: int, context: Any) -> None:
        if self.trouble is not None and (len(self.asked), batch) == self.when:
            trouble, self.trouble = self.trouble, None
            await trouble(context)

    async def fill(self) -> None:
        entries = [JournalEntry(n, "d1", event(v, n, year=2027)) for n in self.names
                   for v in (1, 2, 3)]  # fmt: skip
        await self.journal.append(entries)


@asynccontextmanager
async def serving(*services: Troubled) -> AsyncIterator[dict[str, str]]:
    servers, addresses = [], {}
    for number, each in enumerate(services):
        await each.fill()
        server = grpc.aio.server()
        journal_pb2_grpc.add_JournalServiceServicer_to_server(each, server)
        addresses[f"s{number}"] = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        servers.append(server)
    try:
        yield addresses
    finally:
        for server in servers:
            await server.stop(None)


async def told(batches: AsyncIterator[Any]) -> list[tuple[str, int]]:
    return [(each.aggregate_id, each.event.version) async for batch in batches for each in batch]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAUSE", 0.001)


async def test_all_services_are_read_side_by_side_each_in_its_order() -> None:
    met = asyncio.Barrier(2)

    async def wait(_context: Any) -> None:
        await met.wait()  # passes only while the other service is being read, too

    one, other = Troubled("abc", wait), Troubled("xyz", wait)
    counted: list[int] = []
    async with serving(one, other) as addresses:
        journals = ServiceJournals(addresses, ["token"], counted.append)
        async with asyncio.timeout(HANGS):
            seen = await told(journals.newest(GROUPS))
        assert [each for each in seen if each[0] in "abc"] == [("a", 3), ("b", 3), ("c", 3)]
        assert [each for each in seen if each[0] in "xyz"] == [("x", 3), ("y", 3), ("z", 3)]
        assert sum(counted) == 6
        every = await told(journals.every("b"))
        assert every == [("b", 1), ("b", 2), ("b", 3)]


class Older(Troubled):
    """A service of the release before, which does not know the field `aggregate_id`."""

    async def ReadJournal(
        self, request: journal_pb2.ReadJournalRequest, context: Any
    ) -> AsyncIterator[journal_pb2.ReadJournalResponse]:
        request.ClearField("aggregate_id")
        async for batch in super().ReadJournal(request, context):
            yield batch


async def test_a_service_that_gives_more_than_one_aggregate_is_taken_at_what_was_asked() -> None:
    async with serving(Older("abc"), Troubled("bx")) as addresses:
        journals = ServiceJournals(addresses, ["token"])
        assert sorted(await told(journals.every("c"))) == [("c", 1), ("c", 2), ("c", 3)]


async def breaks(context: Any) -> None:
    await context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")


async def test_a_service_that_answered_before_is_waited_for() -> None:
    async with asyncio.timeout(HANGS):
        for names in ("ab", ""):  # an empty journal is an answer, too
            service = Troubled(names, breaks, when=(2, 1))
            async with serving(service) as addresses:
                journals = ServiceJournals(addresses, ["token", "other"])
                assert await told(journals.newest(GROUPS)) == [(name, 3) for name in names] * 2
            assert len(service.asked) == 3

        service = Troubled("ab", breaks, when=(2, 1))
        async with serving(service) as addresses:
            journals = ServiceJournals(addresses, ["token"])
            assert len(await told(journals.newest(GROUPS))) == 2
            assert await told(journals.every("b")) == [("b", 1), ("b", 2), ("b", 3)]


async def test_a_service_that_breaks_off_or_stalls_is_read_on_after_its_last_batch() -> None:
    async def stalls(_context: Any) -> None:
        await asyncio.Event().wait()

    for trouble in (breaks, stalls):
        service = Troubled("abcde", trouble)
        async with serving(service) as addresses:
            journals = ServiceJournals(addresses, ["token"], patience=0.3)
            seen = await told(journals.newest(GROUPS))
        assert seen == [(name, 3) for name in "abcde"]
        assert [bool(token) for token in service.asked] == [False, True]


async def test_what_no_second_try_mends_ends_the_reading() -> None:
    async def forbids(context: Any) -> None:
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")

    service = Troubled("abc", forbids)
    async with serving(service) as addresses:
        with pytest.raises(Stop, match=r"s0 at .*not you") as stop:
            await told(ServiceJournals(addresses, ["token"]).newest(GROUPS))
        assert stop.value.code is Exit.REFUSED


async def test_a_service_that_never_answers_ends_the_reading(unused_tcp_port: int) -> None:
    service = Troubled("a")
    async with serving(service) as addresses:
        addresses["gone"] = f"127.0.0.1:{unused_tcp_port}"
        with pytest.raises(Stop, match="gone") as stop:
            await told(ServiceJournals(addresses, ["token"]).newest(GROUPS))
        assert stop.value.code is Exit.UNREACHABLE


async def test_a_service_that_is_not_reached_at_first_is_asked_again() -> None:
    async def closed(context: Any) -> None:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "connection refused")

    service = Troubled("ab", closed, when=(1, 1))
    async with serving(service) as addresses:
        seen = await told(ServiceJournals(addresses, ["token"]).newest(GROUPS))
    assert seen == [("a", 3), ("b", 3)]
    assert service.asked == ["", ""]


async def test_a_reader_that_stops_early_leaves_nothing_running() -> None:
    service = Troubled("abcdefghijklmnopqrstuvwxyz")
    async with serving(service) as addresses:
        before = asyncio.all_tasks()
        batches: Any = ServiceJournals(addresses, ["token"]).newest(GROUPS)
        await anext(batches)
        await batches.aclose()
        left = {task for task in asyncio.all_tasks() - before if "fill" in repr(task)}
        assert not left
