"""A survey when something goes wrong: lost codes, one student more, a teacher who is away, and
what was opened, closed or planned by mistake. No way on tells what a child has answered."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from coaching.surveys.v1 import administration_pb2 as pb
from coaching.surveys.v1 import instrument_pb2
from services.access.policy import Policy
from services.chassis.edge.operation import Operation
from services.chassis.kernel import Fault, Kind
from services.surveys.administration.cases import cancel_administration
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.administration.lists import (
    list_administrations,
    list_open_administrations,
)
from services.surveys.administration.operations import OPERATIONS
from services.surveys.administration.outline import AdministrationOutline, AdministrationState
from services.surveys.instrument.cases import (
    draft_instrument,
    list_instruments,
    withdraw_instrument,
)
from services.surveys.instrument.domain import Instrument, InstrumentState
from tests.support.edges import as_
from tests.support.survey_doors import V1, post, responses, rest, rpc
from tests.support.survey_examples import AGREE, CLASS, COACH, ITEMS, TEACHER
from tests.support.surveys import (
    ADMIN,
    LEADER,
    OTHER_TEACHER,
    POLICIES,
    STRANGER,
    SUBSTITUTE,
    Service,
    call,
    drafting,
    fault,
    open_it,
    opened,
    scheduled,
    submit,
)


async def close(service: Service, survey: str, person: str = TEACHER) -> AdministrationOutline:
    who = call("close_administration", person)
    return await close_administration(service.ports, who, survey)


async def reopen(service: Service, survey: str, person: str = TEACHER) -> Administration:
    who = call("reopen_administration", person)
    held = service.ports.administrations
    return await held.move(who, survey, Administration.reopen)


async def cancel(service: Service, survey: str, person: str = TEACHER) -> Administration:
    who = call("cancel_administration", person)
    return await cancel_administration(service.ports, who, survey)


async def listed(service: Service, *, cancelled: bool = False, limit: int = 9) -> list[str]:
    who = call("list_administrations")
    found = await list_administrations(
        service.ports, who, teacher_id=TEACHER, taken_back=cancelled, after="", limit=limit
    )
    return [each.id for each in found.items]


async def answered(service: Service, survey: str, codes: Sequence[str]) -> None:
    for code in codes:
        await submit(service, survey, code, ("i1", 5))


# codes


async def test_the_teacher_gets_the_codes_of_her_open_survey_again() -> None:
    service = Service()
    survey, codes = await opened(service)
    again, same = await open_it(service, survey)
    assert (same, again.version) == (codes, 2)
    for person in (COACH, SUBSTITUTE, ADMIN):
        assert await fault(open_it(service, survey, person=person)) == (
            Kind.NOT_FOUND,
            "not_found",
        )
    await close(service, survey)
    assert await fault(open_it(service, survey)) == (Kind.CONFLICT, "not_scheduled")


async def test_students_who_joined_get_codes_and_the_others_keep_theirs() -> None:
    service = Service()
    survey, codes = await opened(service, seats=18)
    await answered(service, survey, codes)
    more, every = await open_it(service, survey, 20)
    assert (more.seats, len(every), set(codes) < set(every)) == (20, 20, True)
    assert await open_it(service, survey, 12) == (more, every)
    await answered(service, survey, every)
    assert len((await open_it(service, survey, 21))[1]) == 21  # she is not in the roster yet
    refused = await fault(open_it(service, survey, 22))
    assert refused == (Kind.INVALID, "number_of_seats")
    service.roster.change(TEACHER, classes={CLASS: 21})
    assert len((await open_it(service, survey, 22))[1]) == 22
    await close(service, survey)
    assert service.counted == 20


async def test_a_class_that_is_no_longer_hers_gets_no_codes_and_keeps_those_it_has() -> None:
    service = Service()
    survey, codes = await opened(service, seats=12)
    service.roster.change(TEACHER, classes={})
    assert await fault(open_it(service, survey, 13)) == (Kind.CONFLICT, "class_not_taught")
    assert (await open_it(service, survey))[1] == codes


# a teacher who is away


@pytest.mark.parametrize("person", [SUBSTITUTE, ADMIN])
async def test_who_teaches_the_class_today_or_the_district_can_close_it(person: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    await answered(service, survey, codes)
    service.roster.change(TEACHER, active=False, classes={})
    assert await fault(close(service, survey)) == (Kind.FORBIDDEN, "unknown_person")
    closed = await close(service, survey, person)
    assert closed.state is AdministrationState.CLOSED
    assert (await service.stored(survey)).history[-1].by == person


async def test_nobody_else_closes_it() -> None:
    service = Service()
    survey, _ = await opened(service)
    service.roster.change(SUBSTITUTE, classes={"another": 20})
    for person in (COACH, STRANGER, LEADER, OTHER_TEACHER, SUBSTITUTE):
        assert await fault(close(service, survey, person)) == (Kind.NOT_FOUND, "not_found")
    for act in (reopen, cancel):
        for person in (SUBSTITUTE, ADMIN):
            assert await fault(act(service, survey, person)) == (Kind.NOT_FOUND, "not_found")


OF_ONE = [each for each in OPERATIONS.operations if "{administration_id}" in each.path]


@pytest.mark.parametrize("operation", OF_ONE, ids=lambda each: each.name)
async def test_who_teaches_the_class_too_closes_her_survey_and_does_nothing_else_with_it(
    operation: Operation[Any, Policy],
) -> None:
    """And a policy that lets her in is noticed."""
    service = Service()
    survey, _ = await opened(service)
    asked = operation.asked.model.model_validate({"path": {"administration_id": survey}})

    async def told() -> str:
        who = call(operation.name, SUBSTITUTE)
        try:
            await operation.run(service.ports, who, asked)
        except Fault as refused:
            return refused.code
        return ""

    closes = operation.name == "close_administration"
    assert (await told() != "not_found") is closes
    widened = {operation.name: replace(operation.policy, party=True)}
    with patch.dict(POLICIES, widened):
        assert await told() != "not_found"


async def test_who_may_have_to_close_a_survey_finds_it() -> None:
    service = Service()
    survey, _ = await opened(service)
    await scheduled(service)

    async def found_by(person: str, class_id: str = CLASS) -> list[str]:
        who = call("list_open_administrations", person)
        found = await list_open_administrations(
            service.ports, who, class_id=class_id, after="", limit=9
        )
        return [each.id for each in found.items]

    for person in (SUBSTITUTE, ADMIN, TEACHER):
        assert await found_by(person) == [survey]
    for person in (COACH, STRANGER, LEADER, OTHER_TEACHER):
        assert await fault(found_by(person)) == (Kind.FORBIDDEN, "forbidden")
        assert await fault(found_by(person, "none")) == (Kind.FORBIDDEN, "forbidden")
    await close(service, survey, SUBSTITUTE)
    assert await found_by(SUBSTITUTE) == []


@pytest.mark.parametrize("person", [SUBSTITUTE, ADMIN])
async def test_who_closes_it_in_her_place_sees_no_results_and_she_does(person: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    async with rest(service) as client:
        for code in codes:
            answers = [{"item_id": each, "value": 1} for each in ("i1", "i2", "i3")]
            body = {"code": code, "answers": answers}
            assert (await client.post(responses(survey), json=body)).status_code == 204
        path = f"{V1}/classes/{CLASS}/open-administrations"
        listed = (await client.get(path, headers=as_(person))).json()["administrations"]
        closed = await post(client, f"/administrations/{survey}/close", person)
        for shown in (*listed, closed):
            assert (shown["results"], shown["history"]) == (None, [])
            assert shown["reopenable_until"] is None
        path = f"{V1}/administrations/{survey}"
        assert (await client.get(path, headers=as_(person))).status_code == 404
        for owner in (TEACHER, COACH):
            seen = (await client.get(path, headers=as_(owner))).json()
            assert seen["results"]["n_min"] == 20
            assert [each["by_id"] for each in seen["history"]] == [TEACHER, TEACHER, person]


# mistakes


async def test_what_was_closed_by_mistake_goes_on_with_its_codes_and_answers() -> None:
    service = Service()
    survey, codes = await opened(service)
    await answered(service, survey, codes[:9])
    closed = await close(service, survey)
    assert closed.results is not None
    assert closed.results.suppressed
    service.clock.forward(minutes=60)
    await service.duties()
    assert (await reopen(service, survey)).state is AdministrationState.OPEN
    assert (await open_it(service, survey))[1] == codes
    await answered(service, survey, codes)
    closed = await close(service, survey)
    assert service.counted == 20
    assert await service.seats.sheets("north", survey) == []
    assert await fault(reopen(service, survey)) == (Kind.CONFLICT, "results_released")


async def test_after_an_hour_a_close_stays_and_the_answers_are_deleted() -> None:
    service = Service()
    survey, codes = await opened(service)
    await answered(service, survey, codes[:9])
    await close(service, survey)
    service.clock.forward(minutes=60, seconds=1)
    assert await fault(reopen(service, survey)) == (Kind.CONFLICT, "too_late")
    await service.duties()
    assert service.surveys_with_seats == set()
    stored = await service.stored(survey)
    assert (stored.secret, stored.history[-1].what, stored.version) == (b"", "sealed", 4)


@pytest.mark.parametrize("state", ["scheduled", "open", "closed"])
async def test_what_should_not_have_been_is_gone_with_its_answers(state: str) -> None:
    service = Service()
    survey, codes = (
        (await scheduled(service), ()) if state == "scheduled" else await opened(service)
    )
    other = await scheduled(service)
    await answered(service, survey, codes[:9])
    if state == "closed":
        await close(service, survey)
    assert (await cancel(service, survey)).state is AdministrationState.CANCELLED
    assert await service.seats.sheets("north", survey) == []
    assert await listed(service) == [other]
    assert sorted(await listed(service, cancelled=True)) == sorted([survey, other])
    for act in (open_it, close, reopen, cancel):
        assert (await fault(act(service, survey)))[0] is Kind.CONFLICT
    for code in codes[:1]:
        tried = submit(service, survey, code, ("i1", 5))
        assert await fault(tried) == (Kind.NOT_FOUND, "unknown_code")


async def test_results_that_were_shown_stay() -> None:
    service = Service()
    survey, codes = await opened(service)
    await answered(service, survey, codes)
    await close(service, survey)
    assert await fault(cancel(service, survey)) == (Kind.CONFLICT, "results_released")
    assert await listed(service) == [survey]


async def test_every_survey_that_was_not_cancelled_is_on_one_page() -> None:
    service = Service()
    surveys = sorted([await scheduled(service) for _ in range(8)])
    for survey in (*surveys[:2], *surveys[3:6]):
        await cancel(service, survey)
    found: list[str] = []
    after = ""
    for _ in surveys:
        page = await list_administrations(
            service.ports, call("list_administrations"), teacher_id=TEACHER, after=after, limit=1
        )
        found += [each.id for each in page.items]
        after = page.after
        if not after:
            break
    assert (sorted(found), after) == ([surveys[2], *surveys[6:]], "")


async def test_who_planned_a_survey_takes_it_back_before_it_is_open() -> None:
    service = Service()
    mine, planned = await scheduled(service), await scheduled(service, by=COACH)
    assert await fault(cancel(service, mine, COACH)) == (Kind.FORBIDDEN, "teacher_only")
    await cancel(service, planned, COACH)
    assert await listed(service) == [mine]


async def test_a_draft_of_a_measure_is_taken_back_by_who_brought_it_in() -> None:
    service = Service()

    asked = drafting((AGREE,), ITEMS[:1])
    made = await draft_instrument(service.instruments, call("draft_instrument", COACH), asked)

    def withdraw(person: str) -> Awaitable[Instrument]:
        who = call("withdraw_instrument", person)
        return withdraw_instrument(service.instruments, who, made.id)

    assert await fault(withdraw(TEACHER)) == (Kind.FORBIDDEN, "author_only")
    assert (await withdraw(COACH)).state is InstrumentState.WITHDRAWN
    assert await fault(withdraw(COACH)) == (Kind.CONFLICT, "not_draft")
    for taken_back, shown in ((False, []), (True, [made.id])):
        found = await list_instruments(
            service.instruments, call("list_instruments"), taken_back=taken_back, after="", limit=9
        )
        assert [each.id for each in found.items] == shown


async def test_it_is_so_over_grpc_too() -> None:
    service = Service()
    survey, codes = await opened(service)
    await answered(service, survey, codes[:9])
    her, substitute = ((("authorization", f"Bearer {person}"),) for person in (TEACHER, SUBSTITUTE))
    async with rpc(service) as stub:
        asked = pb.ListOpenAdministrationsRequest(class_id=CLASS)
        (found,) = (await stub.ListOpenAdministrations(asked, metadata=substitute)).administrations
        assert (found.administration_id, len(found.history)) == (survey, 0)
        one: dict[str, Any] = {"administration_id": survey}
        closed = await stub.CloseAdministration(
            pb.ChangeAdministrationRequest(**one), metadata=substitute
        )
        assert not closed.HasField("results")
        seen = await stub.GetAdministration(pb.GetAdministrationRequest(**one), metadata=her)
        assert seen.results.suppressed
        assert [each.by_id for each in seen.history] == [TEACHER, TEACHER, SUBSTITUTE]
        assert seen.reopenable_until.ToSeconds() - seen.closed_at.seconds == 3600
        reopened = await stub.ReopenAdministration(
            pb.ChangeAdministrationRequest(**one), metadata=her
        )
        assert not reopened.HasField("closed_at")
        again = pb.OpenAdministrationRequest(seats=20, **one)
        assert len((await stub.OpenAdministration(again, metadata=her)).codes) == 20
        cancelled = await stub.CancelAdministration(
            pb.ChangeAdministrationRequest(**one), metadata=her
        )
        assert cancelled.HasField("cancelled_at")
        every = pb.ListAdministrationsRequest(teacher_id=TEACHER)
        assert not (await stub.ListAdministrations(every, metadata=her)).administrations
        every.taken_back = True
        assert len((await stub.ListAdministrations(every, metadata=her)).administrations) == 1
        draft = instrument_pb2.DraftInstrumentRequest(
            title="x", validation_status="local", license="l"
        )
        draft.scales.add(
            scale_id="z", kind="numeric", values=[0, 1], labels=["n", "y"], favorable_from=1
        )
        draft.items.add(
            item_id="i", text="?", construct_id="c", source="s", license="l", scale_id="z"
        )
        made = await stub.DraftInstrument(draft, metadata=her)
        assert made.drafted_by_id == TEACHER
        gone = instrument_pb2.ChangeInstrumentRequest(instrument_id=made.instrument_id)
        withdrawn = await stub.WithdrawInstrument(gone, metadata=her)
        assert withdrawn.state == 3
