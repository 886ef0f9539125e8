"""The events of a live caseload over REST, for the OpenAPI document: `sse.event` writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from services.chassis.fields import Resource
from services.insights.caseload.resources import EntryResource

EVENT: Any = Field(description="Its kind: the field `event` of the stream")
DATA: Any = Field(description="The field `data` of the stream, as JSON")


class _Told(Resource):
    as_of: datetime
    stale: bool


class ResetData(_Told):
    entries: int = Field(description="How many entries follow")
    school_year: int


class EntryData(_Told):
    entry: EntryResource
    need: float = Field(
        examples=[4.0],
        description="How much of the reader's attention the entry asks for now, by the flags that "
        "it shows and that she has not answered: caseloads are ordered by it; 0: none. Less with "
        "time, which no event tells. Nothing about how well the teacher does",
    )
    after_teacher_id: str | None = Field(
        description="Behind whom of the caseload she stands now; null: she is "
        "first. The others stay where they are"
    )


class GoneData(_Told):
    teacher_id: str


class OrderData(_Told):
    teacher_ids: list[str] = Field(description="All of the caseload, greatest need first")


class HeartbeatData(_Told):
    pass


class ByeData(_Told):
    reason: Literal["resume", "slow_reader"] = Field(
        description="`slow_reader`: this one did not keep up"
    )


class _Event(Resource):
    id: str = Field(description="The place after it: `Last-Event-ID` of the next connection")


class LiveReset(_Event):
    """Forget what was before: this many entries follow, each in an event, and then the order."""

    event: Literal["reset"] = EVENT
    data: ResetData = DATA


class LiveEntry(_Event):
    """A teacher's entry as it is now: show it instead of the one before, in the place that it
    tells."""

    event: Literal["entry"] = EVENT
    data: EntryData = DATA


class LiveGone(_Event):
    """The teacher is no longer on this caseload."""

    event: Literal["gone"] = EVENT
    data: GoneData = DATA


class LiveOrder(_Event):
    """Who stands where: the last of what comes after a reset or a resume, and again whenever
    places change."""

    event: Literal["order"] = EVENT
    data: OrderData = DATA


class LiveHeartbeat(_Event):
    """Nothing has changed: the connection is well."""

    event: Literal["heartbeat"] = EVENT
    data: HeartbeatData = DATA


class LiveBye(_Event):
    """The connection ends: connect again."""

    event: Literal["bye"] = EVENT
    data: ByeData = DATA


class LiveEvent(
    RootModel[
        Annotated[
            LiveReset | LiveEntry | LiveGone | LiveOrder | LiveHeartbeat | LiveBye,
            Field(discriminator="event"),
        ]
    ]
):
    """One event of the stream. New kinds may come: leave out those that you do not know."""
