"""The timeline's projection: a row for each aggregate of a teacher, `district:teacher:kind:id`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.chassis.log.envelope import Envelope
from services.chassis.views.projection import (
    GONE,
    Event,
    Fact,
    Fold,
    Projection,
    Row,
    is_gone,
    topics_of,
)
from services.insights.facts import (
    coaching_sessions,
    enrollments,
    goals,
    observations,
    planning_entries,
    relationships,
    surveys,
    trials,
)
from services.insights.facts.reading import day, has_left, instant, of_one
from services.insights.timeline.domain import NEVER, TAKEN_BACK, ItemKind, State, sight_of
from services.insights.timeline.facts import (
    GOALS,
    MADE_AT,
    MEMBERSHIPS,
    OBSERVATIONS,
    PLANNING_ENTRIES,
    RELATIONSHIPS,
    SESSIONS,
    SURVEYS,
    TRIALS,
)

GROUP = "timeline"
TIMELINE = "timeline"
MEMBERS = "members"
_MEMBERSHIP = "membership"
_BEGINS = (
    "drafted_at",
    "held_at",
    "scheduled_at",
    "proposed_at",
    "written_at",
)  # a fact has one of them


def _goal(event: Event) -> Fact:
    said = goals.snapshot(event)
    value = GOALS.write(
        state=goals.state(said),
        school_year=said.school_year,
        focus_skill=said.focus_skill,
        measure=said.measure_id,
        due=day(said.due_date, "due_date") if said.due_date else None,
        drafted_at=instant(said, "drafted_at"),
        activated_at=instant(said, "activated_at"),
        progressed_at=instant(said, "last_progress_at"),
        commented_at=instant(said, "last_comment_at"),
        closed_at=instant(said, "closed_at"),
    )
    return _fact(event, said, ItemKind.GOAL, value)


def _observation(event: Event) -> Fact:
    said = observations.snapshot(event)
    value = OBSERVATIONS.write(
        state=observations.state(said),
        school_year=said.school_year,
        tool=said.tool_id,
        observer=said.observer_id,
        goal=said.goal_id,
        scheduled_at=instant(said, "scheduled_for"),
        completed_at=instant(said, "completed_at"),
        shared_at=instant(said, "shared_at"),
        acknowledged_at=instant(said, "acknowledged_at"),
        corrected_at=instant(said, "corrected_at"),
    )
    return _fact(event, said, ItemKind.OBSERVATION, value)


def _survey(event: Event) -> Fact:
    said = surveys.snapshot(event)
    value = SURVEYS.write(
        state=surveys.state(said),
        school_year=said.school_year,
        instrument=said.instrument_id,
        series=surveys.series(said),
        validation_status=said.validation_status,
        goal=said.goal_id,
        scheduled_at=instant(said, "scheduled_at"),
        opened_at=instant(said, "opened_at"),
        closed_at=instant(said, "closed_at"),
    )
    return _fact(event, said, ItemKind.SURVEY, value)


def _relationship(event: Event) -> Fact:
    said = relationships.snapshot(event)
    value = RELATIONSHIPS.write(
        state=relationships.state(said),
        school_year=said.school_year,
        coach=said.coach_id,
        proposed_at=instant(said, "proposed_at"),
        accepted_at=instant(said, "accepted_at"),
        ended_at=instant(said, "ended_at"),
    )
    return _fact(event, said, ItemKind.RELATIONSHIP, value)


def _trial(event: Event) -> Fact:
    said = trials.snapshot(event)
    value = TRIALS.write(
        state=trials.state(said),
        school_year=said.school_year,
        goal=said.goal_id,
        proposed_at=instant(said, "planned_at"),
        agreed_at=instant(said, "agreed_at"),
        rehearsed_at=instant(said, "rehearsed_at"),
        tried_at=instant(said, "tried_at"),
        reflected_at=instant(said, "reflected_at"),
        closed_at=instant(said, "closed_at"),
    )
    return _fact(event, said, ItemKind.TRIAL, value)


def _session(event: Event) -> Sequence[Fact]:
    """Nothing of one that is of no teacher: it is on nobody's timeline."""
    if coaching_sessions.of_nobody(event.envelope):
        return []
    return _OF_HERS(event)


def _hers(event: Event) -> Fact:
    said = coaching_sessions.snapshot(event)
    held = coaching_sessions.held(said)
    begins = instant(said, "starts_at")
    value = SESSIONS.write(
        state=coaching_sessions.state(said),
        school_year=said.school_year,
        coach=said.coach_id,
        minutes=said.minutes,
        activities=" ".join(each.activity for each in said.activities),
        scheduled_at=None if held else begins,
        held_at=begins if held else None,
        summarized_at=instant(said, "summarized_at"),
        corrected_at=instant(said, "corrected_at"),
        modality=said.modality,
        size=len(said.teacher_ids),
    )
    left = coaching_sessions.has_left(event, said)
    return _item(event.envelope, ItemKind.COACHING_SESSION, GONE if left else value)


def _entry(event: Event) -> Sequence[Fact]:
    """Nothing of one whose author was erased: it is on nobody's timeline."""
    if planning_entries.of_nobody(event.envelope):
        return []
    return _OF_A_RECORD(event)


def _written(event: Event) -> Fact:
    said = planning_entries.snapshot(event)
    value = PLANNING_ENTRIES.write(
        state=State.WRITTEN.value,
        school_year=said.school_year,
        wrote=said.kind,
        coach=said.coach_id,
        goal=said.goal_id,
        written_at=instant(said, "written_at"),
    )
    left = planning_entries.has_left(event, said)
    return _item(event.envelope, ItemKind.PLANNING_ENTRY, GONE if left else value)


def _membership(event: Event) -> Fact:
    said = enrollments.snapshot(event)
    value = MEMBERSHIPS.write(
        program=said.program_id,
        enrolled_at=instant(said, "enrolled_at"),
        over_at=instant(said, "over_at"),
        earlier=enrollments.earlier_stays(said),
    )
    envelope, left = event.envelope, has_left(event, said)
    row = _membership_row(envelope)
    return Fact(MEMBERS, row, _MEMBERSHIP, envelope.aggregate_id, GONE if left else value)


def _no_member(event: Event) -> Fact:
    row = _membership_row(event.envelope)
    return Fact(MEMBERS, row, _MEMBERSHIP, event.envelope.aggregate_id, GONE)


def _membership_row(envelope: Envelope) -> str:
    return f"{envelope.key}:{envelope.aggregate_id}"


def _gone(kind: ItemKind) -> Callable[[Event], Fact]:
    def place(event: Event) -> Fact:
        envelope = event.envelope
        return _item(envelope, kind, GONE)

    return place


_OF_HERS = of_one(_hers, _gone(ItemKind.COACHING_SESSION))
_OF_A_RECORD = of_one(_written, _gone(ItemKind.PLANNING_ENTRY))
FOLDS: Mapping[str, Fold] = {
    **dict.fromkeys(goals.TYPES, of_one(_goal, _gone(ItemKind.GOAL))),
    **dict.fromkeys(observations.TYPES, of_one(_observation, _gone(ItemKind.OBSERVATION))),
    **dict.fromkeys(surveys.TYPES, of_one(_survey, _gone(ItemKind.SURVEY))),
    **dict.fromkeys(relationships.TYPES, of_one(_relationship, _gone(ItemKind.RELATIONSHIP))),
    **dict.fromkeys(trials.TYPES, of_one(_trial, _gone(ItemKind.TRIAL))),
    **dict.fromkeys(coaching_sessions.TYPES, _session),
    **dict.fromkeys(planning_entries.TYPES, _entry),
    **dict.fromkeys(enrollments.TYPES, of_one(_membership, _no_member)),
}
TOPICS = topics_of(FOLDS)
_KINDS: Mapping[str, ItemKind] = {
    **dict.fromkeys(goals.TYPES, ItemKind.GOAL),
    **dict.fromkeys(observations.TYPES, ItemKind.OBSERVATION),
    **dict.fromkeys(surveys.TYPES, ItemKind.SURVEY),
    **dict.fromkeys(relationships.TYPES, ItemKind.RELATIONSHIP),
    **dict.fromkeys(trials.TYPES, ItemKind.TRIAL),
    **dict.fromkeys(coaching_sessions.TYPES, ItemKind.COACHING_SESSION),
    **dict.fromkeys(planning_entries.TYPES, ItemKind.PLANNING_ENTRY),
}


def _fact(event: Event, said: Any, kind: ItemKind, value: Mapping[str, Any]) -> Fact:
    return _item(event.envelope, kind, GONE if has_left(event, said) else value)


def _item(envelope: Envelope, kind: ItemKind, value: Mapping[str, Any]) -> Fact:
    """With when it was by a device, where one has said so of this event."""
    if envelope.made_at is not None and not is_gone(value):
        value = {**value, MADE_AT: envelope.made_at}
    return Fact(TIMELINE, _row(envelope, kind), kind.value, envelope.aggregate_id, value)


def _row(envelope: Envelope, kind: ItemKind) -> str:
    return f"{envelope.key}:{kind.value}:{envelope.aggregate_id}"


def timeline_fields(row: Row) -> dict[str, Any]:
    """What an item is found by. `listed`: it was not taken back
    and is not another record's now; `open` and `of` are its `Sight`;
    `at` as of a `TimelineItem`, the epoch where no event of it could be read."""
    _, teacher, kind, _ = row["_id"].split(":", 3)
    facts = [fact for group in row["facts"].values() for fact in group.values()]
    fact: Mapping[str, Any] = facts[0] if facts else {}
    person = fact.get("observer") or fact.get("coach") or ""
    sight = sight_of(ItemKind(kind), person, fact.get("shared_at") is not None)
    began = (fact[name] for name in _BEGINS if fact.get(name) is not None)
    return {
        "teacher": teacher,
        "kind": kind,
        "at": next(began, fact.get("at", NEVER)),
        "listed": fact.get("state") not in TAKEN_BACK and not is_gone(fact),
        "open": sight.open,
        "of": sight.of,
    }


def member_fields(row: Row) -> dict[str, Any]:
    """By which program it is found; by none before an event of it is read, or of another record."""
    facts = row["facts"].get(_MEMBERSHIP, {})
    programs = [fact["program"] for fact in facts.values() if not is_gone(fact)]
    return {"teacher": row["_id"].split(":")[1], "program": programs[0] if programs else ""}


def row_of_parked(envelope: Envelope) -> Sequence[tuple[str, str]]:
    """The item of which an event cannot be read; none where the key names no teacher."""
    if envelope.type in enrollments.TYPES and envelope.key.count(":") == 1:
        return [(MEMBERS, _membership_row(envelope))]
    kind = _KINDS.get(envelope.type)
    if kind is None or envelope.key.count(":") != 1 or coaching_sessions.of_nobody(envelope):
        return []
    return [(TIMELINE, _row(envelope, kind))]


def timeline_projection() -> Projection:
    return Projection(
        group=GROUP,
        topics=TOPICS,
        folds=FOLDS,
        derive={TIMELINE: timeline_fields, MEMBERS: member_fields},
        row_of_parked=row_of_parked,
        collections=(TIMELINE, MEMBERS),
        singles=frozenset(FOLDS.values()),  # the one fact of its aggregate's row
        dated=1.0,
    )
