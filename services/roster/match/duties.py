"""What the roster does once two of its records are one person: the one leaves, and the other has
its roles, classes, grants and covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from services.access import merges
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import change_each
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.write.write_path import WritePath
from services.roster.came import Came, given_back, leading, moved
from services.roster.person.domain import Person
from services.roster.record import record_id

if TYPE_CHECKING:
    from services.roster.class_.domain import Class
    from services.roster.cover.domain import Cover
    from services.roster.grant.domain import Grant


@dataclass(frozen=True, slots=True)
class Ports:
    people: WritePath[Person]
    classes: WritePath[Class]
    grants: WritePath[Grant]
    covers: WritePath[Cover]
    view: ReadsAnew
    days: Days
    clock: Clock


async def merge_records(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """At first the record that is given up leaves: nobody signs in by it any more. Parted again,
    it comes back as it was, and each has its own again."""

    async def move(call: Call, merge: merges.Merge) -> None:
        await _people(ports, call, merge)
        await _classes(ports, call, merge)
        await _grants(ports, call, merge)
        await _covers(ports, call, merge)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _people(ports: Ports, call: Call, merge: merges.Merge) -> None:
    district, now = call.district, ports.clock.now()
    today = str(ports.days.day_of(district, now))

    async def leave(given_up: Person) -> None:
        if await merge.holds(ports.view):
            if given_up.merged_into not in ("", merge.target):
                detail = "She was parted from another record, which is not carried out yet."
                raise Fault(Kind.UNAVAILABLE, "not_known_yet", detail)
            given_up.merge_into(merge.target)

    async def return_(given_up: Person) -> None:
        if await merge.holds(ports.view):
            given_up.separate(merge.source, now)

    async def take_over(kept: Person) -> None:
        if await merge.holds(ports.view):
            kept.take_over(source, today)

    async def part(kept: Person) -> None:
        if await merge.holds(ports.view):
            kept.part(now, today)

    if merge.back:
        await ports.people.change(call, record_id(district, "person", merge.target), return_)
        await ports.people.change(call, record_id(district, "person", merge.source), part)
        return
    source = await ports.people.change(call, record_id(district, "person", merge.source), leave)
    await ports.people.change(call, record_id(district, "person", merge.target), take_over)


async def _classes(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """Parted again, each has the classes that are its own by the last file."""
    naming = given_back if merge.back else moved

    async def act(each: Class) -> None:
        teachers, came = naming(each.teachers, each.came, merge.source, merge.target)
        if (teachers, came) != (each.teachers, each.came) and await merge.holds(ports.view):
            await _check_given_back(ports, merge, each.came)
            leads = leading(each.leads, teachers, merge.source, merge.target)
            each.upsert(replace(each, teachers=teachers, came=came, leads=leads))

    await change_each(ports.classes, call, {"teachers": merge.source}, act)


async def _grants(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """Those that she has, and those that reach her."""
    reaching = given_back if merge.back else moved

    async def act(grant: Grant) -> None:
        before = grant.transferred_from
        takes = merge.takes(grant.person, before) and await merge.holds(ports.view, before)
        people, came = reaching(grant.people, grant.came, merge.source, merge.target)
        if (takes or people != grant.people or came != grant.came) and await merge.holds(
            ports.view
        ):
            await _check_given_back(ports, merge, grant.came)
            grant.transfer(merge.target if takes else grant.person, people, came)

    for place in ("person", "people"):
        await change_each(ports.grants, call, {place: merge.source}, act)


async def _check_given_back(ports: Ports, merge: merges.Merge, came: Iterable[Came]) -> None:
    """Where one is named in place of another who was parted since, that is given back first. Raises
    Fault UNAVAILABLE until then."""
    for each in () if merge.back else came:
        if each.now == merge.source and not await merge.holds(ports.view, each.before):
            detail = "Somebody was parted from her, which is not carried out yet."
            raise Fault(Kind.UNAVAILABLE, "not_known_yet", detail)


async def _covers(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """Of whom she takes the classes, and who takes hers. Parted again, the one may take those of
    the other, as she did before."""

    async def now(whose: str, before: str) -> str:
        takes = merge.takes(whose, before) and await merge.holds(ports.view, before)
        return merge.target if takes else whose

    async def act(cover: Cover) -> None:
        teacher = await now(cover.teacher, cover.teacher_before)
        substitute = await now(cover.substitute, cover.substitute_before)
        if (teacher, substitute) != (cover.teacher, cover.substitute):
            cover.transfer(teacher, substitute, ports.clock.now())
            return
        parted = merge.back and {teacher, substitute} == {merge.source, merge.target}
        if parted and await merge.holds(ports.view):
            cover.part(ports.clock.now())

    for side in ("teacher", "substitute"):
        await change_each(ports.covers, call, {side: merge.source}, act)


DUTIES = (Duty("merge_records", merges.ASKS, merge_records),)
