"""What a teacher asks for of what she is to look at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from services.access.access import Access
from services.access.calendar import days_before
from services.access.guarded import About, GuardedReads
from services.chassis.call import Call, caller_of
from services.chassis.kernel import Aggregate, Clock
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.write_path import WritePath
from services.goals.check_in.domain import AHEAD_DAYS, PURSUED, TRIED_OUT, CheckIn, check_ins_of
from services.goals.goal.domain import Goal
from services.goals.trial.domain import Trial

A = TypeVar("A", bound=Aggregate)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """`goals_by`, `trials_by`: the orders in which indexes hold those of a teacher."""

    goals: WritePath[Goal]
    goals_by: ByDate
    trials: WritePath[Trial]
    trials_by: ByDate
    reads: GuardedReads
    access: Access
    clock: Clock


@dataclass(frozen=True, slots=True)
class CheckIns:
    check_ins: Sequence[CheckIn]
    today: date
    at: datetime


async def get_check_ins(ports: Ports, call: Call) -> CheckIns:
    """As its operation says. Raises as `WritePath.find`."""
    ports.access.check_scope(call)
    person = caller_of(call, "")

    async def read() -> CheckIns:
        trials: list[Trial] = []
        for state in TRIED_OUT:
            hers = {"teacher": person, "state": state}
            trials += await _every(ports.trials, call.district, hers, ports.trials_by)
        active = {"teacher": person, "state": PURSUED}
        goals = await _every(ports.goals, call.district, active, ports.goals_by)
        today = ports.access.today(call.district)
        last = days_before(today, -AHEAD_DAYS).isoformat()
        return CheckIns(check_ins_of(trials, goals, last), today, ports.clock.now())

    return await ports.reads.one(call, About(teacher=person), read)


async def _every(
    path: WritePath[A], district: str, where: Mapping[str, Scalar], by: ByDate
) -> list[A]:
    items: list[A] = []
    after = ""
    while True:
        page = await path.find(district, where, after, _PAGE, by)
        items += page.items
        after = page.after
        if not after:
            return items
