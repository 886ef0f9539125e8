"""What a coaching program plans with a teacher, and by when it wants attention to be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Thresholds:
    """As they are everywhere, unless a program says otherwise. Days of `no_observation`, `feedback`
    and `no_baseline` are instructional ones; percents are of the contacts that are planned for the
    four weeks before a day. A pair is imbalanced where the one was observed `imbalance_visits`
    times and the other never, or `imbalance_ratio` times as often."""

    no_observation_days: int = 15
    feedback_days: int = 2
    stalled_days: int = 21
    no_baseline_days: int = 10
    celebrated_days: int = 30
    step_open_days: int = 14
    gap_percent: int = 70
    overload_percent: int = 150
    imbalance_visits: int = 2
    imbalance_ratio: int = 3


EVERYWHERE = Thresholds()
SKIPPED, ADAPTED = "skipped", "adapted"  # how a program deviates from a step of its process


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """Of a program's process, with its `stage`. Days are instructional ones: `due_within` after the
    stage has begun, 0 is none; `repeats_after` between two times, 0 is once; `stage_lasts`, 0 is
    until its steps have ended and None what an older build has not published. `actor`, `need` and
    `evidence` are the words of the program's process, empty where a newer build has said another.
    `deviation`: `skipped`, `adapted` or empty, as is planned."""

    stage: str
    step: str
    actor: str = ""
    need: str = ""
    evidence: str = ""
    due_within: int = 0
    repeats_after: int = 0
    stage_lasts: int | None = 0
    deviation: str = ""


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """`contacts` with one teacher, in all; None: not said. They are planned for the days of its
    `span`, the second exclusive; None: the school year. `running`: teachers may be in it;
    `begun_at`: None before it began; `leads`: who leads it; `large`: it is of 100 teachers and
    more. `steps`: of its process, stage by stage."""

    program: str
    school_year: int
    contacts: int | None = None
    span: tuple[date, date] | None = None
    running: bool = True
    begun_at: datetime | None = None
    leads: tuple[str, ...] = ()
    large: bool = False
    thresholds: Thresholds = EVERYWHERE
    steps: tuple[PlannedStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrollment:
    """Of a teacher in a program. `enrolled` until she withdraws or it is closed."""

    id: str
    program: str
    enrolled: bool
    enrolled_at: datetime | None = None
