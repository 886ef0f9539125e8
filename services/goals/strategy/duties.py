"""Strategies follow a person whose two records have become one; her private ones go where that is
ordered."""

from __future__ import annotations

from datetime import datetime

from services.access import merges
from services.access.artifact_erasures import Erasable, hers_alone
from services.access.erasures import ErasesToo, all_begun
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.write.write_path import WritePath
from services.goals.strategy.cases import BY_DATE, Ports
from services.goals.strategy.domain import SHOWN_TO_ALL, Strategy


async def transfer_strategies(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All strategies whose author is the record that is given up, private ones too."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "author", BY_DATE)


def _names(strategy: Strategy) -> tuple[str, ...]:
    """It is of its author alone as long as it is not published."""
    return (strategy.author, strategy.transferred_from)


def private_ones(path: WritePath[Strategy]) -> ErasesToo:
    """What she has not published goes with her; what is the district's stays."""
    return all_begun(
        path,
        lambda strategy: strategy.written_at,
        lambda strategy: strategy.transferred_from,
        _names,
        BY_DATE,
        whose="author",
        stays=lambda strategy: strategy.state in SHOWN_TO_ALL,
    )


def erasable_strategies(path: WritePath[Strategy]) -> Erasable[Strategy]:
    """One that its author has not published: hers alone."""
    return hers_alone(
        path,
        lambda strategy: strategy.author,
        lambda strategy: strategy.transferred_from,
        _names,
        stays=lambda strategy: strategy.state in SHOWN_TO_ALL,
        alone=lambda hers, strategy: True,
    )


DUTIES = (Duty("transfer_strategies", merges.ASKS, transfer_strategies),)
