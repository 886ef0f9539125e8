"""What a goal says, what is measured on the way, and what a list shows of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.chassis.corrections import Correction, Voidable
from services.chassis.kernel import Aggregate, FairPlaces, Fault, Kind, conflict
from services.goals.evidence.domain import Evidence, counting
from services.goals.measure.domain import Direction

MOST_REVISIONS = 100
MOST_PROGRESS = 1_000
MOST_TAGS = 5
MOST_EVIDENCE = 100
MOST_NAMED = 10  # links that one revision names, and as many new ones
EVIDENCE = FairPlaces(MOST_EVIDENCE, by_others=50, by_one=30)
MOST_ALIGNED = 10  # standards
TAKEN_BACK = timedelta(days=1)  # how long a closing can be


class GoalState(enum.StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"  # a draft that should not have been
    MAINTAINED = "maintained"  # what was achieved has lasted
    CLOSED_NOT_MET = "closed_not_met"  # pursued to its end


# What can be taken up again, for a while.
CLOSED_BY_HER = (GoalState.ACHIEVED, GoalState.ABANDONED, GoalState.CLOSED_NOT_MET)


class GoalAim(enum.StrEnum):
    """Who is to do otherwise once it is reached."""

    STUDENTS = "students"
    PRACTICE = "practice"


class OutcomeStage(enum.StrEnum):
    """Where in the chain of outcomes it lies: what teachers know leads to what they do, and that
    to what students achieve."""

    KNOWLEDGE = "knowledge"
    PRACTICE = "practice"
    ACHIEVEMENT = "achievement"


@dataclass(kw_only=True)
class GoalOutline(Aggregate):
    """What a goal says, without what was noted on the way. Values are in `unit`; `due` is
    YYYY-MM-DD or empty. `drafted_by` is empty where it was not kept yet. `settled`: how many
    progress values are no longer held by the goal, the first ones, and `settled_counting` how
    many of them were not voided. `transferred_from`: whose it was before two records of one person
    became one, or were parted again. `aims_at` is a GoalAim and `outcome_stage` an OutcomeStage,
    empty where nothing was said."""

    teacher: str
    school_year: int
    statement: str
    focus_skill: str
    measure: str
    unit: str
    direction: Direction
    target: float
    drafted_at: datetime
    drafted_by: str = ""
    class_id: str = ""
    due: str = ""
    baseline: float | None = None
    state: GoalState = GoalState.DRAFT
    revision: int = 1
    activated_at: datetime | None = None
    closed_at: datetime | None = None
    maintained_at: datetime | None = None
    settled: int = 0
    settled_counting: int = 0
    transferred_from: str = ""
    aims_at: str = ""
    outcome_stage: str = ""
    priority_tags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def check_draft(self, by: str, at: datetime) -> None:
        """Whether it may be edited or withdrawn as a draft; raises what the refusal is, as all
        rules do."""
        self.draft_of(by)

    def draft_of(self, by: str) -> None:
        if by != self.teacher and (not self.drafted_by or by != self.drafted_by):
            raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who drafted it may.")
        if self.state is not GoalState.DRAFT:
            raise conflict("not_draft", "The goal is no draft any more.")

    def check_baseline(self, by: str, at: datetime) -> None:
        self.baseline_open()

    def baseline_open(self) -> None:
        if self.state is not GoalState.DRAFT:
            raise conflict("baseline_fixed", "The baseline is fixed once a goal is active.")

    def check_activate(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        closed = self.state in CLOSED_BY_HER
        if not closed and self.state is not GoalState.DRAFT:
            raise conflict("not_draft", "Only a draft can be activated.")
        if closed and (self.closed_at is None or at - self.closed_at > TAKEN_BACK):
            raise conflict("closed_for_good", "A closing can be taken back for a day.")
        if self.baseline is None:
            raise conflict("no_baseline", "A goal needs a baseline before it is activated.")

    def check_revise(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        self.check_active()
        if self.revision > MOST_REVISIONS:
            raise Fault(Kind.LIMITED, "too_many_revisions", "Close this goal and draft another.")

    def check_achieve(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.maintained_at is not None and self.state is GoalState.MAINTAINED:
            if at - self.maintained_at > TAKEN_BACK:
                detail = "That it has lasted can be taken back for a day."
                raise conflict("maintained_for_good", detail)
        else:
            self.check_active()

    def check_maintain(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.state is not GoalState.ACHIEVED:
            raise conflict("not_achieved", "Only what was achieved can have lasted.")

    def check_close_not_met(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        self.check_active()

    def check_abandon(self, by: str, at: datetime) -> None:
        self._owner_only(by)
        if self.state not in (GoalState.DRAFT, GoalState.ACTIVE):
            raise conflict("goal_closed", "The goal is closed already.")

    def check_rate(self, by: str, at: datetime) -> None:
        """Whether its owner may say how much it matters to her; her alone a policy lets in."""
        if self.state not in (GoalState.DRAFT, GoalState.ACTIVE):
            raise conflict("goal_closed", "The goal is closed already.")

    def check_align(self, by: str, at: datetime) -> None:
        """A draft its author aligns, too; later the owner does."""
        if by != self.teacher and (self.state is not GoalState.DRAFT or by != self.drafted_by):
            raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who drafted it may.")
        if self.state not in (GoalState.DRAFT, GoalState.ACTIVE):
            raise conflict("goal_closed", "The goal is closed already.")

    def check_link_evidence(self, by: str, at: datetime) -> None:
        """What came of it may be seen only once it is closed."""
        self.check_shareable()
        if not EVIDENCE.is_left(by, self.teacher, (each.by for each in self.evidence)):
            raise Fault(Kind.LIMITED, "too_much_evidence", "Close this goal and draft another.")

    def check_comment(self, by: str, at: datetime) -> None:
        """A draft is spoken of, too, and so is what came of it; a policy says who may."""
        self.check_shareable()

    @property
    def evidence_counting(self) -> list[Evidence]:
        """What was linked and not voided, oldest first."""
        return counting(self.evidence)

    @property
    def is_achieved(self) -> bool:
        """Also of one that has lasted since."""
        return self.state in (GoalState.ACHIEVED, GoalState.MAINTAINED)

    @property
    def is_maintained(self) -> bool:
        return self.state is GoalState.MAINTAINED

    @property
    def is_about_students(self) -> bool:
        """Whether what is measured is of a class, as a whole."""
        return self.aims_at == GoalAim.STUDENTS

    @property
    def shareable(self) -> bool:
        return self.state is not GoalState.WITHDRAWN

    def check_shareable(self) -> None:
        if not self.shareable:
            raise conflict("goal_withdrawn", "The goal was withdrawn.")

    def check_of_a_class(self) -> None:
        """Whether what is measured is of a class as a whole, and stays so."""
        if not self.is_about_students or self.state is GoalState.DRAFT:
            detail = "With a meeting goals are shared that aim at students, and no drafts."
            raise conflict("not_about_students", detail)

    def check_active(self) -> None:
        if self.state is not GoalState.ACTIVE:
            raise conflict("not_active", "The goal is not active.")

    def _owner_only(self, by: str) -> None:
        if by != self.teacher:
            raise Fault(
                Kind.FORBIDDEN, "owner_only", "Only the goal's owner activates, revises or closes."
            )


@dataclass(frozen=True, slots=True)
class EarlierProgress(Correction):
    """What a progress value was before it was corrected."""

    value: float
    note: str


@dataclass(frozen=True, slots=True)
class Progress(Voidable):
    """A measured value. `at` is when it was recorded; one that was voided does not count."""

    value: float
    at: datetime
    by: str
    note: str = ""
    earlier: tuple[EarlierProgress, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """What a goal said before it was revised, why it was, and from which of the links to evidence
    that comes, by their numbers."""

    number: int
    statement: str
    target: float
    due: str
    reason: str
    at: datetime
    baseline: float | None = None
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgressValue:
    """A `Progress` without its texts."""

    value: float
    at: datetime
    voided_at: datetime | None = None


@dataclass(kw_only=True)
class GoalSummary(GoalOutline):
    """What a list shows of a goal."""

    progress: tuple[ProgressValue, ...] = ()

    def check_progress(self, by: str, at: datetime) -> None:
        check_progress(self, len(self.progress))

    @property
    def counting(self) -> list[ProgressValue]:
        return [each for each in self.progress if each.voided_at is None]


def check_progress(goal: GoalOutline, held: int) -> None:
    """Whether one more value may be recorded of a goal that holds so many."""
    goal.check_active()
    if goal.settled + held >= MOST_PROGRESS:
        raise Fault(Kind.LIMITED, "too_much_progress", "Close this goal and draft another.")
