"""A journal with events that nobody can read is rebuilt when somebody has decided so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.log.envelope import headers_of
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.batch import Limits
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import DISCARDED, OPEN
from services.chassis.views.parking import ParkingLimit, ParkingLimits, as_decided
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, goal_cards, progress
from tests.support.journals import journals_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)
PROJECTION = goal_cards()
TWO = ("d1", "d2")  # of one district alone a rebuild goes on by itself


def unreadable(numbers: Iterable[int]) -> list[JournalEntry]:
    """Events of a school year that no reader takes: not even their envelope can be read."""
    made = []
    for number in numbers:
        district, goal = TWO[number % 2], f"bad-{number:03d}"
        event = replace(progress("t1", goal, 1), year=2101, keys=(f"{district}:t1",))
        made.append(JournalEntry(goal, district, event))
    return made


GOOD = [JournalEntry("g1", "d1", replace(progress("t1", "g1", 1), year=2027))]


class Site:
    def __init__(self) -> None:
        self.views, self.clock, self.log = MemoryViews(), FakeClock(), MemoryLog(3)

    async def rebuild(self, entries: list[JournalEntry], parking: ParkingLimits) -> Rebuild:
        """Built, caught up and flipped to."""
        limits = Limits(parking=parking)
        work = Rebuild(self.views, PROJECTION, self.clock, 3, self._no_indexes, limits=limits)
        made = await work.fold_journals(await journals_of(entries), {})
        source = MemorySource(MemoryGroup(self.log, PROJECTION.topics), now=self.clock.now)
        await work.catch_up(made, source, self.log.ends(PROJECTION.topics))
        await self.views.flip(made)
        return work

    async def _no_indexes(self, generation: Generation) -> None: ...

    def publish(self, entries: list[JournalEntry]) -> None:
        for entry in entries:
            for key in entry.event.keys:
                headers = headers_of(
                    entry.event,
                    source="/t",
                    district=entry.district,
                    aggregate_id=entry.aggregate_id,
                    key=key,
                )
                self.log.append(GOALS, key.encode(), entry.event.data, headers)

    async def parked(self, state: str) -> int:
        return len(await self.views.list(PROJECTION.group, (state,)))

    async def discard_all(self) -> None:
        for one in await self.views.list(PROJECTION.group):
            assert await self.views.discard(one.id, "ana@d1", NOW + timedelta(hours=1))

    async def after_discards(self) -> ParkingLimits:
        return ParkingLimits(given_up=await self.views.given_up(PROJECTION.group))


async def test_sixty_one_unreadable_events_are_built_around_when_so_decided() -> None:
    site, entries = Site(), [*GOOD, *unreadable(range(61))]
    with pytest.raises(ParkingLimit):
        await site.rebuild(entries, ParkingLimits())
    with pytest.raises(ParkingLimit):
        await site.rebuild(entries, as_decided(20, {}))
    await site.rebuild(entries, as_decided(61, {}))
    assert await site.parked(OPEN) == 61
    group = await site.views.generation(PROJECTION.group)
    assert [row["_id"] async for row in site.views.scan(group, "cards")] == ["d1:t1"]


async def test_what_somebody_discarded_does_not_count_again_and_stays_discarded() -> None:
    site, entries = Site(), [*GOOD, *unreadable(range(61))]
    await site.rebuild(entries, as_decided(61, {}))
    await site.discard_all()
    for _ in range(2):  # the second build knows it from the first
        await site.rebuild(entries, await site.after_discards())
        assert (await site.parked(OPEN), await site.parked(DISCARDED)) == (0, 61)
    (by,) = {one.by for one in await site.views.list(PROJECTION.group, (DISCARDED,))}
    assert by == "ana@d1"


async def test_what_is_new_counts_beside_what_was_discarded() -> None:
    site, entries = Site(), [*GOOD, *unreadable(range(61))]
    await site.rebuild(entries, as_decided(61, {}))
    await site.discard_all()
    more = [*entries, *unreadable(range(100, 110))]
    await site.rebuild(more, await site.after_discards())
    assert (await site.parked(OPEN), await site.parked(DISCARDED)) == (10, 61)
    with pytest.raises(ParkingLimit):
        await site.rebuild([*more, *unreadable(range(200, 300))], await site.after_discards())


async def test_what_was_discarded_out_of_the_topic_is_known_in_the_journal_and_back() -> None:
    site, entries = Site(), [*GOOD, *unreadable(range(61))]
    site.publish(entries)
    await site.rebuild(GOOD, as_decided(61, {}))  # all of them out of the topic
    await site.discard_all()
    await site.rebuild(entries, await site.after_discards())
    assert await site.parked(OPEN) == 0
