"""A survey from its draft to its results, over the use cases on memory adapters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from coaching.surveys.v1 import administration_events_pb2
from services.access.districts import District, Districts
from services.chassis.kernel import Kind
from services.chassis.write.documents import Document
from services.chassis.write.loading import Found
from services.chassis.write.memory_documents import MemoryDocuments
from services.surveys.administration.closing import close_administration
from services.surveys.administration.domain import Administration
from services.surveys.administration.lists import list_administrations
from services.surveys.administration.outline import AdministrationState
from services.surveys.administration.resources import administration_resource
from services.surveys.administration.small_n import ItemResult, Results
from services.surveys.instrument.cases import draft_instrument, list_instruments
from tests.support.survey_examples import COACH, DISTRICT, TEACHER
from tests.support.surveys import (
    ADMIN,
    LEADER,
    OTHER_TEACHER,
    POLICIES,
    STRANGER,
    Service,
    call,
    drafting,
    fault,
    open_it,
    opened,
    publish,
    schedule,
    scheduled,
    submit,
)


async def close(service: Service, survey: str, person: str = TEACHER, **more: Any) -> Any:
    who = call("close_administration", person, **more)
    return await close_administration(service.ports, who, survey)


async def get(
    service: Service, survey: str, person: str = TEACHER, district: str = DISTRICT
) -> Administration:
    who = call("get_administration", person, district=district)
    return await service.ports.administrations.get(who, survey)


async def test_a_class_answers_and_its_teacher_sees_the_shares() -> None:
    service = Service()
    survey, codes = await opened(service)
    assert len(set(codes)) == 20  # as many as the class has students
    for number, code in enumerate(codes[:12]):
        await submit(service, survey, code, ("i1", 5 if number < 9 else 1), ("i2", 1))
    closed = await close(service, survey)
    assert closed.state is AdministrationState.CLOSED
    assert closed.results == Results(
        suppressed=False,
        small_n=10,
        n_min=10,
        n_max=14,
        favorable_share=0.5,
        items=(
            ItemResult("i1", 10, 14, 0.75),
            ItemResult("i2", 10, 14, 0.75),
            ItemResult("i3", 10, 14, 0.25),
        ),
    )
    assert await get(service, survey, COACH) == closed


async def test_a_small_class_is_suppressed_unless_the_district_lowers_k() -> None:
    lower = Districts({"north": District(small_n=5)})
    for districts, suppressed in ((Districts(), True), (lower, False)):
        service = Service(districts=districts)
        survey, codes = await opened(service)
        for code in codes[:9]:
            await submit(service, survey, code, ("i1", 5))
        assert (await close(service, survey)).results.suppressed is suppressed


async def test_nobody_learns_how_many_have_answered_while_it_is_open() -> None:
    service = Service()
    survey, codes = await opened(service)
    before = await get(service, survey)
    for code in codes[:15]:
        await submit(service, survey, code, ("i1", 5))
    after = await get(service, survey)
    assert administration_resource(after) == administration_resource(before)
    assert administration_resource(after).expected_n == 20


async def test_neither_codes_nor_secret_nor_answers_are_published_or_shown() -> None:
    service = Service(students=22)
    survey, codes = await opened(service)
    for number, code in enumerate(codes):
        await submit(service, survey, code, ("i1", 1 + number % 5))
    secret = (await service.stored(survey)).secret
    closed = await close(service, survey)
    shown = administration_resource(closed).model_dump_json().encode()
    events = [event for each in await service.documents.pending(100) for event in each.events]
    told = b"".join(event.data for event in events) + shown
    assert {event.type.rpartition(".")[2] for event in events} == {
        "InstrumentDrafted",
        "InstrumentPublished",
        "AdministrationScheduled",
        "AdministrationOpened",
        "AdministrationClosed",
    }
    assert secret not in told
    assert not any(code.encode() in told for code in codes)
    last = next(event for event in events if event.type.endswith("AdministrationClosed"))
    told_of = administration_events_pb2.AdministrationClosed.FromString(last.data).administration
    assert [each.item_id for each in told_of.results.items] == ["i1", "i2", "i3"]


async def test_opening_again_with_the_same_key_gives_the_same_codes() -> None:
    service = Service()
    survey = await scheduled(service)

    _, codes = await open_it(service, survey, key="k1")
    again, repeated = await open_it(service, survey, key="k1")
    assert (repeated, again.version) == (codes, 2)
    reused = open_it(service, survey, key="k1", content="other")
    assert await fault(reused) == (Kind.KEY_REUSED, "idempotency_key_reused")
    await close(service, survey)
    assert (await open_it(service, survey, key="k1"))[1] == ()
    assert await fault(open_it(service, survey, key="k2")) == (Kind.CONFLICT, "not_scheduled")


async def test_a_refused_close_freezes_no_seat() -> None:
    service = Service()
    survey = await scheduled(service)
    _, codes = await open_it(service, survey, 20, key="k1")
    assert await fault(close(service, survey, if_match=1)) == (Kind.STALE, "stale_version")
    assert await fault(close(service, survey, COACH)) == (Kind.NOT_FOUND, "not_found")
    reused = close(service, survey, key="k1", content="g")
    assert await fault(reused) == (Kind.KEY_REUSED, "idempotency_key_reused")
    for code in codes:
        await submit(service, survey, code, ("i1", 5))
    closed = await close(service, survey, key="k2", content="h")
    assert service.counted == 20
    assert await close(service, survey, key="k2", content="h") == closed
    assert await fault(close(service, survey)) == (Kind.CONFLICT, "not_open")


async def test_the_first_answer_with_a_code_counts() -> None:
    service = Service()
    survey, codes = await opened(service)
    for code in codes[:10]:
        await submit(service, survey, code, ("i1", 5), ("i2", 1))
        await submit(service, survey, code.lower(), ("i1", 1))
        await submit(service, survey, code)
    closed = await close(service, survey)
    assert service.counted == 10
    assert [each.favorable_share for each in closed.results.items] == [0.75, 0.75, 0.25]


@pytest.mark.parametrize("answers", [[("i1", 5)], [("x", 1)], [("i1", 9)], [("i1", 1)] * 2, []])
async def test_without_a_code_of_an_open_survey_everything_is_answered_alike(
    answers: list[tuple[str, int]],
) -> None:
    service = Service()
    survey, codes = await opened(service)
    planned, closed = await scheduled(service), (await opened(service))[0]
    await close(service, closed)
    none = "0000-0000-0000"
    for place, code, district in (
        *((survey, code, "north") for code in (none, "7", codes[0] + "0", "canary")),
        *(
            (place, code, "north")
            for place in (planned, closed, "none")
            for code in (none, codes[0])
        ),
        (survey, codes[0], "south"),
    ):
        tried = submit(service, place, code, *answers, district=district)
        assert await fault(tried) == (Kind.NOT_FOUND, "unknown_code")


async def test_the_codes_of_a_closed_survey_open_nothing_whether_they_were_used_or_not() -> None:
    service = Service()
    survey, codes = await opened(service)
    await submit(service, survey, codes[0], ("i1", 5))
    await close(service, survey)
    for code in codes[:2]:
        tried = submit(service, survey, code, ("i1", 5))
        assert await fault(tried) == (Kind.NOT_FOUND, "unknown_code")


async def test_a_wrong_sheet_does_not_use_up_the_code() -> None:
    service = Service()
    survey, codes = await opened(service)
    for wrong in ([("x", 1)], [("i1", 6)], [("i1", 1), ("i1", 1)]):
        assert (await fault(submit(service, survey, codes[0], *wrong)))[0] is Kind.INVALID
    await submit(service, survey, codes[0])


async def test_it_is_scheduled_for_a_class_that_the_teacher_teaches() -> None:
    service = Service()
    instrument = (await publish(service)).id
    assert (await schedule(service, instrument, by=COACH)).teacher == TEACHER
    assert await fault(schedule(service, instrument, class_id="class-9")) == (
        Kind.INVALID,
        "unknown_class",
    )
    assert await fault(schedule(service, "nothing")) == (Kind.INVALID, "unknown_instrument")
    draft = await draft_instrument(service.instruments, call("draft_instrument"), drafting())
    assert await fault(schedule(service, draft.id)) == (Kind.INVALID, "instrument_not_published")


async def test_only_the_teacher_opens_and_closes_and_her_coach_looks_on() -> None:
    service = Service()
    survey = await scheduled(service)
    acts: dict[str, Callable[[str], Awaitable[object]]] = {
        "open": lambda who: open_it(service, survey, person=who),
        "close": lambda who: close(service, survey, who),
        "get": lambda who: get(service, survey, who),
        "list": lambda who: list_administrations(
            service.ports,
            call("list_administrations", who),
            teacher_id=TEACHER,
            after="",
            limit=9,
        ),
        "schedule": lambda who: schedule(service, "nothing", by=who),
    }
    for person in (STRANGER, ADMIN, LEADER, OTHER_TEACHER):
        for name, act in acts.items():
            if (name, person) != ("close", ADMIN):  # see test_survey_trouble.py
                assert await fault(act(person)) == (Kind.NOT_FOUND, "not_found")
    for name in ("open", "close"):
        assert await fault(acts[name](COACH)) == (Kind.NOT_FOUND, "not_found")
    for person in (TEACHER, COACH):
        await acts["get"](person)
        await acts["list"](person)
    await acts["open"](TEACHER)
    await acts["close"](TEACHER)


async def test_another_district_sees_nothing() -> None:
    service = Service()
    instrument = (await publish(service)).id
    survey, _ = await opened(service)
    who = call("get_instrument", district="south")
    read = service.instruments.instruments.get(who, instrument)
    assert await fault(read) == (Kind.NOT_FOUND, "not_found")
    read_survey = get(service, survey, district="south")
    assert await fault(read_survey) == (Kind.NOT_FOUND, "not_found")
    who = call("list_instruments", district="south")
    assert await list_instruments(service.instruments, who, after="", limit=9) == Found([])
    who = call("list_administrations", district="south")
    found = await list_administrations(service.ports, who, teacher_id=TEACHER, after="", limit=9)
    assert found == Found([])


def test_only_to_answer_takes_no_account() -> None:
    found = [name for name, policy in POLICIES.items() if policy.anonymous]
    assert found == ["get_form", "submit_response"]


class CountingDocuments(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        self.reads += 1
        return await super().get(district, kind, id)


async def test_an_answer_costs_one_read_and_one_conditional_write() -> None:
    steps: list[str] = []
    documents = CountingDocuments()
    service = Service(before=steps.append, documents=documents)
    survey, codes = await opened(service)
    steps.clear()
    documents.reads = 0
    await submit(service, survey, codes[0], ("i1", 5))
    assert (documents.reads, steps) == (1, ["answer", "answered"])
