"""What the goals service publishes of celebrations, example by example."""

from __future__ import annotations

import pytest

from services.goals.celebration.codec import CELEBRATIONS
from services.goals.celebration.domain import Celebration
from services.goals.celebration.outline import CelebrationAudience, CelebrationFact
from tests.support.clocks import START
from tests.support.golden import assert_golden
from tests.support.practices import CANARY, COACH, TEACHER


def new() -> Celebration:
    """Of what a class has reached, with its first event."""
    return Celebration(
        id="5f0c9a4e-0000-4000-8000-000000000025",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        fact=CelebrationFact.PROGRESS,
        sent_by=COACH,
        sent_at=START,
        week="2026-09-28",
        goal="goal-1",
        trial="trial-1",
        number=3,
        value=4321.5,
        note=CANARY,
    ).sent()


def chosen() -> Celebration:
    one = new()
    one.take_event()
    one.choose(TEACHER, START, CelebrationAudience.PAIRS_AND_GROUPS)
    return one


def put_away() -> Celebration:
    one = chosen()
    one.take_event()
    one.put_away(TEACHER, START)
    return one


def reworded() -> Celebration:
    one = put_away()
    one.take_event()
    one.reword(START, f"{CANARY} in other words")
    return one


def transferred() -> Celebration:
    one = chosen()
    one.take_event()
    one.transfer("teacher-2")
    return one


def erased() -> Celebration:
    one = chosen()
    one.take_event()
    one.erase()
    return one


EVENTS = [
    ("CelebrationSent", new()),
    ("CelebrationAudienceChosen", chosen()),
    ("CelebrationPutAway", put_away()),
    ("CelebrationReworded", reworded()),
    ("CelebrationTransferred", transferred()),
    ("CelebrationErased", erased()),
]


@pytest.mark.parametrize(("name", "celebration"), EVENTS, ids=[name for name, _ in EVENTS])
def test_an_event_is_published_as_its_example_says(name: str, celebration: Celebration) -> None:
    event = celebration.take_event()
    celebration.record(event)
    encoded = CELEBRATIONS.encode(celebration, event)
    assert encoded.type == f"coaching.goals.v1.{name}"
    assert_golden("goals", encoded)
    assert CANARY.encode() not in encoded.data


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, celebration in EVENTS:
        state = CELEBRATIONS.to_state(celebration)
        assert CELEBRATIONS.from_state(celebration.id, "north", 0, state) == celebration


def test_what_an_older_build_has_put_away_who_sent_it_is_not_told_either() -> None:
    for one, told in ((put_away(), 2), (chosen(), 3)):
        state = CELEBRATIONS.to_state(one)
        del state["unseen"]
        read = CELEBRATIONS.from_state(one.id, "north", 3, CELEBRATIONS.upcast(3, state))
        assert (read.version_to(TEACHER), read.version_to(COACH)) == (3, told)


def test_a_peer_whose_record_was_taken_for_hers_has_sent_it_still() -> None:
    one = new()
    for whose in (COACH, TEACHER):  # the two are merged, and parted again
        one.take_event()
        one.transfer(whose)
    assert (one.teacher, one.sent_by) == (TEACHER, COACH)
