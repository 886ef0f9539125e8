"""The process of a program: stages of steps, each with who acts, how often and by what it ends.

A shipped template gives a process, or whoever leads the program writes her own. It is the program's
own copy: a template that a newer release says otherwise changes no program.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import invalid

MOST_STAGES = 10
MOST_STEPS = 20  # of a stage
MOST_PROMPTS = 6  # of a step
MOST_CARDS = 3  # of a step
MOST_DEVIATIONS = 200  # as many steps as there may be
LONGEST = 200  # instructional days of a stage, between two times and until a step is due


class StepActor(enum.StrEnum):
    """Who acts in a step."""

    COACH = "coach"
    TEACHER = "teacher"
    BOTH = "both"
    PARTNERS = "partners"  # the two teachers of a pair, or all of a group
    FACILITATOR = "facilitator"


class StepNeed(enum.StrEnum):
    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class EvidenceKind(enum.StrEnum):
    """What a step leaves behind."""

    NOTHING = "nothing"
    GOAL = "goal"
    ACTION_STEP = "action_step"
    OBSERVATION = "observation"
    SURVEY = "survey"
    STUDENT_WORK = "student_work"
    SESSION = "session"
    REFLECTION = "reflection"


class DeviationKind(enum.StrEnum):
    SKIPPED = "skipped"
    ADAPTED = "adapted"


@dataclass(frozen=True, slots=True)
class GuidanceCard:
    """What helps with a step, for whoever acts."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ProgramStep:
    """`due_within`: instructional days after its stage has begun; 0: none. `repeats_after`:
    instructional days between two times; 0: once. `ends_when` in words."""

    id: str
    title: str
    actor: StepActor
    need: StepNeed
    evidence: EvidenceKind
    due_within: int
    repeats_after: int
    ends_when: str
    prompts: tuple[str, ...] = ()
    cards: tuple[GuidanceCard, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramStage:
    """`lasts`: instructional days that it is planned for; 0: until its steps have ended."""

    id: str
    title: str
    lasts: int
    steps: tuple[ProgramStep, ...]


@dataclass(frozen=True, slots=True)
class Deviation:
    """That a program leaves a step out or does it otherwise, and why."""

    step: str
    kind: DeviationKind
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProgramProcess:
    """`template`: of which one it is a copy; empty: it was written for the program."""

    template: str = ""
    template_version: int = 0
    stages: tuple[ProgramStage, ...] = ()

    def steps(self) -> Iterator[tuple[ProgramStage, ProgramStep]]:
        for stage in self.stages:
            for step in stage.steps:
                yield stage, step

    def has(self, step: str) -> bool:
        return any(each.id == step for _, each in self.steps())

    def check(self) -> None:
        """Ids of stages and of steps are each the only one in the process. Raises INVALID, at its
        place in the request."""
        stages, steps = set[str](), set[str]()
        for number, stage in enumerate(self.stages):
            place = f"/stages/{number}"
            if stage.id in stages:
                detail = "Each stage of a process has an id of its own."
                raise invalid("stage_repeated", detail, f"{place}/stage_id")
            stages.add(stage.id)
            for index, step in enumerate(stage.steps):
                if step.id in steps:
                    detail = "Each step of a process has an id of its own."
                    raise invalid("step_repeated", detail, f"{place}/steps/{index}/step_id")
                steps.add(step.id)
