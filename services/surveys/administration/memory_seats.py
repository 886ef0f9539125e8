"""`Seats` in memory: for contract and component tests. Every method yields to the loop once
before it acts, as a database would, so that tasks interleave."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from services.surveys.administration.small_n import Sheet


@dataclass
class _Seat:
    district: str
    administration: str
    sheet: Sheet | None = None
    frozen: int = -1  # the last round in which it was; -1: in none

    def of(self, district: str, administration: str) -> bool:
        return (self.district, self.administration) == (district, administration)


class MemorySeats:
    def __init__(self) -> None:
        self._seats: dict[str, _Seat] = {}

    async def prepare(self, district: str, administration: str, seats: Sequence[str]) -> None:
        await asyncio.sleep(0)
        for seat in seats:
            self._seats.setdefault(seat, _Seat(district, administration))

    async def answer(
        self, district: str, administration: str, seat: str, sheet: Sheet, round: int
    ) -> bool:
        await asyncio.sleep(0)
        found = self._seats.get(seat)
        if found is None or not found.of(district, administration) or found.frozen >= round:
            return False
        if found.sheet is None:
            found.sheet = dict(sheet)
        return True

    async def freeze(self, district: str, administration: str, round: int) -> None:
        await asyncio.sleep(0)
        for seat in self._of(district, administration):
            seat.frozen = max(seat.frozen, round)

    async def sheets(self, district: str, administration: str) -> Sequence[Sheet]:
        await asyncio.sleep(0)
        return [
            dict(seat.sheet)
            for seat in self._of(district, administration)
            if seat.sheet is not None
        ]

    async def clear(self, district: str, administration: str) -> None:
        await asyncio.sleep(0)
        for seat in self._of(district, administration):
            seat.sheet, seat.frozen = None, sys.maxsize

    async def remove(self, district: str, administration: str) -> None:
        await asyncio.sleep(0)
        gone = [each for each, seat in self._seats.items() if seat.of(district, administration)]
        for each in gone:
            del self._seats[each]

    def _of(self, district: str, administration: str) -> Sequence[_Seat]:
        ordered = (seat for _, seat in sorted(self._seats.items()))
        return [seat for seat in ordered if seat.of(district, administration)]
