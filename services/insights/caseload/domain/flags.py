"""Attention flags: why a coach might look at this teacher next.

Computed when read, from the card as its reader may see it (`sight`), the calendar of the
teacher's school and the time, so no timer is needed for them to be right. No flag without an active
relationship, none while it is paused, and none outside a term. All instants are UTC.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256

from services.access.calendar import Calendar
from services.insights.caseload.domain.card import (
    REACHED,
    Card,
    FlagAnswer,
    Goal,
    GoalState,
    ObservationState,
)
from services.insights.caseload.domain.dosage import dosage_of


class FlagCode(enum.StrEnum):
    NO_OBSERVATION = "F1"
    FEEDBACK_LATE = "F2"
    GOAL_STALLED = "F3"
    GOAL_OVERDUE = "F4"
    NO_BASELINE = "F5"
    GROWTH = "F8"
    STEP_OPEN = "F9"
    DOSAGE_GAP = "F12"
    OVERLOAD = "F21"


RULE_VERSIONS = {
    FlagCode.NO_OBSERVATION: 3,
    FlagCode.FEEDBACK_LATE: 3,
    FlagCode.GOAL_STALLED: 2,
    FlagCode.GOAL_OVERDUE: 1,
    FlagCode.NO_BASELINE: 1,
    FlagCode.GROWTH: 1,
    FlagCode.STEP_OPEN: 1,
    FlagCode.DOSAGE_GAP: 2,
    FlagCode.OVERLOAD: 2,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """`since` is the instant at which the rule began to hold; `evidence` the aggregates
    that it was read from, of which the first is what it is about. `answer`: what its reader has
    said to it, as long as that counts."""

    code: FlagCode
    evidence: tuple[str, ...]
    since: datetime
    answer: FlagAnswer | None = None

    @property
    def subject(self) -> str:
        """Its code and a digest of what it is about."""
        return f"{self.code}-{_digest(self.evidence[:1])}"

    @property
    def id(self) -> str:
        """By which its reader answers it: `subject`, and a digest of what it follows from."""
        return f"{self.subject}-{_digest(self.evidence)}"

    @property
    def rule_version(self) -> int:
        return RULE_VERSIONS[self.code]


def _digest(ids: Iterable[str]) -> str:
    return sha256("\x1f".join(ids).encode()).hexdigest()[:16]


def flags_of(card: Card, calendar: Calendar, now: datetime) -> tuple[Flag, ...]:
    """The flags that hold at `now`, by code, then by age. A goal, an observation or a
    trial has at most one flag of a code."""
    return flags_until(card, calendar, now)[0]


def flags_until(card: Card, calendar: Calendar, now: datetime) -> tuple[tuple[Flag, ...], datetime]:
    """`flags_of`, and the first instant after `now` from which the same card and calendar may
    say something else: other flags, or another number of whole days since one of them, by
    which caseloads are ordered. The district's next midnight at the latest: terms and due dates
    are days."""
    today = calendar.day_of(now)
    until = calendar.ends(today)
    calendar = calendar.at(card.teaches_at(today))
    if not calendar.in_session(today) or not any(r.runs for r in card.relationships):
        return (), until
    raised = [*_observations(card, calendar)]
    for goal in card.goals:
        raised.extend(_goal(goal, card, calendar, now))
    raised.extend(_steps(card))
    raised.extend(_dosage(card, calendar, today))
    holding = [_answered(flag, card, today) for flag in raised if flag.since <= now]
    for flag in raised:
        until = min(until, _next_change(flag, card, now))
    return tuple(sorted(holding, key=lambda flag: (flag.code, flag.since, flag.evidence))), until


def _answered(flag: Flag, card: Card, today: date) -> Flag:
    """With the newest that its reader has said to it. A dismissal is of what it is about, and ends
    with its day; an acknowledgment is of what it follows from, and not of what has begun since."""
    if not card.answers:
        return flag
    id_, subject = flag.id, flag.subject
    counting = [
        each
        for each in card.answers
        if each.flag.rpartition("-")[0] == subject
        and (
            (each.until is None or today < each.until)
            if each.dismissed
            else (each.flag == id_ and flag.since <= each.answered_at)
        )
    ]
    newest = max(counting, key=lambda each: (each.answered_at, each.id), default=None)
    return replace(flag, answer=newest) if newest else flag


def _next_change(flag: Flag, card: Card, now: datetime) -> datetime:
    """The next instant at which a flag begins, is a whole day older, or is over."""
    if flag.since > now:
        return flag.since
    if flag.code is FlagCode.GROWTH:
        # closed by a clock ahead of ours, it begins anew at every instant
        lasts = _celebrated(card) if flag.since < now else timedelta()
        return flag.since + lasts + timedelta.resolution
    return flag.since + timedelta(days=(now - flag.since).days + 1)


def _observations(card: Card, calendar: Calendar) -> Iterator[Flag]:
    """F1 counts from the last shared observation or from the beginning of the coaching,
    whichever is later: nobody is late for the time before she was there, or while it was paused.
    F2 is about those who coach her now, and herself: what somebody left behind waits for the
    teacher's decision."""
    hers = {card.teacher, *(r.coach for r in card.relationships if r.runs)}
    starts = [(r.began_at, r.id) for r in card.relationships if r.runs and r.began_at]
    shared = [(o.shared_at, o.id) for o in card.observations if o.shared_at]
    days = card.thresholds.no_observation_days
    latest = max([min(starts, default=None), max(shared, default=None)], key=_newest)
    if latest is not None and (since := calendar.passed(latest[0], days)):
        yield Flag(FlagCode.NO_OBSERVATION, (latest[1],), since)
    for each in card.observations:
        if each.state is not ObservationState.COMPLETED or each.completed_at is None:
            continue
        if each.observer and each.observer not in hers:
            continue
        if since := calendar.passed(each.completed_at, card.thresholds.feedback_days):
            yield Flag(FlagCode.FEEDBACK_LATE, (each.id,), since)


def _goal(goal: Goal, card: Card, calendar: Calendar, now: datetime) -> Iterator[Flag]:
    if goal.state is GoalState.ACTIVE:
        if stalled := _stalled(goal, card):
            yield stalled
        if goal.due is not None and goal.due < calendar.day_of(now):
            yield Flag(FlagCode.GOAL_OVERDUE, (goal.id,), calendar.ends(goal.due))
    elif goal.state is GoalState.DRAFT and goal.baseline is None and goal.drafted_at is not None:
        if since := calendar.passed(goal.drafted_at, card.thresholds.no_baseline_days):
            yield Flag(FlagCode.NO_BASELINE, (goal.id,), since)
    elif goal.state in REACHED and goal.closed_at is not None:
        achieved = min(goal.closed_at, now)  # the clock that closed it may be ahead of ours
        if now - achieved <= _celebrated(card):
            yield Flag(FlagCode.GROWTH, (goal.id,), achieved)


def _celebrated(card: Card) -> timedelta:
    return timedelta(days=card.thresholds.celebrated_days)


def _steps(card: Card) -> Iterator[Flag]:
    """A step that the teacher has agreed to, and not tried for 14 days."""
    lasts = timedelta(days=card.thresholds.step_open_days)
    for each in card.trials:
        if each.waits and each.agreed_at is not None:
            yield Flag(FlagCode.STEP_OPEN, (each.id,), each.agreed_at + lasts)


def _dosage(card: Card, calendar: Calendar, today: date) -> Iterator[Flag]:
    """They met less, or more, than her program plans: by the relationship, and the sessions."""
    found = dosage_of(card, calendar, today)
    if found is not None:
        code = FlagCode.DOSAGE_GAP if found.below else FlagCode.OVERLOAD
        ties = tuple(sorted(each.id for each in card.relationships if each.runs))
        yield Flag(code, (*ties, *found.sessions), found.since)


def _stalled(goal: Goal, card: Card) -> Flag | None:
    """None of the signs of work for 21 days: progress, a link to evidence, a step of it that was
    tried, a linked survey; or two progress values in a row that are no better than the baseline.
    Its evidence is the goal and, where it is not of the goal itself, the last sign."""
    no_better = [
        value is not None and goal.no_better_than_baseline(value)
        for value in (goal.current, goal.previous)
    ]
    if no_better == [True, True] and goal.last_progress_at is not None:
        return Flag(FlagCode.GOAL_STALLED, (goal.id,), goal.last_progress_at)
    own = (goal.activated_at, goal.last_progress_at, goal.last_evidence_at)
    signs = [(at, goal.id) for at in own]
    signs += [(each.tried_at, each.id) for each in card.trials if each.goal == goal.id]
    for survey in card.surveys:
        if survey.goal == goal.id:
            signs += [(survey.opened_at, survey.id), (survey.closed_at, survey.id)]
    seen = [(at, source) for at, source in signs if at is not None]
    if not seen:
        return None
    at, source = max(seen)
    lasts = timedelta(days=card.thresholds.stalled_days)
    return Flag(FlagCode.GOAL_STALLED, tuple(dict.fromkeys((goal.id, source))), at + lasts)


def _newest(found: tuple[datetime, str] | None) -> float:
    return found[0].timestamp() if found else float("-inf")
