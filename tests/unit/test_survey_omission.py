"""What a survey says about one child who leaves an item out, to somebody who knows all else.

She knows every other sheet, how the figures are made, and what is asked. What she does not
know: what is on the child's sheet, and what the lot does. Whether the child left an item out
is *decided* where no sheet of hers on which it is otherwise can lead to the results that came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import comb

import pytest

from services.surveys.administration.small_n import LOWEST, Results, Sheet, release
from tests.support.small_groups import Scripted, drawings

ASKED = {"a": (1,), "b": (1,)}
WHOLE: Sequence[Sheet] = [{"a": a, "b": b} for a in (0, 1) for b in (0, 1)]
HERS: Sequence[Sheet] = [
    {item: value for item, value in zip("ab", values, strict=True) if value is not None}
    for values in product((0, 1, None), repeat=2)
    if values != (None, None)
]
# In which proportion the others have each of the four whole sheets.
SHARES = [(1, 1, 1, 1), (1, 0, 0, 1), (0, 0, 0, 1), (1, 0, 0, 3), (2, 0, 1, 2), (0, 1, 1, 0)]


def others_of(n: int, shares: Sequence[int]) -> list[int]:
    counts = [n * share // sum(shares) for share in shares]
    counts[shares.index(max(shares))] += n - sum(counts)
    return counts


def outcomes(
    counts: Sequence[int], left: Sequence[Sheet], hers: Sheet, left_out: int
) -> Iterator[tuple[Results, Fraction]]:
    """All that the lot may do with these whole sheets, a few known ones and hers, and how
    likely it is."""
    known = [*left, hers]
    sheets: list[Sheet] = [*known]
    kinds = [range(number, number + 1) for number in range(len(known))]
    for sheet, count in zip(WHOLE, counts, strict=True):
        kinds.append(range(len(sheets), len(sheets) + count))
        sheets.extend([sheet] * count)
    n = len(sheets)
    lacking = [number for number in range(len(known)) if len(known[number]) < len(ASKED)]
    whole = [kind for kind in kinds if kind and kind[0] not in lacking]
    for away in combinations_with_replacement(range(len(kinds)), left_out):
        ways = 1
        for kind in set(away):
            ways *= comb(len(kinds[kind]), away.count(kind))
        if not ways:
            continue
        gone = [kinds[kind][away[:place].count(kind)] for place, kind in enumerate(away)]
        counted = [number for number in lacking if number not in gone]
        for drawn in product(list(drawings(n, lacking, whole)), repeat=len(counted)):
            chance = Fraction(ways, comb(n, left_out))
            for _, each in drawn:
                chance *= each
            lot = Scripted(gone, [first for first, _ in drawn])
            yield release(ASKED, sheets, min(n, 10), lot), chance


def decided(told: Mapping[Results, Mapping[int, Fraction]], item: str) -> Fraction:
    """In how many cases the results decide it, of those in which she left the item out, or of
    the others, whichever is more; any sheet of hers is as likely as another."""
    left_out = [item not in sheet for sheet in HERS]
    sure = [Fraction(0), Fraction(0)]
    for hers in told.values():
        states = {left_out[number] for number in hers}
        if len(states) == 1:
            sure[states.pop()] += sum(hers.values())
    return max(sure[True] / left_out.count(True), sure[False] / left_out.count(False))


def told_of(
    n: int, shares: Sequence[int], left: Sequence[Sheet], left_out: int
) -> Mapping[Results, Mapping[int, Fraction]]:
    told: dict[Results, dict[int, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    counts = others_of(n - 1 - len(left), shares)
    for number, hers in enumerate(HERS):
        for results, chance in outcomes(counts, left, hers, left_out):
            told[results][number] += chance
    return told


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("n", [10, 11, 14, 15, 20, 30, 40])
def test_nothing_decides_whether_a_child_left_an_item_out(n: int, shares: Sequence[int]) -> None:
    """However the others answered, and at the edges of the bands too."""
    told = told_of(n, shares, (), 2)
    assert decided(told, "a") == decided(told, "b") == 0


@pytest.mark.parametrize("n", range(LOWEST, 10))
def test_nothing_decides_it_in_smaller_groups(n: int) -> None:
    for shares in SHARES:
        told = told_of(n, shares, (), 1)
        assert decided(told, "a") == decided(told, "b") == 0


@pytest.mark.parametrize("left", [{"a": 1}, {"b": 0}])
@pytest.mark.parametrize("n", [10, 20])
def test_nothing_decides_it_where_another_leaves_an_item_out(n: int, left: Sheet) -> None:
    told = told_of(n, (1, 0, 0, 2), [left], 2)
    assert decided(told, "a") == decided(told, "b") == 0


@pytest.mark.parametrize("n", [12, 13, 15, 20, 30, 40])
def test_that_an_item_has_no_figure_seldom_decides_it(n: int) -> None:
    """However many of the others left it out."""
    coins = max(0, n - 3 - -(-n // 3))
    for others in range(n):
        told: dict[bool, dict[int, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for answered in (others, others + 1):
            sheets: list[Sheet] = [WHOLE[3]] * answered
            sheets += [{"a": 1}] * (n - answered)
            for bits in range(coins + 1):
                lot = Scripted([n - 1, n - 2], [[0]] * n, bits)
                hidden = release(ASKED, sheets, 10, lot).suppressed
                told[hidden][answered] += Fraction(comb(coins, bits), 2**coins)
        for number in (others, others + 1):
            sure = [hers[number] for hers in told.values() if len(hers) == 1]
            assert sum(sure) <= Fraction(1, 20)
