"""What the programs service publishes of agreements, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.agreement.codec import AGREEMENTS
from services.programs.agreement.domain import Agreement
from services.programs.agreement.outline import AgreementTerms
from services.programs.relationship.domain import Work
from tests.support.clocks import START
from tests.support.golden import assert_golden

COACH, TEACHER, OTHER = "coach-1", "teacher-1", "teacher-2"
LATER = START + timedelta(days=1)
ID = "5f0c9a4e-0000-4000-8000-000000000061"
RELATIONSHIP = "5f0c9a4e-0000-4000-8000-000000000011"
TERMS = AgreementTerms(
    works_on="More talk",
    how_often="Every other week",
    coach_sees=(Work.GOALS, Work.OBSERVATIONS),
    shared_with="That we meet",
    begins="2026-09-14",
    ends="2027-01-29",
)


def offered() -> Agreement:
    return Agreement.begin(
        id=ID,
        district="north",
        relationship=RELATIONSHIP,
        coach=COACH,
        teacher=TEACHER,
        year=2027,
        by=COACH,
        at=START,
        terms=TERMS,
        heard=0,
    )


def after(*steps: str) -> Agreement:
    agreement = offered()
    for step in steps:
        agreement.take_event()
        match step:
            case "accept":
                agreement.accept(TEACHER, LATER, agreement.numbers, 3)
            case "offer":
                agreement.offer(TEACHER, LATER, TERMS, 4)
            case "transfer":
                agreement.transfer(TEACHER, OTHER, "another", LATER)
            case "erase":
                agreement.erase()
            case _:
                getattr(agreement, step)(TEACHER, LATER)
    return agreement


EVENTS = [
    ("AgreementOffered", after("accept", "offer"), (TEACHER,)),
    ("AgreementAccepted", after("accept"), (TEACHER,)),
    ("AgreementDropped", after("decline"), (TEACHER,)),
    ("AgreementEnded", after("accept", "end"), (TEACHER,)),
    ("AgreementTransferred", after("accept", "transfer"), (TEACHER, OTHER)),
    ("AgreementErased", after("accept", "transfer", "erase"), (TEACHER, OTHER)),
]


@pytest.mark.parametrize(("name", "agreement", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str, agreement: Agreement, told: tuple[str, ...]
) -> None:
    event = agreement.take_event()
    agreement.record(event)
    encoded = AGREEMENTS.encode(agreement, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    for words in (TERMS.works_on, TERMS.how_often, TERMS.shared_with):
        assert words.encode() not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, agreement, _ in EVENTS:
        state = AGREEMENTS.to_state(agreement)
        assert AGREEMENTS.from_state(agreement.id, "north", 0, state) == agreement
