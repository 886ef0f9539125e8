"""What a list shows of a coaching session, its words, and the rules of who may do what with it
when: they raise what the refusal is."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.corrections import Correction
from services.chassis.kernel import Aggregate, Fault, Kind, conflict


class SessionKind(enum.StrEnum):
    """With whom a coach spends the time. `individual` is of one teacher and between the two;
    `support` is without any. `peer` is no coach's: a pair's or a group's among themselves."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    WORKSHOP = "workshop"
    COMMUNITY_MEETING = "community_meeting"
    SUPPORT = "support"
    PEER = "peer"


class CoachingSessionState(enum.StrEnum):
    SCHEDULED = "scheduled"
    HELD = "held"
    SUMMARIZED = "summarized"
    MISSED = "missed"
    CANCELLED = "cancelled"
    VOIDED = "voided"


HELD = (CoachingSessionState.HELD, CoachingSessionState.SUMMARIZED)


class Modality(enum.StrEnum):
    IN_PERSON = "in_person"
    VIRTUAL = "virtual"
    PHONE = "phone"


class Activity(enum.StrEnum):
    """What the time of a session went into: the union of the logs that coaches keep."""

    PLAN = "plan"
    OBSERVE = "observe"
    DEBRIEF = "debrief"
    MODEL = "model"
    CO_TEACH = "co_teach"
    LOOK_AT_WORK = "look_at_work"
    DATA_REVIEW = "data_review"
    RESOURCES = "resources"
    CONFERENCE_CALL = "conference_call"
    PD_DELIVER = "pd_deliver"
    PD_RECEIVE = "pd_receive"
    TRAVEL = "travel"
    DOCUMENTATION = "documentation"
    ADMIN_DUTY = "admin_duty"
    PULLED_AWAY = "pulled_away"


class Barrier(enum.StrEnum):
    """What stood in the way of a session, or kept it from taking place."""

    TIME = "time"
    SCHEDULE = "schedule"
    TURNOVER = "turnover"
    COMPETING_DEMANDS = "competing_demands"
    RELUCTANCE = "reluctance"
    RESOURCES = "resources"


class SessionEvent(enum.StrEnum):
    SCHEDULED = "scheduled"
    RESCHEDULED = "rescheduled"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUMMARIZED = "summarized"
    CORRECTED = "corrected"
    VOIDED = "voided"
    TRANSFERRED = "transferred"
    RESTATED = "restated"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, and who was of the session until it: they are told, too."""

    event: SessionEvent
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """How many minutes went into an activity: each minute of a session into one."""

    activity: Activity
    minutes: int


@dataclass(frozen=True, slots=True)
class PlannedBefore:
    """When and how it was to be held, until `by` moved it, or recorded another time, `at`."""

    starts_at: datetime
    modality: Modality
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    """`before` is `after` since two records of a person became one; `both` were of the session."""

    before: str
    after: str
    both: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a session that was held."""

    held_at: datetime
    activities: tuple[TimeSpent, ...]
    came: tuple[str, ...]
    modality: Modality
    barriers: tuple[Barrier, ...] = ()
    materials_unit: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCorrection(Correction):
    """What was recorded before."""

    was: Recorded


def once(barriers: Collection[Barrier]) -> tuple[Barrier, ...]:
    """Each once, in the order of their names."""
    return tuple(sorted(set(barriers)))


def renamed(
    people: Sequence[str], before: str, after: str, keeps: Sequence[str]
) -> tuple[str, ...]:
    """`after` in the place of `before`; `keeps` stay beside her where she was."""
    named = (after if each == before else each for each in people)
    return tuple(dict.fromkeys((*named, *(each for each in keeps if before in people))))


@dataclass(kw_only=True)
class CoachingSessionOutline(Aggregate):
    """A session without its summary: what a list shows of it. `teachers` are whom it is of: until
    it is held those who are to come, then those who came. `invited`: how many were to come.
    `circle`: the pair or group that meets without a `coach`, which then is empty; empty of any
    other. `starts_at`: when it is to begin, and once it is held, when it did, by whoever recorded
    it; `recorded_at` is the server's, of when that was. `series`: of which it is one, empty of
    none."""

    coach: str
    teachers: tuple[str, ...]
    kind: SessionKind
    school_year: int
    starts_at: datetime
    scheduled_by: str
    scheduled_at: datetime
    modality: Modality = Modality.IN_PERSON
    invited: int = 0
    state: CoachingSessionState = CoachingSessionState.SCHEDULED
    activities: tuple[TimeSpent, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    materials_unit: str = ""
    series: str = ""
    circle: str = ""
    recorded_at: datetime | None = None
    summarized_at: datetime | None = None
    cancelled_at: datetime | None = None
    corrected_at: datetime | None = None
    voided_at: datetime | None = None

    @property
    def minutes(self) -> int:
        """Those of its activities together: they are kept nowhere else."""
        return sum(each.minutes for each in self.activities)

    @property
    def held(self) -> bool:
        return self.state in HELD

    @property
    def held_as_meeting(self) -> bool:
        """Whether its minutes are those of a community meeting that was held."""
        return self.held and self.kind is SessionKind.COMMUNITY_MEETING

    def visible_to(self, person: str) -> bool:
        """Among those whom the policy admits: its coach and whom it is of, and no other coach of
        hers. Of lists the store is asked the same by `lists.seen_by`."""
        return person == self.coach or person in self.teachers

    def check_reschedule(self, by: str, at: datetime) -> None:
        """Whether it may be moved; raises what the refusal is, as all rules do."""
        self.check_mine(by)
        self._to_come()

    def check_hold(self, by: str, at: datetime) -> None:
        self.check_reschedule(by, at)

    def check_miss(self, by: str, at: datetime) -> None:
        self.check_reschedule(by, at)
        if self.starts_at > at:
            raise conflict("not_begun", "It is still to come: cancel it, or move it.")

    def check_cancel(self, by: str, at: datetime) -> None:
        """Of one with a single teacher she may, too."""
        if self.kind is not SessionKind.INDIVIDUAL or by not in self.teachers:
            self.check_mine(by)
        self._to_come()

    def check_summarize(self, by: str, at: datetime) -> None:
        self.check_mine(by)
        if self.state is not CoachingSessionState.HELD:
            raise conflict("not_held", "Only a session that was held is summarized, once.")

    def check_correct(self, by: str, at: datetime) -> None:
        self.check_mine(by)
        if not self.held:
            raise conflict("not_held", "Only what was recorded of a held session is corrected.")

    def check_void(self, by: str, at: datetime) -> None:
        self.check_mine(by)
        if not self.held and self.state is not CoachingSessionState.MISSED:
            raise conflict("not_recorded", "Only a session that was held or missed is voided.")

    def check_mine(self, by: str) -> None:
        """Raises FORBIDDEN for anybody but its coach; what a circle has each who is of it may."""
        if by != self.coach and not (self.circle and by in self.teachers):
            detail = "Only the coach of the session does this."
            raise Fault(Kind.FORBIDDEN, "coach_only", detail)

    def _to_come(self) -> None:
        if self.state is not CoachingSessionState.SCHEDULED:
            raise conflict("not_scheduled", "Only a session that is still to come can be.")
