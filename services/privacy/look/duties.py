"""Who looked is kept for the time that the data-use policy in force says, as other classes of
records are: see `access.retention`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.retention_round import ASKS, LASTS, RetentionRound, RoundEnded, check_in_force
from services.access.school_year import FIRST, first_day, last_day, school_year_of
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.kernel import Clock, if_there
from services.chassis.write.write_path import WritePath
from services.privacy.look.looks import Looks, Old
from services.privacy.retention.domain import RetentionClock, RoundFound, YearFound

RECORD = "looks"  # the class, as a policy names it
AT_ONCE = 1_000  # looks that one command erases
BATCH, LISTS = 10_000, 300  # looks, and lists, of which one run erases, well within its time


@dataclass(frozen=True, slots=True)
class DutyPorts:
    looks: Looks
    clocks: WritePath[RetentionClock]
    view: ReadsAnew
    days: Days
    clock: Clock


async def erase_expired_looks(ports: DutyPorts, call: Call, todo: Todo) -> datetime | None:
    """Erase of each list what has had its time, from its front, some at a time, and note it. A look
    that was told late, and stands behind a newer one, goes with that. Nobody's goes who is under a
    legal hold, and nothing by a version of the policy that is not in force now, or long after it
    was asked: what went by then is noted. When to go on."""
    asked, now = RetentionRound.of(todo, RECORD), ports.clock.now()
    if asked is None:
        return None
    whole = True
    try:
        if now > asked.asked_at + LASTS:
            raise RoundEnded
        if asked.erases and not await _all_gone(ports, call, asked):
            return now
    except RoundEnded:
        if not await ports.looks.expired_by(call.district, call.causation):
            return None
        whole = False
    found = await _found(ports, call, asked, whole)
    await if_there(
        ports.clocks.change(call, asked.retention, lambda known: known.note(asked.number, found)),
    )
    return None


async def _all_gone(ports: DutyPorts, call: Call, asked: RetentionRound) -> bool:
    """Whether nothing is left that goes. Raises RoundEnded, and what `check_in_force` raises."""
    until, passed, gone, lists = _until(ports, call, asked), set(asked.held), 0, 0
    while until is not None:
        old = Old(until, but=frozenset(passed))
        people = await ports.looks.people_of(call.district, old, AT_ONCE)
        if not people:
            break
        for person in people:
            if gone >= BATCH or lists >= LISTS:
                return False
            await check_in_force(ports.view, call.district, asked.policy)
            whose = call.district, person
            went = await ports.looks.expire(whose, until, call.causation, AT_ONCE)
            gone, lists = gone + went, lists + (went > 0)
            if went < AT_ONCE:
                passed.add(person)
    return True


def _until(ports: DutyPorts, call: Call, asked: RetentionRound) -> datetime | None:
    """What was before has had its time; None: nothing has."""
    last = max(asked.years, default=None)
    return ports.days.ends(call.district, last_day(last)) if last is not None else None


async def _found(ports: DutyPorts, call: Call, asked: RetentionRound, whole: bool) -> RoundFound:
    looks, district, days = ports.looks, call.district, ports.days
    until, held, stay = _until(ports, call, asked), 0, 0
    if until is not None:
        stay = await looks.how_many(district, Old(until, but=asked.held))
        if asked.held:
            held = await looks.how_many(district, Old(until, of=asked.held))
    years = []
    for year in range(FIRST, school_year_of(asked.today) + 2):
        since, ends = days.begins(district, first_day(year)), days.ends(district, last_day(year))
        if count := await looks.how_many(district, Old(ends, since)):
            years.append(YearFound(year, count))
    goes = asked.erases and whole  # then what stays stands behind something newer
    return RoundFound(
        record=RECORD,
        at=ports.clock.now(),
        years=tuple(years),
        due=0 if goes else stay,
        held=held,
        later=stay if goes else 0,
        erased=await looks.expired_by(district, call.causation),
        complete=whole,
    )


DUTIES = (Duty("erase_expired_looks", ASKS, erase_expired_looks),)
