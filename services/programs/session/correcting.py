"""What a coach writes of a session once it was held, and puts right."""

from __future__ import annotations

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Body, Code, Id, Instant, Text
from services.chassis.kernel import conflict, invalid
from services.programs.session.bodies import Barriers, HowItIs, Minutes, SpentOn
from services.programs.session.cases import (
    Ports,
    check_held_at,
    check_in_force,
    in_its_year,
    several,
    spent,
)
from services.programs.session.domain import MOST_TEACHERS, CoachingSession
from services.programs.session.outline import Activity, CoachingSessionOutline, Recorded, once


def still_counts(ports: Ports, session: CoachingSessionOutline) -> None:
    """Raises CONFLICT once its school year is over, and the time for which relationships of that
    year count."""
    if not ports.days.counts(session.district, ports.clock.now(), session.school_year):
        raise conflict("school_year_over", "Its school year is over: it stays what it is.")


class SummarizeCoachingSession(Body):
    summary: Text = Field(examples=["We agreed to try wait time"])


async def summarize_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: SummarizeCoachingSession
) -> CoachingSession:
    """Write, as its coach, what a session was about that was held, once: for whom it is of, and
    nobody else. With each of several she has a relationship in force. Of a pair or a group that met
    each who came may."""

    async def act(session: CoachingSession) -> None:
        session.summarize(call.principal.person, ports.clock.now(), asked.summary)
        await check_in_force(ports, call, session, several(session.teachers), "/teachers")

    return await ports.sessions.change(call, coaching_session_id, act)


class CorrectCoachingSession(Body):
    """What is not named stays as it is."""

    held_at: Instant | None = Field(default=None, description="When it began")
    minutes: Minutes | None = Field(
        default=None, examples=[30], description="With its activities alone"
    )
    activities: list[SpentOn] = Field(default=[], max_length=len(Activity))
    attended_ids: list[Id] = Field(
        default=[], max_length=MOST_TEACHERS, description="Who came; empty: as it is"
    )
    modality: HowItIs | None = None
    barriers: Barriers = []
    materials_unit: Code | None = Field(default=None, examples=["unit-5"])
    summary: Text | None = Field(default=None, examples=["We agreed to try more wait time"])
    reason: Text = Field(examples=["Mistyped"])
    remove_barriers: bool = Field(default=False, description="Nothing stood in the way after all")
    remove_materials_unit: bool = Field(default=False, description="It was of no unit after all")


async def correct_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: CorrectCoachingSession
) -> CoachingSession:
    """Put right what was recorded of a session, or written; its coach only, or who is of the pair
    or group that met, in its school year and the grace. What it was before is kept. With each of
    several, and with whom came after all, she has a relationship in force."""
    activities = spent(asked.minutes, asked.activities)
    if asked.minutes is None and activities:
        raise invalid("minutes_needed", "Say how long it took in all, too.", "/minutes")

    async def act(session: CoachingSession) -> None:
        was = session.recorded
        said = Recorded(
            asked.held_at or was.held_at,
            activities or was.activities,
            tuple(asked.attended_ids) or was.came,
            asked.modality or was.modality,
            () if asked.remove_barriers else once(asked.barriers) or was.barriers,
            "" if asked.remove_materials_unit else asked.materials_unit or was.materials_unit,
            was.summary if asked.summary is None else asked.summary,
        )
        session.correct(call.principal.person, ports.clock.now(), said, asked.reason)
        still_counts(ports, session)
        if said.held_at != was.held_at:
            recorded_at = session.recorded_at or ports.clock.now()
            await check_held_at(ports, session, said.held_at, recorded_at)
            in_its_year(ports, session, said.held_at)
        alone = () if several(was.came) else was.came
        concerned = [each for each in said.came if each not in alone]
        await check_in_force(ports, call, session, concerned, "/attended_ids")

    return await ports.sessions.change(call, coaching_session_id, act)


class VoidCoachingSession(Body):
    reason: Text = Field(examples=["Recorded twice"])


async def void_coaching_session(
    ports: Ports, call: Call, coaching_session_id: Id, asked: VoidCoachingSession
) -> CoachingSession:
    """Let a session that was recorded by mistake no longer count, for good; its coach only, or who
    is of the pair or group that met, in its school year and the grace. It stays visible to whom it
    is of."""

    def act(session: CoachingSession) -> None:
        session.void(call.principal.person, ports.clock.now(), asked.reason)
        still_counts(ports, session)

    return await ports.sessions.change(call, coaching_session_id, act)


async def correcting(ports: Ports, call: Call, session: CoachingSessionOutline) -> None:
    """What correcting asks of it, whatever is sent along."""
    session.check_correct(call.principal.person, ports.clock.now())
    still_counts(ports, session)


async def voiding(ports: Ports, call: Call, session: CoachingSessionOutline) -> None:
    session.check_void(call.principal.person, ports.clock.now())
    still_counts(ports, session)
