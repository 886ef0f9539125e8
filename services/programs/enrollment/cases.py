"""What callers do with enrollments, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.access.policy import Policy
from services.access.school_year import QueryYear
from services.chassis.call import Call
from services.chassis.duties.each import unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, IdOrMe
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.anew import anew_id
from services.chassis.write.documents import where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.enrollment.domain import Enrollment, EnrollmentState, WithdrawalReason
from services.programs.program.domain import Program

MOST_OF_PROGRAM = 20_000  # teachers enrolled in one program
MOST_OF_TEACHER = 100  # programs of one teacher, whatever became of it
LEADS = Policy(program_lead=True, district_admin=True)
_NOBODY = ("",)  # leads a program that there is not
_WITHDRAWN = {"state": EnrollmentState.WITHDRAWN.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path`, `programs` and `view` are for duties; of `programs` callers are told by others."""

    enrollments: Guarded[Enrollment]
    path: WritePath[Enrollment]
    programs: WritePath[Program]
    reads: GuardedReads
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose(programs: WritePath[Program], enrollment: Enrollment) -> About:
    """It is the teacher's, and named in it is who leads the program today. 1 database command."""
    program = await if_there(programs.get(enrollment.district, enrollment.program))
    return About(teacher=enrollment.teacher, parties=led_by(program))


def led_by(program: Program | None) -> tuple[str, ...]:
    return program.says.leads if program is not None and program.says.leads else _NOBODY


class EnrollTeacher(Body):
    program_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000031"])
    teacher_id: Id = Field(examples=["teacher-1"])


def _bounds(enrollment: Enrollment) -> Sequence[Bound]:
    return (
        Bound(
            {"program": enrollment.program},
            MOST_OF_PROGRAM,
            "too_many_enrollments",
            f"A program has at most {MOST_OF_PROGRAM} teachers.",
            _WITHDRAWN,
        ),
        Bound(
            {"teacher": enrollment.teacher},
            MOST_OF_TEACHER,
            "too_many_enrollments",
            f"A teacher is enrolled in at most {MOST_OF_TEACHER} programs.",
        ),
    )


async def enroll_teacher(ports: Ports, call: Call, asked: EnrollTeacher) -> Enrollment:
    """Enroll a teacher in a program that is open or runs, as who leads it or the district. Who was
    withdrawn is enrolled again; who withdrew herself can only rejoin.

    Raises CONFLICT where the program takes nobody, and where the data-use policy in force wants
    her to acknowledge it first, and INVALID where there is no such teacher."""
    by, now, teacher = call.principal.id, ports.clock.now(), asked.teacher_id
    ports.access.check_scope(call)
    program = await if_there(ports.programs.get(call.district, asked.program_id))
    id_ = await anew_id(ports.path, call.district, asked.program_id, teacher)

    async def make() -> Enrollment:
        if program is None:
            raise invalid("unknown_program", "There is no such program.", "/program_id")
        return Enrollment.begin(
            id=id_,
            district=call.district,
            program=program.id,
            teacher=teacher,
            year=program.school_year,
            by=by,
            at=now,
        )

    async def check() -> None:
        await check_takes(ports, call, asked.program_id)
        taught = await ports.access.profile(call.district, teacher)
        today = ports.access.today(call.district)
        if taught is None or not taught.active or not taught.teaches(today):
            raise invalid("unknown_teacher", "There is no such active teacher.", "/teacher_id")
        await check_acknowledged(ports.access, call.district, teacher)

    async def again(known: Enrollment) -> None:
        known.enroll_again(by, now)
        await check()

    about = About(teacher=teacher, parties=led_by(program))
    try:
        within = _bounds(await make()) if program is not None else ()
        return await ports.enrollments.create_about(call, about, make, within, check)
    except Fault as fault:
        if not already_there(fault):
            raise
    found = await unless_erased(ports.path, call, id_, ports.enrollments.change(call, id_, again))
    if found is None:
        raise conflict("erased", "What she had here was erased a moment ago: enroll her again.")
    return found


async def is_in(path: WritePath[Enrollment], district: str, program: str, person: str) -> bool:
    """Whether somebody is enrolled in a program, or was when it was closed. 2 database commands."""
    found = await if_there(path.get(district, await anew_id(path, district, program, person)))
    return found is not None and found.state is not EnrollmentState.WITHDRAWN


async def check_takes(ports: Ports, call: Call, program_id: str) -> None:
    """Raises CONFLICT `program_not_open` unless teachers may be enrolled in it now."""
    program = await if_there(ports.programs.get(call.district, program_id))
    if program is None or not program.enrolls:
        detail = "Teachers are enrolled while a program is open or runs."
        raise conflict("program_not_open", detail)


class WithdrawEnrollment(Body):
    reason: Annotated[WithdrawalReason, Field(strict=False)] | None = Field(
        default=None,
        description="Why; the teacher herself need not say it",
        examples=["schedule"],
    )


WITHOUT_REASON = WithdrawEnrollment()


async def withdraw_enrollment(
    ports: Ports, call: Call, enrollment_id: Id, asked: WithdrawEnrollment = WITHOUT_REASON
) -> Enrollment:
    """Withdraw from a program, as the teacher at any time, or withdraw a teacher, with a reason."""
    by, at = call.principal.id, ports.clock.now()
    return await ports.enrollments.change(
        call, enrollment_id, lambda each: each.withdraw(by, at, asked.reason)
    )


async def rejoining(ports: Ports, call: Call, enrollment: Enrollment) -> None:
    """What rejoining asks of it."""
    enrollment.check_rejoin(call.principal.id, ports.clock.now())
    await check_takes(ports, call, enrollment.program)
    await check_acknowledged(ports.access, call.district, enrollment.teacher)


async def rejoin_enrollment(ports: Ports, call: Call, enrollment_id: Id) -> Enrollment:
    """Come back to a program, as the teacher who has withdrawn from it. Raises CONFLICT where it
    takes nobody any more, and as `enroll_teacher` for a policy that she has to acknowledge."""

    async def act(each: Enrollment) -> None:
        await rejoining(ports, call, each)
        each.rejoin(call.principal.id, ports.clock.now())

    return await ports.enrollments.change(call, enrollment_id, act)


async def list_enrollments(
    ports: Ports,
    call: Call,
    *,
    program_id: Id | None = None,
    teacher_id: IdOrMe | None = None,
    school_year: QueryYear | None = None,
    state: EnrollmentState | None = None,
    after: str,
    limit: int,
) -> Found[Enrollment]:
    """Who is or was enrolled in a program, for who leads it; or where a teacher is, for herself.
    Without either all, for the district, and the caller's own. By id."""
    held, narrowed = ports.enrollments, where(school_year=school_year, state=state)
    if program_id is not None and teacher_id != call.principal.person:
        program = await if_there(ports.programs.get(call.district, program_id))
        about = About(teacher=teacher_id, parties=led_by(program))
        asked = {**where(program=program_id, teacher=teacher_id), **narrowed}
        if teacher_id is not None:
            return await held.find(call, about, asked, after, limit)
        return await held.find_admitted(call, about, asked, after, limit, _teacher)
    teacher = teacher_id or await held.own_or_all(call)
    if teacher:
        about = About(teacher=teacher, parties=(teacher,))
        asked = {**where(program=program_id, teacher=teacher), **narrowed}
        return await held.find(call, about, asked, after, limit)
    return await held.find_of_many(call, About(), narrowed, after, limit, _teacher)


def _teacher(enrollment: Enrollment) -> str:
    return enrollment.teacher


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """As `Bound`: those of a program who have not withdrawn."""

    where: dict[str, str]
    most: int = 10 * MOST_OF_PROGRAM
    unless: dict[str, str] = field(default_factory=lambda: dict(_WITHDRAWN))


async def enrolled(path: WritePath[Enrollment], district: str, program_id: str) -> int:
    """How many teachers are enrolled, and of a closed program were. 1 database command."""
    (count,) = await path.counts(district, [_Enrolled({"program": program_id})])
    return count


@dataclass(frozen=True, slots=True)
class Size:
    """`count`: None where it is too small to be told."""

    program: Program
    count: int | None
    small_n: int


async def size_of(ports: Ports, call: Call, program_id: str) -> Size:
    """How large a program is, as far as the caller may know."""

    async def read() -> Size:
        program = await ports.programs.get(call.district, program_id)
        count = await enrolled(ports.path, call.district, program_id)
        smallest = ports.access.rules(call.district).small_n
        leads = await ports.access.admits(call, LEADS, parties=led_by(program))
        told = count if leads or count >= smallest else None
        return Size(program, told, smallest)

    return await ports.reads.one(call, About(), read)
