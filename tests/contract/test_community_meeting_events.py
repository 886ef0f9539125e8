"""What the programs service publishes of community meetings and of what is taken away from them,
example by example: never a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.chassis.kernel import Aggregate
from services.programs.meeting.codec import COMMUNITY_MEETINGS
from services.programs.meeting.domain import CommunityMeeting, MeetingPlan
from services.programs.meeting.outline import AgendaItem, MeetingProtocol
from services.programs.takeaway.codec import TAKEAWAYS
from services.programs.takeaway.domain import Takeaway
from tests.support.clocks import START
from tests.support.golden import assert_golden

ONE, OTHER, THIRD, COACH, CANARY = "teacher-1", "teacher-2", "teacher-3", "coach-1", "Canary-words"
LATER, BOTH = START + timedelta(days=1), (ONE, OTHER)
OTHER_ID = "5f0c9a4e-0000-4000-8000-000000000083"
ID, PLACE = "5f0c9a4e-0000-4000-8000-000000000081", "5f0c9a4e-0000-4000-8000-000000000082"


def agreed(days: int = 0, minutes: int = 60) -> MeetingPlan:
    agenda = (AgendaItem(CANARY, 20),)
    starts = START + timedelta(days=days)
    return MeetingPlan(starts, minutes, MeetingProtocol.PRESENT_AND_DISCUSS, agenda)


def planned() -> CommunityMeeting:
    return CommunityMeeting.plan(
        id=ID,
        district="north",
        by=COACH,
        at=START,
        year=2027,
        agreed=agreed(),
        members=BOTH,
        circles=["circle-1"],
        program="program-1",
    )


def after(*steps: str) -> CommunityMeeting:
    meeting = planned()
    for step in steps:
        meeting.take_event()
        match step:
            case "edit":
                meeting.edit(COACH, START, agreed(minutes=90))
            case "move":
                meeting.edit(COACH, START, agreed(days=7))
            case "invite":
                meeting.invite(COACH, START, [THIRD])
            case "hold":
                meeting.hold(COACH, LATER, "session-1")
            case "cancel":
                meeting.cancel(COACH, LATER)
            case "transfer":
                meeting.transfer(ONE, THIRD, START)
            case "restate":
                meeting = meeting.without(ONE, PLACE)
            case "erase":
                meeting.erase()
            case _:
                getattr(meeting, step)(ONE, START)
    return meeting


def taken(*steps: str) -> Takeaway:
    takeaway = Takeaway(
        id=PLACE,
        district="north",
        meeting=ID,
        author=ONE,
        school_year=2027,
        text=CANARY,
        written_at=START,
    ).written()
    for step in steps:
        takeaway.take_event()
        match step:
            case "take back":
                takeaway.take_back(ONE, LATER)
            case "transfer":
                takeaway.transfer(OTHER)
            case "follow":
                takeaway.follow(planned().without(OTHER, OTHER_ID))
            case "erase":
                takeaway.erase()
    return takeaway


EVENTS = [
    ("CommunityMeetingPlanned", planned(), (*BOTH, COACH)),
    ("CommunityMeetingEdited", after("edit"), (*BOTH, COACH)),
    ("CommunityMeetingMoved", after("move"), (*BOTH, COACH)),
    ("CommunityMeetingInvited", after("invite"), (*BOTH, THIRD, COACH)),
    ("CommunityMeetingJoined", after("join"), (*BOTH, COACH)),
    ("CommunityMeetingLeft", after("join", "step_out"), (*BOTH, COACH)),
    ("CommunityMeetingHeld", after("join", "hold"), (*BOTH, COACH)),
    ("CommunityMeetingCancelled", after("join", "cancel"), (*BOTH, COACH)),
    ("CommunityMeetingTransferred", after("join", "transfer"), (*BOTH, THIRD, COACH)),
    ("CommunityMeetingRestated", after("join", "restate"), (OTHER, COACH)),
    ("CommunityMeetingErased", after("join", "step_out", "erase"), (*BOTH, COACH)),
    ("TakeawayWritten", taken(), (ONE,)),
    ("TakeawayTakenBack", taken("take back"), (ONE,)),
    ("TakeawayTransferred", taken("transfer"), BOTH),
    ("TakeawayFollowed", taken("follow"), (ONE,)),
    ("TakeawayErased", taken("transfer", "erase"), BOTH),
]


@pytest.mark.parametrize(("name", "thing", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str, thing: Aggregate, told: tuple[str, ...]
) -> None:
    event = thing.take_event()
    thing.record(event)
    codec = TAKEAWAYS if isinstance(thing, Takeaway) else COMMUNITY_MEETINGS
    encoded = codec.encode(thing, event)  # type: ignore[arg-type]
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    assert CANARY.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, thing, _ in EVENTS:
        codec = TAKEAWAYS if isinstance(thing, Takeaway) else COMMUNITY_MEETINGS
        state = codec.to_state(thing)  # type: ignore[arg-type]
        assert codec.from_state(thing.id, "north", 0, state) == thing
