"""What she says against a training, and what who recorded it or the district puts right."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.call import Call
from services.chassis.fields import Body, Day, Id
from services.chassis.kernel import invalid
from services.programs.training.bodies import Provider, ToolId, Topic
from services.programs.training.cases import Ports, changing, check_completed, over
from services.programs.training.domain import Training, TrainingReason, TrainingSaid

Reason = Annotated[TrainingReason, Field(strict=False)]


class ContestTraining(Body):
    note: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        examples=["It was the other protocol"],
        description="What is wrong, for whoever recorded it and the district",
    )


async def contest_training(
    ports: Ports, call: Call, training_id: Id, asked: ContestTraining
) -> Training:
    """Say that what was recorded about oneself is wrong, once until it is corrected. It counts
    until it is put right, and is told to who recorded it and the district alone."""
    by, now = call.principal.id, ports.clock.now()
    return await ports.trainings.change(
        call, training_id, lambda each: each.contest(by, now, asked.note)
    )


class CorrectTraining(Body):
    """What is not named stays as it is."""

    tool_id: ToolId | None = Field(default=None, examples=["5f0c9a4e-0000-4000-8000-000000000042"])
    topic: Topic | None = None
    completed_on: Day | None = Field(default=None, examples=["2026-08-21"])
    expires_on: Day | None = Field(default=None, examples=["2027-08-21"])
    provider: Provider | None = Field(default=None, examples=["regional_center"])
    reason: Reason = Field(examples=["mistyped"], description="Why it is put right")
    remove_expires_on: bool = Field(default=False, description="It holds for good after all")


async def correct_training(
    ports: Ports, call: Call, training_id: Id, asked: CorrectTraining
) -> Training:
    """Put right what was recorded, as who did so or the district; what was said before is kept."""
    by, now = call.principal.id, ports.clock.now()

    async def act(training: Training) -> None:
        await changing(ports, call, training)
        if asked.expires_on and asked.remove_expires_on:
            detail = "It holds until a day or for good: say one of the two."
            raise invalid("expiry_not_removed", detail, "/remove_expires_on")
        was = training.says
        said = TrainingSaid(
            asked.tool_id or was.tool,
            asked.topic or was.topic,
            asked.completed_on or was.completed_on,
            asked.expires_on or ("" if asked.remove_expires_on else was.expires_on),
            asked.provider or was.provider,
        )
        if said.completed_on != was.completed_on:
            check_completed(ports, call.district, said.completed_on)
        said.check(training.kind)
        training.correct(by, now, said, over(ports, call.district, said), asked.reason)

    return await ports.trainings.change(call, training_id, act)


class VoidTraining(Body):
    reason: Reason = Field(examples=["another_person"], description="Why it counts no more")


async def void_training(ports: Ports, call: Call, training_id: Id, asked: VoidTraining) -> Training:
    """Let what was recorded by mistake no longer count, for good.

    As who recorded it or the district; it stays visible to whom it is about."""
    by, now = call.principal.id, ports.clock.now()

    async def act(training: Training) -> None:
        await changing(ports, call, training)
        training.void(by, now, asked.reason)

    return await ports.trainings.change(call, training_id, act)
