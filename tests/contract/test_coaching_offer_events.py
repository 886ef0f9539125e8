"""What the programs service publishes of coaches' offers, example by example."""

from __future__ import annotations

import pytest

from services.programs.offer.codec import COACHING_OFFERS
from services.programs.offer.domain import CoachingOffer
from services.programs.request.domain import Teaching
from tests.support.clocks import START
from tests.support.golden import assert_golden

COACH, OTHER = "coach-1", "coach-2"


def made() -> CoachingOffer:
    return CoachingOffer(
        id="5f0c9a4e-0000-4000-8000-000000000084",
        district="north",
        round="5f0c9a4e-0000-4000-8000-000000000081",
        program="5f0c9a4e-0000-4000-8000-000000000031",
        coach=COACH,
        school_year=2027,
        teaching=Teaching(("04",), ("Mathematics",), ("es-MX",)),
        capacity=5,
        offered_at=START,
        first_offered_at=START,
    ).made()


def after(*steps: str) -> CoachingOffer:
    offer = made()
    for step in steps:
        offer.take_event()
        match step:
            case "withdraw":
                offer.withdraw(COACH, START)
            case "transfer":
                offer.transfer(OTHER)
            case _:
                offer.erase()
    return offer


EVENTS = [
    ("CoachingOfferMade", made(), (COACH,)),
    ("CoachingOfferWithdrawn", after("withdraw"), (COACH,)),
    ("CoachingOfferTransferred", after("transfer"), (OTHER, COACH)),
    ("CoachingOfferErased", after("transfer", "erase"), (OTHER, COACH)),
]


@pytest.mark.parametrize(("name", "offer", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_says_nothing_of_whom_she_would_coach(
    name: str, offer: CoachingOffer, told: tuple[str, ...]
) -> None:
    event = offer.take_event()
    encoded = COACHING_OFFERS.encode(offer, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    for word in ("Mathematics", "es-MX"):
        assert word.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, offer, _ in EVENTS:
        state = COACHING_OFFERS.to_state(offer)
        assert COACHING_OFFERS.from_state(offer.id, "north", 0, state) == offer
