"""Who takes the classes of a teacher who is away, from which day to which."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from services.chassis.kernel import Aggregate, conflict, invalid

MOST_CLASSES = 50  # of one cover
MOST_EARLIER = 20  # terms that are kept
MOST_COVERS = 400  # of one substitute, or one teacher, in a school year, with those that are over


class CoverReason(enum.StrEnum):
    """Why she is away, as far as anybody has to know: there is no place for more."""

    ABSENCE = "absence"
    LEAVE = "leave"
    PROFESSIONAL_LEARNING = "professional_learning"
    RELEASE = "release"
    OTHER_DUTY = "other_duty"


class CoverState(enum.StrEnum):
    OPEN = "open"
    ENDED = "ended"


class CoverEvent(enum.StrEnum):
    ENTERED = "entered"
    CHANGED = "changed"
    ENDED = "ended"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class CoverTerms:
    """`classes` ascend; days are the district's (YYYY-MM-DD), both inclusive and both of
    `school_year`. `over_at` is when the day after `ends` begins."""

    classes: tuple[str, ...]
    reason: CoverReason
    begins: str
    ends: str
    over_at: datetime
    school_year: int


@dataclass(frozen=True, slots=True)
class EarlierCover:
    """What a cover said until it was changed."""

    classes: tuple[str, ...]
    reason: CoverReason
    begins: str
    ends: str
    owner: str
    entered_at: datetime


@dataclass(kw_only=True)
class Cover(Aggregate):
    """`owner`: who entered it or changed it last, at `entered_at`. It counts from `begins` to
    `ends` while it is open, without anything that happens on those days; `over_at` is for
    lists. `earlier`: the newest terms of before, oldest first. What the substitute does in its
    days is hers and stays hers. `teacher_before` and `substitute_before`: whose it was before two
    records of one person became one, or were parted again."""

    teacher: str
    substitute: str
    classes: tuple[str, ...]
    reason: CoverReason
    begins: str
    ends: str
    over_at: datetime
    school_year: int
    owner: str
    entered_at: datetime
    state: CoverState = CoverState.OPEN
    ended_by: str = ""
    ended_at: datetime | None = None
    earlier: tuple[EarlierCover, ...] = ()
    teacher_before: str = ""
    substitute_before: str = ""

    @classmethod
    def enter(
        cls,
        *,
        id: str,
        district: str,
        teacher: str,
        substitute: str,
        terms: CoverTerms,
        by: str,
        at: datetime,
    ) -> Cover:
        if teacher == substitute:
            raise invalid("covers_herself", "It takes somebody else.", "/substitute_id")
        cover = cls(
            id=id,
            district=district,
            teacher=teacher,
            substitute=substitute,
            classes=terms.classes,
            reason=terms.reason,
            begins=terms.begins,
            ends=terms.ends,
            over_at=terms.over_at,
            school_year=terms.school_year,
            owner=by,
            entered_at=at,
        )
        cover._check(by, terms)
        cover.record(CoverEvent.ENTERED)
        return cover

    def change(self, terms: CoverTerms, by: str, at: datetime) -> None:
        """Its classes, its days and the kind of reason. What is over is not made to count again."""
        self.check_change(by, at)
        self._check(by, terms)
        before = EarlierCover(
            self.classes, self.reason, self.begins, self.ends, self.owner, self.entered_at
        )
        self.earlier = (*self.earlier, before)[-MOST_EARLIER:]
        self.classes, self.reason = terms.classes, terms.reason
        self.begins, self.ends, self.over_at = terms.begins, terms.ends, terms.over_at
        self.owner, self.entered_at = by, at
        self.record(CoverEvent.CHANGED)

    def end(self, by: str, at: datetime) -> None:
        """End a cover before its last day, or take it back: it counts no more from now on."""
        self.check_end(by, at)
        self.state = CoverState.ENDED
        self.ended_by, self.ended_at = by, at
        self.record(CoverEvent.ENDED)

    def transfer(self, teacher: str, substitute: str, at: datetime) -> None:
        """Who is away and who takes her classes are the same people under other ids. Where they
        are one person it ends, and keeps the ids that it has."""
        if teacher == substitute:
            if self.state is CoverState.OPEN:
                self.state, self.ended_at = CoverState.ENDED, at
                self.record(CoverEvent.ENDED)
            return
        if teacher != self.teacher:
            self.teacher_before, self.teacher = self.teacher, teacher
        if substitute != self.substitute:
            self.substitute_before, self.substitute = self.substitute, substitute
        self.record(CoverEvent.TRANSFERRED)

    def part(self, at: datetime) -> None:
        """The two are two people after all: where it ended because they were one, and not by
        anybody, it counts again, unless its last day has passed."""
        if self.state is CoverState.ENDED and not self.ended_by and at < self.over_at:
            self.state, self.ended_at = CoverState.OPEN, None
            self.record(CoverEvent.TRANSFERRED)

    def check_change(self, by: str, at: datetime) -> None:
        self.check_end(by, at)
        if self.over_at <= at:
            raise conflict("cover_over", "Its last day has passed: enter another one.")

    def check_end(self, by: str, at: datetime) -> None:
        if self.state is not CoverState.OPEN:
            raise conflict("cover_ended", "It was ended: enter another one.")

    def _check(self, by: str, terms: CoverTerms) -> None:
        if by == self.substitute:
            raise invalid("own_cover", "Nobody gives herself classes.", "/substitute_id")
        if len(terms.classes) > MOST_CLASSES:
            detail = f"At most {MOST_CLASSES} classes: name those that are covered."
            raise invalid("covers_too_many", detail, "/class_ids")
        if terms.ends < terms.begins:
            raise invalid(
                "ends_before_it_begins", "The end lies before the beginning.", "/end_date"
            )
        if terms.school_year != self.school_year:
            detail = "Classes are of one school year: for another one enter another cover."
            raise invalid("other_school_year", detail, "/begin_date")
