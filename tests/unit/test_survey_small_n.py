"""What the surveys service releases tells about no group below k, and how it is said."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.administration.small_n import (
    LOWEST,
    MOST_SEATS,
    ItemResult,
    Results,
    Sheet,
    release,
)
from tests.support.small_groups import Scripted
from tests.support.survey_examples import administration

FAVORABLE = {"i1": (4, 5), "i2": (1, 2), "i3": (3,)}
ONE = {"i1": FAVORABLE["i1"]}
TWO = {item: FAVORABLE[item] for item in ("i1", "i2")}
SHEETS = st.lists(st.dictionaries(st.sampled_from(list(FAVORABLE)), st.integers(1, 5)), max_size=40)
K = st.integers(LOWEST, 15)
LOT = Random(1)


def sheets_of(answered: int, favorable: int, item: str = "i1") -> list[Sheet]:
    good, bad = FAVORABLE[item][0], 5 if item == "i2" else 1
    return [{item: good if number < favorable else bad} for number in range(answered)]


@given(SHEETS, K)
def test_a_group_below_k_or_an_item_that_few_answered_releases_no_figure(
    sheets: list[Sheet], k: int
) -> None:
    results = release(FAVORABLE, sheets, k, Random(1))
    answered = [sum(item in sheet for sheet in sheets) for item in FAVORABLE]
    if len(sheets) < k or 3 * min(answered) < len(sheets):
        assert results == Results(suppressed=True, small_n=k)
    if not results.suppressed:
        assert [item.item_id for item in results.items] == list(FAVORABLE)
        for item in results.items:
            assert k <= item.n_min <= len(sheets)


@given(SHEETS, SHEETS, st.randoms())
def test_whether_there_are_figures_says_one_thing_of_a_survey(
    one: list[Sheet], other: list[Sheet], chance: Random
) -> None:
    """How many answered the item that the fewest answered: a row of items, each asked of one
    child more, shows no step."""

    def least(sheets: list[Sheet]) -> tuple[int, int]:
        return len(sheets), min(sum(item in sheet for sheet in sheets) for item in FAVORABLE)

    other = [*other, *one][: len(one)]
    if least(one) != least(other):
        return
    seed = chance.random()
    told = [release(FAVORABLE, sheets, LOWEST, Random(seed)) for sheets in (one, other)]
    assert told[0].suppressed == told[1].suppressed


@given(st.lists(st.sampled_from([0, 1]), min_size=LOWEST, max_size=MOST_SEATS), K)
def test_a_share_is_about_right(answers: list[int], k: int) -> None:
    """Of those that the lot left, no farther than an outer value from what it stands for."""
    results = release({"i": (1,)}, [{"i": each} for each in answers], k, LOT)
    if results.suppressed:
        return
    assert results.items[0].favorable_share == results.favorable_share
    n = len(answers)
    left_out = 1 if results.n_min < 10 else 2
    least, most = max(0, sum(answers) - left_out), min(sum(answers), n - left_out)
    off = 0.31 if results.n_min < 10 else 0.25 if n < 15 else 0.15 if n < 30 else 0.1
    assert least / (n - left_out) - off <= results.favorable_share + 1e-9
    assert results.favorable_share <= most / (n - left_out) + off + 1e-9


@pytest.mark.parametrize(
    ("n", "band"),
    [
        (5, (5, 9)),
        (9, (5, 9)),
        (10, (10, 14)),
        (14, (10, 14)),
        (15, (15, 19)),
        (20, (20, 29)),
        (30, (30, 39)),
        (40, (40, 59)),
        (60, (60, 99)),
        (100, (100, 200)),
        (200, (100, 200)),
    ],
)
def test_numbers_are_said_in_bands(n: int, band: tuple[int, int]) -> None:
    results = release(ONE, sheets_of(n, n // 2), LOWEST, LOT)
    assert (results.n_min, results.n_max) == band
    assert (results.items[0].n_min, results.items[0].n_max) == band


@pytest.mark.parametrize(("k", "band"), [(7, (7, 9)), (8, (8, 14)), (9, (9, 14)), (10, (10, 14))])
def test_a_band_begins_at_k_and_is_never_nearly_one_number(k: int, band: tuple[int, int]) -> None:
    for n in (max(k, 9), band[1]):
        results = release(ONE, sheets_of(n, 4), k, LOT)
        assert (results.n_min, results.n_max) == band
        assert results.favorable_share in ((0.3, 0.7) if k < 10 else (0.25, 0.5, 0.75))


def test_the_share_over_all_items_says_no_more_than_the_items_do() -> None:
    """What is said of the items decides it, within a band."""
    told: dict[tuple[float, ...], set[float]] = defaultdict(set)
    for n in range(10, 15):
        for first in range(n + 1):
            for second in range(n + 1):
                pairs = zip(sheets_of(n, first), sheets_of(n, second, "i2"), strict=True)
                results = release(TWO, [{**one, **other} for one, other in pairs], 10, LOT)
                items = tuple(item.favorable_share for item in results.items)
                told[items].add(results.favorable_share)
    assert len(told) == 9
    assert all(len(shares) == 1 for shares in told.values())


def test_what_is_left_out_changes_no_number_of_sheets() -> None:
    whole: list[Sheet] = [{"i1": 5, "i2": 5} for _ in range(10)]
    sheets = [*whole, *sheets_of(10, 10), {"i2": 5}]
    results = release(TWO, sheets, 10, Scripted([0, 1], [[0]] * 11))
    assert (results.n_min, results.n_max) == (20, 29)
    assert results.items == (
        ItemResult("i1", 20, 29, 0.85),
        ItemResult("i2", 20, 29, 0.15),
    )
    assert results.favorable_share == 0.5


def test_a_sheet_that_lacks_an_item_counts_as_one_that_is_drawn() -> None:
    """Itself included; and what that one lacks is as on the next."""
    whole: list[Sheet] = [{"i1": 1, "i2": 1} for _ in range(9)]  # i1 unfavorable, i2 favorable
    sheets: list[Sheet] = [*whole, *[{"i1": 5, "i2": 5}] * 5, {"i1": 5}]

    def said(*drawn: int) -> list[float]:
        results = release(TWO, sheets, 10, Scripted([0, 1], [drawn]))
        return [item.favorable_share for item in results.items]

    assert said(2) == [0.35, 0.65]  # of 13: 5 and 8
    assert said(13) == [0.5, 0.5]  # 6 and 7
    assert said(14, 2) == [0.5, 0.65]  # 6 and 8
    assert said(14, 13) == [0.5, 0.5]


def test_the_lot_is_asked_once_and_leaves_out_one_sheet_or_two() -> None:
    for n, counted in ((5, 4), (9, 8), (10, 8), (14, 12), (60, 58)):
        lot = Mock(wraps=Random(1))
        release({"i1": (5,), "i2": (5,)}, [{"i1": 5, "i2": 1}] * n, LOWEST, lot)
        ((sheets, number),) = [call.args for call in lot.sample.call_args_list]
        assert (len(sheets), number) == (n, counted)


@pytest.mark.parametrize("n", [*range(LOWEST, 13), 20, 30])
def test_how_many_are_enough_is_drawn_between_a_third_and_all_but_three(n: int) -> None:
    """So what a child leaves out, and two sheets of somebody else, hides no figure; of fewer
    than ten it takes one or two, for else too few numbers would be left to draw from."""
    sheets: list[Sheet] = [{"i1": 5, "i2": 5} for _ in range(n)]
    most = n - 3 if n >= 10 else min(n - 1, -(-n // 3) + 3)
    for bits in (0, 1, 2, n):
        shown = []
        for answered in range(n + 1):
            given = [*sheets[:answered], *[{"i1": 5}] * (n - answered)]
            lot = Scripted([n - 1, n - 2], [[0]] * n, bits)
            shown.append(not release(TWO, given, LOWEST, lot).suppressed)
        least = shown.index(True)
        assert shown == [answered >= least for answered in range(n + 1)]
        assert n / 3 <= least <= most
        assert least == min(-(-n // 3) + bits, most)


def test_what_is_drawn_at_a_close_is_the_same_at_the_next() -> None:
    """So a close that was taken back cannot be done again until another lot comes."""
    one, other = administration(), administration()
    other.secret = bytes(16)
    assert one.lot().random() == one.lot().random() != other.lot().random()


def test_enough_sheets_but_an_item_without_enough_answers_release_nothing() -> None:
    sheets: list[Sheet] = [{} for _ in range(20)] + sheets_of(9, 9)
    assert release(ONE, sheets, 10, LOT) == Results(suppressed=True, small_n=10)


@pytest.mark.parametrize("k", [4, 1, 0, -1])
def test_k_is_never_below_5(k: int) -> None:
    with pytest.raises(ValueError, match="5 or more"):
        release(FAVORABLE, sheets_of(50, 20), k, LOT)
