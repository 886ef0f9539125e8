"""What callers do with rounds, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.days import Days, in_range
from services.access.guarded import About, Guarded
from services.access.school_year import QueryYear, last_day
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id, Line
from services.chassis.kernel import Clock, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.program.domain import Program
from services.programs.request.domain import CoachingRequest, RequestState
from services.programs.round.domain import (
    MOST_OPTIONS,
    MOST_PLACES,
    CoachingRound,
    RoundOption,
    RoundPlace,
    RoundSays,
    RoundState,
)

MOST_OF_PROGRAM = 200  # rounds of one program, which is of a school year, whatever became of them
BY_DATE = ByDate("planned_at")
_NOBODY = ("",)  # leads a program that there is not


@dataclass(frozen=True, slots=True)
class Ports:
    """Of `programs` and `requests` one is read by its id."""

    rounds: Guarded[CoachingRound]
    programs: WritePath[Program]
    requests: Guarded[CoachingRequest]
    names: Names
    access: Access
    days: Days
    clock: Clock


async def whose(programs: WritePath[Program], of: CoachingRound) -> About:
    """It is about nobody: named in it is who leads its program today. 1 database command."""
    return _led(await if_there(programs.get(of.district, of.program)))


def _led(program: Program | None) -> About:
    return About(parties=program.says.leads if program and program.says.leads else _NOBODY)


class RoundOptionBody(Body):
    option_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] = Field(
        examples=["class-talk"]
    )
    label: Line = Field(examples=["Eight weeks on talk in class"])


class _Says(Body):
    title: Line = Field(examples=["Coaching in autumn"])
    options: list[RoundOptionBody] = Field(
        min_length=1,
        max_length=MOST_OPTIONS,
        examples=[[{"option_id": "class-talk", "label": "Eight weeks on talk in class"}]],
    )
    begin_date: Day = Field(examples=["2026-09-14"])
    end_date: Day = Field(examples=["2027-05-28"])
    capacity: int = Field(ge=1, le=MOST_PLACES, examples=[12])

    def says(self) -> RoundSays:
        options = tuple(RoundOption(each.option_id, each.label) for each in self.options)
        return RoundSays(self.title, options, self.begin_date, self.end_date, self.capacity)


class PlanCoachingRound(_Says):
    program_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000031"])


class EditCoachingRound(_Says):
    pass


async def plan_coaching_round(ports: Ports, call: Call, asked: PlanCoachingRound) -> CoachingRound:
    """Plan a round of a program that is open or runs, as who leads it or the district: what is
    offered, from when to when teachers ask, and how many are granted coaching at most."""
    by, now, says = call.principal.id, ports.clock.now(), asked.says()
    ports.access.check_scope(call)
    program = await if_there(ports.programs.get(call.district, asked.program_id))

    async def make() -> CoachingRound:
        if program is None:
            raise invalid("unknown_program", "There is no such program.", "/program_id")
        return CoachingRound.plan(
            id=ports.rounds.new_id(call),
            district=call.district,
            program=program.id,
            school_year=program.school_year,
            says=says,
            by=by,
            at=now,
        )

    async def check() -> None:
        assert program is not None
        _check_runs(program)
        _check_days(ports, call, says, program.school_year)

    most = f"A program has at most {MOST_OF_PROGRAM} rounds."
    of = Bound({"program": asked.program_id}, MOST_OF_PROGRAM, "too_many_rounds", most)
    return await ports.rounds.create_about(call, _led(program), make, (of,), check)


def _check_runs(program: Program | None) -> None:
    if program is None or not program.enrolls:
        detail = "Teachers ask for coaching while a program is open or runs."
        raise conflict("program_not_open", detail)


def _check_days(ports: Ports, call: Call, says: RoundSays, school_year: int) -> None:
    for day, place in ((says.begins, "/begin_date"), (says.ends, "/end_date")):
        in_range(day, place)
    if says.ends < ports.access.today(call.district).isoformat():
        raise invalid("round_over", "Its last day is over already.", "/end_date")
    if says.ends > last_day(school_year).isoformat():
        raise invalid("end_too_far", "It ends within its program's school year.", "/end_date")


async def editing(ports: Ports, call: Call, each: CoachingRound) -> None:
    """What editing asks of it."""
    if ports.access.today(call.district) > last_day(each.school_year):
        raise conflict("school_year_over", "Its school year is over.")


async def edit_coaching_round(
    ports: Ports, call: Call, coaching_round_id: Id, asked: EditCoachingRound
) -> CoachingRound:
    """Say anew what a round says, all of it. Once it is open, no option is taken away, its first
    day is no later than today, and it never has fewer places than are taken."""
    says, today = asked.says(), ports.access.today(call.district)

    async def act(each: CoachingRound) -> None:
        await editing(ports, call, each)
        each.edit(says, today, ports.clock.now())
        _check_days(ports, call, says, each.school_year)

    return await ports.rounds.change(call, coaching_round_id, act)


async def opening(ports: Ports, call: Call, each: CoachingRound) -> None:
    """What opening by hand asks of it."""
    today = ports.access.today(call.district)
    if each.state_on(today) is RoundState.OPEN:
        raise conflict("round_open", "Teachers ask already.")
    if today.isoformat() > each.says.ends:
        raise conflict("round_over", "Its last day is over: give it another one first.")
    _check_runs(await if_there(ports.programs.get(call.district, each.program)))


async def open_coaching_round(ports: Ports, call: Call, coaching_round_id: Id) -> CoachingRound:
    """Let teachers ask from now on, before its first day or after it was closed by hand."""

    async def act(each: CoachingRound) -> None:
        await opening(ports, call, each)
        each.open(ports.access.today(call.district), ports.clock.now())

    return await ports.rounds.change(call, coaching_round_id, act)


class GrantCoachingRequest(Body):
    coaching_request_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000082"])
    coach_id: Id = Field(examples=["coach-1"], description="The coach who is proposed to her")


async def granting(ports: Ports, call: Call, each: CoachingRound) -> None:
    """What granting asks of the round."""
    if each.state_on(ports.access.today(call.district)) is RoundState.PLANNED:
        raise conflict("round_not_open", "Nobody has asked yet.")
    if not each.free:
        raise conflict("round_full", "All places of the round are taken.")
    _check_runs(await if_there(ports.programs.get(call.district, each.program)))
    if not ports.days.counts(call.district, ports.clock.now(), each.school_year) and (
        ports.days.school_year_of(call.district, ports.clock.now()) >= each.school_year
    ):
        raise conflict("school_year_over", "Its school year is over.")


async def grant_coaching_request(
    ports: Ports, call: Call, coaching_round_id: Id, asked: GrantCoachingRequest
) -> CoachingRound:
    """Give a request a place, as who leads the program. A moment later a relationship with the
    coach is proposed to the teacher, who answers it. Of two who give away the last place, one
    does. Raises CONFLICT `round_full`, and INVALID where the coach may not coach her."""
    id_ = asked.coaching_request_id

    async def act(each: CoachingRound) -> None:
        new = each.place_of(id_) is None
        if new:
            await granting(ports, call, each)
        request = await if_there(ports.requests.get(call, id_))
        if request is None or request.round != each.id:
            detail = "There is no such request in this round."
            raise invalid("unknown_request", detail, "/coaching_request_id")
        if new and request.state is not RequestState.WAITING:
            raise conflict("request_granted", "It does not wait any more.")
        hindrance = await ports.access.hindrance(call.district, asked.coach_id, request.teacher)
        if hindrance is not None:
            raise hindrance
        if asked.coach_id == request.teacher:
            raise invalid("coach_is_teacher", "Coach and teacher are two people.", "/coach_id")
        each.grant(RoundPlace(id_, request.asked_at, asked.coach_id, call.principal.id))

    return await ports.rounds.change(call, coaching_round_id, act)


@dataclass(frozen=True, slots=True)
class RoundToday:
    """A round, and the district's day by which its state is told."""

    round: CoachingRound
    today: date


async def list_coaching_rounds(
    ports: Ports,
    call: Call,
    *,
    program_id: Id | None = None,
    school_year: QueryYear | None = None,
    after: str,
    limit: int,
) -> Found[RoundToday]:
    """The district's rounds, or a program's, those to come and those that are over, too. The newest
    first, by when they were planned."""
    today = ports.access.today(call.district)
    asked = where(program=program_id, school_year=school_year)
    found = await ports.rounds.find(call, About(), asked, after, limit, BY_DATE)
    return Found([RoundToday(each, today) for each in found.items], found.after, found.left_out)
