"""What all figures that a survey releases say together about one child, and those of two surveys.

The attacker is the teacher. She knows how these figures are made and how many sheets there
are; she writes the items, holds the codes of two sheets (one of fewer than 7) and fills them
in otherwise for each copy of an item. A *world* is what she does not know: how many of the
other children answer favorably, what one child answers, and whom the lot leaves out. An
answer is *decided* where every world with the figures that she sees has the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from math import comb, prod
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.administration.small_n import LOWEST, Results, Sheet, release
from tests.support.small_groups import Scripted, drawings

LARGEST = 30
K = 10
# What her two sheets say to one copy: None is no answer.
ALWAYS = ((0, 0), (0, 1), (1, 1))
SKIPPING = (*ALWAYS, (None, 0), (None, 1))
ABSENT = -1  # an answer of hers: none, since she handed in no sheet
LEFT = -2  # or since she left the item out


class World(NamedTuple):
    """`favorable` of the `others`; `hers`: the child's answer, ABSENT or LEFT."""

    others: int
    favorable: int
    hers: int


class LeftOut(NamedTuple):
    """How many of each the lot leaves out."""

    own: int
    hers: int
    favorable: int
    unfavorable: int


def own_of(n: int) -> int:
    return 2 if n >= 7 else 1


def lots(world: World, own: int, left_out: int) -> Iterator[tuple[LeftOut, int]]:
    """What the lot may do, and in how many ways."""
    for mine in range(own + 1):
        for hers in range(1 if world.hers == ABSENT else 2):
            for good in range(left_out - mine - hers + 1):
                bad = left_out - mine - hers - good
                ways = comb(own, mine) * comb(world.favorable, good)
                ways *= comb(world.others - world.favorable, bad)
                if ways:
                    yield LeftOut(mine, hers, good, bad), ways


def left_out_of(n: int) -> int:
    return 1 if n < 10 else 2


@cache
def seen(
    world: World, own: int, lot: LeftOut, ways: tuple[Any, ...], copies: int, asks: bool, k: int
) -> Mapping[Results, float]:
    """The results of a survey of `copies` of one item; and, where she `asks` for it, as many
    more that the child leaves out. How likely each is by the sheets that are drawn in place of
    those that lack an item."""
    sheets: list[Sheet] = []
    places: list[int] = []
    kinds: list[range] = []

    def add(number: int, values: Mapping[str, int], left_out: int) -> None:
        kinds.append(range(len(sheets), len(sheets) + number))
        places.extend(range(len(sheets), len(sheets) + left_out))
        sheets.extend([values] * number)

    names = [f"all{copy}" for copy in range(copies)]
    but = [f"but{copy}" for copy in range(copies)] if asks else []
    also = ["also"] if world.hers == LEFT else []  # which everybody answers with 0
    for mine in range(own):
        way = {name: ways[copy % len(ways)][mine] for copy, name in enumerate([*names, *but])}
        answered = {name: value for name, value in way.items() if value is not None}
        add(1, answered | dict.fromkeys(also, 0), mine < lot.own)
    if world.hers == LEFT:
        add(1, dict.fromkeys(also, 0), lot.hers)
    elif world.hers != ABSENT:
        add(1, dict.fromkeys(names, world.hers), lot.hers)
    asked = [*names, *but, *also]
    good, bad = (dict.fromkeys(asked, value) | dict.fromkeys(also, 0) for value in (1, 0))
    add(world.favorable, good, lot.favorable)
    add(world.others - world.favorable, bad, lot.unfavorable)
    lacking = [place for place, sheet in enumerate(sheets) if len(sheet) < len(asked)]
    whole = [kind for kind in kinds if kind and kind[0] not in lacking]
    counted = [place for place in lacking if place not in places]
    told: dict[Results, float] = defaultdict(float)
    possible = list(drawings(len(sheets), lacking, whole))
    for drawn in product(possible, repeat=len(counted)):
        scripted = Scripted(places, [first for first, _ in drawn])
        results = release(dict.fromkeys(asked, (1,)), sheets, k, scripted)
        told[results] += prod(float(chance) for _, chance in drawn)
    return told


def decided(told: Mapping[Any, Mapping[Any, float]]) -> float:
    """The share of the worlds, each as likely as any, in which the answer is decided."""
    every = sum(sum(hers.values()) for hers in told.values())
    sure = sum(sum(hers.values()) for hers in told.values() if len(hers) < 2)
    return sure / every


def told_by_one(
    n: int, ways: tuple[Any, ...], copies: int, asks: bool, k: int
) -> Mapping[Results, Mapping[int, float]]:
    told: dict[Results, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    own = own_of(n)
    others = n - own - 1
    for favorable in range(others + 1):
        for hers in (0, 1):
            world = World(others, favorable, hers)
            for lot, number in lots(world, own, left_out_of(n)):
                for results, chance in seen(world, own, lot, ways, copies, asks, k).items():
                    told[results][hers] += number * chance
    return told


def told_by_two(n: int, ways: tuple[Any, ...], copies: int, k: int, then: int = ABSENT) -> Any:
    """The second survey is of the same children without the one, whose slip was withheld; or,
    as `then` says, she leaves the item out."""
    told: dict[Any, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    second = n - 1 if then == ABSENT else n
    own = own_of(second)
    others = n - own - 1
    for favorable in range(others + 1):
        without = World(others, favorable, then)
        after: dict[Results, float] = defaultdict(float)
        for lot, number in lots(without, own, left_out_of(second)):
            for results, chance in seen(without, own, lot, ways, copies, False, k).items():
                after[results] += number * chance
        for hers in (0, 1):
            world = World(others, favorable, hers)
            for lot, number in lots(world, own, left_out_of(n)):
                (first,) = seen(world, own, lot, ways, copies, False, k)
                for other, times in after.items():
                    told[first, other][hers] += number * times
    return told


@pytest.mark.parametrize("copies", [1, 6, 20])
def test_one_survey_decides_no_answer(copies: int) -> None:
    """However many copies of an item there are, and however she fills in her own sheets."""
    for n in (*range(K, 17), 20, LARGEST):
        assert decided(told_by_one(n, ALWAYS, copies, False, K)) == 0
    for n in range(LOWEST, K):
        assert decided(told_by_one(n, ALWAYS, copies, False, LOWEST)) == 0


def test_one_survey_decides_no_answer_where_her_own_sheets_lack_some() -> None:
    for n in (K, 12, 15):
        assert decided(told_by_one(n, SKIPPING, 5, False, K)) == 0
    for n in range(LOWEST, K):
        assert decided(told_by_one(n, SKIPPING, 5, False, LOWEST)) == 0


def test_one_survey_seldom_decides_an_answer_where_a_child_is_asked_to_leave_copies_out() -> None:
    for n in (K, 11, 12, 15, 20):
        assert decided(told_by_one(n, ALWAYS, 3, True, K)) <= 1 / 20
    for n in range(LOWEST, K):
        assert decided(told_by_one(n, ALWAYS, 3, True, LOWEST)) <= 1 / 20
    assert decided(told_by_one(K, SKIPPING, 5, True, K)) <= 1 / 20


@pytest.mark.parametrize("copies", [6, 20])
def test_two_surveys_that_differ_by_one_child_seldom_decide_her_answer(copies: int) -> None:
    for n in (*range(K + 1, 17), *range(20, 23), LARGEST):
        assert decided(told_by_two(n, ALWAYS, copies, K)) <= 1 / 20
    for n in range(LOWEST + 1, K + 1):
        assert decided(told_by_two(n, ALWAYS, copies, LOWEST)) <= 1 / 8


def test_two_surveys_of_which_she_leaves_the_item_out_in_one_seldom_decide_her_answer() -> None:
    for n in (K, 11, 12, 15, 20):
        assert decided(told_by_two(n, ALWAYS, 3, K, LEFT)) <= 1 / 20
    for n in range(LOWEST, K):
        assert decided(told_by_two(n, ALWAYS, 3, LOWEST, LEFT)) <= 1 / 8


def test_two_surveys_with_the_same_figures_tell_nothing_of_her() -> None:
    for n in range(LOWEST + 1, LARGEST + 1):
        told = told_by_two(n, ALWAYS, 6, LOWEST)
        same = [hers for (one, other), hers in told.items() if one.items == other.items]
        assert all(set(hers) == {0, 1} for hers in same)


def test_an_answer_that_changes_without_a_figure_remains_unknown() -> None:
    """Two surveys of the same children, of whom one may answer otherwise."""
    for n in range(LOWEST, LARGEST + 1):
        own = own_of(n)
        told: dict[Results, set[tuple[int, int]]] = defaultdict(set)
        for favorable in range(n - own):
            said = []
            for hers in (0, 1):
                world = World(n - own - 1, favorable, hers)
                possible = lots(world, own, left_out_of(n))
                said.append(
                    set().union(
                        *(seen(world, own, lot, ALWAYS, 3, False, LOWEST) for lot, _ in possible)
                    )
                )
            for was, first in enumerate(said):
                for now, second in enumerate(said):
                    for same in first & second:
                        told[same].add((was, now))
        assert all(changes >= {(0, 0), (1, 1)} for changes in told.values())


@pytest.mark.parametrize("n", [*range(LOWEST, LARGEST + 1), 40, 60, 70, 100])
def test_no_survey_says_that_all_the_others_agree(n: int) -> None:
    """Even, from 10 sheets on, to somebody who has found out whom the lot left out."""
    own = own_of(n)
    told: dict[Any, set[int]] = defaultdict(set)
    for favorable in range(n - own + 1):
        world = World(n - own, favorable, ABSENT)
        for lot, _ in lots(world, own, left_out_of(n)):
            (results,) = seen(world, own, lot, ALWAYS, 3, False, LOWEST)
            known = (lot.own, lot.favorable + lot.unfavorable) if n >= 10 else ()
            told[results, known].add(favorable - (lot.favorable if known else 0))
    for (_, known), counts in told.items():
        counted = n - own - (known[1] if known else 0)
        assert counts not in ({0}, {counted})


@given(st.data())
def test_all_figures_are_of_the_same_sheets(data: Any) -> None:
    """So what an item says does not depend on what else is asked."""
    answers = st.fixed_dictionaries({"a": st.integers(0, 1), "b": st.integers(0, 1)})
    sheets = data.draw(st.lists(answers, min_size=K, max_size=40))
    results = release({"a": (1,), "b": (1,)}, sheets, K, Random(1))
    for item in results.items:
        assert release({item.item_id: (1,)}, sheets, K, Random(1)).items == (item,)
