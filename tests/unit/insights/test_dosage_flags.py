"""F12 and F21, case by case; and what a program says of other flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.access.calendar import AcademicSession, Calendar
from services.insights.caseload.domain.card import Card, Relationship, Session, Trial, TrialState
from services.insights.caseload.domain.flags import Flag, flags_of, flags_until
from services.insights.caseload.domain.sight import as_seen_by
from services.insights.program.domain import ProgramPlan, Thresholds

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
WEEKS = date(2026, 8, 31), date(2027, 5, 10)  # 36 of them, all weekdays of which have school
YEAR = Calendar([AcademicSession("term", *WEEKS)])
COACHED = Relationship("rel-1", "coach-1", True, NOW - 60 * DAY)
PLAN = ProgramPlan("program-1", 2027, 36)  # 4 in four weeks
CARD = Card("t1", 2027, relationships=(COACHED,), plan=PLAN, enrolled_at=NOW - 60 * DAY)


def met(*ago: float, coach: str = "coach-1", held: bool = True) -> tuple[Session, ...]:
    return tuple(Session(f"s{days:04}", coach, NOW - days * DAY, held) for days in ago)


def dosage(card: Card, calendar: Calendar = YEAR, now: datetime = NOW) -> Flag | None:
    found = [each for each in flags_of(card, calendar, now) if each.code in ("F12", "F21")]
    assert len(found) < 2
    return found[0] if found else None


def code(card: Card, calendar: Calendar = YEAR, now: datetime = NOW) -> str:
    flag = dosage(card, calendar, now)
    return flag.code.value if flag else ""


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [(0, "F12"), (1, "F12"), (2, "F12"), (3, ""), (6, ""), (7, "F21"), (12, "F21")],
)
def test_what_was_held_in_four_weeks_is_held_against_the_plan(contacts: int, expected: str) -> None:
    """Of 4 planned, 70 % are 2.8 and 150 % are 6."""
    sessions = met(*range(1, contacts + 1))
    flag = dosage(replace(CARD, sessions=sessions))
    assert (flag.code.value if flag else "") == expected
    if flag:
        assert flag.evidence == ("rel-1", *(each.id for each in reversed(sessions)))


def test_only_what_was_held_on_one_of_the_28_days_before_today_counts() -> None:
    enough = replace(CARD, sessions=met(1, 14, 28))
    assert code(enough) == ""
    for other in (met(0, 14, 28), met(1, 14, 29), met(1, 14) + met(28, held=False)):
        assert code(replace(CARD, sessions=other)) == "F12"


def test_it_is_raised_at_the_midnight_at_which_the_third_last_contact_is_too_old() -> None:
    card = replace(CARD, sessions=met(1, 2, 3))
    calm, until = flags_until(card, YEAR, NOW)
    assert not [each for each in calm if each.code == "F12"]
    assert until == datetime(2026, 11, 17, tzinfo=UTC)
    later = datetime(2026, 12, 12, tzinfo=UTC)  # 29 days after the first of them
    assert code(card, now=later - timedelta.resolution) == ""
    for now in (later, later + 20 * DAY):
        flag = dosage(card, now=now)
        assert flag
        assert (flag.code, flag.since) == ("F12", later)


def test_a_holiday_is_planned_for_nothing() -> None:
    """With two weeks closed four contacts are planned for the 170 days that are left: 2.1."""
    closed = [date(2026, 11, 2) + number * DAY for number in range(12)]
    holidays = Calendar([AcademicSession("term", *WEEKS)], closed=closed)
    two = replace(CARD, sessions=met(15, 20))
    assert (code(two), code(two, holidays)) == ("F12", "")


def test_a_plan_of_less_than_one_contact_in_four_weeks_says_nothing() -> None:
    assert code(replace(CARD, plan=replace(PLAN, contacts=9))) == "F12"
    rare = replace(CARD, plan=replace(PLAN, contacts=8))
    assert code(rare) == ""
    assert code(replace(rare, sessions=met(*range(1, 20)))) == ""


def test_without_a_plan_nothing_is_told() -> None:
    assert code(replace(CARD, plan=None)) == ""
    assert code(replace(CARD, enrolled_at=None)) == ""


def test_a_plan_is_for_the_days_of_its_cohort() -> None:
    """12 in 12 weeks are as 36 in 36; after them nothing is planned."""
    autumn = replace(PLAN, contacts=12, span=(date(2026, 8, 31), date(2026, 11, 23)))
    assert code(replace(CARD, plan=autumn)) == "F12"
    assert code(replace(CARD, plan=autumn), Calendar()) == "F12"
    assert code(replace(CARD, plan=autumn), now=NOW + 35 * DAY) == ""
    assert code(CARD, Calendar()) == ""  # nobody knows when the school year begins


@pytest.mark.parametrize(("days", "flagged"), [(28, False), (29, True)])
def test_nobody_is_late_for_the_time_before_she_was_there(days: int, flagged: bool) -> None:
    assert bool(dosage(replace(CARD, enrolled_at=NOW - days * DAY))) is flagged
    coached = replace(COACHED, accepted_at=NOW - days * DAY)
    assert bool(dosage(replace(CARD, relationships=(coached,)))) is flagged


@pytest.mark.parametrize("contacts", [0, 12])
@pytest.mark.parametrize(("days", "flagged"), [(1, False), (28, False), (29, True)])
def test_whoever_coached_her_before_makes_nobody_late_for_a_pause(
    days: int, flagged: bool, contacts: int
) -> None:
    """Be it that her coaching goes on, or that another coach has begun."""
    ended = replace(COACHED, id="rel-0", coach="coach-0", active=False)
    paused = replace(COACHED, id="rel-2", coach="coach-2", paused_at=NOW - 40 * DAY)
    resumed = replace(COACHED, resumed_at=NOW - days * DAY)
    begun = replace(COACHED, accepted_at=NOW - days * DAY)
    sessions = met(*range(1, contacts + 1))
    for now in (resumed, begun):
        for before in ((), (ended,), (paused,), (ended, paused)):
            card = replace(CARD, relationships=(*before, now), sessions=sessions)
            assert bool(dosage(card)) is flagged, before


def test_there_is_none_without_a_coach_or_outside_a_term() -> None:
    assert code(replace(CARD, relationships=(replace(COACHED, active=False),))) == ""
    assert code(CARD, now=datetime(2027, 5, 12, tzinfo=UTC)) == ""


def seen(card: Card, reader: str = "coach-1", *, only_shared: bool = False) -> str:
    return code(as_seen_by(reader, ("goal",), card, only_shared=only_shared))


def test_a_gap_is_not_told_to_whom_not_all_contacts_are_shown() -> None:
    other = replace(COACHED, id="rel-2", coach="coach-2")
    both = replace(CARD, relationships=(COACHED, other))
    assert (seen(CARD), seen(both), seen(both, "t1")) == ("F12", "", "F12")
    by_both = replace(both, sessions=met(1, 2) + met(3, coach="coach-2"))
    assert (seen(by_both), seen(by_both, "t1")) == ("", "")
    ended = replace(other, active=False)
    for ago, expected in ((28, ""), (29, "F12")):
        before = replace(CARD, relationships=(COACHED, ended), sessions=met(ago, coach="coach-2"))
        assert seen(before) == expected
    assert seen(CARD, only_shared=True) == ""


def test_what_a_pair_has_held_is_no_contact_with_a_coach_and_hides_no_gap() -> None:
    among_peers = replace(CARD, sessions=met(*range(1, 12), coach=""))
    for reader in ("coach-1", "t1"):
        assert seen(among_peers, reader) == "F12"
    enough = replace(CARD, sessions=met(1, 2, 3) + met(*range(4, 12), coach=""))
    assert seen(enough, "t1") == ""


def test_too_much_is_told_of_ones_own_contacts_and_names_no_other() -> None:
    other = replace(COACHED, id="rel-2", coach="coach-2")
    card = replace(
        CARD,
        relationships=(COACHED, other),
        sessions=met(*range(1, 8)) + met(*range(10, 14), coach="coach-2"),
    )
    hers = as_seen_by("coach-1", (), card, only_shared=False)
    flag = dosage(hers)
    assert flag
    assert flag.code == "F21"
    assert flag.evidence == ("rel-1", *(f"s{days:04}" for days in range(7, 0, -1)))
    assert seen(card, "coach-2") == ""


def test_a_program_says_other_thresholds() -> None:
    said = replace(PLAN, thresholds=Thresholds(gap_percent=20, overload_percent=120))
    for contacts, expected in ((0, "F12"), (1, ""), (4, ""), (5, "F21")):
        sessions = met(*range(1, contacts + 1))
        assert code(replace(CARD, plan=said, sessions=sessions)) == expected
    waits = (Trial("trial-1", TrialState.OPEN, NOW - 10 * DAY),)
    for days, told in ((10, True), (11, False)):
        plan = replace(PLAN, thresholds=Thresholds(step_open_days=days))
        flags = flags_of(replace(CARD, trials=waits, plan=plan), YEAR, NOW)
        assert ("F9" in [each.code for each in flags]) is told
