"""What becomes of shares by themselves: they are over when their time has come or the meeting that
they are for is called off, follow a person whose two records have become one, and go with what they
share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from coaching.programs.v1 import community_meeting_events_pb2 as meetings
from services.access import merges
from services.access.erasures import Hers, first_to_last
from services.access.sharing.cases import BY_DATE, Ports
from services.access.sharing.domain import HEARD_OF_BY_THEN, LOOKED_AT_EVERY, Share, ShareState
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, erase_each, unless_erased
from services.chassis.kernel import if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath


def share_duties(noun: str, created: Any, erased: Any) -> tuple[Duty[Ports], ...]:
    """Of what a service has of them; `created`: its message of one that is made, `erased`: of a
    thing that is no more."""
    asks: Mapping[str, Asks] = {created.DESCRIPTOR.full_name: _made}
    return (
        Duty(f"expire_{noun}_shares", asks, expire_share),
        Duty(f"transfer_{noun}_shares", merges.ASKS, transfer_shares),
        Duty(f"erase_{noun}_shares", {erased.DESCRIPTOR.full_name: _gone}, erase_left_shares),
    )


def call_off_duty(noun: str) -> Duty[Ports]:
    """Of those with whoever is at a meeting. It is asked on the key of each who was of it: whose
    share it is, an event that names its id alone does not say."""
    ended = (meetings.CommunityMeetingCancelled, meetings.CommunityMeetingErased)
    asks = {each.DESCRIPTOR.full_name: _called_off for each in ended}
    return Duty(f"call_off_{noun}_shares", asks, call_off_shares)


def _called_off(event: Event) -> Asked:
    at = event.envelope.occurred_at
    return Asked(at, {"again": at + HEARD_OF_BY_THEN})


async def call_off_shares(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that are open of a meeting that was called off, or is no more; a day later once more,
    those that were made meanwhile. Neither is ever undone, so that the event is enough to know."""
    now, again = ports.clock.now(), todo.value["again"]
    its = {"meeting": todo.aggregate, "state": ShareState.OPEN.value}
    await change_each(ports.path, call, its, lambda each: each.call_off(todo.aggregate, now))
    return again if now < again else None


def _made(event: Event) -> Asked:
    message: Any = event.message
    until = message.share.expires_at.ToDatetime(UTC)
    return Asked(min(until, event.envelope.occurred_at + LOOKED_AT_EVERY), {})


def _gone(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def erase_left_shares(ports: Ports, call: Call, todo: Todo) -> None:
    """All of what is no more: who erased it may have ended before."""
    await erase_shares_of(ports.path, call, todo.aggregate)


async def expire_share(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Say that it is over, for whoever follows events: nobody was let in by it from that instant
    on."""
    there = ports.path.get(call.district, todo.aggregate)
    share = await unless_erased(ports.path, call, todo.aggregate, there)
    now = ports.clock.now()
    if share is None:
        return None
    if share.lasts(now):
        return min(share.expires_at, now + LOOKED_AT_EVERY)
    changed = ports.path.change(call, todo.aggregate, lambda each: each.expire(now))
    await unless_erased(ports.path, call, todo.aggregate, changed)
    return None


async def transfer_shares(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that the record which is given up owns or may still read. What a record has shared while
    it was one with another, whose that is again now, is over."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def give(share: Share) -> None:
            before = share.transferred_from
            if merge.takes(share.teacher, before) and await merge.holds(ports.view, before):
                share.transfer(merge.target)
            elif merge.back and share.state is ShareState.OPEN:
                artifact = await if_there(ports.artifacts.get(call.district, share.artifact))
                goes_back = artifact is not None and _goes_back(merge, artifact)
                if goes_back and await merge.holds(ports.view):
                    share.lose(ports.clock.now())

        async def let_read(share: Share) -> None:
            reads, before = merge.source in share.audience, share.came_from(merge.source)
            if merge.back:
                reads = reads and merge.target in before
            if reads and await merge.holds(ports.view):
                share.move_reader(merge.source, merge.target)

        await change_each(ports.path, call, {"teacher": merge.source}, give, BY_DATE)
        may_read = {"audience": merge.source, "state": ShareState.OPEN.value}
        await change_each(ports.path, call, may_read, let_read)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


def _goes_back(merge: merges.Merge, artifact: Any) -> bool:
    """Whether it has gone back to whose it was, or will by a duty that has not come to it yet."""
    gone = bool(artifact.teacher == merge.target)
    return gone or merge.takes(artifact.teacher, artifact.transferred_from)


async def erase_shares_by(
    shares: WritePath[Share],
    artifacts: WritePath[Any],
    call: Call,
    hers: Hers,
    ordered_at: datetime,
) -> None:
    """All that a person made before the order, and those of what is no more: of one that she began
    while the artifact was erased, the look at the artifact found none. A legal hold on somebody who
    may read by it does not keep it: it is hers who made it, and goes with what it shares."""

    async def act(share: Share) -> None:
        made_before = share.created_at <= ordered_at and hers.has(share.transferred_from)
        if made_before or await artifacts.is_erased(call.district, share.artifact):
            share.erase()

    await first_to_last(
        erase_each(shares, call, {"teacher": record}, act, BY_DATE) for record in hers.records
    )


async def erase_shares_of(shares: WritePath[Share], call: Call, artifact: str) -> None:
    """All of one artifact, which is no more."""
    await erase_each(shares, call, {"artifact": artifact}, lambda share: share.erase())
