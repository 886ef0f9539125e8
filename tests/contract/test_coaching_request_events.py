"""What the programs service publishes of rounds and requests, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.request.codec import COACHING_REQUESTS
from services.programs.request.domain import CoachingRequest, DayPart, Weekday, Wishes
from services.programs.round.codec import COACHING_ROUNDS
from services.programs.round.domain import CoachingRound, RoundOption, RoundPlace, RoundSays
from tests.support.clocks import START
from tests.support.golden import assert_golden

LEAD, COACH, TEACHER, OTHER = "lead-1", "coach-1", "teacher-1", "teacher-2"
LATER = START + timedelta(days=1)
PROGRAM = "5f0c9a4e-0000-4000-8000-000000000031"
ROUND = "5f0c9a4e-0000-4000-8000-000000000081"
REQUEST = "5f0c9a4e-0000-4000-8000-000000000082"
SAYS = RoundSays(
    title="Coaching in autumn",
    options=(RoundOption("class-talk", "Eight weeks on talk in class"),),
    begins="2026-10-12",
    ends="2026-10-30",
    capacity=2,
)
WISHES = Wishes(("class-talk",), (Weekday.TUESDAY,), (DayPart.MORNING,), "My third period")


def planned() -> CoachingRound:
    return CoachingRound.plan(
        id=ROUND,
        district="north",
        program=PROGRAM,
        school_year=2027,
        says=SAYS,
        by=LEAD,
        at=START,
    )


def round_after(*steps: str) -> CoachingRound:
    each, today = planned(), START.date()
    for step in steps:
        each.take_event()
        match step:
            case "edit":
                each.edit(RoundSays("Later", SAYS.options, SAYS.begins, SAYS.ends, 3), today, LATER)
            case "open":
                each.open(today, LATER)
            case "close":
                each.close(LEAD, LATER)
            case "grant":
                each.grant(RoundPlace(REQUEST, START, COACH, LEAD))
            case _:
                each.free_place(REQUEST, START)
    return each


def made() -> CoachingRequest:
    return CoachingRequest.make(
        id=REQUEST,
        district="north",
        round=ROUND,
        program=PROGRAM,
        teacher=TEACHER,
        year=2027,
        wishes=WISHES,
        at=START,
    )


def after(*steps: str) -> CoachingRequest:
    each = made()
    for step in steps:
        each.take_event()
        match step:
            case "edit":
                each.edit(Wishes(("class-talk",)))
            case "grant":
                each.grant(COACH, START, LATER)
            case "transfer":
                each.transfer("teacher", OTHER)
            case "erase":
                each.erase()
            case _:
                getattr(each, step)(TEACHER, LATER)
    return each


ROUNDS = [
    ("CoachingRoundPlanned", planned()),
    ("CoachingRoundEdited", round_after("edit")),
    ("CoachingRoundOpened", round_after("open")),
    ("CoachingRoundClosed", round_after("open", "close")),
    ("CoachingRoundGranted", round_after("open", "grant")),
    ("CoachingRoundFreed", round_after("open", "grant", "free")),
]
REQUESTS = [
    ("CoachingRequestMade", made(), (TEACHER,)),
    ("CoachingRequestEdited", after("edit"), (TEACHER,)),
    ("CoachingRequestGranted", after("grant"), (TEACHER,)),
    ("CoachingRequestOver", after("turn_down"), (TEACHER,)),
    ("CoachingRequestTransferred", after("transfer"), (OTHER, TEACHER)),
    ("CoachingRequestErased", after("transfer", "erase"), (OTHER, TEACHER)),
]


@pytest.mark.parametrize(("name", "each"), ROUNDS, ids=[name for name, _ in ROUNDS])
def test_an_event_of_a_round_is_about_nobody(name: str, each: CoachingRound) -> None:
    event = each.take_event()
    encoded = COACHING_ROUNDS.encode(each, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert encoded.keys == (f"north:{ROUND}",)
    for words in (SAYS.title, SAYS.options[0].label, LEAD, COACH):
        assert words.encode() not in encoded.data
    assert_golden("programs", encoded)


@pytest.mark.parametrize(("name", "each", "told"), REQUESTS, ids=[name for name, *_ in REQUESTS])
def test_an_event_of_a_request_has_none_of_her_words(
    name: str, each: CoachingRequest, told: tuple[str, ...]
) -> None:
    event = each.take_event()
    encoded = COACHING_REQUESTS.encode(each, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    for words in (WISHES.note, "tuesday", "morning", "turned_down"):
        assert words.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_taken_back_and_turned_down_are_published_alike() -> None:
    back, down = (
        COACHING_REQUESTS.encode(each, each.take_event())
        for each in (after("withdraw"), after("turn_down"))
    )
    assert back == down


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, each in ROUNDS:
        state = COACHING_ROUNDS.to_state(each)
        assert COACHING_ROUNDS.from_state(each.id, "north", 0, state) == each
    for _, request, _ in REQUESTS:
        state = COACHING_REQUESTS.to_state(request)
        assert COACHING_REQUESTS.from_state(request.id, "north", 0, state) == request
