"""How fresh a view says that it is."""

from datetime import timedelta

from services.chassis.views.freshness import NEVER, AsOf, Freshness
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.rows import Generation, StoreDown
from tests.support.clocks import START, FakeClock


async def test_a_view_nobody_reported_on_is_stale_since_ever() -> None:
    assert await Freshness(MemoryViews(), "cards", FakeClock()).read() == AsOf(NEVER, True)


async def test_a_report_makes_it_fresh_until_it_is_too_old() -> None:
    views, clock = MemoryViews(), FakeClock()
    freshness = Freshness(views, "cards", clock)
    await views.report("cards.0", 1, {0: START})
    assert await freshness.read() == AsOf(START, False)
    clock.forward(seconds=30)
    assert await freshness.read() == AsOf(START, False)
    clock.forward(seconds=1)
    assert await freshness.read() == AsOf(START, True)


async def test_a_flipped_view_answers_for_its_own_build() -> None:
    views, clock = MemoryViews(), FakeClock()
    freshness = Freshness(views, "cards", clock)
    await views.report("cards.0", 1, {0: START})
    await views.flip(Generation("cards", 1))
    assert (await freshness.read()).as_of == NEVER


async def test_a_store_that_does_not_answer_leaves_what_is_known() -> None:
    class Down(MemoryViews):
        down = False

        async def generation(self, name: str) -> Generation:
            if self.down:
                raise StoreDown
            return await super().generation(name)

    views, clock = Down(), FakeClock()
    freshness = Freshness(views, "cards", clock)
    await views.report("cards.0", 1, {0: START})
    await freshness.read()
    views.down = True
    clock.forward(seconds=40)
    assert await freshness.read() == AsOf(START, True)


async def test_it_is_looked_up_once_a_second_at_most() -> None:
    views, clock = MemoryViews(), FakeClock()
    freshness = Freshness(views, "cards", clock)
    await views.report("cards.0", 1, {0: START})
    await freshness.read()
    later = START + timedelta(milliseconds=500)
    await views.report("cards.0", 1, {0: later})
    assert (await freshness.read()).as_of == START
    clock.forward(seconds=1)
    assert (await freshness.read()).as_of == later
