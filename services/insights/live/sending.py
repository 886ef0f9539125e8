"""What a reader of a live caseload is sent: at first, of changes, and when all is read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from services.access.access import Access
from services.chassis.kernel import Clock
from services.chassis.views.followed import TRACE
from services.chassis.views.projection import Row
from services.insights.calendar.read import Almanac
from services.insights.caseload.caseloads import (
    CaseloadView,
    entries_of,
    rows_of,
    teachers_in,
    view_of,
)
from services.insights.caseload.domain.entry import CaseloadEntry, sort_key_of
from services.insights.caseload.named_cards import NamedCards
from services.insights.live import token as live_token
from services.insights.live.changes import Changes
from services.insights.live.missed import missed
from services.insights.live.remembered import Remembered
from services.insights.live.stream import Message, MessageKind, Reader


class Sender:
    """One reading of cards at a time: the hub sees to it."""

    def __init__(
        self, cards: NamedCards, almanac: Almanac, access: Access, clock: Clock, changes: Changes
    ) -> None:
        self._cards, self._almanac = cards, almanac
        self._access, self._clock = access, clock
        self._changes = changes
        self._remembered = Remembered()

    async def begin(self, reader: Reader, place: live_token.Resume | None) -> list[Message]:
        """Her first messages; the last of them, the order, carries her place."""
        reader.seq = self._changes.newest
        now = self._clock.now()
        view, rows, entries = await self._read(reader, now)
        reader.whole = epoch, list_ = self._changes.epoch, self._scope(reader)
        if place is not None and not self._knows(place, reader):
            place = None
        self._remembered.note_all(list_, epoch, entries, reader.seq)
        reader.sent = {each.card.teacher: each for each in entries}
        reader.keys = {each.card.teacher: sort_key_of(each, now) for each in entries}
        reader.order, reader.moved = list(reader.sent), False
        reader.placed = reader.order
        token = self.token(reader, 0) if place is None else live_token.encode(place)
        after = afters(entries)
        shown = [_entry(reader, each, token, after[each.card.teacher]) for each in entries]
        if place is not None:
            calendar = self._almanac.calendar(view.scope.district, view.scope.school_year)
            other = self._remembered.since(list_, place.seq)
            messages = missed(calendar, view, place, other, shown)
        else:
            messages = [Message(MessageKind.RESET, token, count=len(entries)), *shown]
        reader.note(view, rows, teachers_in(rows))
        reader.evaluated = now
        reader.begun = True
        place_now = self.token(reader, reader.seq)
        return [*messages, Message(MessageKind.ORDER, place_now, order=reader.order)]

    async def tell(
        self,
        reader: Reader,
        teachers: Mapping[str, int],
        rows: Mapping[str, Row],
        heard: float = 0.0,
    ) -> None:
        """Of changed teachers, by the number of the change: what it makes of her caseload. `heard`
        as a `Message` has it."""
        view = await view_of(self._access, reader.scope)
        if view.standing != reader.standing:
            await self.compare(reader)  # she may see others, or nobody, since
            return
        now = self._clock.now()
        for teacher, seq in teachers.items():
            entry = view.entry(rows, teacher, self._almanac, now)
            if entry is not None:
                trace = trace_of(reader, view, rows, teacher)
                self._send(reader, entry, now, seq, trace=trace, heard=heard)
            elif teacher in reader.sent:
                self._gone(reader, teacher, seq)
            reader.note(view, rows, [teacher])
        self._arrange(reader, max(teachers.values(), default=reader.seq))

    def caught_up(self, reader: Reader) -> None:
        """She has been told of all changes that are known."""
        reader.seq = self._changes.newest
        if reader.whole[0] == self._changes.epoch:
            self._remembered.read(reader.whole[1], reader.whole[0], reader.seq)

    async def compare(self, reader: Reader) -> None:
        """Send what her caseload shows now and she does not have. 1 database command."""
        now = self._clock.now()
        view, rows, found = await self._read(reader, now)
        entries = {each.card.teacher: each for each in found}
        list_ = self._scope(reader)
        self._remembered.note_all(list_, self._changes.epoch, found, reader.seq)
        after = afters(found)
        for teacher, entry in entries.items():
            self._send(reader, entry, now, reader.seq, after[teacher])
        for teacher in reader.sent.keys() - entries.keys():
            self._gone(reader, teacher, reader.seq)
        self._arrange(reader, reader.seq)
        reader.note(view, rows, teachers_in(rows))
        reader.evaluated = now
        reader.whole = self._changes.epoch, list_

    def token(self, reader: Reader, seq: int) -> str:
        """Her place once she has been sent the changes up to `seq`."""
        evaluated = int(reader.evaluated.timestamp() * 1000)
        return live_token.encode(live_token.Resume(*reader.whole, seq, evaluated))

    async def _read(
        self, reader: Reader, now: datetime
    ) -> tuple[CaseloadView, Mapping[str, Row], list[CaseloadEntry]]:
        view = await view_of(self._access, reader.scope)
        rows = await rows_of(self._cards, view)
        reader.standing = view.standing
        return view, rows, entries_of(rows, self._almanac, view, now)

    def _send(
        self,
        reader: Reader,
        entry: CaseloadEntry,
        now: datetime,
        seq: int,
        after: str | None = None,
        **more: Any,
    ) -> None:
        """`after`: None where it follows from the keys, which hold for all others now."""
        key = sort_key_of(entry, now)
        reader.moved = reader.moved or reader.keys.get(entry.card.teacher) != key
        reader.keys[entry.card.teacher] = key
        if reader.sent.get(entry.card.teacher) != entry:
            self._remember(reader, entry.card.teacher, entry, seq)
            reader.sent[entry.card.teacher] = entry
            if after is None:
                after = max((each for each in reader.keys.values() if each < key), default=key)[2]
                after = "" if after == entry.card.teacher else after
            reader.place(entry.card.teacher, after)
            reader.mailbox.put(_entry(reader, entry, self.token(reader, seq), after, **more))

    def _gone(self, reader: Reader, teacher: str, seq: int) -> None:
        self._remember(reader, teacher, None, seq)
        for known in (reader.sent, reader.keys):
            known.pop(teacher, None)
        reader.order = [each for each in reader.order if each != teacher]  # as she does it herself
        reader.placed = [each for each in reader.placed if each != teacher]
        reader.mailbox.put(Message(MessageKind.GONE, self.token(reader, seq), teacher=teacher))

    def _knows(self, place: live_token.Resume, reader: Reader) -> bool:
        """Whether it is known here what her list has shown since."""
        if (place.epoch, place.scope) != reader.whole or place.seq > reader.seq:
            return False
        return self._remembered.knows(place.scope, place.epoch, place.seq)

    def _remember(
        self, reader: Reader, teacher: str, entry: CaseloadEntry | None, seq: int
    ) -> None:
        epoch, list_ = reader.whole
        self._remembered.note(list_, epoch, teacher, entry, seq)

    def _arrange(self, reader: Reader, seq: int) -> None:
        """Send the order where it is not the one she was told, or made of the entries since: who
        moves behind another one whose key changes next, and who is not sent, may be wrong there."""
        if not reader.moved:
            return
        reader.moved = False
        order = sorted(reader.sent, key=reader.keys.__getitem__)
        if order != reader.order or order != reader.placed:
            reader.order = reader.placed = order
            reader.mailbox.put(Message(MessageKind.ORDER, self.token(reader, seq), order=order))

    def _scope(self, reader: Reader) -> str:
        calendar = self._almanac.calendar(reader.scope.district, reader.scope.school_year)
        means = f"{calendar.means} {self._cards.known_means(reader.scope.district)}"
        return live_token.scope_of(reader.scope, reader.standing, means)


def afters(entries: Sequence[CaseloadEntry]) -> Mapping[str, str]:
    """Behind whom each teacher of a whole caseload stands, empty: nobody."""
    order = ["", *(each.card.teacher for each in entries)]
    return {teacher: after for after, teacher in pairwise(order)}


def _entry(reader: Reader, entry: CaseloadEntry, token: str, after: str, **more: Any) -> Message:
    need = round(-reader.keys[entry.card.teacher][0], 4)
    return Message(MessageKind.ENTRY, token, entry=entry, need=need, after=after, **more)


def trace_of(reader: Reader, view: CaseloadView, rows: Mapping[str, Row], teacher: str) -> str:
    """The trace that a changed card of hers names, empty where none is followed."""
    cards = (rows.get(reader.scope.row(teacher, year), {}) for year in view.years)
    return next((card[TRACE] for card in cards if TRACE in card), "")
