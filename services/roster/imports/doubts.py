"""What wrong rows may have said: nothing of it is taken from what is stored."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from itertools import product

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Stranger:
    """An id that a wrong row names and that the file has nowhere else: perhaps another one,
    spoiled."""

    id: str


Told = str | Stranger | None


class Doubts:
    """A tuple for each wrong row, such as (class, teacher), with None for what it did not
    tell. Beyond 100,000 of them everything is in doubt."""

    def __init__(self) -> None:
        self._told: set[tuple[Told, ...]] = set()
        self._everything = False

    def add(self, *told: Told) -> None:
        if len(self._told) < MOST:
            self._told.add(told)
        else:
            self._everything = True

    def rename(self, names: Mapping[str, str], place: int) -> None:
        """Tell in one place of the tuples other ids in place of some."""

        def renamed(told: Told) -> Told:
            if isinstance(told, Stranger):
                return Stranger(names.get(told.id, told.id))
            return names.get(told, told) if told is not None else None

        self._told = {
            (*told[:place], renamed(told[place]), *told[place + 1 :]) for told in self._told
        }

    def settle(self, *stored: Container[str], forced: bool) -> None:
        """Before the first question. `stored`: the ids of each place of the tuples. A stranger
        that is not stored may be anyone. With `forced` only rows count that tell of what they
        are, in their first place, and name nobody who is not known."""
        settled: set[tuple[Told, ...]] = set()
        for told in self._told:
            known = tuple(_known(each, ids) for each, ids in zip(told, stored, strict=True))
            if not forced or (known[0] is not None and told.count(None) == known.count(None)):
                settled.add(known)
        self._told = settled
        self._everything = self._everything and not forced

    def about(self, *what: str) -> bool:
        """Whether a wrong row may have said this."""
        if self._everything:
            return True
        return bool(self._told) and any(
            each in self._told for each in product(*((name, None) for name in what))
        )


def _known(told: Told, ids: Container[str]) -> str | None:
    if isinstance(told, Stranger):
        return told.id if told.id in ids else None
    return told
