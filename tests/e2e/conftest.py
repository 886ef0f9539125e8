from collections.abc import AsyncIterator

import pytest

from services.ctl.engines import Engines
from tests.support.coaching import Coaching
from tests.support.engines import engines
from tests.support.nursery import Nursery
from tests.support.stack import RunningStack, running_stack

__all__ = ["engines"]

MORE = (
    *("lake", "pond", "brook", "rill", "fork", "meadow", "glade", "weir", "heath", "dell"),
    *("saltmarsh", "fen", "river", "vale", "ridge"),
)


@pytest.fixture(scope="session")
async def stack(
    engines: Engines,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[RunningStack]:
    """The services as processes, with the rosters of two districts that share ids and
    the relationships of coach-01, coach-02 and coach-03 of `north`; others have no roster."""
    folder, nursery = tmp_path_factory.mktemp("stack"), Nursery()
    try:
        async with running_stack(engines, folder, "e2e", nursery.begin, more=MORE) as running:
            for district in ("north", "south"):
                coaching = Coaching(running, district)
                await coaching.import_roster()
                await coaching.known("teacher-0001")
                await coaching.known("teacher-0012")
            north = Coaching(running)
            for coach in (1, 2, 3):
                await coaching_ready(north, coach)
            yield running
    finally:
        nursery.close()


async def coaching_ready(coaching: Coaching, coach: int) -> None:
    await coaching.relate(coach)
    last = f"teacher-{coach * 4:04d}"
    for service in ("goals/v1/goals", "surveys/v1/administrations", "observations/v1/observations"):
        await coaching.may(f"coach-{coach:02d}", f"/{service}?teacher_id={last}")


@pytest.fixture
async def north(stack: RunningStack) -> AsyncIterator[Coaching]:
    """`north`, whose cards agree with both oracles when the test is over."""
    yield Coaching(stack)
    await stack.assert_cards_are_true()
