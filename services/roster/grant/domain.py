"""A role that the district gives a person beside those of its roster file."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.chassis.kernel import Aggregate, conflict, invalid
from services.roster import came
from services.roster.came import Came
from services.roster.courses import GrantCourse, course_of, further

MOST_REACHED = 100  # orgs and people of one grant, together
MOST_EARLIER = 20  # terms that are kept
MOST_GRANTS = 100  # of one person, ever
RECORDS_LAST = timedelta(days=45)


class GrantRole(enum.StrEnum):
    """None of them lets anybody evaluate."""

    COACH = "coach"
    EXTERNAL_COACH = "external_coach"
    PROGRAM_LEAD = "program_lead"
    FACILITATOR = "facilitator"
    SCHOOL_LEADER = "school_leader"
    SAFEGUARDING = "safeguarding"
    RECORDS_OFFICER = "records_officer"


class GrantState(enum.StrEnum):
    OPEN = "open"
    ENDED = "ended"


class GrantEvent(enum.StrEnum):
    GIVEN = "given"
    CHANGED = "changed"
    ENDED = "ended"
    TRANSFERRED = "transferred"
    BEGUN = "begun"
    ENDING = "ending"
    LAPSED = "lapsed"


_TOLD = {GrantCourse.ENDING: GrantEvent.ENDING, GrantCourse.LAPSED: GrantEvent.LAPSED}


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """Whom a grant reaches and when: `orgs` and `people` ascend, days are the district's
    (YYYY-MM-DD), both inclusive, and an empty `ends` is open. `over_at` is when the day after
    `ends` begins; `course` is where in these days they are said."""

    orgs: tuple[str, ...]
    people: tuple[str, ...]
    begins: str
    ends: str
    over_at: datetime | None
    reason: str
    course: GrantCourse = GrantCourse.COUNTING


@dataclass(frozen=True, slots=True)
class EarlierGrant:
    """What a grant said until it was changed."""

    orgs: tuple[str, ...]
    people: tuple[str, ...]
    begins: str
    ends: str
    reason: str
    owner: str
    given_at: datetime


@dataclass(kw_only=True)
class Grant(Aggregate):
    """No import touches it. `owner`: who gave it or changed it last, at `given_at`. It counts from
    `begins` to `ends` while it is open, by these days alone; `over_at` is for lists, and `course`
    is how far it had come when that was told last. `earlier`: the newest terms of before, oldest
    first. `transferred_from`: whose it was before two records of one person became one, or were
    parted again; `came`: which of `people` are reached in place of others since."""

    person: str
    role: GrantRole
    orgs: tuple[str, ...]
    people: tuple[str, ...]
    begins: str
    ends: str
    over_at: datetime | None
    reason: str
    owner: str
    given_at: datetime
    state: GrantState = GrantState.OPEN
    ended_by: str = ""
    ended_at: datetime | None = None
    end_reason: str = ""
    earlier: tuple[EarlierGrant, ...] = ()
    transferred_from: str = ""
    came: tuple[Came, ...] = ()
    course: GrantCourse = GrantCourse.COUNTING

    @classmethod
    def give(
        cls,
        *,
        id: str,
        district: str,
        person: str,
        role: GrantRole,
        terms: GrantTerms,
        by: str,
        at: datetime,
    ) -> Grant:
        grant = cls(
            id=id,
            district=district,
            person=person,
            role=role,
            orgs=terms.orgs,
            people=terms.people,
            begins=terms.begins,
            ends=terms.ends,
            over_at=terms.over_at,
            reason=terms.reason,
            owner=by,
            given_at=at,
            course=terms.course,
        )
        grant._check(by, terms)
        grant.record(GrantEvent.GIVEN)
        return grant

    def change(self, terms: GrantTerms, by: str, at: datetime) -> None:
        """Whom it reaches, its days and why. What is over is not made to count again."""
        self.check_change(by, at)
        self._check(by, terms)
        before = EarlierGrant(
            self.orgs,
            self.people,
            self.begins,
            self.ends,
            self.reason,
            self.owner,
            self.given_at,
        )
        self.earlier = (*self.earlier, before)[-MOST_EARLIER:]
        self.orgs, self.people = terms.orgs, terms.people
        self.came = came.of_named(self.came, terms.people)
        self.begins, self.ends, self.over_at = terms.begins, terms.ends, terms.over_at
        self.reason, self.owner, self.given_at = terms.reason, by, at
        self.course = terms.course
        self.record(GrantEvent.CHANGED)

    def end(self, reason: str, by: str, at: datetime) -> None:
        """Before its last day; it counts no more from now on."""
        self.check_end(by, at)
        self.state = GrantState.ENDED
        self.ended_by, self.ended_at, self.end_reason = by, at, reason
        self.record(GrantEvent.ENDED)

    def go_on(self, today: date) -> None:
        """Tell that it has begun, that it ends soon, or that it is over by its days; once each, and
        the last of them where it is late. Nothing of what was ended."""
        course = course_of(self.begins, self.ends, today)
        if self.state is not GrantState.OPEN or not further(course, self.course):
            return
        ahead, self.course = self.course is GrantCourse.AHEAD, course
        began = ahead and course is not GrantCourse.LAPSED
        self.record(GrantEvent.BEGUN if began else _TOLD[course])

    def transfer(self, person: str, people: tuple[str, ...], came: tuple[Came, ...] = ()) -> None:
        """Who has it and whom it reaches are the same people under other ids."""
        if person != self.person:
            self.transferred_from, self.person = self.person, person
        self.people, self.came = people, came
        self.record(GrantEvent.TRANSFERRED)

    def check_change(self, by: str, at: datetime) -> None:
        self.check_end(by, at)
        if self.over_at is not None and self.over_at <= at:
            raise conflict("grant_over", "Its last day has passed: give another one.")

    def check_end(self, by: str, at: datetime) -> None:
        if self.state is not GrantState.OPEN:
            raise conflict("grant_ended", "It was ended: give another one.")

    def _check(self, by: str, terms: GrantTerms) -> None:
        if by == self.person:
            raise invalid("own_grant", "Nobody gives a role to herself.", "/person_id")
        if not (terms.orgs or terms.people):
            detail = "It reaches nobody: name orgs or people."
            raise invalid("grant_reaches_nobody", detail, "/org_ids")
        if len(terms.orgs) + len(terms.people) > MOST_REACHED:
            detail = f"At most {MOST_REACHED} orgs and people together."
            raise invalid("grant_reaches_too_many", detail, "/person_ids")
        if terms.ends and terms.ends < terms.begins:
            raise invalid(
                "ends_before_it_begins", "The end lies before the beginning.", "/end_date"
            )
        if self.role is GrantRole.EXTERNAL_COACH:
            _check_external(terms)
        if self.role is GrantRole.RECORDS_OFFICER:
            _check_records(terms)


def _check_external(terms: GrantTerms) -> None:
    if terms.orgs:
        detail = "Who comes from outside coaches named teachers alone."
        raise invalid("external_coach_by_name", detail, "/org_ids")
    if not terms.ends:
        detail = "For who comes from outside there is a last day."
        raise invalid("external_coach_ends", detail, "/end_date")


def _check_records(terms: GrantTerms) -> None:
    if terms.orgs:
        detail = "Records are fetched of named people alone."
        raise invalid("records_officer_by_name", detail, "/org_ids")
    if not terms.ends:
        raise invalid("records_officer_ends", "A records request has a last day.", "/end_date")
    if date.fromisoformat(terms.ends) - date.fromisoformat(terms.begins) >= RECORDS_LAST:
        detail = f"A records request lasts at most {RECORDS_LAST.days} days."
        raise invalid("records_officer_too_long", detail, "/end_date")
