"""What the surveys service releases tells about no group below k, and about nobody in one.

Each promise is tried for every group of up to `LARGEST`, against somebody who knows how many
sheets there are, and some of them: her own, or those of two codes that nobody else has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.domain.small_n import (
    LOWEST,
    MOST_SEATS,
    ItemResult,
    Results,
    Sheet,
    release,
)

FAVORABLE = {"i1": (4, 5), "i2": (1, 2), "i3": (3,)}
SHEETS = st.lists(st.dictionaries(st.sampled_from(list(FAVORABLE)), st.integers(1, 5)), max_size=40)
K = st.integers(LOWEST, 15)
LARGEST = 70  # a few beyond the last change of steps


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


def _shares() -> dict[tuple[int, int], float]:
    """What is said of n sheets of which so many are favorable."""
    return {
        (n, count): release(FAVORABLE, sheets_of(n, count), LOWEST).items[0].favorable_share
        for n in range(LOWEST, LARGEST + 1)
        for count in range(n + 1)
    }


SAID = _shares()


def known_sheets(n: int) -> Iterator[tuple[int, int]]:
    """How many sheets may be known of n, and how many of them are favorable."""
    for known in range(3 if n >= 7 else 2):
        for favorable in range(known + 1):
            yield known, favorable


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
            assert not item.suppressed
            assert k <= item.n_min <= answered <= item.n_max


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


@pytest.mark.parametrize("n", range(LOWEST, LARGEST + 1))
def test_no_figure_says_that_all_others_or_none_of_them_answered_favorably(n: int) -> None:
    """Whoever knows n and two of the sheets (one of 5 or 6) can exclude neither."""
    for known, favorable in known_sheets(n):
        others = n - known
        possible: dict[float, set[int]] = defaultdict(set)
        for count in range(others + 1):
            possible[SAID[n, count + favorable]].add(count)
        for counts in possible.values():
            assert counts not in ({0}, {others})


@pytest.mark.parametrize("n", range(LOWEST + 1, LARGEST + 1))
def test_one_sheet_more_that_changes_no_figure_tells_nothing_about_itself(n: int) -> None:
    """Two surveys of the same class, one child more in the second, all others answering as
    before: where both say the same, either answer of that child remains possible."""
    for known, favorable in known_sheets(n - 1):
        others = n - 1 - known
        told: dict[tuple[float, float], set[int]] = defaultdict(set)
        for count in range(favorable, favorable + others + 1):
            for hers in (0, 1):
                told[SAID[n - 1, count], SAID[n, count + hers]].add(hers)
        assert all(hers == {0, 1} for (a, b), hers in told.items() if a == b)


@pytest.mark.parametrize("n", range(LOWEST, LARGEST + 1))
def test_one_sheet_changed_that_changes_no_figure_tells_nothing_about_itself(n: int) -> None:
    for known, favorable in known_sheets(n):
        told: dict[tuple[float, float], set[tuple[int, int]]] = defaultdict(set)
        for count in range(favorable, favorable + n - known):
            for was in (0, 1):
                for is_ in (0, 1):
                    told[SAID[n, count + was], SAID[n, count + is_]].add((was, is_))
        assert all({(0, 0), (1, 1)} <= hers for (a, b), hers in told.items() if a == b)


def test_a_step_that_one_sheet_crosses_is_seldom() -> None:
    """It does tell that sheet's answer, which no rule of steps can prevent: of those that are
    counted alike, one in five at most crosses one."""
    for n in range(LOWEST + 1, LARGEST + 1):
        told: dict[tuple[float, float], list[int]] = defaultdict(list)
        for count in range(n):
            for hers in (0, 1):
                told[SAID[n - 1, count], SAID[n, count + hers]].append(hers)
        crossing = sum(len(hers) for hers in told.values() if len(set(hers)) == 1)
        assert crossing <= 2 * n / 5


@given(st.lists(st.sampled_from([0, 1]), min_size=LOWEST, max_size=MOST_SEATS), K)
def test_only_bands_and_steps_are_said(answers: list[int], k: int) -> None:
    results = release({"i": (1,)}, [{"i": each} for each in answers], k)
    if results.suppressed:
        return
    n = len(answers)
    step = 10 if n < 60 else 5
    assert (100 * results.favorable_share) % step == pytest.approx(0, abs=1e-9)
    assert 0.05 <= results.favorable_share <= 0.95
    assert results.items[0].favorable_share == results.favorable_share
    truth = sum(answers) / n
    least = results.n_min
    most = 0.31 if least < 10 else 0.2 if least < 15 else 0.1
    assert abs(results.favorable_share - truth) <= most + 1e-9


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
    results = release(FAVORABLE, sheets_of(n, n // 2), LOWEST)
    assert (results.n_min, results.n_max) == band
    assert (results.items[0].n_min, results.items[0].n_max) == band


@pytest.mark.parametrize(("k", "band"), [(7, (7, 9)), (8, (8, 14)), (9, (9, 14)), (10, (10, 14))])
def test_a_band_begins_at_k_and_is_never_nearly_one_number(k: int, band: tuple[int, int]) -> None:
    for n in (max(k, 9), band[1]):
        results = release(FAVORABLE, sheets_of(n, 4), k)
        assert (results.n_min, results.n_max) == band
        assert results.favorable_share in ((0.3, 0.7) if k < 10 else (0.2, 0.5, 0.8))


def test_the_share_over_all_items_says_no_more_than_the_items_do() -> None:
    """What is said of the items decides it, within a band."""
    told: dict[tuple[float, ...], set[float]] = defaultdict(set)
    for n in range(10, 15):
        for first in range(n + 1):
            for second in range(n + 1):
                pairs = zip(sheets_of(n, first), sheets_of(n, second, "i2"), strict=True)
                results = release(FAVORABLE, [{**one, **other} for one, other in pairs], 10)
                items = tuple(item.favorable_share for item in results.items)
                told[items].add(results.favorable_share)
    assert len(told) == 9
    assert all(len(shares) == 1 for shares in told.values())


def test_shares_count_only_those_who_answered_the_item() -> None:
    sheets = [*sheets_of(12, 9), *sheets_of(11, 6, "i2"), {}, {}]
    results = release(FAVORABLE, sheets, 10)
    assert (results.n_min, results.n_max) == (20, 29)
    assert results.items == (
        ItemResult("i1", False, 10, 14, 0.8),
        ItemResult("i2", False, 10, 14, 0.5),
        ItemResult("i3", suppressed=True),
    )
    assert results.favorable_share == 0.7


def test_enough_sheets_but_no_item_with_enough_answers_release_nothing() -> None:
    sheets: list[Sheet] = [{} for _ in range(20)] + sheets_of(9, 9)
    assert release(FAVORABLE, sheets, 10) == Results(suppressed=True, small_n=10)


@pytest.mark.parametrize("k", [4, 1, 0, -1])
def test_k_is_never_below_5(k: int) -> None:
    with pytest.raises(ValueError, match="5 or more"):
        release(FAVORABLE, sheets_of(50, 20), k)
