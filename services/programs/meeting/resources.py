"""Answers about community meetings, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from services.chassis.call import Call
from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource, Written
from services.programs.meeting.domain import CommunityMeeting
from services.programs.meeting.outline import MeetingProtocol, MeetingState


class AgendaItemResource(Resource):
    title: Written
    minutes: int


class MeetingTeacherResource(Resource):
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    joined: bool


class CommunityMeetingResource(Acted):
    """A meeting of pairs and groups of teachers. `members` and `member_count`: as far as the caller
    is told."""

    community_meeting_id: str
    school_year: int
    state: MeetingState
    protocol: MeetingProtocol
    starts_at: datetime
    ends_at: datetime
    minutes: int
    agenda: list[AgendaItemResource]
    members: list[MeetingTeacherResource]
    member_count: int | None
    joined_count: int
    facilitator_id: str
    facilitator_name: str | None = name_of("facilitator_id")
    circle_ids: list[str]
    program_id: str | None
    coaching_session_id: str | None
    planned_at: datetime
    held_at: datetime | None
    cancelled_at: datetime | None
    version: int


class CommunityMeetingPage(PageResource):
    community_meetings: list[CommunityMeetingResource]


def community_meeting_resource(call: Call, meeting: CommunityMeeting) -> CommunityMeetingResource:
    """One meeting, for whom it names."""
    reader = call.principal.person
    facilitates = reader == meeting.facilitator
    return CommunityMeetingResource(
        community_meeting_id=meeting.id,
        school_year=meeting.school_year,
        state=meeting.state,
        protocol=meeting.protocol,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        minutes=meeting.minutes,
        agenda=[
            AgendaItemResource(title=each.title, minutes=each.minutes) for each in meeting.agenda
        ],
        members=[
            MeetingTeacherResource(teacher_id=each.person, joined=each.joined)
            for each in meeting.told_of(reader)
        ],
        # to nobody else: one less would tell that somebody has said no
        member_count=len(meeting.members) if facilitates else None,
        joined_count=len(meeting.joined),
        facilitator_id=meeting.facilitator,
        circle_ids=list(meeting.circles) if facilitates else [],
        program_id=meeting.program or None,
        coaching_session_id=meeting.session or None,
        planned_at=meeting.planned_at,
        held_at=meeting.held_at,
        cancelled_at=meeting.cancelled_at,
        version=meeting.version,
    )
