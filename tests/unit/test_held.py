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
    assert numbers(await answers.first([0, 1, 2], 10)) == [0, 2]
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


async def test_where_none_answers_it_is_told(log: Log) -> None:
    answers = Answers(log.ask)
    log.dead |= {0, 1}
    with pytest.raises(SourceDown, match="no partition has answered"):
        await answers.first([0, 1], 0.01)
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
