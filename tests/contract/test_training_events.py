"""What the programs service publishes of trainings, example by example."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.programs.training.codec import TRAININGS
from services.programs.training.domain import (
    Training,
    TrainingKind,
    TrainingProvider,
    TrainingReason,
    TrainingSaid,
)
from tests.support.clocks import START
from tests.support.golden import assert_golden

COACH, OTHER, ADMIN = "coach-1", "coach-2", "admin-1"
SAYS = TrainingSaid("Canary-tool", "", "2026-08-20", "2027-08-20", TrainingProvider.DISTRICT)
OVER = datetime.fromisoformat("2027-08-21T04:00:00+00:00")


def recorded() -> Training:
    return Training(
        id="5f0c9a4e-0000-4000-8000-000000000091",
        district="north",
        person=COACH,
        kind=TrainingKind.RATING,
        program="5f0c9a4e-0000-4000-8000-000000000031",
        says=SAYS,
        school_year=2027,
        recorded_by=ADMIN,
        by_lead=False,
        recorded_at=START,
        expires_at=OVER,
    ).recorded()


def after(*steps: str) -> Training:
    training = recorded()
    for step in steps:
        training.take_event()
        match step:
            case "contest":
                training.contest(COACH, START, "Canary note")
            case "correct":
                said = TrainingSaid("Canary", "", "2026-08-21", "", TrainingProvider.STATE)
                training.correct(ADMIN, START, said, None, TrainingReason.CONTESTED)
            case "void":
                training.void(ADMIN, START, TrainingReason.RECORDED_TWICE)
            case "transfer":
                training.transfer(OTHER)
            case _:
                training.erase()
    return training


EVENTS = [
    ("TrainingRecorded", recorded(), (COACH,)),
    ("TrainingContested", after("contest"), (COACH,)),
    ("TrainingCorrected", after("contest", "correct"), (COACH,)),
    ("TrainingVoided", after("correct", "void"), (COACH,)),
    ("TrainingTransferred", after("transfer"), (OTHER, COACH)),
    ("TrainingErased", after("transfer", "erase"), (OTHER, COACH)),
]


@pytest.mark.parametrize(("name", "training", "told"), EVENTS, ids=[name for name, *_ in EVENTS])
def test_an_event_names_no_tool_and_says_nothing_of_what_she_says(
    name: str, training: Training, told: tuple[str, ...]
) -> None:
    event = training.take_event()
    encoded = TRAININGS.encode(training, event)
    assert encoded.type == f"coaching.programs.v1.{name}"
    assert sorted(encoded.keys) == sorted(f"north:{each}" for each in told)
    assert b"Canary" not in encoded.data
    assert_golden("programs", encoded)


def test_what_is_stored_is_read_back_the_same() -> None:
    for _, training, _ in EVENTS:
        state = TRAININGS.to_state(training)
        assert TRAININGS.from_state(training.id, "north", 0, state) == training
