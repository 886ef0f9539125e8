"""What happened to each teacher of a demo district in the weeks before a day.

Pure and deterministic: the same shape and day always give the same past. Time is told in
whole days before that day, 1 at least.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.ctl.demo.district import Shape, class_ids, teachers_of
from services.ctl.demo.teach_tool import teach_tool
from services.ctl.demo.texts import OBSERVATION_NOTES, PROGRESS_NOTES, theme_of

CRITERIA = tuple(str(each["criterion_id"]) for each in teach_tool()["criteria"])
INSTRUMENTS = 2
MOST_GOALS = 2  # of a teacher

# The situations of a coach's teachers, in turn. The caseload of every coach with nine
# teachers or more shows each kind of flag.
SITUATIONS = (
    "steady", "feedback_due", "growing", "unseen", "steady", "stalled", "steady", "overdue",
    "no_baseline", "steady", "small_class", "new",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastGoal:
    """A goal without `activated` is still a draft. `progress`: (days ago, value, note)."""

    statement: str
    focus_skill: str
    measure: str
    unit: str
    direction: str
    target: float
    due: date
    class_id: str
    drafted: int
    baseline: float | None = None
    activated: int = 0
    progress: tuple[tuple[int, float, str], ...] = ()
    achieved: int = 0
    proposed_by_coach: bool = False


@dataclass(frozen=True, slots=True)
class PastObservation:
    """0: that has not happened."""

    class_id: str
    scheduled: int
    held: int = 0
    shared: int = 0
    acknowledged: int = 0
    scores: tuple[tuple[str, int], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastSurvey:
    """`sheets`: how many students answered; `mood` 0 to 1 leans their answers."""

    instrument: int
    class_id: str
    opened: int
    sheets: int
    mood: float
    about_goal: bool
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    teacher: int
    coach: int
    situation: str
    proposed: int
    accepted: int
    goals: tuple[PastGoal, ...] = ()
    observations: tuple[PastObservation, ...] = ()
    surveys: tuple[PastSurvey, ...] = field(default_factory=tuple)


def past_of(shape: Shape, today: date) -> Iterator[Past]:
    """One for every teacher of the district, coach by coach."""
    for coach in range(1, shape.coaches + 1):
        for place, teacher in enumerate(teachers_of(shape, coach)):
            chance = random.Random(f"{shape.seed}:{today}:{teacher}")  # noqa: S311 - made up, not secret
            yield _Teacher(teacher, coach, today, chance).past(SITUATIONS[place % len(SITUATIONS)])


class _Teacher:
    def __init__(self, teacher: int, coach: int, today: date, chance: random.Random) -> None:
        self._teacher, self._coach, self._today, self._chance = teacher, coach, today, chance
        self._classes = class_ids(teacher)
        self._drafted = 0

    def past(self, situation: str) -> Past:
        chance = self._chance
        accepted = chance.randint(2, 4) if situation == "new" else chance.randint(42, 50)
        return Past(
            teacher=self._teacher,
            coach=self._coach,
            situation=situation,
            proposed=accepted + chance.randint(1, 3),
            accepted=accepted,
            goals=tuple(self._goals(situation)),
            observations=tuple(self._observations(situation)),
            surveys=tuple(self._surveys(situation)),
        )

    def _goals(self, situation: str) -> Iterator[PastGoal]:
        days = self._chance.randint
        if situation == "new":
            yield self._goal(drafted=1, due=days(80, 120), proposed_by_coach=True)
            return
        if situation == "no_baseline":
            yield self._goal(drafted=days(20, 30), due=days(40, 90), measured=False)
        elif situation == "overdue":
            yield self._goal(days(38, 41), days(34, 37), (26, 12, 5), -days(2, 9), upto=0.8)
        elif situation == "stalled" and self._teacher % 2:
            yield self._goal(days(38, 41), days(36, 37), (31, 25), days(30, 70), upto=0.4)
        elif situation == "stalled":
            yield self._goal(days(38, 41), days(34, 37), (17, 6), days(30, 70), upto=-0.2)
        elif situation == "growing":
            ended = days(3, 12)
            yield self._goal(
                days(38, 41), days(34, 37), (27, 19, ended + 1), 5, upto=1.1, achieved=ended
            )
        else:
            recent = days(2, 9)
            yield self._goal(
                days(38, 41), days(33, 37), (28, 17, recent), days(20, 90), upto=days(4, 9) / 10
            )
        if situation == "growing" or self._chance.random() < 0.45:
            yield self._goal(
                drafted=days(3, 6), activated=days(1, 2) * (self._teacher % 3 > 0), due=days(60, 99)
            )

    def _goal(
        self,
        drafted: int,
        activated: int = 0,
        progress: tuple[int, ...] = (),
        due: int = 60,
        *,
        upto: float = 0.0,
        achieved: int = 0,
        measured: bool = True,
        proposed_by_coach: bool = False,
    ) -> PastGoal:
        """`upto`: the share of the way that the last progress has come."""
        chance = self._chance
        theme, statement = theme_of(self._teacher * MOST_GOALS + self._drafted)
        self._drafted += 1
        start = chance.randint(*theme.start)
        way = chance.randint(*theme.way) * (-1 if theme.decrease else 1)
        values = []
        for number, ago in enumerate(progress, 1):
            share = upto * number / len(progress) + chance.uniform(-0.05, 0.05) * (upto > 0)
            values.append((ago, round(start + way * share, 1), chance.choice(PROGRESS_NOTES)))
        return PastGoal(
            statement=statement,
            focus_skill=theme.focus_skill,
            measure=theme.measure,
            unit=theme.unit,
            direction="decrease" if theme.decrease else "increase",
            target=start + way,
            due=self._today + timedelta(days=due),
            class_id=chance.choice(self._classes),
            drafted=drafted,
            baseline=float(start) if measured else None,
            activated=activated,
            progress=tuple(values),
            achieved=achieved,
            proposed_by_coach=proposed_by_coach,
        )

    def _observations(self, situation: str) -> Iterator[PastObservation]:
        days = self._chance.randint
        if situation == "new":
            yield PastObservation(self._classes[0], scheduled=1)
            return
        held = days(32, 38)
        yield self._observation(held, shared=held - 1, acknowledged=(held - 2) * days(0, 1))
        if situation == "unseen":
            return
        if situation == "feedback_due":
            yield self._observation(days(7, 9))
        held = days(6, 11)
        yield self._observation(held, shared=held - 1, acknowledged=(held - 2) * days(0, 1))
        if self._chance.random() < 0.2:
            yield PastObservation(self._chance.choice(self._classes), scheduled=days(1, 2))

    def _observation(self, held: int, shared: int = 0, acknowledged: int = 0) -> PastObservation:
        chance = self._chance
        seen = [each for each in CRITERIA if chance.random() < 0.8] or list(CRITERIA)
        return PastObservation(
            class_id=chance.choice(self._classes),
            scheduled=held + chance.randint(1, 3),
            held=held,
            shared=shared,
            acknowledged=acknowledged,
            scores=tuple((each, chance.choice((1, 2, 3, 3, 4, 4, 5))) for each in seen),
            note=chance.choice(OBSERVATION_NOTES),
        )

    def _surveys(self, situation: str) -> Iterator[PastSurvey]:
        chance = self._chance
        about_goal = situation not in ("stalled", "new")
        if situation == "small_class":
            yield self._survey(chance.randint(10, 14), chance.randint(4, 8), about_goal)
        elif situation != "new" and chance.random() < 0.4:
            yield self._survey(chance.randint(8, 28), chance.randint(10, 13), about_goal)
        if situation == "steady" and chance.random() < 0.1:
            yield self._survey(1, chance.randint(3, 9), about_goal, still_open=True)

    def _survey(
        self, opened: int, sheets: int, about_goal: bool, still_open: bool = False
    ) -> PastSurvey:
        return PastSurvey(
            instrument=self._chance.randrange(INSTRUMENTS),
            class_id=self._chance.choice(self._classes),
            opened=opened,
            sheets=sheets,
            mood=self._chance.uniform(0.35, 0.9),
            about_goal=about_goal,
            closed=0 if still_open else opened - 1,
        )
