"""What a coaching session lets happen, and each of its minutes once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.programs.session.domain import (
    MOST_CORRECTIONS,
    MOST_PLANS,
    MOST_TEACHERS,
    CoachingSession,
)
from services.programs.session.outline import (
    Activity,
    Barrier,
    CoachingSessionState,
    Modality,
    PlannedBefore,
    Recorded,
    SessionKind,
    TimeSpent,
)
from tests.support.clocks import START

COACH, TEACHER = "coach-1", "teacher-1"
SOON, LATER = START + timedelta(hours=1), START + timedelta(days=1)
SPENT = (TimeSpent(Activity.OBSERVE, 40), TimeSpent(Activity.DEBRIEF, 20))


def session(
    *teachers: str, kind: SessionKind = SessionKind.INDIVIDUAL, first: bool = True
) -> CoachingSession:
    new = CoachingSession(
        id="s1",
        district="north",
        coach=COACH,
        teachers=teachers,
        kind=kind,
        school_year=2027,
        starts_at=SOON,
        scheduled_by=COACH,
        scheduled_at=START,
    )
    if first:
        new.scheduled().take_event()
    return new


def said(*came: str, **other: Any) -> Recorded:
    found = Recorded(SOON, SPENT, came or (TEACHER,), Modality.IN_PERSON)
    return replace(found, **other)


def held() -> CoachingSession:
    found = session(TEACHER)
    found.hold(COACH, LATER, said())
    found.take_event()
    return found


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Fault) as raised:
        yield
    assert raised.value.code == code


def test_its_minutes_are_those_of_its_activities_and_stand_nowhere_else() -> None:
    assert session(TEACHER).minutes == 0
    assert held().minutes == 60


@pytest.mark.parametrize(
    ("kind", "teachers"),
    [
        (SessionKind.INDIVIDUAL, ()),
        (SessionKind.INDIVIDUAL, ("t1", "t2")),
        (SessionKind.GROUP, ("t1",)),
        (SessionKind.WORKSHOP, ()),
        (SessionKind.WORKSHOP, tuple(f"t{n}" for n in range(MOST_TEACHERS + 1))),
        (SessionKind.COMMUNITY_MEETING, ()),
        (SessionKind.SUPPORT, ("t1",)),
    ],
)
def test_a_kind_has_so_many_teachers(kind: SessionKind, teachers: tuple[str, ...]) -> None:
    new = session(*teachers, kind=kind, first=False)
    with refused("teachers_of_kind"):
        new.scheduled()


def test_it_is_of_others_than_its_coach_each_once() -> None:
    with refused("coach_is_teacher"):
        session(COACH, first=False).scheduled()
    twice = session("t1", "t1", kind=SessionKind.GROUP, first=False)
    with refused("teacher_repeated"):
        twice.scheduled()


def test_only_its_coach_says_what_became_of_it() -> None:
    for by in (TEACHER, "coach-2"):
        with refused("coach_only"):
            session(TEACHER).hold(by, LATER, said())
        with refused("coach_only"):
            session(TEACHER).miss(by, LATER, [])
        with refused("coach_only"):
            session(TEACHER).reschedule(by, START, LATER)
        with refused("coach_only"):
            held().summarize(by, LATER, "So")
        with refused("coach_only"):
            held().correct(by, LATER, said(), "So")
        with refused("coach_only"):
            held().void(by, LATER, "So")


def test_one_with_a_single_teacher_she_may_call_off_and_one_of_several_its_coach_alone() -> None:
    session(TEACHER).cancel(TEACHER, LATER)
    many = session(TEACHER, "t2", kind=SessionKind.GROUP)
    with refused("coach_only"):
        many.cancel(TEACHER, LATER)
    many.cancel(COACH, LATER)


def test_what_has_become_something_is_not_to_come() -> None:
    for done in (held(), _missed(), _cancelled()):
        with refused("not_scheduled"):
            done.hold(COACH, LATER, said())
        with refused("not_scheduled"):
            done.miss(COACH, LATER, [])
        with refused("not_scheduled"):
            done.cancel(COACH, LATER)
        with refused("not_scheduled"):
            done.reschedule(COACH, START, LATER)


def test_for_when_it_was_planned_before_stays_whatever_it_becomes() -> None:
    moved = session(TEACHER)
    moved.reschedule(COACH, START, LATER)
    assert moved.take_event()
    moved.reschedule(COACH, LATER, LATER)
    assert moved.take_event() is None
    first = PlannedBefore(SOON, Modality.IN_PERSON, COACH, START)
    moved.hold(COACH, LATER, said(held_at=START, modality=Modality.PHONE))
    assert moved.plans == (first, PlannedBefore(LATER, Modality.IN_PERSON, COACH, LATER))
    assert held().plans == ()  # as it was planned


def test_it_is_moved_so_often_and_no_more() -> None:
    moved = session(TEACHER)
    for number in range(MOST_PLANS):
        moved.reschedule(COACH, START, LATER + timedelta(hours=number))
        assert moved.take_event()
    with refused("too_many_plans"):
        moved.reschedule(COACH, START, SOON)
    moved.hold(COACH, LATER, said())
    assert len(moved.plans) == MOST_PLANS + 1


def test_one_that_is_still_to_come_was_not_missed() -> None:
    found = session(TEACHER)
    with refused("not_begun"):
        found.miss(COACH, SOON - timedelta(milliseconds=1), [])
    assert found.take_event() is None
    found.miss(COACH, SOON, [])
    assert found.state is CoachingSessionState.MISSED


def _missed() -> CoachingSession:
    found = session(TEACHER)
    found.miss(COACH, LATER, [Barrier.TIME, Barrier.SCHEDULE, Barrier.TIME])
    assert found.take_event()
    assert found.barriers == (Barrier.SCHEDULE, Barrier.TIME)
    return found


def _cancelled() -> CoachingSession:
    found = session(TEACHER)
    found.cancel(COACH, LATER)
    found.take_event()
    return found


def test_who_did_not_come_is_no_more_of_it_and_is_told() -> None:
    many = session("t1", "t2", "t3", kind=SessionKind.GROUP)
    many.hold(COACH, LATER, said("t1", "t3"))
    assert many.teachers == ("t1", "t3")
    assert many.invited == 3
    assert many.take_event().left == ("t2",)
    assert not many.visible_to("t2")
    assert many.absent == ("t2",)
    many.correct(COACH, LATER, said("t2", "t1"), "She came late")
    assert (many.teachers, many.absent) == (("t2", "t1"), ("t3",))


def test_who_was_absent_is_erased_from_it_and_known_by_her_other_record() -> None:
    many = session("t1", "t2", kind=SessionKind.GROUP)
    many.hold(COACH, LATER, said("t1"))
    many.take_event()
    many.transfer("t2", "t1")  # who came, by her other record
    assert many.take_event() is None
    many.transfer("t2", "t9")
    assert (many.teachers, many.absent) == (("t1",), ("t9",))
    many.take_event()
    rest = many.without("t9", "s2")
    assert (rest.teachers, rest.absent) == (("t1",), ())
    assert "t2" not in repr(rest)


def test_nobody_comes_who_was_not_to_come_and_somebody_does() -> None:
    many = session("t1", "t2", kind=SessionKind.GROUP)
    with refused("not_invited"):
        many.hold(COACH, LATER, said("t1", "t9"))
    with refused("nobody_came"):
        many.hold(COACH, LATER, replace(said(), came=()))
    with refused("teacher_repeated"):
        many.hold(COACH, LATER, said("t1", "t1"))


def test_an_activity_stands_once_and_a_session_has_its_minutes() -> None:
    twice = said(activities=(SPENT[0], SPENT[0]))
    with refused("activity_repeated"):
        session(TEACHER).hold(COACH, LATER, twice)
    long = said(activities=(TimeSpent(Activity.PLAN, 721),))
    with refused("too_many_minutes"):
        session(TEACHER).hold(COACH, LATER, long)


def test_both_times_are_kept() -> None:
    assert (held().starts_at, held().recorded_at) == (SOON, LATER)


def test_a_summary_is_written_once_and_then_corrected() -> None:
    found = held()
    with refused("not_summarized"):
        found.correct(COACH, LATER, said(summary="So"), "So")
    found.summarize(COACH, LATER, "So")
    found.take_event()
    with refused("not_held"):
        found.summarize(COACH, LATER, "Again")
    with refused("summary_needed"):
        found.correct(COACH, LATER, said(), "So")
    found.correct(COACH, LATER, said(summary="Again"), "Mistyped")
    assert found.summary == "Again"
    assert found.corrections[0].was.summary == "So"


def test_what_was_recorded_before_is_kept_and_the_same_is_no_correction() -> None:
    found = held()
    found.correct(COACH, LATER, said(), "Nothing")
    assert found.take_event() is None
    assert not found.corrections
    found.correct(COACH, LATER, said(activities=SPENT[1:]), "Mistyped")
    assert found.minutes == 20
    assert found.corrected_at == LATER
    (was,) = found.corrections
    assert (was.reason, was.by, was.was) == ("Mistyped", COACH, said())


def test_corrections_have_a_bound() -> None:
    found = held()
    for number in range(MOST_CORRECTIONS):
        found.correct(COACH, LATER, said(materials_unit=f"unit-{number}"), "So")
        found.take_event()
    with refused("too_many_corrections"):
        found.correct(COACH, LATER, said(), "So")


def test_a_session_with_one_teacher_never_becomes_another_teachers() -> None:
    with refused("teachers_of_kind"):
        held().correct(COACH, LATER, said("t9"), "So")


def test_what_was_voided_counts_no_more_for_good() -> None:
    for found in (held(), _missed()):
        found.void(COACH, LATER, "Twice")
        found.take_event()
        assert found.state is CoachingSessionState.VOIDED
        assert found.corrections[-1].reason == "Twice"
        with refused("not_recorded"):
            found.void(COACH, LATER, "Twice")
        with refused("not_held"):
            found.correct(COACH, LATER, said(), "So")


def test_another_record_of_her_takes_her_place_and_gives_it_back() -> None:
    many = session("t1", "t2", kind=SessionKind.GROUP)
    many.transfer("t1", "t9")
    assert many.teachers == ("t9", "t2")
    assert many.take_event().left == ("t1",)
    assert many.came_from("t9") == "t1"
    many.transfer("t9", "t1")
    assert many.teachers == ("t1", "t2")
    assert not many.moved


def test_where_both_records_were_there_both_are_again() -> None:
    many = session("t1", "t2", kind=SessionKind.GROUP)
    many.transfer("t1", "t2")
    assert many.teachers == ("t2",)
    many.take_event()
    many.transfer("t2", "t1")
    assert set(many.teachers) == {"t1", "t2"}
    assert not many.take_event().left


def test_nothing_becomes_of_a_person_with_herself() -> None:
    many = session("t1", "t2", kind=SessionKind.GROUP)
    many.transfer("t1", COACH)
    many.transfer(COACH, "t2")
    assert many.take_event() is None
    many.transfer(COACH, "coach-9")
    assert many.coach == many.scheduled_by == "coach-9"


def test_of_others_it_keeps_nothing_of_whom_is_erased() -> None:
    many = session("t1", "t2", "t3", kind=SessionKind.GROUP)
    many.hold(COACH, LATER, said("t1", "t2"))
    many.take_event()
    many.correct(COACH, LATER, said("t2", "t1", materials_unit="unit-4"), "So")
    many.take_event()
    many.transfer("t1", "t9")
    many.take_event()
    rest = many.without("t9", "s2")
    assert (rest.id, rest.teachers, rest.minutes, rest.invited) == ("s2", ("t2",), 60, 3)
    assert "t9" not in repr(rest)
    assert "t1" not in repr(rest)
    (was,) = rest.corrections
    assert was.was.came == ("t2",)


def test_what_takes_its_place_says_what_it_does_until_it_goes_however_often_it_changed() -> None:
    old = session("t1", "t2", kind=SessionKind.GROUP)
    new = old.without("t1", "s2")

    def stored() -> bool:
        done = new.take_event() is not None
        new.version += done
        return done

    assert stored()
    for days in (1, 2, 3):
        old.reschedule(COACH, START, SOON + timedelta(days=days))
        old.take_event()
        new.restate(old.without("t1", "s2"))
        assert stored()
        assert new.starts_at == old.starts_at
        new.restate(old.without("t1", "s2"))
        assert not stored()
    new.cancel(COACH, LATER)
    assert stored()
    old.reschedule(COACH, START, SOON)
    new.restate(old.without("t1", "s2"))
    assert not stored()
    assert new.state is CoachingSessionState.CANCELLED
