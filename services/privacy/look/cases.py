"""What callers do with looks."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import About, GuardedReads
from services.chassis.call import Call, caller_of
from services.chassis.edge.naming import Names
from services.chassis.fields import Day, Id, IdOrMe
from services.chassis.kernel import not_found
from services.chassis.write.loading import Found
from services.privacy.look.domain import Look
from services.privacy.look.looks import Filter, Looks


@dataclass(frozen=True, slots=True)
class Ports:
    looks: Looks
    reads: GuardedReads
    access: Access
    names: Names
    days: Days


async def get_look(ports: Ports, call: Call, look_id: Id) -> Look:
    """One look at what is about the caller."""
    ports.access.check_scope(call)
    found = await ports.looks.get(call.district, look_id)
    if found is None:
        raise not_found()

    async def read() -> Look:
        return found

    return await ports.reads.one(call, About(parties=(found.told.person,)), read)


async def list_looks(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    kind: Id | None = None,
    viewer_id: Id | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    after: str,
    limit: int,
) -> Found[Look]:
    """Who looked at what is about the caller, the newest first: hers alone.

    `begins_after` is where the list began before its oldest looks had had their time."""
    person = person_id or caller_of(call, "/person_id")
    since, until = ports.days.span(call.district, from_date, to_date)
    of = Filter(kind or "", viewer_id or "", since, until)

    async def read() -> Found[Look]:
        whose = call.district, person
        found = await ports.looks.page(whose, of, after, limit)
        first = await ports.looks.begins_after(whose)  # of what goes meanwhile it names the last
        left = [each for each in found.items if each.number > first.number]
        goes_on = found.after if len(left) == len(found.items) else ""
        return Found(left, goes_on, more={"begins_after": first.said or None})

    return await ports.reads.one(call, About(parties=(person,)), read)
