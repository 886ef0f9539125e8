"""What a coach might look at first this week: the few flags of her caseload that matter most.

It ranks what to look at, never people: each flag by the weight of its kind times how recent it is,
whoever's it is. What a teacher has achieved is as much worth a look as a problem: where there is
such a flag at all, the newest of them is among those that are shown. What she has answered within
the week is of the week's few: nothing comes in its place before the next one.
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
    """At most `MOST` items, with those that were `answered` within the week; `more` flags that wait
    for an answer are on the caseload beside them. `week`: its Monday."""

    week: date
    items: tuple[AttentionItem, ...]
    more: int
    answered: int = 0


def attention_of(entries: Iterable[CaseloadEntry], calendar: Calendar, now: datetime) -> Attention:
    """How recent a flag is counts as of the beginning of the week, so that the order is calm until
    the next: within it only what is raised comes, and what has been seen to goes. A place is kept
    for growth as long as none was answered: answers to problems take the others."""
    week = monday_of(calendar.day_of(now))
    begins = calendar.begins(week)

    def rank(item: AttentionItem) -> tuple[float, float, str, str, tuple[str, ...]]:
        flag, teacher = item.flag, item.card.teacher
        weight = WEIGHTS.get(flag.code, CELEBRATION)
        priority = weight * recency(flag.since, begins)
        return (-priority, -flag.since.timestamp(), teacher, flag.code, flag.evidence)

    entries = list(entries)
    waiting = (
        AttentionItem(each.card, flag)
        for each in entries
        for flag in each.flags
        if flag.answer is None
    )
    items = sorted(waiting, key=rank)
    answered = [
        answer for each in entries for answer in each.card.answers if answer.answered_at >= begins
    ]
    growth = [each for each in items if each.flag.code is FlagCode.GROWTH]
    if any(answer.flag.startswith(f"{FlagCode.GROWTH}-") for answer in answered):
        growth = []
    places = max(MOST - len(answered), 1 if growth else 0)
    shown = items[:places]
    if growth and not any(each.flag.code is FlagCode.GROWTH for each in shown):
        shown = [*shown[: places - 1], growth[0]]
    return Attention(week, tuple(shown), len(items) - len(shown), min(MOST, len(answered)))
