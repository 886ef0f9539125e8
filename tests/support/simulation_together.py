"""What people of a district that erases do with each other: programs that teachers are in, sessions
of a coach with one or two of them, agreements, pairs, and what a coach and a teacher write down."""

from __future__ import annotations

from typing import Any

from services.programs.agreement.cases import (
    AcceptAgreement,
    ProposeAgreement,
    accept_agreement,
    propose_agreement,
)
from services.programs.circle.cases import JoinCircle, ProposeCircle, join_circle, propose_circle
from services.programs.circle.outline import CircleKind
from services.programs.enrollment.cases import (
    EnrollTeacher,
    WithdrawEnrollment,
    enroll_teacher,
    rejoin_enrollment,
    withdraw_enrollment,
)
from services.programs.program import cases as programs
from services.programs.program.bodies import DraftProgram, StateCriterion
from services.programs.program.domain import Program
from services.programs.program.outline import (
    ProgramFocus,
    ProgramModality,
    ProgramPurpose,
    ProgramType,
)
from services.programs.record.outline import EntryKind
from services.programs.record.recording import WritePlanningEntry, write_planning_entry
from services.programs.relationship.outline import Work
from services.programs.session.bodies import ScheduleCoachingSession, SpentOn
from services.programs.session.cases import schedule_coaching_session
from services.programs.session.correcting import (
    SummarizeCoachingSession,
    summarize_coaching_session,
)
from services.programs.session.outline import Activity, SessionKind
from services.programs.session.recording import HoldCoachingSession, hold_coaching_session
from tests.support.simulation_erased_checks import Truth
from tests.support.simulation_roster import TEACHERS

PROGRAMS = 3  # each teacher is enrolled in one once: what was erased does not begin again
SAYS = DraftProgram(
    name="x",
    type=ProgramType.ONE_TO_ONE,
    purpose=ProgramPurpose.NEW_PEDAGOGY,
    focus=ProgramFocus.CONTENT,
    modality=ProgramModality.MIXED,
    success_criteria=[StateCriterion(criterion_id="x", statement="x")],
    template="weekly-steps",
)
HELD = HoldCoachingSession(minutes=30, activities=[SpentOn(activity=Activity.DEBRIEF, minutes=30)])


async def open_program(ports: Any, call: Any, program_id: str) -> Any:
    return await ports.programs.move(call, program_id, Program.open)


open_program.__module__ = programs.__name__


class Together:
    """`related`: of the relationships that were accepted, whose they are."""

    def __init__(self, truth: Truth, admin: str) -> None:
        self._truth, self._ask, self._admin = truth, truth.simulation.ask, admin
        self._chance = truth.simulation.chance
        self._programs: list[str] = []
        self.related: dict[str, tuple[str, str]] = {}

    async def begin(self) -> None:
        for number in range(PROGRAMS):
            turn = str(number)
            made = await self._ask(
                "programs", programs.draft_program, self._admin, turn, asked=SAYS, tries=400
            )
            await self._ask("programs", open_program, self._admin, turn, made.id, tries=400)
            self._programs.append(made.id)

    async def act(self, teacher: str) -> None:
        acts = [self._enrolled, self._pair]
        if any(each == teacher for _, each in self.related.values()):
            acts += [self._session, self._session, self._agreement, self._written]
        await self._chance.choice(acts)(teacher)

    def _of(self, teacher: str) -> tuple[str, str]:
        """One of her relationships, and its coach."""
        hers = sorted((id_, coach) for id_, (coach, of) in self.related.items() if of == teacher)
        return self._chance.choice(hers)

    async def _enrolled(self, teacher: str) -> None:
        turn, ask = self._truth.turn(), self._ask
        asked = EnrollTeacher(program_id=self._chance.choice(self._programs), teacher_id=teacher)
        made = await ask("programs", enroll_teacher, self._admin, turn, asked=asked)
        if self._truth.began("enrollment", made, (teacher,)) is None:
            return
        if self._chance.random() < 0.5:
            out = WithdrawEnrollment()
            await ask("programs", withdraw_enrollment, teacher, turn, made.id, asked=out)
            await ask("programs", rejoin_enrollment, teacher, turn, made.id)

    async def _session(self, teacher: str) -> None:
        turn, ask, (_, coach) = self._truth.turn(), self._ask, self._of(teacher)
        both = sorted({each for by, each in self.related.values() if by == coach})
        several = len(both) > 1 and self._chance.random() < 0.5
        word = self._truth.word(teacher)
        asked = ScheduleCoachingSession(
            teacher_ids=both if several else [teacher],
            kind=SessionKind.GROUP if several else SessionKind.INDIVIDUAL,
            starts_at=self._truth.simulation.clock.now(),
        )
        made = await ask("programs", schedule_coaching_session, coach, turn, asked=asked)
        if made is None:
            return
        self._truth.began("coaching_session", made, made.teachers, word)
        await ask("programs", hold_coaching_session, coach, turn, made.id, asked=HELD)
        said = SummarizeCoachingSession(summary=word)
        await ask("programs", summarize_coaching_session, coach, turn, made.id, asked=said)

    async def _pair(self, teacher: str) -> None:
        turn, ask = self._truth.turn(), self._ask
        other = self._chance.choice([each for each in TEACHERS if each != teacher])
        asked = ProposeCircle(kind=CircleKind.PAIR, member_ids=[teacher, other], shows=[Work.GOALS])
        made = await ask("programs", propose_circle, teacher, turn, asked=asked)
        if made is not None:
            self._truth.began("circle", made, made.people)
            shows = JoinCircle(shows=[Work.GOALS])
            await ask("programs", join_circle, other, turn, made.id, asked=shows)

    async def _agreement(self, teacher: str) -> None:
        turn, ask, (of, coach) = self._truth.turn(), self._ask, self._of(teacher)
        word = self._truth.word(teacher)
        asked = ProposeAgreement(
            relationship_id=of, works_on=word, how_often="x", coach_sees=[Work.GOALS]
        )
        made = await ask("programs", propose_agreement, coach, turn, asked=asked)
        if made is not None:
            self._truth.began("agreement", made, (teacher,), of=of)
            number = AcceptAgreement(number=made.numbers)
            await ask("programs", accept_agreement, teacher, turn, made.id, asked=number)

    async def _written(self, teacher: str) -> None:
        turn, ask, (of, coach) = self._truth.turn(), self._ask, self._of(teacher)
        word = self._truth.word(teacher)
        asked = WritePlanningEntry(relationship_id=of, kind=EntryKind.PLAN, text=word)
        who = self._chance.choice((teacher, coach))
        made = await ask("programs", write_planning_entry, who, turn, asked=asked)
        if made is not None:
            self._truth.began("planning_entry", made, (teacher,), word, of=of)
