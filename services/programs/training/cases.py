"""What callers do with records of trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.access import merges
from services.access.access import Access
from services.access.days import Days, in_range
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.access.profile import Capability, Profile
from services.access.school_year import goes_on
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id, IdOrMe
from services.chassis.kernel import Clock, Fault, Kind, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import Scalar, where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import UNREADABLE, Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.program.domain import Program, ProgramState
from services.programs.training.bodies import RecordTraining
from services.programs.training.domain import (
    EXPIRES_SOON,
    LONGEST_AGO,
    Training,
    TrainingKind,
    TrainingSaid,
)

# About one person, and first those that count. What leads record all together leaves the district
# room, and what one of them records leaves the others some.
MOST_TRAININGS, MOST_BY_LEADS, MOST_BY_ONE = 200, 150, 50
MOST_EVER, MOST_EVER_BY_LEADS, MOST_EVER_BY_ONE = 500, 300, 100  # with those that were voided
BY_DATE = ByDate("recorded_at")
BY_EXPIRY = ByDate("expires_at", order=Order.OLDEST)
_NOBODY = ("",)  # leads a program that there is not
_NEVER_OPEN = (ProgramState.DRAFT, ProgramState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Ports:
    """`path`, `drafts` and `view` are for duties; of `programs` it is read who leads one."""

    trainings: Guarded[Training]
    path: WritePath[Training]
    programs: WritePath[Program]
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose(access: Access, programs: WritePath[Program], training: Training) -> About:
    """It is about one person, and named in it is who leads its program today: nobody where it is of
    none. 2 database commands at most where it is of one."""
    led = await _led_by(access, programs, training.district, training.program)
    return About(teacher=training.person, parties=led)


async def _led_by(
    access: Access, programs: WritePath[Program], district: str, program: str
) -> tuple[str, ...]:
    """But for who leads a school, or may: she has power over whom it is about. Nobody of a draft,
    which a lead makes by herself, or of one that was withdrawn; nobody, too, where this build
    cannot read the program: whom it is about and the district see their records all the same."""
    try:
        found = await if_there(programs.get(district, program)) if program else None
    except Fault as fault:
        if fault.code not in UNREADABLE:
            raise
        return _NOBODY
    if found is None or found.state in _NEVER_OPEN:
        return _NOBODY
    await access.profiles(district, found.says.leads)  # with one command
    led = [each for each in found.says.leads if not await access.may_lead(district, each)]
    return tuple(led) or _NOBODY


async def answers_for(ports: Ports, call: Call, training: Training) -> bool:
    """Whether the caller is who recorded it, under whichever record of hers, or administers the
    district; of her own training nobody is. No database command when profiles are warm."""
    me, district = call.principal.person, call.district
    if not me or me == training.person:
        return False
    if await _administers(ports, district, me):
        return True
    return await merges.kept_of(ports.access, district, training.recorded_by) == me


async def _administers(ports: Ports, district: str, person: str) -> bool:
    profile, today = await ports.access.profile(district, person), ports.access.today(district)
    return profile is not None and profile.administers(today)


async def changing(ports: Ports, call: Call, training: Training) -> None:
    """What correcting and voiding ask of it."""
    training.check_counts()
    if not await answers_for(ports, call, training):
        detail = "Who recorded it or the district puts it right, and nobody what is her own."
        raise Fault(Kind.FORBIDDEN, "not_who_recorded_it", detail)


async def record_training(ports: Ports, call: Call, asked: RecordTraining) -> Training:
    """Record what somebody who coaches, rates or observes was trained in.

    As the district, or as who leads the program that it names, but no school; never how she did.
    Raises FORBIDDEN `own_training` of the caller's own; CONFLICT `program_not_open` unless the
    program is open or runs."""
    by, now, person = call.principal.person, ports.clock.now(), asked.person_id
    ports.access.check_scope(call)
    led = await _led_by(ports.access, ports.programs, call.district, asked.program_id or "")
    by_lead = not await _administers(ports, call.district, by)
    says = TrainingSaid(
        asked.tool_id or "",
        asked.topic or "",
        asked.completed_on,
        asked.expires_on or "",
        asked.provider,
    )

    async def make() -> Training:
        return Training(
            id=ports.trainings.new_id(call),
            district=call.district,
            person=person,
            kind=asked.kind,
            program=asked.program_id or "",
            says=says,
            school_year=ports.days.school_year_of(call.district, now),
            recorded_by=by,
            by_lead=by_lead,
            recorded_at=now,
            expires_at=over(ports, call.district, says),
        ).recorded()

    async def check() -> None:
        if asked.program_id:
            await _check_program(ports, call.district, asked.program_id)
        if person == by:
            detail = "What one was trained in oneself, somebody else records."
            raise Fault(Kind.FORBIDDEN, "own_training", detail)
        await _check_person(ports, call.district, person)
        check_completed(ports, call.district, says.completed_on)
        says.check(asked.kind)

    about = About(teacher=person, parties=led)
    within = _bounds(person, by, by_lead)
    return await ports.trainings.create_about(call, about, make, within, check)


def _bounds(person: str, by: str, by_lead: bool) -> Sequence[Bound]:
    """What was voided takes no place of what counts, and yet is not without end."""
    hers: Mapping[str, Scalar] = {"person": person}
    code, voided = "too_many_trainings", {"counts": False}
    whole = f"At most {MOST_TRAININGS} trainings of one person are recorded."
    ever = f"At most {MOST_EVER} trainings of one person are recorded, with those voided."
    bounds = [
        Bound(hers, MOST_TRAININGS, code, whole, voided),
        Bound(hers, MOST_EVER, code, ever),
    ]
    if not by_lead:
        return bounds
    leads: Mapping[str, Scalar] = {**hers, "by_lead": True}
    one: Mapping[str, Scalar] = {**leads, "recorded_by": by}
    by_all = f"Who leads programs records at most {MOST_BY_LEADS} trainings of one person."
    by_her = f"One who leads programs records at most {MOST_BY_ONE} trainings of one person."
    ever_all = (
        f"Who leads programs records at most {MOST_EVER_BY_LEADS} trainings of one person, with "
        "those voided."
    )
    ever_her = (
        f"One who leads programs records at most {MOST_EVER_BY_ONE} trainings of one person, with "
        "those voided."
    )
    return [
        Bound(one, MOST_BY_ONE, code, by_her, voided),
        Bound(one, MOST_EVER_BY_ONE, code, ever_her),
        Bound(leads, MOST_BY_LEADS, code, by_all, voided),
        Bound(leads, MOST_EVER_BY_LEADS, code, ever_all),
        *bounds,
    ]


def over(ports: Ports, district: str, says: TrainingSaid) -> datetime | None:
    """When it has held for the last time; None of what holds for good."""
    if not says.expires_on:
        return None
    return ports.days.ends(district, in_range(says.expires_on, "/expires_on"))


async def _check_program(ports: Ports, district: str, program: str) -> None:
    found = await if_there(ports.programs.get(district, program))
    if found is None:
        raise invalid("unknown_program", "There is no such program.", "/program_id")
    if not found.enrolls:
        detail = "Trainings for a program are recorded while it is open or runs."
        raise conflict("program_not_open", detail)


async def _check_person(ports: Ports, district: str, person: str) -> None:
    profile = await ports.access.profile(district, person)
    if profile is None or not profile.active or not _works(ports, district, profile):
        detail = "There is no such active person who teaches, coaches or leads."
        raise invalid("unknown_person", detail, "/person_id")


def _works(ports: Ports, district: str, profile: Profile) -> bool:
    """Whether she may coach, rate or observe: who teaches may for her peers."""
    today, roles = ports.access.today(district), ports.access.rules(district).roles
    can = set(profile.capabilities(today, roles)) - {Capability.ADMINISTER}
    return bool(can or profile.granted_programs(today))


def check_completed(ports: Ports, district: str, completed_on: str) -> None:
    day, today = in_range(completed_on, "/completed_on"), ports.access.today(district)
    if day > today:
        detail = f"The day is to come: it is {today} today."
        raise invalid("completed_in_future", detail, "/completed_on")
    if (day.year + LONGEST_AGO, day.month, day.day) < (today.year, today.month, today.day):
        detail = f"That is more than {LONGEST_AGO} years ago."
        raise invalid("completed_too_long_ago", detail, "/completed_on")


async def list_trainings(
    ports: Ports,
    call: Call,
    *,
    person_id: IdOrMe | None = None,
    program_id: Id | None = None,
    kind: TrainingKind | None = None,
    expiring: bool = False,
    after: str,
    limit: int,
) -> Found[Training]:
    """What somebody was trained in, for herself and the district; of a program also for who leads
    it. Without either all, for the district, and the caller's own.

    The newest record first. With `expiring` those that hold for 60 days more at most, the one that
    ends first before the others."""
    held, today = ports.trainings, ports.access.today(call.district)
    by = _expiring(ports, call.district, today) if expiring else BY_DATE
    narrowed = where(program=program_id, kind=kind)
    if program_id is not None and person_id != call.principal.person:
        led = await _led_by(ports.access, ports.programs, call.district, program_id)
        about, asked = (
            About(teacher=person_id, parties=led),
            {**where(person=person_id), **narrowed},
        )
        if person_id is not None:
            return await held.find(call, about, asked, after, limit, by)
        return await held.find_admitted(call, about, asked, after, limit, _person, by)
    person = person_id or await held.own_or_all(call)
    if person:
        about = About(teacher=person, parties=_NOBODY)
        return await held.find(call, about, {"person": person, **narrowed}, after, limit, by)
    return await held.find_of_many(call, About(), narrowed, after, limit, _person, by)


def _expiring(ports: Ports, district: str, today: date) -> ByDate:
    """What ends today or in `EXPIRES_SOON` at the latest."""
    last = goes_on(today, EXPIRES_SOON.days)
    return BY_EXPIRY.between(ports.days.ends(district, today), ports.days.ends(district, last))


def _person(training: Training) -> str:
    return training.person
