"""What is hers follows a person whose two records have become one, and is erased where that is
ordered."""

from __future__ import annotations

from datetime import datetime

from services.access import erasures, merges
from services.access.artifact_erasures import Erasable, hers_alone
from services.access.retention import Retained, newest
from services.access.retention_report import RetentionReport
from services.access.sharing.duties import erase_shares_by, erase_shares_of
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.write.write_path import WritePath
from services.goals.goal.cases import BY_DATE, Ports
from services.goals.goal.domain import Goal
from services.goals.goal.outline import GoalState


async def transfer_goals(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All goals of the record that is given up, of whatever year and state."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "teacher", BY_DATE)


async def erase_goals(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All goals of a person that were drafted before the order, and what is beside them."""
    work = erasures.ToErase(ports.path, ports.receipts, ports.drafts, BY_DATE, ports.erased_too)
    hers = await erasures.Hers.of(ports.view, call.district, todo)

    async def with_shares(id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    await erase_shares_by(ports.shares, ports.path, call, hers, todo.value["ordered_at"])
    now = ports.clock.now()
    return await erasures.carry_out(
        work, call, todo, now, hers, _began, _before, _names, with_shares
    )


def _before(goal: Goal) -> str:
    return goal.transferred_from


def _names(goal: Goal) -> list[str]:
    """Also who has drafted it, noted or linked something in it, or said something of it."""
    noted, linked = (each.by for each in goal.progress), (each.by for each in goal.evidence)
    said = (each.by for each in goal.comments)
    return [goal.teacher, goal.transferred_from, goal.drafted_by, *noted, *linked, *said]


def _began(goal: Goal) -> datetime:
    return goal.drafted_at


def erasable_goals(ports: Ports) -> Erasable[Goal]:
    """One goal, with its shares and what goes along with it. Hers alone is a draft of her
    own of which nobody else has said anything."""

    async def shares(call: Call, id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    def alone(hers: erasures.Hers, goal: Goal) -> bool:
        parts = {goal.drafted_by, *(each.by for each in goal.comments)}
        return goal.state is GoalState.DRAFT and parts.issubset(hers.records)

    beside = (shares,)
    return hers_alone(ports.path, _whose, _before, _names, beside, alone=alone, along=ports.along)


def _whose(goal: Goal) -> str:
    return goal.teacher


def kept_goals(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Goal]:
    """Goals, as long as the district keeps them, of whatever state: an active one, too, where
    nobody has done anything with it, and with what came of it, for so long."""

    async def with_shares(call: Call, id: str) -> None:
        await erase_shares_of(ports.shares, call, id)

    return Retained(
        "goals",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        _touched,
        with_shares,
        ports.along,
    )


def _touched(goal: Goal) -> datetime | None:
    noted = (each.at for each in goal.progress)
    revised = (each.at for each in goal.earlier)
    linked = (each.at for each in goal.evidence)
    rated = (each.at for each in goal.ratings)
    said = (each.at for each in goal.comments)
    began, closed = (goal.drafted_at, goal.activated_at), goal.closed_at
    return newest(*began, closed, goal.maintained_at, *noted, *revised, *linked, *rated, *said)


DUTIES = (
    Duty("transfer_goals", merges.ASKS, transfer_goals),
    Duty("erase_goals", erasures.ASKS, erase_goals),
)
