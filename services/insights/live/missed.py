"""What a reader of a live caseload missed while she was away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.insights.calendar.domain import Calendar
from services.insights.caseload.cards import card_of
from services.insights.caseload.caseloads import CaseloadView
from services.insights.caseload.domain.entry import CaseloadEntry, entry_of
from services.insights.caseload.named_cards import NamedCards
from services.insights.live import token as live_token
from services.insights.live.stream import Message, MessageKind


async def missed(
    cards: NamedCards,
    calendar: Calendar,
    view: CaseloadView,
    place: live_token.Resume,
    changed: Collection[str],
    entries: Sequence[CaseloadEntry],
) -> list[Message]:
    """What a reader who was at `place` does not know of `entries`: teachers of whom something
    has `changed`, flags that have come or gone with time, teachers who have left. At most 1
    database command."""
    scope = view.scope
    then = datetime.fromtimestamp(place.evaluated_ms / 1000, UTC)
    token = live_token.encode(place)
    messages = [
        Message(MessageKind.ENTRY, token, entry=each)
        for each in entries
        if each.card.teacher in changed or _at(each, calendar, then) != each
    ]
    others = sorted(set(changed) - {each.card.teacher for each in entries})
    ids = [scope.row(teacher, year) for teacher in others for year in view.years]
    gone = {
        card.teacher
        for card in map(card_of, (await cards.rows(ids)).values() if ids else ())
        if any(each.coach == scope.coach for each in card.relationships)
    }
    return messages + [Message(MessageKind.GONE, token, teacher=each) for each in sorted(gone)]


def _at(entry: CaseloadEntry, calendar: Calendar, then: datetime) -> CaseloadEntry:
    """An entry as it was, had its card been the same."""
    was = entry_of(entry.card, calendar, then)
    return replace(was, from_school_year=entry.from_school_year)
