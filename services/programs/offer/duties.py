"""A coach's offers follow her from one record to another, and are erased on order and when they
have had their time."""

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
from services.programs.offer.cases import BY_DATE, Ports
from services.programs.offer.domain import CoachingOffer


async def transfer_offers(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """What the record that is given up has offered is the other's. Of two offers in one round that
    counts which was made last, so that she has one thing to take back. Parted again each has hers,
    but for what the other said in it meanwhile."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(each: CoachingOffer) -> None:
            before = each.transferred_from
            if merge.takes(each.coach, before) and await merge.holds(ports.view, before):
                each.transfer(merge.target, back=merge.back)

        await change_each(ports.path, call, {"coach": merge.source}, act, BY_DATE)
        if not merge.back:
            await _keep_last(ports, replace(call, key=f"{call.key}:twins"), merge.target)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _keep_last(ports: Ports, call: Call, coach: str) -> None:
    """By date the newest comes first."""
    hers = [each async for each in every(ports.path, call.district, {"coach": coach}, BY_DATE)]
    now, kept = ports.clock.now(), set[str]()
    for each in hers:
        if each.counts and each.round in kept:
            changed = ports.path.change(call, each.id, lambda one: one.withdraw(coach, now))
            await unless_erased(ports.path, call, each.id, changed)
        elif each.counts:
            kept.add(each.round)


def erase_offers(path: WritePath[CoachingOffer]) -> erasures.ErasesToo:
    """What a coach had offered before the order."""
    return erasures.all_begun(
        path,
        lambda each: each.first_offered_at,
        lambda each: each.transferred_from,
        _names,
        BY_DATE,
        whose="coach",
    )


def _names(each: CoachingOffer) -> list[str]:
    return [each.coach, *filter(None, [each.transferred_from])]


def kept_offers(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[CoachingOffer]:
    """What coaches offered in a year that is over, taken back or not, as long as the district keeps
    it."""
    return Retained(
        "coaching_offers",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        lambda each: each.offered_at,
    )


DUTIES = (Duty("transfer_offers", merges.ASKS, transfer_offers),)
RETENTION_DUTIES: tuple[Duty[Retained[CoachingOffer]], ...] = (
    Duty("erase_expired_offers", RETENTION_ASKS, erase_expired),
)
