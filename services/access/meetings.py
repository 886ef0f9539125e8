"""Who is with a teacher at one community meeting: the one rule, by what the rows of both say.

What she shares with those who are at a meeting they read from when it begins; who comes later reads
it from then on, and who leaves it, or whose meeting is called off, no more. Who leads or may lead
reads nothing by a meeting, whatever she had joined before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from coaching.programs.v1 import community_meeting_events_pb2 as meetings
from services.access.districts import District
from services.access.facts import MEETINGS, MeetingFact
from services.access.profile import Profile
from services.access.row_facts import fact
from services.access.sharing.domain import LONGEST_AFTER
from services.chassis.views.projection import GONE, Event, Fact, Fold
from services.chassis.words import events_with

MOST_ON = 50  # meetings of one person that are looked at: those that begin last

_TO_COME_OR_HELD = (
    meetings.COMMUNITY_MEETING_STATE_PLANNED,
    meetings.COMMUNITY_MEETING_STATE_HELD,
)


def meeting_of(person: Profile | None, meeting: str) -> MeetingFact | None:
    """One that she facilitates or has joined, and that was not called off."""
    theirs = person.meetings if person is not None else ()
    return next((each for each in theirs if each.id == meeting), None)


def meetings_on(
    person: Profile | None, at: datetime, day: date, district: District
) -> Sequence[MeetingFact]:
    """Those of a reader that have begun and are not over for long, the last first; none of who is
    not active, or leads, or may."""
    if person is None or not person.active or person.may_lead(day, district.roles):
        return ()
    on = (each for each in person.meetings if _is_on(each, at))
    return sorted(on, key=lambda each: (each.starts, each.id), reverse=True)[:MOST_ON]


def met_at(teacher: Profile | None, on: Sequence[MeetingFact], at: datetime) -> frozenset[str]:
    """Of a reader's meetings those at which the teacher is, too."""
    if teacher is None or not teacher.active:
        return frozenset()
    # of one that was moved the row that has not heard of it opens nothing
    hers = {each.id for each in teacher.meetings if _is_on(each, at)}
    return frozenset(each.id for each in on if each.id in hers)


def _is_on(meeting: MeetingFact, at: datetime) -> bool:
    return meeting.starts <= at < meeting.ends + LONGEST_AFTER


def meeting_fact(event: Event) -> Sequence[Fact]:
    """Of whom the key names, if she is at it: who is only asked to come, or has left, is not."""
    message: Any = event.message
    each: meetings.CommunityMeetingSnapshot = message.community_meeting
    person = event.envelope.key.removeprefix(f"{event.envelope.district}:")
    at_it = {each.facilitator_id, *(one.teacher_id for one in each.members if one.joined)}
    if person not in at_it or each.state not in _TO_COME_OR_HELD:
        return [fact(event, "meetings", GONE)]
    value = MEETINGS.write(starts=each.starts_at.ToDatetime(UTC), ends=each.ends_at.ToDatetime(UTC))
    return [fact(event, "meetings", value)]


MEETING_FOLDS: Mapping[str, Fold] = dict.fromkeys(
    events_with(meetings.CommunityMeetingSnapshot.DESCRIPTOR), meeting_fact
)
