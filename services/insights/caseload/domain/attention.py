"""What a coach might look at first this week: the few flags of her caseload that matter most.

It ranks what to look at, never people: each flag by the weight of its kind times how recent it is,
whoever's it is. What a teacher has achieved is as much worth a look as a problem: where there is
such a flag at all, the newest of them is among those that are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.access.calendar import Calendar, monday_of
from services.insights.caseload.domain.card import Card
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.domain.flags import Flag, FlagCode
from services.insights.caseload.domain.ordering import WEIGHTS, recency

MOST = 5
CELEBRATION = 2.0  # its weight here; in the order of a caseload it has none


@dataclass(frozen=True, slots=True)
class AttentionItem:
    card: Card
    flag: Flag


@dataclass(frozen=True, slots=True)
class Attention:
    """At most `MOST` items; `more` flags are on the caseload beside them. `week`: its Monday."""

    week: date
    items: tuple[AttentionItem, ...]
    more: int


def attention_of(entries: Iterable[CaseloadEntry], calendar: Calendar, now: datetime) -> Attention:
    """How recent a flag is counts as of the beginning of the week, so that the order is calm until
    the next: within it only what is raised comes, and what has been seen to goes."""
    week = monday_of(calendar.day_of(now))
    begins = calendar.begins(week)

    def rank(item: AttentionItem) -> tuple[float, float, str, str, tuple[str, ...]]:
        flag, teacher = item.flag, item.card.teacher
        weight = WEIGHTS.get(flag.code, CELEBRATION)
        priority = weight * recency(flag.since, begins)
        return (-priority, -flag.since.timestamp(), teacher, flag.code, flag.evidence)

    items = sorted(
        (AttentionItem(each.card, flag) for each in entries for flag in each.flags), key=rank
    )
    shown = items[:MOST]
    growth = [each for each in items if each.flag.code is FlagCode.GROWTH]
    if growth and not any(each.flag.code is FlagCode.GROWTH for each in shown):
        shown = [*shown[: MOST - 1], growth[0]]
    return Attention(week, tuple(shown), len(items) - len(shown))
