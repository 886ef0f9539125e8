"""What is taken away follows a person whose two records have become one, and goes with its
meeting."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from coaching.programs.v1 import community_meeting_events_pb2 as meetings
from services.access import merges
from services.access.erasures import ErasesToo, all_begun
from services.access.retention import Along
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, every
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.programs.meeting.domain import CommunityMeeting
from services.programs.takeaway.cases import BY_DATE, Ports
from services.programs.takeaway.domain import Takeaway


async def transfer_takeaways(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that the record which is given up has written."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "author", BY_DATE)


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_takeaways(ports: Ports, call: Call, todo: Todo) -> None:
    """All of a meeting that is no more. Where another has taken its place, what the others took
    away is of that: also what was written after it was looked for, before the meeting went."""
    gone = todo.aggregate
    async for other in every(ports.meetings, call.district, {"replaces": gone}):
        await change_each(ports.path, call, {"meeting": gone}, partial(_follow, other))
    await erase_each(ports.path, call, {"meeting": gone}, lambda each: each.erase())


def _follow(meeting: CommunityMeeting, takeaway: Takeaway) -> None:
    takeaway.follow(meeting)


def all_takeaways(path: WritePath[Takeaway]) -> ErasesToo:
    """What goes with an order to erase what is about its author."""
    return all_begun(
        path,
        lambda each: each.written_at,
        lambda each: each.transferred_from,
        _names,
        BY_DATE,
        "author",
    )


def _names(takeaway: Takeaway) -> list[str]:
    return [takeaway.author, takeaway.transferred_from]


def takeaways_of_meetings(path: WritePath[Takeaway]) -> Along[Takeaway]:
    """What a meeting is kept for, since they go with it."""
    return Along(path, "meeting", lambda each: (each.school_year, each.written_at), _names)


DUTIES = (
    Duty("transfer_takeaways", merges.ASKS, transfer_takeaways),
    Duty(
        "erase_takeaways",
        {meetings.CommunityMeetingErased.DESCRIPTOR.full_name: _gone},
        erase_left_takeaways,
    ),
)
