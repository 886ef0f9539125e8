"""What events ask for is done: at least once whatever dies, with its effect once, and what fails
holds up nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.chassis.call import Call
from services.chassis.crash_points import Crashed, crashing
from services.chassis.duties import runner
from services.chassis.duties.duty import DONE, GIVEN_UP, OPEN, Todo
from services.chassis.duties.runner import MOST_TRIES
from services.chassis.kernel import Fault, Kind, conflict
from services.chassis.views.rows import StoreDown
from tests.support.clocks import START
from tests.support.duties import REMIND, Reminded


@contextmanager
def dying_at(*points: str) -> Iterator[None]:
    """The process dies at each of them, once."""
    left = list(points)

    def hook(point: str) -> None:
        if left and point == left[0]:
            left.pop(0)
            raise Crashed(point)

    with crashing(hook):
        yield
    assert not left, f"never came to {left}"


async def states(world: Reminded) -> list[str]:
    return [todo.state for todo in await world.todos.list([OPEN, DONE, GIVEN_UP])]


async def test_what_an_event_asks_for_is_done_once() -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    world.ask("", "g2")  # this one asks for nothing
    await world.run()
    assert await world.counted(thing) == 1
    (row,) = world.rows()
    assert row["_id"] == f"{REMIND}:g1:1:d1:t1"
    assert await states(world) == [DONE]
    world.ask(thing)  # a duplicate
    await world.run()
    assert (world.ran, await world.counted(thing)) == ([thing], 1)
    assert world.watch.outcomes == {DONE: 1}


async def test_what_it_changes_names_its_cause_and_who_it_was() -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    await world.run()
    found = await world.documents.get("d1", "thing", thing)
    assert found is not None
    assert [(use.caller, use.key) for use in found.keys] == [
        (f"duty:{REMIND}", f"{REMIND}:g1:1:d1:t1")
    ]
    (pending,) = await world.documents.pending(1)
    assert [each.causation for each in pending.events] == ["", "g1:1"]


async def test_nothing_is_done_before_it_is_due() -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing, after=60)
    await world.run()
    await world.forward(59)
    assert await world.counted(thing) == 0
    await world.forward(1)
    assert await world.counted(thing) == 1


@pytest.mark.parametrize("point", ["D1", "W1", "W2", "D2"])
async def test_whoever_dies_wherever_it_has_its_effect_once(point: str) -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    await world.project()
    with pytest.raises(Crashed), dying_at(point):
        await world.runner.round()
    world.runner = world.another()
    await world.run()
    assert await states(world) == [OPEN], "somebody may still be at it"
    await world.forward(30)
    assert await states(world) == [DONE]
    assert await world.counted(thing) == 1


async def test_one_whose_mark_is_lost_has_its_effect_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    settle = world.todos.settle

    async def lost(*_: Any) -> bool:
        raise StoreDown("no answer")

    monkeypatch.setattr(world.todos, "settle", lost)
    with pytest.raises(StoreDown):
        await world.run()
    monkeypatch.setattr(world.todos, "settle", settle)
    await world.forward(30)
    assert (len(world.ran), await world.counted(thing)) == (2, 1)
    assert await states(world) == [DONE]


async def test_of_two_runners_one_does_it() -> None:
    world = Reminded()
    things = [await world.thing() for _ in range(20)]  # of one, a change may lose to others
    for number, thing in enumerate(things):
        world.ask(thing, f"g{number}")
    await world.project()
    await asyncio.gather(*(world.another().round() for _ in range(3)))
    assert sorted(world.ran) == sorted(things)
    assert [await world.counted(thing) for thing in things] == [1] * 20


async def test_what_fails_is_tried_ever_later_and_then_given_up_for_all_to_see(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = Reminded()

    async def refused(call: Call, todo: Todo) -> datetime | None:
        raise conflict("not_any_more", "secret")

    world.doing = refused
    world.ask("thing")
    await world.run()
    pauses: list[float] = []
    while (todo := (await world.todos.list([OPEN, GIVEN_UP]))[0]).state == OPEN:
        assert (todo.error, todo.tries) == ("not_any_more", len(pauses) + 1)
        pauses.append((todo.due - world.clock.now()).total_seconds())
        await world.forward(pauses[-1])
    assert pauses == [5 * 2**n for n in range(MOST_TRIES - 1)]
    assert todo.tries == MOST_TRIES
    assert world.watch.outcomes == {"failed": MOST_TRIES - 1, GIVEN_UP: 1}
    (told,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert told.getMessage() == (
        "the duty remind of the event g1:1 is given up after 10 tries: not_any_more"
    )
    await world.forward(7 * 24 * 3600)
    assert len(world.ran) == MOST_TRIES
    world.doing = world.count_up
    thing = await world.thing()
    assert not await world.counted(thing)


async def test_what_was_given_up_is_done_once_somebody_asks_for_it() -> None:
    world = Reminded()
    world.ask("no-such-thing")
    await world.run()
    while await world.todos.list():
        await world.forward(3600)
    (todo,) = await world.todos.list([GIVEN_UP])
    assert (todo.error, todo.by) == ("not_found", "")

    async def nothing(call: Call, todo: Todo) -> datetime | None:
        return None

    world.doing = nothing
    assert await world.todos.retry(todo.id, world.clock.now())
    await world.run()
    assert await states(world) == [DONE]


async def test_what_passes_by_itself_is_waited_out() -> None:
    world = Reminded()
    thing = await world.thing()

    async def away(call: Call, todo: Todo) -> datetime | None:
        raise Fault(Kind.UNAVAILABLE, "store_unavailable")

    world.doing = away
    world.ask(thing)
    await world.run()
    await world.forward(1)  # soon at first
    assert len(world.ran) == 2
    for _ in range(3 * MOST_TRIES):
        await world.forward(14)
        await world.forward(1)
    (todo,) = await world.todos.list()
    assert (todo.tries, todo.error) == (0, "store_unavailable")
    assert len(world.ran) == 3 * MOST_TRIES + 2
    world.doing = world.count_up
    await world.forward(15)
    assert await world.counted(thing) == 1


async def test_what_ends_the_process_each_time_ends_too() -> None:
    world = Reminded()

    async def deadly(call: Call, todo: Todo) -> datetime | None:
        raise Crashed("out of memory")

    world.doing = deadly
    world.ask("thing")
    await world.project()
    for _ in range(MOST_TRIES):
        with pytest.raises(Crashed):
            await world.runner.round()
        world.clock.forward(seconds=30)
        world.runner = world.another()
    await world.run()
    (todo,) = await world.todos.list([GIVEN_UP])
    assert (todo.error, len(world.ran)) == ("never_ended", MOST_TRIES)


async def test_one_that_hangs_holds_up_no_other_district_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "RUN_SECONDS", 0.1)
    world = Reminded()
    running: list[str] = []
    most = 0

    async def hanging(call: Call, todo: Todo) -> datetime | None:
        nonlocal most
        if call.district == "d2":
            return None
        running.append(call.district)
        most = max(most, running.count("d1"))
        try:
            await asyncio.Event().wait()
        finally:
            running.remove(call.district)
        return None

    world.doing = hanging
    for number in range(3):
        world.ask("thing", f"g{number}")
    world.ask("thing", "other", district="d2")
    await world.project()
    begun = asyncio.create_task(world.runner.round())
    while not await world.todos.list([DONE]):
        assert not begun.done(), "it waited"
        await asyncio.sleep(0)
    assert not any(todo.error for todo in await world.todos.list()), "it waited for another's end"
    assert await begun == 4
    assert most == 1, "of a district one at a time"
    assert {todo.error for todo in await world.todos.list()} == {"TimeoutError"}


async def test_a_district_with_much_to_do_holds_up_no_other() -> None:
    world = Reminded()
    for number in range(3 * runner.ROUND):
        world.ask("thing", f"g{number}")
    world.clock.forward(seconds=1)
    world.ask("other", district="d2")
    await world.project()
    found: list[str] = []

    async def doing(call: Call, todo: Todo) -> datetime | None:
        found.append(call.district)
        return None

    world.doing = doing
    await world.runner.round()
    assert "d2" in found[:4]
    assert world.watch.due == runner.ROUND + 1
    assert world.watch.oldest == START


async def test_a_broken_one_fails_alone() -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing, "g1")
    world.ask(thing, "g2")
    await world.project()
    broken, _ = world.rows()
    broken["facts"] = {}
    await world.run()
    assert await world.counted(thing) == 1
    (todo,) = await world.todos.list()
    assert (todo.error, todo.tries) == ("KeyError", 1)


async def test_it_may_be_looked_at_again_another_day() -> None:
    world = Reminded()
    thing = await world.thing()
    later = START + timedelta(days=1)

    async def not_yet(call: Call, todo: Todo) -> datetime | None:
        return later if world.clock.now() < later else await world.count_up(call, todo)

    world.doing = not_yet
    world.ask(thing)
    await world.run()
    assert (await world.todos.list())[0].due == later
    assert world.watch.outcomes == {"later": 1}
    await world.forward(24 * 3600)
    assert await world.counted(thing) == 1
    assert await states(world) == [DONE]


async def test_what_another_build_asks_for_waits_for_it() -> None:
    world = Reminded()
    world.ask("thing")
    await world.project()
    (row,) = world.rows()
    world.views.rows["duties"] = {f"new_{row['_id']}": {**row, "_id": f"new_{row['_id']}"}}
    await world.run()
    (todo,) = await world.todos.list()
    assert (todo.duty, todo.error, todo.tries) == ("new_remind", "unknown_duty", 0)


async def test_a_round_that_fails_ends_once_all_that_it_began_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = Reminded()
    for district in ("d1", "d2"):
        world.ask("thing", district=district)
    await world.project()
    begun, goes_on, take = asyncio.Event(), asyncio.Event(), world.todos.take

    async def taken(todo: Todo, until: datetime, tries: int) -> Todo | None:
        if todo.district == "d2":
            return await take(todo, until, tries)
        await begun.wait()
        raise StoreDown("no answer")

    async def slow(call: Call, todo: Todo) -> datetime | None:
        begun.set()
        await goes_on.wait()
        return None

    monkeypatch.setattr(world.todos, "take", taken)
    world.doing = slow
    going = asyncio.create_task(world.runner.round())
    await begun.wait()
    for _ in range(9):
        await asyncio.sleep(0)
    assert not going.done()
    goes_on.set()
    with pytest.raises(StoreDown):
        await going
    assert sorted(await states(world)) == [DONE, OPEN]


async def test_an_outage_of_the_store_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    await world.project()
    stop, due, refused = asyncio.Event(), world.todos.due, 0

    async def away(now: datetime, most: int) -> Any:
        nonlocal refused
        refused += 1
        if refused < 4:
            raise StoreDown("no answer")
        return await due(now, most)

    monkeypatch.setattr(world.todos, "due", away)
    role = asyncio.create_task(world.runner.run(stop))
    while not await world.counted(thing):
        assert not role.done()
        await asyncio.sleep(0.01)
    stop.set()
    await role
    assert world.runner.beat.moves()
