"""What every store of loose events promises. A subclass has a fixture `events`: of this process and
of another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.chassis.log.envelope import PendingEvent
from services.chassis.write.loose import LEFT_BEHIND, LooseEvent, LooseEvents
from tests.support.clocks import FakeClock

Two = tuple[LooseEvents, LooseEvents, FakeClock]
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def loose(id: str, second: int = 0) -> LooseEvent:
    at = START + timedelta(seconds=second)
    event = PendingEvent(1, f"{id}:1", "t.Said", ("d1:t1", "d1:t2"), b"\0said", at)
    return LooseEvent(id, "d1", event)


async def waiting(events: LooseEvents) -> Sequence[str]:
    return [each.id for each in await events.pending(100)]


class LooseSuite:
    async def test_what_is_stored_waits_as_it_was_until_it_is_cleared(self, events: Two) -> None:
        mine, _, _ = events
        await mine.insert([])
        await mine.insert([loose("b", 2), loose("a", 1)])
        found = await mine.pending(10)
        assert [(each.id, each.district, each.events) for each in found] == [
            ("a", "d1", (loose("a", 1).event,)),
            ("b", "d1", (loose("b", 2).event,)),
        ]
        assert await mine.backlog() == (2, loose("a", 1).event.occurred_at)
        await mine.clear({})
        await mine.clear({"a": [1]})
        assert await waiting(mine) == ["b"]
        await mine.clear({"b": [1], "c": [1]})
        assert await mine.backlog() == (0, None)

    async def test_what_may_have_been_stored_is_stored_again_in_vain(self, events: Two) -> None:
        mine, _, _ = events
        await mine.insert([loose("a")])
        await mine.insert([loose("a"), loose("b")])
        assert await waiting(mine) == ["a", "b"]

    async def test_what_another_has_stored_is_left_to_it_for_a_while(self, events: Two) -> None:
        mine, other, clock = events
        clock.set(START)
        await other.insert([loose("a")])
        assert await waiting(mine) == []
        assert await waiting(other) == ["a"]
        clock.set(START + LEFT_BEHIND + timedelta(milliseconds=1))
        assert await waiting(mine) == ["a"]

    async def test_it_is_read_by_parts(self, events: Two) -> None:
        mine, _, _ = events
        await mine.insert([loose(each, 1) for each in "abc"] + [loose("d", 2)])
        first = await mine.pending(2)
        assert [each.id for each in first] == ["a", "b"]
        assert first.last == (loose("b", 1).event.occurred_at, "b")
        then = await mine.pending(2, first.last)
        assert ([each.id for each in then], then.last) == (["c", "d"], None)
