"""Records that change nothing cost a projector no transaction."""

from __future__ import annotations

from services.chassis.log.memory_log import MemoryLog
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projector import Projector, Timing
from services.chassis.views.rows import Batch, Outcome
from tests.support.clocks import FakeClock
from tests.support.goal_cards import GOALS, goal_cards, pending, progress, put

IGNORED = "coaching.goals.v1.GoalActivated"


class CountedViews(MemoryViews):
    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Batch] = []

    async def commit(self, batch: Batch) -> Outcome:
        self.commits.append(batch)
        return await super().commit(batch)

    def stored(self) -> int:
        """The sum of the stored positions."""
        return sum(sum(fence.positions.values()) for fence in self.held.values())


async def test_ignored_records_are_passed_and_their_positions_stored_seconds_later() -> None:
    log, views, clock = MemoryLog(3), CountedViews(), FakeClock()
    projection = goal_cards()
    source = MemorySource(MemoryGroup(log, projection.topics))
    member = Projector(source, views, projection, clock, timing=Timing(wait=0))
    put(log, GOALS, "goal-1", progress("teacher-1", "goal-1", 1))
    await member.round()
    assert len(views.commits) == 1
    for version in range(2, 12):
        put(log, GOALS, "goal-1", pending(IGNORED, "goal-1", "teacher-1", version, b""))
        await member.round()
    assert len(views.commits) == 1
    assert member.counts.ignored == 10
    assert member.caught_up(log.ends(projection.topics))
    clock.forward(seconds=6)
    await member.round()
    assert len(views.commits) == 2
    assert not views.commits[-1].changes
    assert views.stored() == 11
    put(log, GOALS, "goal-1", progress("teacher-1", "goal-1", 12))
    await member.round()
    assert len(views.commits) == 3
