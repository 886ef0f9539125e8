"""What a list shows of an observation, and the rules of who may do what with it when: they raise
what the refusal is."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.corrections import Voidable
from services.chassis.kernel import Aggregate, Fault, Kind, conflict, not_found

MOST_HAND_OVERS = 20


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

SHARED = (ObservationState.SHARED, ObservationState.ACKNOWLEDGED)


class Setting(enum.StrEnum):
    LIVE = "live"
    VIDEO = "video"
    SIMULATION = "simulation"


@dataclass(frozen=True, slots=True)
class Score(Voidable):
    """A score and the scale it was given on. `reversed`: a low score is the good one. One that was
    voided does not count."""

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
    the teacher's decision, for its observer has left. `transferred_from`: which
    teacher's it was before two records of one person became one, or were parted again.
    `corrected_at`: when what she was shown was last put right."""

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
    transferred_from: str = ""
    corrected_at: datetime | None = None

    @property
    def shared(self) -> bool:
        return self.state in SHARED

    @property
    def corrected_after_acknowledgment(self) -> bool:
        """Whether the teacher has acknowledged something else than what it says now."""
        acknowledged, corrected = self.acknowledged_at, self.corrected_at
        return acknowledged is not None and corrected is not None and acknowledged < corrected

    @property
    def counting(self) -> list[Score]:
        """The scores that were not voided."""
        return [each for each in self.scores if each.voided_at is None]

    def visible_to(self, person: str) -> bool:
        """Among those whom the policy admits to this teacher's observations; of lists the store is
        asked the same by `seen_by`."""
        return self.shared or person in (self.teacher, self.observer)

    def check_unshared(self, by: str, at: datetime) -> None:
        """Whether it may be scored; raises what the refusal is, as all rules do."""
        self._observer_only(by)
        self._unshared()

    def check_reschedule(self, by: str, at: datetime) -> None:
        self._observer_only(by)
        self._not_complete()

    def check_complete(self, by: str, at: datetime) -> None:
        self.check_reschedule(by, at)
        if not self.scores:
            raise conflict("no_scores", "An observation needs a score before it is completed.")

    def check_reopen(self, by: str, at: datetime) -> None:
        self._observer_only(by)
        if self.state is not ObservationState.COMPLETED:
            raise conflict("not_completed", "Only a completed, unshared one can be reopened.")

    def check_cancel(self, by: str, left: bool) -> None:
        """`left`: the observer has, and the teacher acts in her place."""
        self._in_charge(by, left)
        self._unshared()

    def check_hand_over(self, by: str, left: bool) -> None:
        self.check_cancel(by, left)
        if len(self.handed_over) >= MOST_HAND_OVERS:
            raise Fault(Kind.LIMITED, "too_many_hand_overs", "Cancel it and plan another.")

    def check_share(self, by: str, left: bool) -> None:
        self._in_charge(by, left)
        if self.state is not ObservationState.COMPLETED:
            raise conflict("not_completed", "Only a completed observation can be shared, once.")

    def check_correct(self, by: str, at: datetime) -> None:
        """Whether what it says may be corrected; until it is shared scores are recorded again."""
        self._observer_only(by)
        if not self.shared:
            raise conflict("not_shared", "Until it is shared scores are recorded again.")

    def check_void(self, by: str, at: datetime) -> None:
        self.check_correct(by, at)
        if not self.counting:
            raise conflict("score_voided", "Every score was voided.")

    def check_acknowledge(self, by: str, at: datetime) -> None:
        if by != self.teacher:
            raise Fault(Kind.FORBIDDEN, "teacher_only", "Only the teacher acknowledges.")
        if self.state is not ObservationState.SHARED:
            raise conflict("not_shared", "Only a shared observation can be acknowledged, once.")

    @property
    def shareable(self) -> bool:
        """Before it is shared with her it is not the teacher's alone."""
        return self.shared

    def check_shareable(self) -> None:
        if not self.shareable:
            raise conflict("not_shared", "Only an observation that is shared with you can be.")

    def _in_charge(self, by: str, left: bool) -> None:
        """The observer or, where she has left, the teacher."""
        if not (left and by == self.teacher):
            self._observer_only(by)

    def _observer_only(self, by: str) -> None:
        if not self.visible_to(by):
            raise not_found()
        if by != self.observer:
            detail = "Only the observer scores, completes, shares and corrects."
            raise Fault(Kind.FORBIDDEN, "observer_only", detail)

    def _unshared(self) -> None:
        if self.state is ObservationState.CANCELLED:
            raise conflict("observation_cancelled", "The observation was cancelled.")
        if self.shared:
            raise conflict("observation_shared", "What is shared is corrected, with a reason.")

    def _not_complete(self) -> None:
        self._unshared()
        if self.state is ObservationState.COMPLETED:
            raise conflict("observation_complete", "The observation is complete already.")
