"""Answers about caseloads and cards, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from services.chassis.fields import Resource
from services.insights.caseload.domain.attention import Attention
from services.insights.caseload.domain.card import Goal
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.domain.flags import Flag, FlagCode
from services.insights.caseload.domain.steps import DueStep


class LastObservationResource(Resource):
    observation_id: str
    tool_id: str
    shared_at: datetime


class OpenGoalResource(Resource):
    """Values are in `unit`. `current` is the newest progress value. `unknown` is what a newer
    version of Tandem said and this one does not know yet."""

    goal_id: str
    state: Literal["draft", "active", "unknown"]
    measure_id: str
    unit: str
    direction: Literal["increase", "decrease", "unknown"]
    baseline: float | None
    current: float | None
    target: float
    progress_share: float | None = Field(
        description="Share of the way from baseline to target, 0 to 1; null without a baseline, "
        "and where the target does not lie ahead of it"
    )
    due_date: str | None


class LastSurveyResource(Resource):
    """`suppressed`: fewer than `small_n` answered, or too few one of the items, and nothing else is
    said. Else `n_min` to `n_max` answered, and `favorable_share` is about right."""

    administration_id: str
    instrument_id: str
    series_id: str = Field(description="Only results of one series may be joined in a trend")
    validation_status: str | None
    closed_at: datetime
    suppressed: bool
    small_n: int
    n_min: int | None
    n_max: int | None
    favorable_share: float | None


class FlagResource(Resource):
    code: FlagCode = Field(
        examples=["F2"],
        description="F1: no observation for long. F2: feedback is late. F3: a goal stalls. F4: one "
        "is overdue. F5: one has no baseline. F8, to celebrate: one was achieved. F9: what was "
        "agreed on has not been tried for 14 days. F12: you met less than the program plans, F21: "
        "more. Programs may say other days. More may follow",
    )
    rule_version: int
    evidence_ids: list[str]
    since: datetime
    flag_id: str = Field(description="By which the reader answers it, as a coach of the teacher")
    flag_answer_id: str | None = Field(description="What the reader has said to it; null: nothing")
    answer: Literal["acknowledged", "dismissed"] | None = Field(
        description="What the reader alone has said to it: it asks for no more attention until "
        "that is over; null: it waits"
    )


class FindingResource(Resource):
    """That a rule holds of something else than a teacher's card."""

    code: Literal["F13", "F20"] = Field(description="By which docs/architecture.md names the rule")
    rule_version: int
    evidence_ids: list[str]


class DueStepResource(Resource):
    """A step of the process of the program that she was enrolled in last, by its codes:
    `GET /programs/v1/programs/{program_id}/process` says in words what it is."""

    program_id: str
    stage_id: str = Field(examples=["loop"])
    step_id: str = Field(examples=["visit"])
    actor: Literal["coach", "teacher", "both", "partners", "facilitator"] | None = Field(
        description="Who acts in it; null: a newer version of Tandem has said it"
    )
    due_date: str = Field(
        examples=["2026-10-09"], description="The day by whose end it is to be done"
    )
    overdue_days: int = Field(
        examples=[0],
        description="Instructional days since then, by what the reader is shown, such as "
        "of sessions her own; 0: it is not overdue",
    )


class EntryResource(Resource):
    """`incomplete`: something about this teacher cannot be shown yet: an event that could not
    be read, and is parked, or a part of her card."""

    teacher_id: str
    given_name: str
    family_name: str
    school_ids: list[str]
    school_names: list[str] = Field(
        description="What `school_ids` are called, in their order; empty where it is not known"
    )
    last_contact_at: datetime | None
    next_session_at: datetime | None
    last_observation: LastObservationResource | None
    open_goals: list[OpenGoalResource]
    last_survey: LastSurveyResource | None
    flags: list[FlagResource]
    incomplete: bool
    not_shared: list[Literal["goals", "observations", "surveys"]] = Field(
        description="What of her work the teacher does not show the reader: there may be such"
    )
    newest_event_at: datetime | None
    due_step: DueStepResource | None = Field(
        description="What of her program's process is due first, as far as the reader is shown "
        "what it leaves behind; null: nothing"
    )
    from_school_year: int | None = Field(
        description="In the summer, where the relationship is of last school year and not carried "
        "over into this one: that year, of which the entry is; null otherwise"
    )
    paused_at: datetime | None = Field(
        description="Since when what the two have is paused: no flag and no step is due meanwhile; "
        "null: it is not. On the teacher's own card once all that she has is"
    )


class CaseloadResource(Resource):
    """Greatest need of attention first. Everything published before `as_of` is in it;
    `stale`: that was too long ago. Flags count the days of `time_zone`, the district's."""

    coach_id: str
    coach_name: str | None = Field(
        description="What `coach_id` is called; null where it is not known"
    )
    school_year: int
    entries: list[EntryResource]
    as_of: datetime
    stale: bool
    time_zone: str = Field(examples=["America/Los_Angeles"])
    not_shown: int = Field(
        description="How many more teachers are on it who are not shown now, since nothing was "
        "heard for too long of what may have ended that; 0 as a rule"
    )


class CardResource(Resource):
    """One teacher's entry, as it would be on the caller's caseload."""

    entry: EntryResource
    as_of: datetime
    stale: bool


class AttentionItemResource(Resource):
    teacher_id: str
    given_name: str
    family_name: str
    flag: FlagResource = Field(description="Why to look")


class AttentionResource(Resource):
    """What matters most first. Everything published before `as_of` is in it; `stale`: that was too
    long ago. Flags count the days of `time_zone`, the district's."""

    coach_id: str
    school_year: int
    week: str = Field(examples=["2026-10-05"], description="The Monday of the week that it is for")
    items: list[AttentionItemResource]
    more_count: int = Field(description="How many flags more wait on the caseload")
    answered_count: int = Field(
        description="How many of the week's five are answered; nothing comes in their place"
    )
    as_of: datetime
    stale: bool
    time_zone: str = Field(examples=["America/Los_Angeles"])
    not_shown: int = Field(
        description="How many teachers of the caseload are left out now, since nothing was heard "
        "for too long of what may have ended that; 0 as a rule"
    )


def attention_resource(found: Attention, **about: Any) -> AttentionResource:
    return AttentionResource.model_validate(
        {
            **about,
            "week": found.week.isoformat(),
            "items": [
                {
                    "teacher_id": each.card.teacher,
                    "given_name": each.card.given_name,
                    "family_name": each.card.family_name,
                    "flag": _flag(each.flag),
                }
                for each in found.items
            ],
            "more_count": found.more,
            "answered_count": found.answered,
        }
    )


def entry_resource(entry: CaseloadEntry) -> EntryResource:
    """Checked at once from plain values: resources made one by one cost three times as much."""
    card, seen, survey = entry.card, entry.last_observation, entry.last_survey
    return EntryResource.model_validate(
        {
            "teacher_id": card.teacher,
            "given_name": card.given_name,
            "family_name": card.family_name,
            "school_ids": card.schools,
            "school_names": card.school_names,
            "last_contact_at": entry.last_contact_at,
            "next_session_at": entry.next_session_at,
            "last_observation": seen
            and {"observation_id": seen.id, "tool_id": seen.tool, "shared_at": seen.shared_at},
            "open_goals": [_goal(each) for each in entry.open_goals],
            "last_survey": survey
            and {
                "administration_id": survey.id,
                "instrument_id": survey.instrument,
                "series_id": survey.series or survey.instrument,
                "validation_status": survey.validation_status or None,
                "closed_at": survey.closed_at,
                "suppressed": survey.suppressed,
                "small_n": survey.small_n,
                "n_min": survey.n_min,
                "n_max": survey.n_max,
                "favorable_share": survey.favorable_share,
            },
            "flags": [_flag(each) for each in entry.flags],
            "incomplete": card.incomplete,
            "not_shared": card.not_shared,
            "newest_event_at": card.newest_event_at,
            "due_step": entry.due_step and _step(entry.due_step),
            "from_school_year": entry.from_school_year or None,
            "paused_at": card.paused_at,
        }
    )


def entry_bytes(entry: CaseloadEntry) -> bytes:
    """As REST writes it."""
    return entry_resource(entry).model_dump_json().encode()


def _step(step: DueStep) -> dict[str, Any]:
    return {
        "program_id": step.program,
        "stage_id": step.stage,
        "step_id": step.step,
        "actor": step.actor or None,
        "due_date": step.due.isoformat(),
        "overdue_days": step.overdue_days,
    }


def _flag(flag: Flag) -> dict[str, Any]:
    answer = flag.answer
    return {
        "code": flag.code,
        "rule_version": flag.rule_version,
        "evidence_ids": flag.evidence,
        "since": flag.since,
        "flag_id": flag.id,
        "flag_answer_id": answer and answer.id,
        "answer": answer and ("dismissed" if answer.dismissed else "acknowledged"),
    }


_DIRECTIONS = {True: "increase", False: "decrease", None: "unknown"}


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "goal_id": goal.id,
        "state": goal.state.value,
        "measure_id": goal.measure,
        "unit": goal.unit,
        "direction": _DIRECTIONS[goal.increase],
        "baseline": goal.baseline,
        "current": goal.current,
        "target": goal.target,
        "progress_share": goal.share and round(goal.share, 4),
        "due_date": goal.due and goal.due.isoformat(),
    }
