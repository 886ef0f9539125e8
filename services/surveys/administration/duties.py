"""What is left of surveys that are over is deleted, without anybody asking; and all that is a
person's where that is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as published
from services.access import erasures, merges
from services.access.artifact_erasures import Erasable, hers_alone
from services.access.retention import Retained, newest
from services.access.retention_report import RetentionReport
from services.access.sharing.duties import erase_shares_by, erase_shares_of
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import unless_erased
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.surveys.administration.cases import BY_DATE, Ports
from services.surveys.administration.domain import UNDERWAY, Administration
from services.surveys.administration.outline import REOPENABLE

A_MOMENT = timedelta(seconds=1)  # in its last one a close can still be taken back


def _over(event: Event) -> Asked:
    """At once; of a close that can be taken back once it cannot any more."""
    message: Any = event.message
    over: published.AdministrationSnapshot = message.administration
    at = event.envelope.occurred_at
    return Asked(at + REOPENABLE + A_MOMENT if over.results.suppressed else at, {})


async def delete_sheets(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Delete the answer sheets of a survey that needs none any more: those of a close that
    released nothing, once it cannot be taken back, and those that a close or a cancel left behind
    which died between its commit and its end. Delete its seats ten minutes after the end. Of one
    that was opened again, nothing: its next end asks anew."""
    there = ports.path.get(call.district, todo.aggregate)
    found = await unless_erased(ports.path, call, todo.aggregate, there)
    if found is None:  # it was erased: that asks for the same
        return await _without(ports, call, todo)
    until = found.reopenable_until
    if until is not None:
        if ports.clock.now() <= until:
            return until + A_MOMENT

        def act(administration: Administration) -> None:
            administration.seal(ports.clock.now())

        found = await ports.path.change(call, found.id, act)
    empty_until = found.forgettable_from
    if empty_until is None:
        return None
    if ports.clock.now() < empty_until:
        await ports.seats.clear(call.district, found.id)
        return empty_until
    await ports.seats.remove(call.district, found.id)
    return None


async def _without(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """The same of a survey that was erased; its last event asks for it, too."""
    await ports.seats.clear(call.district, todo.aggregate)
    erased_at: datetime | None = todo.value.get("erased_at")
    if erased_at is None:
        return None
    if ports.clock.now() < erased_at + UNDERWAY:
        return erased_at + UNDERWAY
    await ports.seats.remove(call.district, todo.aggregate)
    return None


def _erased(event: Event) -> Asked:
    at = event.envelope.occurred_at
    return Asked(at, {"erased_at": at})


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _over
    for message in (published.AdministrationClosed, published.AdministrationCancelled)
} | {published.AdministrationErased.DESCRIPTOR.full_name: _erased}


async def transfer_surveys(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All surveys of the record that is given up; codes and answers stay as they are."""
    now = ports.clock.now()
    return await merges.move_each(ports.view, ports.path, call, todo, now, "teacher", BY_DATE)


async def erase_surveys(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All surveys of a teacher that were planned before the order, and then what is beside
    them: the answers and the shares."""

    async def beside(id: str) -> None:
        await ports.seats.clear(call.district, id)
        await erase_shares_of(ports.shares, call, id)

    hers, now = await erasures.Hers.of(ports.view, call.district, todo), ports.clock.now()
    await erase_shares_by(ports.shares, ports.path, call, hers, todo.value["ordered_at"])
    work = erasures.ToErase(ports.path, ports.receipts, ports.drafts, BY_DATE)
    return await erasures.carry_out(work, call, todo, now, hers, _began, _before, _names, beside)


def _before(administration: Administration) -> str:
    return administration.transferred_from


def _names(administration: Administration) -> list[str]:
    """Also who has planned it, or done something with it."""
    by = (step.by for step in administration.history)
    return [
        administration.teacher,
        administration.transferred_from,
        administration.scheduled_by,
        *by,
    ]


def _began(administration: Administration) -> datetime:
    return administration.scheduled_at


def erasable_surveys(ports: Ports) -> Erasable[Administration]:
    """One survey of a class, with its answers and shares."""

    async def beside(call: Call, id: str) -> None:
        await ports.seats.clear(call.district, id)
        await erase_shares_of(ports.shares, call, id)

    return hers_alone(ports.path, lambda survey: survey.teacher, _before, _names, (beside,))


def kept_surveys(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[Administration]:
    """Surveys, as long as the district keeps them, and then the answers to one that was never
    closed, and the shares."""

    async def beside(call: Call, id: str) -> None:
        await ports.seats.clear(call.district, id)
        await erase_shares_of(ports.shares, call, id)

    return Retained(
        "surveys",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        _touched,
        beside,
    )


def _touched(survey: Administration) -> datetime | None:
    return newest(survey.scheduled_at, *(step.at for step in survey.history))


DUTIES = (
    Duty("delete_sheets", _ASKS, delete_sheets),
    Duty("transfer_surveys", merges.ASKS, transfer_surveys),
    Duty("erase_surveys", erasures.ASKS, erase_surveys),
)
