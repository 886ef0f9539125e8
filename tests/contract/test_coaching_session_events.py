"""What the programs service publishes of coaching sessions, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.session.codec import COACHING_SESSIONS
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import (
    Activity,
    Barrier,
    Modality,
    Recorded,
    Renamed,
    SessionKind,
    TimeSpent,
)
from tests.support.clocks import START
from tests.support.golden import assert_golden

COACH, TEACHERS = "coach-1", ("teacher-1", "teacher-2", "teacher-3")
HELD, TOLD = START + timedelta(days=1), START + timedelta(days=2)
SPENT = (TimeSpent(Activity.OBSERVE, 40), TimeSpent(Activity.DEBRIEF, 20))


def planned(*teachers: str, kind: SessionKind = SessionKind.WORKSHOP) -> CoachingSession:
    return CoachingSession(
        id="5f0c9a4e-0000-4000-8000-000000000010",
        district="north",
        coach=COACH,
        teachers=teachers or TEACHERS,
        kind=kind,
        school_year=2027,
        starts_at=HELD,
        scheduled_by=COACH,
        scheduled_at=START,
        series="5f0c9a4e-0000-4000-8000-000000000011",
    ).scheduled()


def after(session: CoachingSession, *steps: str) -> CoachingSession:
    said = Recorded(HELD, SPENT, TEACHERS[:2], Modality.VIRTUAL, (Barrier.TIME,), "unit-4")
    put_right = Recorded(HELD, SPENT[1:], TEACHERS[1:2], Modality.VIRTUAL, (), "unit-4")
    for step in steps:
        session.take_event()
        match step:
            case "hold":
                session.hold(COACH, TOLD, said)
            case "miss":
                session.miss(COACH, TOLD, [Barrier.TURNOVER])
            case "reschedule":
                session.reschedule(COACH, START, TOLD)
            case "summarize":
                session.summarize(COACH, TOLD, "In nobody's event")
            case "correct":
                session.correct(COACH, TOLD, put_right, "Mistyped")
            case "void":
                session.void(COACH, TOLD, "Twice")
            case "transfer":
                session.transfer("teacher-2", "teacher-4")
            case "erase":
                session.erase()
            case _:
                session.cancel(COACH, TOLD)
    return session


def restated() -> CoachingSession:
    held = after(planned(), "hold")
    held.take_event()
    return held.without("teacher-1", "5f0c9a4e-0000-4000-8000-000000000012")


def left() -> CoachingSession:
    """Of a group that meets without a coach."""
    peers = CoachingSession(
        id="5f0c9a4e-0000-4000-8000-000000000013",
        district="north",
        coach="",
        teachers=TEACHERS,
        kind=SessionKind.PEER,
        school_year=2027,
        starts_at=HELD,
        scheduled_by="teacher-1",
        scheduled_at=START,
        circle="5f0c9a4e-0000-4000-8000-000000000014",
    ).scheduled()
    peers.take_event()
    peers.keep_to(TEACHERS[:2], START)
    return peers


EVENTS = [
    ("CoachingSessionScheduled", planned()),
    ("CoachingSessionRescheduled", after(planned(), "reschedule")),
    ("CoachingSessionHeld", after(planned(), "hold")),
    ("CoachingSessionMissed", after(planned(), "miss")),
    ("CoachingSessionCancelled", after(planned(), "cancel")),
    ("CoachingSessionSummarized", after(planned(), "hold", "summarize")),
    ("CoachingSessionCorrected", after(planned(), "hold", "correct")),
    ("CoachingSessionVoided", after(planned(), "hold", "void")),
    ("CoachingSessionTransferred", after(planned(), "transfer")),
    ("CoachingSessionRestated", restated()),
    ("CoachingSessionLeft", left()),
    ("CoachingSessionErased", after(planned(), "transfer", "erase")),
]


@pytest.mark.parametrize(("name", "aggregate"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, aggregate: CoachingSession) -> None:
    event = aggregate.take_event()
    aggregate.record(event)
    encoded = COACHING_SESSIONS.encode(aggregate, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert_golden("programs", encoded)


@pytest.mark.parametrize("barrier", Barrier)
def test_what_stood_in_the_way_is_in_no_event(barrier: Barrier) -> None:
    """It may be said of a person, and an event goes to all who read the journal."""
    missed = planned()
    missed.take_event()
    missed.miss(COACH, TOLD, (barrier,))
    encoded = COACHING_SESSIONS.encode(missed, missed.take_event())
    assert barrier.encode() not in encoded.data


def keys_of(session: CoachingSession) -> tuple[str, ...]:
    return COACHING_SESSIONS.encode(session, session.take_event()).keys


def test_an_event_is_a_record_for_each_of_its_teachers_and_who_has_just_left() -> None:
    assert keys_of(planned()) == ("north:teacher-1", "north:teacher-2", "north:teacher-3")
    held = after(planned(), "hold")
    assert held.teachers == TEACHERS[:2]
    assert keys_of(held) == ("north:teacher-1", "north:teacher-2", "north:teacher-3")
    assert keys_of(after(held, "summarize")) == ("north:teacher-1", "north:teacher-2")


def test_time_without_teachers_is_a_record_of_its_own() -> None:
    alone = CoachingSession(
        id="s1",
        district="north",
        coach=COACH,
        teachers=(),
        kind=SessionKind.SUPPORT,
        school_year=2027,
        starts_at=HELD,
        scheduled_by=COACH,
        scheduled_at=START,
    ).scheduled()
    assert keys_of(alone) == ("north:s1",)


def test_no_event_has_what_was_written() -> None:
    written = after(planned(), "hold", "summarize")
    encoded = COACHING_SESSIONS.encode(written, written.take_event())
    assert b"nobody" not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    assert after(planned(), "transfer").moved == (Renamed("teacher-2", "teacher-4"),)
    for _, aggregate in EVENTS:
        state = COACHING_SESSIONS.to_state(aggregate)
        assert COACHING_SESSIONS.from_state(aggregate.id, "north", 0, state) == aggregate
