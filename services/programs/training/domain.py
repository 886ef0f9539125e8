"""What somebody who coaches, rates or observes was trained in, and by when that holds.

It says that a training took place and when, never how she did: no field is for a score, a grade or
what anybody thought of it, and none is of free words, in which one could say so. What it was in is
an observation tool or one of a few topics, who trained her one of a few kinds of provider.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.chassis.corrections import Correction, with_one_more
from services.chassis.kernel import Aggregate, Fault, Kind, conflict, invalid

MOST_CORRECTIONS = 10
EXPIRES_SOON = timedelta(days=60)
LONGEST_AGO = 10  # years since it was completed
LONGEST_HELD = 10  # years: the time for which it is kept begins when it holds no more


class TrainingKind(enum.StrEnum):
    COACHING = "coaching"
    RATING = "rating"  # with the observation tool that it names
    READING_DATA = "reading_data"
    SUPERVISED_SESSION = "supervised_session"  # a coach of coaches has sat in on a session of hers


class TrainingTopic(enum.StrEnum):
    """What those who coach, or read data, are trained in."""

    COACHING_CYCLE = "coaching_cycle"
    FEEDBACK = "feedback"  # on what was observed
    CONTENT_KNOWLEDGE = "content_knowledge"
    FACILITATION = "facilitation"  # of groups
    STUDENT_SURVEYS = "student_surveys"
    OBSERVATION_SCORES = "observation_scores"
    STUDENT_WORK = "student_work"


TOPICS = {
    TrainingKind.COACHING: (
        TrainingTopic.COACHING_CYCLE,
        TrainingTopic.FEEDBACK,
        TrainingTopic.CONTENT_KNOWLEDGE,
        TrainingTopic.FACILITATION,
    ),
    TrainingKind.READING_DATA: (
        TrainingTopic.STUDENT_SURVEYS,
        TrainingTopic.OBSERVATION_SCORES,
        TrainingTopic.STUDENT_WORK,
    ),
}


class TrainingProvider(enum.StrEnum):
    """Who trained her, or sat in."""

    DISTRICT = "district"
    PROGRAM = "program"
    PUBLISHER = "publisher"  # of the instrument
    REGIONAL_CENTER = "regional_center"
    STATE = "state"
    UNIVERSITY = "university"
    OTHER = "other"


class TrainingState(enum.StrEnum):
    """On a day: nothing happens when one becomes another."""

    CURRENT = "current"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    VOIDED = "voided"


class TrainingEvent(enum.StrEnum):
    RECORDED = "recorded"
    CONTESTED = "contested"
    CORRECTED = "corrected"
    VOIDED = "voided"
    TRANSFERRED = "transferred"


class TrainingReason(enum.StrEnum):
    """Why a record is put right: no words, in which one could say how she did."""

    MISTYPED = "mistyped"
    CONTESTED = "contested"  # she has said that it is wrong
    RECORDED_TWICE = "recorded_twice"
    ANOTHER_PERSON = "another_person"  # it is about somebody else


@dataclass(frozen=True, slots=True)
class TrainingSaid:
    """`tool`: the observation tool with which she may rate, which does not change once it is
    published, so that its id says its version, too; empty of all else. `topic`: of what the kind
    has, a TrainingTopic; empty of a kind that has none. `completed_on`, `expires_on`: days
    (YYYY-MM-DD); until the end of the latter it holds, empty: for good."""

    tool: str
    topic: str
    completed_on: str
    expires_on: str
    provider: TrainingProvider

    def check(self, kind: TrainingKind) -> None:
        """Raises INVALID where it does not go with the kind, ends before it begins, or holds for
        too long."""
        rates, topics = kind is TrainingKind.RATING, TOPICS.get(kind, ())
        if rates and not self.tool:
            raise invalid("tool_needed", "Say with which tool she may rate.", "/tool_id")
        if self.tool and not rates:
            raise invalid("tool_not_taken", "A tool is of who rates.", "/tool_id")
        if topics and not self.topic:
            raise invalid("topic_needed", "Say what she was trained in.", "/topic")
        if self.topic and self.topic not in topics:
            raise invalid("topic_not_taken", "The kind of training has no such topic.", "/topic")
        if kind is TrainingKind.SUPERVISED_SESSION and self.expires_on:
            detail = "That somebody sat in on a session does not expire."
            raise invalid("expiry_not_taken", detail, "/expires_on")
        if self.expires_on and self.expires_on <= self.completed_on:
            detail = "It ends to hold after the day on which it was completed."
            raise invalid("ends_before_it_begins", detail, "/expires_on")
        if self.expires_on and self._held_too_long():
            detail = f"It holds for {LONGEST_HELD} years at most, or for good."
            raise invalid("expires_too_late", detail, "/expires_on")

    def _held_too_long(self) -> bool:
        begun, ends = date.fromisoformat(self.completed_on), date.fromisoformat(self.expires_on)
        last = (begun.year + LONGEST_HELD, begun.month, begun.day)
        return (ends.year, ends.month, ends.day) > last


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCorrection(Correction):
    """What was said before; `reason` is a TrainingReason."""

    was: TrainingSaid


@dataclass(kw_only=True)
class Training(Aggregate):
    """`recorded_by` has recorded it about `person`, as who leads `program` or for the district.
    `by_lead`: not as the district. `counts`: it was not voided. `school_year`: in which it was
    recorded. `expires_at`: when the day of `expires_on` is over in the district; None of what holds
    for good or counts no more. `contest_note`: what she says is wrong, for whoever recorded it,
    until it is corrected; `contests`: how often she has said so. `transferred_from`: about whom it
    was before two records of one person became one, or were parted again."""

    person: str
    kind: TrainingKind
    program: str
    says: TrainingSaid
    school_year: int
    recorded_by: str
    by_lead: bool
    recorded_at: datetime
    counts: bool = True
    expires_at: datetime | None = None
    contested_at: datetime | None = None
    contest_note: str = ""
    contests: int = 0
    corrections: tuple[TrainingCorrection, ...] = ()
    voided_at: datetime | None = None
    transferred_from: str = ""

    def recorded(self) -> Training:
        """With its first event."""
        self.record(TrainingEvent.RECORDED)
        return self

    def state_on(self, today: date) -> TrainingState:
        if self.voided_at is not None:
            return TrainingState.VOIDED
        if not self.says.expires_on:
            return TrainingState.CURRENT
        last = date.fromisoformat(self.says.expires_on)
        if last < today:
            return TrainingState.EXPIRED
        return TrainingState.EXPIRING if last <= today + EXPIRES_SOON else TrainingState.CURRENT

    @property
    def version_told(self) -> int:
        """To whom it is not told that she says it is wrong: it does not rise by that. None of these
        may change it, so that no change of theirs comes to be held against the version."""
        return self.version - self.contests

    def check_counts(self) -> None:
        if self.voided_at is not None:
            raise conflict("training_voided", "It was voided: it counts no more.")

    def check_contest(self, by: str, at: datetime) -> None:
        """Whether there is something to say against it, and she has not said so already."""
        if by != self.person:
            raise Fault(Kind.FORBIDDEN, "hers_alone", "Only whom it is about says that.")
        self.check_counts()
        if self.contested_at is not None:
            raise conflict("contested_already", "She has said already that it is wrong.")

    def contest(self, by: str, at: datetime, note: str) -> None:
        """It goes on counting until it is put right or voided."""
        self.check_contest(by, at)
        self.contested_at, self.contest_note = at, note
        self.contests += 1
        self.record(TrainingEvent.CONTESTED)

    def correct(
        self,
        by: str,
        at: datetime,
        said: TrainingSaid,
        expires_at: datetime | None,
        reason: TrainingReason,
    ) -> None:
        """It was something else; what was said before stays. What she has said against that is
        answered: of what it is now she may say so once more. The same again changes nothing."""
        self.check_counts()
        was = TrainingCorrection(reason=reason.value, by=by, at=at, was=self.says)
        full = Fault(Kind.LIMITED, "too_many_corrections", "It was corrected too often: void it.")
        kept = with_one_more(self.corrections, self.says, said, was, MOST_CORRECTIONS, full)
        if kept is None:
            return
        self.corrections, self.says, self.expires_at = kept, said, expires_at
        self.contested_at, self.contest_note = None, ""
        self.record(TrainingEvent.CORRECTED)

    def void(self, by: str, at: datetime, reason: TrainingReason) -> None:
        """It should not have been recorded: it counts no more, for good, and stays visible."""
        self.check_counts()
        last = TrainingCorrection(reason=reason.value, by=by, at=at, was=self.says)
        self.corrections = (*self.corrections, last)
        self.counts, self.voided_at, self.expires_at = False, at, None
        self.record(TrainingEvent.VOIDED)

    def transfer(self, to: str) -> None:
        """It is about the same person under her other id: nothing else changes."""
        self.transferred_from, self.person = self.person, to
        self.record(TrainingEvent.TRANSFERRED)
