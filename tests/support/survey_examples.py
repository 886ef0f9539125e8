"""Instruments and administrations for tests."""

from __future__ import annotations

from dataclasses import replace

from services.surveys.administration.domain import Administration, asked_of
from services.surveys.instrument.domain import (
    Instrument,
    InstrumentState,
    Item,
    Scale,
    ScaleKind,
    ValidationStatus,
)
from tests.support.clocks import START

CANARY = "canary-free-text"
DISTRICT, TEACHER, COACH, CLASS = "north", "teacher-1", "coach-1", "class-1"

AGREE = Scale("agree", ScaleKind.LIKERT, (1, 2, 3, 4, 5), tuple(CANARY + c for c in "abcde"), 4)
FACES = Scale("faces", ScaleKind.EMOJI, (1, 2, 3), ("☹ sad", "😐 so-so", "☺ happy"), 3)
ITEMS = (
    Item("i1", f"{CANARY} I belong here.", "belonging", CANARY, "Apache-2.0", "agree"),
    Item("i2", f"{CANARY} I am alone.", "belonging", CANARY, "Apache-2.0", "agree", reversed=True),
    Item("i3", f"{CANARY} I can do math.", "math-confidence", CANARY, "Apache-2.0", "faces"),
)


def instrument(
    scales: tuple[Scale, ...] = (AGREE, FACES), items: tuple[Item, ...] = ITEMS
) -> Instrument:
    return Instrument(
        id="5f0c9a4e-0000-4000-8000-000000000011",
        district=DISTRICT,
        title=CANARY,
        scales=scales,
        items=items,
        validation_status=ValidationStatus.LOCAL,
        license="Apache-2.0",
        drafted_by=COACH,
        language="en",
        minutes=3,
    )


def published_instrument() -> Instrument:
    new = instrument().drafted()
    new.take_event()
    new.publish(new.drafted_by)
    return new


def fork() -> Instrument:
    """A draft of another instrument, which says what its parent says."""
    parent = published_instrument()
    made = replace(
        parent,
        id="5f0c9a4e-0000-4000-8000-000000000013",
        state=InstrumentState.DRAFT,
        parent=parent.id,
        parent_series=parent.series,
        comparable=True,
        version=0,
    )
    made.take_event()
    return made


def administration() -> Administration:
    return Administration(
        id="5f0c9a4e-0000-4000-8000-000000000012",
        district=DISTRICT,
        teacher=TEACHER,
        school_year=2027,
        instrument_id="5f0c9a4e-0000-4000-8000-000000000011",
        class_id=CLASS,
        series="5f0c9a4e-0000-4000-8000-000000000010",
        validation_status="local",
        items=asked_of(published_instrument()),
        secret=b"canary-of-secret",
        scheduled_at=START,
        goal_id="goal-1",
        lesson_date="2026-10-06",
        baseline=True,
    ).scheduled(COACH)
