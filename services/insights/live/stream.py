"""One reader of a live caseload: what it was sent, and what waits for it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.chassis.mailbox import Mailbox
from services.chassis.views.projection import Row
from services.insights.caseload.cards import names
from services.insights.caseload.caseloads import CaseloadView, Scope
from services.insights.caseload.domain.entry import CaseloadEntry
from services.insights.caseload.domain.ordering import SortKey


class MessageKind(enum.StrEnum):
    RESET = "reset"  # forget everything: all `count` entries follow
    ENTRY = "entry"
    GONE = "gone"  # the teacher is no longer on this caseload
    ORDER = "order"  # all teachers, greatest need of attention first
    HEARTBEAT = "heartbeat"
    BYE = "bye"  # connect again with the token


@dataclass(frozen=True, slots=True)
class Message:
    """`token` is the place after this message. `need` and `after`: where an entry stands, as
    `EntryData` says; "": nobody is before her. `order`: ids of teachers. `slow`: the reader did not
    keep up. `trace`: that of the change which it tells of, where it is followed. `heard`: when this
    process heard of that change, by `time.monotonic`; 0 where it tells of none."""

    kind: MessageKind
    token: str = ""
    entry: CaseloadEntry | None = None
    need: float = 0.0
    after: str = ""
    teacher: str = ""
    count: int = 0
    order: Sequence[str] = ()
    slow: bool = False
    trace: str = ""
    heard: float = 0.0


class Reader:
    """A live caseload that somebody reads. `sent` is what she has, or will have once she has
    emptied her mailbox, `keys` where each of it belongs, `order` the order that she was told,
    `placed` that with each entry since put where it said; `awaited` are teachers whose card names
    her but who are not on her caseload, or not yet; `standing`: see `CaseloadView.standing`.
    `whole`: of which changes and which list she has all, as epoch and scope of her places; what the
    process knows since is no part of a place before she has been sent it."""

    def __init__(self, scope: Scope, mailbox: int) -> None:
        self.scope = scope
        self.mailbox: Mailbox[Message] = Mailbox(mailbox)
        self.seq = 0
        self.evaluated = datetime.fromtimestamp(0, UTC)
        self.sent: dict[str, CaseloadEntry] = {}
        self.keys: dict[str, SortKey] = {}
        self.order: list[str] = []
        self.placed: list[str] = []
        self.moved = False  # a key is another one than the order that she knows was made by
        self.whole = ("", "")
        self.awaited: set[str] = set()
        self.standing = ""
        self.begun = False

    def note(self, view: CaseloadView, rows: Mapping[str, Row], teachers: Iterable[str]) -> None:
        """Which of these teachers are `awaited`."""
        for teacher in teachers:
            cards = (rows.get(self.scope.row(teacher, year)) for year in view.years)
            named = any(card is not None and names(card, self.scope.coach) for card in cards)
            if named and teacher not in self.sent:
                self.awaited.add(teacher)
            else:
                self.awaited.discard(teacher)

    def place(self, teacher: str, after: str) -> None:
        """As she does it herself: `after` somebody who is on it, or first."""
        self.placed = [each for each in self.placed if each != teacher]
        self.placed.insert(self.placed.index(after) + 1 if after else 0, teacher)

    @property
    def served(self) -> bool:
        """Whether she is to hear of changes."""
        return self.begun and not self.mailbox.over
