"""Records of trainings follow a person whose two records have become one, and are erased on order
and when they have had their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.access import merges
from services.access.erasures import ErasesToo, all_begun
from services.access.retention import Retained, erase_expired, newest
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.write.write_path import WritePath
from services.programs.training.cases import BY_DATE, Ports
from services.programs.training.domain import Training


async def transfer_trainings(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that was recorded about the record which is given up."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "person", BY_DATE)


def all_trainings(path: WritePath[Training]) -> ErasesToo:
    """What goes with an order to erase what is about a person; what she has recorded about others
    is theirs."""
    return all_begun(
        path,
        lambda each: each.recorded_at,
        lambda each: each.transferred_from,
        _names,
        BY_DATE,
        "person",
    )


def _names(training: Training) -> list[str]:
    return [training.person, training.transferred_from]


def kept_trainings(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Training]:
    """What was recorded in a year that is over, as long as the district keeps it; while it still
    holds up to a day, that time has not begun."""
    return Retained(
        "trainings",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        _last,
    )


def _last(training: Training) -> datetime | None:
    """What holds up to a day is worked on, so to say, as long as that day is not over."""
    over = training.expires_at
    return newest(training.recorded_at, over and over - timedelta(milliseconds=1))


DUTIES = (Duty("transfer_trainings", merges.ASKS, transfer_trainings),)
RETENTION_DUTIES: tuple[Duty[Retained[Training]], ...] = (
    Duty("erase_expired_trainings", RETENTION_ASKS, erase_expired),
)
