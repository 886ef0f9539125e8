"""Who reads live caseloads in this process, and of whom changed cards concern somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from services.insights.application.live_changes import place_of
from services.insights.application.live_stream import Reader, Scope

EACH = 5  # streams of one person


class Readers:
    """The oldest first."""

    def __init__(self) -> None:
        self._all: dict[Reader, None] = {}
        self._watched: Counter[tuple[str, int]] = Counter()  # district, school year

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Reader]:
        """Those of this moment: others may come and go meanwhile."""
        return iter(list(self._all))

    def served(self) -> Iterator[Reader]:
        return (each for each in self if each.served)

    def make_room(self, scope: Scope) -> None:
        """Of EACH streams of one person the oldest says goodbye."""
        person = scope.district, scope.coach
        hers = [each for each in self if (each.scope.district, each.scope.coach) == person]
        for oldest in hers[: max(len(hers) - EACH + 1, 0)]:
            oldest.mailbox.end()
            self.discard(oldest)  # it counts no more, though it may take long to read its end

    def add(self, reader: Reader) -> None:
        self._all[reader] = None
        self._watched[reader.scope.district, reader.scope.school_year] += 1

    def discard(self, reader: Reader) -> None:
        if reader in self._all:
            del self._all[reader]
            place = reader.scope.district, reader.scope.school_year
            self._watched[place] -= 1
            if not self._watched[place]:
                del self._watched[place]

    def concerned(self, row_id: str) -> Sequence[str]:
        """The card, where somebody watches its district and year; of a person
        (`district:person`) the cards that somebody was sent."""
        place = place_of(row_id)
        if place is not None:
            return [row_id] if place in self._watched else []
        district, _, person = row_id.partition(":")
        sent = {
            each.scope.row(person)
            for each in self._all
            if each.scope.district == district and person in each.sent
        }
        return sorted(sent)
