"""What the programs service publishes of interest in pairs, example by example."""

from __future__ import annotations

import pytest

from services.programs.pairing.codec import PAIR_INTERESTS
from services.programs.pairing.domain import PairInterest
from tests.support.clocks import START
from tests.support.golden import assert_golden

TEACHER, OTHER = "teacher-1", "teacher-2"


def stated() -> PairInterest:
    return PairInterest(
        id="5f0c9a4e-0000-4000-8000-000000000083",
        district="north",
        teacher=TEACHER,
        school_year=2027,
        offers=("wait-time",),
        seeks=("class-talk",),
        stated_at=START,
        first_stated_at=START,
    ).stated()


def after(*steps: str) -> PairInterest:
    interest = stated()
    for step in steps:
        interest.take_event()
        match step:
            case "withdraw":
                interest.withdraw(TEACHER, START)
            case "transfer":
                interest.transfer(OTHER)
            case _:
                interest.erase()
    return interest


EVENTS = [
    ("PairInterestStated", stated(), (TEACHER,)),
    ("PairInterestWithdrawn", after("withdraw"), (TEACHER,)),
    ("PairInterestTransferred", after("transfer"), (OTHER, TEACHER)),
    ("PairInterestErased", after("transfer", "erase"), (OTHER, TEACHER)),
]


@pytest.mark.parametrize(("name", "interest", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_says_nothing_of_what_she_offers_and_seeks(
    name: str, interest: PairInterest, told: tuple[str, ...]
) -> None:
    event = interest.take_event()
    encoded = PAIR_INTERESTS.encode(interest, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    for words in ("wait-time", "class-talk"):
        assert words.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, interest, _ in EVENTS:
        state = PAIR_INTERESTS.to_state(interest)
        assert PAIR_INTERESTS.from_state(interest.id, "north", 0, state) == interest
