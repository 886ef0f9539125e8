"""Answers race a close, and processes die between the steps: what was acknowledged counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from services.access.districts import District, Districts
from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault
from services.surveys.application.close_administration import close_administration
from services.surveys.application.open_administration import open_administration
from services.surveys.domain.administration import Administration, AdministrationState
from tests.support.survey_examples import DISTRICT
from tests.support.surveys import Service, call, opened, scheduled, submit


def dies_at(name: str) -> Callable[[str], None]:
    """Dies when it passes `name` for the first time."""
    left = iter([name])

    def hook(passed: str) -> None:
        if passed == name and next(left, None):
            raise Crashed(name)

    return hook


async def close(service: Service, survey: str, key: str = "") -> Administration:
    who = call("close_administration", key=key, content="f")
    return await close_administration(service.ports, who, survey)


async def answer(service: Service, survey: str, code: str, *, hurry: int) -> str:
    """The code of the fault, or "" for an answer that was acknowledged."""
    for _ in range(hurry):
        await asyncio.sleep(0)
    try:
        await submit(service, survey, code, ("i1", 5))
    except Fault as fault:
        return fault.code
    return ""


@pytest.mark.parametrize("seed", range(40))
async def test_every_acknowledged_answer_counts_once_and_none_after_the_close(seed: int) -> None:
    service = Service(seed=seed, districts=Districts({DISTRICT: District(small_n=5)}))
    survey, codes = await opened(service)
    used = [*codes, *codes[:5]]  # five codes are sent twice, as a retry would be
    tasks = [
        asyncio.create_task(answer(service, survey, code, hurry=service.random.randrange(30)))
        for code in used
    ]
    for _ in range(service.random.randrange(40)):
        await asyncio.sleep(0)
    closed = await close(service, survey)
    outcomes = dict(zip(range(len(used)), await asyncio.gather(*tasks), strict=True))
    told = Counter(outcomes.values())
    acknowledged = {used[number] for number, fault in outcomes.items() if not fault}
    sheets = await service.seats.sheets(DISTRICT, survey)
    assert set(told) <= {"", "unknown_code"}
    assert len(sheets) == len(acknowledged)
    assert closed.results is not None
    assert closed.results.suppressed is (len(acknowledged) < 5)
    assert service.counted == len(acknowledged)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == "unknown_code"
    assert await service.seats.sheets(DISTRICT, survey) == sheets


def test_the_seeds_reach_both_sides_of_the_close() -> None:
    """Else the race above would show nothing."""

    async def counted(seed: int) -> int:
        service = Service(seed=seed)
        survey, codes = await opened(service)
        tasks = [
            asyncio.create_task(answer(service, survey, code, hurry=service.random.randrange(30)))
            for code in codes
        ]
        for _ in range(service.random.randrange(40)):
            await asyncio.sleep(0)
        await close(service, survey)
        return (await asyncio.gather(*tasks)).count("")

    counts = {asyncio.run(counted(seed)) for seed in range(40)}
    assert min(counts) < 10 < max(counts)
    assert len(counts) > 5


@pytest.mark.parametrize("place", ["freeze", "sheets", "W1", "W2"])
async def test_a_close_that_died_halfway_is_finished_by_closing_again(place: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    acknowledged = [code for code in codes[:14] if not await answer(service, survey, code, hurry=0)]
    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await close(service, survey, key="k")
    service.before = lambda name: None
    late = await answer(service, survey, codes[15], hurry=0)
    assert late == ("" if place == "freeze" else "unknown_code")
    closed = await close(service, survey, key="k")
    assert closed.state is AdministrationState.CLOSED
    assert service.counted == len(acknowledged) + (late == "")
    assert closed.version == 3


@pytest.mark.parametrize("place", ["prepare", "W1", "W2"])
async def test_an_open_that_died_halfway_is_finished_by_opening_again(place: str) -> None:
    service = Service()
    survey = await scheduled(service)

    async def open_it() -> tuple[Administration, list[str]]:
        who = call("open_administration", key="k", content="f")
        found, codes = await open_administration(service.ports, who, survey, seats=12)
        return found, list(codes)

    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await open_it()
    service.before = lambda name: None
    found, codes = await open_it()
    assert (found.state, found.version, len(codes)) == (AdministrationState.OPEN, 2, 12)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == ""
    await close(service, survey)
    assert service.counted == 12


@pytest.mark.parametrize("seed", range(10))
async def test_two_who_open_at_once_hand_out_one_set_of_codes(seed: int) -> None:
    service = Service(seed=seed)
    survey = await scheduled(service)

    async def open_it(seats: int) -> list[str]:
        try:
            who = call("open_administration")
            return list((await open_administration(service.ports, who, survey, seats=seats))[1])
        except Fault as fault:
            assert fault.code == "not_scheduled"  # noqa: PT017 - one of two is refused
            return []

    codes = [code for each in await asyncio.gather(open_it(12), open_it(20)) for code in each]
    assert len(codes) in (12, 20)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == ""
    closed = await close(service, survey)
    assert (closed.seats, service.counted) == (len(codes), len(codes))
