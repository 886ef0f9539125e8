"""What is sent to plan a community meeting, to say something else of it and that it was held."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.fields import Body, Id, Instant, Line
from services.programs.meeting.domain import (
    FEWEST_MINUTES,
    MOST_CIRCLES,
    MOST_ITEMS,
    MOST_MEMBERS,
    MOST_MINUTES,
)
from services.programs.meeting.outline import MeetingProtocol


class PointOfAgenda(Body):
    title: Line = Field(examples=["What my exit tickets say"])
    minutes: int = Field(ge=1, le=MOST_MINUTES, examples=[15])


Agenda = Annotated[
    list[PointOfAgenda],
    Field(
        max_length=MOST_ITEMS,
        description="What it is to be about, in order",
        examples=[[{"title": "What my exit tickets say", "minutes": 15}]],
    ),
]
Minutes = Annotated[
    int, Field(ge=FEWEST_MINUTES, le=MOST_MINUTES, description="How long it takes, in minutes")
]
Members = Annotated[list[Id], Field(max_length=MOST_MEMBERS, examples=[["teacher-1", "teacher-2"]])]


class PlanCommunityMeeting(Body):
    """In all 2 to 60 teachers are asked to come, each once."""

    starts_at: Instant = Field(examples=["2026-11-18T15:30:00Z"])
    minutes: Minutes = Field(examples=[60])
    protocol: Annotated[MeetingProtocol, Field(strict=False)] = Field(
        default=MeetingProtocol.OPEN, examples=["present_and_discuss"]
    )
    agenda: Agenda = []
    circle_ids: list[Id] = Field(
        default=[],
        max_length=MOST_CIRCLES,
        examples=[["circle-1"]],
        description="Pairs and groups of the caller's, whose members are asked to come",
    )
    program_id: Id | None = Field(
        default=None,
        examples=["program-1"],
        description="A program that the caller leads, whose teachers are asked to come",
    )
    member_ids: Members = []


class EditCommunityMeeting(Body):
    """What is not given stays as it is; an agenda is given as a whole."""

    starts_at: Instant | None = Field(default=None, examples=["2026-11-25T15:30:00Z"])
    minutes: Minutes | None = Field(default=None, examples=[75])
    protocol: Annotated[MeetingProtocol, Field(strict=False)] | None = Field(
        default=None, examples=["tuning"]
    )
    agenda: Agenda = []


class InviteCommunityMeeting(Body):
    member_ids: Members = Field(min_length=1, max_length=MOST_MEMBERS)


class HoldCommunityMeeting(Body):
    coaching_session_id: Id | None = Field(
        default=None,
        examples=["session-1"],
        description="The caller's coaching session of this meeting; null: none",
    )
