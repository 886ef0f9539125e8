"""What each command of a batch is answered, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from services.chassis.fields import Resource

Outcome = Literal["applied", "duplicate", "conflict", "rejected"]


class CommandErrorResource(Resource):
    pointer: str = Field(description="JSON Pointer to the place in the request")
    code: str = Field(description="What is wrong there, for programs", examples=["missing"])
    detail: str = Field(description="What is wrong there, for people")


class CommandProblemResource(Resource):
    """What the operation would have answered, had it been asked alone."""

    status: int = Field(description="The HTTP status that this problem has")
    code: str = Field(
        description="What is wrong, for programs: stable", examples=["invalid_request"]
    )
    title: str = Field(description="What kind of problem it is, for people")
    detail: str = Field(description="What is wrong, for people")
    errors: list[CommandErrorResource] = Field(description="Where it is wrong")


class CommandAnswerResource(Resource):
    """The answer to one command."""

    command_id: str = Field(description="As it was sent")
    outcome: Outcome = Field(
        description="`applied`: done. `duplicate`: it was done before. `conflict`: the thing has "
        "changed meanwhile, and stays as it is. `rejected`: not done, for the reason in `problem`"
    )
    again: bool = Field(
        description="Whether to send it again, later and as it is: nothing is decided about it"
    )
    retry_after: int = Field(description="In how many seconds to send it again; 0: at any time")
    version: int | None = Field(
        description="That of the thing as it is now; null where it has none or is not shown"
    )
    written_version: int | None = Field(
        description="The version that this command gave to the thing, now or when it came first; "
        "null where it changed nothing"
    )
    written_at: datetime | None = Field(
        description="When that version was written, by the clock of the service; null where the "
        "device did not say when, and where that is no longer known"
    )
    made_at: datetime | None = Field(
        description="When she did it, by the clock of the device: beside `written_at`, and kept "
        "with the thing; null as that"
    )
    location: str = Field(description="Of what was created its path; empty for anything else")
    state: dict[str, Any] | None = Field(
        description="The thing as it is now and as the caller may see it, as the operation answers "
        "it or, after a conflict, as a `get_` of it does; null where it is not shown, or where the "
        "answers before have taken the room that there is"
    )
    problem: CommandProblemResource | None = Field(
        description="Why it was not done; null where it was"
    )


class SyncAnswersResource(Resource):
    """One answer for each command, in their order."""

    answers: list[CommandAnswerResource]
