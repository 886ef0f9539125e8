"""What all figures that a survey releases say together about one child, and those of two surveys.

The attacker is the teacher. She knows how these figures are made and how many sheets there
are; she writes the items, holds the codes of two sheets (one of fewer than 7) and fills them
in otherwise for each copy of an item. A *world* is what she does not know: how many of the
other children answer favorably, what one child answers, and whom the lot leaves out. An
answer is *decided* where every world with the figures that she sees has the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import comb
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.administration.small_n import LOWEST, Results, Sheet, release

LARGEST = 30
K = 10
# What her two sheets say to one copy: None is no answer.
ALWAYS = ((0, 0), (0, 1), (1, 1))
SKIPPING = (*ALWAYS, (None, 0), (None, 1), (None, None))


class Chosen(Random):
    """A lot that leaves out these."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__()
        self.places = places

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        left_out = self.places[: len(population) - k]
        return [each for place, each in enumerate(population) if place not in left_out]


class World(NamedTuple):
    """`favorable` of the `others`; `hers`: the child's answer, None: her sheet is missing."""

    others: int
    favorable: int
    hers: int | None


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
        for hers in range(1 if world.hers is None else 2):
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
) -> Results:
    """The results of a survey of `copies` of one item; and, where she `asks` for it, as many
    more that the child leaves out."""
    sheets: list[Sheet] = []
    places: list[int] = []

    def add(number: int, values: Mapping[str, int], left_out: int) -> None:
        places.extend(range(len(sheets), len(sheets) + left_out))
        sheets.extend([values] * number)

    names = [f"all{copy}" for copy in range(copies)]
    but = [f"but{copy}" for copy in range(copies)] if asks else []
    for mine in range(own):
        way = {name: ways[copy % len(ways)][mine] for copy, name in enumerate([*names, *but])}
        add(1, {name: value for name, value in way.items() if value is not None}, mine < lot.own)
    if world.hers is not None:
        add(1, dict.fromkeys(names, world.hers), lot.hers)
    add(world.favorable, dict.fromkeys([*names, *but], 1), lot.favorable)
    add(world.others - world.favorable, dict.fromkeys([*names, *but], 0), lot.unfavorable)
    return release(dict.fromkeys([*names, *but], (1,)), sheets, k, Chosen(places))


def decided(told: Mapping[Any, Mapping[Any, int]], answers: int = 2) -> float:
    """The share of the worlds, each as likely as any, in which the answer is decided."""
    every = sum(sum(hers.values()) for hers in told.values())
    sure = sum(sum(hers.values()) for hers in told.values() if len(hers) < answers)
    return sure / every


def told_by_one(
    n: int, ways: tuple[Any, ...], copies: int, asks: bool, k: int
) -> Mapping[Results, Mapping[int, int]]:
    told: dict[Results, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    own = own_of(n)
    others = n - own - 1
    for favorable in range(others + 1):
        for hers in (0, 1):
            world = World(others, favorable, hers)
            for lot, number in lots(world, own, left_out_of(n)):
                told[seen(world, own, lot, ways, copies, asks, k)][hers] += number
    return told


def told_by_two(n: int, ways: tuple[Any, ...], copies: int, k: int) -> Any:
    """The second survey is of the same children without the one: her slip was withheld."""
    told: dict[Any, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    own = own_of(n - 1)
    others = n - own - 1
    for favorable in range(others + 1):
        without = World(others, favorable, None)
        second = [
            (seen(without, own, lot, ways, copies, False, k), number)
            for lot, number in lots(without, own, left_out_of(n - 1))
        ]
        for hers in (0, 1):
            world = World(others, favorable, hers)
            for lot, number in lots(world, own, left_out_of(n)):
                first = seen(world, own, lot, ways, copies, False, k)
                for other, times in second:
                    told[first, other][hers] += number * times
    return told


@pytest.mark.parametrize("copies", [1, 6, 20])
@pytest.mark.parametrize("ways", [ALWAYS, SKIPPING])
@pytest.mark.parametrize("asks", [False, True])
def test_one_survey_decides_no_answer(copies: int, ways: tuple[Any, ...], asks: bool) -> None:
    """However many copies of an item there are, however she fills in her own sheets, and
    whatever the child is asked to leave out."""
    for n in (*range(K, 17), 20, LARGEST):
        assert decided(told_by_one(n, ways, copies, asks, K)) == 0
    for n in range(LOWEST, K):
        assert decided(told_by_one(n, ways, copies, asks, LOWEST)) == 0


@pytest.mark.parametrize("copies", [6, 20])
def test_two_surveys_that_differ_by_one_child_seldom_decide_her_answer(copies: int) -> None:
    for n in (*range(K + 1, 17), *range(20, 23), LARGEST):
        assert decided(told_by_two(n, ALWAYS, copies, K)) <= 1 / 20
    for n in range(LOWEST + 1, K + 1):
        assert decided(told_by_two(n, ALWAYS, copies, LOWEST)) <= 1 / 8


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
                    {seen(world, own, lot, ALWAYS, 3, False, LOWEST) for lot, _ in possible}
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
        world = World(n - own, favorable, None)
        for lot, _ in lots(world, own, left_out_of(n)):
            results = seen(world, own, lot, ALWAYS, 3, False, LOWEST)
            known = (lot.own, lot.favorable + lot.unfavorable) if n >= 10 else ()
            told[results, known].add(favorable - (lot.favorable if known else 0))
    for (_, known), counts in told.items():
        counted = n - own - (known[1] if known else 0)
        assert counts not in ({0}, {counted})


@given(st.data())
def test_all_figures_are_of_the_same_sheets(data: Any) -> None:
    """So what an item says does not depend on what else is asked, but for who is counted."""
    answers = st.fixed_dictionaries(
        {"a": st.integers(0, 1)}, optional={"b": st.integers(0, 1), "c": st.integers(0, 1)}
    )
    sheets = data.draw(st.lists(answers, min_size=K, max_size=40))
    results = release({"a": (1,), "b": (1,), "c": (1,)}, sheets, K, Random(1))
    shown = [item for item in results.items if not item.suppressed]
    whole = [sheet for sheet in sheets if all(item.item_id in sheet for item in shown)]
    assert len(whole) >= K
    for item in shown:
        assert release({item.item_id: (1,)}, whole, K, Random(1)).items == (item,)
