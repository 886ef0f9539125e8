"""What who leads a program reads of it: what was planned and what was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import About, GuardedReads
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Clock, not_found
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.insights.calendar.read import Almanac
from services.insights.delivery.domain import Contact, Stay, delivery_of
from services.insights.delivery.resources import ProgramDeliveryResource, program_delivery
from services.insights.facts.stored import district_of
from services.insights.program.read import ProgramPlans
from services.insights.timeline.facts import MEMBERSHIPS, SESSIONS
from services.insights.timeline.stores import Timelines

MOST = 2_000  # teachers of a program: of more, figures are of the first of them
AT_ONCE = 200  # teachers whose contacts are read by one command
_NOBODY = ("",)  # leads what is not there: it is refused as one that somebody else leads
IN_TROUBLE = "what is delivered"


@dataclass(frozen=True, slots=True)
class Ports:
    timelines: Timelines
    programs: ProgramPlans
    almanac: Almanac
    reads: GuardedReads
    access: Access
    days: Days
    clock: Clock
    stale_after: timedelta
    troubles: Troubles


async def get_program_delivery(ports: Ports, call: Call, program_id: Id) -> ProgramDeliveryResource:
    """What of a program is delivered, for who leads it and the district: figures, of nobody alone.

    Planned and held contacts, how far they lie apart, with how many teachers and by which
    modality. What is of fewer teachers than the district's `small_n` is null, or put together with
    more. 2 database commands, and 1 more for every 200 teachers."""
    plan = (await ports.programs.of(call.district)).plans.get(program_id)

    async def read() -> ProgramDeliveryResource:
        if plan is None:
            raise not_found()
        now = ports.clock.now()
        await ports.almanac.ready()
        as_of = await ports.timelines.as_of()  # before the rows: they are at least this fresh
        calendar = ports.almanac.calendar(call.district, plan.school_year)
        small_n = ports.access.rules(call.district).small_n
        stays = await _stays(ports, call.district, program_id)
        today = ports.days.day_of(call.district, now)
        found = delivery_of(stays, plan, calendar, today, small_n)
        return program_delivery(plan, found, small_n, as_of, now - as_of > ports.stale_after)

    leads = plan.leads if plan else _NOBODY
    return await ports.reads.one(call, About(parties=leads), read)


async def _stays(ports: Ports, district: str, program: str) -> Sequence[Stay]:
    """Of each teacher who was ever in it, the last time."""
    rows = await ports.timelines.members(district, program, MOST)
    broken: list[Exception] = []
    mine = [row for row in rows if district_of(row) == district]
    known = {
        str(row["teacher"]): each
        for row in mine
        for each in MEMBERSHIPS.all_in(row, "membership", broken.append)
        if each.program == program and each.enrolled_at is not None
    }
    teachers = sorted(known)
    contacts: dict[str, list[Contact]] = {}
    for first in range(0, len(teachers), AT_ONCE):
        some = teachers[first : first + AT_ONCE]
        for teacher, found in _contacts(await ports.timelines.sessions(district, some), broken):
            contacts.setdefault(teacher, []).append(found)
    for error in broken[:1]:
        ports.troubles.tell(IN_TROUBLE, district, error)
    return [
        Stay(each.enrolled_at, each.over_at, tuple(contacts.get(teacher, ())))
        for teacher, each in known.items()
        if each.enrolled_at is not None
    ]


def _contacts(rows: Sequence[Row], broken: list[Exception]) -> Sequence[tuple[str, Contact]]:
    """With whose they are."""
    return [
        (str(row["teacher"]), Contact(each.held_at, each.modality, each.size))
        for row in rows
        for each in SESSIONS.all_in(row, "coaching_session", broken.append)
        if each.held_at is not None
    ]
