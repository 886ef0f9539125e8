"""Which builds of a view stay, whatever becomes of who makes, flips and drops them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.chassis.log.envelope import PendingEvent
from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector, Timing
from services.chassis.views.rebuild import Rebuild, RebuildFailed
from services.chassis.views.rows import Builds, Generation
from services.chassis.write.documents import JournalEntry
from services.ctl.exits import Stop
from services.ctl.rebuilding import go_back
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, goal_cards, progress, put
from tests.support.held import held_of
from tests.support.journals import journals_of

PROJECTION = goal_cards()
ERASED = "coaching.goals.v1.GoalErased"  # which these cards do not fold


def build(number: int) -> Generation:
    return Generation(PROJECTION.group, number)


def erased(version: int = 2) -> PendingEvent:
    return replace(progress("t1", "g1", version), type=ERASED, data=b"")


class Ended(BaseException):
    """The process is no more."""


class Site:
    """One goal on the log and in the journal, and a projector that has read it."""

    def __init__(self) -> None:
        self.views, self.clock, self.log = MemoryViews(), FakeClock(), MemoryLog(3)
        put(self.log, GOALS, "g1", progress("t1", "g1", 1))
        self.entries = [JournalEntry("g1", "d1", replace(progress("t1", "g1", 1), year=2027))]
        self.group = MemoryGroup(self.log, PROJECTION.topics)
        self.held = held_of(self.log, PROJECTION.topics)

    def projector(self) -> Projector:
        source = MemorySource(self.group, now=self.clock.now)
        return Projector(source, self.views, PROJECTION, self.clock, timing=Timing(wait=0))

    async def read(self, projector: Projector) -> None:
        self.clock.forward(seconds=2)
        for _ in range(5):
            await projector.round()

    async def made(self) -> tuple[Rebuild, Generation]:
        """A build that has caught up, not in use yet."""
        work = Rebuild(self.views, PROJECTION, self.clock, 3, self._no_indexes)
        noted = self.log.ends(PROJECTION.topics)
        new = await work.fold_journals(await journals_of(self.entries), noted)
        source = MemorySource(MemoryGroup(self.log, PROJECTION.topics), now=self.clock.now)
        await work.catch_up(new, source, self.log.ends(PROJECTION.topics))
        return work, new

    async def rebuilt(self) -> None:
        work, new = await self.made()
        await work.come_into_use(await self.views.generation(new.name), new)

    async def builds(self) -> Builds:
        return await self.views.builds(PROJECTION.group)

    async def _no_indexes(self, generation: Generation) -> None: ...


async def test_what_a_rebuild_has_left_that_was_ended_is_taken_away_by_the_next_one() -> None:
    site = Site()
    await site.read(site.projector())
    await site.made()
    await site.made()
    assert await site.builds() == Builds(build(0), build(2), [])
    await site.rebuilt()
    assert await site.builds() == Builds(build(3), None, [build(0)])
    assert set(filter(site.views.rows.get, site.views.rows)) == {"cards", "cards_3"}


async def test_of_two_rebuilds_at_once_only_the_one_begun_last_comes_into_use() -> None:
    site = Site()
    await site.read(site.projector())
    first, early = await site.made()
    last, late = await site.made()
    with pytest.raises(RebuildFailed, match="another rebuild of it was begun"):
        await first.come_into_use(build(0), early)
    assert await site.builds() == Builds(build(0), late, [])
    assert await last.come_into_use(build(0), late)
    assert (await site.builds()).current == late


async def test_who_claims_the_new_build_drops_the_old_one_where_the_rebuild_died_before() -> None:
    """It has read the tombstones already, so nothing else would."""
    site = Site()
    serving = site.projector()
    await site.read(serving)
    put(site.log, GOALS, "g1", erased())
    work, new = await site.made()

    async def dies(*_: object) -> None:
        raise Ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site.views, "drop_unwanted", dies)
        with pytest.raises(Ended):
            await work.come_into_use(build(0), new, same_topics=False)
    assert await site.builds() == Builds(new, None, [build(0)], alone=True)
    with pytest.raises(Stop, match="no build before 1 to go back to"):
        await go_back(PROJECTION.group, site.views, site.held)
    await site.read(serving)
    assert await site.builds() == Builds(new, None, [])
    assert not site.views.rows.get("cards")
    assert site.views.rows["cards_1"]


async def test_a_tombstone_of_a_type_that_is_not_folded_drops_the_other_builds_too() -> None:
    assert ERASED not in PROJECTION.folds
    site = Site()
    serving = site.projector()
    await site.read(serving)
    await site.rebuilt()
    await site.read(serving)
    assert (await site.builds()).others == [build(0)]
    put(site.log, GOALS, "g1", erased())
    await site.read(serving)
    assert await site.builds() == Builds(build(1), None, [])
    assert not site.views.rows.get("cards")


async def test_who_went_back_leaves_no_newer_build_that_keeps_what_is_erased() -> None:
    site = Site()
    serving = site.projector()
    await site.read(serving)
    await site.rebuilt()
    await site.read(serving)
    assert (await go_back(PROJECTION.group, site.views, site.held)) == {
        "view": PROJECTION.group,
        "build": 0,
        "left": 1,
    }
    await site.read(serving)
    assert await site.builds() == Builds(build(0), None, [build(1)])
    put(site.log, GOALS, "g1", erased())
    await site.read(serving)
    assert await site.builds() == Builds(build(0), None, [])
    with pytest.raises(Stop, match="no build before 0 to go back to"):
        await go_back(PROJECTION.group, site.views, site.held)


async def test_what_is_in_the_making_goes_on_while_something_is_erased() -> None:
    site = Site()
    serving = site.projector()
    await site.read(serving)
    work, new = await site.made()
    put(site.log, GOALS, "g1", erased())
    await site.read(serving)
    assert await site.builds() == Builds(build(0), new, [])
    assert await work.come_into_use(build(0), new)
