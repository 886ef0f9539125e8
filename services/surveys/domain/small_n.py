"""What may be said about the answers of a small group: pure rules.

- Fewer than k sheets: nothing but that there were fewer than k.
- An item that fewer than k answered: nothing but that. Complementary: no released figure
  is computed from such an item's answers, so there is nothing to subtract them from.
- The share of favorable answers, over those who answered the item, is held at least one
  respondent (and 0.05) away from 0 and from 1: where all agree, it cannot be told whether
  one did not. The share over all items is computed from the released item figures, so it
  says no more than they do.

k is 10; a district may lower it to 5, never below.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LOWEST = 5
EDGE = 0.05  # shares are coded into [EDGE, 1 - EDGE]

Sheet = Mapping[str, int]  # one respondent's answers by item; a blank sheet is one too


@dataclass(frozen=True, slots=True)
class ItemResult:
    """`suppressed`: fewer than k answered it, and the figures are 0."""

    item_id: str
    suppressed: bool
    n: int = 0
    favorable_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Results:
    """`n`: the sheets handed in. `suppressed`: fewer than `small_n` of them, or no item
    that as many answered; then there is nothing else."""

    suppressed: bool
    small_n: int
    n: int = 0
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
    answers = sum(each.n for each in items)
    if not answers:
        return Results(suppressed=True, small_n=k)
    share = sum(each.n * each.favorable_share for each in items) / answers
    return Results(
        suppressed=False, small_n=k, n=len(sheets), favorable_share=round(share, 2), items=items
    )


def _item(item_id: str, favorable: Collection[int], values: Sequence[int], k: int) -> ItemResult:
    if len(values) < k:
        return ItemResult(item_id, suppressed=True)
    share = sum(value in favorable for value in values) / len(values)
    return ItemResult(
        item_id, suppressed=False, n=len(values), favorable_share=_coded(share, len(values))
    )


def _coded(share: float, n: int) -> float:
    edge = max(EDGE, 1 / n)
    return round(min(max(share, edge), 1 - edge), 2)
