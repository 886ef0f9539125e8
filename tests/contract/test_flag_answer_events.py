"""What the programs service publishes of answers to flags, example by example."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.programs.flag_answer.codec import FLAG_ANSWERS
from services.programs.flag_answer.domain import DismissalReason, FlagAnswer, FlagAnswerKind, Said
from tests.support.clocks import START
from tests.support.golden import assert_golden

COACH, TEACHER, OTHER = "coach-1", "teacher-1", "teacher-2"
FLAG = "F3-5f0c9a4e12ab34cd-90ab12cd34ef56ab"
AWAY = Said(FlagAnswerKind.DISMISSED, DismissalReason.AWAY, "2027-03-31")


def given(says: Said = AWAY) -> FlagAnswer:
    return FlagAnswer(
        id="5f0c9a4e-0000-4000-8000-000000000061",
        district="north",
        coach=COACH,
        teacher=TEACHER,
        relationship="5f0c9a4e-0000-4000-8000-000000000001",
        school_year=2027,
        flag_id=FLAG,
        says=says,
        first_at=START,
        answered_at=START + timedelta(hours=1),
    ).given()


def after(*steps: str) -> FlagAnswer:
    answer = given()
    for step in steps:
        answer.take_event()
        match step:
            case "withdraw":
                answer.withdraw(COACH, START)
            case "transfer":
                answer.transfer("teacher", OTHER)
            case _:
                answer.erase()
    return answer


EVENTS = [
    ("FlagAnswerGiven", given(), (TEACHER,)),
    ("FlagAnswerWithdrawn", after("withdraw"), (TEACHER,)),
    ("FlagAnswerTransferred", after("transfer"), (OTHER, TEACHER)),
    ("FlagAnswerErased", after("transfer", "erase"), (OTHER, TEACHER)),
]


@pytest.mark.parametrize(("name", "answer", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_is_published_as_its_example_says(
    name: str, answer: FlagAnswer, told: tuple[str, ...]
) -> None:
    event = answer.take_event()
    answer.record(event)
    encoded = FLAG_ANSWERS.encode(answer, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    assert b"away" not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, answer, _ in EVENTS:
        state = FLAG_ANSWERS.to_state(answer)
        assert FLAG_ANSWERS.from_state(answer.id, "north", 0, state) == answer
    seen = given(Said(FlagAnswerKind.ACKNOWLEDGED))
    assert FLAG_ANSWERS.from_state(seen.id, "north", 0, FLAG_ANSWERS.to_state(seen)) == seen
