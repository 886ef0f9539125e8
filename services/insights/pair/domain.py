"""How two teachers of a pair visit each other: how often each, and whether one does so alone (F13).

Both know each of these observations: one has made it, the other was observed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.insights.caseload.domain.card import Card
from services.insights.program.domain import Thresholds

WITHIN = timedelta(days=30)
RULE_VERSION = 1  # of F13
MOST_EVIDENCE = 20  # observations, the newest


@dataclass(frozen=True, slots=True)
class Visits:
    """Of one teacher by the other: `count` within the last 30 days, `lately` by when and their ids;
    `last_at` of the newest of the school year."""

    observer: str
    teacher: str
    count: int = 0
    last_at: datetime | None = None
    lately: tuple[tuple[datetime, str], ...] = ()


def visits_of(observer: str, card: Card, now: datetime) -> Visits:
    """Those that were completed, shared or not."""
    done = [
        (each.completed_at, each.id)
        for each in card.observations
        if each.observer == observer and each.completed_at and each.completed_at <= now
    ]
    lately = tuple(each for each in sorted(done) if now - each[0] <= WITHIN)
    last_at = max(done)[0] if done else None
    return Visits(observer, card.teacher, len(lately), last_at, lately)


def evidence_of(circle: str, visits: Sequence[Visits]) -> tuple[str, ...]:
    """What F13 is read from: the pair, and the newest of the observations, oldest first."""
    lately = sorted(each for of in visits for each in of.lately)
    return (circle, *(id_ for _, id_ in lately[-MOST_EVIDENCE:]))


def is_imbalanced(visits: Sequence[Visits], *thresholds: Thresholds) -> bool:
    """F13: within 30 days the one was not visited at all and the other twice or more, or three
    times as often; or by what the program of either of the two says instead."""
    fewer, more = sorted(each.count for each in visits)
    return any(
        more >= each.imbalance_visits if fewer == 0 else more >= each.imbalance_ratio * fewer
        for each in thresholds
    )


def next_session_of(one: Card, other: Card, now: datetime) -> datetime | None:
    """The next one that both are to be at, by the sessions that each of them knows."""
    shared = {each.id for each in other.sessions}
    coming = (
        each.starts_at
        for each in one.sessions
        if each.id in shared and not each.held and each.starts_at > now
    )
    return min(coming, default=None)
