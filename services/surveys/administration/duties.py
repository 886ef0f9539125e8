"""What is left of surveys that are over is deleted, without anybody asking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as published
from services.access import merges
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each
from services.chassis.views.projection import Event
from services.surveys.administration.cases import BY_DATE, Ports
from services.surveys.administration.domain import Administration
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
    found = await ports.path.get(call.district, todo.aggregate)
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


_ASKS: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _over
    for message in (published.AdministrationClosed, published.AdministrationCancelled)
}


async def transfer_surveys(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All surveys of the record that is given up; codes and answers stay as they are."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(administration: Administration) -> None:
            whose, before = administration.teacher, administration.transferred_from
            if merge.takes(whose, before) and await merge.holds(ports.view, before):
                administration.transfer(merge.target)

        await change_each(ports.path, call, {"teacher": merge.source}, act, BY_DATE)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


DUTIES = (
    Duty("delete_sheets", _ASKS, delete_sheets),
    Duty("transfer_surveys", merges.ASKS, transfer_surveys),
)
