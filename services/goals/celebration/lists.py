"""What is read of celebrations, many at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

from services.access import merges
from services.access.guarded import About
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.fields import IdOrMe
from services.chassis.write.by_date import Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.loading import Found
from services.goals.celebration.cases import BY_DATE, WORK, Ports, outdated_of, sender_of
from services.goals.celebration.domain import Ground
from services.goals.celebration.outline import (
    CelebrationAudience,
    CelebrationState,
    CelebrationSummary,
)


@dataclass(kw_only=True)
class Told(CelebrationSummary):
    """With whether its fact is not true any more, which is not stored."""

    outdated: bool | None


async def list_celebrations(
    ports: Ports,
    call: Call,
    *,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[Told]:
    """A teacher's celebrations, the caller's own where nobody is named, by when they were sent: of
    another's those that the caller sent, or the teacher lets her see; what she has put away with
    `taken_back`, to herself alone, and as `sent` to who sent it. 1 database command for each goal
    or trial that they are of."""
    teacher = teacher_id or ports.summaries.own(call)
    me, away = call.principal.person, {"state": CelebrationState.PUT_AWAY.value}
    found = await ports.summaries.find(
        call,
        About(teacher=teacher),
        where(teacher=teacher, school_year=school_year),
        after,
        limit,
        by=BY_DATE.first(order),
        unless=away if teacher == me and not taken_back else None,
        either=[] if teacher == me else await _shown(ports, call, teacher),
    )
    known: dict[str, Ground] = {}
    told = [await _told(ports, call, each, known) for each in found.items]
    return Found(told, found.after, found.left_out)


async def _shown(ports: Ports, call: Call, teacher: str) -> list[dict[str, Scalar]]:
    """What `cases.whose_celebration` lets the caller see, as a store is asked for it."""
    me, asked = call.principal.person, (call.district, teacher, WORK)
    sent = {"state": CelebrationState.SENT.value}
    records = await merges.records_of(ports.view, call.district, me)
    shown: list[dict[str, Scalar]] = [{"sent_by": each} for each in records]
    if me in await ports.access.coaches_shown(*asked):
        shown.append({"audience": CelebrationAudience.COACHES.value, **sent})
    if me in await ports.access.peers_shown(*asked):
        shown.append({"audience": CelebrationAudience.PAIRS_AND_GROUPS.value, **sent})
    return shown


async def _told(
    ports: Ports, call: Call, found: CelebrationSummary, known: dict[str, Ground]
) -> Told:
    outdated = await outdated_of(ports, found, known)
    said = {each.name: getattr(found, each.name) for each in fields(found) if each.init}
    me = call.principal.person
    said["state"], said["put_away_at"] = found.told_to(me)
    said["version"] = found.version_to(me)
    said["sent_by"] = await sender_of(ports.access, found)
    return Told(**said, outdated=outdated)
