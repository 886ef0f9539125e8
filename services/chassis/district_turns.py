"""How no district waits for the backlog of another, wherever more waits than one read takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Generic, Protocol, TypeVar

TURNS = 8  # districts, or runs of small ones, that a read adds


class OfDistrict(Protocol):
    @property
    def district(self) -> str: ...


W = TypeVar("W", bound=OfDistrict)
W_co = TypeVar("W_co", bound=OfDistrict, covariant=True)


class Some(Protocol[W_co]):
    """What one read has found."""

    @property
    def waiting(self) -> Sequence[W_co]: ...


Read = Callable[[str, Collection[str]], Awaitable[Some[W]]]


class DistrictTurns(Generic[W]):
    """Whose turn it is, by name, where more waits than one read takes."""

    def __init__(self) -> None:
        self._last = ""

    async def others(self, first: Sequence[W], read: Read[W]) -> list[W]:
        """What comes in beside `first`: of districts that have nothing in it. `read` takes some
        (of an outbox 60 aggregates and 1 MB) of the districts after a name, but for those that
        are present, by district and age."""
        present = {each.district for each in first}
        waiting: list[W] = []
        for _ in range(TURNS):
            found = (await read(self._last, present)).waiting
            if not found and not self._last:
                break
            self._last = found[-1].district if found else ""
            present.update(each.district for each in found)
            waiting += found
        return waiting
