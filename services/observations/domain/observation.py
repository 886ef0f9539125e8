"""An observation of a teacher: scheduled, scored, completed, shared, acknowledged.

Whoever observes is the one who records, completes and shares. The teacher sees it at any
time (there are no secret files); everybody else only once it is shared with her.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid, not_found
from services.observations.domain.tool import Criterion


class ObservationState(enum.StrEnum):
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"


class ObservationEvent(enum.StrEnum):
    SCHEDULED = "scheduled"
    SCORED = "scored"
    COMPLETED = "completed"
    SHARED = "shared"
    ACKNOWLEDGED = "acknowledged"


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


@dataclass(kw_only=True)
class Observation(Aggregate):
    """`scores` and `notes` stand in the order of the tool's criteria, a note about the whole
    lesson first; each criterion has at most one of either."""

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
    notes: list[Note] = field(default_factory=list)
    completed_at: datetime | None = None
    shared_at: datetime | None = None
    acknowledged_at: datetime | None = None

    def scheduled(self) -> Observation:
        self.record(ObservationEvent.SCHEDULED)
        return self

    @property
    def shared(self) -> bool:
        return self.state in (ObservationState.SHARED, ObservationState.ACKNOWLEDGED)

    def visible_to(self, person: str) -> bool:
        """Among those whom the policy admits to this teacher's observations."""
        return self.shared or person in (self.teacher, self.observer)

    def record_scores(
        self,
        by: str,
        criteria: Sequence[Criterion],
        scores: Sequence[tuple[str, float]],
        notes: Sequence[Note],
    ) -> None:
        """Scores (criterion id, score) and notes; what a criterion had before is replaced,
        and a note with an empty text is taken away. `criteria` are those of the tool."""
        self._observer_only(by)
        if self.state not in (ObservationState.SCHEDULED, ObservationState.IN_PROGRESS):
            raise conflict("observation_complete", "A completed observation is not scored again.")
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
        self.state = ObservationState.IN_PROGRESS
        self.record(ObservationEvent.SCORED)

    def complete(self, by: str, at: datetime) -> None:
        self._observer_only(by)
        if self.state not in (ObservationState.SCHEDULED, ObservationState.IN_PROGRESS):
            raise conflict("observation_complete", "The observation is complete already.")
        if not self.scores:
            raise conflict("no_scores", "An observation needs a score before it is completed.")
        self.state = ObservationState.COMPLETED
        self.completed_at = at
        self.record(ObservationEvent.COMPLETED)

    def share(self, by: str, at: datetime) -> None:
        self._observer_only(by)
        if self.state is not ObservationState.COMPLETED:
            raise conflict("not_completed", "Only a completed observation can be shared, once.")
        self.state = ObservationState.SHARED
        self.shared_at = at
        self.record(ObservationEvent.SHARED)

    def acknowledge(self, by: str, at: datetime) -> None:
        if by != self.teacher:
            raise Fault(Kind.FORBIDDEN, "teacher_only", "Only the teacher acknowledges.")
        if self.state is not ObservationState.SHARED:
            raise conflict("not_shared", "Only a shared observation can be acknowledged, once.")
        self.state = ObservationState.ACKNOWLEDGED
        self.acknowledged_at = at
        self.record(ObservationEvent.ACKNOWLEDGED)

    def _observer_only(self, by: str) -> None:
        if not self.visible_to(by):
            raise not_found()
        if by != self.observer:
            raise Fault(
                Kind.FORBIDDEN, "observer_only", "Only the observer scores, completes and shares."
            )


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
        raise invalid("not_a_level", "The score is no level of this criterion.", place)
    return Score(
        criterion=criterion.id,
        score=score,
        scale_min=criterion.scale_min,
        scale_max=criterion.scale_max,
        reversed=criterion.reversed,
    )
