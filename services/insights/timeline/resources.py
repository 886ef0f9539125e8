"""Answers about timelines, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.naming import name_of
from services.chassis.fields import PageResource, Resource
from services.insights.timeline.domain import ItemKind, ItemStep, State, TimelineItem


class TimelineStepResource(Resource):
    step: ItemStep
    at: datetime


class TimelineItemResource(Resource):
    """`item_id` is the id of the goal, trial, observation, administration, relationship, coaching
    session or entry of a planning record, and `at` when it was begun or, of an observation or a
    session, is planned for or was held. `unknown` is what a newer version of Tandem said and this
    one does not know yet. `incomplete`: an event of it could not be read, and is parked. Of the ids
    those are set that the kind has."""

    kind: ItemKind
    item_id: str
    state: State
    school_year: int | None = Field(
        description="The school year, by the calendar year it ends in; null where nothing of it "
        "can be shown"
    )
    at: datetime
    changed_at: datetime | None = Field(
        description="When the newest of its events happened; null where nothing of it can be shown"
    )
    made_at: datetime | None = Field(
        description="When that was by the clock of a device that was offline: its word, beside "
        "`changed_at`, by which nothing is put in order; null where none was"
    )
    steps: list[TimelineStepResource] = Field(description="The oldest first")
    due_date: str | None
    focus_skill: str | None = Field(
        description="The skill in focus, a code of the district's own; null where it has none"
    )
    measure_id: str | None = Field(
        description="What is measured, a code of the district's own; its catalogue may lack it; "
        "null where nothing is"
    )
    tool_id: str | None = Field(
        description="The observation tool that it is scored with; null where it has none"
    )
    instrument_id: str | None = Field(description="The instrument; null where it has none")
    series_id: str | None = Field(
        description="Of a survey: results of one series may be joined in a trend, others may not; "
        "null of others"
    )
    validation_status: str | None = Field(
        description="How far the instrument of a survey is validated; null of others, and where it "
        "was not kept yet"
    )
    goal_id: str | None = Field(
        description="The goal of an observation, a survey, a trial or an entry of a planning "
        "record; null where there is none, and where you are not shown it"
    )
    observer_id: str | None = Field(description="Who observes; null where it has none")
    observer_name: str | None = name_of("observer_id")
    coach_id: str | None = Field(description="The coach, by her sourcedId; null where it has none")
    coach_name: str | None = name_of("coach_id")
    minutes: int | None = Field(
        description="How long a session took; null before it was held, and of others"
    )
    activities: list[str] = Field(description="What the minutes of a session went into, as codes")
    entry_kind: str | None = Field(
        description="Of an entry of a planning record what it is: plan, observe, reflect or next; "
        "null where it is no such entry"
    )
    incomplete: bool


class TimelinePage(PageResource):
    """Everything published before `as_of` is in it; `stale`: that was too long ago."""

    items: list[TimelineItemResource]
    as_of: datetime
    stale: bool


def item_resource(item: TimelineItem) -> TimelineItemResource:
    said = item.said

    def told(name: str) -> str | None:
        return getattr(said, name, None) or None

    due = getattr(said, "due", None)
    return TimelineItemResource(
        kind=item.kind,
        item_id=item.id,
        state=said.state if said else State.UNKNOWN,
        school_year=said.school_year if said else None,
        at=item.at,
        changed_at=item.changed_at,
        made_at=item.made_at,
        steps=[TimelineStepResource(step=step, at=at) for step, at in item.steps],
        due_date=due.isoformat() if due else None,
        focus_skill=told("focus_skill"),
        measure_id=told("measure"),
        tool_id=told("tool"),
        instrument_id=told("instrument"),
        series_id=told("series") or told("instrument"),
        validation_status=told("validation_status"),
        goal_id=told("goal"),
        observer_id=told("observer"),
        coach_id=told("coach"),
        minutes=getattr(said, "minutes", None) or None,
        activities=getattr(said, "activities", "").split(),
        entry_kind=told("wrote"),
        incomplete=item.incomplete,
    )
