"""What a reader of a live caseload missed while she was away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.access.calendar import Calendar
from services.insights.caseload.caseloads import CaseloadView
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until
from services.insights.live import token as live_token
from services.insights.live.stream import Message, MessageKind


def missed(
    calendar: Calendar,
    view: CaseloadView,
    place: live_token.Resume,
    other: Collection[str],
    shown: Sequence[Message],
) -> list[Message]:
    """What a reader who was at `place` does not know of all entries that are `shown`: teachers of
    whom her list shows something `other` since, or whom it shows no more, and flags that have come
    or gone with time. Of what is not shown to her she hears nothing."""
    then = datetime.fromtimestamp(place.evaluated_ms / 1000, UTC)
    token = live_token.encode(place)
    entries = [(each, each.entry) for each in shown if each.entry]
    messages = [
        message
        for message, entry in entries
        if entry.card.teacher in other or _at(view, entry, calendar, then) != entry
    ]
    gone = sorted(set(other) - {entry.card.teacher for _, entry in entries})
    return messages + [Message(MessageKind.GONE, token, teacher=each) for each in gone]


def _at(
    view: CaseloadView, entry: CaseloadEntry, calendar: Calendar, then: datetime
) -> CaseloadEntry:
    """An entry as this reader had it, had its card been the same."""
    alone = view.agreed.alone(view.scope.coach, entry.card.teacher)
    was, _ = entry_until(entry.card, calendar, then, alone)
    return replace(was, from_school_year=entry.from_school_year)
