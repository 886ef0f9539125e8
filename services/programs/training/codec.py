"""Records of trainings: between the domain, the stored state and the published events."""

from __future__ import annotations

from coaching.programs.v1 import training_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.training.domain import Training, TrainingEvent, TrainingKind

TRAINING_EVENTS = messages_of(published.DESCRIPTOR, "Training", TrainingEvent, Last)
_KINDS = numbers_of(TrainingKind, published.TrainingKind.DESCRIPTOR)


def training_snapshot(training: Training) -> published.TrainingSnapshot:
    """What is published of it: neither what it was in nor what she says against it."""
    return published.TrainingSnapshot(
        training_id=training.id,
        person_id=training.person,
        kind=_KINDS[training.kind],
        program_id=training.program,
        completed_on=training.says.completed_on,
        expires_on=training.says.expires_on,
        school_year=training.school_year,
        recorded_by=training.recorded_by,
        recorded_at=stamp(training.recorded_at),
        voided_at=stamp(training.voided_at),
        transferred_from_id=training.transferred_from,
    )


def encode_training(training: Training, event: TrainingEvent | Last) -> EncodedEvent:
    """By the key of whom it is about, and once by that of whom it was until then."""
    before = (training.transferred_from,) if training.transferred_from else ()
    left = before if event in (Last.ERASED, TrainingEvent.TRANSFERRED) else ()
    told = training_snapshot(training)
    if event is Last.ERASED:
        told = published.TrainingSnapshot(training_id=training.id)
    keys = keys_about(training.district, training.person, left=left)
    return encoded(TRAINING_EVENTS[event](training=told), keys, training.school_year)


TRAININGS = AggregateCodec("training", Training, encode_training)
