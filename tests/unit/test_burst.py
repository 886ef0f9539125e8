"""Reading many records at once changes no row: not in the end, and not backwards on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from unittest import mock

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.log.envelope import PendingEvent, Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.batch import Limits
from services.chassis.views.burst import SLICE, Burst
from services.chassis.views.decode import Decoded, ToPark, decode, folded
from services.chassis.views.lot import Lot, LotItem
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import OPEN, RESOLVED
from services.chassis.views.projection import Event, Fact, Projection
from services.chassis.views.projector import Projector, Timing
from services.insights.caseload.fold import insights_projection
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, START, put
from tests.support.oracles import Rows, replay_items, replay_log

PROJECTION = insights_projection()
Said = tuple[str, PendingEvent]


def said(
    version: int,
    aggregate: str = "a",
    *,
    good: bool = True,
    year: int = 2027,
    header: int = 2027,
    relationship: bool = False,
    data: bytes = b"",
) -> Said:
    """An aggregate and its event. A goal that is not good is refused by its fold, and so is
    one of another year than the header's; `data` stands for the message."""
    message: goals.GoalProgressRecorded | relationships.RelationshipAccepted
    if relationship:
        other = relationships.RelationshipSnapshot(teacher_id="t1", school_year=year)
        message = relationships.RelationshipAccepted(relationship=other)
    else:
        state = goals.GOAL_STATE_ACTIVE if good else goals.GOAL_STATE_UNSPECIFIED
        goal = goals.GoalSnapshot(teacher_id="t1", school_year=year, state=state, current=version)
        message = goals.GoalProgressRecorded(goal=goal)
    event = PendingEvent(
        version=version,
        event_id=f"{aggregate}:{version}",
        type=message.DESCRIPTOR.full_name,
        keys=("d1:t1",),
        data=data or message.SerializeToString(),
        occurred_at=START,
        year=header,
    )
    return aggregate, event


deliveries = st.lists(
    st.builds(
        said,
        st.integers(1, 5),
        st.sampled_from(["a", "b.c"]),  # of goals and of relationships
        good=st.sampled_from([True, True, False]),
        year=st.sampled_from([2027, 2027, 2028]),
        header=st.sampled_from([2027, 2027, 2028, 0]),
        relationship=st.booleans(),
        data=st.sampled_from([b"", b"", b"\xff\xff"]),
    ),
    max_size=25,
)


def records_of(events: Sequence[Said]) -> list[Record]:
    log = MemoryLog(1)
    return [put(log, GOALS, aggregate, event) for aggregate, event in events]


async def burst(records: Sequence[Record], projection: Projection = PROJECTION) -> Lot:
    """As a projector reads: once more where the newest of a place is refused."""
    plain: set[Hashable] = set()
    while True:
        one = Burst(projection, plain)
        for record in records:
            one.add(record)
        lot = await one.lot()
        if lot is not None:
            return lot
        assert one.refused - plain, "the same again would end the same"
        plain |= one.refused


def until(lot: Lot, cut: int) -> list[LotItem]:
    """The items of the first so many records."""
    return [item for item, before in zip(lot.items, lot.before, strict=True) if before < cut]


def folded_of(items: Sequence[LotItem]) -> list[tuple[str, int]]:
    """Aggregate and version of those that carry facts."""
    return [
        (item.facts[0].id, item.envelope.version)
        for item in items
        if isinstance(item, Decoded) and item.facts
    ]


@given(deliveries)
async def test_a_burst_ends_as_a_replay_does(events: list[Said]) -> None:
    records = records_of(events)
    lot = await burst(records)
    assert replay_items(PROJECTION, lot.items) == replay_log(PROJECTION, records)
    assert lot.records == len(records)
    for item, before in zip(lot.items, lot.before, strict=True):
        assert item.record == records[before]


@given(deliveries, st.integers(0, 25))
async def test_a_burst_cut_anywhere_and_read_again_from_there_ends_the_same(
    events: list[Said], cut: int
) -> None:
    records = records_of(events)
    twice = [*until(await burst(records), cut), *(await burst(records[cut:])).items]
    assert replay_items(PROJECTION, twice) == replay_log(PROJECTION, records)


@given(deliveries, st.lists(st.integers(0, 25), max_size=4))
async def test_the_parts_of_a_lot_reach_no_further_than_what_they_hold(
    events: list[Said], cuts: list[int]
) -> None:
    records = records_of(events)
    lot = await burst(records)
    held: list[LotItem] = []
    edges = sorted({min(cut, len(lot.items)) for cut in cuts} | {0, len(lot.items)})
    parts = [lot.part(start, end) for start, end in pairwise(edges)] or [lot.part(0, 0)]
    for part in parts:
        held += part.items
        (reached,) = part.ends.values() or (0,)
        ahead = versions(replay_items(PROJECTION, held))
        for place, version in versions(replay_log(PROJECTION, records[:reached])).items():
            assert ahead[place] >= version
    assert held == list(lot.items)
    assert reached == len(records) == sum(part.records for part in parts)


@given(deliveries, st.integers(0, 25))
async def test_rows_are_never_older_than_a_replay_up_to_the_same_record(
    events: list[Said], cut: int
) -> None:
    records = records_of(events)
    ahead = versions(replay_items(PROJECTION, until(await burst(records), cut)))
    for place, version in versions(replay_log(PROJECTION, records[:cut])).items():
        assert ahead[place] >= version


def versions(rows: Rows) -> dict[tuple[str, str, str], int]:
    return {
        (id_, group, name): fact["v"]
        for id_, row in rows.get("cards", {}).items()
        for group, facts in orjson.loads(row)["facts"].items()
        for name, fact in facts.items()
    }


@given(deliveries)
async def test_what_cannot_be_read_is_refused_as_ever(events: list[Said]) -> None:
    def unreadable(items: Iterable[LotItem]) -> list[LotItem]:
        refused = (item for item in items if isinstance(item, ToPark))
        return [item for item in refused if not item.reason.startswith("invalid:")]

    records = records_of(events)
    alone = [decode(PROJECTION, record) for record in records]
    assert unreadable((await burst(records)).items) == unreadable(alone)


async def test_only_the_newest_of_a_place_is_folded_and_kept() -> None:
    records = records_of([said(version, each) for version in (1, 3, 2) for each in "ab"])
    one = Burst(PROJECTION)
    for record in records:
        one.add(record)
    assert (one.records, one.kept) == (6, 2)
    with mock.patch("services.chassis.views.burst.folded", wraps=folded) as counted:
        lot = await one.lot()
    assert lot is not None
    assert counted.call_count == 2
    assert folded_of(lot.items[:2]) == folded_of(lot.items[2:]) == [("a", 3), ("b", 3)]
    assert list(lot.before) == [0, 1, 2, 3]


async def test_an_event_that_is_refused_replaces_nothing() -> None:
    records = records_of([said(1), said(2), said(3, good=False)])
    items = (await burst(records)).items
    assert folded_of(items) == [("a", 1), ("a", 2)]
    assert items[2] == decode(PROJECTION, records[2])


async def test_without_a_school_year_in_the_envelope_every_event_is_folded() -> None:
    records = records_of([said(1, header=0), said(2, header=0)])
    assert folded_of((await burst(records)).items) == [("a", 1), ("a", 2)]


@pytest.mark.parametrize("most", [1, 2, 3])
async def test_a_parked_event_is_overtaken_however_a_burst_is_cut(most: int) -> None:
    log, views, projection = MemoryLog(1), MemoryViews(), insights_projection()
    source = MemorySource(MemoryGroup(log, projection.topics))
    for aggregate, event in [said(1), said(2, data=b"\xff\xff"), said(3)]:
        put(log, projection.topics[1], aggregate, event)
    limits, timing = Limits(burst=most), Timing(wait=0)
    member = Projector(source, views, projection, FakeClock(), limits=limits, timing=timing)
    await member.round()
    assert member.caught_up(log.ends(projection.topics))
    parked = await views.list(projection.group, [OPEN, RESOLVED])
    assert [(one.version, one.state) for one in parked] == [(2, RESOLVED)]


async def test_what_a_refused_event_had_replaced_is_read_again_and_folded() -> None:
    log, views, projection = MemoryLog(1), MemoryViews(), insights_projection()
    source = MemorySource(MemoryGroup(log, projection.topics))
    for aggregate, event in [said(1), said(2), said(3, good=False), said(1, "b")]:
        put(log, projection.topics[1], aggregate, event)
    member = Projector(source, views, projection, FakeClock(), timing=Timing(wait=0))
    while not member.caught_up(log.ends(projection.topics)):
        await member.round()
    assert member.counts.claims == 2
    assert member.counts.records == 4
    card = views.rows["cards"]["d1:t1:2027"]
    assert {id_: fact["v"] for id_, fact in card["facts"]["goals"].items()} == {"a": 2, "b": 1}
    assert card["incomplete"] == {"a": 3}
    for aggregate, event in [said(4), said(5), said(6)]:
        put(log, projection.topics[1], aggregate, event)
    with mock.patch("services.chassis.views.burst.folded", wraps=folded) as counted:
        await member.round()
    assert counted.call_count == 1
    assert views.rows["cards"]["d1:t1:2027"]["facts"]["goals"]["a"]["v"] == 6


async def test_a_fold_that_fails_is_refused_where_its_event_is() -> None:
    def fold(event: Event) -> Sequence[Fact]:
        raise KeyError(event.envelope.version)

    broken = replace(PROJECTION, folds=dict.fromkeys(PROJECTION.folds, fold))
    records = records_of([said(1), said(1, "b.c"), said(9)])
    items = (await burst(records, broken)).items
    refused = [each for each in items if isinstance(each, ToPark)]
    assert [(each.record.offset, str(each.error)) for each in refused] == [
        (0, "1"),
        (1, "1"),
        (2, "9"),
    ]


async def test_folding_many_lets_others_run() -> None:
    loop = asyncio.get_running_loop()
    others = loop.create_future()
    loop.call_soon(others.set_result, None)
    await burst(records_of([said(1, f"goal-{n}") for n in range(SLICE)]))
    assert others.done()
