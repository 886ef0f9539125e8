"""The day of a handover is moved so often, by either side."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.chassis.kernel import Fault, Kind
from services.programs.relationship.outline import ASKED_FOR, MOST_ASKED, MOST_DAYS, MOST_KEPT
from tests.support.clocks import START
from tests.unit.test_relationship import COACH, active


def test_a_day_is_moved_so_often_by_each_side_and_whoever_moves_it_has_proposed() -> None:
    relationship = active()
    days = iter(f"2026-11-{number:02}" for number in range(1, 29))

    def moves(by: str, at: datetime = START) -> None:
        relationship.take_event()
        relationship.hand_over(by, at, "coach-2", next(days))

    for _ in range(MOST_DAYS):
        moves(COACH)
    with pytest.raises(Fault) as caught:
        moves(COACH)
    assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "proposed_lately")
    assert relationship.take_event() is None
    for _ in range(MOST_DAYS):
        moves("admin")
    with pytest.raises(Fault, match="proposed_lately"):
        moves("admin-2")
    relationship.withdraw_handover("admin", START)
    relationship.take_event()
    for by in (COACH, "admin"):
        with pytest.raises(Fault, match="proposed_lately"):
            relationship.hand_over(by, START, "coach-2")
    for number in range(1, MOST_ASKED):  # those were days of one coach, and there are two more
        relationship.hand_over("admin", START, f"coach-{number + 2}")
        relationship.take_event()
    with pytest.raises(Fault, match="proposed_lately"):
        relationship.hand_over("admin", START, "coach-9")
    moves("admin", START + ASKED_FOR)


def test_each_other_coach_who_was_proposed_is_kept_once_and_the_last_of_many() -> None:
    relationship = active()
    for number in range(2 * MOST_KEPT):
        for again in range(2):
            at = START + (2 * number + again) * ASKED_FOR
            relationship.hand_over(COACH, at, f"coach-{number + 2}")
            relationship.take_event()
            relationship.handover = None  # whatever became of it
    last = [f"coach-{number + 2}" for number in range(MOST_KEPT - 1, 2 * MOST_KEPT)]
    assert [each.successor for each in relationship.asked] == last
