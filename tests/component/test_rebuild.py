"""A rebuild from the journals gives the rows that the projector gave."""

import itertools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.log.source import Positions
from services.chassis.views.canonical import digest
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector, Timing
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation, StoreDown
from services.chassis.write.documents import JournalEntry
from tests.support.clocks import FakeClock
from tests.support.goal_cards import (
    GOALS,
    START,
    all_records,
    goal_cards,
    mixed_events,
    progress,
    put,
)
from tests.support.journals import MemoryJournals, journals_of
from tests.support.oracles import live_rows, replay_log

PROJECTION = goal_cards()


class Site:
    """A log, the journal of all that was published on it, and the views."""

    def __init__(self) -> None:
        self.log, self.clock = MemoryLog(3), FakeClock()
        self.chance = random.Random(5)
        self.trouble = 0.0
        self.committed: Callable[[], object] = lambda: None
        self.views = MemoryViews(self._maybe)
        self.journal: dict[str, JournalEntry] = {}
        self.group = MemoryGroup(self.log, PROJECTION.topics)

    def _maybe(self, point: str) -> None:
        if self.chance.random() < self.trouble:
            raise StoreDown(point)
        if point == "commit.after":
            self.committed()

    def publish(self, seed: int, count: int) -> None:
        for topic, aggregate, event, _ in mixed_events(random.Random(seed), count):
            put(self.log, topic, aggregate, event)
            entry = JournalEntry(aggregate, "d1", replace(event, year=2027))
            self.journal[f"{aggregate}:{event.version:08}"] = entry

    def ends(self) -> Positions:
        return self.log.ends(PROJECTION.topics)

    async def journals(self, until: int = 1_000) -> MemoryJournals:
        return await journals_of(
            entry for entry in self.journal.values() if entry.event.version <= until
        )

    async def no_indexes(self, generation: Generation) -> None: ...

    def rebuild(self) -> Rebuild:
        return Rebuild(self.views, PROJECTION, self.clock, self.log.partitions, self.no_indexes)

    def source(self) -> MemorySource:
        return MemorySource(self.group, now=self.clock.now)

    def own_source(self) -> MemorySource:
        """Of a member of a group of its own."""
        return MemorySource(MemoryGroup(self.log, PROJECTION.topics), now=self.clock.now)

    async def digest(self, generation: Generation) -> tuple[int, str]:
        return await digest(self.views.scan(generation, "cards"))


async def test_a_rebuild_equals_the_views_in_use_and_takes_their_place() -> None:
    site = Site()
    site.publish(1, 400)
    serving = Projector(site.source(), site.views, PROJECTION, site.clock, timing=Timing(wait=0))
    for _ in range(5):
        await serving.round()
    old = await site.views.generation(PROJECTION.group)

    noted = site.ends()
    rebuild = site.rebuild()
    site.trouble = 0.1
    new = await rebuild.fold_journals(await site.journals(), noted)
    site.trouble = 0
    assert await site.digest(new) == await site.digest(old)

    # published while the journals were read, or after: the new build catches up with it
    put(site.log, GOALS, "late", progress("t1", "late", 1))
    await rebuild.catch_up(new, site.own_source(), site.ends())
    await serving.round()
    assert await site.digest(new) == await site.digest(old)

    await site.views.flip(new)
    site.clock.forward(seconds=2)
    for _ in range(2):
        await serving.round()
    put(site.log, GOALS, "later", progress("t1", "later", 1))
    for _ in range(5):
        await serving.round()
    live = await live_rows(site.views.scan(new, "cards"))
    assert live == replay_log(PROJECTION, all_records(site.log, PROJECTION))["cards"]
    assert await site.digest(new) != await site.digest(old)

    # back to the old build: it goes on from where it stopped
    await site.views.flip(old)
    site.clock.forward(seconds=2)
    for _ in range(5):
        await serving.round()
    assert await site.digest(new) == await site.digest(old)


class Interrupted(MemoryJournals):
    """Something happens before each page but the first."""

    def __init__(self, site: Site, journals: MemoryJournals, happens: Callable[[], None]) -> None:
        super().__init__(journals.journal, 20)
        self.site, self.happens = site, happens

    async def newest(
        self, replacing: Sequence[Sequence[str]]
    ) -> AsyncIterator[Sequence[JournalEntry]]:
        async for entries in super().newest(replacing):
            yield entries
            self.happens()
            await self.journal.append(list(self.site.journal.values()))


async def test_what_is_published_while_the_journals_are_read_is_not_lost() -> None:
    site = Site()
    site.publish(3, 200)
    noted = site.ends()
    seeds = iter(range(4, 1_000))
    journals = Interrupted(site, await site.journals(), lambda: site.publish(next(seeds), 30))
    rebuild = site.rebuild()
    new = await rebuild.fold_journals(journals, noted)
    await rebuild.catch_up(new, site.own_source(), site.ends())
    live = await live_rows(site.views.scan(new, "cards"))
    assert live == replay_log(PROJECTION, all_records(site.log, PROJECTION))["cards"]


async def test_catching_up_ends_where_the_topics_ended_however_much_is_published_meanwhile() -> (
    None
):
    site, commits = Site(), itertools.count()
    rebuild = site.rebuild()
    new = await rebuild.fold_journals(await site.journals(), site.ends())
    put(site.log, GOALS, "first", progress("t1", "first", 1))
    ends = site.ends()

    def one_more() -> None:
        number = next(commits)
        assert number < 10, "it does not end"
        put(site.log, GOALS, f"more-{number}", progress("t1", f"more-{number}", 1))

    site.committed = one_more
    await rebuild.catch_up(new, site.own_source(), ends)
    (row,) = [row async for row in site.views.scan(new, "cards")]
    assert "first" in row["facts"]["goals"]


async def test_after_a_rebuild_that_was_cut_off_the_next_one_starts_anew() -> None:
    site = Site()
    site.publish(4, 400)

    def gone() -> None:
        raise ConnectionError("a journal is gone")

    journals = Interrupted(site, await site.journals(), gone)
    with pytest.raises(ConnectionError):
        await site.rebuild().fold_journals(journals, site.ends())
    assert await site.views.generation(PROJECTION.group) == Generation(PROJECTION.group, 0)
    new = await site.rebuild().fold_journals(await site.journals(), site.ends())
    assert new.number == 2
    live = await live_rows(site.views.scan(new, "cards"))
    assert live == replay_log(PROJECTION, all_records(site.log, PROJECTION))["cards"]


async def test_a_view_as_it_stood_holds_only_what_had_happened() -> None:
    site = Site()
    site.publish(2, 200)
    stood = await site.rebuild().fold_journals(await site.journals(until=1), {})
    rows = [row async for row in site.views.scan(stood, "cards")]
    assert rows
    versions = {
        fact["v"] for row in rows for group in row["facts"].values() for fact in group.values()
    }
    assert versions == {1}
    assert all(
        fact["at"] > START
        for row in rows
        for group in row["facts"].values()
        for fact in group.values()
    )
    assert await site.views.generation(PROJECTION.group) == Generation(PROJECTION.group, 0)
