"""What callers do with what they take away from community meetings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.chassis.call import Call
from services.chassis.duties.each import erased_since
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id
from services.chassis.kernel import Clock, if_there, not_found
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.meeting.domain import CommunityMeeting
from services.programs.takeaway.domain import MOST_EVER, MOST_TAKEAWAYS, Takeaway, TakeawayState

BY_DATE = ByDate("written_at")
_TAKEN_BACK = {"state": TakeawayState.TAKEN_BACK.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for duties; `meetings` are read by their ids."""

    takeaways: Guarded[Takeaway]
    path: WritePath[Takeaway]
    meetings: WritePath[CommunityMeeting]
    reads: GuardedReads
    names: Names
    access: Access
    view: ReadsAnew
    clock: Clock


async def whose(access: Access, meetings: WritePath[CommunityMeeting], takeaway: Takeaway) -> About:
    """Its author, and who is in the meeting and has no power over her today. 1 database command."""
    there = await if_there(meetings.get(takeaway.district, takeaway.meeting))
    return About(parties=(takeaway.author, *await _in_it(access, there)))


async def _in_it(access: Access, meeting: CommunityMeeting | None) -> tuple[str, ...]:
    """Who has joined or facilitates it, and neither leads nor may today; nobody where there is
    none. No database command when profiles are warm."""
    if meeting is None:
        return ("",)
    people = [each for each in meeting.named if meeting.is_in(each)]
    await access.profiles(meeting.district, people)  # with one command
    led = [each for each in people if not await access.may_lead(meeting.district, each)]
    return tuple(led) or ("",)


class WriteTakeaway(Body):
    community_meeting_id: Id = Field(examples=["meeting-1"])
    text: Annotated[str, StringConstraints(min_length=1, max_length=1_000)] = Field(
        examples=["Try the exit ticket that was shown"]
    )


async def write_takeaway(ports: Ports, call: Call, asked: WriteTakeaway) -> Takeaway:
    """Write down what one takes away from a meeting, for the others who are in it, too.

    As one who has joined or facilitates it, once it has begun."""
    ports.access.check_scope(call)
    by, now = call.principal.person, ports.clock.now()
    meeting = await if_there(ports.meetings.get(call.district, asked.community_meeting_id))

    async def write() -> Takeaway:
        assert meeting is not None  # else nobody is let in
        new = Takeaway(
            id=ports.takeaways.new_id(call),
            district=call.district,
            meeting=meeting.id,
            author=by,
            school_year=meeting.school_year,
            text=asked.text,
            written_at=now,
        )

        async def check() -> None:
            meeting.check_takes_away(by, now)

        made = await ports.takeaways.create(call, new.written(), _bounds(meeting.id, by), check)
        if await erased_since(ports.meetings, meeting.id, ports.path, call, made.id):
            raise not_found()
        return made

    return await ports.reads.one(call, About(parties=await _in_it(ports.access, meeting)), write)


def _bounds(meeting: str, author: str) -> tuple[Bound, ...]:
    hers: dict[str, Scalar] = {"meeting": meeting, "author": author}
    detail = f"One writes down at most {MOST_TAKEAWAYS} things of a meeting: take one back."
    ever = f"One writes down at most {MOST_EVER} things of a meeting, with those taken back."
    return (
        Bound(hers, MOST_TAKEAWAYS, "too_many_takeaways", detail, _TAKEN_BACK),
        Bound(hers, MOST_EVER, "too_many_takeaways", ever),
    )


async def list_takeaways(
    ports: Ports, call: Call, *, community_meeting_id: Id | None = None, after: str, limit: int
) -> Found[Takeaway]:
    """What people take away from a meeting, to who is in it; without one what the caller has
    written herself. What was taken back is not there."""
    reader = ports.takeaways.own(call, "/community_meeting_id")
    if community_meeting_id is None:
        about, asked = About(parties=(reader,)), {"author": reader}
    else:
        meeting = await if_there(ports.meetings.get(call.district, community_meeting_id))
        about = About(parties=await _in_it(ports.access, meeting))
        asked = {"meeting": community_meeting_id}
    return await ports.takeaways.find(call, about, asked, after, limit, BY_DATE, _TAKEN_BACK)
