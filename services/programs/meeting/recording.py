"""How a community meeting is said to be held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Fault, if_there, invalid
from services.programs.meeting.bodies import HoldCommunityMeeting
from services.programs.meeting.cases import Ports
from services.programs.meeting.domain import CommunityMeeting

MOST_BESIDE = 10  # that are looked at: more than there are in the instant of two erasures
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

    held = await ports.meetings.change(call, community_meeting_id, act)
    # of two at once neither has found the other before it wrote; nor is it held when it comes again
    if session and (held.session != session or await held_beside(ports, held)):
        call = replace(call, key="", if_match=None, agreed_by=None)
        await ports.path.change(call, held.id, lambda each: each.unhold(session))
        raise _of_another()
    return held


async def held_beside(ports: Ports, meeting: CommunityMeeting) -> Sequence[CommunityMeeting]:
    """The other meetings that were held by its session, but for what takes its place or goes for
    it. 1 database command."""
    found = await ports.path.find(meeting.district, {"session": meeting.session}, "", MOST_BESIDE)
    return [
        each
        for each in found.items
        if meeting.id not in (each.id, *each.replaces) and each.id not in meeting.replaces
    ]


async def _check_session(ports: Ports, call: Call, meeting: CommunityMeeting) -> None:
    there = await if_there(ports.sessions.get(call.district, meeting.session))
    by = call.principal.person
    if there is None or there.coach != by or not there.held_as_meeting:
        detail = "You have held no such session of a community meeting."
        raise invalid("unknown_session", detail, "/coaching_session_id")
    if await held_beside(ports, meeting):
        raise _of_another()


def _of_another() -> Fault:
    detail = "Another meeting was held by this session already."
    return invalid("session_of_another", detail, "/coaching_session_id")
