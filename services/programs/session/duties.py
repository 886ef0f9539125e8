"""What becomes of coaching sessions when two records of a person become one, when a circle that was
to meet ends or somebody leaves it, when all about a person is erased, and when they have had their
time."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from coaching.programs.v1 import circle_events_pb2 as circles
from services.access import erasures, merges
from services.access.artifact_erasures import Erasable
from services.access.retention import Retained, erase_expired, newest
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Duty, Todo
from services.chassis.duties.each import change_each, erase_each
from services.chassis.kernel import if_there
from services.chassis.views.projection import Event
from services.chassis.write.ids import id_after
from services.chassis.write.write_path import WritePath
from services.programs.session.cases import Ports
from services.programs.session.domain import FEWEST_PEERS, CoachingSession
from services.programs.session.outline import CoachingSessionState


async def transfer_coaching_sessions(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All of which the record that is given up is the coach, or that are of it."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: CoachingSession) -> None:
            before = each.came_from(merge.source)
            whom = (each.coach, *each.teachers, *each.absent)
            takes = merge.source in whom and merge.takes(merge.source, before)
            if takes and await merge.holds(ports.view, before):
                each.transfer(merge.source, merge.target)

        for side in ("teachers", "coach", "absent"):
            await change_each(ports.path, call, {side: merge.source}, act)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


def _changed(event: Event) -> Asked:
    return Asked(event.envelope.occurred_at, {})


async def follow_circle(ports: Ports, call: Call, todo: Todo) -> None:
    """What is planned of a circle that somebody has left, or that is over: it is of those who stay,
    or called off."""
    circle = await if_there(ports.circles.get(call.district, todo.aggregate))
    if circle is None:  # erased, and what is of it with it
        return
    over = circle.ended_at is not None
    stay = () if over else tuple(each.person for each in circle.members)

    def act(each: CoachingSession) -> None:
        if each.circle == todo.aggregate:
            each.keep_to(stay, ports.clock.now())

    for each in circle.people:  # of one with nobody who stays, too
        await change_each(ports.path, call, {"teachers": each}, act)


async def erase_coaching_sessions(
    ports: Ports, call: Call, hers: erasures.Hers, ordered_at: datetime
) -> None:
    """All sessions of a person that were begun before the order, with what was published of them:
    what others had in one of several they have in another that takes its place. And the time
    without teachers of which she is the coach; other sessions in which she coaches are the
    teachers'. What came to her from a record that the order is not of stays, and for now what a
    legal hold on another of them keeps. Raises as `erase_each`, when all else is done."""

    def goes(each: CoachingSession, record: str) -> bool:
        return each.scheduled_at <= ordered_at and hers.has(each.came_from(record))

    async def of_her(record: str, each: CoachingSession) -> None:
        if goes(each, record) and not await hers.keeps(each, _whose(each)):
            await _leave_to_others(ports, call, each, record)
            each.erase()

    async def in_support(record: str, each: CoachingSession) -> None:
        of_nobody = not each.teachers and goes(each, record)
        if of_nobody and not await hers.keeps(each, _whose(each)):
            each.erase()

    await erasures.first_to_last(
        erase_each(ports.path, call, {side: record}, partial(act, record))
        for record in hers.records
        for side, act in (("teachers", of_her), ("absent", of_her), ("coach", in_support))
    )


async def _leave_to_others(ports: Ports, call: Call, each: CoachingSession, record: str) -> None:
    """What the others had in it they have in another; but nothing is planned for one alone."""
    others = len(set(each.teachers) - {record})
    if others < FEWEST_PEERS and each.circle and each.state is CoachingSessionState.SCHEDULED:
        return
    if others:
        new = each.without(record, id_after(each.id, record))
        await erasures.restate(ports.path, call, new)


def erasable_coaching_sessions(ports: Ports) -> Erasable[CoachingSession]:
    """What of one session is a teacher's: of one with several, what is the others' stays, in
    another that takes its place."""

    def by_which(hers: erasures.Hers, each: CoachingSession) -> str:
        """The record of hers by which it is hers; empty where it is not."""
        of = {*each.teachers, *each.absent}
        came = (one for one in hers.records if one in of and hers.has(each.came_from(one)))
        return next(came, "")

    async def leaves(call: Call, hers: erasures.Hers, each: CoachingSession) -> None:
        await _leave_to_others(ports, call, each, by_which(hers, each))

    def goes(hers: erasures.Hers, own: bool, each: CoachingSession) -> bool:
        return not own and bool(by_which(hers, each))

    return Erasable(ports.path, goes, _whose, leaves=leaves)


def kept_coaching_sessions(
    ports: Ports, reports: WritePath[RetentionReport]
) -> Retained[CoachingSession]:
    """Coaching sessions, as long as the district keeps them, held or not."""
    return Retained(
        "coaching_sessions",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _whose,
        _touched,
    )


def _whose(each: CoachingSession) -> list[str]:
    """Also who did not come: her id stands in its events."""
    people = (each.coach, *each.teachers, *each.absent, each.scheduled_by, each.written_by)
    named = filter(None, people)
    return [*named, *(one.before for one in each.moved)]


def _touched(each: CoachingSession) -> datetime | None:
    done = each.recorded_at, each.summarized_at, each.cancelled_at, each.voided_at
    return newest(each.scheduled_at, each.starts_at, *done, each.corrected_at)


DUTIES = (
    Duty("transfer_coaching_sessions", merges.ASKS, transfer_coaching_sessions),
    Duty(
        "follow_circle",
        {
            message.DESCRIPTOR.full_name: _changed
            for message in (circles.CircleLeft, circles.CircleEnded)
        },
        follow_circle,
    ),
)
RETENTION_DUTIES: tuple[Duty[Retained[CoachingSession]], ...] = (
    Duty("erase_expired_sessions", RETENTION_ASKS, erase_expired),
)
