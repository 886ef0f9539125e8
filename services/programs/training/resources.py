"""Answers about trainings, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import Before, PageResource, Resource, Written
from services.programs.training.cases import Ports, answers_for
from services.programs.training.domain import (
    Training,
    TrainingKind,
    TrainingProvider,
    TrainingReason,
    TrainingSaid,
    TrainingState,
    TrainingTopic,
)


class TrainingCorrectionResource(Resource):
    """What was recorded before it was put right or voided. `reason`: not told to others than those
    who are told of `contested_at`, since it may say that she did."""

    tool_id: str | None
    topic: TrainingTopic | None
    completed_on: str
    expires_on: str | None
    provider: TrainingProvider
    reason: TrainingReason | None
    corrected_by: str
    corrected_by_name: str | None = name_of("corrected_by")
    corrected_at: datetime


class TrainingResource(Acted):
    """What somebody was trained in. `state`: where it stands today. `contested_at` and
    `contest_note` are told to herself, to who recorded it and to the district: to nobody else the
    `version` rises when she says that it is wrong."""

    training_id: str
    person_id: str
    person_name: str | None = name_of("person_id")
    kind: TrainingKind
    tool_id: str | None
    topic: TrainingTopic | None
    program_id: str | None
    completed_on: str
    expires_on: str | None
    provider: TrainingProvider
    state: TrainingState
    recorded_by: str
    recorded_by_name: str | None = name_of("recorded_by")
    recorded_at: datetime
    contested_at: datetime | None
    contest_note: Written
    corrections: Before[TrainingCorrectionResource]
    voided_at: datetime | None
    version: int


class TrainingPage(PageResource):
    trainings: list[TrainingResource]


async def training_resource(ports: Ports, call: Call, training: Training) -> TrainingResource:
    """One record, for whom it is about, the district and who leads its program."""
    hers = call.principal.person == training.person
    told = hers or await answers_for(ports, call, training)
    return TrainingResource(
        training_id=training.id,
        person_id=training.person,
        kind=training.kind,
        tool_id=training.says.tool or None,
        topic=_topic(training.says),
        program_id=training.program or None,
        completed_on=training.says.completed_on,
        expires_on=training.says.expires_on or None,
        provider=training.says.provider,
        state=training.state_on(ports.access.today(training.district)),
        recorded_by=training.recorded_by,
        recorded_at=training.recorded_at,
        contested_at=training.contested_at if told else None,
        contest_note=training.contest_note if told else "",
        corrections=[
            TrainingCorrectionResource(
                tool_id=each.was.tool or None,
                topic=_topic(each.was),
                completed_on=each.was.completed_on,
                expires_on=each.was.expires_on or None,
                provider=each.was.provider,
                reason=TrainingReason(each.reason) if told else None,
                corrected_by=each.by,
                corrected_at=each.at,
            )
            for each in training.corrections
        ],
        voided_at=training.voided_at,
        version=training.version if told else training.version_told,
    )


def _topic(says: TrainingSaid) -> TrainingTopic | None:
    return TrainingTopic(says.topic) if says.topic else None
