"""A class or a goal that a request names is the teacher's own, or it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.access.access import Access
from services.access.profile import ALL_WORK, Profile, Role, Tie, profile_of
from services.access.projection import FOLDS
from services.access.ties import check_class, check_goal
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import Event
from tests.support.clocks import START, FakeClock
from tests.support.days import DAYS
from tests.support.directories import OneByOne

TIES = (Tie("c1", 2027), Tie("c2", 2027, sees=frozenset({"observation"})))
PEOPLE = {
    "t1": Profile("t1", True, (), TIES, classes={"k1": 20}, goals=frozenset({"goal-1"})),
    "c1": Profile("c1", True, (Role("ext:coach", "s1"),)),
    "c2": Profile("c2", True, (Role("ext:coach", "s1"),)),
}


class Known(OneByOne):
    async def profile(self, district: str, person: str) -> Profile | None:
        return PEOPLE.get(person) if district == "north" else None


async def test_no_class_is_fine_and_an_unknown_teacher_has_none() -> None:
    access = Access({}, Known(), FakeClock(), DAYS)
    await check_class(access, "north", "t1", "k1")
    await check_class(access, "north", "nobody", "")
    for teacher, other in (("t1", "no-such"), ("nobody", "k1")):
        with pytest.raises(Fault) as refused:
            await check_class(access, "north", teacher, other)
        assert (refused.value.kind, refused.value.place) == (Kind.INVALID, "/class_id")


@pytest.mark.parametrize(
    ("reader", "teacher", "goal", "fine"),
    [
        ("t1", "t1", "goal-1", True),
        ("c1", "t1", "goal-1", True),
        ("c2", "t1", "", True),
        ("t1", "t1", "no-such", False),
        ("c1", "t1", "no-such", False),
        ("c2", "t1", "goal-1", False),  # she is shown none
        ("c9", "t1", "goal-1", False),
        ("nobody", "nobody", "goal-1", False),
        ("c1", "nobody", "", True),
    ],
)
async def test_a_goal_is_the_teachers_own_and_shown_to_who_names_it(
    reader: str, teacher: str, goal: str, fine: bool
) -> None:
    access = Access({}, Known(), FakeClock(), DAYS)
    checked = check_goal(access, Call("schedule", Principal("north", person=reader)), teacher, goal)
    if fine:
        await checked
        return
    with pytest.raises(Fault) as refused:
        await checked
    assert (refused.value.code, refused.value.place) == ("unknown_goal", "/goal_id")


def row_of(message: Message, aggregate: str) -> Profile:
    """What the access view knows of t1 from one event."""
    type_ = message.DESCRIPTOR.full_name
    envelope = Envelope("e", type_, "north", "north:t1", aggregate, 1, START, 2027)
    (fact,) = FOLDS[type_](Event(envelope, message))
    return profile_of({"_id": fact.row, "facts": {fact.group: {fact.id: dict(fact.value)}}})


def folded(name: str, state: goals.GoalState.ValueType) -> Profile:
    said = goals.GoalSnapshot(goal_id="goal-9", teacher_id="t1", school_year=2027, state=state)
    return row_of(getattr(goals, name)(goal=said), "goal-9")


def test_a_goal_is_hers_from_its_draft_on_and_no_more_once_withdrawn() -> None:
    assert folded("GoalDrafted", goals.GOAL_STATE_DRAFT).goals == {"goal-9"}
    assert folded("GoalWithdrawn", goals.GOAL_STATE_WITHDRAWN).goals == frozenset()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([], ALL_WORK),  # nobody could say it yet
        ([relationships.WORK_GOALS], {"goal"}),
        ([relationships.WORK_SURVEYS, 41], {"administration"}),
        ([41], set()),  # of a newer build
    ],
)
def test_a_coach_is_shown_what_the_relationship_says(said: list[Any], shown: set[str]) -> None:
    pair = relationships.RelationshipSnapshot(
        relationship_id="r1",
        teacher_id="t1",
        coach_id="c1",
        school_year=2027,
        state=relationships.RELATIONSHIP_STATE_ACTIVE,
        coach_sees=said,
    )
    (tie,) = row_of(relationships.RelationshipAccepted(relationship=pair), "r1").ties
    assert tie.sees == shown
    assert [tie.shows(kind) for kind in ("goal", "class", "")] == ["goal" in shown, True, True]
