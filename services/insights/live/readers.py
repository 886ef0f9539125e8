"""Who reads live caseloads in this process, and of whom changed cards concern somebody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from services.insights.caseload.caseloads import Scope
from services.insights.live.changes import place_of
from services.insights.live.stream import Reader

EACH = 5  # streams of one person
Years = Callable[[str, int], Sequence[int]]


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

    def full(self, district: str, most: int) -> bool:
        """Whether somebody of a district finds no place among `most`: it leaves others a fifth."""
        of_district = sum(count for (each, _), count in self._watched.items() if each == district)
        return len(self) >= most or of_district >= max(most * 4 // 5, 1)

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

    def concerned(self, row_id: str, years: Years) -> Collection[str]:
        """The cards of which those entries are made that a changed card may be part of; of a
        person (`district:person`) those of readers whom she concerns. `years`: district and
        school year of a caseload -> those of its cards."""
        place = place_of(row_id)
        if place is None:
            return self._of_person(row_id, years)
        district, year = place
        card = row_id.rpartition(":")[0]
        return {
            f"{card}:{each}"
            for watched in (year, year + 1)
            if (district, watched) in self._watched and year in years(district, watched)
            for each in years(district, watched)
        }

    def _of_person(self, row_id: str, years: Years) -> Collection[str]:
        district, _, person = row_id.partition(":")
        return {
            each.scope.row(person, year)
            for each in self._all
            if each.scope.district == district and (person in each.sent or person in each.awaited)
            for year in years(district, each.scope.school_year)
        }

    def of_coaches(self, row_ids: Collection[str]) -> Sequence[Reader]:
        """Who reads a caseload of one of these people."""
        return [
            each for each in self.served() if f"{each.scope.district}:{each.scope.coach}" in row_ids
        ]
