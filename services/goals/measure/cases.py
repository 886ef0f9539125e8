"""What callers do with the catalogue of measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from services.access.guarded import About, Guarded
from services.chassis.call import Call
from services.chassis.fields import Body, Code, Line
from services.chassis.kernel import Clock, Fault, Kind, if_there
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.goals.measure.domain import MOST_MEASURES, Direction, Measure, SaidOfMeasure
from services.goals.measure.titles import Titles

_FULL = Bound(
    {},
    MOST_MEASURES,
    "too_many_measures",
    f"A district has at most {MOST_MEASURES} measures, retired ones included.",
)


@dataclass(frozen=True, slots=True)
class Ports:
    measures: Guarded[Measure]
    titles: Titles
    clock: Clock


class StateMeasure(Body):
    title: Line = Field(examples=["Share of the lesson in which students talk"])
    unit: Code = Field(examples=["percent"])
    direction: Annotated[Direction, Field(strict=False)] = Field(examples=["increase"])
    retired: bool = Field(
        default=False, description="It is not for new goals; those that name it keep its title"
    )


def measure_key(district: str, code: str) -> str:
    """The id of a measure's aggregate. A district's catalogue is in the order of its codes."""
    return f"{district}/measure/{code}"


async def state_measure(ports: Ports, call: Call, measure_id: Code, asked: StateMeasure) -> Measure:
    """Say what a code that goals name means, in place of what was said before.

    Goals keep the unit and direction that they have. The same again changes nothing."""
    said = SaidOfMeasure(asked.title, asked.unit, asked.direction, asked.retired)
    by, now = call.principal.id, ports.clock.now()
    measure = Measure(
        id=measure_key(call.district, measure_id),
        district=call.district,
        code=measure_id,
        said=said,
        stated_at=now,
        stated_by=by,
    )
    measure.state(said, by, now)
    stated = await _stated(ports, call, measure)
    ports.titles.forget(call.district)
    return stated


async def _stated(ports: Ports, call: Call, measure: Measure) -> Measure:
    def state(known: Measure) -> None:
        known.state(measure.said, measure.stated_by, measure.stated_at)

    if call.if_match is not None:  # the caller has seen it, so it is there
        return await ports.measures.change(call, measure.id, state)
    try:
        return await ports.measures.create(call, measure, (_FULL,))
    except Fault as refused:
        if refused.kind is not Kind.CONFLICT:
            raise
        stated = await if_there(ports.measures.change(call, measure.id, state))
        if stated is None:  # the catalogue is full
            raise
        return stated


async def at_any_time(ports: Ports, call: Call, measure: Measure) -> None:
    """Whatever a measure says, it may be stated anew."""


async def get_measure(ports: Ports, call: Call, measure_id: Code) -> Measure:
    """What a code that goals name means, if the district has said so."""
    return await ports.measures.get(call, measure_key(call.district, measure_id))


async def list_measures(ports: Ports, call: Call, *, after: str, limit: int) -> Found[Measure]:
    """The district's catalogue of measures, in the order of their codes, retired ones too.

    A goal may name a code that is not in it."""
    return await ports.measures.find(call, About(), {}, after, limit)
