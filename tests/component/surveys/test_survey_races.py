"""Answers race a close, and processes die between the steps: what was acknowledged counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.access.districts import District, Districts
from services.chassis.crash_points import Crashed, crashing
from services.chassis.kernel import Fault
from services.surveys.administration.cases import cancel_administration, submit_response
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.administration.outline import AdministrationOutline, AdministrationState
from services.surveys.administration.seats import Seats
from services.surveys.administration.small_n import Sheet
from tests.support.survey_examples import DISTRICT
from tests.support.survey_races import Slow, answer, close, dies_at
from tests.support.surveys import Service, call, open_it, opened, scheduled, submit


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
    assert set(told) <= {"", "unknown_code"}
    assert closed.results is not None
    assert closed.results.suppressed is (len(acknowledged) < 5)
    assert service.counted == len(acknowledged)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == "unknown_code"
    # what was not released can be opened again: its sheets are still there
    left = len(await service.seats.sheets(DISTRICT, survey))
    assert left == (len(acknowledged) if closed.results.suppressed else 0)


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


@pytest.mark.parametrize("place", ["freeze", "sheets", "W1", "W2", "clear"])
async def test_a_close_that_died_halfway_is_finished_by_closing_again(place: str) -> None:
    """Nothing is deleted before the results are stored."""
    service = Service()
    survey, codes = await opened(service)
    acknowledged = [code for code in codes[:14] if not await answer(service, survey, code, hurry=0)]
    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await close(service, survey, key="k")
    service.before = lambda name: None
    assert len(await service.seats.sheets(DISTRICT, survey)) == 14
    late = await answer(service, survey, codes[15], hurry=0)
    assert late == ("" if place == "freeze" else "unknown_code")
    closed = await close(service, survey, key="k")
    assert closed.state is AdministrationState.CLOSED
    assert service.counted == len(acknowledged) + (late == "")
    assert closed.version == 3
    assert await service.seats.sheets(DISTRICT, survey) == []


class Held:
    """Seats whose first reading of the sheets is held until `go`."""

    def __init__(self, inner: Seats) -> None:
        self._inner = inner
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self.counted = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        found = await self._inner.sheets(district, administration)
        self.reached.set()
        await self.go.wait()
        self.counted = len(found)
        return found


@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("overtaken", ["by a close that is taken back", "by more codes"])
async def test_a_close_that_was_overtaken_counts_anew(overtaken: str, seen: bool) -> None:
    """What was acknowledged meanwhile is not in the sheets that it has read. Who has `seen` a
    version closes what has more codes since, and not what was closed and opened again."""
    service = Service()
    survey, codes = await opened(service, seats=18)
    for code in codes[:9]:
        await submit(service, survey, code, ("i1", 5))
    seats: Any = Held(service.ports.seats)
    who = call("close_administration")
    who.if_match = (await service.stored(survey)).version if seen else None
    slow = asyncio.create_task(
        close_administration(replace(service.ports, seats=seats), who, survey)
    )
    await seats.reached.wait()
    filled, spare = set(codes[:9]), ""
    if overtaken == "by more codes":
        _, codes = await open_it(service, survey, 20)
    else:
        *codes, spare = codes
        await close(service, survey)
        again = call("reopen_administration")
        await service.ports.administrations.move(again, survey, Administration.reopen)
    taken = {code for code in codes if not await answer(service, survey, code, hurry=0)}
    assert len(taken - filled) >= 2
    seats.go.set()
    if seen and overtaken != "by more codes":
        with pytest.raises(Fault, match="stale_version"):
            await slow
        assert (await service.stored(survey)).state is AdministrationState.OPEN
        assert await answer(service, survey, spare, hurry=0) == ""
        return
    assert (await slow).state is AdministrationState.CLOSED
    assert seats.counted == len(filled | taken)


@pytest.mark.parametrize("minutes", [None, 0, 9])  # until its duty is done
@pytest.mark.parametrize("ended_by", [close_administration, cancel_administration])
async def test_what_was_overtaken_by_the_end_of_a_survey_is_refused(
    ended_by: Callable[..., Any], minutes: int | None
) -> None:
    """Two calls read that it is open; it ends; then the one makes seats, and the other answers."""
    service = Service()
    survey, codes = await opened(service, seats=12)
    for code in codes[1:]:
        assert await answer(service, survey, code, hurry=0) == ""
    slow: dict[str, Any] = {name: Slow(service.ports.seats, name) for name in ("prepare", "answer")}
    opening = asyncio.create_task(open_it(service, survey, 20, kept=slow["prepare"]))
    ports, who = replace(service.ports, seats=slow["answer"]), call("submit_response", "")
    answering = asyncio.create_task(submit_response(ports, who, survey, code=codes[0], answers=()))
    for each in slow.values():
        await each.reached.wait()
    await ended_by(service.ports, call(ended_by.__name__), survey)
    if minutes is not None:
        service.clock.forward(minutes=minutes)
        await service.duties()
    slow["prepare"].go.set()
    with pytest.raises(Fault, match="not_scheduled"):
        await opening
    slow["answer"].go.set()
    with pytest.raises(Fault, match="unknown_code"):
        await answering
    assert await service.seats.sheets(DISTRICT, survey) == []
    service.clock.forward(minutes=11)
    await service.duties()
    assert service.surveys_with_seats == set()


@pytest.mark.parametrize("seed", range(20))
async def test_codes_that_are_added_while_it_is_closed_lose_no_answer(seed: int) -> None:
    service = Service(seed=seed)
    survey, _ = await opened(service, seats=12)
    acknowledged = set()

    async def join(seats: int) -> None:
        try:
            _, more = await open_it(service, survey, seats)
        except Fault as refused:
            if refused.code != "not_scheduled":  # it was closed before
                raise
            return
        for code in more:
            if not await answer(service, survey, code, hurry=service.random.randrange(9)):
                acknowledged.add(code)

    async def close_soon() -> AdministrationOutline:
        for _ in range(service.random.randrange(150)):
            await asyncio.sleep(0)
        return await close(service, survey)

    *_, closed = await asyncio.gather(join(14), join(17), join(20), close_soon())
    assert service.counted == len(acknowledged)
    assert closed.results is not None
    assert closed.results.suppressed is (len(acknowledged) < 10)


@pytest.mark.parametrize("place", ["prepare", "W1", "W2"])
async def test_an_open_that_died_halfway_is_finished_by_opening_again(place: str) -> None:
    service = Service()
    survey = await scheduled(service)

    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await open_it(service, survey, 12, key="k")
    service.before = lambda name: None
    found, codes = await open_it(service, survey, 12, key="k")
    assert (found.state, found.version, len(codes)) == (AdministrationState.OPEN, 2, 12)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == ""
    await close(service, survey)
    assert service.counted == 12


@pytest.mark.parametrize("seed", range(10))
async def test_two_who_open_at_once_hand_out_one_set_of_codes(seed: int) -> None:
    service = Service(seed=seed)
    survey = await scheduled(service)
    both = open_it(service, survey, 12), open_it(service, survey, 20)
    (_, few), (_, codes) = await asyncio.gather(*both)
    assert (len(few), len(codes)) in ((12, 20), (20, 20))
    assert set(few) <= set(codes)
    for code in codes:
        assert await answer(service, survey, code, hurry=0) == ""
    closed = await close(service, survey)
    assert (closed.seats, service.counted) == (len(codes), len(codes))
