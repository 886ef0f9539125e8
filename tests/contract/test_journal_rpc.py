"""Reading a service's past: whole, in bounded batches, and never beyond the caller's district."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from coaching.journal.v1 import journal_pb2
from services.chassis.call import Call, Principal
from services.chassis.edge.followers import Followers
from services.chassis.edge.journal_rpc import JournalService, Renewed
from services.chassis.edge.paging import encode_token
from services.chassis.kernel import Fault, Kind
from services.chassis.log.memory_following import MemoryFollowed
from services.chassis.log.memory_log import MemoryLog
from services.chassis.write.documents import JournalEntry
from services.chassis.write.memory_journal import MemoryJournal
from services.chassis.write.memory_sealing import MemorySealingKey
from tests.support.documents_suite import event
from tests.support.followed import as_she_is

ALL = Principal("*", partner="insights", scopes=frozenset({"journal.read"}))
ONE = Principal("d1", partner="p", scopes=frozenset({"journal.read"}))


NOBODY = Followers(MemoryFollowed(MemoryLog(), "things"))


class CountingJournal(MemoryJournal):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def read(
        self, district: str, until: datetime | None, after: str, limit: int, aggregate: str = ""
    ) -> Sequence[JournalEntry]:
        self.reads += 1
        return await super().read(district, until, after, limit, aggregate)


class Bench:
    def __init__(self) -> None:
        self.journal = CountingJournal()
        self.calls: list[Call] = []
        self.renewed: Renewed = as_she_is

    def service(self, principal: Principal, operation: str = "read_journal") -> JournalService:
        def call_of(_context: Any) -> Call:
            self.calls.append(Call(operation, principal))
            return self.calls[-1]

        return JournalService(
            self.journal,
            NOBODY,
            datetime.now,
            MemorySealingKey(),
            "journal.read",
            call_of,
            lambda *told: None,
            self.renewed,
        )

    async def fill(self, district: str, name: str, versions: int, size: int = 1) -> None:
        await self.journal.append(
            [
                JournalEntry(name, district, event(v, name, data=b"x" * size, year=2027))
                for v in range(1, versions + 1)
            ]
        )

    async def read(
        self, principal: Principal = ALL, **request: Any
    ) -> list[journal_pb2.ReadJournalResponse]:
        answer = self.service(principal).ReadJournal(
            journal_pb2.ReadJournalRequest(**request), None
        )
        return [batch async for batch in answer]


@pytest.fixture
async def bench() -> Bench:
    bench = Bench()
    await bench.fill("d1", "a", 4)
    await bench.fill("d2", "b", 3)
    return bench


def told(batches: Sequence[journal_pb2.ReadJournalResponse]) -> list[tuple[str, int]]:
    return [(each.aggregate_id, each.version) for batch in batches for each in batch.records]


GROUPS = [journal_pb2.TypeGroup(types=["t.E"])]
OTHERS = [journal_pb2.TypeGroup(types=["t.F"]), journal_pb2.TypeGroup()]

D1 = [("a", 1), ("a", 2), ("a", 3), ("a", 4)]
D2 = [("b", 1), ("b", 2), ("b", 3)]


async def test_a_record_tells_all_of_an_event(bench: Bench) -> None:
    batches = await bench.read(district_id="d2", batch_size=1)
    record = batches[0].records[0]
    was = event(1, "b", year=2027)
    at = Timestamp()
    at.FromDatetime(was.occurred_at)
    assert record == journal_pb2.JournalRecord(
        aggregate_id="b", version=1, event_id="b:1", type="t.E", district_id="d2",
        keys=["d1:t1"], data=b"x", occurred_at=at, year=2027,
    )  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 7, 1000])
async def test_batches_hold_everything_once_in_order(bench: Bench, size: int) -> None:
    batches = await bench.read(batch_size=size)
    assert told(batches) == D1 + D2
    assert all(1 <= len(batch.records) <= (size or 500) for batch in batches)


async def test_a_token_goes_on_after_its_batch(bench: Bench) -> None:
    first = (await bench.read(batch_size=3))[0]
    rest = await bench.read(batch_size=3, page_token=first.next_page_token)
    assert told([first]) + told(rest) == D1 + D2


async def test_a_plain_token_holds_across_releases(bench: Bench) -> None:
    # what every release gave and takes: operation, the caller's district, the one asked, until
    token = encode_token("a:000000000002", "read_journal\x1f*\x1f\x1fNone")
    assert (await bench.read(batch_size=2))[0].next_page_token == token
    assert told(await bench.read(page_token=token)) == D1[2:] + D2


async def test_a_token_is_of_the_aggregate_and_the_types_asked_for(bench: Bench) -> None:
    asked: list[dict[str, Any]] = [
        {}, {"aggregate_id": "a"}, {"replacing": GROUPS}, {"replacing": OTHERS},
        {"aggregate_id": "a", "replacing": GROUPS},
    ]  # fmt: skip
    for each in asked:
        token = (await bench.read(batch_size=1, **each))[0].next_page_token
        for other in asked:
            if other is not each:
                with pytest.raises(Fault):
                    await bench.read(page_token=token, **other)


async def test_a_batch_is_read_only_when_the_last_one_was_taken(bench: Bench) -> None:
    answer = bench.service(ALL).ReadJournal(journal_pb2.ReadJournalRequest(batch_size=2), None)
    for taken in (1, 2, 3):
        await anext(answer)
        assert bench.journal.reads == taken


async def test_a_batch_is_bounded_in_bytes(bench: Bench) -> None:
    await bench.fill("d3", "c", 10, size=300_000)
    batches = await bench.read(district_id="d3")
    assert told(batches) == [("c", v) for v in range(1, 11)]
    assert max(batch.ByteSize() for batch in batches) < 1024 * 1024


async def test_a_read_that_is_bounded_in_bytes_is_not_the_last(bench: Bench) -> None:
    await bench.fill("d3", "c", 10, size=1_000_000)
    before = bench.journal.reads
    batches = await bench.read(district_id="d3")
    assert told(batches) == [("c", v) for v in range(1, 11)]
    assert [bool(batch.next_page_token) for batch in batches] == [True] * 9 + [False]
    assert bench.journal.reads == before + 2


async def test_until_keeps_to_what_had_happened(bench: Bench) -> None:
    until = Timestamp()
    until.FromDatetime(event(3).occurred_at)
    assert told(await bench.read(until=until)) == [*D1[:2], *D2[:2]]


async def test_what_newer_events_replace_is_left_out_on_request(bench: Bench) -> None:
    assert told(await bench.read(replacing=GROUPS)) == [("a", 4), ("b", 3)]
    assert told(await bench.read(ONE, replacing=GROUPS)) == [("a", 4)]
    assert told(await bench.read(replacing=OTHERS)) == D1 + D2


async def test_reading_goes_on_after_every_batch_of_the_newest(bench: Bench) -> None:
    for n in range(20):
        await bench.fill("d1", f"c{n:02d}", n % 3 + 1)
    batches = await bench.read(replacing=GROUPS, batch_size=5)
    assert [len(batch.records) for batch in batches] == [5, 5, 5, 5, 2]
    for index, batch in enumerate(batches):
        rest = await bench.read(replacing=GROUPS, page_token=batch.next_page_token)
        assert told(rest) == told(batches[index + 1 :])
    with pytest.raises(Fault):
        await bench.read(page_token=batches[0].next_page_token)


async def test_one_aggregate_is_told_whole(bench: Bench) -> None:
    assert told(await bench.read(aggregate_id="a", replacing=GROUPS, batch_size=3)) == D1
    assert told(await bench.read(aggregate_id="b", batch_size=1)) == D2
    assert told(await bench.read(ONE, aggregate_id="b")) == []


async def test_the_newest_cost_one_read_for_2000_events(bench: Bench) -> None:
    await bench.fill("d3", "c", 5_000)
    before = bench.journal.reads
    assert told(await bench.read(district_id="d3", replacing=GROUPS)) == [
        ("c", 2_000), ("c", 4_000), ("c", 5_000),
    ]  # fmt: skip
    assert bench.journal.reads - before == 4


async def test_a_partner_reads_its_own_district_only(bench: Bench) -> None:
    assert told(await bench.read(ONE)) == D1
    assert told(await bench.read(ONE, district_id="d1")) == D1
    with pytest.raises(Fault) as fault:
        await bench.read(ONE, district_id="d2")
    assert fault.value.kind is Kind.NOT_FOUND
    assert all(call.decided for call in bench.calls)


async def test_a_token_of_another_district_is_refused(bench: Bench) -> None:
    token = (await bench.read(district_id="d2", batch_size=1))[0].next_page_token
    with pytest.raises(Fault) as fault:
        await bench.read(ONE, page_token=token)
    assert fault.value.kind is Kind.INVALID


async def test_without_the_scope_nothing_is_read(bench: Bench) -> None:
    for principal in (Principal("d1", person="p1"), Principal("*", partner="x")):
        with pytest.raises(Fault) as fault:
            await bench.read(principal)
        assert fault.value.kind is Kind.FORBIDDEN
    assert bench.journal.reads == 0


@pytest.mark.parametrize(
    ("request_fields", "place"),
    [
        ({"batch_size": 1001}, "/batch_size"),
        ({"batch_size": -1}, "/batch_size"),
        ({"until": Timestamp(seconds=2**60)}, "/until"),
        ({"page_token": "nonsense"}, "/page_token"),
        ({"aggregate_id": "a:1"}, "/aggregate_id"),
        ({"replacing": [journal_pb2.TypeGroup(types=map(str, range(201)))]}, "/replacing"),
        ({"replacing": [journal_pb2.TypeGroup()] * 201}, "/replacing"),
    ],
)
async def test_a_wrong_request_is_told_where(
    bench: Bench, request_fields: dict[str, Any], place: str
) -> None:
    with pytest.raises(Fault) as fault:
        await bench.read(**request_fields)
    assert (fault.value.kind, fault.value.place) == (Kind.INVALID, place)


async def test_it_ends_for_whoever_has_lost_the_scope_meanwhile(bench: Bench) -> None:
    reads = 0

    async def once(principal: Principal) -> Principal:
        nonlocal reads
        reads += 1
        return replace(principal, scopes=frozenset()) if reads > 1 else principal

    bench.renewed = once
    principal = Principal("d1", partner="p", scopes=frozenset({"journal.read"}))
    with pytest.raises(Fault) as refused:
        await bench.read(principal, batch_size=2)
    assert refused.value.code == "scope_missing"
