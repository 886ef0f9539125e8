"""What the roster does once two of its records are one person: the one leaves, and the other has
its roles, classes and grants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from services.access import merges
from services.access.days import Days
from services.chassis.call import Call
from services.chassis.duties.duty import Duty, Todo
from services.chassis.duties.each import change_each
from services.chassis.kernel import Clock
from services.chassis.write.write_path import WritePath
from services.roster.class_.domain import Class
from services.roster.grant.domain import Grant
from services.roster.person.domain import Person
from services.roster.record import record_id


@dataclass(frozen=True, slots=True)
class Ports:
    people: WritePath[Person]
    classes: WritePath[Class]
    grants: WritePath[Grant]
    days: Days
    clock: Clock


async def merge_records(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """At first the record that is given up leaves: nobody signs in by it any more. Parted again,
    it comes back as it was, and the next import says of both who teaches what."""
    merge = merges.Merge.of(todo)
    district, now = call.district, ports.clock.now()
    today = str(ports.days.day_of(district, now))
    given_up = record_id(district, "person", merge.target if merge.back else merge.source)
    if merge.back:
        await ports.people.change(call, given_up, lambda each: each.separate(merge.source, now))
    else:
        await ports.people.change(call, given_up, lambda each: each.merge_into(merge.target))
        source = await ports.people.get(district, given_up)
        kept = record_id(district, "person", merge.target)
        await ports.people.change(call, kept, lambda each: each.take_over(source, today))
        await _classes(ports, call, merge)
    await _grants(ports, call, merge)
    return merge.again(now)


async def _classes(ports: Ports, call: Call, merge: merges.Merge) -> None:
    def act(each: Class) -> None:
        if merge.source in each.teachers:
            teachers = {*each.teachers, merge.target} - {merge.source}
            each.upsert(replace(each, teachers=tuple(sorted(teachers))))

    await change_each(ports.classes, call, {"teachers": merge.source}, act)


async def _grants(ports: Ports, call: Call, merge: merges.Merge) -> None:
    """Those that she has, and those that reach her. Parted again, only the former."""

    def act(grant: Grant) -> None:
        takes = merge.takes(grant.person, grant.transferred_from)
        reached = set(grant.people)
        if not merge.back and merge.source in reached:
            reached = (reached | {merge.target}) - {merge.source}
        if takes or reached != set(grant.people):
            person = merge.target if takes else grant.person
            grant.transfer(person, tuple(sorted(reached)))

    for place in ("person", "people"):
        await change_each(ports.grants, call, {place: merge.source}, act)


DUTIES = (Duty("merge_records", merges.ASKS, merge_records),)
