"""Nothing that the surveys service releases tells about fewer than k students."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.domain.small_n import (
    LOWEST,
    ItemResult,
    Results,
    Sheet,
    release,
)

FAVORABLE = {"i1": (4, 5), "i2": (1, 2), "i3": (3,)}
SHEETS = st.lists(st.dictionaries(st.sampled_from(list(FAVORABLE)), st.integers(1, 5)), max_size=40)
K = st.integers(LOWEST, 15)


@st.composite
def _group(draw: Any) -> tuple[int, list[Sheet]]:
    """At least k sheets: all answer i1, some i2, fewer than k answer i3."""
    k = draw(K)
    value = st.integers(1, 5)
    sheets = draw(
        st.lists(
            st.fixed_dictionaries({"i1": value}, optional={"i2": value}), min_size=k, max_size=30
        )
    )
    for place in draw(st.sets(st.integers(0, len(sheets) - 1), max_size=k - 1)):
        sheets[place]["i3"] = draw(value)
    return k, sheets


GROUPS = _group()


def sheets_of(answered: int, favorable: int, item: str = "i1") -> list[Sheet]:
    good, bad = FAVORABLE[item][0], 5 if item == "i2" else 1
    return [{item: good if number < favorable else bad} for number in range(answered)]


@given(SHEETS, K)
def test_a_group_below_k_releases_no_figure(sheets: list[Sheet], k: int) -> None:
    results = release(FAVORABLE, sheets, k)
    if len(sheets) < k:
        assert results == Results(suppressed=True, small_n=k)
    for item in results.items:
        answered = sum(item.item_id in sheet for sheet in sheets)
        if answered < k:
            assert item == ItemResult(item.item_id, suppressed=True)
        else:
            assert (item.suppressed, item.n) == (False, answered)


@given(GROUPS, st.data())
def test_the_answers_to_a_suppressed_item_change_nothing_that_is_released(
    group: tuple[int, list[Sheet]], data: Any
) -> None:
    """So neither their number nor their values can be worked out, whatever else is known."""
    k, sheets = group
    results = release(FAVORABLE, sheets, k)
    hidden = [item.item_id for item in results.items if item.suppressed]
    assert "i3" in hidden
    other = [{item: sheet[item] for item in sheet if item not in hidden} for sheet in sheets]
    for item in hidden:
        for place in data.draw(st.sets(st.integers(0, len(sheets) - 1), max_size=k - 1)):
            other[place][item] = data.draw(st.integers(1, 5))
    assert release(FAVORABLE, other, k) == results


@given(K, st.integers(0, 40))
def test_when_all_agree_it_cannot_be_told_whether_one_did_not(k: int, more: int) -> None:
    n = k + more
    shares = [
        release(FAVORABLE, sheets_of(n, each), k).items[0].favorable_share
        for each in (0, 1, n - 1, n)
    ]
    assert shares[0] == shares[1]
    assert shares[2] == shares[3]


@given(SHEETS, K)
def test_shares_lie_within_the_coded_range_on_two_decimals(sheets: list[Sheet], k: int) -> None:
    results = release(FAVORABLE, sheets, k)
    shares = [item.favorable_share for item in results.items if not item.suppressed]
    shares += [] if results.suppressed else [results.favorable_share]
    for share in shares:
        assert 0.05 <= share <= 0.95
        assert share == round(share, 2)


@given(GROUPS)
def test_the_share_over_all_items_says_no_more_than_the_items_do(
    group: tuple[int, list[Sheet]],
) -> None:
    k, sheets = group
    results = release(FAVORABLE, sheets, k)
    answers = sum(item.n for item in results.items)
    share = sum(item.n * item.favorable_share for item in results.items) / answers
    assert results.favorable_share == round(share, 2)


def test_shares_count_only_those_who_answered_the_item() -> None:
    sheets = [*sheets_of(12, 9), *sheets_of(11, 6, "i2"), {}, {}]
    results = release(FAVORABLE, sheets, 10)
    assert results.n == 25
    assert results.items == (
        ItemResult("i1", suppressed=False, n=12, favorable_share=0.75),
        ItemResult("i2", suppressed=False, n=11, favorable_share=0.55),
        ItemResult("i3", suppressed=True),
    )
    assert results.favorable_share == 0.65


def test_enough_sheets_but_no_item_with_enough_answers_release_nothing() -> None:
    sheets: list[Sheet] = [{} for _ in range(20)] + sheets_of(9, 9)
    assert release(FAVORABLE, sheets, 10) == Results(suppressed=True, small_n=10)


def test_no_group_is_smaller_than_5() -> None:
    for k in (4, 1, 0, -1):
        with pytest.raises(ValueError, match="5 or more"):
            release(FAVORABLE, sheets_of(50, 20), k)
