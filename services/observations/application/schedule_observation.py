from __future__ import annotations

from datetime import datetime

from services.access.shares import Share
from services.access.ties import check_class, check_goal
from services.chassis.call import Call
from services.chassis.kernel import invalid
from services.observations.application.ports import Ports
from services.observations.domain.observation import (
    MOST_BY_OTHERS,
    MOST_OBSERVATIONS,
    MOST_PLANNED,
    Observation,
    ObservationState,
    Setting,
)

SHARE = Share(
    "observations",
    "too_many_observations",
    most=MOST_OBSERVATIONS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_PLANNED,
    author="scheduled_by",
    gone=ObservationState.CANCELLED.value,
)


async def schedule_observation(
    ports: Ports,
    call: Call,
    *,
    teacher: str,
    tool_id: str,
    class_id: str,
    goal_id: str,
    setting: Setting,
    scheduled_for: datetime,
    school_year: int | None,
) -> Observation:
    """Plan an observation by the caller: the teacher's coach, or the teacher herself. It
    belongs to the school year in which it is to happen, unless another is named: this one or
    the next, or the last one as long as its relationships count. A lesson that is over can be
    written down afterwards."""
    await ports.access.allow(call, teacher=teacher)
    if await ports.published_tools.tool(call.district, tool_id) is None:
        raise invalid("no_such_tool", "There is no such published tool.", "/tool_id")
    now = ports.clock.now()
    held = ports.days.school_year_of(call.district, scheduled_for, "/scheduled_for")
    year = held if school_year is None else school_year
    observation = Observation(
        id=ports.observations.new_id(call),
        district=call.district,
        observer=call.principal.person,
        teacher=teacher,
        tool=tool_id,
        school_year=year,
        setting=setting,
        scheduled_for=scheduled_for,
        scheduled_at=now,
        class_id=class_id,
        goal=goal_id,
    )

    async def check() -> None:
        for each, place in ((held, "/scheduled_for"), (year, "/school_year")):
            ports.days.check_current(call.district, now, each, place, ended_too=True)
        await check_class(ports.access, call.district, teacher, class_id)
        await check_goal(ports.access, call.district, teacher, goal_id)

    bounds = SHARE.bounds(teacher, observation.school_year, observation.observer)
    return await ports.observations.create(call, observation.scheduled(), bounds, check)
