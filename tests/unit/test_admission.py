"""How much work is taken on: bounded queues, the order of urgency, a limit that finds itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from services.chassis.edge import admission as module
from services.chassis.edge.admission import (
    LEAST,
    SAMPLES,
    STANDING_SECONDS,
    STANDING_WAIT_SECONDS,
    START,
    TARGET_SECONDS,
    WINDOW_SECONDS,
    Admission,
    Urgency,
)
from services.chassis.kernel import Fault, Kind
from tests.support.waiting import eventually

MOST = 100
FIRST, ORDINARY, BULK = Urgency.FIRST, Urgency.ORDINARY, Urgency.BULK


class Bench:
    """An admission, its time in our hands, and requests that end when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.tick = 0.0  # that pass with each look at the clock
        self.refused: Counter[Urgency] = Counter()
        self.admission = Admission(MOST, self._refuse, self._now)
        self.began: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def _now(self) -> float:
        self.seconds += self.tick
        return self.seconds

    def _refuse(self, urgency: Urgency) -> None:
        self.refused[urgency] += 1

    async def start(self, name: str, urgency: Urgency = ORDINARY) -> None:
        """Ask for a place; returns once it runs, waits or is refused."""
        self._ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name, urgency))
        await asyncio.sleep(0)

    async def fill(self, urgency: Urgency = ORDINARY) -> None:
        """Until the limit runs."""
        while not self.admission.pressed:
            await self.start(f"filling-{len(self.tasks)}", urgency)

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await asyncio.gather(self.tasks[name], return_exceptions=True)
        await asyncio.sleep(0)

    async def _run(self, name: str, urgency: Urgency) -> None:
        async with self.admission.work(urgency):
            self.began.append(name)
            await self._ends[name].wait()

    def fault(self, name: str) -> Fault | None:
        task = self.tasks[name]
        error = task.exception() if task.done() else None
        assert error is None or isinstance(error, Fault)
        return error

    async def close(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert (self.admission.running, self.admission.waiting) == (0, 0)


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def test_what_runs_and_what_waits_is_bounded(bench: Bench) -> None:
    for number in range(3 * MOST):
        await bench.start(f"{number}")
        assert bench.admission.running <= START
        assert bench.admission.running + bench.admission.waiting <= MOST
    assert bench.admission.running + bench.admission.waiting == MOST
    refused = [name for name in bench.tasks if bench.fault(name)]
    assert len(refused) == bench.refused[ORDINARY] == 2 * MOST
    fault = bench.fault(refused[0])
    assert fault is not None
    assert (fault.kind, fault.code) == (Kind.OVERLOADED, "overloaded")
    assert not bench.admission.comes(ORDINARY)
    await bench.close()


async def test_those_let_in_count_until_they_have_come(bench: Bench) -> None:
    assert [bench.admission.comes(ORDINARY) for _ in range(MOST)] == [True] * MOST
    assert not bench.admission.comes(ORDINARY)
    bench.admission.came(ORDINARY)
    assert bench.admission.comes(ORDINARY)


async def test_turns_go_by_urgency_and_then_in_order(bench: Bench) -> None:
    await bench.fill()
    for name, urgency in (("a", ORDINARY), ("b", ORDINARY), ("c", FIRST), ("d", FIRST)):
        await bench.start(name, urgency)
    begun = len(bench.began)
    for name in bench.began[:4]:
        await bench.end(name)
    assert bench.began[begun:] == ["c", "d", "a", "b"]
    await bench.close()


async def test_the_most_urgent_takes_the_place_of_the_latest_of_the_others(bench: Bench) -> None:
    await bench.fill()
    await bench.start("earliest")
    while bench.admission.running + bench.admission.waiting < MOST:
        await bench.start(f"waiting-{len(bench.tasks)}")
    latest = list(bench.tasks)[-1]
    await bench.start("urgent", FIRST)
    await eventually(lambda: bench.fault(latest) is not None)
    assert bench.fault("earliest") is None
    await bench.end(bench.began[0])
    assert bench.began[-1] == "urgent"
    await bench.close()


async def test_it_is_refused_where_all_that_wait_are_as_urgent(bench: Bench) -> None:
    await bench.fill(FIRST)
    while bench.admission.running + bench.admission.waiting < MOST:
        await bench.start(f"waiting-{len(bench.tasks)}", FIRST)
    await bench.start("one more", FIRST)
    assert bench.fault("one more") is not None
    await bench.close()


async def test_the_most_urgent_are_let_in_up_to_the_bound_too(bench: Bench) -> None:
    await bench.fill()
    await bench.start("gives way")
    let_in = [bench.admission.comes(FIRST) for _ in range(3 * MOST)]
    assert bench.admission.running + sum(let_in) == MOST
    await bench.close()


async def test_who_is_let_in_as_the_queue_begins_to_stand_waits_as_well(bench: Bench) -> None:
    await _window(bench, START, 20.0)  # so a burst of one may wait, and nobody in a standing queue
    await bench.fill(FIRST)
    await bench.start("urgent", FIRST)
    bench.tick = 0.6 * STANDING_SECONDS  # it stands at the second look at the clock
    await bench.start("ordinary")
    assert bench.fault("ordinary") is None
    assert bench.admission.waiting == 2
    await bench.close()


async def test_bulk_has_half_of_the_limit_and_does_not_wait(bench: Bench) -> None:
    for number in range(START):
        await bench.start(f"{number}", BULK)
    assert (bench.admission.running, bench.admission.waiting) == (START // 2, 0)
    await bench.start("ordinary")
    assert bench.began[-1] == "ordinary"
    assert bench.refused == {BULK: START // 2}
    await bench.close()


async def test_long_bulk_work_lets_others_go_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW_SECONDS", 0.0)
    await bench.admission.pause()
    await bench.fill()
    pausing = asyncio.create_task(bench.admission.pause())
    await asyncio.sleep(0)
    assert not pausing.done()
    for name in bench.began[: START // 2 + 1]:
        await bench.end(name)
    await pausing
    await bench.close()


async def test_a_burst_may_wait_and_a_standing_queue_may_not_grow(bench: Bench) -> None:
    admission, took = bench.admission, 0.4
    await _window(bench, START, took)  # so much is known of what requests take
    short = int(admission.limit * STANDING_WAIT_SECONDS / took)
    await bench.fill()
    for number in range(short + 10):
        await bench.start(f"waiting-{number}")
    assert admission.waiting == short + 10
    bench.seconds += STANDING_SECONDS + 0.01
    await bench.start("one more")
    assert bench.fault("one more") is not None
    names = iter(list(bench.tasks))
    while admission.waiting >= short / 2:
        await bench.end(next(names))
    await bench.start("again")
    assert bench.fault("again") is None
    while admission.waiting:
        await bench.end(next(names))
    await bench.fill()
    await bench.start("burst")
    bench.seconds += STANDING_SECONDS / 2
    for number in range(9):
        await bench.start(f"burst-{number}")
    assert bench.admission.waiting == 10
    await bench.close()


async def test_nobody_waits_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    await bench.fill()
    await bench.start("late")
    await eventually(lambda: bench.fault("late") is not None)
    assert bench.admission.waiting == 0
    assert bench.admission.running == START
    await bench.close()


async def test_who_leaves_while_waiting_takes_no_turn(bench: Bench) -> None:
    await bench.fill()
    await bench.start("gone")
    await bench.start("next")
    bench.tasks["gone"].cancel()
    await bench.end(bench.began[0])
    assert bench.began[-1] == "next"
    assert bench.admission.running == START
    bench.tasks["next"].cancel()
    await bench.close()


async def test_who_leaves_at_her_turn_gives_it_on(bench: Bench) -> None:
    await bench.fill()
    await bench.start("gone")
    await bench.start("next")
    bench._ends[bench.began[0]].set()
    await asyncio.sleep(0)  # it ends, and gives its turn to the first, who is not woken yet
    await asyncio.sleep(0)
    assert bench.admission.waiting == 1
    bench.tasks["gone"].cancel()
    await eventually(lambda: bench.began[-1] == "next")
    assert bench.admission.running == START
    await bench.close()


async def _window(bench: Bench, running: int, took: float) -> None:
    """A window of time in which so many requests run at once."""
    async with AsyncExitStack() as stack:
        for _ in range(running):
            await stack.enter_async_context(bench.admission.work(ORDINARY))
        bench.seconds += took
    bench.seconds += WINDOW_SECONDS


async def test_the_limit_falls_while_requests_take_long_and_rises_again(bench: Bench) -> None:
    admission = bench.admission
    for _ in range(100):
        await _window(bench, int(admission.limit), 2 * TARGET_SECONDS)
    assert admission.limit == LEAST
    for _ in range(50):  # 5 seconds
        await _window(bench, int(admission.limit), TARGET_SECONDS / 2)
    assert admission.limit >= LEAST + 40
    for _ in range(500):
        await _window(bench, int(admission.limit), TARGET_SECONDS / 2)
    assert admission.limit == MOST


async def test_the_limit_stays_where_it_is_not_what_limits(bench: Bench) -> None:
    for took in [2 * TARGET_SECONDS] * 50 + [0.0] * 50:
        await _window(bench, SAMPLES, took)
    assert bench.admission.limit == START


async def test_it_finds_what_a_slow_server_can_bear(bench: Bench) -> None:
    """A server that does 250 requests a second, however many run, at three times the load."""
    admission = bench.admission
    for _ in range(100):
        await _window(bench, int(admission.limit), int(admission.limit) / 250)
    assert admission.limit == LEAST
    assert LEAST / 250 < 0.1  # seconds that each takes


async def test_the_most_urgent_leave_the_others_a_quarter_of_what_runs(bench: Bench) -> None:
    await bench.fill(FIRST)
    filling = list(bench.began)
    for number in range(2):
        await bench.start(f"urgent-{number}", FIRST)
        await bench.start(f"other-{number}", ORDINARY)
    for name in filling[:4]:
        await bench.end(name)
    assert bench.began[len(filling) :] == ["other-0", "other-1", "urgent-0", "urgent-1"]
    await bench.close()
