"""What the readers of a live caseload were shown of each teacher, and since which change: who comes
back is told of what is different to her, and of nothing that others alone are shown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field

from services.insights.caseload.domain.card import Card
from services.insights.caseload.domain.entry import CaseloadEntry

MOST_LISTS = 1_000  # as many as a process has readers
_Shows = tuple[Card, int]  # and the school year that the card is of, where it is another


@dataclass(slots=True)
class _List:
    """Known since the change `begun` of an `epoch`, and up to the change `read`: no reader's place
    is after that. Of a teacher what is shown of her (None: she is gone), and by which change it
    came to be so."""

    epoch: str
    begun: int
    read: int
    shown: dict[str, tuple[_Shows | None, int]] = field(default_factory=dict)


class Remembered:
    """Of each list, as places name it (`token.scope_of`), in one epoch of changes; those that were
    not read for longest are forgotten first. What changes with time alone counts for nothing here:
    it follows from the instant of a place."""

    def __init__(self, most: int = MOST_LISTS) -> None:
        self._most = most
        self._lists: OrderedDict[str, _List] = OrderedDict()

    def knows(self, of: str, epoch: str, seq: int) -> bool:
        """Whether it is known what a list has shown since `seq`."""
        known = self._lists.get(of)
        return known is not None and known.epoch == epoch and known.begun <= seq

    def note(
        self, of: str, epoch: str, teacher: str, entry: CaseloadEntry | None, seq: int
    ) -> None:
        """What is shown of her by the change `seq`; what was shown already, by an earlier one."""
        shown = self._list(of, epoch, seq).shown
        now = _shows(entry)
        if teacher not in shown or shown[teacher][0] != now:
            shown[teacher] = now, seq

    def note_all(self, of: str, epoch: str, entries: Collection[CaseloadEntry], seq: int) -> None:
        """All that a list shows, when changes up to `seq` had been heard of. What is other than
        before came by the next change after all places there are, which may be heard of later."""
        known = self._list(of, epoch, seq)
        found = {each.card.teacher: each for each in entries}
        at = known.read + 1 if known.shown else seq
        for teacher in {*found, *known.shown}:
            self.note(of, epoch, teacher, found.get(teacher), at)
        self.read(of, epoch, seq)

    def read(self, of: str, epoch: str, seq: int) -> None:
        """A reader's place is `seq`: all that a list shows by changes up to there is noted."""
        known = self._list(of, epoch, seq)
        known.read = max(known.read, seq)

    def since(self, of: str, seq: int) -> Collection[str]:
        """The teachers of whom a list shows something else since `seq`."""
        known = self._lists.get(of)
        return {name for name, (_, at) in known.shown.items() if at > seq} if known else ()

    def _list(self, of: str, epoch: str, seq: int) -> _List:
        known = self._lists.get(of)
        if known is None or known.epoch != epoch:
            known = self._lists[of] = _List(epoch, seq, seq)
        self._lists.move_to_end(of)
        while len(self._lists) > self._most:
            self._lists.popitem(last=False)
        return known


def _shows(entry: CaseloadEntry | None) -> _Shows | None:
    return None if entry is None else (entry.card, entry.from_school_year)
