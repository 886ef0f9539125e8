"""What becomes of community meetings when two records of a person become one, when all about a
person is erased, and when they have had their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from coaching.programs.v1 import community_meeting_events_pb2 as published
from services.access import erasures, merges
from services.access.retention import Along, Retained, erase_expired
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, unless_erased
from services.chassis.views.projection import Event
from services.chassis.write.ids import id_after
from services.chassis.write.write_path import WritePath
from services.programs.meeting.cases import Ports
from services.programs.meeting.domain import CommunityMeeting
from services.programs.meeting.recording import held_beside

AFTER_HOLDING = timedelta(seconds=45)  # longer than a request takes


async def transfer_community_meetings(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that name the record which is given up, or once did."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: CommunityMeeting) -> None:
            before = each.came_from(merge.source)
            if merge.takes(merge.source, before) and await merge.holds(ports.view, before):
                each.transfer(merge.source, merge.target, ports.clock.now())

        await change_each(ports.path, call, {"people": merge.source}, act)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def erase_community_meetings(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """All that a person was of, or facilitated, and that were planned before the order, with what
    was published of them: the others have another that takes its place, without a word of hers.
    Raises as `erase_each`, when all else is done."""

    async def of_her(record: str, each: CommunityMeeting) -> None:
        goes = each.planned_at <= ordered_at and hers.has(each.came_from(record))
        if goes and not await hers.keeps(each, _whose(each)):
            if set(each.people) - {record}:
                new = each.without(record, id_after(each.id, record))
                await erasures.restate(ports.path, call, new)
                await change_each(
                    ports.takeaways, call, {"meeting": each.id}, lambda one: one.follow(new)
                )
            each.erase()

    await erasures.first_to_last(
        erase_each(ports.path, call, {"people": record}, partial(of_her, record))
        for record in hers.records
    )


def kept_community_meetings(
    ports: Ports, reports: WritePath[RetentionReport], along: Sequence[Along[Any]]
) -> Retained[CommunityMeeting]:
    """Meetings, held or not, as long as the district keeps them, and none before its day."""
    return Retained(
        "community_meetings",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _whose,
        lambda each: each.ends_at,
        along=along,
    )


def _whose(each: CommunityMeeting) -> list[str]:
    """Also who left it."""
    return list(each.ever)


def _held(event: Event) -> Asked | None:
    message: Any = event.message
    said: published.CommunityMeetingSnapshot = message.community_meeting
    if not said.coaching_session_id:
        return None
    return Asked(event.envelope.occurred_at + AFTER_HOLDING, {})


async def unhold_community_meeting(ports: Ports, call: Call, todo: Todo) -> None:
    """Of two that were said to be held by one session at once the later one was not. Who says so
    sees to that: this is for a process that ended before it did."""

    async def act(meeting: CommunityMeeting) -> None:
        beside = await held_beside(ports, meeting) if meeting.session else ()
        if any(_order(each) < _order(meeting) for each in beside):
            meeting.unhold(meeting.session)

    changed = ports.path.change(call, todo.aggregate, act)
    await unless_erased(ports.path, call, todo.aggregate, changed)


def _order(meeting: CommunityMeeting) -> tuple[datetime, str]:
    return meeting.held_at or meeting.planned_at, meeting.id


DUTIES = (
    Duty("transfer_community_meetings", merges.ASKS, transfer_community_meetings),
    Duty(
        "unhold_community_meetings",
        {published.CommunityMeetingHeld.DESCRIPTOR.full_name: _held},
        unhold_community_meeting,
    ),
)
RETENTION_DUTIES: tuple[Duty[Retained[CommunityMeeting]], ...] = (
    Duty("erase_expired_community_meetings", RETENTION_ASKS, erase_expired),
)
