"""A teacher's timeline: one item for each goal, trial, observation, survey, relationship,
coaching session and entry of a planning record of hers.

An item tells of what kind it is, in which state, its days and the ids it refers to. Texts are not
in events, and so no item has one.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class ItemKind(enum.StrEnum):
    GOAL = "goal"
    OBSERVATION = "observation"
    SURVEY = "survey"
    RELATIONSHIP = "relationship"
    TRIAL = "trial"
    COACHING_SESSION = "coaching_session"
    PLANNING_ENTRY = "planning_entry"


class State(enum.StrEnum):
    """Of all kinds: each has some of them."""

    DRAFT = "draft"
    ACTIVE = "active"
    ACHIEVED = "achieved"
    ABANDONED = "abandoned"
    MAINTAINED = "maintained"
    CLOSED_NOT_MET = "closed_not_met"
    WITHDRAWN = "withdrawn"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"
    OPEN = "open"
    CLOSED = "closed"
    PROPOSED = "proposed"
    DECLINED = "declined"
    PAUSED = "paused"
    ENDED = "ended"
    REHEARSED = "rehearsed"
    TRIED = "tried"
    REFLECTED = "reflected"
    HELD = "held"
    SUMMARIZED = "summarized"
    MISSED = "missed"
    VOIDED = "voided"
    WRITTEN = "written"
    UNKNOWN = "unknown"  # to this build: a newer one has said it


TAKEN_BACK = (
    State.WITHDRAWN,
    State.CANCELLED,
    State.VOIDED,
)  # should not have been, and is not shown


class ItemStep(enum.StrEnum):
    """What happened at an instant; `scheduled` of an observation or a session is the time it is
    planned for."""

    DRAFTED = "drafted"
    ACTIVATED = "activated"
    PROGRESSED = "progressed"
    COMMENTED = "commented"
    SCHEDULED = "scheduled"
    HELD = "held"
    OPENED = "opened"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    SUMMARIZED = "summarized"
    CORRECTED = "corrected"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    REHEARSED = "rehearsed"
    TRIED = "tried"
    REFLECTED = "reflected"
    CLOSED = "closed"
    ENDED = "ended"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Goal:
    """`progressed_at` is the newest progress, `commented_at` the newest comment of hers or of her
    coach."""

    id: str
    state: State
    school_year: int
    focus_skill: str
    measure: str
    due: date | None = None
    drafted_at: datetime | None = None
    activated_at: datetime | None = None
    progressed_at: datetime | None = None
    commented_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """`corrected_at`: when what was shared was last put right."""

    id: str
    state: State
    school_year: int
    tool: str
    observer: str
    goal: str = ""
    scheduled_at: datetime | None = None
    completed_at: datetime | None = None
    shared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """An administration: what the students said is no day, and not told here."""

    id: str
    state: State
    school_year: int
    instrument: str
    series: str = ""
    validation_status: str = ""
    goal: str = ""
    scheduled_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Relationship:
    id: str
    state: State
    school_year: int
    coach: str
    proposed_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CoachingTime:
    """A coaching session: how long, and into what it went (codes between blanks); `scheduled_at` is
    when it is planned for, until it is `held_at`. With how many teachers (`size`), not with
    whom."""

    id: str
    state: State
    school_year: int
    coach: str
    minutes: int = 0
    activities: str = ""
    scheduled_at: datetime | None = None
    held_at: datetime | None = None
    summarized_at: datetime | None = None
    corrected_at: datetime | None = None
    modality: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """Of a teacher in a coaching program: no item of her timeline, but by it those are found who
    were in one. `over_at`: None while she is. `earlier`: her times in it before the last, from
    when till when."""

    id: str
    program: str
    enrolled_at: datetime | None = None
    over_at: datetime | None = None
    earlier: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """Of a strategy. `goal`: the one that it comes from, if it does."""

    id: str
    state: State
    school_year: int
    goal: str = ""
    proposed_at: datetime | None = None
    agreed_at: datetime | None = None
    rehearsed_at: datetime | None = None
    tried_at: datetime | None = None
    reflected_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryWritten:
    """That something was written in a planning record, of a relationship with its `coach`, and of
    which kind (`wrote`: plan, observe, reflect or next)."""

    id: str
    state: State
    school_year: int
    wrote: str = ""
    coach: str = ""
    goal: str = ""
    written_at: datetime | None = None


Said = Goal | Observation | Survey | Relationship | CoachingTime | Trial | EntryWritten


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """`at` is where it stands: when it was begun or, of an observation or a session, is planned
    for or was held. `made_at`: when the newest of its events was by the clock of a device that was
    offline, beside `changed_at`; None of any other. `said` is
    None where no event of it could be read yet. `incomplete`: an event of it could not be."""

    kind: ItemKind
    id: str
    at: datetime
    changed_at: datetime | None = None
    made_at: datetime | None = None
    said: Said | None = None
    incomplete: bool = False

    @property
    def steps(self) -> tuple[tuple[ItemStep, datetime], ...]:
        """The oldest first."""
        known = ((step, getattr(self.said, f"{step}_at", None)) for step in ItemStep)
        return tuple(
            sorted(((step, at) for step, at in known if at is not None), key=lambda each: each[1])
        )


@dataclass(frozen=True, slots=True)
class Sight:
    """Who sees an item, beside the teacher herself: `open` to all who coach her, or `of` one
    person alone. It is what the services tell that own it: goals, trials and surveys are open, a
    relationship, a session or an entry in the record of both is her coach's in it, an observation
    its observer's until it is shared."""

    open: bool = False
    of: str = ""


def sight_of(kind: ItemKind, person: str, shared: bool) -> Sight:
    """`person`: the observer or the coach, `shared`: of an observation. Empty and False where they
    are not known yet."""
    if kind in _OF_BOTH:
        return Sight(of=person)
    if kind is ItemKind.OBSERVATION:
        return Sight(open=shared, of=person)
    return Sight(open=True)


def kinds_shown(works: Collection[str]) -> frozenset[ItemKind]:
    """What a teacher shows who coaches her, by the kinds of work as `access.profile.ALL_WORK`
    names them; their relationship, their sessions and their record are no work, and both know
    them."""
    return _OF_BOTH.union(*(_OF_WORK[work] for work in works if work in _OF_WORK))


def as_seen_by(kinds: Collection[ItemKind], talks: bool, item: TimelineItem) -> TimelineItem:
    """An item, for whom these kinds are shown: where goals are not, no other item names one. Who
    `talks` with the teacher about her goals, as her coach and no peer does, is told when; to all
    others a goal has changed when the newest happened of what they see."""
    said = item.said
    if isinstance(said, Goal) and not talks:
        seen = replace(item, said=replace(said, commented_at=None), made_at=None)
        return replace(seen, changed_at=seen.steps[-1][1] if seen.steps else None)
    if isinstance(said, Observation | Survey | EntryWritten) and ItemKind.GOAL not in kinds:
        return replace(item, said=replace(said, goal=""))
    return item


_OF_BOTH = frozenset({ItemKind.RELATIONSHIP, ItemKind.COACHING_SESSION, ItemKind.PLANNING_ENTRY})
_OF_WORK = {
    "goal": {ItemKind.GOAL, ItemKind.TRIAL},
    "observation": {ItemKind.OBSERVATION},
    "administration": {ItemKind.SURVEY},
}
