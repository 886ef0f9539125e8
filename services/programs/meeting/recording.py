"""How a community meeting is said to be held."""

from __future__ import annotations

from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import if_there, invalid
from services.programs.meeting.bodies import HoldCommunityMeeting
from services.programs.meeting.cases import Ports
from services.programs.meeting.domain import CommunityMeeting

BY_NO_SESSION = HoldCommunityMeeting()


async def hold_community_meeting(
    ports: Ports,
    call: Call,
    community_meeting_id: Id,
    asked: HoldCommunityMeeting = BY_NO_SESSION,
) -> CommunityMeeting:
    """Say that a meeting was held, as who facilitates it, and by which coaching session of hers:
    its minutes, and who came, are said by that alone. A session is of one meeting."""
    session = asked.coaching_session_id or ""

    async def act(meeting: CommunityMeeting) -> None:
        meeting.hold(call.principal.person, ports.clock.now(), session)
        if session:
            await _check_session(ports, call, meeting)

    return await ports.meetings.change(call, community_meeting_id, act)


async def _check_session(ports: Ports, call: Call, meeting: CommunityMeeting) -> None:
    there = await if_there(ports.sessions.get(call.district, meeting.session))
    by = call.principal.person
    if there is None or there.coach != by or not there.held_as_meeting:
        detail = "You have held no such session of a community meeting."
        raise invalid("unknown_session", detail, "/coaching_session_id")
    found = await ports.path.find(call.district, {"session": meeting.session}, "", 2)
    if any(each.id != meeting.id for each in found.items):
        detail = "Another meeting was held by this session already."
        raise invalid("session_of_another", detail, "/coaching_session_id")
