"""What the programs service publishes of circles, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.circle.codec import CIRCLES
from services.programs.circle.domain import Circle
from services.programs.circle.outline import CircleKind
from services.programs.relationship.domain import Work
from tests.support.clocks import START
from tests.support.golden import assert_golden

ONE, OTHER, THIRD, COACH = "teacher-1", "teacher-2", "teacher-3", "coach-1"
LATER = START + timedelta(days=1)
ID = "5f0c9a4e-0000-4000-8000-000000000051"


def proposed(kind: CircleKind = CircleKind.PAIR) -> Circle:
    return Circle.propose(
        id=ID,
        district="north",
        kind=kind,
        members=[ONE, OTHER],
        facilitator=COACH,
        year=2027,
        by=ONE,
        at=START,
        shows=[Work.GOALS],
    )


def after(*steps: str, kind: CircleKind = CircleKind.PAIR) -> Circle:
    circle = proposed(kind)
    for step in steps:
        circle.take_event()
        match step:
            case "join":
                circle.join(OTHER, LATER, [Work.OBSERVATIONS, Work.SURVEYS])
            case "show":
                circle.join(ONE, LATER, [])
            case "invite":
                circle.invite(COACH, LATER, [THIRD])
            case "step out":
                circle.step_out(ONE, LATER)
            case "transfer":
                circle.transfer(ONE, THIRD, LATER)
            case "restate":
                circle = circle.without(ONE, "5f0c9a4e-0000-4000-8000-000000000052", LATER)
            case "erase":
                circle.erase()
            case _:
                getattr(circle, step)(OTHER, LATER)
    return circle


GROUP = CircleKind.GROUP
BOTH = (ONE, OTHER)
EVENTS = [
    ("CircleProposed", proposed(), BOTH),
    ("CircleInvited", after("invite", kind=GROUP), (*BOTH, THIRD)),
    ("CircleJoined", after("join"), BOTH),
    ("CircleShown", after("join", "show"), BOTH),
    ("CircleLeft", after("join", "step out", kind=GROUP), BOTH),
    ("CirclePaused", after("join", "pause"), BOTH),
    ("CircleResumed", after("join", "pause", "resume"), BOTH),
    ("CircleEnded", after("join", "end"), BOTH),
    ("CircleTransferred", after("join", "transfer"), (*BOTH, THIRD)),
    ("CircleRestated", after("join", "restate", kind=GROUP), (OTHER,)),
    ("CircleErased", after("join", "step out", "erase", kind=GROUP), BOTH),
]


@pytest.mark.parametrize(("name", "circle", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str, circle: Circle, told: tuple[str, ...]
) -> None:
    event = circle.take_event()
    circle.record(event)
    encoded = CIRCLES.encode(circle, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, circle, _ in EVENTS:
        state = CIRCLES.to_state(circle)
        assert CIRCLES.from_state(circle.id, "north", 0, state) == circle
