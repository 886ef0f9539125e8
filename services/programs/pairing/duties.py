"""A teacher's interest in pairs follows her from one record to another, and is erased on order and
when it has had its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.access import erasures, merges
from services.access.retention import Retained, erase_expired
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import change_each, every, unless_erased
from services.chassis.write.write_path import WritePath
from services.programs.pairing.cases import BY_DATE, Ports
from services.programs.pairing.domain import PairInterest, PairInterestState


async def transfer_interests(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """What the record that is given up has said is the other's. Where both had said something what
    was said last counts, so that she has one thing to take back."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: PairInterest) -> None:
            before = each.transferred_from
            if merge.takes(each.teacher, before) and await merge.holds(ports.view, before):
                each.transfer(merge.target)

        await change_each(ports.path, call, {"teacher": merge.source}, act, BY_DATE)
        if not merge.back:
            await _keep_last(ports, replace(call, key=f"{call.key}:twins"), merge.target)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _keep_last(ports: Ports, call: Call, teacher: str) -> None:
    """By date the newest comes first."""
    hers = [each async for each in every(ports.path, call.district, {"teacher": teacher}, BY_DATE)]
    stated = [each for each in hers if each.state is PairInterestState.STATED]
    now = ports.clock.now()
    for other in stated[1:]:
        changed = ports.path.change(call, other.id, lambda each: each.withdraw(teacher, now))
        await unless_erased(ports.path, call, other.id, changed)


def erase_interests(path: WritePath[PairInterest]) -> erasures.ErasesToo:
    """What a teacher had said before the order."""
    return erasures.all_begun(
        path,
        lambda each: each.first_stated_at,
        lambda each: each.transferred_from,
        lambda each: [each.teacher, each.transferred_from],
        BY_DATE,
    )


def kept_interests(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[PairInterest]:
    """What teachers said in a year that is over, or have taken back, as long as the district keeps
    it."""
    return Retained(
        "pair_interests",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        lambda each: [each.teacher, *filter(None, [each.transferred_from])],
        lambda each: each.stated_at,
    )


DUTIES = (Duty("transfer_interests", merges.ASKS, transfer_interests),)
RETENTION_DUTIES: tuple[Duty[Retained[PairInterest]], ...] = (
    Duty("erase_expired_interests", RETENTION_ASKS, erase_expired),
)
