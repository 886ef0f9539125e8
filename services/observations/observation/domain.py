"""An observation of a teacher: scheduled, scored, completed, shared, acknowledged.

Whoever observes is the one who records, completes and shares. The teacher sees it at any
time (there are no secret files); everybody else only once it is shared with her. Until then
its observer can put mistakes right: move it, score it again, reopen it, cancel it, hand it
over. Where she no longer coaches the teacher (`left`), the teacher shares it, cancels it or
hands it over in her place; after a while what is only planned is cancelled by itself, and all
else says that it waits for her (`left_behind_at`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid, not_found
from services.observations.tool.domain import Criterion

MOST_HAND_OVERS = 20
MOST_OBSERVATIONS = 400  # of a teacher in a school year, without cancelled ones
MOST_BY_OTHERS = 300  # of them
MOST_PLANNED = 1_000  # by one person, of a teacher in a school year, cancelled ones included


class ObservationState(enum.StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"


UNFINISHED = (
    ObservationState.SCHEDULED,
    ObservationState.IN_PROGRESS,
    ObservationState.COMPLETED,
)


class ObservationEvent(enum.StrEnum):
    SCHEDULED = "scheduled"
    SCORED = "scored"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"
    RESCHEDULED = "rescheduled"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    HANDED_OVER = "handed_over"
    LEFT_BEHIND = "left_behind"


class Setting(enum.StrEnum):
    LIVE = "live"
    VIDEO = "video"
    SIMULATION = "simulation"


@dataclass(frozen=True, slots=True)
class Score:
    """A score and the scale it was given on. `reversed`: a low score is the good one."""

    criterion: str
    score: float
    scale_min: float
    scale_max: float
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What was seen, in the observer's words. An empty criterion: about the whole lesson."""

    criterion: str
    text: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """`observer` was the observer until `by` handed the observation over."""

    observer: str
    by: str
    at: datetime


@dataclass(kw_only=True)
class ObservationOutline(Aggregate):
    """An observation without its notes: what a list shows of it. `scores` stand in the order of
    the tool's criteria, each of which has one at most. `left_behind_at`: since when it waits for
    the teacher's decision, for its observer has left."""

    observer: str
    teacher: str
    tool: str
    school_year: int
    setting: Setting
    scheduled_for: datetime
    scheduled_at: datetime
    class_id: str = ""
    goal: str = ""
    state: ObservationState = ObservationState.SCHEDULED
    scores: list[Score] = field(default_factory=list)
    completed_at: datetime | None = None
    shared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    cancelled_at: datetime | None = None
    handed_over: list[HandOver] = field(default_factory=list)
    left_behind_at: datetime | None = None

    @property
    def shared(self) -> bool:
        return self.state in (ObservationState.SHARED, ObservationState.ACKNOWLEDGED)

    def visible_to(self, person: str) -> bool:
        """Among those whom the policy admits to this teacher's observations."""
        return self.shared or person in (self.teacher, self.observer)


@dataclass(kw_only=True)
class Observation(ObservationOutline):
    """`notes` stand as the scores do, one about the whole lesson first. `scheduled_by`: who
    planned it, whoever observes now."""

    notes: list[Note] = field(default_factory=list)
    scheduled_by: str = ""

    def scheduled(self) -> Observation:
        self.scheduled_by = self.observer
        self.record(ObservationEvent.SCHEDULED)
        return self

    def record_scores(
        self,
        by: str,
        criteria: Sequence[Criterion],
        scores: Sequence[tuple[str, float]],
        notes: Sequence[Note],
        held: datetime | None = None,
    ) -> None:
        """Scores (criterion id, score) and notes; what a criterion had before is replaced,
        and a note with an empty text is taken away. `criteria` are those of the tool. One that
        is complete stays so. `held`: when it took place, where that is before the day it was
        planned for, which then is that day."""
        self._observer_only(by)
        self._unshared()
        if not scores and not notes:
            raise invalid("nothing_recorded", "Send at least one score or note.", "/scores")
        known = {criterion.id: criterion for criterion in criteria}
        _check_names((name for name, _ in scores), known, "/scores")
        _check_names((note.criterion for note in notes), {"": None, **known}, "/notes")
        given = {score.criterion: score for score in self.scores}
        for index, (name, score) in enumerate(scores):
            given[name] = _scored(known[name], score, f"/scores/{index}/score")
        noted = {note.criterion: note for note in (*self.notes, *notes)}
        self.scores = [given[name] for name in known if name in given]
        self.notes = [noted[name] for name in ("", *known) if name in noted and noted[name].text]
        if self.state is ObservationState.SCHEDULED:
            self.state = ObservationState.IN_PROGRESS
        self.scheduled_for = held or self.scheduled_for
        self.record(ObservationEvent.SCORED)

    def reschedule(self, by: str, scheduled_for: datetime) -> None:
        """Move it to another time of its school year, which the caller makes sure of."""
        self._observer_only(by)
        self._not_complete()
        if scheduled_for != self.scheduled_for:
            self.scheduled_for = scheduled_for
            self.record(ObservationEvent.RESCHEDULED)

    def complete(self, by: str, at: datetime, held: datetime | None = None) -> None:
        """`held` as in `record_scores`."""
        self._observer_only(by)
        self._not_complete()
        if not self.scores:
            raise conflict("no_scores", "An observation needs a score before it is completed.")
        self.state = ObservationState.COMPLETED
        self.completed_at = at
        self.scheduled_for = held or self.scheduled_for
        self.record(ObservationEvent.COMPLETED)

    def reopen(self, by: str, at: datetime) -> None:
        """Go on with one that was completed by mistake, before it is shared; the observer only."""
        self._observer_only(by)
        if self.state is not ObservationState.COMPLETED:
            raise conflict("not_completed", "Only a completed, unshared one can be reopened.")
        self.state = ObservationState.IN_PROGRESS
        self.completed_at = None
        self.record(ObservationEvent.REOPENED)

    def cancel(self, by: str, at: datetime, left: bool = False) -> None:
        """It does not take place, or should not have been recorded. What it says stays with
        the teacher and its observer."""
        self._in_charge(by, left)
        self._unshared()
        self._cancel(at)

    def hand_over(self, by: str, to: str, at: datetime, left: bool = False) -> None:
        """Let somebody else be its observer, who coaches the teacher: the caller makes sure."""
        self._in_charge(by, left)
        self._unshared()
        if to == self.observer:
            raise conflict("same_observer", "This person is the observer already.")
        if len(self.handed_over) >= MOST_HAND_OVERS:
            raise Fault(Kind.LIMITED, "too_many_hand_overs", "Cancel it and plan another.")
        self.handed_over.append(HandOver(self.observer, by, at))
        self.observer = to
        self.record(ObservationEvent.HANDED_OVER)

    def leave_behind(self, at: datetime) -> None:
        """Its observer has left. What is only planned does not take place; all else waits for the
        teacher. Done again, or where it is shared or cancelled, it changes nothing."""
        if self.state not in UNFINISHED or self.left_behind_at is not None:
            return
        if self.state is ObservationState.SCHEDULED:
            self._cancel(at)
        else:
            self.left_behind_at = at
            self.record(ObservationEvent.LEFT_BEHIND)

    def share(self, by: str, at: datetime, left: bool = False) -> None:
        self._in_charge(by, left)
        if self.state is not ObservationState.COMPLETED:
            raise conflict("not_completed", "Only a completed observation can be shared, once.")
        self.state = ObservationState.SHARED
        self.shared_at = at
        self.record(ObservationEvent.SHARED)

    def acknowledge(self, by: str, at: datetime) -> None:
        """Say that a shared observation was seen; the teacher only."""
        if by != self.teacher:
            raise Fault(Kind.FORBIDDEN, "teacher_only", "Only the teacher acknowledges.")
        if self.state is not ObservationState.SHARED:
            raise conflict("not_shared", "Only a shared observation can be acknowledged, once.")
        self.state = ObservationState.ACKNOWLEDGED
        self.acknowledged_at = at
        self.record(ObservationEvent.ACKNOWLEDGED)

    def _in_charge(self, by: str, left: bool) -> None:
        """The observer or, where she has left, the teacher."""
        if not (left and by == self.teacher):
            self._observer_only(by)
        self.left_behind_at = None

    def _cancel(self, at: datetime) -> None:
        self.state = ObservationState.CANCELLED
        self.cancelled_at = at
        self.record(ObservationEvent.CANCELLED)

    def _unshared(self) -> None:
        if self.state is ObservationState.CANCELLED:
            raise conflict("observation_cancelled", "The observation was cancelled.")
        if self.shared:
            raise conflict("observation_shared", "A shared observation does not change.")

    def _not_complete(self) -> None:
        self._unshared()
        if self.state is ObservationState.COMPLETED:
            raise conflict("observation_complete", "The observation is complete already.")

    def _observer_only(self, by: str) -> None:
        """She who acts has not left, or is back."""
        if not self.visible_to(by):
            raise not_found()
        if by != self.observer:
            raise Fault(
                Kind.FORBIDDEN, "observer_only", "Only the observer scores, completes and shares."
            )
        self.left_behind_at = None


def _check_names(names: Iterable[str], known: Mapping[str, object], place: str) -> None:
    seen = set[str]()
    for index, name in enumerate(names):
        here = f"{place}/{index}/criterion_id"
        if name not in known:
            raise invalid("unknown_criterion", "The tool has no such criterion.", here)
        if name in seen:
            raise invalid("criterion_repeated", "A criterion stands here twice.", here)
        seen.add(name)


def _scored(criterion: Criterion, score: float, place: str) -> Score:
    if not criterion.has(score):
        known = ", ".join(f"{level.score:g}" for level in criterion.levels)
        raise invalid("not_a_level", f"The criterion has the levels {known}.", place)
    return Score(
        criterion=criterion.id,
        score=score,
        scale_min=criterion.scale_min,
        scale_max=criterion.scale_max,
        reversed=criterion.reversed,
    )
