"""A published instrument is forked, edited and retired: what was asked before stays comparable with
what is asked now as far as both say so."""

from __future__ import annotations

from typing import Any

from services.access.policy import widened
from services.chassis.call import Call, Principal
from services.chassis.kernel import Kind
from services.surveys.administration.closing import close_administration
from services.surveys.administration.form import get_form
from services.surveys.administration.lists import get_administration
from services.surveys.instrument.bodies import EditInstrument, ForkInstrument, JudgeInstrument
from services.surveys.instrument.cases import (
    draft_instrument,
    edit_instrument,
    fork_instrument,
    get_instrument_changes,
    judge_instrument,
    publish_instrument,
    retire_instrument,
)
from services.surveys.instrument.domain import Instrument, ValidationStatus
from tests.support.survey_examples import COACH, DISTRICT, ITEMS, TEACHER
from tests.support.surveys import (
    Service,
    call,
    drafting,
    fault,
    open_it,
    publish,
    schedule,
    submit,
)


async def forked(service: Service, parent: str, *, by: str = COACH, key: str = "") -> Instrument:
    asked = ForkInstrument(parent_id=parent)
    return await fork_instrument(service.instruments, call("fork_instrument", by, key=key), asked)


async def edited(service: Service, fork: Instrument, by: str = COACH, **more: Any) -> Instrument:
    asked = EditInstrument(**{**drafting().model_dump(), **more})
    who = call("edit_instrument", by, if_match=fork.version)
    return await edit_instrument(service.instruments, who, fork.id, asked)


async def published(service: Service, fork: Instrument) -> Instrument:
    who = call("publish_instrument", COACH, if_match=fork.version)
    return await publish_instrument(service.instruments, who, fork.id)


def in_other_words() -> list[dict[str, Any]]:
    items = [each.model_dump() for each in drafting().items]
    items[0]["text"] = "I belong in this class."
    return items


async def test_a_fork_begins_as_a_copy_that_may_be_joined_with_its_parent() -> None:
    service = Service()
    parent = await publish(service)
    fork = await forked(service, parent.id)
    assert (fork.says, fork.drafted_by, fork.parent) == (parent.says, COACH, parent.id)
    assert (fork.series, fork.comparable, fork.fixed) == (parent.id, True, False)
    first = await schedule(service, parent.id)
    again = await schedule(service, (await published(service, fork)).id)
    assert (first.series, again.series) == (parent.id, parent.id)


async def test_the_same_fork_asked_again_is_the_same_one() -> None:
    service = Service()
    parent = await publish(service)
    once, twice = [await forked(service, parent.id, key="k") for _ in range(2)]
    assert once.id == twice.id


async def test_what_is_reworded_is_another_series_unless_a_person_says_why_not() -> None:
    service = Service()
    parent = await publish(service)
    fork = await edited(service, await forked(service, parent.id), items=in_other_words())
    who = call("get_instrument_changes", TEACHER)
    found = (await get_instrument_changes(service.instruments, who, fork.id)).changes
    assert found is not None
    assert [(each.item_id, each.before) for each in found.reworded] == [("i1", ITEMS[0].text)]
    assert (fork.comparable, fork.series) == (False, fork.id)
    said = JudgeInstrument(comparable=True, reason="The same in plainer words")
    for by, refusal in ((TEACHER, (Kind.FORBIDDEN, "author_only")), (COACH, None)):
        who = call("judge_instrument", by, if_match=fork.version)
        act = judge_instrument(service.instruments, who, fork.id, said)
        if refusal:
            assert await fault(act) == refusal
        else:
            assert (await act).series == parent.id


async def test_what_another_may_have_edited_is_settled_only_by_who_has_read_it() -> None:
    service = Service()
    fork = await edited(service, await forked(service, (await publish(service)).id), title="Once")
    judged = JudgeInstrument(comparable=True, reason="r")
    for attempt in (
        publish_instrument(service.instruments, call("publish_instrument", COACH), fork.id),
        judge_instrument(service.instruments, call("judge_instrument", COACH), fork.id, judged),
    ):
        assert await fault(attempt) == (Kind.INVALID, "precondition_required")
    assert (await published(service, fork)).title == "Once"


async def test_an_edit_goes_by_the_version_that_was_seen() -> None:
    service = Service()
    fork = await forked(service, (await publish(service)).id)
    await edited(service, fork, title="Once")
    assert await fault(edited(service, fork, title="Twice")) == (Kind.STALE, "stale_version")


async def test_only_what_is_published_is_forked_and_never_another_districts() -> None:
    service = Service()
    draft = await draft_instrument(service.instruments, call("draft_instrument"), drafting())
    unknown = (Kind.INVALID, "unknown_instrument")
    assert await fault(forked(service, draft.id)) == unknown
    assert await fault(forked(service, "nothing")) == unknown
    parent = await publish(service)
    abroad = call("fork_instrument", COACH, district="south")
    asked = ForkInstrument(parent_id=parent.id)
    assert await fault(fork_instrument(service.instruments, abroad, asked)) == unknown


async def test_what_was_validated_is_an_adaptation_once_it_is_forked() -> None:
    service = Service()
    asked = drafting().model_copy(
        update={
            "validation_status": ValidationStatus.VALIDATED,
            "validation_evidence": "A study",
        }
    )
    made = await draft_instrument(service.instruments, call("draft_instrument"), asked)
    await publish_instrument(service.instruments, call("publish_instrument"), made.id)
    fork = await forked(service, made.id)
    assert fork.validation_status is ValidationStatus.ADAPTED_UNVALIDATED
    assert fork.validation_evidence == ""
    survey = await schedule(service, made.id)
    assert survey.validation_status == "validated"


async def test_a_survey_that_was_planned_goes_on_once_its_instrument_is_retired() -> None:
    service = Service()
    parent = await publish(service)
    planned = await schedule(service, parent.id)
    who = call("retire_instrument")
    await retire_instrument(service.instruments, who, parent.id)
    assert await fault(schedule(service, parent.id)) == (Kind.INVALID, "instrument_retired")
    _, codes = await open_it(service, planned.id)
    for code in codes:
        await submit(service, planned.id, code, ("i1", 5))
    asked = await get_form(service.ports, call("get_form", ""), planned.id)
    assert asked.asked.title == parent.title
    who = call("close_administration")
    closed = await close_administration(service.ports, who, planned.id)
    assert closed.results is not None
    assert not closed.results.suppressed
    assert (await forked(service, parent.id)).parent == parent.id


def expert(operation: str, if_match: int | None = None) -> Call:
    """A partner's program with `surveys.author`."""
    scopes = widened(frozenset({"surveys.author"}))
    who = Principal(DISTRICT, partner="expert", scopes=scopes)
    return Call(operation, who, key="", fingerprint="", if_match=if_match)


async def test_a_measurement_expert_words_a_draft_and_neither_publishes_it_nor_sees_results() -> (
    None
):
    service = Service()
    parent = await publish(service)
    fork = await forked(service, parent.id)
    asked = EditInstrument(**{**drafting().model_dump(), "items": in_other_words()})
    act = edit_instrument(service.instruments, expert("edit_instrument", 1), fork.id, asked)
    worded = await act
    assert (worded.items[0].text, worded.drafted_by) == ("I belong in this class.", COACH)
    act = edit_instrument(service.instruments, expert("edit_instrument", 1), parent.id, asked)
    assert (await fault(act))[0] in (Kind.CONFLICT, Kind.STALE)
    survey = await schedule(service, parent.id)
    said = JudgeInstrument(comparable=True, reason="r")
    refused = (Kind.FORBIDDEN, "forbidden")
    for attempt in (
        publish_instrument(service.instruments, expert("publish_instrument"), fork.id),
        judge_instrument(service.instruments, expert("judge_instrument"), fork.id, said),
        retire_instrument(service.instruments, expert("retire_instrument"), parent.id),
    ):
        assert await fault(attempt) == refused
    read = get_administration(service.ports, expert("get_administration"), survey.id)
    assert await fault(read) == (Kind.FORBIDDEN, "scope_missing")
