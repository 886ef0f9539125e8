"""An aggregate is erased by one write, once, whatever comes between."""

from typing import Any

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Kind
from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document
from tests.support.counters import Bench, Counter, call, refused


@pytest.fixture
def bench() -> Bench:
    return Bench()


def gone(counter: Counter) -> None:
    counter.record(("erased", 0))


async def test_what_is_erased_is_as_if_it_had_never_been(bench: Bench) -> None:
    made = await bench.create(call("k"))
    await bench.path.change(call("c"), made.id, lambda counter: counter.add(1))
    erased = await bench.path.erase(call("e", causation="order:1"), made.id, gone)
    assert erased is not None
    assert erased.version == 3
    await refused(Kind.NOT_FOUND, "not_found", bench.path.get("d1", made.id))
    change = bench.path.change(call("c"), made.id, lambda counter: counter.add(1))
    await refused(Kind.NOT_FOUND, "not_found", change)
    (event,) = await bench.events()
    assert (event.version, event.erases, event.causation) == (3, True, "order:1")
    assert bench.bell.count == 3


async def test_the_call_that_made_it_does_not_make_it_again(bench: Bench) -> None:
    made = await bench.create(call("k"))
    assert await bench.path.erase(call(), made.id, gone)
    await refused(Kind.CONFLICT, "already_exists", bench.create(call("k")))


async def test_erased_again_there_is_nothing(bench: Bench) -> None:
    made = await bench.create(call())
    for district, name in (("d2", made.id), ("d1", "unknown")):
        assert await bench.path.erase(call(district=district), name, gone) is None
    assert await bench.path.erase(call("e"), made.id, gone)
    assert await bench.path.erase(call("e"), made.id, gone) is None
    assert len(await bench.events()) == 1


async def test_what_has_changed_meanwhile_is_decided_upon_again(bench: Bench) -> None:
    made = await bench.create(call())
    erase, seen = bench.documents.erase, list[int]()

    async def overtaken(before: Document, event: PendingEvent) -> bool:
        if before.version < 3:
            await bench.path.change(call(), made.id, lambda counter: counter.add(1))
        return await erase(before, event)

    def act(counter: Counter) -> None:
        seen.append(counter.n)
        gone(counter)

    bench.documents.erase = overtaken  # type: ignore[method-assign] # a race
    erased = await bench.path.erase(call(), made.id, act)
    assert erased is not None
    assert (erased.version, seen) == (4, [1, 2, 3])


async def test_who_decides_not_to_changes_nothing(bench: Bench) -> None:
    made = await bench.create(call())
    await bench.path.erase(call("e"), made.id, lambda _: None)
    assert (await bench.path.get("d1", made.id)).version == 1


def die_at(name: str) -> Any:
    def hook(point: str) -> None:
        if point == name:
            raise Crashed(name)

    return hook


@pytest.mark.parametrize(("point", "left"), [("W1", 1), ("W2", 0)])
async def test_after_a_crash_it_is_erased_once(bench: Bench, point: str, left: int) -> None:
    made = await bench.create(call())
    with crashing(die_at(point)), pytest.raises(Crashed):
        await bench.path.erase(call("e"), made.id, gone)
    assert (await bench.path.erase(call("e"), made.id, gone) is not None) == bool(left)
    assert [each.version for each in await bench.events()] == [2]
