"""Whose turn it is while a backlog is read."""

import pytest

from services.chassis.log.turns import FAR, PATIENCE, TURN_RECORDS, NumberTurns


def test_the_lags_of_all_topics_count_together() -> None:
    assert NumberTurns().waiting([(0, FAR), (0, 1), (1, FAR + 1), (2, FAR), (2, -9)], 1) == {1}


def test_numbers_that_are_not_far_behind_are_always_read() -> None:
    assert NumberTurns().waiting({0: FAR, 1: 0, 2: FAR}.items(), 1) == set()


def test_far_numbers_are_read_in_order_as_many_as_are_enough() -> None:
    turns = NumberTurns()
    behind = {0: 9_000, 1: 4_000, 2: 4_000, 3: 10, 4: 9_000}
    assert turns.waiting(behind.items(), 9_000) == {1, 2, 4}
    behind[0] = 8_999
    assert turns.waiting(behind.items(), 9_000) == {2, 4}
    behind[0] = FAR
    assert turns.waiting(behind.items(), 8_000) == {4}


def test_who_fell_behind_after_its_turn_waits_for_the_others() -> None:
    turns = NumberTurns()
    assert turns.waiting({0: 0, 1: 5_000, 2: 5_000}.items(), 1) == {2}
    assert turns.waiting({0: 9_000, 1: 5_000, 2: 5_000}.items(), 1) == {0, 2}
    assert turns.waiting({0: 9_000, 1: 0, 2: 5_000}.items(), 1) == {0}
    assert turns.waiting({0: 9_000, 1: 0, 2: 0}.items(), 1) == set()


def test_a_turn_that_brings_nothing_for_long_is_over() -> None:
    turns = NumberTurns()
    behind = {0: 5_000, 1: 5_000, 2: 10}
    assert turns.waiting(behind.items(), 1) == {1}
    turns.came({0: 5, 2: 1}, 0.1)
    turns.came({2: 7}, PATIENCE / 2)
    assert turns.waiting(behind.items(), 1) == {1}
    turns.came({}, PATIENCE / 2)
    assert turns.waiting(behind.items(), 1) == {0}


def test_a_turn_has_an_end_though_more_comes() -> None:
    turns = NumberTurns()
    assert turns.waiting({0: 10**9, 1: 5_000}.items(), 1) == {1}
    turns.came({0: TURN_RECORDS}, 1.0)
    assert turns.waiting({0: 10**9, 1: 5_000}.items(), 1) == {0}
    turns.came({1: TURN_RECORDS}, 1.0)
    assert turns.waiting({0: 10**9, 1: 5_000}.items(), 1) == {1}


@pytest.mark.parametrize("takes", [0.05, 0.55, 3.0, 20.0])
@pytest.mark.parametrize("silent", [set[int](), {1}])
def test_all_is_read_however_slow_the_answers(takes: float, silent: set[int]) -> None:
    """An answer is lost when it arrives after its number's turn; one number gives none."""
    turns = NumberTurns()
    behind = dict.fromkeys(range(4), 20_000)
    asked: dict[int, float] = {}
    now = 0.0
    while any(behind[number] > FAR for number in behind.keys() - silent):
        now += 0.5
        paused = turns.waiting(behind.items(), 1)
        asked = {n: asked.get(n, now) for n in behind.keys() - paused}
        came = {n: 1_000 for n, at in asked.items() if now - at >= takes and n not in silent}
        for number in came:
            del asked[number]
            behind[number] = max(behind[number] - 1_000, 0)
        turns.came(came, 0.5)
        assert now < 300 * max(takes, 1.0)
