"""What who leads a program reads of it: what was planned and what was delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import About, GuardedReads
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Clock, not_found
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.insights.calendar.read import Almanac
from services.insights.delivery.adherence import adherence_of, asked_for
from services.insights.delivery.domain import Contact, Stay, delivery_of
from services.insights.delivery.resources import ProgramDeliveryResource, program_delivery
from services.insights.facts.stored import district_of
from services.insights.program.domain import ProgramPlan
from services.insights.program.read import ProgramPlans
from services.insights.timeline.domain import (
    CoachingTime,
    EntryWritten,
    Goal,
    ItemKind,
    Observation,
    Said,
    Survey,
    Trial,
)
from services.insights.timeline.facts import MEMBERSHIPS, OF_KIND
from services.insights.timeline.stores import Timelines

MOST = 2_000  # teachers of a program: of more, figures are of the first of them
AT_ONCE = 200  # teachers whose contacts are read by one command
_KINDS = {
    "goal": {ItemKind.GOAL},
    "action_step": {ItemKind.TRIAL},
    "observation": {ItemKind.OBSERVATION},
    "survey": {ItemKind.SURVEY},
    "session": {ItemKind.COACHING_SESSION},
    "reflection": {ItemKind.TRIAL, ItemKind.PLANNING_ENTRY},
}
_REFLECTS = "reflect"  # an entry of a planning record, by what it is
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
    modality; and of each step of its process how often it was done in time. What is of fewer
    teachers than the district's `small_n` is null, or put together with more. 2 database commands,
    and 1 more for every 200 teachers."""
    plan = (await ports.programs.of(call.district)).plans.get(program_id)

    async def read() -> ProgramDeliveryResource:
        if plan is None:
            raise not_found()
        now = ports.clock.now()
        await ports.almanac.ready()
        as_of = await ports.timelines.as_of()  # before the rows: they are at least this fresh
        calendar = ports.almanac.calendar(call.district, plan.school_year)
        small_n = ports.access.rules(call.district).small_n
        stays = await _stays(ports, call.district, plan)
        today = ports.days.day_of(call.district, now)
        found = delivery_of(stays, plan, calendar, today, small_n)
        steps = adherence_of(stays, plan, calendar, today, small_n)
        stale = now - as_of > ports.stale_after
        return program_delivery(plan, found, steps, small_n, as_of, stale)

    leads = plan.leads if plan else _NOBODY
    return await ports.reads.one(call, About(parties=leads), read)


async def _stays(ports: Ports, district: str, plan: ProgramPlan) -> Sequence[Stay]:
    """Of each teacher who was ever in it, for any time."""
    rows = await ports.timelines.members(district, plan.program, MOST)
    broken: list[Exception] = []
    mine = [row for row in rows if district_of(row) == district]
    known = {
        str(row["teacher"]): each
        for row in mine
        for each in MEMBERSHIPS.all_in(row, "membership", broken.append)
        if each.program == plan.program
        and each.enrolled_at is not None
        and (each.earlier or each.over_at != each.enrolled_at)  # else by a mix-up of records alone
    }
    teachers = sorted(known)
    kinds = {ItemKind.COACHING_SESSION}.union(*(_KINDS[each] for each in asked_for(plan)))
    found: dict[str, list[Said]] = {}
    for first in range(0, len(teachers), AT_ONCE):
        some = teachers[first : first + AT_ONCE]
        for row in await ports.timelines.items(district, some, kinds):
            found.setdefault(str(row["teacher"]), []).extend(_said(row, broken))
    for error in broken[:1]:
        ports.troubles.tell(IN_TROUBLE, district, error)
    return [
        Stay(
            each.enrolled_at,
            each.over_at,
            _contacts(found.get(teacher, ())),
            each.earlier,
            _evidence(found.get(teacher, ())),
        )
        for teacher, each in known.items()
        if each.enrolled_at is not None
    ]


def _said(row: Row, broken: list[Exception]) -> Sequence[Said]:
    """What cannot be read of it is left out, and told."""
    kind = ItemKind(row["kind"])
    return OF_KIND[kind].all_in(row, kind.value, broken.append)


def _contacts(said: Iterable[Said]) -> tuple[Contact, ...]:
    return tuple(
        Contact(each.held_at, each.modality, each.size)
        for each in said
        if isinstance(each, CoachingTime) and each.held_at is not None and each.coach
    )


def _evidence(said: Iterable[Said]) -> Mapping[str, tuple[datetime, ...]]:
    """When something of each kind of evidence came to be; of a trial's reflection it is known when
    it was last written."""
    left: dict[str, list[datetime]] = {}
    for each in said:
        for kind, at in _left_by(each):
            if at is not None:
                left.setdefault(kind, []).append(at)
    return {kind: tuple(instants) for kind, instants in left.items()}


def _left_by(said: Said) -> Sequence[tuple[str, datetime | None]]:
    match said:
        case CoachingTime():
            return [("session", said.held_at)]
        case Goal():
            return [("goal", said.drafted_at or said.activated_at)]
        case Trial():
            return [("action_step", said.agreed_at), ("reflection", said.reflected_at)]
        case Observation():
            return [("observation", said.completed_at or said.shared_at)]
        case Survey():
            return [("survey", said.closed_at)]
        case EntryWritten(wrote=wrote) if wrote == _REFLECTS:
            return [("reflection", said.written_at)]
    return []
