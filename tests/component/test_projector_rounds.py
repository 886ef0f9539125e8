"""A projector on memory adapters, round by round: parking, redriving, foreign rows, flips, a
consumer that stands still."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from services.chassis.log.envelope import open_envelope
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import SourceDown, SourceStalled, TopicsDiffer
from services.chassis.views.batch import Limits
from services.chassis.views.memory_views import MemoryViews, stored
from services.chassis.views.ownership import owned_of
from services.chassis.views.parked import OPEN, RESOLVED
from services.chassis.views.parking import ParkingLimit, ParkingLimits
from services.chassis.views.projection import Event, Fact, Fold, Row
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Batch, Outcome, StoreDown
from tests.support.clocks import FakeClock
from tests.support.goal_cards import (
    FAST,
    GOALS,
    SMALL,
    accepted,
    elsewhere,
    fold_progress,
    goal_cards,
    parts,
    progress,
    put,
)


def calm(log: MemoryLog, limits: Limits = SMALL) -> tuple[Projector, MemoryViews, FakeClock]:
    projection, clock = goal_cards(), FakeClock()
    views = MemoryViews()
    source = MemorySource(MemoryGroup(log, projection.topics), now=clock.now)
    return Projector(source, views, projection, clock, limits, FAST), views, clock


async def rounds(one: Projector, count: int = 10) -> None:
    for _ in range(count):
        await one.round()


async def test_a_parked_event_marks_its_card_and_a_newer_version_heals_both() -> None:
    log = MemoryLog(3)
    one, views, _ = calm(log)
    record = put(log, GOALS, "g1", progress("t1", "g1", 1), b"\xff\xff")
    await rounds(one)
    card = views.rows["cards"]["d1:t1"]
    assert card["incomplete"] == {"g1": 1}
    (parked,) = views.parked.values()
    assert (parked.state, parked.record.value, parked.record.offset) == (OPEN, b"\xff\xff", 0)
    assert parked.record == record
    put(log, GOALS, "g1", progress("t1", "g1", 2))
    await rounds(one)
    assert views.rows["cards"]["d1:t1"]["incomplete"] == {}
    assert [one.state for one in views.parked.values()] == [RESOLVED]


async def test_a_copy_that_comes_late_and_unreadable_of_what_is_known_is_not_kept() -> None:
    """Nor is what was said by one that was parked before."""
    log = MemoryLog(3)
    one, views, _ = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1), b"\xff\xff")
    put(log, GOALS, "g1", progress("t1", "g1", 2))
    await rounds(one)
    one.forget(StoreDown("so that it remembers nothing"))
    put(log, GOALS, "g1", progress("t1", "g1", 1), b"\xff\xff")
    await rounds(one)
    states = [(each.state, each.record.value) for each in views.parked.values()]
    assert states == [(RESOLVED, None)] * 2
    assert views.rows["cards"]["d1:t1"]["incomplete"] == {}


async def test_a_redrive_is_taken_up_by_the_owner_and_moves_no_position() -> None:
    log = MemoryLog(3)
    one, views, clock = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1, count=-1))
    put(log, GOALS, "g2", progress("t1", "g2", 1))
    await rounds(one)
    (parked,) = views.parked.values()
    assert parked.reason == "invalid: progress_count is negative"
    before = {key: fence.positions for key, fence in views.held.items()}
    assert await views.redrive(parked.id)
    clock.forward(seconds=2)
    await rounds(one)
    assert views.parked[parked.id].state == OPEN
    put_fold(one, open_envelope(parked.record.headers, parked.record.key).type, lambda _: [])
    assert await views.redrive(parked.id)
    clock.forward(seconds=2)
    await rounds(one)
    assert views.parked[parked.id].state == RESOLVED
    assert before == {key: fence.positions for key, fence in views.held.items()}


async def test_what_waited_for_this_build_is_tried_though_many_redrives_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = MemoryLog(1)
    one, views, clock = calm(log)
    for number in range(3):
        put(log, GOALS, f"g{number}", progress("t1", f"g{number}", 1, count=-1))
    key, data, headers = parts("g3", progress("t1", "g3", 1))
    log.append(GOALS, key, data, [*headers, ("ce_minreader", b"2")])
    await rounds(one)
    *others, waiting = sorted(views.parked)
    for each in others:
        assert await views.redrive(each)
    monkeypatch.setattr("services.chassis.views.decode.READER", 2)
    monkeypatch.setattr("services.chassis.views.projector.REDRIVEN", 2)
    one.forget(StoreDown("so that it claims anew"))
    for _ in range(9):
        clock.forward(seconds=2)
        await one.round()
    assert views.parked[waiting].state == RESOLVED


async def test_a_clock_that_is_put_back_holds_nothing_up() -> None:
    log = MemoryLog(1)
    one, views, clock = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1, count=-1))
    await rounds(one)
    put_fold(one, progress("t1", "g1", 1).type, lambda _: [])
    (parked,) = views.parked
    assert await views.redrive(parked)
    clock.forward(hours=-1)
    await rounds(one)
    assert views.parked[parked].state == RESOLVED


def put_fold(one: Projector, type_: str, fold: Fold) -> None:
    assert isinstance(one.projection.folds, dict)
    one.projection.folds[type_] = fold


async def test_rows_that_were_read_for_nothing_new_do_not_fill_the_cache() -> None:
    log = MemoryLog(1)
    one, _, _ = calm(log)
    for _ in range(2):
        for number in range(40):
            put(log, GOALS, f"g{number}", progress(f"t{number}", f"g{number}", 1))
        await rounds(one, 30)
    assert one.counts.records == 80
    assert one._batcher._cache.bytes <= SMALL.cache_bytes


async def test_too_much_parking_stops_the_projector_and_writes_nothing() -> None:
    log = MemoryLog(1)
    one, views, _ = calm(log, Limits())
    for version in range(1, 31):
        put(log, GOALS, "g1", progress("t1", "g1", version), b"\xff\xff")
        put(log, GOALS, "g2", elsewhere(progress("t1", "g2", version)), b"\xff\xff")
    with pytest.raises(ParkingLimit, match="would park 30 of the last 60"):
        await one.run(asyncio.Event())
    assert views.parked == {}
    assert views.rows == {}


async def test_what_one_district_alone_parks_stops_nothing() -> None:
    log = MemoryLog(1)
    parking = ParkingLimits(kept=70)
    one, views, _ = calm(log, Limits(records=50, parking=parking))
    for version in range(1, 301):
        put(log, GOALS, f"g{version}", progress(f"t{version}", f"g{version}", 1), b"\xff\xff")
    put(log, GOALS, "g1", elsewhere(progress("t1", "g1", 1)))
    await rounds(one)
    assert views.rows["cards"]["d2:t1"]["facts"]["goals"]
    marked = [row for row in views.rows["cards"].values() if row["incomplete"]]
    assert (len(marked), len(views.parked)) == (300, 70)  # more of it only its rows tell
    assert (one.counts.parked, one.counts.unkept) == (70, 230)


class Unlucky(MemoryViews):
    """The first commits have an unknown outcome, and do not land."""

    left = 30

    async def commit(self, batch: Batch) -> Outcome:
        if self.left:
            self.left -= 1
            return Outcome.UNKNOWN
        return await super().commit(batch)


async def test_a_batch_that_is_tried_again_does_not_add_to_what_was_parked() -> None:
    log = MemoryLog(1)
    calmer, _, clock = calm(log)
    unlucky = Unlucky()
    one = Projector(calmer.source, unlucky, calmer.projection, clock, Limits(), FAST)
    put(log, GOALS, "g1", progress("t1", "g1", 1), b"\xff\xff")
    while unlucky.left:
        try:
            await one.round()
        except StoreDown as error:
            one.forget(error)
    await rounds(one)
    assert len(unlucky.parked) == 1


async def test_a_redrive_of_more_than_is_remembered_is_taken_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = partial(owned_of, most=1)
    monkeypatch.setattr("services.chassis.views.projector.owned_of", few)
    log = MemoryLog(1)
    one, views, clock = calm(log)
    first = put(log, GOALS, "g1", progress("t1", "g1", 1, count=-1))
    clock.forward(seconds=1)
    await rounds(one)
    put(log, GOALS, "g2", progress("t1", "g2", 1, count=-1))
    await rounds(one)
    monkeypatch.setattr(one, "_owned", None)  # claimed anew: g2's is remembered, g1's counted
    put(log, GOALS, "g2", progress("t1", "g2", 2))
    await rounds(one)
    assert one._owned is not None
    assert (one._owned.parked, dict(one._owned.beyond)) == ({}, {"d1": 1})
    put_fold(one, open_envelope(first.headers, first.key).type, lambda _: [])
    (waiting,) = [each.id for each in views.parked.values() if each.state == OPEN]
    assert await views.redrive(waiting)
    clock.forward(seconds=2)
    await rounds(one)
    assert {each.state for each in views.parked.values()} == {RESOLVED}
    clock.forward(seconds=FAST.reread + 1)
    await rounds(one)
    assert dict(one._owned.beyond) == {}


async def test_an_unforeseen_failure_of_a_fold_parks_its_event_and_the_rest_flows() -> None:
    log = MemoryLog(1)
    one, views, clock = calm(log)
    right = fold_progress

    def broken(event: Event) -> Sequence[Fact]:
        if event.envelope.aggregate_id == "g1":
            raise ZeroDivisionError
        return right(event)

    put_fold(one, progress("t", "g", 1).type, broken)
    put(log, GOALS, "g1", progress("t1", "g1", 1))
    put(log, GOALS, "g2", progress("t1", "g2", 1))
    await rounds(one)
    (parked,) = views.parked.values()
    assert (parked.reason, parked.record.offset) == ("failed: ZeroDivisionError", 0)
    card = views.rows["cards"]["d1:t1"]
    assert (list(card["facts"]["goals"]), card["incomplete"]) == (["g2"], {"g1": 1})
    assert one.counts.failed == 1
    put_fold(one, progress("t", "g", 1).type, right)  # the next build can
    assert await views.redrive(parked.id)
    clock.forward(seconds=2)
    await rounds(one)
    card = views.rows["cards"]["d1:t1"]
    assert (sorted(card["facts"]["goals"]), card["incomplete"]) == (["g1", "g2"], {})


def unreadable(row: Row) -> None:
    row["facts"]["goals"]["g1"] = "of another build"


def without_facts(row: Row) -> None:
    del row["facts"]


def derived_from_nothing(row: Row) -> None:
    row["facts"]["relationships"] = {"r1": {"v": 1}}


BREAKS = [unreadable, without_facts, derived_from_nothing]


@pytest.mark.parametrize("spoil", BREAKS)
async def test_a_row_that_cannot_be_folded_stays_and_the_others_go_on(
    spoil: Callable[[Row], None],
) -> None:
    log = MemoryLog(1)
    one, views, clock = calm(log, Limits())
    put(log, GOALS, "g1", progress("t1", "g1", 1))
    await rounds(one)
    good = stored(views.rows["cards"]["d1:t1"])
    spoil(views.rows["cards"]["d1:t1"])
    spoiled = stored(views.rows["cards"]["d1:t1"])
    one._batcher.drop()
    put(log, GOALS, "g1", progress("t1", "g1", 2))
    put(log, GOALS, "g1", elsewhere(progress("t1", "g1", 1)))
    put(log, GOALS, "g1", progress("t1", "g1", 3), b"\xff")
    await rounds(one)
    assert views.rows["cards"]["d1:t1"] == spoiled
    assert views.rows["cards"]["d2:t1"]["facts"]["goals"]["g1"]["v"] == 1
    reasons = [each.reason.partition(":")[0] for each in views.parked.values()]
    assert reasons == ["failed", "undecodable"]
    views.rows["cards"]["d1:t1"] = good
    one._batcher.drop()
    for each in list(views.parked):
        assert await views.redrive(each)
    clock.forward(seconds=2)
    await rounds(one)
    assert views.rows["cards"]["d1:t1"]["facts"]["goals"]["g1"]["v"] == 2


async def test_a_log_that_grew_is_noticed_by_a_member_that_goes_on() -> None:
    log = MemoryLog(6)
    one, views, _ = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1))
    await rounds(one)
    before = dict(views.held)
    log.partitions = 24
    assert isinstance(one.source, MemorySource)
    one.source._group.join(one.source)  # as a rebalance does
    with pytest.raises(TopicsDiffer, match=r"have 24 partitions, but cards-test.0 .* they had 6"):
        await rounds(one)
    assert views.held == before


async def test_a_row_of_another_district_is_not_touched() -> None:
    log = MemoryLog(3)
    one, views, _ = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1))
    await rounds(one)
    views.rows["cards"]["d1:t1"]["district"] = "d2"
    one._batcher.drop()
    before = dict(views.rows["cards"]["d1:t1"])
    put(log, GOALS, "g1", progress("t1", "g1", 2))
    await rounds(one)
    assert views.rows["cards"]["d1:t1"] == before
    (parked,) = views.parked.values()
    assert parked.reason == "invalid: the row is another district's"
    assert parked.record == log.all(GOALS)[-1]
    assert parked.state == OPEN


async def test_a_flip_sends_the_projector_to_the_new_build() -> None:
    log = MemoryLog(3)
    one, views, clock = calm(log)
    put(log, GOALS, "g1", progress("t1", "g1", 1))
    await rounds(one)
    built = await views.next_generation("cards-test")
    await views.flip(built)
    clock.forward(seconds=2)
    await rounds(one)
    assert views.rows["cards_1"] == views.rows["cards"]
    put(log, GOALS, "g1", progress("t1", "g1", 2))
    await rounds(one)
    assert views.rows["cards_1"] != views.rows["cards"]


async def test_freshness_says_how_far_the_rows_reach() -> None:
    log = MemoryLog(3)
    one, views, clock = calm(log)
    put(log, GOALS, "g1", accepted("t1", "g1", 1))
    await rounds(one)
    clock.forward(seconds=2)
    await rounds(one)
    assert await views.freshness("cards-test.0") == clock.now()
    seen = clock.now()
    put(log, GOALS, "g1", accepted("t1", "g1", 2))
    clock.forward(seconds=60)
    assert await views.freshness("cards-test.0") == seen
    await rounds(one)
    assert await views.freshness("cards-test.0") == clock.now() > seen + timedelta(seconds=30)


async def test_of_a_view_whose_freshness_nobody_asks_nothing_is_written_down() -> None:
    log = MemoryLog(3)
    dated, views, clock = calm(log)
    one = Projector(dated.source, views, replace(dated.projection, dated=False), clock, SMALL, FAST)
    put(log, GOALS, "g1", accepted("t1", "g1", 1))
    await rounds(one)
    clock.forward(seconds=2)
    await rounds(one)
    assert views.rows["cards"]
    assert await views.freshness("cards-test.0") is None


class Silent(MemorySource):
    def fetched_at(self) -> datetime | None:
        return None


async def test_a_consumer_that_fetches_nothing_is_made_anew_once_then_given_up() -> None:
    log, projection, clock = MemoryLog(1), goal_cards(), FakeClock()
    source = Silent(MemoryGroup(log, projection.topics))
    one = Projector(source, MemoryViews(), projection, clock, timing=FAST)
    await rounds(one)
    clock.forward(seconds=61)
    with pytest.raises(SourceDown) as down:
        await one.round()
    one.forget(down.value)
    await rounds(one)
    assert one.counts.restarts == 1
    clock.forward(seconds=61)
    with pytest.raises(SourceStalled):
        await one.round()
