"""The order of a caseload: by need of attention, never by a score of people.

Need is the sum, over the kinds of problem flags that a teacher's card shows, of the kind's
weight times the recency of its newest flag: 1 on the day it is raised, halved every four
weeks, never below a quarter. Many flags of one kind count once, and what its reader has answered
not at all. F8 asks for a celebration and adds nothing. Equal need: who has been without contact for
longest, then the teacher's id; behind all of these whose coaching is paused. Observation scores and
survey results are no input.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from services.insights.caseload.domain.flags import Flag, FlagCode

WEIGHTS: dict[str, float] = {
    FlagCode.FEEDBACK_LATE: 4.0,  # a teacher waits for an answer
    FlagCode.NO_OBSERVATION: 3.0,
    FlagCode.GOAL_OVERDUE: 3.0,
    FlagCode.GOAL_STALLED: 2.0,
    FlagCode.DOSAGE_GAP: 2.0,
    FlagCode.OVERLOAD: 2.0,
    FlagCode.NO_BASELINE: 1.0,
    FlagCode.STEP_OPEN: 1.0,
}
HALF_LIFE_DAYS = 28
LEAST_RECENCY = 0.25

SortKey = tuple[float, float, str]


def need(flags: Iterable[Flag], now: datetime) -> float:
    """0 without a problem flag, above 0 with one."""
    newest: dict[str, datetime] = {}
    for flag in flags:
        if flag.code in WEIGHTS and flag.answer is None:
            newest[flag.code] = max(flag.since, newest.get(flag.code, flag.since))
    return sum(WEIGHTS[code] * recency(since, now) for code, since in newest.items())


def recency(since: datetime, now: datetime) -> float:
    days = max(0, (now - since).days)  # whole days: the order is calm within a day
    return max(LEAST_RECENCY, math.exp2(-days / HALF_LIFE_DAYS))


def sort_key(
    teacher: str,
    flags: Iterable[Flag],
    last_contact: datetime | None,
    now: datetime,
    *,
    paused: bool = False,
) -> SortKey:
    """A sort key: greatest need first."""
    contact = last_contact.timestamp() if last_contact else float("-inf")
    if paused:
        contact = float("inf")
    return (-need(flags, now), contact, teacher)
