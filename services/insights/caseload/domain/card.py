"""What is known of one teacher in one school year, as plain values.

Times are aware UTC datetimes, dates are `datetime.date`; a value is in its goal's unit.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import NamedTuple

from services.insights.program.domain import EVERYWHERE, ProgramPlan, Thresholds


class GoalState(enum.StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"
    MAINTAINED = "maintained"
    CLOSED_NOT_MET = "closed_not_met"
    UNKNOWN = "unknown"  # to this build: a newer one has said it


NEVER = datetime.max.replace(tzinfo=UTC)

REACHED = (GoalState.ACHIEVED, GoalState.MAINTAINED)
# All others are open.
CLOSED = (*REACHED, GoalState.CLOSED_NOT_MET, GoalState.ABANDONED, GoalState.WITHDRAWN)


class ObservationState(enum.StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Relationship:
    """`active` from the acceptance to the end. `carried_over_at`: when it was carried over from
    the school year before; an acceptance of before then was kept. `paused_at`: since when it is
    stopped for a while, though active; `resumed_at`: when it last went on."""

    id: str
    coach: str
    active: bool
    accepted_at: datetime | None = None
    carried_over_at: datetime | None = None
    paused_at: datetime | None = None
    resumed_at: datetime | None = None

    @property
    def kept(self) -> bool:
        """With the acceptance of the year before."""
        accepted, carried = self.accepted_at, self.carried_over_at
        return accepted is not None and carried is not None and accepted < carried

    @property
    def began_at(self) -> datetime | None:
        """When its coaching began, or went on after it was paused."""
        began = self.carried_over_at if self.kept else self.accepted_at
        return max((each for each in (began, self.resumed_at) if each), default=None)

    @property
    def runs(self) -> bool:
        """Whether it is active, and not paused."""
        return self.active and self.paused_at is None


@dataclass(frozen=True, slots=True)
class Goal:
    """`current` and `previous` are the two newest progress values. `increase` is None where
    this build does not know which way is better. `last_evidence_at`: when the newest of what
    speaks of it was linked, of the links that count."""

    id: str
    state: GoalState
    measure: str
    unit: str
    target: float
    increase: bool | None = True
    baseline: float | None = None
    current: float | None = None
    previous: float | None = None
    due: date | None = None
    last_progress_at: datetime | None = None
    drafted_at: datetime | None = None
    activated_at: datetime | None = None
    closed_at: datetime | None = None
    last_evidence_at: datetime | None = None

    @property
    def open(self) -> bool:
        """As far as is known: of an unknown state nothing else is said."""
        return self.state not in CLOSED

    @property
    def share(self) -> float | None:
        """Share of the way from baseline to target, 0 to 1: 0 before the first progress,
        None without a baseline or where the target does not lie ahead of it."""
        if self.baseline is None or self.increase is None:
            return None
        way = self.target - self.baseline
        if way == 0 or (way > 0) is not self.increase:
            return None
        gone = self.baseline if self.current is None else self.current
        return min(1.0, max(0.0, (gone - self.baseline) / way))

    def no_better_than_baseline(self, value: float) -> bool:
        """False also where that cannot be said."""
        if self.baseline is None or self.increase is None:
            return False
        return value <= self.baseline if self.increase else value >= self.baseline


@dataclass(frozen=True, slots=True)
class Observation:
    """`observer` is empty where the projector did not know it yet."""

    id: str
    tool: str
    state: ObservationState
    completed_at: datetime | None = None
    shared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    observer: str = ""


class TrialState(enum.StrEnum):
    PROPOSED = "proposed"
    OPEN = "open"
    REHEARSED = "rehearsed"
    TRIED = "tried"
    REFLECTED = "reflected"
    CLOSED = "closed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trial:
    """A strategy that she tries, a step that was agreed on. `goal`: that it comes from, or empty.
    `tried_at`: None also where she has taken it back. `reflected_at`: when she last wrote what she
    thinks of it."""

    id: str
    state: TrialState
    agreed_at: datetime | None = None
    reflected_at: datetime | None = None
    goal: str = ""
    tried_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether she has agreed to it and not tried it yet."""
        return self.state in (TrialState.OPEN, TrialState.REHEARSED)


@dataclass(frozen=True, slots=True)
class FlagAnswer:
    """What a coach has said to a flag (`Flag.id`), for herself alone. `dismissed`: until the day on
    which it is back, None is for the school year; else it is acknowledged, until what it follows
    from changes."""

    id: str
    coach: str
    flag: str
    answered_at: datetime
    dismissed: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """An administration. Once closed, either `suppressed` (fewer than `small_n` answered, or
    too few one of the items), or `favorable_share` and how many answered, `n_min` to `n_max`,
    are set. Those of one `series` may be joined in a trend; rows from before there were any have
    none. `validation_status` is the instrument's, empty where nobody said."""

    id: str
    instrument: str
    series: str = ""
    validation_status: str = ""
    goal: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    suppressed: bool = False
    small_n: int = 0
    n_min: int | None = None
    n_max: int | None = None
    favorable_share: float | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One of a coach with the teacher, alone or among others, or of her pair or group, which is of
    no `coach` and no contact: when it began or, if it is not `held` yet, when it is to."""

    id: str
    coach: str
    starts_at: datetime
    held: bool = False


class Post(NamedTuple):
    """A school at which she holds a role: YYYY-MM-DD, both inclusive, empty is open. `teaches`: it
    is that of a teacher."""

    school: str
    begins: str = ""
    ends: str = ""
    teaches: bool = True

    def holds_on(self, day: str) -> bool:
        return self.begins <= day and (not self.ends or day <= self.ends)


@dataclass(frozen=True, slots=True)
class Card:
    """Without what was taken back: that is on no card. `schools` are the orgs of all her roles,
    `school_names` what they are called, empty where one has no name, `posts` when she is at
    each. `incomplete`: an event about this teacher, or a part of her row, could not be read.
    `newest_event_at` is None only where no event could. `not_shared`: what kinds of work its reader
    is not shown, by the words of a relationship's `coach_sees`. `plan`: of the program that she was
    enrolled in last, `enrolled_at`. `answers`: its reader's own.
    `all_contacts_since`: from when on `sessions` are all that were held with her; None: always,
    `NEVER` is never. `in_circle`: of herself, that she is of a pair or a group that is active."""

    teacher: str
    school_year: int
    given_name: str = ""
    family_name: str = ""
    schools: tuple[str, ...] = ()
    school_names: tuple[str, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    goals: tuple[Goal, ...] = ()
    observations: tuple[Observation, ...] = ()
    surveys: tuple[Survey, ...] = ()
    sessions: tuple[Session, ...] = ()
    trials: tuple[Trial, ...] = ()
    answers: tuple[FlagAnswer, ...] = ()
    incomplete: bool = False
    newest_event_at: datetime | None = None
    posts: tuple[Post, ...] = ()
    not_shared: tuple[str, ...] = ()
    plan: ProgramPlan | None = None
    enrolled_at: datetime | None = None
    all_contacts_since: datetime | None = None
    in_circle: bool = False

    @property
    def thresholds(self) -> Thresholds:
        return self.plan.thresholds if self.plan else EVERYWHERE

    @property
    def paused_at(self) -> datetime | None:
        """Since when all that is active of what she has with coaches is paused; None: it is not."""
        active = [each for each in self.relationships if each.active]
        since = [each.paused_at for each in active if each.paused_at is not None]
        return max(since, default=None) if len(since) == len(active) else None

    def teaches_at(self, day: date) -> frozenset[str]:
        """The schools at which she teaches on a day."""
        text = day.isoformat()
        return frozenset(each.school for each in self.posts if each.teaches and each.holds_on(text))

    def on(self, day: date) -> Card:
        """With those of its schools at which she is on a day; with all where she is at none then,
        as in the summer."""
        text = day.isoformat()
        there = {each.school for each in self.posts if each.holds_on(text)}
        if not there or there.issuperset(self.schools):
            return self
        named = [
            (school, name)
            for school, name in zip_longest(self.schools, self.school_names, fillvalue="")
            if school in there
        ]
        schools = tuple(school for school, _ in named)
        names = tuple(name for _, name in named) if self.school_names else ()
        return replace(self, schools=schools, school_names=names)
