"""What is read of community meetings."""

from __future__ import annotations

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.programs.meeting.cases import BY_DATE, Ports
from services.programs.meeting.domain import CommunityMeeting
from services.programs.meeting.outline import MeetingState


async def list_community_meetings(
    ports: Ports,
    call: Call,
    *,
    school_year: QueryYear | None = None,
    state: MeetingState | None = None,
    after: str,
    limit: int,
) -> Found[CommunityMeeting]:
    """The meetings that name the caller: those first that begin last. To who leads or may lead
    none."""
    reader = ports.meetings.own(call)
    leads = await ports.access.may_lead(call.district, reader)
    asked = where(named="" if leads else reader, school_year=school_year, state=state)
    return await ports.meetings.find(call, About(parties=(reader,)), asked, after, limit, BY_DATE)
