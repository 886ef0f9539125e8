"""Lots that do what a test says, to try all that one may do with the sheets of a survey."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import perm
from random import Random
from typing import Any


class Scripted(Random):
    """Leaves out the sheets at these places; in place of the sheets that lack an item are drawn
    those that `drawn` names, one list for each, and then the others in their order. `bits`: how
    many answers more than the least are enough."""

    def __init__(
        self, left_out: Sequence[int], drawn: Sequence[Sequence[int]] = (), bits: int = 0
    ) -> None:
        super().__init__()
        self.left_out = left_out
        self.drawn = iter(drawn)
        self.bits = bits

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        if k < len(population):
            gone = self.left_out[: len(population) - k]
            return [each for place, each in enumerate(population) if place not in gone]
        first = next(self.drawn)
        rest = (place for place in range(len(population)) if place not in first)
        return [population[place] for place in (*first, *rest)]

    def getrandbits(self, k: int, /) -> int:
        return (1 << min(self.bits, k)) - 1


def drawings(
    n: int, lacking: Sequence[int], whole: Sequence[range]
) -> Iterator[tuple[Sequence[int], Fraction]]:
    """What may be drawn in place of one of n sheets, up to the first that is whole, and how
    likely it is: those `lacking` an item, each by its place, and whole ones by their kinds."""
    for before in _orders(lacking):
        for kind in whole:
            if kind:
                yield (*before, kind[0]), Fraction(len(kind), perm(n, len(before) + 1))


def _orders(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    yield ()
    for number in numbers:
        for rest in _orders([each for each in numbers if each != number]):
            yield (number, *rest)
