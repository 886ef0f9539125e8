"""What callers do with answers to flags, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.days import Days, in_range
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.access.school_year import last_day
from services.chassis.call import Call
from services.chassis.duties.each import erased_since, unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.flag_answer.domain import (
    FLAG_ID,
    DismissalReason,
    FlagAnswer,
    FlagAnswerKind,
    Said,
    subject_of,
)
from services.programs.relationship.domain import Relationship

MOST_OF_TWO = 500  # of a coach about a teacher, with those that were taken back
BY_DATE = ByDate("first_at")


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `view` are for duties; of `relationships` that of the two is read by its id."""

    answers: Guarded[FlagAnswer]
    path: WritePath[FlagAnswer]
    relationships: WritePath[Relationship]
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


def whose(answer: FlagAnswer) -> About:
    """The coach's who said it, and nobody else's."""
    return About(parties=(answer.coach,))


class AnswerFlag(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    flag_id: Annotated[str, StringConstraints(pattern=FLAG_ID)] = Field(
        examples=["F3-5f0c9a4e12ab34cd-90ab12cd34ef56ab"],
        description="The flag, as the caseload names it",
    )
    answer: Annotated[FlagAnswerKind, Field(strict=False)] = Field(examples=["dismissed"])
    reason: Annotated[DismissalReason, Field(strict=False)] | None = Field(
        default=None, examples=["away"], description="Of a dismissal why; of nothing else"
    )
    until: Day | None = Field(
        default=None,
        examples=["2027-03-31"],
        description="Of a dismissal the day on which the flag is back; null: for the school year",
    )


async def answer_flag(ports: Ports, call: Call, asked: AnswerFlag) -> FlagAnswer:
    """Acknowledge a flag of one of the caller's teachers, or dismiss it with a reason.

    What is acknowledged is back when what it follows from changes, what is dismissed on the day
    that is named. The caller alone sees it. Answered again, the newest answer counts. Raises
    CONFLICT `erased` where what she had said to it was erased."""
    by, now, teacher = call.principal.person, ports.clock.now(), asked.teacher_id
    says = Said(asked.answer, asked.reason, asked.until or "")
    new: FlagAnswer | None = None

    async def make() -> FlagAnswer:
        nonlocal new
        tie = await _relationship(ports, call, by, teacher)
        year = tie.school_year
        parts = (by, teacher, str(year), subject_of(asked.flag_id))
        new = FlagAnswer(
            id=ports.answers.derived_id(call.district, *parts),
            district=call.district,
            coach=by,
            teacher=teacher,
            relationship=tie.id,
            school_year=year,
            flag_id=asked.flag_id,
            says=says,
            first_at=now,
            answered_at=now,
        )
        return new.given()

    async def check() -> None:
        says.check()
        if says.until and new is not None:
            _check_until(ports, call, says.until, new.school_year)

    async def again(known: FlagAnswer) -> None:
        await check()
        known.answer(asked.flag_id, says, now)

    try:
        made = await ports.answers.create_about(
            call, About(teacher=teacher), make, [_bound(by, teacher)], check
        )
    except Fault as fault:
        if new is None or not already_there(fault):
            raise
        changed = ports.answers.change(call, new.id, again)
        found = await unless_erased(ports.path, call, new.id, changed)
        if found is None:
            raise _erased() from None
        return found
    if await erased_since(ports.relationships, made.relationship, ports.path, call, made.id):
        raise _erased()
    return made


def _bound(coach: str, teacher: str) -> Bound:
    detail = f"A coach answers at most {MOST_OF_TWO} flags of a teacher."
    where = {"coach": coach, "teacher": teacher}
    return Bound(where, MOST_OF_TWO, "too_many_flag_answers", detail)


def _erased() -> Fault:
    return conflict("erased", "What was said to this flag was erased.")


async def _relationship(ports: Ports, call: Call, coach: str, teacher: str) -> Relationship:
    """By which she coaches her today: that of this school year or, in the grace, of last."""
    year = ports.days.school_year_of(call.district, ports.clock.now())
    for each in (year, year - 1):
        id_ = ports.relationships.derived_id(call.district, coach, teacher, str(each))
        found = await if_there(ports.relationships.get(call.district, id_))
        if found is not None and found.active:
            return found
    detail = "You have no relationship with this teacher that is in force."
    raise invalid("no_relationship", detail, "/teacher_id")


def _check_until(ports: Ports, call: Call, until: str, school_year: int) -> None:
    day, today = in_range(until, "/until"), ports.access.today(call.district)
    if day <= today:
        raise invalid("until_passed", f"The day is not to come: it is {today} today.", "/until")
    if day > last_day(school_year):
        detail = "A flag is of its school year: leave it out to dismiss it for that."
        raise invalid("until_too_far", detail, "/until")
