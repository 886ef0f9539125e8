"""Coaching programs, as tests want them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.programs.program.domain import Program
from services.programs.program.outline import (
    AttentionSettings,
    ProgramFocus,
    ProgramModality,
    ProgramPurpose,
    ProgramSays,
    ProgramType,
    SuccessCriterion,
)
from services.programs.program.process import ProgramProcess
from services.programs.program.shipped import copied
from tests.support.clocks import START

LEAD, CANARY = "lead-1", "canary-free-text"
CRITERION = SuccessCriterion("talk", CANARY, "talk-share", 50)
SAYS = ProgramSays(
    name=CANARY,
    type=ProgramType.ONE_TO_ONE,
    purpose=ProgramPurpose.NEW_PEDAGOGY,
    focus=ProgramFocus.CONTENT,
    modality=ProgramModality.MIXED,
    paired_workshop=True,
    curriculum_materials=True,
    success_criteria=(CRITERION,),
    leads=("admin-1", LEAD),
    planned_contacts=18,
    cost_per_coach_hour=62.5,
    currency="USD",
    funding_source="title-ii",
    cohort="session-2027",
    attention=AttentionSettings(10, 3, 28, 15, 14, 21, 60, 200, 3, 4),
)


def new_program(process: ProgramProcess | None = None, **says: Any) -> Program:
    return Program.draft(
        id="5f0c9a4e-0000-4000-8000-000000000031",
        district="north",
        says=replace(SAYS, **says),
        school_year=2027,
        process=copied("weekly-steps") if process is None else process,
        by=LEAD,
        at=START,
    )


def program_in(*steps: str, **says: Any) -> Program:
    """One on which these moves were made, at once, by who leads it."""
    program = new_program(**says)
    for step in steps:
        program.take_event()
        getattr(program, step)(LEAD, START)
    return program
