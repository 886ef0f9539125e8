"""Enrollments: who ends one, who may begin it again, and what two records of one person have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.chassis.kernel import Fault
from services.programs.enrollment.domain import (
    MOST_STAYS,
    Enrollment,
    EnrollmentEvent,
    EnrollmentState,
    EnrollmentStay,
    WithdrawalReason,
    joined,
)
from services.programs.program.outline import SizeBand, band_of
from tests.support.clocks import START
from tests.support.programs import program_in

LEAD, HER, OTHER, LATER = "lead-1", "teacher-1", "teacher-9", START + timedelta(days=1)
ENROLLED, WITHDRAWN, ENDED = EnrollmentState


def begun(teacher: str = HER) -> Enrollment:
    made = Enrollment.begin(
        id=f"of-{teacher}", district="north", program="talk", teacher=teacher, year=2027,
        by=LEAD, at=START,
    )  # fmt: skip
    assert made.take_event() is EnrollmentEvent.BEGUN
    return made


def left(by: str = HER) -> Enrollment:
    made = begun()
    made.withdraw(by, START, WithdrawalReason.SCHEDULE)
    assert made.take_event() is EnrollmentEvent.WITHDRAWN
    return made


def refused(code: str, act: Callable[[], None]) -> None:
    with pytest.raises(Fault) as caught:
        act()
    assert caught.value.code == code


def test_she_withdraws_without_a_reason_and_nobody_else_does() -> None:
    made = begun()
    refused("reason_needed", lambda: made.withdraw(LEAD, START, None))
    assert (made.state, made.take_event()) == (ENROLLED, None)
    made.withdraw(HER, LATER, None)
    assert (made.state, made.over_at, made.withdrawn_by, made.reason) == (
        WITHDRAWN, LATER, HER, None,
    )  # fmt: skip
    refused("not_enrolled", lambda: made.withdraw(HER, LATER, None))


def test_who_withdrew_herself_is_enrolled_by_nobody_else() -> None:
    made = left()
    refused("withdrawn_by_teacher", lambda: made.enroll_again(LEAD, LATER))
    made.rejoin(HER, LATER)
    assert (made.state, made.enrolled_by, made.enrolled_at) == (ENROLLED, HER, LATER)
    assert (made.over_at, made.withdrawn_by, made.reason) == (None, "", None)
    assert made.take_event() is EnrollmentEvent.BEGUN


def test_whom_others_withdrew_others_enroll_again() -> None:
    made = left(LEAD)
    refused("not_withdrawn", lambda: made.rejoin(HER, LATER))
    made.enroll_again(LEAD, LATER)
    assert (made.state, made.enrolled_at) == (ENROLLED, LATER)
    made.take_event()
    made.enroll_again(LEAD, LATER)
    assert made.take_event() is None


def test_her_times_in_it_before_are_kept_and_of_too_many_those_next_to_each_other_are_one() -> None:
    made, at = begun(), START
    assert not made.earlier_stays
    for number in range(MOST_STAYS + 2):
        made.withdraw(LEAD, at + timedelta(days=1), WithdrawalReason.SCHEDULE)
        made.take_event()
        at += timedelta(days=30 - number)
        made.enroll_again(LEAD, at)
        made.take_event()
    assert (len(made.earlier_stays), made.first_enrolled_at) == (MOST_STAYS, START)
    assert made.earlier_stays[0] == EnrollmentStay(START, LATER)
    one = made.earlier_stays[-1]
    assert (one.over_at - one.enrolled_at, one.over_at < made.enrolled_at) == (
        timedelta(days=22),  # the last three and what was between
        True,
    )


def test_times_that_overlap_are_one() -> None:
    day = timedelta(days=1)
    first, over, last = (EnrollmentStay(START + n * day, START + (n + 2) * day) for n in (0, 1, 5))
    assert joined((last, over, first)) == (EnrollmentStay(START, START + 3 * day), last)


def test_two_records_times_are_put_together_and_parted_again() -> None:
    """As who was in it under both of her ids."""
    made, other = left(LEAD), begun(OTHER)
    other.withdraw(LEAD, LATER, WithdrawalReason.SCHEDULE)
    other.take_event()
    other.enroll_again(LEAD, LATER + timedelta(days=9))
    made.take_over(other.for_teacher("x", HER))
    assert [*made.earlier_stays] == [EnrollmentStay(START, LATER)]
    made.take_event()
    made.part(OTHER, other, LATER)
    assert not made.earlier_stays


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def had(teacher: str, first: int, over: int | None = None, by: str = LEAD) -> Enrollment:
    """Who was in it from a day on, to another one."""
    made = begun(teacher)
    made.enrolled_at = made.first_enrolled_at = day(first)
    if over is not None:
        made.withdraw(by, day(over), WithdrawalReason.SCHEDULE)
        made.take_event()
    return made


@pytest.mark.parametrize(
    ("theirs", "earlier", "last"),
    [
        ((0, None), [], (0, None)),
        ((40, None), [], (34, None)),
        ((49, None), [], (34, None)),
        ((60, None), [(34, 49)], (60, None)),
        ((0, 40), [], (0, 49)),
        ((0, 20), [(0, 20)], (34, 49)),
        ((36, 40), [], (34, 49)),
        ((60, 70), [(34, 49)], (60, 70)),
    ],
)
def test_what_is_taken_over_is_one_with_her_times_that_it_overlaps(
    theirs: tuple[int, int | None], earlier: list[tuple[int, int]], last: tuple[int, int | None]
) -> None:
    """And is hers no more once the two records are parted, whoever enrolls her then."""
    made, other = had(HER, 34, 49), had(OTHER, *theirs, by=OTHER)
    made.take_over(other.for_teacher("x", HER))
    made.take_event()
    told = made.enrolled_at, made.over_at
    assert told == (day(last[0]), None if last[1] is None else day(last[1]))
    assert [*made.earlier_stays] == [EnrollmentStay(day(a), day(b)) for a, b in earlier]
    made.part(OTHER, other, day(80))
    made.take_event()
    assert (made.state, made.enrolled_at, made.over_at) == (WITHDRAWN, day(80), day(80))
    assert [*made.earlier_stays] == [EnrollmentStay(day(34), day(49))]
    made.enroll_again(LEAD, day(90))
    assert [*made.earlier_stays] == [EnrollmentStay(day(34), day(49))]


def test_of_who_was_in_it_by_another_record_alone_no_time_is_left_when_they_are_parted() -> None:
    other = had(OTHER, 0, 10)
    other.enroll_again(LEAD, day(20))
    made = other.for_teacher("of-her", HER)
    assert [*made.earlier_stays] == [EnrollmentStay(day(0), day(10))]
    made.take_event()
    made.part(OTHER, other, day(80))
    made.take_event()
    assert (made.enrolled_at, made.over_at, made.earlier_stays) == (day(80), day(80), ())
    made.enroll_again(LEAD, day(90))
    assert (made.enrolled_at, made.earlier_stays) == (day(90), ())


def test_what_is_taken_over_twice_leaves_her_own_times_as_they_were() -> None:
    made, other = had(HER, 34, 49), had(OTHER, 60)
    for on in (70, 75):
        made.take_over(other.for_teacher("x", HER))
        made.take_event()
        made.withdraw(LEAD, day(on), WithdrawalReason.SCHEDULE)
        made.take_event()
    made.part(OTHER, other, day(80))
    assert [*made.earlier_stays] == [EnrollmentStay(day(34), day(49))]


def test_a_closed_program_ends_what_is_not_over() -> None:
    made, gone = begun(), left()
    for each in (made, gone):
        each.end(LATER)
    assert (made.state, made.over_at) == (ENDED, LATER)
    assert (gone.state, gone.over_at, gone.take_event()) == (WITHDRAWN, START, None)
    refused("not_enrolled", lambda: made.withdraw(HER, LATER, None))


def test_of_two_records_one_is_enrolled() -> None:
    old = begun(OTHER)
    new = old.for_teacher("of-her", HER)
    assert (new.teacher, new.state, new.came_from, new.version) == (HER, ENROLLED, OTHER, 0)
    old.give_way(LATER)
    assert (old.state, old.transferred_from) == (WITHDRAWN, OTHER)
    assert old.take_event() is EnrollmentEvent.TRANSFERRED
    old.give_way(LATER)
    assert old.take_event() is None
    new.take_event()
    new.part(OTHER, old, LATER)
    assert (new.state, new.came_from, new.take_event()) == (
        WITHDRAWN,
        "",
        EnrollmentEvent.WITHDRAWN,
    )


def test_parted_she_has_withdrawn_where_she_said_so_alone() -> None:
    old = left()
    new = old.for_teacher("of-other", OTHER)
    old.give_way(LATER)
    for each in (old, new):
        each.take_event()
    new.part(HER, old, LATER)
    old.take_back()
    assert [each.take_event() for each in (new, old)] == [EnrollmentEvent.TRANSFERRED] * 2
    assert (new.came_from, new.withdrawn_by, new.reason) == ("", "", None)
    new.enroll_again(LEAD, LATER)
    refused("withdrawn_by_teacher", lambda: old.enroll_again(LEAD, LATER))
    assert (old.over_at, old.reason) == (START, WithdrawalReason.SCHEDULE)
    old.rejoin(HER, LATER)


def test_parted_she_has_withdrawn_where_she_said_so_since() -> None:
    old = begun()
    new = old.for_teacher("of-other", OTHER)
    old.give_way(START)
    new.take_event()
    new.withdraw(OTHER, LATER, None)
    for each in (old, new):
        each.take_event()
    new.part(HER, old, LATER)
    refused("withdrawn_by_teacher", lambda: new.enroll_again(LEAD, LATER))
    old.take_back()
    old.take_event()
    old.enroll_again(LEAD, LATER)


def test_that_she_withdrew_is_known_when_they_become_one_once_more() -> None:
    old, new = left(), begun(OTHER)
    new.withdraw(LEAD, LATER, WithdrawalReason.MISTAKE)
    new.take_event()
    new.take_over(old.for_teacher("of-other", OTHER))
    refused("withdrawn_by_teacher", lambda: new.enroll_again(LEAD, LATER))


@pytest.mark.parametrize(
    ("hers", "state", "told"),
    [(begun, ENROLLED, False), (lambda: left(LEAD), ENROLLED, True), (left, WITHDRAWN, False)],
    ids=["she is in it", "she was withdrawn", "she withdrew"],
)
def test_what_another_record_had_is_taken_over_unless_she_said_otherwise(
    hers: Callable[[], Enrollment], state: EnrollmentState, told: bool
) -> None:
    made = hers()
    made.take_over(begun(OTHER).for_teacher("of-her", HER))
    assert (made.state, made.take_event() is not None) == (state, told)


def test_a_program_says_once_that_it_is_of_another_size() -> None:
    assert [band_of(each) for each in (0, 99, 100, 10_000)] == [
        SizeBand.UNDER_100, SizeBand.UNDER_100, SizeBand.FROM_100, SizeBand.FROM_100,
    ]  # fmt: skip
    program = program_in("open")
    program.take_event()
    program.resize(SizeBand.FROM_100)
    assert program.take_event() == "size_band_changed"
    program.resize(SizeBand.FROM_100)
    assert program.take_event() is None
