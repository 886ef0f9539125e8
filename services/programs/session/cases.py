"""What callers do with coaching sessions, until they are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.access.access import Access
from services.access.coaching import granted_coaching
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.guarded import About, Guarded, GuardedList, GuardedReads
from services.access.school_days import SchoolDays
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, Instant
from services.chassis.kernel import Clock, Fault, Kind, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import Scalar
from services.chassis.write.drafts import Drafts
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.relationship.domain import Relationship
from services.programs.session.domain import (
    MOST_MINUTES,
    MOST_TEACHERS,
    CoachingSession,
)
from services.programs.session.outline import (
    Activity,
    Barrier,
    CoachingSessionOutline,
    CoachingSessionState,
    Modality,
    SessionKind,
    TimeSpent,
)

BY_DATE = ByDate("starts_at", within=("state",))
LATEST_DAYS = 15  # instructional days after which a session can no more be recorded
MOST_OF_A_COACH = 4_000  # in a school year, with what was taken back
MOST_OF_A_TEACHER = 600  # in a school year, without what was cancelled
MOST_OF_THE_TWO = 400  # of these of one coach
_CANCELLED = {"state": CoachingSessionState.CANCELLED.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for duties; `relationships` are read alone."""

    sessions: Guarded[CoachingSession]
    path: WritePath[CoachingSession]
    summaries: GuardedList[CoachingSessionOutline]
    reads: GuardedReads
    relationships: WritePath[Relationship]
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsManyAnew
    days: Days
    school_days: SchoolDays
    clock: Clock


def whose(session: CoachingSessionOutline) -> About:
    return between(session.coach, session.teachers)


def between(coach: str, teachers: Sequence[str]) -> About:
    """Of one with a single teacher it is decided as of her work; of any other, its coach and whom
    it is of are let in."""
    sides = (coach, *teachers)
    if len(teachers) == 1:
        return About(teacher=teachers[0], visible_to=lambda person: person in sides)
    return About(parties=sides)


async def check_coached(
    ports: Ports, call: Call, coach: str, teachers: Sequence[str], place: str = "/teacher_ids"
) -> None:
    """Raises INVALID unless each has a relationship with the coach that is in force today: it is
    active, and of a school year that counts. At most 2 database commands for each of them."""
    now = ports.clock.now()
    this = ports.days.school_year_of(call.district, now)
    years = [each for each in (this, this - 1) if ports.days.counts(call.district, now, each)]
    for index, teacher in enumerate(teachers):
        for year in years:
            id_ = ports.relationships.derived_id(call.district, coach, teacher, str(year))
            known = await if_there(ports.relationships.get(call.district, id_))
            if known is not None and known.active:
                break
        else:
            detail = "This coach has no relationship with this teacher that is in force."
            raise invalid("no_relationship", detail, f"{place}/{index}")


def several(teachers: Sequence[str]) -> Sequence[str]:
    """Of whom it is asked anew whether she is still coached, before more is said of a session with
    them: of a single one the policy asks it."""
    return teachers if len(teachers) > 1 else ()


async def _check_supports(ports: Ports, call: Call) -> None:
    """Time without a teacher is of whoever coaches by a role or a grant."""
    today, rules = ports.access.today(call.district), ports.access.rules(call.district)
    profile = await ports.access.profile(call.district, call.principal.person)
    coaches = profile is not None and (
        profile.is_coach(today, rules.roles) or granted_coaching(profile, today, "")
    )
    if not coaches:
        detail = "You have no coaching role today, nor a grant to coach."
        raise Fault(Kind.FORBIDDEN, "not_a_coach", detail)


def bounds_of(session: CoachingSession, places: int = 1) -> Sequence[Bound]:
    """How many there may be in a school year, of its coach and of each whom it is of, for so many
    more of its kind, and of the two, so that another coach of hers finds places. What was cancelled
    takes nothing from a teacher, only from the coach."""
    year = session.school_year
    coach = f"A coach has at most {MOST_OF_A_COACH} sessions in a school year."
    hers = f"A teacher has at most {MOST_OF_A_TEACHER} sessions in a school year."
    code = "too_many_sessions"
    of_her: dict[str, Scalar] = {"coach": session.coach, "school_year": year}
    bounds = [Bound(of_her, MOST_OF_A_COACH, code, coach, places=places)]
    for each in session.teachers:
        of: dict[str, Scalar] = {"teachers": each, "school_year": year}
        bounds.append(Bound(of, MOST_OF_A_TEACHER, code, hers, _CANCELLED, places))
        two = f"One coach has at most {MOST_OF_THE_TWO} sessions with a teacher in a school year."
        of_two = of | {"coach": session.coach}
        bounds.append(Bound(of_two, MOST_OF_THE_TWO, code, two, _CANCELLED, places))
    return bounds


async def check_begins(ports: Ports, call: Call, new: CoachingSession, place: str) -> None:
    """What must hold of others when a session is made."""
    now = ports.clock.now()
    ports.days.check_current(call.district, now, new.school_year, place, ended_too=True)
    if new.kind is SessionKind.SUPPORT:
        await _check_supports(ports, call)
    await check_coached(ports, call, new.coach, new.teachers)


async def check_held_at(
    ports: Ports, session: CoachingSession, held_at: datetime, recorded_at: datetime
) -> None:
    """Raises INVALID for what is to come, and for what more than 15 instructional days have passed
    since, for each whom it is of. No database command when warm, unless it is refused."""
    if held_at > recorded_at:
        raise invalid("held_in_the_future", "That is still to come.", "/held_at")
    asked = (session.district, held_at, recorded_at, session.teachers)
    if await ports.school_days.over(LATEST_DAYS, *asked):
        detail = f"More than {LATEST_DAYS} instructional days have passed since."
        raise invalid("held_too_long_ago", detail, "/held_at")


def in_its_year(ports: Ports, session: CoachingSessionOutline, instant: datetime) -> None:
    """Raises INVALID for an instant in another school year than the session's."""
    if ports.days.school_year_of(session.district, instant, "/held_at") != session.school_year:
        detail = "That is in another school year: cancel it and record another."
        raise invalid("another_school_year", detail, "/held_at")


HowItIs = Annotated[Modality, Field(strict=False)]
Barriers = Annotated[
    list[Annotated[Barrier, Field(strict=False)]],
    Field(max_length=len(Barrier), description="What stood in the way", examples=[["turnover"]]),
]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]


class ScheduleCoachingSession(Body):
    coach_id: Id | None = Field(default=None, description="Whoever asks, unless another is named")
    teacher_ids: list[Id] = Field(default=[], max_length=MOST_TEACHERS, examples=[["teacher-1"]])
    kind: Annotated[SessionKind, Field(strict=False)] = SessionKind.INDIVIDUAL
    starts_at: Instant = Field(examples=["2026-11-04T15:30:00Z"])
    modality: HowItIs = Modality.IN_PERSON


async def schedule_coaching_session(
    ports: Ports, call: Call, asked: ScheduleCoachingSession
) -> CoachingSession:
    """Plan a session of a coach with a teacher, as either of them; with several, or time in support
    of teachers without any, as the coach. With each teacher she has a relationship in force.

    Raises INVALID where she has none, and for a time in another school year than this one, the
    next or the last in its grace."""

    async def make() -> CoachingSession:
        new = planned(ports, call, asked).scheduled()

        async def check() -> None:
            await check_begins(ports, call, new, "/starts_at")

        return await ports.sessions.create(call, new, bounds_of(new), check)

    return await ports.reads.one(call, sides(call, asked), make)


def sides(call: Call, asked: ScheduleCoachingSession) -> About:
    """Whom what is asked for is about: who may is decided by it before anything else."""
    return between(asked.coach_id or call.principal.person, asked.teacher_ids)


def planned(ports: Ports, call: Call, asked: ScheduleCoachingSession) -> CoachingSession:
    """What is asked for. Raises FORBIDDEN for one of several that is another's."""
    by = call.principal.person
    new = new_session(ports, call, asked.coach_id or by, asked.teacher_ids, asked.starts_at)
    new.kind, new.modality = asked.kind, asked.modality
    if new.kind is not SessionKind.INDIVIDUAL and by != new.coach:
        raise Fault(Kind.FORBIDDEN, "coach_only", "Only the coach of the session does this.")
    return new


def new_session(
    ports: Ports,
    call: Call,
    coach: str,
    teachers: Sequence[str],
    starts_at: datetime,
    place: str = "/starts_at",
) -> CoachingSession:
    """One with a single teacher, unless it is made another."""
    return CoachingSession(
        id=ports.sessions.new_id(call),
        district=call.district,
        coach=coach,
        teachers=tuple(teachers),
        kind=SessionKind.INDIVIDUAL,
        school_year=ports.days.school_year_of(call.district, starts_at, place),
        starts_at=starts_at,
        scheduled_by=call.principal.person,
        scheduled_at=ports.clock.now(),
    )


class RescheduleCoachingSession(Body):
    starts_at: Instant = Field(examples=["2026-11-05T15:30:00Z"])


async def reschedule_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: RescheduleCoachingSession
) -> CoachingSession:
    """Move a session that is still to come to another time of its school year; its coach only."""

    def act(session: CoachingSession) -> None:
        session.reschedule(call.principal.person, ports.clock.now(), asked.starts_at)
        year = ports.days.school_year_of(call.district, asked.starts_at, "/starts_at")
        if year != session.school_year:
            detail = "That is in another school year: cancel it and plan another."
            raise invalid("another_school_year", detail, "/starts_at")

    return await ports.sessions.change(call, coaching_session_id, act)


class SpentOn(Body):
    activity: Annotated[Activity, Field(strict=False)] = Field(examples=["debrief"])
    minutes: Minutes = Field(examples=[30])


def spent(minutes: int | None, activities: Sequence[SpentOn]) -> tuple[TimeSpent, ...]:
    """Raises INVALID unless each minute went into one of the activities."""
    found = tuple(TimeSpent(each.activity, each.minutes) for each in activities)
    if minutes is not None and sum(each.minutes for each in found) != minutes:
        detail = "Each minute goes into one activity: theirs add up to the session's."
        raise invalid("minutes_differ", detail, "/minutes")
    return found
