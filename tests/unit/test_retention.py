"""The clock of retention: one round a day, and what is said of another is not noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from services.access.school_year import goes_on, last_day
from services.privacy.retention.domain import (
    NOTICE,
    InForce,
    KeptFor,
    RetentionClock,
    RetentionEvent,
    RoundFound,
)
from tests.support.clocks import START

POLICY = InForce(2, START, (KeptFor("goals", 30),))
FOUND = RoundFound("goals", START, (), 1, 0, 0, 0, complete=True)
LATER = START + timedelta(days=1)


def asked() -> RetentionClock:
    clock = RetentionClock(id="clock", district="north")
    clock.ask(POLICY, (), "2026-10-05", START)
    assert clock.take_event() is RetentionEvent.ASKED
    return clock


def test_a_day_has_one_round_under_a_version() -> None:
    clock = asked()
    clock.ask(POLICY, (), "2026-10-05", LATER)
    clock.ask(replace(POLICY, number=1), (), "2026-10-06", LATER)
    assert (clock.take_event(), clock.round) == (None, 1)
    clock.ask(replace(POLICY, number=3), (), "2026-10-05", START)
    assert (clock.take_event(), clock.round) == (RetentionEvent.ASKED, 2)


def test_nothing_is_erased_before_the_notice_is_over() -> None:
    clock = asked()
    assert (clock.erases, clock.waits, clock.erases_from) == (False, "notice", START + NOTICE)
    clock.ask(POLICY, (), "2026-10-12", START + NOTICE)
    assert (clock.erases, clock.waits) == (True, "")


def test_a_version_that_keeps_everything_erases_nothing() -> None:
    clock = asked()
    clock.ask(InForce(3, START, ()), (), "2026-10-20", START + 2 * NOTICE)
    assert (clock.erases, clock.erases_from) == (False, None)


def test_what_is_said_of_another_round_or_class_is_not_noted() -> None:
    clock = asked()
    clock.note(2, FOUND)
    clock.note(1, replace(FOUND, record="surveys"))
    clock.note(1, replace(FOUND, at=START - timedelta(seconds=1)))  # before a restore
    assert (clock.take_event(), clock.found) == (None, ())
    clock.note(1, FOUND)
    assert (clock.take_event(), clock.found) == (RetentionEvent.NOTED, (FOUND,))
    clock.note(1, FOUND)
    assert clock.take_event() is None


def test_another_version_forgets_what_was_found_under_the_one_before() -> None:
    clock = asked()
    clock.note(1, FOUND)
    clock.take_event()
    clock.ask(replace(POLICY, number=3), (), "2026-10-05", START)
    assert clock.found == ()


def test_a_record_goes_on_the_day_after_its_last_one() -> None:
    assert goes_on(last_day(2027), 60) == date(2027, 8, 30)
    assert goes_on(date(2028, 2, 28), 0) == date(2028, 2, 29)
