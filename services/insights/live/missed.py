"""What a reader of a live caseload missed while she was away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.access.calendar import Calendar
from services.chassis.views.projection import Row
from services.insights.caseload.cards import card_of
from services.insights.caseload.caseloads import CaseloadView
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until
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
        if each.card.teacher in changed or _at(view, each, calendar, then) != each
    ]
    others = sorted(set(changed) - {each.card.teacher for each in entries})
    ids = [scope.row(teacher, year) for teacher in others for year in view.years]
    rows = await cards.rows(ids) if ids else {}
    gone = [each for each in others if was_hers(view, rows, each)]
    return messages + [Message(MessageKind.GONE, token, teacher=each) for each in gone]


def was_hers(view: CaseloadView, rows: Mapping[str, Row], teacher: str) -> bool:
    """Whether a teacher may have been on a caseload. Of others its coach must not even hear that
    they are no more: something changes of everybody."""
    scope = view.scope
    cards = (rows.get(scope.row(teacher, year)) for year in view.years)
    ties = (tie for card in cards if card is not None for tie in card_of(card).relationships)
    return any(tie.coach == scope.coach for tie in ties)


def _at(
    view: CaseloadView, entry: CaseloadEntry, calendar: Calendar, then: datetime
) -> CaseloadEntry:
    """An entry as this reader had it, had its card been the same."""
    alone = view.agreed.alone(view.scope.coach, entry.card.teacher)
    was, _ = entry_until(entry.card, calendar, then, alone)
    return replace(was, from_school_year=entry.from_school_year)
