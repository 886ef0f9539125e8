"""Strategies follow a person whose two records have become one; her private ones go where that is
ordered."""

from __future__ import annotations

from datetime import datetime

from services.access import merges
from services.access.erasures import ErasesToo, Hers, first_to_last
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import change_each, erase_each
from services.chassis.write.write_path import WritePath
from services.goals.strategy.cases import BY_DATE, Ports
from services.goals.strategy.domain import SHOWN_TO_ALL, Strategy


async def transfer_strategies(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All strategies whose author is the record that is given up, private ones too."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(strategy: Strategy) -> None:
            before = strategy.transferred_from
            if merge.takes(strategy.author, before) and await merge.holds(ports.view, before):
                strategy.transfer(merge.target)

        await change_each(ports.path, call, {"author": merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


def private_ones(path: WritePath[Strategy]) -> ErasesToo:
    """What she has not published goes with her; what is the district's stays."""

    async def erase(call: Call, hers: Hers, ordered_at: datetime) -> None:
        def act(strategy: Strategy) -> None:
            old = strategy.written_at <= ordered_at and hers.has(strategy.transferred_from)
            if old and strategy.state not in SHOWN_TO_ALL:
                strategy.erase()

        await first_to_last(
            erase_each(path, call, {"author": record}, act, BY_DATE) for record in hers.records
        )

    return erase


DUTIES = (Duty("transfer_strategies", merges.ASKS, transfer_strategies),)
