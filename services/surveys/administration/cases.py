"""What callers do with administrations, but for what a method of one does alone, and for a close,
which stands in `closing.py`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from pydantic import Field

from services.access.access import Access
from services.access.classes import classes_on
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.fair_share import FairShare
from services.access.guarded import About, Guarded, GuardedList
from services.access.school_year import SchoolYear
from services.access.sharing.domain import Share
from services.access.ties import check_class, check_goal
from services.chassis.call import Call
from services.chassis.duties.receipt import Receipt
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id
from services.chassis.kernel import Clock, Fault, Kind, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.settled import SettledAggregates
from services.chassis.write.write_path import WritePath
from services.surveys.administration.codes import SECRET_BYTES, codes_of, seat_of
from services.surveys.administration.domain import (
    MOST_ADMINISTRATIONS,
    MOST_BY_OTHERS,
    MOST_PLANNED,
    Administration,
    asked_of,
    check_class_size,
    seats_for,
)
from services.surveys.administration.outline import (
    AdministrationEvent,
    AdministrationOutline,
    AdministrationState,
)
from services.surveys.administration.seats import Seats
from services.surveys.administration.small_n import MOST_SEATS
from services.surveys.instrument.domain import Instrument

SHARE = FairShare(
    "surveys",
    "too_many_administrations",
    most=MOST_ADMINISTRATIONS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_PLANNED,
    author="scheduled_by",
    gone=AdministrationState.CANCELLED.value,
)


BY_DATE = ByDate("scheduled_at", within=("state", "class_id"))


A = TypeVar("A", bound=AdministrationOutline)


@dataclass(frozen=True, slots=True)
class Ports:
    """`path`, `shares` and `view` are for duties, which are nobody's request. `instruments` are
    read for what they ask: who may is then decided already. So are `published` ones, which never
    change."""

    administrations: Guarded[Administration]
    path: WritePath[Administration]
    shares: WritePath[Share]
    receipts: WritePath[Receipt]
    drafts: Drafts
    summaries: GuardedList[AdministrationOutline]
    instruments: WritePath[Instrument]
    published: SettledAggregates[Instrument]
    seats: Seats
    names: Names
    access: Access
    view: ReadsManyAnew
    days: Days
    clock: Clock


def whose(administration: AdministrationOutline) -> About:
    return About(teacher=administration.teacher, class_id=administration.class_id)


class ScheduleAdministration(Body):
    instrument_id: Id = Field(examples=["0b9e7c52-6d1f-5a38-8c4e-2f3a4b5c6d7e"])
    teacher_id: Id = Field(examples=["teacher-1"])
    class_id: Id = Field(examples=["class-1"])
    goal_id: Id | None = None
    lesson_date: Day | None = Field(default=None, examples=["2026-10-06"])
    baseline: bool = False
    school_year: SchoolYear | None = None


async def schedule_administration(
    ports: Ports, call: Call, asked: ScheduleAdministration
) -> Administration:
    """Plan to give a published instrument to a class, as its teacher or her coach. It belongs to
    this school year or the next.

    Raises INVALID where she does not teach the class."""
    teacher, by, now = asked.teacher_id, call.principal.person, ports.clock.now()
    year = ports.days.named(call.district, now, asked.school_year)

    async def make() -> Administration:
        instrument = await _instrument(ports, call.district, asked.instrument_id)
        return Administration(
            id=ports.administrations.new_id(call),
            district=call.district,
            teacher=teacher,
            school_year=year,
            instrument_id=instrument.id,
            class_id=asked.class_id,
            items=asked_of(instrument),
            secret=secrets.token_bytes(SECRET_BYTES),
            scheduled_at=now,
            goal_id=asked.goal_id or "",
            lesson_date=asked.lesson_date or "",
            baseline=asked.baseline,
            series=instrument.series,
            validation_status=instrument.validation_status.value,
        ).scheduled(by)

    async def check() -> None:
        ports.days.check_current(call.district, now, year)
        await check_class(ports.access, call.district, teacher, asked.class_id)
        await check_goal(ports.access, call, teacher, asked.goal_id or "")

    about, bounds = About(teacher=teacher), SHARE.bounds(teacher, year, by)
    made = await ports.administrations.create_about(call, about, make, bounds, check)
    return await as_seen(ports, call, made)  # asked again it is what has become of it


async def as_seen(ports: Ports, call: Call, found: A) -> A:
    """Without its results where they are its teacher's alone for now, and without the step that
    only a close takes of which nothing is released."""
    if call.principal.person == found.teacher:
        return found
    agreed = await ports.access.agreed(call.district)
    if not agreed.hers_alone(found.closed_at, ports.clock.now()):
        return found
    steps = (each for each in found.history if each.what is not AdministrationEvent.SEALED)
    return replace(found, results=None, history=tuple(steps))


async def _instrument(ports: Ports, district: str, instrument_id: str) -> Instrument:
    instrument = await if_there(ports.instruments.get(district, instrument_id))
    if instrument is None:
        raise invalid("unknown_instrument", "There is no such instrument.", "/instrument_id")
    return instrument


class OpenAdministration(Body):
    """`seats`: response codes all told, from the smallest group to one more than the class has
    students, for a child who has just joined; without it as many as it has. Where the roster
    names no students of the class it must be said, and 60 is the most. Of an open survey: those
    that there are, and as many more as it is greater."""

    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = Field(default=None, examples=[25])


AS_MANY_AS_STUDENTS = OpenAdministration()


async def opening(ports: Ports, call: Call, administration: AdministrationOutline) -> None:
    """What opening asks of it, whatever is sent along."""
    administration.check_openable()
    if administration.state is AdministrationState.SCHEDULED:
        students = await _students(ports, administration)
        check_class_size(students, ports.access.rules(call.district).small_n)


async def open_administration(
    ports: Ports,
    call: Call,
    administration_id: Id,
    asked: OpenAdministration = AS_MANY_AS_STUDENTS,
) -> Administration:
    """Open a survey and get its response codes, which are told here only; the teacher only. Of an
    open survey it gives them again, and more where `seats` is greater.

    The seats exist before the codes do, so a code that is given out always works."""
    seats = asked.seats

    def check(administration: Administration) -> None:
        administration.check_openable()

    found = await ports.administrations.look(call, administration_id, check)
    if call.replayed:
        return found
    count = 0
    if not _has_codes(found, seats):
        smallest = ports.access.rules(call.district).small_n
        count = seats_for(await _students(ports, found), seats, smallest)
        codes = codes_of(found.secret, count)
        await ports.seats.prepare(
            call.district, administration_id, [seat_of(found.secret, code) for code in codes]
        )

    def act(administration: Administration) -> None:
        if not _has_codes(administration, seats):
            administration.open(count, call.principal.person, ports.clock.now())

    return await ports.administrations.change(call, administration_id, act)


def _has_codes(administration: Administration, seats: int | None) -> bool:
    """Whether it is open with the codes that are asked for."""
    open_ = administration.state is AdministrationState.OPEN
    return open_ and (seats is None or seats <= administration.seats)


async def _students(ports: Ports, administration: AdministrationOutline) -> int:
    access, district = ports.access, administration.district
    profile = await access.profile(district, administration.teacher)
    if profile is not None:
        classes = await classes_on(access, district, profile, access.today(district))
        if administration.class_id in classes:
            return classes[administration.class_id]
    raise conflict("class_not_taught", "The teacher does not teach this class any more.")


async def submit_response(
    ports: Ports,
    call: Call,
    administration_id: str,
    *,
    code: str,
    answers: Sequence[tuple[str, int]],
) -> None:
    """Answer an open survey with a code and without an account.

    Success means that this code has an answer and that it counts when the survey is closed:
    the first that came with the code. Whatever comes later with it succeeds too and changes
    nothing, be it the same answers or others; so to send again is safe, and nobody who
    knows a code can find out whether it was used, or what for. Nothing proves a retry: who
    could prove one would know that no other answer was there first.

    Whoever has no code of an open survey is answered alike (NOT_FOUND `unknown_code`),
    whatever the answers and whether or not there is such a survey. 2 commands with a code,
    a read and a write; 1 without.
    """
    administration = await if_there(ports.administrations.get(call, administration_id))
    seat = administration.seat(code) if administration is not None else None
    if administration is None or seat is None:
        raise _unknown_code()
    sheet = administration.sheet(answers)
    taken = await ports.seats.answer(
        call.district, administration_id, seat, sheet, administration.round
    )
    if not taken:  # it is being closed
        raise _unknown_code()


def _unknown_code() -> Fault:
    return Fault(Kind.NOT_FOUND, "unknown_code", "There is no open survey with this code.")


async def cancel_administration(ports: Ports, call: Call, administration_id: Id) -> Administration:
    """Take back a survey that should not have been, as long as no figure of it was shown; the
    teacher, or who planned it before it is open. Its answers are deleted."""

    def act(administration: Administration) -> None:
        administration.cancel(call.principal.person, ports.clock.now())

    cancelled = await ports.administrations.change(call, administration_id, act)
    await ports.seats.clear(call.district, administration_id)
    return cancelled
