"""Of many parked messages a member remembers the newest; how many there are it knows of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from services.chassis.log.envelope import Record
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.ownership import owned_of
from services.chassis.views.parked import Parked, park
from services.chassis.views.rows import Batch, Fence, Generation, Terms
from tests.support.clocks import START

BUILD = Generation("cards", 0)
MOST, KEPT = 10, 25


def messages(first: int, count: int, district: str = "d1") -> Sequence[Parked]:
    return [
        replace(
            park(BUILD.group, Record("t", 0, n, b"k", b"", ()), None, "broken", START),
            district=district,
            aggregate=f"a{n}",
            version=1,
            parked_at=START + timedelta(seconds=n),
        )
        for n in range(first, first + count)
    ]


class Counted(MemoryViews):
    counted = 0

    async def count_parked(self, group: str, numbers: Iterable[int]) -> Mapping[str, int]:
        self.counted += 1
        return await super().count_parked(group, numbers)


async def claimed(views: Counted, kept: Sequence[Parked]) -> None:
    fences = await views.claim(BUILD.group, [0], Terms(1))
    await views.commit(Batch(BUILD, {0: Fence(fences[0].rev, {})}, [], kept))


async def test_the_bound_of_a_district_does_not_begin_anew_with_a_claim() -> None:
    views = Counted()
    await claimed(views, [*messages(0, KEPT - 1), *messages(100, 3, "d2")])
    fences = await views.claim(BUILD.group, [0], Terms(1))
    owned = await owned_of(views, BUILD, fences, MOST)
    newest = {f"a{n}" for n in (*range(17, 24), 100, 101, 102)}
    assert {copy[0] for copy, _, _ in owned.parked.values()} == newest
    more = [*messages(200, 5), *messages(300, 5, "d2"), *messages(400, 5, "d3")]
    kept = owned.kept(more, KEPT)
    assert [one.district for one in kept] == ["d1", *["d2"] * 5, *["d3"] * 5]
    owned.remember(kept)
    assert owned.kept(messages(500, 5), KEPT) == []


async def test_where_all_are_remembered_they_are_not_counted_apart() -> None:
    views = Counted()
    await claimed(views, messages(0, MOST - 1))
    fences = await views.claim(BUILD.group, [0], Terms(1))
    owned = await owned_of(views, BUILD, fences, MOST)
    assert (len(owned.parked), views.counted) == (MOST - 1, 0)
    assert len(owned.kept(messages(100, 20), MOST + 1)) == 2
