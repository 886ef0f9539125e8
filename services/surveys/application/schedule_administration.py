from __future__ import annotations

import secrets

from services.access.shares import Share
from services.access.ties import check_class, check_goal
from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind, invalid
from services.surveys.administration.codes import SECRET_BYTES
from services.surveys.administration.domain import (
    MOST_ADMINISTRATIONS,
    MOST_BY_OTHERS,
    MOST_PLANNED,
    Administration,
    AdministrationState,
    asked,
)
from services.surveys.application.ports import Ports
from services.surveys.instrument.domain import Instrument

SHARE = Share(
    "surveys",
    "too_many_administrations",
    most=MOST_ADMINISTRATIONS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_PLANNED,
    author="scheduled_by",
    gone=AdministrationState.CANCELLED.value,
)


async def schedule_administration(
    ports: Ports,
    call: Call,
    *,
    instrument_id: str,
    teacher: str,
    class_id: str,
    goal_id: str,
    lesson_date: str,
    baseline: bool,
    school_year: int | None,
) -> Administration:
    """Plan to give a published instrument to a class of this teacher: by herself, or
    proposed by her coach. It belongs to this school year or the next. Raises INVALID where
    she does not teach the class."""
    await ports.access.allow(call, teacher=teacher)
    instrument = await _instrument(ports, call.district, instrument_id)
    now = ports.clock.now()
    administration = Administration(
        id=ports.administrations.new_id(call),
        district=call.district,
        teacher=teacher,
        school_year=ports.days.named(call.district, now, school_year),
        instrument_id=instrument_id,
        class_id=class_id,
        items=asked(instrument),
        secret=secrets.token_bytes(SECRET_BYTES),
        scheduled_at=now,
        goal_id=goal_id,
        lesson_date=lesson_date,
        baseline=baseline,
    )

    async def check() -> None:
        ports.days.check_current(call.district, now, administration.school_year)
        await check_class(ports.access, call.district, teacher, class_id)
        await check_goal(ports.access, call.district, teacher, goal_id)

    by = call.principal.person
    bounds = SHARE.bounds(teacher, administration.school_year, by)
    return await ports.administrations.create(call, administration.scheduled(by), bounds, check)


async def _instrument(ports: Ports, district: str, instrument_id: str) -> Instrument:
    try:
        return await ports.instruments.get(district, instrument_id)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        raise invalid(
            "unknown_instrument", "There is no such instrument.", "/instrument_id"
        ) from None
