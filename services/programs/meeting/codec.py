"""Community meetings: between the domain, the stored state and the published events."""

from __future__ import annotations

from typing import Any

from coaching.programs.v1 import community_meeting_events_pb2 as published
from services.chassis.kernel import Last
from services.chassis.words import messages_of, numbers_of
from services.chassis.write.states import AggregateCodec, encoded, keys_about, stamp
from services.chassis.write.write_path import EncodedEvent
from services.programs.meeting.domain import CommunityMeeting
from services.programs.meeting.outline import (
    MeetingChanged,
    MeetingEvent,
    MeetingProtocol,
    MeetingState,
)

COMMUNITY_MEETING_EVENTS = messages_of(published.DESCRIPTOR, "CommunityMeeting", MeetingEvent, Last)
_STATES = numbers_of(MeetingState, published.CommunityMeetingState.DESCRIPTOR)
_PROTOCOLS = numbers_of(MeetingProtocol, published.MeetingProtocol.DESCRIPTOR)


def community_meeting_snapshot(meeting: CommunityMeeting) -> published.CommunityMeetingSnapshot:
    """What is published of it: not its agenda."""
    return published.CommunityMeetingSnapshot(
        community_meeting_id=meeting.id,
        school_year=meeting.school_year,
        state=_STATES[meeting.state],
        protocol=_PROTOCOLS[meeting.protocol],
        starts_at=stamp(meeting.starts_at),
        ends_at=stamp(meeting.ends_at),
        sitting=meeting.sitting,
        members=[
            published.CommunityMeetingMember(teacher_id=each.person, joined=each.joined)
            for each in meeting.members
        ],
        facilitator_id=meeting.facilitator,
        circle_ids=meeting.circles,
        program_id=meeting.program,
        coaching_session_id=meeting.session,
        planned_at=stamp(meeting.planned_at),
        held_at=stamp(meeting.held_at),
        cancelled_at=stamp(meeting.cancelled_at),
    )


def encode_community_meeting(
    meeting: CommunityMeeting, changed: MeetingChanged | Last
) -> EncodedEvent:
    """One record for each of its members, who facilitates it and those who have just left it."""
    if isinstance(changed, Last):
        event: MeetingEvent | Last = changed
        left = tuple(each for each in meeting.people if each not in meeting.named)
        told = published.CommunityMeetingSnapshot(community_meeting_id=meeting.id)
    else:
        event, left, told = changed.event, changed.left, community_meeting_snapshot(meeting)
    keys = keys_about(meeting.district, *meeting.named, left=left, nobody=meeting.id)
    message = COMMUNITY_MEETING_EVENTS[event](community_meeting=told)
    return encoded(message, keys, meeting.school_year)


def _none_asked_again(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 says who was asked anew after she had left."""
    return {**state, "asked_again": []}


COMMUNITY_MEETINGS = AggregateCodec(
    "community_meeting", CommunityMeeting, encode_community_meeting, [_none_asked_again]
)
