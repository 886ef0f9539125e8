"""What callers do with programs, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from services.access.access import Access
from services.access.days import Days
from services.access.guarded import About, Guarded, GuardedList, GuardedReads
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Code, Id
from services.chassis.kernel import Clock, invalid
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.programs.program.bodies import (
    DeviateProgram,
    DraftProgram,
    EditProgram,
    PlanProgram,
)
from services.programs.program.domain import Program, ProgramSummary
from services.programs.program.outline import (
    MOST_DRAFTED,
    MOST_PROGRAMS,
    ProgramOutline,
    ProgramState,
)
from services.programs.program.process import ProgramProcess
from services.programs.program.shipped import ProcessTemplate, copied, template, templates

IsIn = Callable[[str, str, str], Awaitable[bool]]
BY_DATE = ByDate("drafted_at", within=("state",))
_WITHDRAWN = {"state": ProgramState.WITHDRAWN.value}
_BOUNDS = (
    Bound(
        {},
        MOST_PROGRAMS,
        "too_many_programs",
        f"A district has at most {MOST_PROGRAMS} programs that are not withdrawn.",
        _WITHDRAWN,
    ),
    Bound(
        {},
        MOST_DRAFTED,
        "too_many_programs",
        f"A district drafts at most {MOST_DRAFTED} programs, withdrawn ones included.",
    ),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """`is_in`: of a district, a program and a person, whether she is enrolled in it, or was when
    it was closed. 1 database command."""

    programs: Guarded[Program]
    is_in: IsIn
    summaries: GuardedList[ProgramSummary]
    reads: GuardedReads
    names: Names
    access: Access
    days: Days
    clock: Clock


def led_by(program: ProgramOutline) -> About:
    """It is about nobody: named in it are who leads it."""
    return About(parties=program.says.leads)


async def draft_program(ports: Ports, call: Call, asked: DraftProgram) -> Program:
    """Draft a program, by a shipped process template or a process of its own.

    Of this school year or the next. Raises INVALID where it is led by somebody who is not active
    in the roster."""
    by, now = call.principal.person, ports.clock.now()
    year = ports.days.named(call.district, now, asked.school_year)
    says, process = asked.says(by), _process(asked)

    async def make() -> Program:
        return Program.draft(
            id=ports.programs.new_id(call),
            district=call.district,
            says=says,
            school_year=year,
            process=process,
            by=by,
            at=now,
        )

    async def check() -> None:
        ports.days.check_current(call.district, now, year)
        await _check_leads(ports, call.district, says.leads)

    return await ports.programs.create_about(call, About(), make, _BOUNDS, check)


def _process(asked: DraftProgram | PlanProgram) -> ProgramProcess:
    if asked.template is None:
        return ProgramProcess(stages=asked.own_stages())
    if asked.stages:
        detail = "Name a template or send a process, not both."
        raise invalid("template_and_stages", detail, "/stages")
    return copied(asked.template)


async def _check_leads(ports: Ports, district: str, leads: Collection[str]) -> None:
    known = await ports.access.profiles(district, leads)
    for index, each in enumerate(leads):
        found = known.get(each)
        if found is None or not found.active:
            detail = "There is no such active person."
            raise invalid("unknown_lead", detail, f"/lead_ids/{index}")


async def edit_program(ports: Ports, call: Call, program_id: Id, asked: EditProgram) -> Program:
    """Say anew what a program says, all of it. Once teachers may be enrolled, only its name,
    leads, cost and funding change."""
    says = asked.says(call.principal.person)

    async def act(program: Program) -> None:
        more = sorted(set(says.leads) - set(program.says.leads))
        program.edit(says, call.principal.person, ports.clock.now())
        await _check_leads(ports, call.district, more)

    return await ports.programs.change(call, program_id, act)


async def plan_program(ports: Ports, call: Call, program_id: Id, asked: PlanProgram) -> Program:
    """Replace the process of a draft, by a shipped template or another of its own."""
    process, by, at = _process(asked), call.principal.person, ports.clock.now()
    return await ports.programs.change(call, program_id, lambda each: each.plan(process, by, at))


async def deviate_program(
    ports: Ports, call: Call, program_id: Id, asked: DeviateProgram
) -> Program:
    """Leave a step of the process out, or do it otherwise, with the reason; or as planned again."""
    by, at = call.principal.person, ports.clock.now()
    step, kind, reason = asked.step_id, asked.deviation, asked.reason
    return await ports.programs.change(
        call, program_id, lambda each: each.deviate(step, kind, reason, by, at)
    )


async def get_program(ports: Ports, call: Call, program_id: Id) -> Program:
    """One program with its process and where it deviates."""
    return await ports.programs.get(call, program_id, About())


async def process_of(ports: Ports, call: Call, program_id: str) -> Program:
    """The program whose process the caller may read: to others it is told by one answer that they
    may not, whether there is such a program or none."""
    access, person = ports.access, call.principal.person
    access.check_scope(call)
    by_role = await access.admits(call, access.policies[call.operation])
    hers = not by_role and await ports.is_in(call.district, program_id, person)
    about = About(parties=(person,) if hers else ())
    return await ports.programs.get(call, program_id, about)


async def list_programs(
    ports: Ports,
    call: Call,
    *,
    state: ProgramState | None = None,
    school_year: QueryYear | None = None,
    order: Order = Order.NEWEST,
    taken_back: bool = False,
    after: str,
    limit: int,
) -> Found[ProgramSummary]:
    """The district's programs, drafts and closed ones too, by when they were drafted; without
    their process; withdrawn drafts with `taken_back`, or where their state is asked for."""
    every = taken_back or state is not None
    return await ports.summaries.find(
        call,
        About(),
        where(state=state, school_year=school_year),
        after,
        limit,
        by=BY_DATE.first(order),
        unless=None if every else _WITHDRAWN,
    )


async def get_process_template(
    ports: Ports, call: Call, process_template_id: Code
) -> ProcessTemplate:
    """A shipped process template, with its stages and steps."""

    async def read() -> ProcessTemplate:
        return template(process_template_id)

    return await ports.reads.one(call, About(), read)


async def list_process_templates(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[ProcessTemplate]:
    """The process templates that ship, by their names."""

    async def read() -> Found[ProcessTemplate]:
        found = [each for name, each in templates().items() if name > after]
        more = found[limit - 1].id if len(found) > limit else ""
        return Found(found[:limit], more)

    return await ports.reads.one(call, About(), read)
