"""What is published of shares, example by example, of whatever is shared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.access.sharing.domain import Share, SharePurpose
from services.chassis.write.states import AggregateCodec
from services.goals.share.codec import GOAL_SHARES
from services.observations.share.codec import OBSERVATION_SHARES
from services.surveys.share.codec import ADMINISTRATION_SHARES
from tests.support.clocks import START
from tests.support.golden import assert_golden

OWNER, READER, OTHER = "teacher-1", "teacher-2", "teacher-3"
MEETING = "5f0c9a4e-0000-4000-8000-000000000031"
LATER = START + timedelta(days=7)
KINDS = {
    "goals": ("Goal", GOAL_SHARES),
    "observations": ("Observation", OBSERVATION_SHARES),
    "surveys": ("Administration", ADMINISTRATION_SHARES),
}


def after(act: Callable[[Share], object]) -> Share:
    made = Share(
        id="5f0c9a4e-0000-4000-8000-000000000021",
        district="north",
        artifact="5f0c9a4e-0000-4000-8000-000000000001",
        teacher=OWNER,
        audience=[READER, OTHER],
        purpose=SharePurpose.PEER_LEARNING,
        once=True,
        created_at=START,
        expires_at=LATER,
    ).created()
    if act is not Share.created:
        made.take_event()
        act(made)
    return made


def read_and_revoked(share: Share) -> None:
    share.read(READER, START)
    share.take_event()
    share.revoke(OWNER, START)


EXAMPLES: dict[str, Callable[[Share], object]] = {
    "Created": Share.created,
    "Read": lambda each: each.read(READER, START),
    "Revoked": read_and_revoked,
    "Expired": lambda each: each.expire(LATER),
    "CalledOff": lambda each: each.call_off(each.meeting, LATER),
    "Transferred": lambda each: each.transfer("teacher-9"),
    "Erased": lambda each: each.erase(),
}
NEVER = {("CalledOff", "observations")}  # which are shared with nobody at a meeting


@pytest.mark.parametrize(
    ("name", "service"),
    [(name, each) for name in EXAMPLES for each in KINDS if (name, each) not in NEVER],
)
def test_an_event_is_published_as_its_example_says(service: str, name: str) -> None:
    noun, codec = KINDS[service]
    share = after(EXAMPLES[name])
    if name in ("Expired", "CalledOff") and service != "observations":  # with those at a meeting
        share.audience, share.once, share.meeting = [], False, MEETING
    event = share.take_event()
    share.record(event)
    encoded = codec.encode(share, event)
    assert encoded.type == f"coaching.{service}.v1.{noun}Share{name}"
    assert_golden(service, encoded)


@pytest.mark.parametrize("codec", [each for _, each in KINDS.values()], ids=[*KINDS])
def test_what_is_stored_is_read_back_the_same(codec: AggregateCodec[Share]) -> None:
    for act in EXAMPLES.values():
        share = after(act)
        share.take_event()
        assert codec.from_state(share.id, "north", 0, codec.to_state(share)) == share


def test_whose_it_was_before_is_told_of_it_once() -> None:
    """And when it is erased: her rows are to know."""
    moved = after(lambda each: each.transfer("teacher-9"))
    keys = GOAL_SHARES.encode(moved, moved.take_event()).keys
    assert keys == ("north:teacher-9", f"north:{OWNER}")
    moved.revoke("teacher-9", LATER)
    assert GOAL_SHARES.encode(moved, moved.take_event()).keys == ("north:teacher-9",)
