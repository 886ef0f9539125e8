"""What an observer saw, once the teacher has seen it, too: put right, with what it said before."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.chassis.corrections import Correction, check_counts, voided, with_one_more
from services.chassis.kernel import Fault, Kind, conflict, invalid, not_found
from services.observations.observation.outline import Note, ObservationOutline, Score
from services.observations.tool.domain import Criterion

MOST_CORRECTIONS = 20  # of an observation; what was voided counts, and can be voided beyond
NEXT = timedelta(milliseconds=1)  # a correction is after what was acknowledged, whatever clocks say


class ScoreEvent(enum.StrEnum):
    CORRECTED = "score_corrected"
    VOIDED = "score_voided"


@dataclass(frozen=True, slots=True)
class EarlierScore(Correction):
    """What an observation said by a criterion before that was corrected or, where `voided`, before
    its score was. An empty criterion: about the whole lesson. `score` is None where none was
    given. Of what was voided the note stays what it is, and is not kept here."""

    criterion: str
    score: float | None
    note: str
    voided: bool = False


@dataclass(kw_only=True)
class ScoredObservation(ObservationOutline):
    """`notes` stand as the scores do, one about the whole lesson first; `corrections` oldest
    first."""

    notes: list[Note] = field(default_factory=list)
    corrections: list[EarlierScore] = field(default_factory=list)

    def correct_score(
        self,
        by: str,
        at: datetime,
        criteria: Sequence[Criterion],
        criterion: str,
        score: float | None,
        note: str | None,
        reason: str,
    ) -> None:
        """Put right what is said by a criterion of the tool or, where that is empty, the note about
        the whole lesson. None stays, an empty note goes, and what was left out is put in. What
        is so already is no correction. Raises NOT_FOUND for a criterion that the tool has not."""
        self.check_correct(by, at)
        known = {each.id: each for each in criteria}
        if criterion and criterion not in known:
            raise not_found()
        if score is None and note is None:
            raise invalid("nothing_corrected", "Send a score or a note.")
        given = {each.criterion: each for each in self.scores}
        noted = {each.criterion: each.text for each in self.notes}
        old, old_note = given.get(criterion), noted.get(criterion, "")
        new, new_note = old, old_note if note is None else note
        if score is not None:
            if old is not None:
                check_counts(old, conflict("score_voided", "The score was voided."))
            new = scored(known[criterion], score, "/score")
        was = EarlierScore(
            criterion, old.score if old else None, old_note, reason=reason, by=by, at=at
        )
        detail = "That is all: void what is wrong, and observe again."
        full = Fault(Kind.LIMITED, "too_many_corrections", detail)
        earlier = with_one_more(
            self.corrections, (old, old_note), (new, new_note), was, MOST_CORRECTIONS, full
        )
        if earlier is None:
            return
        if new is not None:
            given[criterion] = new
        noted[criterion] = new_note
        self.scores = [given[name] for name in known if name in given]
        self.notes = [Note(name, noted[name]) for name in ("", *known) if noted.get(name)]
        self._put_right(earlier, at, ScoreEvent.CORRECTED)

    def void_score(self, by: str, at: datetime, criterion: str, reason: str) -> None:
        """Let a score no longer count that should not have been; it stays visible as such. Raises
        NOT_FOUND where there is none by that criterion."""
        self.check_correct(by, at)
        given = {each.criterion: each for each in self.scores}
        old = given.get(criterion)
        if old is None:
            raise not_found()
        check_counts(old, conflict("score_voided", "The score was voided."))
        given[criterion] = voided(old, by, at)
        self.scores = list(given.values())
        was = EarlierScore(criterion, old.score, "", voided=True, reason=reason, by=by, at=at)
        self._put_right((*self.corrections, was), at, ScoreEvent.VOIDED)

    def _put_right(self, earlier: Sequence[EarlierScore], at: datetime, event: ScoreEvent) -> None:
        self.corrections = list(earlier)
        acknowledged = self.acknowledged_at
        self.corrected_at = at if acknowledged is None else max(at, acknowledged + NEXT)
        self.record(event)


def scored(criterion: Criterion, score: float, place: str) -> Score:
    """A score by a criterion. Raises INVALID, with `place`, for one that it does not have."""
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
