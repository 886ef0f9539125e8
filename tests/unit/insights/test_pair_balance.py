"""How two teachers of a pair visit each other, and when that is one-sided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.insights.caseload.domain.card import Card, Observation, ObservationState, Session
from services.insights.pair.domain import (
    MOST_EVIDENCE,
    Visits,
    evidence_of,
    is_imbalanced,
    next_session_of,
    visits_of,
)
from services.insights.program.domain import EVERYWHERE

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("counts", "uneven"),
    [
        ((0, 0), False),
        ((0, 1), False),
        ((0, 2), True),
        ((1, 2), False),
        ((1, 3), True),
        ((2, 5), False),
        ((2, 6), True),
    ],
)
def test_one_alone_or_three_times_as_often_is_uneven(counts: tuple[int, int], uneven: bool) -> None:
    for each in (counts, counts[::-1]):
        visits = [Visits("a", "b", each[0]), Visits("b", "a", each[1])]
        assert is_imbalanced(visits, EVERYWHERE) is uneven


def test_the_program_of_either_may_say_otherwise() -> None:
    visits = [Visits("a", "b", 2), Visits("b", "a", 1)]
    sooner = replace(EVERYWHERE, imbalance_ratio=2)
    assert is_imbalanced(visits, EVERYWHERE, sooner)
    later = replace(EVERYWHERE, imbalance_visits=3)
    assert not is_imbalanced([Visits("a", "b", 2), Visits("b", "a")], later, later)


def test_visits_are_those_of_the_one_that_were_completed_within_30_days() -> None:
    def seen(id: str, days: float | None, by: str = "a") -> Observation:
        at = None if days is None else NOW - days * DAY
        return Observation(id, "tool", ObservationState.COMPLETED, at, observer=by)

    observations = seen("1", 0), seen("2", 30), seen("3", 30.1), seen("4", None), seen("5", 1, "c")
    card = Card("b", 2027, observations=observations)
    lately = ((NOW - 30 * DAY, "2"), (NOW, "1"))
    assert visits_of("a", card, NOW) == Visits("a", "b", 2, NOW, lately)
    assert visits_of("b", card, NOW) == Visits("b", "b")
    assert visits_of("a", card, NOW + 40 * DAY) == Visits("a", "b", 0, NOW)


def test_evidence_is_the_pair_and_the_newest_of_both_oldest_first() -> None:
    hers = Visits("a", "b", lately=((NOW - DAY, "2"), (NOW, "1")))
    theirs = Visits("b", "a", lately=((NOW - 2 * DAY, "3"),))
    assert evidence_of("p", [hers, theirs]) == ("p", "3", "2", "1")
    many = tuple((NOW - number * DAY / 2, f"{number:02}") for number in range(59, -1, -1))
    found = evidence_of("p", [Visits("a", "b", lately=many)])
    assert found == ("p", *(f"{number:02}" for number in range(MOST_EVIDENCE - 1, -1, -1)))


def test_the_next_session_is_one_of_both() -> None:
    def at(id: str, days: int, held: bool = False) -> Session:
        return Session(id, "coach", NOW + days * DAY, held)

    one = Card("a", 2027, sessions=(at("1", 1), at("2", 3), at("3", 5), at("4", -1)))
    other = Card("b", 2027, sessions=(at("2", 3), at("3", 5), at("4", -1), at("9", 2)))
    assert next_session_of(one, other, NOW) == NOW + 3 * DAY
    assert next_session_of(one, Card("b", 2027), NOW) is None
