"""Sessions that come again, each one of its own; those to come can be called off together."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import invalid, not_found
from services.chassis.write.by_date import Order
from services.chassis.write.checks import refusal
from services.programs.session.bodies import ScheduleCoachingSession
from services.programs.session.bounds import bounds_of
from services.programs.session.cases import (
    BY_DATE,
    Ports,
    check_begins,
    circle_of,
    planned,
    sides,
)
from services.programs.session.domain import CoachingSession
from services.programs.session.outline import CoachingSessionState
from services.programs.session.resources import SessionSeriesResource, series_resource

OLDEST = BY_DATE.first(Order.OLDEST)
MOST_WEEKS = 4  # from one to the next
MOST_OCCURRENCES = 40


class ScheduleSessionSeries(ScheduleCoachingSession):
    every_weeks: int = Field(ge=1, le=MOST_WEEKS, examples=[2])
    occurrences: int = Field(ge=2, le=MOST_OCCURRENCES, examples=[3])


async def schedule_session_series(
    ports: Ports, call: Call, asked: ScheduleSessionSeries
) -> SessionSeriesResource:
    """Plan sessions that come again every so many weeks, as one is planned. They begin at the same
    time of the district's day, all in one school year; each is moved, held, missed or cancelled as
    any other: all of them or, where there are too many, none. Repeated, what was not planned yet
    is, while each of them is still coached."""
    circle = await circle_of(ports, call, asked)

    async def make() -> SessionSeriesResource:
        return await _made(ports, call, asked, planned(ports, call, asked, circle))

    return await ports.reads.one(call, sides(call, asked, circle), make)


async def _made(
    ports: Ports, call: Call, asked: ScheduleSessionSeries, first: CoachingSession
) -> SessionSeriesResource:
    series, made = first.id, []
    for number in range(asked.occurrences):
        starts_at = ports.days.weeks_later(
            call.district, asked.starts_at, number * asked.every_weeks
        )
        year = ports.days.school_year_of(call.district, starts_at, "/starts_at")
        if year != first.school_year:
            detail = "They do not all lie in one school year."
            raise invalid("another_school_year", detail, "/occurrences")
        id_ = ports.sessions.derived_id(call.district, series, str(number))
        made.append(replace(first, id=id_, series=series, starts_at=starts_at).scheduled())
    first, *others = made

    async def check() -> None:
        await check_begins(ports, call, first, "/starts_at")

    all_of_it = bounds_of(first, places=len(made))
    done = [await ports.sessions.create(call, first, all_of_it, check)]
    again = begun = call.replayed
    ended = await refusal(check) if begun else None  # what held when it was begun may no more

    async def check_goes_on() -> None:
        if ended is not None:
            raise ended

    for each in others:  # of the same people, who may is decided
        call.replayed = False
        within = bounds_of(each) if begun else ()
        done.append(await ports.path.create(call, each, within, check_goes_on))
        again = again and call.replayed
    call.replayed = again
    return series_resource(series, done)


async def end_session_series(ports: Ports, call: Call, series_id: Id) -> SessionSeriesResource:
    """Call off what is still to come of a series, as its coach; what was held or missed stays. Of a
    pair or a group each who is of it may. Answers all of them as they are then."""
    ports.summaries.own(call, "/series_id")
    call.if_match = None  # a series has no version
    where = {"series": series_id}
    found = await ports.path.find(call.district, where, "", MOST_OCCURRENCES, OLDEST)
    if not found.items:
        raise not_found()
    of_it = await ports.sessions.get(call, found.items[-1].id)  # whose it is is the same
    of_it.check_mine(call.principal.person)
    now = ports.clock.now()

    def act(session: CoachingSession) -> None:
        if session.state is CoachingSessionState.SCHEDULED and session.starts_at > now:
            session.cancel(call.principal.person, now)

    after: list[CoachingSession] = []
    for each in found.items:
        to_come = each.state is CoachingSessionState.SCHEDULED and each.starts_at > now
        after.append(await ports.path.change(call, each.id, act) if to_come else each)
    return series_resource(series_id, after)
