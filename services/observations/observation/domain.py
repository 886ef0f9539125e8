"""An observation of a teacher: scheduled, scored, completed, shared, acknowledged.

Whoever observes is the one who records, completes and shares. The teacher sees it at any
time (there are no secret files); everybody else only once it is shared with her. Until then
its observer can put mistakes right: move it, score it again, reopen it, cancel it, hand it
over. Once it is shared she corrects it, and what it said before stays. Where she no longer
coaches the teacher (`left`), the teacher shares it, cancels it or hands it over in her place;
after a while what is only planned is cancelled by itself, and all else says that it waits for
her (`left_behind_at`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import conflict, invalid
from services.observations.observation.outline import (
    UNFINISHED,
    HandOver,
    Note,
    ObservationState,
)
from services.observations.observation.scores import ScoredObservation, scored
from services.observations.tool.domain import Criterion

MOST_OBSERVATIONS = 400  # of a teacher in a school year, without cancelled ones
MOST_BY_OTHERS = 300  # of them
MOST_PLANNED = 1_000  # by one person, of a teacher in a school year, cancelled ones included


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
    TRANSFERRED = "transferred"


@dataclass(kw_only=True)
class Observation(ScoredObservation):
    """`scheduled_by`: who planned it, whoever observes now."""

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
        self._is_back()
        if not scores and not notes:
            raise invalid("nothing_recorded", "Send at least one score or note.", "/scores")
        known = {criterion.id: criterion for criterion in criteria}
        _check_names((name for name, _ in scores), known, "/scores")
        _check_names((note.criterion for note in notes), {"": None, **known}, "/notes")
        given = {score.criterion: score for score in self.scores}
        for index, (name, score) in enumerate(scores):
            given[name] = scored(known[name], score, f"/scores/{index}/score")
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
        self._is_back()
        if scheduled_for != self.scheduled_for:
            self.scheduled_for = scheduled_for
            self.record(ObservationEvent.RESCHEDULED)

    def complete(self, by: str, at: datetime, held: datetime | None = None) -> None:
        """`held` as in `record_scores`."""
        self.check_complete(by, at)
        self._is_back()
        self.state = ObservationState.COMPLETED
        self.completed_at = at
        self.scheduled_for = held or self.scheduled_for
        self.record(ObservationEvent.COMPLETED)

    def reopen(self, by: str, at: datetime) -> None:
        """Go on with one that was completed by mistake, before it is shared; the observer only."""
        self.check_reopen(by, at)
        self._is_back()
        self.state = ObservationState.IN_PROGRESS
        self.completed_at = None
        self.record(ObservationEvent.REOPENED)

    def cancel(self, by: str, at: datetime, left: bool = False) -> None:
        """It does not take place, or should not have been recorded. What it says stays with
        the teacher and its observer."""
        self.check_cancel(by, left)
        self._is_back()
        self._cancel(at)

    def hand_over(self, by: str, to: str, at: datetime, left: bool = False) -> None:
        """Let somebody else be its observer, who coaches the teacher: the caller makes sure."""
        self.check_hand_over(by, left)
        self._is_back()
        if to == self.observer:
            raise conflict("same_observer", "This person is the observer already.")
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

    def transfer(self, teacher: str, observer: str, by: str, at: datetime) -> None:
        """They are the same people under other ids: nothing else changes."""
        if self.scheduled_by in (self.teacher, self.observer):
            self.scheduled_by = observer if self.scheduled_by == self.observer else teacher
        if observer != self.observer:
            self.handed_over.append(HandOver(self.observer, by, at))
            self.observer = observer
        if teacher != self.teacher:
            self.transferred_from, self.teacher = self.teacher, teacher
        self.record(ObservationEvent.TRANSFERRED)

    def share(self, by: str, at: datetime, left: bool = False) -> None:
        self.check_share(by, left)
        self._is_back()
        self.state = ObservationState.SHARED
        self.shared_at = at
        self.record(ObservationEvent.SHARED)

    def acknowledge(self, by: str, at: datetime) -> None:
        """Say that a shared observation was seen; the teacher only."""
        self.check_acknowledge(by, at)
        self.state = ObservationState.ACKNOWLEDGED
        self.acknowledged_at = max(at, self.corrected_at or at)
        self.record(ObservationEvent.ACKNOWLEDGED)

    def _is_back(self) -> None:
        """Whoever acts for it has not left, or is back."""
        self.left_behind_at = None

    def _cancel(self, at: datetime) -> None:
        self.state = ObservationState.CANCELLED
        self.cancelled_at = at
        self.record(ObservationEvent.CANCELLED)


def _check_names(names: Iterable[str], known: Mapping[str, object], place: str) -> None:
    seen = set[str]()
    for index, name in enumerate(names):
        here = f"{place}/{index}/criterion_id"
        if name not in known:
            raise invalid("unknown_criterion", "The tool has no such criterion.", here)
        if name in seen:
            raise invalid("criterion_repeated", "A criterion stands here twice.", here)
        seen.add(name)
