"""What a device sends that was offline. Only its shape is checked as a whole: what one command says
may be wrong without keeping back the others."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.chassis.fields import Body

MOST_COMMANDS = 200

Said = Annotated[str, StringConstraints(max_length=255)]


class SyncCommand(Body):
    """One thing that somebody did while her device was offline."""

    command_id: Said = Field(
        examples=["7d1f0d3c-52a4-4b0e-9c55-0a3f6f7f2a10"],
        description="The device's choice, 1 to 128 visible ASCII characters, unique among all of "
        "hers: sent again, it is done once",
    )
    operation: Said = Field(
        examples=["record_progress"], description="An operation of this service that changes things"
    )
    path: dict[str, Any] = Field(
        default={}, description="The ids in the operation's path, by their names"
    )
    body: dict[str, Any] | None = Field(
        default=None, description="The body as the operation takes it; left out where it has none"
    )
    base_version: int | None = Field(
        default=None,
        description="The version of the thing that the device had; needed where something is "
        "changed, ended or taken back, and not where something is added",
    )
    made_at: Said | None = Field(
        default=None,
        examples=["2027-03-08T09:30:00Z"],
        description="When she did it, by the device's clock, as in RFC 3339: kept beside the time "
        "of the service, and puts nothing in order",
    )


class SyncBatch(Body):
    commands: list[SyncCommand] = Field(
        min_length=1, max_length=MOST_COMMANDS, description="In the order in which she did them"
    )
