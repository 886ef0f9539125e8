"""What callers do with observations, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.days import Days
from services.access.directory import ReadsManyAnew
from services.access.fair_share import FairShare
from services.access.guarded import About, Guarded, GuardedList
from services.access.school_year import SchoolYear
from services.access.sharing.domain import Share
from services.access.ties import check_class, check_goal
from services.chassis.call import Call
from services.chassis.duties.receipt import Receipt
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id, Instant, Number
from services.chassis.kernel import Clock, conflict, invalid, not_found
from services.chassis.write.by_date import ByDate
from services.chassis.write.drafts import Drafts
from services.chassis.write.write_path import WritePath
from services.observations.observation.domain import (
    MOST_BY_OTHERS,
    MOST_OBSERVATIONS,
    MOST_PLANNED,
    Observation,
)
from services.observations.observation.outline import (
    Note,
    ObservationOutline,
    ObservationState,
    Setting,
)
from services.observations.tool.domain import MOST_CRITERIA, Tool

NoteText = Annotated[str, StringConstraints(max_length=4_000)]
SHARE = FairShare(
    "observations",
    "too_many_observations",
    most=MOST_OBSERVATIONS,
    by_others=MOST_BY_OTHERS,
    ever=MOST_PLANNED,
    author="scheduled_by",
    gone=ObservationState.CANCELLED.value,
)
BY_DATE = ByDate("scheduled_for", within=("state", "class_id"))


class PublishedTools(Protocol):
    async def tool(self, district: str, tool_id: str) -> Tool | None:
        """A published tool of the district, to be read only; None where there is none. No
        database command when it was asked for lately."""


class KnownPeople(ReadsManyAnew, Protocol):
    async def knows(self, row_id: str, aggregate: str, version: int) -> bool:
        """Whether this service knows this version of what it keeps of a person (`district:id`).
        1 database command."""


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` and `shares` are for what no caller asks for."""

    observations: Guarded[Observation]
    path: WritePath[Observation]
    shares: WritePath[Share]
    receipts: WritePath[Receipt]
    drafts: Drafts
    summaries: GuardedList[ObservationOutline]
    tools: PublishedTools
    names: Names
    people: KnownPeople
    access: Access
    days: Days
    clock: Clock


def whose(observation: ObservationOutline) -> About:
    return About(teacher=observation.teacher, visible_to=observation.visible_to)


async def observer_left(ports: Ports, observation: ObservationOutline) -> bool:
    """Whether its observer is neither the teacher herself nor a coach of hers who may see her
    observations any more: then the teacher acts in her place."""
    if observation.observer == observation.teacher:
        return False
    return not await _observes(
        ports, observation.district, observation.observer, observation.teacher
    )


async def _observes(ports: Ports, district: str, observer: str, teacher: str) -> bool:
    return await ports.access.coaches(district, observer, teacher, "observation")


def held_early(ports: Ports, observation: ObservationOutline, now: datetime) -> bool:
    """Whether its day, in the district, is still to come. Raises CONFLICT where that day is in
    the next school year and it does not belong to this one: it would be on this one's card."""
    days, district, planned = ports.days, observation.district, observation.scheduled_for
    if days.day_of(district, planned) <= days.day_of(district, now):
        return False
    its = (days.school_year_of(district, planned), observation.school_year)
    if days.school_year_of(district, now) not in its:
        detail = "It is planned for the next school year: cancel it and plan another."
        raise conflict("another_school_year", detail)
    return True


def in_its_year(ports: Ports, observation: ObservationOutline, now: datetime) -> None:
    """Raises CONFLICT once its school year is over, and the time for which relationships of that
    year count."""
    if not ports.days.counts(observation.district, now, observation.school_year):
        raise conflict("school_year_over", "Its school year is over: it stays what it is.")


class ScheduleObservation(Body):
    teacher_id: Id = Field(examples=["teacher-1"])
    tool_id: Id = Field(examples=["tool-1"])
    scheduled_for: Instant = Field(examples=["2026-11-04T15:30:00Z"])
    setting: Annotated[Setting, Field(strict=False)] = Setting.LIVE
    class_id: Id | None = None
    goal_id: Id | None = None
    school_year: SchoolYear | None = None


async def schedule_observation(ports: Ports, call: Call, asked: ScheduleObservation) -> Observation:
    """Plan an observation by the caller: the teacher's coach, or the teacher herself. It
    belongs to the school year in which it is to happen, unless another is named: this one or
    the next, or the last one as long as its relationships count. A lesson that is over can be
    written down afterwards."""
    now = ports.clock.now()
    held = ports.days.school_year_of(call.district, asked.scheduled_for, "/scheduled_for")
    new = Observation(
        id=ports.observations.new_id(call),
        district=call.district,
        observer=call.principal.person,
        teacher=asked.teacher_id,
        tool=asked.tool_id,
        school_year=held if asked.school_year is None else asked.school_year,
        setting=asked.setting,
        scheduled_for=asked.scheduled_for,
        scheduled_at=now,
        class_id=asked.class_id or "",
        goal=asked.goal_id or "",
    )

    async def check() -> None:
        if await ports.tools.tool(call.district, new.tool) is None:
            raise invalid("no_such_tool", "There is no such published tool.", "/tool_id")
        for each, place in ((held, "/scheduled_for"), (new.school_year, "/school_year")):
            ports.days.check_current(call.district, now, each, place, ended_too=True)
        await check_class(ports.access, call.district, new.teacher, new.class_id)
        await check_goal(ports.access, call, new.teacher, new.goal)

    bounds = SHARE.bounds(new.teacher, new.school_year, new.observer)
    return await ports.observations.create(call, new.scheduled(), bounds, check)


class CriterionScore(Body):
    criterion_id: Id = Field(examples=["critical-thinking"])
    score: Number = Field(examples=[3])


class CriterionNote(Body):
    """Without a criterion it is about the whole lesson; an empty text takes it away."""

    criterion_id: Id | None = Field(default=None, examples=["critical-thinking"])
    text: NoteText = Field(default="", examples=["Asked why before giving the answer"])


class RecordScores(Body):
    scores: list[CriterionScore] = Field(default_factory=list, max_length=MOST_CRITERIA)
    notes: list[CriterionNote] = Field(default_factory=list, max_length=MOST_CRITERIA + 1)


async def record_scores(
    ports: Ports, call: Call, observation_id: Id, asked: RecordScores
) -> Observation:
    """Record scores and notes, replacing those of the same criteria, until it is shared; the
    observer only.

    With a score one that was planned for a later day took place today: see `held_early`. Notes
    alone can be made before."""
    scores = [(each.criterion_id, each.score) for each in asked.scores]
    notes = [Note(each.criterion_id or "", each.text) for each in asked.notes]

    async def act(observation: Observation) -> None:
        tool = await ports.tools.tool(observation.district, observation.tool)
        if tool is None:  # published tools stay: only a damaged store gets here
            raise not_found()
        now = ports.clock.now()
        held = now if scores and held_early(ports, observation, now) else None
        observation.record_scores(call.principal.person, tool.criteria, scores, notes, held)

    return await ports.observations.change(call, observation_id, act)


class RescheduleObservation(Body):
    scheduled_for: Instant = Field(examples=["2026-11-05T15:30:00Z"])


async def reschedule_observation(
    ports: Ports, call: Call, observation_id: Id, asked: RescheduleObservation
) -> Observation:
    """Move an observation that is not complete to another time of its school year; the observer
    only.

    Raises INVALID for a time in another school year, on whose card it would not be."""
    moved = asked.scheduled_for

    def act(observation: Observation) -> None:
        before = ports.days.school_year_of(call.district, observation.scheduled_for)
        its = (before, observation.school_year)
        observation.reschedule(call.principal.person, moved)
        if ports.days.school_year_of(call.district, moved, "/scheduled_for") not in its:
            detail = "That is in another school year: cancel it and plan another."
            raise invalid("another_school_year", detail, "/scheduled_for")

    return await ports.observations.change(call, observation_id, act)


async def complete_observation(ports: Ports, call: Call, observation_id: Id) -> Observation:
    """End the observing; the observer only, and only with a score. Still not shared.

    One that was planned for a later day took place today: see `held_early`."""

    def act(observation: Observation) -> None:
        now = ports.clock.now()
        held = now if held_early(ports, observation, now) else None
        observation.complete(call.principal.person, now, held)

    return await ports.observations.change(call, observation_id, act)


async def cancel_observation(ports: Ports, call: Call, observation_id: Id) -> Observation:
    """Call an observation off before it is shared; the observer, or the teacher where the observer
    no longer coaches her."""

    async def act(observation: Observation) -> None:
        left = await observer_left(ports, observation)
        observation.cancel(call.principal.person, ports.clock.now(), left)

    return await ports.observations.change(call, observation_id, act)


class HandOverObservation(Body):
    observer_id: Id = Field(examples=["coach-1"], description="A coach of the teacher, or she")


async def hand_over_observation(
    ports: Ports, call: Call, observation_id: Id, asked: HandOverObservation
) -> Observation:
    """Let another coach of the teacher, or she herself, go on with one that is not shared; the
    observer, or the teacher where the observer no longer coaches her."""
    to = asked.observer_id

    async def act(observation: Observation) -> None:
        left = await observer_left(ports, observation)
        observation.hand_over(call.principal.person, to, ports.clock.now(), left)
        taught = observation.teacher
        if to != taught and not await _observes(ports, call.district, to, taught):
            detail = "This person does not coach the teacher."
            raise invalid("not_her_coach", detail, "/observer_id")

    return await ports.observations.change(call, observation_id, act)


async def acknowledge_observation(ports: Ports, call: Call, observation_id: Id) -> Observation:
    """Say that a shared observation was seen; the teacher only. Once it was corrected, with the
    version that she saw: else she would acknowledge what she has never read."""

    def act(observation: Observation) -> None:
        corrected = observation.corrected_at is not None
        observation.acknowledge(call.principal.person, ports.clock.now())
        if corrected and call.if_match is None:
            told = "It was corrected: If-Match must name the version you saw."
            raise invalid("precondition_required", told)

    return await ports.observations.change(call, observation_id, act)


async def share_observation(ports: Ports, call: Call, observation_id: Id) -> Observation:
    """Release scores to the teacher and her coaches; the observer, or the teacher where the
    observer no longer coaches her.

    Raises CONFLICT where the data-use policy in force wants the teacher to acknowledge it first."""

    async def act(observation: Observation) -> None:
        left = await observer_left(ports, observation)
        observation.share(call.principal.person, ports.clock.now(), left)
        await check_acknowledged(ports.access, call.district, observation.teacher)

    return await ports.observations.change(call, observation_id, act)
