"""What callers do with coaching sessions, until they are held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.access.access import Access
from services.access.coaching import granted_coaching
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.guarded import About, Guarded, GuardedList, GuardedReads
from services.access.peers import may_be_peer
from services.access.school_days import SchoolDays
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id
from services.chassis.kernel import Clock, Fault, Kind, conflict, if_there, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath
from services.programs.circle.domain import Circle
from services.programs.relationship.domain import Relationship
from services.programs.session.bodies import (
    RescheduleCoachingSession,
    ScheduleCoachingSession,
    SpentOn,
)
from services.programs.session.bounds import bounds_of
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import (
    CoachingSessionOutline,
    SessionKind,
    TimeSpent,
)

BY_DATE = ByDate("starts_at", within=("state",))
LATEST_DAYS = 15  # instructional days after which a session can no more be recorded
NOBODY = ("",)


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for duties; `relationships` and `circles` are read alone."""

    sessions: Guarded[CoachingSession]
    path: WritePath[CoachingSession]
    summaries: GuardedList[CoachingSessionOutline]
    reads: GuardedReads
    relationships: WritePath[Relationship]
    circles: WritePath[Circle]
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsManyAnew
    days: Days
    school_days: SchoolDays
    clock: Clock


async def whose(access: Access, session: CoachingSessionOutline) -> About:
    """What a circle has is of who came, and has no power over the others today: who leads or may
    lead is let into none. No database command when profiles are warm."""
    if not session.circle:
        return between(session.coach, session.teachers)
    district = session.district
    await access.profiles(district, session.teachers)  # with one command
    parties = [each for each in session.teachers if not await access.may_lead(district, each)]
    return About(parties=tuple(parties) or NOBODY)


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


async def check_in_force(
    ports: Ports,
    call: Call,
    session: CoachingSession,
    teachers: Sequence[str],
    place: str = "/teacher_ids",
) -> None:
    """As `check_coached`; of what a circle has, raises CONFLICT unless the caller works together
    with the others in it today, and INVALID for who has not joined it. 1 database command."""
    if not session.circle:
        await check_coached(ports, call, session.coach, teachers, place)
        return
    district, by, now = call.district, call.principal.person, ports.clock.now()
    circle = await if_there(ports.circles.get(district, session.circle))
    joined = circle.joined if circle is not None and circle.active else ()
    me = await ports.access.profile(district, by)
    peer = may_be_peer(me, ports.access.today(district), ports.access.rules(district))
    if by not in joined or not peer or not ports.days.counts(district, now, session.school_year):
        detail = "Only who works together today, and is known to, meets as a pair or a group."
        raise conflict("not_together", detail)
    for index, each in enumerate(teachers):
        if each not in joined:
            detail = "She has not joined this pair or group."
            raise invalid("not_joined", detail, f"{place}/{index}")


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


async def check_begins(ports: Ports, call: Call, new: CoachingSession, place: str) -> None:
    """What must hold of others when a session is made."""
    now = ports.clock.now()
    ports.days.check_current(call.district, now, new.school_year, place, ended_too=True)
    if new.kind is SessionKind.SUPPORT:
        await _check_supports(ports, call)
    await check_in_force(ports, call, new, new.teachers)


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


async def schedule_coaching_session(
    ports: Ports, call: Call, asked: ScheduleCoachingSession
) -> CoachingSession:
    """Plan a session of a coach with a teacher, as either of them; with several, or time in support
    of teachers without any, as the coach. With each teacher she has a relationship in force. Or one
    of a pair or a group among themselves, as one who has joined it.

    Raises INVALID where she has none, and for a time in another school year than this one, the
    next or the last in its grace; CONFLICT where the circle is not active."""
    circle = await circle_of(ports, call, asked)

    async def make() -> CoachingSession:
        new = planned(ports, call, asked, circle).scheduled()

        async def check() -> None:
            await check_begins(ports, call, new, "/starts_at")

        return await ports.sessions.create(call, new, bounds_of(new), check)

    return await ports.reads.one(call, sides(call, asked, circle), make)


async def circle_of(ports: Ports, call: Call, asked: ScheduleCoachingSession) -> Circle | None:
    """None where none is named, and of one there is not. 1 database command."""
    if asked.circle_id is None:
        return None
    ports.access.check_scope(call)
    return await if_there(ports.circles.get(call.district, asked.circle_id))


def sides(call: Call, asked: ScheduleCoachingSession, circle: Circle | None) -> About:
    """Whom what is asked for is about: who may is decided by it before anything else."""
    if asked.circle_id is not None:
        return About(parties=(circle.joined if circle is not None else ()) or NOBODY)
    return between(asked.coach_id or call.principal.person, asked.teacher_ids)


def planned(
    ports: Ports, call: Call, asked: ScheduleCoachingSession, circle: Circle | None
) -> CoachingSession:
    """What is asked for. Raises FORBIDDEN for one of several that is another's."""
    by = call.principal.person
    if circle is not None:
        return _of_peers(ports, call, asked, circle)
    if asked.kind is SessionKind.PEER:
        raise invalid("circle_needed", "Name the pair or group that meets.", "/circle_id")
    new = new_session(ports, call, asked.coach_id or by, asked.teacher_ids, asked.starts_at)
    new.kind, new.modality = asked.kind, asked.modality
    if new.kind is not SessionKind.INDIVIDUAL and by != new.coach:
        raise Fault(Kind.FORBIDDEN, "coach_only", "Only the coach of the session does this.")
    return new


def _of_peers(
    ports: Ports, call: Call, asked: ScheduleCoachingSession, circle: Circle
) -> CoachingSession:
    if asked.coach_id is not None:
        raise invalid("no_coach", "A pair or a group meets without a coach.", "/coach_id")
    if asked.kind not in (SessionKind.INDIVIDUAL, SessionKind.PEER):
        raise invalid("no_coach", "A pair or a group meets without a coach.", "/kind")
    teachers = asked.teacher_ids or circle.joined
    if call.principal.person not in teachers:
        raise invalid("caller_missing", "Who plans it is one of them.", "/teacher_ids")
    new = new_session(ports, call, "", teachers, asked.starts_at)
    new.kind, new.modality, new.circle = SessionKind.PEER, asked.modality, circle.id
    if new.school_year != circle.school_year:
        detail = "That is in another school year than the pair or group is of."
        raise invalid("another_school_year", detail, "/starts_at")
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


async def reschedule_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: RescheduleCoachingSession
) -> CoachingSession:
    """Move a session that is still to come to another time of its school year; its coach only, or
    who is of the pair or group that meets."""

    async def act(session: CoachingSession) -> None:
        session.reschedule(call.principal.person, ports.clock.now(), asked.starts_at)
        year = ports.days.school_year_of(call.district, asked.starts_at, "/starts_at")
        if year != session.school_year:
            detail = "That is in another school year: cancel it and plan another."
            raise invalid("another_school_year", detail, "/starts_at")
        await check_in_force(ports, call, session, ())

    return await ports.sessions.change(call, coaching_session_id, act)


def spent(minutes: int | None, activities: Sequence[SpentOn]) -> tuple[TimeSpent, ...]:
    """Raises INVALID unless each minute went into one of the activities."""
    found = tuple(TimeSpent(each.activity, each.minutes) for each in activities)
    if minutes is not None and sum(each.minutes for each in found) != minutes:
        detail = "Each minute goes into one activity: theirs add up to the session's."
        raise invalid("minutes_differ", detail, "/minutes")
    return found
