"""What may be said about the answers of a small group: pure rules.

- Fewer than k sheets: nothing but that there were fewer than k.
- An item that fewer than k answered: nothing but that. Complementary: no released figure
  is computed from such an item's answers, so there is nothing to subtract them from.
- How many there were is said as a band, such as 10 to 14.
- The share of favorable answers, over those who answered the item, is said as the nearest of
  a few values, the fewer the smaller the band. So that, even where the number of sheets and
  two of the sheets are known (one, of fewer than 7), no figure says that all others answered
  favorably, or that none did; and where two groups that differ by one sheet get the same
  figure, both answers of that one remain possible. `tests/unit/test_survey_small_n.py` tries
  it for every group.
- The share over all items is computed from the released item figures, so it says no more
  than they do.

k is 10; a district may lower it to 5, never below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

LOWEST = 5
MOST_SEATS = 200

Sheet = Mapping[str, int]  # one respondent's answers by item; a blank sheet is one too

# The least and the most sheets of a band, and the percentages that a share is said as. The
# outer ones stand for four counts or more; of 5 and 6 sheets, for three.
_TENS = tuple(range(10, 100, 10))
_FIVES = tuple(range(5, 100, 5))
_BANDS = (
    (5, 9, (30, 70)),
    (10, 14, (20, 50, 80)),
    (15, 19, (10, 30, 50, 70, 90)),
    (20, 29, _TENS),
    (30, 39, _TENS),
    (40, 59, _TENS),
    (60, 99, _FIVES),
    (100, MOST_SEATS, _FIVES),
)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`n_min` to `n_max` answered it. `suppressed`: fewer than k did, and the figures are 0."""

    item_id: str
    suppressed: bool
    n_min: int = 0
    n_max: int = 0
    favorable_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """`n_min` to `n_max` sheets were handed in. `suppressed`: fewer than `small_n`, or no item
    that as many answered; then there is nothing else."""

    suppressed: bool
    small_n: int
    n_min: int = 0
    n_max: int = 0
    favorable_share: float = 0.0
    items: tuple[ItemResult, ...] = ()


def check_small_n(k: int) -> int:
    if k < LOWEST:
        raise ValueError(f"the smallest group is {LOWEST} or more")
    return k


def release(favorable: Mapping[str, Collection[int]], sheets: Sequence[Sheet], k: int) -> Results:
    """The results of one administration. `favorable`: each item's favorable values, in the
    order of the items. Raises ValueError for a k below 5."""
    check_small_n(k)
    if len(sheets) < k:
        return Results(suppressed=True, small_n=k)
    items = tuple(
        _item(item_id, good, [sheet[item_id] for sheet in sheets if item_id in sheet], k)
        for item_id, good in favorable.items()
    )
    shown = [round(100 * each.favorable_share) for each in items if not each.suppressed]
    if not shown:
        return Results(suppressed=True, small_n=k)
    least, most, values = _band(len(sheets), k)
    share = _said(Fraction(sum(shown), 100 * len(shown)), values)
    return Results(False, k, least, most, share, items)


def _item(item_id: str, favorable: Collection[int], values: Sequence[int], k: int) -> ItemResult:
    if len(values) < k:
        return ItemResult(item_id, suppressed=True)
    least, most, percentages = _band(len(values), k)
    share = Fraction(sum(value in favorable for value in values), len(values))
    return ItemResult(item_id, False, least, most, _said(share, percentages))


def _band(n: int, k: int) -> tuple[int, int, tuple[int, ...]]:
    """The band of a group of n, which is k at least. What k leaves of a band is one with the
    next where it is less than three numbers: else it would nearly say how many there were."""
    bands = [band for band in _BANDS if k <= band[1]]
    _, most, percentages = bands[0]
    if most - k < 2:
        most = bands[1][1]
    if n <= most:
        return k, most, percentages
    return next(band for band in bands if n <= band[1])


def _said(share: Fraction, percentages: Sequence[int]) -> float:
    """The nearest; between two the one farther from one half, then the higher."""
    near = min(percentages, key=lambda each: (abs(100 * share - each), -abs(each - 50), -each))
    return near / 100
