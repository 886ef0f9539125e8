"""What is measured on the way to a goal: recorded, corrected, voided, let go where it is much; and
what was seen elsewhere and speaks of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.chassis.corrections import check_counts, voided, with_one_more
from services.chassis.kernel import Fault, Kind, conflict, invalid, not_found
from services.goals.evidence.domain import Evidence, GoalEvidenceKind, number_of, taken_back
from services.goals.goal.outline import (
    EarlierProgress,
    GoalOutline,
    Progress,
    check_progress,
)

KEPT = 20  # progress values that a goal holds at least; from twice as many on the oldest leave
MOST_CORRECTIONS = 20  # of one progress value


class ProgressEvent(enum.StrEnum):
    RECORDED = "progress_recorded"
    CORRECTED = "progress_corrected"
    VOIDED = "progress_voided"
    EVIDENCE_LINKED = "evidence_linked"
    EVIDENCE_VOIDED = "evidence_voided"


@dataclass(kw_only=True)
class MeasuredGoal(GoalOutline):
    """The number of a progress value is its place among all that were recorded, from 1. The goal
    holds the newest of them in `progress`; the older ones have left it: `cases.settled`."""

    progress: list[Progress] = field(default_factory=list)

    def check_progress(self, by: str, at: datetime) -> None:
        check_progress(self, len(self.progress))

    def record_progress(self, value: float, note: str, by: str, at: datetime) -> None:
        self.check_progress(by, at)
        self.progress.append(Progress(value, at, by, note))
        self._settle()
        self.record(ProgressEvent.RECORDED)

    def correct_progress(
        self,
        number: int,
        value: float,
        note: str | None,
        reason: str,
        by: str,
        at: datetime,
        left: Progress | None = None,
    ) -> None:
        """Put a mistyped value right; who recorded it and the goal's owner may. A note of None
        stays; what is so already is no correction. `left`: the value as it is, where it has left
        the goal. Raises NOT_FOUND for a number that there is not."""
        old = self._progress(number, by, left)
        new = replace(old, value=value, note=old.note if note is None else note)
        was = EarlierProgress(old.value, old.note, reason=reason, by=by, at=at)
        full = Fault(Kind.LIMITED, "too_many_corrections", "Void it and record it anew.")
        earlier = with_one_more(old.earlier, old, new, was, MOST_CORRECTIONS, full)
        if earlier is not None:
            self._put(number, replace(new, earlier=earlier))
            self.record(ProgressEvent.CORRECTED)

    def void_progress(
        self, number: int, by: str, at: datetime, left: Progress | None = None
    ) -> None:
        """Let a value no longer count; who recorded it and the goal's owner may. `left` as for a
        correction. Of what the goal holds the two newest that count stay while older ones do:
        they say where it stands."""
        old = self._progress(number, by, left)
        if number <= self.settled:
            self.settled_counting -= 1
        elif self.settled_counting and len(self.counting) <= 2:
            raise Fault(Kind.LIMITED, "too_many_voided", "Record the right values first.")
        self._put(number, voided(old, by, at))
        self.record(ProgressEvent.VOIDED)

    @property
    def counting(self) -> list[Progress]:
        """The progress values in hand that were not voided, oldest first."""
        return [each for each in self.progress if each.voided_at is None]

    def _settle(self) -> None:
        """Let the oldest values go, many at once: a list that begins elsewhere is written anew."""
        newest = self.progress[-KEPT:]
        if len(self.progress) <= 2 * KEPT or sum(not each.voided_at for each in newest) < 2:
            return
        oldest, self.progress = self.progress[:-KEPT], newest
        for number, each in enumerate(oldest, self.settled + 1):
            self.leave(number, each)
        self.settled += len(oldest)
        self.settled_counting += sum(not each.voided_at for each in oldest)

    def _put(self, number: int, new: Progress) -> None:
        if number <= self.settled:
            self.leave(number, new)
        else:
            self.progress[number - 1 - self.settled] = new

    def _progress(self, number: int, by: str, left: Progress | None) -> Progress:
        self.check_active()
        held = dict(enumerate(self.progress, self.settled + 1))
        found = left if 1 <= number <= self.settled else held.get(number)
        if found is None:
            raise not_found()
        if by not in (self.teacher, found.by):
            raise Fault(Kind.FORBIDDEN, "author_only", "Only the owner or who recorded it may.")
        check_counts(found, conflict("progress_voided", "The value was voided already."))
        return found


@dataclass(kw_only=True)
class EvidencedGoal(MeasuredGoal):
    """The number of a link to evidence is its place among all that were made, from 1."""

    def link_evidence(self, kind: GoalEvidenceKind, of: str, by: str, at: datetime) -> None:
        """Say that something speaks of the goal; what is linked already and counts is no event."""
        if self.linked(kind, of, by, at):
            self.record(ProgressEvent.EVIDENCE_LINKED)

    def linked(self, kind: GoalEvidenceKind, of: str, by: str, at: datetime) -> bool:
        """Whether that is new, without an event."""
        new = not number_of(self.evidence, kind, of)
        if new:
            self.check_link_evidence(by, at)
            self.evidence = (*self.evidence, Evidence(kind, of, by, at))
        return new

    def numbers_of(
        self,
        linked: Sequence[int],
        seen: Sequence[tuple[GoalEvidenceKind, str]],
        by: str,
        at: datetime,
    ) -> tuple[int, ...]:
        """Of the links to evidence that somebody names, by their numbers or, what she has `seen`
        and not linked yet, by kind and id. Raises INVALID `unknown_evidence` for a number of none
        that counts."""
        held = dict(enumerate(self.evidence, 1))
        for index, number in enumerate(linked):
            if number not in held or held[number].voided_at is not None:
                detail = "No link of the goal that counts has this number."
                raise invalid("unknown_evidence", detail, f"/evidence_numbers/{index}")
        for kind, of in seen:
            self.linked(kind, of, by, at)
        return tuple(sorted({*linked, *(number_of(self.evidence, *each) for each in seen)}))

    def void_evidence(self, number: int, by: str, at: datetime) -> None:
        """Let a link no longer count; who made it and the goal's owner may. Raises NOT_FOUND for a
        number that there is not."""
        self.evidence = taken_back(self.evidence, number, self.teacher, by, at)
        self.record(ProgressEvent.EVIDENCE_VOIDED)
