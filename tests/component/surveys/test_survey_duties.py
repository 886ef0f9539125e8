"""Nothing is left of what students said in a survey that is over, whatever died on the way."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from services.chassis.crash_points import Crashed, crashing
from services.chassis.duties.duty import DONE
from services.chassis.kernel import Fault, Kind
from services.surveys.administration.cases import cancel_administration
from services.surveys.administration.domain import Administration
from tests.support.survey_examples import DISTRICT
from tests.support.survey_races import Slow, answer, close, dies_at
from tests.support.surveys import Service, call, open_it, opened, scheduled


@pytest.mark.parametrize("place", ["freeze", "sheets", "W1", "W2", "clear"])
async def test_a_duty_deletes_what_a_close_that_died_after_its_commit_left(place: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    other, _ = await opened(service)
    planned = await scheduled(service)
    await service.seats.prepare(DISTRICT, planned, ["prepared, not opened"])
    for code in codes:
        await answer(service, survey, code, hurry=0)
    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await close(service, survey)
    service.before = lambda name: None
    committed = place in ("W2", "clear")
    for minutes in (0, 9, 1):
        assert service.surveys_with_seats == {survey, other, planned}
        service.clock.forward(minutes=minutes)
        await service.duties()
        assert len(await service.seats.sheets(DISTRICT, survey)) == (0 if committed else 20)
    left = {other, planned} if committed else {survey, other, planned}
    assert service.surveys_with_seats == left


@pytest.mark.parametrize("place", ["W1", "W2", "clear"])
async def test_a_duty_deletes_what_a_cancel_that_died_after_its_commit_left(place: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    assert await answer(service, survey, codes[0], hurry=0) == ""
    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await cancel_administration(service.ports, call("cancel_administration"), survey)
    service.before = lambda name: None
    committed = place in ("W2", "clear")
    await service.duties()
    assert len(await service.seats.sheets(DISTRICT, survey)) == (0 if committed else 1)
    late = await answer(service, survey, codes[1], hurry=0)
    assert late == ("unknown_code" if committed else "")
    service.clock.forward(minutes=11)
    await service.duties()
    assert service.surveys_with_seats == (set() if committed else {survey})


@pytest.mark.parametrize("dies", [False, True])
async def test_seats_that_are_made_for_a_survey_that_was_cancelled_meanwhile_do_not_stay(
    dies: bool,
) -> None:
    service = Service()
    survey = await scheduled(service)
    slow: Any = Slow(service.ports.seats, "prepare")
    with crashing(dies_at("prepared") if dies else lambda name: None):
        opening = asyncio.create_task(open_it(service, survey, 12, kept=slow))
    await slow.reached.wait()
    await cancel_administration(service.ports, call("cancel_administration"), survey)
    service.clock.forward(minutes=9)
    await service.duties()
    slow.go.set()
    with pytest.raises(Crashed if dies else Fault):
        await opening
    assert service.surveys_with_seats == {survey}
    service.clock.forward(minutes=2)
    await service.duties()
    assert service.surveys_with_seats == set()


@pytest.mark.parametrize("place", ["D1", "W1", "W2", "remove", "D2"])
async def test_a_duty_that_died_halfway_is_finished_by_the_next(place: str) -> None:
    """The survey is sealed once, and says why."""
    service = Service()
    survey, codes = await opened(service)
    assert await answer(service, survey, codes[0], hurry=0) == ""
    await close(service, survey)
    service.clock.forward(hours=1, seconds=1)
    service.before = dies_at(place)
    with pytest.raises(Crashed), crashing(dies_at(place)):
        await service.duties()
    service.before = lambda name: None
    await service.duties()  # it is taken: nobody else begins it meanwhile
    assert service.surveys_with_seats == (set() if place == "D2" else {survey})
    service.clock.forward(seconds=30)
    await service.duties()
    assert service.surveys_with_seats == set()
    assert [todo.tries for todo in await service.due.todos.list([DONE])] == [2]
    told = [dict(record.headers) for record in service.due.log.all("coaching.surveys.v1")]
    sealed = [each for each in told if each["ce_type"].endswith(b"AdministrationSealed")]
    assert [each["ce_causationid"] for each in sealed] == [f"{survey}:3".encode()]


async def test_a_survey_that_cannot_be_deleted_is_seen_and_keeps_no_other_from_it() -> None:
    service = Service()
    surveys = [(await opened(service))[0], (await opened(service))[0]]
    for survey in surveys:
        await close(service, survey)
    change = service.ports.path.change

    async def broken(call: Any, id: str, act: Any) -> Any:
        if id == surveys[0]:
            raise Fault(Kind.TOO_LARGE, "state_too_large")
        return await change(call, id, act)

    service.clock.forward(hours=2)
    with patch.object(service.ports.path, "change", broken):
        await service.duties()
    assert service.surveys_with_seats == {surveys[0]}
    (failed,) = await service.due.todos.list()
    assert (failed.aggregate, failed.error, failed.tries) == (surveys[0], "state_too_large", 1)
    service.clock.forward(seconds=5)
    await service.duties()
    assert service.surveys_with_seats == set()


async def test_a_survey_that_is_not_there_is_seen_and_its_seats_are_left_alone() -> None:
    """As it may be in a database that was restored."""
    service = Service()
    survey, _ = await opened(service)
    await close(service, survey)
    await service.duties()
    del service.documents._stored[survey]
    service.clock.forward(hours=2)
    await service.duties()
    assert service.surveys_with_seats == {survey}
    assert [todo.error for todo in await service.due.todos.list()] == ["not_found"]


async def test_of_a_survey_that_was_closed_again_the_answers_stay_for_another_hour() -> None:
    """Any of its duties deletes them then, and none before."""
    service = Service()
    survey, codes = await opened(service)
    for code in codes[:9]:
        assert await answer(service, survey, code, hurry=0) == ""
    await close(service, survey)
    service.clock.forward(minutes=40)
    held, who = service.ports.administrations, call("reopen_administration")
    await held.move(who, survey, Administration.reopen)
    await close(service, survey)
    await service.duties()
    newest = max(await service.due.todos.list(), key=lambda todo: todo.due)
    assert await service.due.todos.give_up(newest.id, by="ana@north")
    service.clock.forward(minutes=59)
    await service.duties()
    assert len(await service.seats.sheets(DISTRICT, survey)) == 9
    service.clock.forward(minutes=2)
    await service.duties()
    assert service.surveys_with_seats == set()
