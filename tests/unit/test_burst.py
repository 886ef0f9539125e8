"""Reading many records at once changes no row: not in the end, and not backwards on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from unittest import mock

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.goals.v1 import events_pb2 as goals
from services.chassis.log.envelope import PendingEvent, Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.batch import SLICE, Item, Limits
from services.chassis.views.burst import Burst
from services.chassis.views.decode import Decoded, ProjectionFailed, Refused, decode, folded
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import OPEN, RESOLVED
from services.chassis.views.projection import Event, Fact, Projection
from services.chassis.views.projector import Projector, Timing
from services.insights.application.projections.projection import insights_projection
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
    message: goals.GoalProgressRecorded | goals.RelationshipAccepted
    if relationship:
        other = goals.RelationshipSnapshot(teacher_id="t1", school_year=year)
        message = goals.RelationshipAccepted(relationship=other)
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
        school_year=header,
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


async def burst(records: Sequence[Record], projection: Projection = PROJECTION) -> list[Item]:
    one = Burst(projection)
    for record in records:
        one.add(record)
    return await one.items()


def folded_of(items: Sequence[Item]) -> list[tuple[str, int]]:
    """Aggregate and version of those that carry facts."""
    return [
        (item.facts[0].id, item.envelope.version)
        for item in items
        if isinstance(item, Decoded) and item.facts
    ]


@given(deliveries)
async def test_a_burst_ends_as_a_replay_does_and_keeps_every_record(events: list[Said]) -> None:
    records = records_of(events)
    items = await burst(records)
    assert [item.record for item in items] == records
    assert replay_items(PROJECTION, items) == replay_log(PROJECTION, records)


@given(deliveries, st.integers(0, 25))
async def test_a_burst_cut_anywhere_and_read_again_from_there_ends_the_same(
    events: list[Said], cut: int
) -> None:
    records = records_of(events)
    twice = [*(await burst(records))[:cut], *(await burst(records[cut:]))]
    assert replay_items(PROJECTION, twice) == replay_log(PROJECTION, records)


@given(deliveries, st.integers(0, 25))
async def test_rows_are_never_older_than_a_replay_up_to_the_same_record(
    events: list[Said], cut: int
) -> None:
    records = records_of(events)
    ahead = versions(replay_items(PROJECTION, (await burst(records))[:cut]))
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
    items = await burst(records_of(events))
    for item in items:
        alone = decode(PROJECTION, item.record)
        if isinstance(alone, Refused) and not alone.reason.startswith("invalid:"):
            assert item == alone


async def test_only_the_newest_of_a_place_is_folded() -> None:
    records = records_of([said(version, each) for version in (1, 3, 2) for each in "ab"])
    with mock.patch("services.chassis.views.burst.folded", wraps=folded) as counted:
        items = await burst(records)
    assert counted.call_count == 2
    assert folded_of(items[:2]) == folded_of(items[2:]) == [("a", 3), ("b", 3)]


async def test_an_event_that_is_refused_replaces_nothing() -> None:
    records = records_of([said(1), said(2), said(3, good=False)])
    items = await burst(records)
    assert folded_of(items) == [("a", 1), ("a", 2)]
    assert items[2] == decode(PROJECTION, records[2])


async def test_without_a_school_year_in_the_envelope_every_event_is_folded() -> None:
    records = records_of([said(1, header=0), said(2, header=0)])
    assert await burst(records) == [decode(PROJECTION, record) for record in records]


@pytest.mark.parametrize("most", [1, 2, 3])
async def test_a_parked_event_is_overtaken_however_a_burst_is_cut(most: int) -> None:
    log, views, projection = MemoryLog(1), MemoryViews(), insights_projection()
    source = MemorySource(MemoryGroup(log, projection.topics))
    for aggregate, event in [said(1), said(2, data=b"\xff\xff"), said(3)]:
        put(log, projection.topics[1], aggregate, event)
    limits, timing = Limits(burst=most), Timing(wait=0)
    member = Projector(source, views, projection, FakeClock(), limits=limits, timing=timing)
    await member.round()
    assert member.caught_up()
    parked = await views.list(projection.group, [OPEN, RESOLVED])
    assert [(one.version, one.state) for one in parked] == [(2, RESOLVED)]


async def test_a_fold_that_fails_is_reported_where_its_event_is() -> None:
    def fold(event: Event) -> Sequence[Fact]:
        raise KeyError(event.envelope.version)

    broken = replace(PROJECTION, folds=dict.fromkeys(PROJECTION.folds, fold))
    records = records_of([said(1), said(1, "b.c"), said(9)])
    with pytest.raises(ProjectionFailed, match=rf" at {GOALS}/0/2: KeyError: 9$"):
        await burst(records, broken)


MANY = {
    "places": [said(1, f"goal-{n}") for n in range(SLICE)],
    "events of a place whose newest is refused": [
        said(version, good=version < SLICE) for version in range(1, SLICE + 1)
    ],
}


@pytest.mark.parametrize("many", MANY)
async def test_folding_many_lets_others_run(many: str) -> None:
    loop = asyncio.get_running_loop()
    others = loop.create_future()
    loop.call_soon(others.set_result, None)
    await burst(records_of(MANY[many]))
    assert others.done()
