"""What may be said about the answers of a small group: pure rules.

- Fewer than k sheets: nothing but that there were fewer than k.
- All sheets count alike in all figures of a survey, whatever is left out on them: a sheet that
  lacks an item counts as one drawn by lot among all, itself included; and what that one lacks
  is as on the next that is drawn. So no figure and no number says how many sheets are whole,
  an item that asks a child to leave it out is hardly ever subtracted from one that does not,
  and more copies of an item say no more than one.
- Where too few answered one of the items, no item has a figure: were it that one alone, a row of
  items, each asked of one child more, would show which child left one out. How many are too
  few is drawn by lot: fewer than a third of the sheets always, never all but three (of fewer
  than ten all but one or two).
- One or two of the sheets, drawn by lot once for all items, are left out of every figure.
  So two surveys of the same class differ by more than the one child who came to the second.
- How many there were is said as a band, such as 10 to 14.
- The share of favorable answers is said as the nearest of a few values, the fewer the smaller
  the band, and the outer ones stand for so many counts that no figure says that all others
  answered favorably, or that none did, even where two of the sheets are known.
- The share over all items is computed from the released item figures, so it says no more
  than they do.

`tests/unit/test_survey_joint.py` and `test_survey_omission.py` try for every group what all
figures say together.

k is 10; a district may lower it to 5, never below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

LOWEST = 5
MOST_SEATS = 200

Sheet = Mapping[str, int]  # one respondent's answers by item; a blank sheet is one too

# The least and the most sheets of a band, how many of them the lot leaves out, and the
# percentages that a share of the others is said as.
_TENS = tuple(range(10, 100, 10))
_FIVES = tuple(range(5, 100, 5))
_BANDS = (
    (5, 9, 1, (30, 70)),
    (10, 14, 2, (25, 50, 75)),
    (15, 19, 2, (15, 35, 50, 65, 85)),
    (20, 29, 2, (15, 30, 40, 50, 60, 70, 85)),
    (30, 39, 2, _TENS),
    (40, 59, 2, _TENS),
    (60, 99, 2, _FIVES),
    (100, MOST_SEATS, 2, _FIVES),
)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """Its share is of `n_min` to `n_max` sheets, those that were handed in, less those that the
    lot left out."""

    item_id: str
    n_min: int
    n_max: int
    favorable_share: float


@dataclass(frozen=True, slots=True)
class Results:
    """`n_min` to `n_max` sheets were handed in. `suppressed`: fewer than `small_n`, or an item
    that too few answered; then there is nothing else."""

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


def release(
    favorable: Mapping[str, Collection[int]], sheets: Sequence[Sheet], k: int, lot: Random
) -> Results:
    """The results of one administration. `favorable`: each item's favorable values, in the
    order of the items. `lot` must be one that nobody can guess, and the same whenever the same
    administration is asked about. Raises ValueError for a k below 5."""
    check_small_n(k)
    asked = tuple(favorable)
    if len(sheets) < k or not _enough(asked, sheets, lot):
        return Results(suppressed=True, small_n=k)
    least, most, left_out, values = _band(len(sheets), k)
    counted = [
        _whole(sheet, asked, sheets, lot) for sheet in lot.sample(sheets, len(sheets) - left_out)
    ]

    def said(item_id: str) -> int:
        good = sum(sheet[item_id] in favorable[item_id] for sheet in counted)
        return _said(Fraction(good, len(counted)), values)

    percentages = {item_id: said(item_id) for item_id in asked}
    items = tuple(ItemResult(each, least, most, share / 100) for each, share in percentages.items())
    mean = Fraction(sum(percentages.values()), 100 * len(percentages))
    return Results(False, k, least, most, _said(mean, values) / 100, items)


def _enough(items: Sequence[str], sheets: Sequence[Sheet], lot: Random) -> bool:
    """Whether each item has enough answers. Were the least number known, figures where one more
    child answered would say so."""
    n = len(sheets)
    least = -(-n // 3)
    most = min(n - 1, max(n - 3, least + 3))
    enough = least + lot.getrandbits(most - least).bit_count()
    return all(sum(item in sheet for sheet in sheets) >= enough for item in items)


def _whole(sheet: Sheet, items: Sequence[str], sheets: Sequence[Sheet], lot: Random) -> Sheet:
    """The sheet as it counts: with an answer to each of these items, which some sheet has."""
    if all(item in sheet for item in items):
        return sheet
    drawn = lot.sample(sheets, len(sheets))
    return {item: next(each[item] for each in drawn if item in each) for item in items}


def _band(n: int, k: int) -> tuple[int, int, int, tuple[int, ...]]:
    """The band of a group of n, which is k at least. What k leaves of a band is one with the
    next where it is less than three numbers: else it would nearly say how many there were."""
    bands = [band for band in _BANDS if k <= band[1]]
    _, most, left_out, percentages = bands[0]
    if most - k < 2:
        most = bands[1][1]
    if n <= most:
        return k, most, left_out, percentages
    return next(band for band in bands if n <= band[1])


def _said(share: Fraction, percentages: Sequence[int]) -> int:
    """The nearest; between two the one farther from one half, then the higher."""
    return min(percentages, key=lambda each: (abs(100 * share - each), -abs(each - 50), -each))
