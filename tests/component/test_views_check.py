"""A check finds what a view lacks, whatever the reason, and with leave has it read again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import mock

import pytest

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views import check as checking
from services.chassis.views.check import Check, CheckFailed, Compared, Lack, reached
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Fact, Projection
from services.chassis.views.projector import Projector
from services.chassis.views.rows import Generation, StoreDown, Terms
from services.chassis.write.documents import JournalEntry
from tests.support.clocks import FakeClock
from tests.support.goal_cards import (
    FAST,
    GOALS,
    PROGRESS,
    SMALL,
    all_records,
    goal_cards,
    mixed_events,
    progress,
    put,
)
from tests.support.journals import journals_of
from tests.support.oracles import live_rows, replay_log

PROJECTION = goal_cards()
NOW = Generation(PROJECTION.group, 0)


class Site:
    """A log, the journal of all that was published on it, and a view with its projector."""

    def __init__(self) -> None:
        self.log, self.clock = MemoryLog(3), FakeClock()
        self.views = MemoryViews(self._point)
        self.journal: dict[str, JournalEntry] = {}
        self.at: dict[str, Callable[[], object]] = {}  # once, at a point of the store
        source = MemorySource(MemoryGroup(self.log, PROJECTION.topics), now=self.clock.now)
        self.projector = Projector(source, self.views, PROJECTION, self.clock, SMALL, FAST)
        self.running = True

    def _point(self, name: str) -> None:
        self.at.pop(name, lambda: None)()

    def publish(self, seed: int, count: int) -> None:
        for topic, aggregate, event, broken in mixed_events(random.Random(seed), count):
            put(self.log, topic, aggregate, event, broken)
            data = event.data if broken is None else broken
            entry = JournalEntry(aggregate, "d1", replace(event, year=2027, data=data))
            self.journal.setdefault(f"{aggregate}:{event.version:08}", entry)

    def say(self, version: int, goal: str = "goal", **more: Any) -> None:
        """One more event about a goal of its own."""
        event = progress("t9", goal, version, **more)
        put(self.log, GOALS, goal, event)
        self.journal[f"{goal}:{version:08}"] = JournalEntry(goal, "d1", replace(event, year=2027))

    async def project(self) -> None:
        for _ in range(100):
            await self.projector.round()
        self.clock.forward(seconds=self.projector.timing.save)  # what it has only passed
        await self.projector.round()

    async def reach(self, generation: Generation) -> None:
        if self.running:
            await self.project()
        ends = self.log.ends(PROJECTION.topics)
        await reached(self.views, generation, ends, seconds=0)

    async def check(self, mend: bool = False, projection: Projection = PROJECTION) -> Compared:
        work = Check(self.views, projection, self.clock, self.log.partitions, self.reach, mend)
        return await work.run(await journals_of(self.journal.values()))

    def facts(self, row: str, group: str) -> Any:
        return self.views.rows["cards"][f"d1:{row}"]["facts"][group]

    async def agrees(self) -> None:
        """The rows equal a replay of the log, byte for byte."""
        live = await live_rows(self.views.scan(NOW, "cards"))
        assert live == replay_log(PROJECTION, all_records(self.log, PROJECTION))["cards"]


@pytest.fixture
async def site() -> Site:
    made = Site()
    made.publish(1, 300)
    await made.project()
    await made.agrees()
    return made


def lose_a_row(site: Site) -> None:
    del site.views.rows["cards"]["d1:t1"]


def lose_a_fact(site: Site) -> None:
    site.facts("t3", "relationships").popitem()


def age_a_fact(site: Site) -> None:
    newest = max(site.facts("t2", "goals").values(), key=lambda fact: int(fact["v"]))
    newest.update(v=newest["v"] - 1, focus="as it was before")


def lose_all_but_what_was_changed_then(site: Site) -> None:
    """As an older build left it that still had the row in memory."""
    (newest, *_) = site.facts("t1", "goals").items()
    half = {"_id": "d1:t1", "facts": {"goals": dict([newest])}}
    site.views.rows["cards"]["d1:t1"] = half


LOSSES = (lose_a_row, lose_a_fact, age_a_fact, lose_all_but_what_was_changed_then)


async def test_nothing_is_mended_in_a_build_that_another_takes_the_place_of_just_then(
    site: Site,
) -> None:
    """That one may be dropped already, and would be there again."""
    lose_a_row(site)
    site.at["claim"] = lambda: site.views._current.update({PROJECTION.group: 1})
    with pytest.raises(CheckFailed, match="another build came into use"):
        await site.check(mend=True)
    assert "d1:t1" not in site.views.rows["cards"]


async def test_of_a_view_that_is_right_nothing_lacks(site: Site) -> None:
    found = await site.check(mend=True)
    assert (found.lacking, found.incomplete, found.told) == (0, 0, [])
    assert found.records > 20
    assert site.projector.counts.fenced == 0  # nobody was disturbed


async def test_what_is_on_its_way_does_not_lack(site: Site) -> None:
    site.publish(2, 100)
    assert (await site.check()).lacking == 0
    await site.agrees()


async def test_what_is_published_while_the_journals_are_read_does_not_lack(site: Site) -> None:
    event = progress("t9", "goal", 1)
    site.journal["goal:1"] = JournalEntry("goal", "d1", replace(event, year=2027))
    site.at["load"] = partial(put, site.log, GOALS, "goal", event)
    assert (await site.check()).lacking == 0
    await site.agrees()


@pytest.mark.parametrize("lose", LOSSES)
async def test_what_lacks_is_told_and_left_as_it_is(
    site: Site, lose: Callable[[Site], None]
) -> None:
    lose(site)
    before = await live_rows(site.views.scan(NOW, "cards"))
    found = await site.check()
    assert found.lacking == len(found.told) > 0
    assert all(lack.version > lack.known for lack in found.told)
    assert found.mended == 0
    assert await live_rows(site.views.scan(NOW, "cards")) == before
    assert await site.check() == found


@pytest.mark.parametrize("lose", LOSSES)
async def test_what_lacks_is_read_again_and_the_projector_goes_on(
    site: Site, lose: Callable[[Site], None]
) -> None:
    """It has in memory what the store has lost, and must not hold on to it."""
    lose(site)
    found = await site.check(mend=True)
    assert found.mended == found.lacking > 0
    await site.agrees()
    site.publish(3, 100)
    await site.project()
    await site.agrees()
    assert (await site.check()).lacking == 0


async def test_a_row_that_was_lost_in_use_is_made_anew_whole_and_what_it_lacks_is_found() -> None:
    """Its projector has it in memory when the next event about it comes."""
    site = Site()
    for goal in ("goal", "other"):
        site.say(1, goal)
    await site.project()
    site.views.rows["cards"].clear()
    site.say(2)
    await site.project()
    assert site.views.parked == {}
    row = site.views.rows["cards"]["d1:t9"]
    assert (row["district"], row["incomplete"]) == ("d1", {})
    assert site.facts("t9", "goals")["goal"]["v"] == 2
    assert (await site.check()).told == [Lack("cards", "d1:t9", "other", 1, 0)]
    assert (await site.check(mend=True)).mended == 1
    await site.agrees()


async def test_half_a_row_is_begun_anew_by_the_next_event_about_it() -> None:
    site = Site()
    site.say(1)
    await site.project()
    row = site.views.rows["cards"]["d1:t9"]
    site.views.rows["cards"]["d1:t9"] = {"_id": row["_id"], "facts": row["facts"]}
    await site.check(mend=True)
    await site.agrees()
    del site.views.rows["cards"]["d1:t9"]["district"]
    site.projector.forget(StoreDown())  # which has it in memory
    site.say(2)
    await site.project()
    assert site.views.parked == {}
    await site.agrees()


async def test_it_is_told_what_is_known_and_what_should_be() -> None:
    site = Site()
    for version in (1, 2, 3):
        site.say(version)
    await site.project()
    site.facts("t9", "goals")["goal"]["v"] = 1
    assert (await site.check()).told == [Lack("cards", "d1:t9", "goal", 3, 1)]
    site.views.rows["cards"].clear()
    assert (await site.check()).told == [Lack("cards", "d1:t9", "goal", 3, 0)]


async def test_what_a_row_says_is_incomplete_waits_for_its_parked_event() -> None:
    site = Site()
    site.say(1)
    site.say(2, count=-1)
    await site.project()

    def reads_it(event: Any) -> list[Fact]:
        goal = event.message.goal
        return [Fact("cards", event.envelope.key, "goals", goal.goal_id, {"focus": "x"})]

    newer = replace(PROJECTION, folds={**PROJECTION.folds, PROGRESS: reads_it})
    found = await site.check(mend=True, projection=newer)
    assert (found.lacking, found.incomplete) == (0, 1)
    assert (await site.check()).unreadable == 1


async def test_a_view_that_does_not_move_is_not_judged(site: Site) -> None:
    site.running = False
    site.publish(2, 100)
    with pytest.raises(CheckFailed, match="records wait for its projector"):
        await site.check()


async def test_a_view_of_which_another_build_came_into_use_meanwhile_is_not_judged(
    site: Site,
) -> None:
    lose_a_row(site)
    site.at["load"] = lambda: site.views._current.update({PROJECTION.group: 1})
    with pytest.raises(CheckFailed, match="another build"):
        await site.check(mend=True)


async def test_a_member_that_takes_its_fences_back_at_once_does_not_hinder_it(site: Site) -> None:
    lose_a_row(site)

    def taken_back() -> None:
        for number in range(site.log.partitions):
            fence = site.views.held[NOW.group, number]
            site.views.held[NOW.group, number] = replace(fence, rev=fence.rev + 1)

    site.at["commit.before"] = taken_back
    found = await site.check(mend=True)
    assert found.mended == found.lacking > 0
    await site.agrees()


async def test_a_mend_leaves_positions_and_terms_as_they_were(site: Site) -> None:
    lose_a_row(site)
    before = {number: fence.positions for (_, number), fence in site.views.held.items()}
    await site.check(mend=True)
    after = {number: fence.positions for (_, number), fence in site.views.held.items()}
    assert before == after
    assert await site.views.claim(NOW.group, [0], Terms(site.log.partitions))


async def test_however_much_lacks_a_bounded_part_of_it_is_told(site: Site) -> None:
    site.views.rows["cards"].clear()
    with mock.patch.object(checking, "MOST_TOLD", 3), mock.patch.object(checking, "TOGETHER", 4):
        found = await site.check(mend=True)
    assert len(found.told) == 3 < found.lacking == found.mended
    await site.agrees()
