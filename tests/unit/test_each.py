"""What a duty does to each of many: one that has no room for more keeps no other from it."""

from __future__ import annotations

import pytest

from services.chassis.duties.each import change_each
from services.chassis.kernel import Fault, Kind
from tests.support.counters import Bench, Counter, call


@pytest.mark.parametrize("kind", [Kind.LIMITED, Kind.TOO_LARGE])
async def test_one_that_is_full_keeps_no_other_from_it(kind: Kind) -> None:
    bench = Bench()
    full, *others = sorted([(await bench.create(call())).id for _ in range(3)])

    def act(counter: Counter) -> None:
        if counter.id == full:
            raise Fault(kind, "full", "It is full.")
        counter.add(5)

    with pytest.raises(Fault) as raised:
        await change_each(bench.path, call(), {}, act)
    assert raised.value.kind is kind
    assert (await bench.path.get("d1", full)).n == 1
    assert [(await bench.path.get("d1", each)).n for each in others] == [6, 6]
