"""A try that an outage of the store has cut short is not counted, whatever the store has noted of
it: it is not what gives a to-do up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from services.chassis.call import Call
from services.chassis.crash_points import Crashed
from services.chassis.duties import runner
from services.chassis.duties.duty import DONE, GIVEN_UP, OPEN, Todo
from services.chassis.duties.runner import MOST_TRIES, CutShort, DutyRunner
from services.chassis.kernel import Fault, Kind, conflict
from services.chassis.views.rows import StoreDown
from tests.support.duties import Reminded


class Unanswered:
    """A store of to-dos that does what it is asked, or does not (`does`), and in either case does
    not answer the calls of these names."""

    def __init__(self, todos: Any, *names: str, does: bool = True) -> None:
        self._todos, self.names, self._does = todos, names, does

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Awaitable[Any]] = getattr(self._todos, name)

        async def unanswered(*arguments: Any) -> Any:
            if self._does:
                await call(*arguments)
            raise StoreDown("no answer")

        return unanswered if name in self.names else call


async def asked() -> tuple[Reminded, str]:
    world = Reminded()
    thing = await world.thing()
    world.ask(thing)
    await world.project()
    return world, thing


async def outage(world: Reminded, *runners: DutyRunner, rounds: int) -> None:
    for _ in range(rounds):
        for each in runners:
            with pytest.raises(StoreDown):
                await each.round()
            world.clock.forward(seconds=30)


async def only(world: Reminded) -> Todo:
    (todo,) = await world.todos.list([OPEN, DONE, GIVEN_UP])
    return todo


async def away(call: Call, todo: Todo) -> datetime | None:
    raise Fault(Kind.UNAVAILABLE, "outcome_unknown")


async def refused(call: Call, todo: Todo) -> datetime | None:
    raise conflict("not_any_more", "no")


@pytest.mark.parametrize("does", [True, False], ids=["done", "not done"])
async def test_none_is_given_up_that_was_never_run(does: bool) -> None:
    world, thing = await asked()
    world.runner = world.another(store := Unanswered(world.todos, "take", does=does))
    await outage(world, world.runner, rounds=3 * MOST_TRIES)
    assert not world.ran
    store.names = ()
    await world.run()
    assert ((await only(world)).state, await world.counted(thing)) == (DONE, 1)


@pytest.mark.parametrize("does", [True, False], ids=["done", "not done"])
async def test_none_is_given_up_for_nothing_but_outages(does: bool) -> None:
    world, thing = await asked()
    world.doing = away
    world.runner = world.another(store := Unanswered(world.todos, "settle", does=does))
    await outage(world, world.runner, rounds=3 * MOST_TRIES)
    assert len(world.ran) == 3 * MOST_TRIES
    assert (await only(world)).tries <= 1
    store.names, world.doing = (), world.count_up
    await world.run()
    assert ((await only(world)).state, await world.counted(thing)) == (DONE, 1)


async def test_nor_by_two_processes_that_meet_the_same_outage() -> None:
    world, thing = await asked()
    runners = [world.another(Unanswered(world.todos, "take")) for _ in range(2)]
    await outage(world, *runners, rounds=2 * MOST_TRIES)
    assert (await only(world)).tries <= len(runners)
    await world.run()
    assert await world.counted(thing) == 1


async def test_what_was_counted_before_an_outage_counts_after_it() -> None:
    world, _ = await asked()
    world.doing = refused
    store = Unanswered(world.todos)
    world.runner = world.another(store)
    for _ in range(MOST_TRIES - 1):
        await world.forward(3600)
    world.clock.forward(seconds=3600)
    store.names = ("take",)
    await outage(world, world.runner, rounds=MOST_TRIES)
    store.names = ()
    assert (await only(world)).state == OPEN
    await world.forward(3600)
    todo = await only(world)
    assert (todo.state, todo.tries, todo.error) == (GIVEN_UP, MOST_TRIES, "not_any_more")


async def test_a_try_of_which_another_process_died_counts() -> None:
    world, _ = await asked()
    ours = world.another(store := Unanswered(world.todos, "take"))
    await outage(world, ours, rounds=2)
    store.names = ()

    async def deadly(call: Call, todo: Todo) -> datetime | None:
        raise Crashed("out of memory")

    world.doing = deadly
    with pytest.raises(Crashed):
        await world.another().round()
    world.clock.forward(seconds=30)
    world.doing = refused
    await ours.round()
    assert (await only(world)).tries == 2


def test_what_is_remembered_of_an_outage_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MOST_CUT_SHORT", 2)
    cut_short = CutShort()
    for each in ("a", "b", "a", "c"):
        cut_short.note(each, 0)
    assert list(cut_short._counted) == ["a", "c"]
