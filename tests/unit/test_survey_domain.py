"""Instruments stay as published; administrations go one way; codes tell nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from services.chassis.kernel import Fault, Kind
from services.surveys.administration.codes import codes_of, is_code, seat_of
from services.surveys.administration.domain import Administration, asked_of, seats_for
from services.surveys.administration.outline import (
    MOST_CLOSES_BY_OTHERS,
    MOST_REOPENINGS,
    AdministrationEvent,
    AdministrationState,
)
from services.surveys.administration.small_n import Results
from services.surveys.instrument.domain import Item, Scale, ScaleKind
from services.surveys.instrument.outline import InstrumentEvent
from tests.support.clocks import START
from tests.support.survey_examples import (
    AGREE,
    COACH,
    FACES,
    ITEMS,
    TEACHER,
    administration,
    instrument,
    published_instrument,
)

SUPPRESSED = Results(suppressed=True, small_n=10)
RELEASED = Results(suppressed=False, small_n=10)
HOUR = timedelta(hours=1)
NOT_HERS = (Kind.FORBIDDEN, "teacher_only")


def fault(act: Callable[[], object]) -> tuple[Kind, str, str]:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind, caught.value.code, caught.value.place


def opened(seats: int = 3) -> Administration:
    found = administration()
    found.take_event()
    found.open(seats, TEACHER, START)
    assert found.take_event() is AdministrationEvent.OPENED
    return found


def test_an_instrument_is_published_once() -> None:
    new = instrument()
    assert new.drafted().take_event() is InstrumentEvent.DRAFTED
    new.publish(new.drafted_by)
    assert new.take_event() is InstrumentEvent.PUBLISHED
    assert fault(partial(new.publish, COACH))[:2] == (Kind.CONFLICT, "not_draft")
    assert new.constructs == ("belonging", "math-confidence")


@pytest.mark.parametrize(
    ("scale", "code", "field"),
    [
        (replace(AGREE, values=(1,), labels=("a",)), "number_of_points", "values"),
        (
            replace(AGREE, values=tuple(range(12)), labels=("a",) * 12),
            "number_of_points",
            "values",
        ),
        (replace(AGREE, values=(1, 3, 2, 4, 5)), "values_not_rising", "values"),
        (replace(AGREE, values=(1, 2, 2, 4, 5)), "values_not_rising", "values"),
        (replace(AGREE, labels=("a", "b")), "number_of_labels", "labels"),
        (replace(AGREE, labels=("a", "b", " ", "d", "e")), "empty_label", "labels"),
        (replace(AGREE, favorable_from=1), "favorable_from", "favorable_from"),
        (replace(AGREE, favorable_from=9), "favorable_from", "favorable_from"),
        (
            replace(AGREE, kind=ScaleKind.EMOJI, labels=("1", "2", "3", "4", "\N{GRINNING FACE}")),
            "no_alt_text",
            "labels",
        ),
    ],
)
def test_a_scale_that_does_not_fit_is_refused_by_place(scale: Scale, code: str, field: str) -> None:
    new = instrument(scales=(FACES, replace(scale, id="agree")))
    assert fault(new.drafted) == (Kind.INVALID, code, f"/scales/1/{field}")


@pytest.mark.parametrize(
    ("items", "code", "place"),
    [
        ((), "number_of_items", "/items"),
        (tuple(replace(ITEMS[0], id=f"i{n}") for n in range(51)), "number_of_items", "/items"),
        ((ITEMS[0], ITEMS[0]), "repeated_id", "/items/1/item_id"),
        ((ITEMS[0], replace(ITEMS[1], scale_id="x")), "unknown_scale", "/items/1/scale_id"),
    ],
)
def test_items_that_do_not_fit_are_refused_by_place(
    items: tuple[Item, ...], code: str, place: str
) -> None:
    assert fault(instrument(items=items).drafted) == (Kind.INVALID, code, place)


def test_scales_are_few_and_distinct() -> None:
    many = tuple(replace(AGREE, id=f"s{n}") for n in range(11))
    assert fault(instrument(scales=many).drafted)[1:] == ("number_of_scales", "/scales")
    twice = fault(instrument(scales=(AGREE, AGREE)).drafted)
    assert twice[1:] == ("repeated_id", "/scales/1/scale_id")


def test_a_reversed_item_is_favorable_from_the_other_end() -> None:
    assert AGREE.favorable(reversed=False) == (4, 5)
    assert AGREE.favorable(reversed=True) == (1, 2)


def test_only_a_published_instrument_is_given_to_a_class() -> None:
    assert fault(lambda: asked_of(instrument()))[1:] == (
        "instrument_not_published",
        "/instrument_id",
    )
    items = asked_of(published_instrument())
    assert [(each.id, each.favorable) for each in items] == [
        ("i1", (4, 5)),
        ("i2", (1, 2)),
        ("i3", (3,)),
    ]


def test_an_administration_is_scheduled_opened_and_closed_in_that_order() -> None:
    found = administration()
    assert found.take_event() is AdministrationEvent.SCHEDULED
    assert found.codes() == ()
    assert fault(lambda: found.close(SUPPRESSED, TEACHER, START))[1] == "not_open"
    found.open(3, TEACHER, START)
    assert found.take_event() is AdministrationEvent.OPENED
    assert len(set(found.codes())) == 3
    found.close(SUPPRESSED, TEACHER, START)
    assert found.take_event() is AdministrationEvent.CLOSED
    assert fault(lambda: found.close(SUPPRESSED, TEACHER, START))[1] == "not_open"
    assert fault(lambda: found.open(3, TEACHER, START))[1] == "not_scheduled"


@pytest.mark.parametrize(
    ("students", "asked", "made"),
    [
        (12, None, 12),
        (12, 12, 12),
        (12, 10, 10),
        (10, None, 10),
        (12, 13, 13),
        (200, 200, 200),
        (0, 10, 10),
        (0, 60, 60),
    ],
)
def test_there_are_as_many_seats_as_students_and_one_for_who_has_just_joined(
    students: int, asked: int | None, made: int
) -> None:
    assert seats_for(students, asked, 10) == made


@pytest.mark.parametrize(
    ("students", "asked"),
    [
        (12, 14),
        (12, 9),
        (12, 1),
        (12, 0),
        (12, -1),
        (201, 201),
        (300, None),
        (0, None),
        (0, 9),
        (0, 61),
    ],
)
def test_more_seats_than_the_class_needs_and_too_few_to_show_anything_are_refused(
    students: int, asked: int | None
) -> None:
    refused = fault(lambda: seats_for(students, asked, 10))
    assert refused == (Kind.INVALID, "number_of_seats", "/seats")


def test_a_class_below_the_smallest_group_is_not_asked() -> None:
    for seats in (None, 9, 11):
        refused = fault(partial(seats_for, 9, seats, 10))
        assert refused == (Kind.CONFLICT, "class_too_small", "")
    assert seats_for(9, None, 5) == 9


def test_closing_forgets_the_secret_and_with_it_the_codes() -> None:
    found = opened()
    assert "secret" not in repr(found)
    found.close(RELEASED, TEACHER, START)
    assert (found.secret, found.codes(), found.settled) == (b"", (), True)


def test_more_seats_are_added_to_an_open_survey_and_none_is_taken_away() -> None:
    found = opened(3)
    codes = set(found.codes())
    for seats in (3, 2, 0):
        found.open(seats, TEACHER, START)
        assert (found.take_event(), found.seats) == (None, 3)
    found.open(5, TEACHER, START)
    assert (found.take_event(), found.seats) == (AdministrationEvent.SEATS_ADDED, 5)
    assert codes < set(found.codes())


def closed(results: Results = SUPPRESSED) -> Administration:
    found = opened()
    found.close(results, "substitute", START)
    found.take_event()
    return found


def test_a_close_without_a_figure_can_be_taken_back_within_an_hour() -> None:
    found = closed()
    (*codes,) = opened().codes()
    assert (found.settled, found.reopenable_until) == (False, START + HOUR)
    found.seal(START + HOUR)
    assert found.take_event() is None
    found.reopen(TEACHER, START + HOUR)
    assert found.take_event() is AdministrationEvent.REOPENED
    assert (found.state, found.round, found.codes()) == (AdministrationState.OPEN, 2, codes)
    assert (found.results, found.closed_at, found.reopenable_until) == (None, None, None)
    assert fault(partial(found.reopen, TEACHER, START))[1] == "not_closed"


def test_a_close_that_showed_a_figure_cannot_be_taken_back() -> None:
    found = closed(RELEASED)
    assert found.reopenable_until is None
    for act in (found.reopen, found.cancel):
        refused = fault(partial(act, TEACHER, START))
        assert refused[:2] == (Kind.CONFLICT, "results_released")


def test_after_an_hour_nobody_takes_a_close_back() -> None:
    late = START + HOUR + timedelta(milliseconds=1)
    found = closed()
    assert fault(partial(found.reopen, TEACHER, late))[1] == "too_late"
    found.seal(late)
    assert found.take_event() is AdministrationEvent.SEALED
    assert (found.secret, found.settled) == (b"", True)
    assert fault(partial(found.reopen, TEACHER, START))[1] == "too_late"
    found.seal(late)
    assert found.take_event() is None


def test_a_survey_is_opened_again_a_few_times_only() -> None:
    found = closed()  # by a substitute
    for _ in range(1 + MOST_REOPENINGS):
        found.reopen(TEACHER, START)
        found.take_event()
        found.close(SUPPRESSED, TEACHER, START)
        found.take_event()
    assert fault(partial(found.reopen, TEACHER, START))[1] == "too_often"


def test_closes_of_others_use_up_none_of_the_teachers_reopenings_and_are_bounded() -> None:
    found = opened()
    for _ in range(MOST_CLOSES_BY_OTHERS):
        for by in ("substitute", TEACHER):
            found.close(SUPPRESSED, by, START)
            found.take_event()
            found.reopen(TEACHER, START)
            found.take_event()
    refused = fault(partial(found.close, SUPPRESSED, "substitute", START))
    assert refused[:2] == (Kind.CONFLICT, "too_often")
    found.close(SUPPRESSED, TEACHER, START)
    assert fault(partial(found.reopen, TEACHER, START))[1] == "too_often"


@pytest.mark.parametrize("before", [administration, opened, closed])
def test_what_should_not_have_been_is_cancelled_for_good(
    before: Callable[[], Administration],
) -> None:
    found = before()
    found.take_event()
    found.cancel(TEACHER, START)
    assert found.take_event() is AdministrationEvent.CANCELLED
    assert (found.secret, found.results, found.settled) == (b"", None, True)
    assert (found.codes(), found.cancelled_at) == ((), START)
    for act, code in (
        (found.check_openable, "not_scheduled"),
        (found.check_open, "not_open"),
        (partial(found.reopen, TEACHER, START), "not_closed"),
        (partial(found.cancel, TEACHER, START), "survey_cancelled"),
    ):
        assert fault(act)[:2] == (Kind.CONFLICT, code)


def test_who_planned_a_survey_cancels_it_before_it_is_open_and_nobody_else_but_the_teacher() -> (
    None
):
    found = administration()  # by the coach
    found.take_event()
    assert fault(partial(found.cancel, "another coach", START))[:2] == NOT_HERS
    found.open(3, TEACHER, START)
    found.take_event()
    assert fault(partial(found.cancel, COACH, START))[:2] == NOT_HERS
    planned = administration()
    planned.take_event()
    planned.cancel(COACH, START)
    assert planned.state is AdministrationState.CANCELLED


def test_the_history_says_what_was_done_by_whom() -> None:
    found = closed()
    found.reopen(TEACHER, START)
    found.take_event()
    found.cancel(TEACHER, START + HOUR)
    assert [(each.what.value, each.by) for each in found.history] == [
        ("scheduled", COACH),
        ("opened", TEACHER),
        ("closed", "substitute"),
        ("reopened", TEACHER),
        ("cancelled", TEACHER),
    ]
    assert found.history[-1].at == START + HOUR


def test_a_draft_is_withdrawn_by_who_brought_it_in() -> None:
    draft = instrument()
    draft.drafted().take_event()
    assert fault(partial(draft.withdraw, TEACHER))[:2] == (Kind.FORBIDDEN, "author_only")
    draft.withdraw(COACH)
    assert draft.take_event() is InstrumentEvent.WITHDRAWN
    for act in (partial(draft.publish, COACH), partial(draft.withdraw, COACH)):
        assert fault(act)[:2] == (Kind.CONFLICT, "not_draft")
    assert fault(lambda: asked_of(draft))[1] == "instrument_not_published"
    assert fault(partial(published_instrument().withdraw, COACH))[1] == "not_draft"


def test_more_sheets_than_codes_are_a_defect() -> None:
    with pytest.raises(ValueError, match="more sheets"):
        opened().close(replace(SUPPRESSED, suppressed=False, n_min=5), TEACHER, START)


def test_a_sheet_may_leave_items_out_but_not_invent_or_repeat_them() -> None:
    found = opened()
    assert found.sheet([]) == {}
    assert found.sheet([("i2", 1), ("i1", 5)]) == {"i1": 5, "i2": 1}
    for answers, code, place in [
        ([("i1", 5), ("x", 1)], "unknown_item", "/answers/1/item_id"),
        ([("i1", 5), ("i1", 5)], "repeated_item", "/answers/1/item_id"),
        ([("i1", 0)], "not_of_scale", "/answers/0/value"),
        ([("i3", 4)], "not_of_scale", "/answers/0/value"),
    ]:
        assert fault(partial(found.sheet, answers)) == (Kind.INVALID, code, place)


def _pasted(code: str) -> list[str]:
    """A code as it comes out of a mail, a table, a chat or another keyboard."""
    space, dash = "\N{NO-BREAK SPACE}", "\N{EN DASH}"
    wide = "".join(chr(ord(each) + 0xFEE0) for each in code)  # full-width letters
    return [
        f"{code}\n",
        f"\r\n\t{code}",
        f"{space}{code}{space}",
        code.replace("-", dash),
        code.replace("-", "\N{ZERO WIDTH SPACE}-\N{SOFT HYPHEN}"),
        f"\N{LEFT DOUBLE QUOTATION MARK}{code}.\N{RIGHT DOUBLE QUOTATION MARK}",
        wide,
    ]


def test_codes_are_the_same_again_and_read_as_people_type_them() -> None:
    secret = bytes(range(16))
    codes = codes_of(secret, 200)
    assert codes == codes_of(secret, 200)
    assert set(codes_of(secret, 20)) < set(codes)
    assert len({seat_of(secret, code) for code in codes}) == 200
    for code in codes:
        typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert seat_of(secret, typed) == seat_of(secret, code)
        for pasted in _pasted(code):
            assert seat_of(secret, pasted) == seat_of(secret, code)
            assert is_code(secret, 200, pasted)
        assert seat_of(bytes(16), code) != seat_of(secret, code)
        assert is_code(secret, 200, typed)
        assert not is_code(bytes(16), 200, code)
    handed_out = [code for code in codes if is_code(secret, 20, code)]
    assert handed_out == codes_of(secret, 20)
    for none in ("", "0", "0000-0000-0000", codes[0][:-1], codes[0] + "0", "UUUU-ÜÜÜÜ-****"):
        assert not is_code(secret, 200, none)


def test_a_code_opens_a_seat_only_while_the_survey_is_open() -> None:
    found = opened()
    (code, *_), secret = found.codes(), found.secret
    assert found.seat(code) == seat_of(secret, code)
    assert found.seat("0000-0000-0000") is None
    found.close(SUPPRESSED, TEACHER, START)
    assert found.seat(code) is None
    assert administration().seat(code) is None
