"""What a coach records of coaching sessions: that one was held, planned or not, or missed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Body, Code, Id, Instant
from services.programs.session.bodies import Barriers, HowItIs, Minutes, SpentOn
from services.programs.session.bounds import bounds_of
from services.programs.session.cases import (
    Ports,
    between,
    check_begins,
    check_held_at,
    check_in_force,
    in_its_year,
    new_session,
    several,
    spent,
)
from services.programs.session.domain import MOST_TEACHERS, CoachingSession
from services.programs.session.outline import Activity, Modality, Recorded, TimeSpent, once


class RecordContact(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    minutes: Minutes = Field(examples=[10])
    activity: Annotated[Activity, Field(strict=False)] = Field(examples=["debrief"])
    held_at: Instant | None = Field(default=None, description="When it began; left out: now")
    modality: HowItIs = Modality.IN_PERSON


async def record_contact(ports: Ports, call: Call, asked: RecordContact) -> CoachingSession:
    """Record, as her coach, a contact with a teacher that nobody had planned, in one call. Who, how
    long and what, such as a word in the hallway: it is a session that was held."""
    coach, teachers = call.principal.person, [asked.teacher_id]

    async def make() -> CoachingSession:
        now = ports.clock.now()
        held_at = asked.held_at or now
        new = new_session(ports, call, coach, teachers, held_at, "/held_at")
        new.modality = asked.modality
        new.contact(held_at, TimeSpent(asked.activity, asked.minutes), now)

        async def check() -> None:
            await check_held_at(ports, new, held_at, now)
            await check_begins(ports, call, new, "/held_at")

        return await ports.sessions.create(call, new, bounds_of(new), check)

    return await ports.reads.one(call, between(coach, teachers), make)


class HoldCoachingSession(Body):
    held_at: Instant | None = Field(
        default=None,
        examples=["2026-09-10T15:30:00Z"],
        description="When it began; left out: as planned, or now where that is to come",
    )
    minutes: Minutes = Field(examples=[30], description="Those of its activities together")
    activities: list[SpentOn] = Field(min_length=1, max_length=len(Activity))
    attended_ids: list[Id] = Field(
        default=[], max_length=MOST_TEACHERS, description="Who came; empty: all who were to come"
    )
    modality: HowItIs | None = Field(default=None, description="Left out: as it was planned")
    barriers: Barriers = []
    materials_unit: Code | None = Field(default=None, examples=["unit-4"])


async def hold_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: HoldCoachingSession
) -> CoachingSession:
    """Record that a session was held, and what its minutes went into; its coach only, or who is of
    the pair or group that met. Until 15 instructional days after it: both times are kept. Who did
    not come is no more of it. With each of several who came she has a relationship in force."""
    activities = spent(asked.minutes, asked.activities)

    async def act(session: CoachingSession) -> None:
        now = ports.clock.now()
        planned = session.starts_at if session.starts_at <= now else now
        held_at = asked.held_at or planned
        invited = session.teachers
        came = asked.attended_ids or invited
        said = Recorded(
            held_at,
            activities,
            tuple(came),
            asked.modality or session.modality,
            once(asked.barriers),
            asked.materials_unit or "",
        )
        session.hold(call.principal.person, now, said)
        await check_held_at(ports, session, held_at, now)
        in_its_year(ports, session, held_at)
        concerned = [each for each in session.teachers if each in several(invited)]
        await check_in_force(ports, call, session, concerned, "/attended_ids")

    return await ports.sessions.change(call, coaching_session_id, act)


class MissCoachingSession(Body):
    barriers: Barriers = []


NOTHING_IN_THE_WAY = MissCoachingSession()


async def miss_coaching_session(
    ports: Ports,
    call: Call,
    coaching_session_id: Id,
    asked: MissCoachingSession = NOTHING_IN_THE_WAY,
) -> CoachingSession:
    """Record that a session did not take place, and was not called off; its coach only, or who is
    of the pair or group that was to meet, once it was to begin."""

    async def act(session: CoachingSession) -> None:
        session.miss(call.principal.person, ports.clock.now(), asked.barriers)
        await check_in_force(ports, call, session, ())

    return await ports.sessions.change(call, coaching_session_id, act)
