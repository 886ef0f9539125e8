"""What a log holds is asked of each partition number apart."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import pytest

from services.chassis.log import held
from services.chassis.log.held import Answers, Held
from services.chassis.log.source import SourceDown
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "LATE_S", 0.01)
    monkeypatch.setattr(held, "AGAIN_S", 0.0)


class Log:
    """Of numbers that answer, do not answer, or are refused."""

    def __init__(self) -> None:
        self.dead: set[int] = set()
        self.refused: set[int] = set()
        self.asked: list[int] = []
        self.open = 0

    async def ask(self, number: int) -> Held:
        self.asked.append(number)
        if number in self.refused:
            raise SourceDown("refused")
        self.open += 1
        try:
            await asyncio.sleep(0)
            if number in self.dead:
                await asyncio.Event().wait()
        finally:
            self.open -= 1
        return {number: 3}, {number: 9}


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    assert log.open == 0


def numbers(answers: Mapping[int, Held]) -> list[int]:
    return sorted(answers)


async def test_all_answer_and_are_asked_once(log: Log) -> None:
    answers = Answers(log.ask)
    assert await answers.first([0, 1, 2], 10) == {n: ({n: 3}, {n: 9}) for n in range(3)}
    assert (answers.silent, answers.late(), log.asked) == (frozenset(), {}, [0, 1, 2])
    assert await answers.first([], 10) == {}


@pytest.mark.parametrize("how", ["dead", "refused"])
async def test_one_that_does_not_answer_holds_up_no_other_and_is_asked_again(
    log: Log, how: str
) -> None:
    answers = Answers(log.ask)
    getattr(log, how).add(1)
    assert numbers(await answers.first([0, 1, 2], 0.5)) == [0, 2]
    assert answers.silent == frozenset({1})
    assert not answers.late()
    await eventually(lambda: log.asked.count(1) >= 3)
    getattr(log, how).clear()
    came: dict[int, Held] = {}

    def has_come() -> bool:
        came.update(answers.late())
        return bool(came)

    await eventually(has_come)
    assert came == {1: ({1: 3}, {1: 9})}
    assert (answers.silent, answers.late()) == (frozenset(), {})
    assert log.asked.count(0) == log.asked.count(2) == 1


async def test_where_none_answers_all_are_silent_and_asked_again(log: Log) -> None:
    answers = Answers(log.ask)
    log.dead |= {0, 1}
    assert await answers.first([0, 1], 0.01) == {}
    assert answers.silent == frozenset({0, 1})
    log.dead.clear()
    came: dict[int, Held] = {}

    def all_have_come() -> bool:
        came.update(answers.late())
        return len(came) == 2

    await eventually(all_have_come)
    assert answers.silent == frozenset()


async def test_where_one_is_refused_and_none_answers_it_is_told(log: Log) -> None:
    answers = Answers(log.ask)
    log.dead.add(1)
    log.refused.add(0)
    with pytest.raises(SourceDown, match="refused"):
        await answers.first([0, 1], 0.01)
    assert answers.silent == frozenset()


async def test_what_is_dropped_is_not_asked_again(log: Log) -> None:
    answers = Answers(log.ask)
    log.dead.add(0)
    await answers.first([0, 1], 10)
    await answers.drop()
    asked = len(log.asked)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (len(log.asked), answers.silent, answers.late()) == (asked, frozenset(), {})
    assert numbers(await answers.first([1], 10)) == [1]
    await answers.first([0, 1], 10)
    assert numbers(await answers.first([1], 10)) == [1]
    assert answers.silent == frozenset()


class Gated(Log):
    """Of numbers that are refused once and then answer when they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = {1: asyncio.Event(), 2: asyncio.Event()}

    async def ask(self, number: int) -> Held:
        if number in self.let and number not in self.asked:
            self.refused.add(number)
        try:
            found = await super().ask(number)
        finally:
            self.refused.discard(number)
        if number in self.let:
            await self.let[number].wait()
        return found


async def test_one_that_is_asked_again_has_as_long_as_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not only what the others had once the first had answered."""
    monkeypatch.setattr(held, "LATE_S", 0.0)
    log = Gated()
    answers = Answers(log.ask)
    assert numbers(await answers.first([0, 1], 10)) == [0]
    await eventually(lambda: log.asked.count(1) == 2)
    for _ in range(50):
        await asyncio.sleep(0)
    assert log.asked.count(1) == 2
    log.let[1].set()
    await eventually(lambda: numbers(answers.late()) == [1])
    assert (log.asked.count(1), answers.silent) == (2, frozenset())


async def test_a_late_answer_is_given_once_though_another_comes_while_it_is_taken() -> None:
    log = Gated()
    answers = Answers(log.ask)
    assert numbers(await answers.first([0, 1, 2], 10)) == [0]
    log.let[1].set()
    await eventually(lambda: log.asked.count(2) == 3)  # by itself, after 1 has answered
    given = numbers(answers.late())
    log.let[2].set()

    def both_have_come() -> bool:
        given.extend(answers.late())
        return len(given) >= 2

    await eventually(both_have_come)
    assert (given, answers.silent, log.asked.count(1)) == ([1, 2], frozenset(), 2)


async def test_a_defect_in_asking_again_is_not_kept_quiet() -> None:
    broken = False

    async def ask(number: int) -> Held:
        if number and broken:
            raise ValueError("defect")
        if number:
            raise SourceDown("refused")
        return {}, {}

    answers = Answers(ask)
    await answers.first([0, 1], 10)
    broken = True

    async def told() -> bool:
        try:
            answers.late()
        except ValueError:
            return True
        return False

    await eventually(told)
    await answers.drop()
