"""Lists of coaching sessions."""

from __future__ import annotations

from collections.abc import Mapping

from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import Day, IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.programs.session.cases import BY_DATE, Ports
from services.programs.session.outline import (
    CoachingSessionOutline,
    CoachingSessionState,
    SessionKind,
)

_GONE = {"state": CoachingSessionState.CANCELLED.value}
_OF_PEERS = {"kind": SessionKind.PEER.value}


def seen_by(person: str) -> list[Mapping[str, Scalar]]:
    """What `CoachingSessionOutline.visible_to` is true of, as a store is asked for it."""
    return [{"coach": person}, {"teachers": person}]


def _decided_by(session: CoachingSessionOutline) -> str:
    """Who lets a reader in, who is one of those whom the session is of: the one teacher, else its
    coach."""
    return session.teachers[0] if len(session.teachers) == 1 else session.coach


async def list_coaching_sessions(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    coach_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: CoachingSessionState | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[CoachingSessionOutline]:
    """Sessions of a teacher that the caller is of, by when they begin; of the caller herself where
    nobody is named, and without their summaries. Or, with `coach_id` alone, those of a coach.
    Cancelled ones with `taken_back`, or where their state is asked for.

    Of a coach's those are given whose teacher lets the caller in today."""
    by = BY_DATE.first(order).between(*ports.days.span(call.district, from_date, to_date))
    teacher = teacher_id or (None if coach_id else ports.summaries.own(call))
    unless = {} if taken_back or state is not None else _GONE
    asked = where(teachers=teacher, coach=coach_id, school_year=school_year, state=state)
    reader = call.principal.person
    if reader and await ports.access.may_lead(call.district, reader):
        unless = {**unless, **_OF_PEERS}  # as `cases.whose`: she is let into none
    either = [] if reader in (teacher, coach_id) else seen_by(reader)
    if teacher is not None:
        about = About(teacher=teacher)
        return await ports.summaries.find(call, about, asked, after, limit, by, unless, either)
    return await ports.summaries.find_admitted(
        call, About(teacher=coach_id), asked, after, limit, _decided_by, by, unless, either
    )
