"""Answers to flags over REST: a coach says them, and nobody else sees them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.programs.flag_answer import cases
from tests.component.test_erasures import ADMIN, HER, ORDER, WHY, Erased, erased_for_good
from tests.component.test_retention import DAYS, ENDED, Keeping
from tests.support.coaching import Coaching
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.twice import NEW, OLD, Twice

PATH = "/programs/v1/flag-answers"
FLAG, CHANGED = "F3-5f0c9a4e12ab34cd-90ab12cd34ef56ab", "F3-5f0c9a4e12ab34cd-00ab12cd34ef56ab"
SEEN = {"teacher_id": TEACHER, "flag_id": FLAG, "answer": "acknowledged"}
DISMISSED = {**SEEN, "answer": "dismissed", "reason": "away"}


@pytest.fixture(scope="module")
async def filled() -> Filled:
    """Shared: each test answers flags of its own."""
    platform = Filled()
    await platform.fill("north")
    return platform


def of(number: int, body: dict[str, Any] = SEEN) -> dict[str, Any]:
    """Of another flag."""
    return {**body, "flag_id": f"F9-{number:016x}-90ab12cd34ef56ab"}


async def ask(
    north: Filled, who: str, method: str, path: str, body: Any = None, **more: Any
) -> Any:
    return (await north.ask(f"north/{who}", method, path, body, **more)).json()


async def answered(north: Filled, body: dict[str, Any]) -> Any:
    return await ask(north, COACH, "POST", PATH, body, status=201)


async def test_she_alone_sees_it_and_takes_it_back(filled: Filled) -> None:
    told = await answered(filled, of(1, DISMISSED))
    path = f"{PATH}/{told['flag_answer_id']}"
    assert (told["state"], told["reason"], told["allowed"]) == (
        "given",
        "away",
        ["withdraw_flag_answer"],
    )
    for who in (TEACHER, "coach-02", "leader-01", "admin-01", "teacher-0004"):
        await ask(filled, who, "GET", path, status=404)
        await ask(filled, who, "POST", f"{path}/withdraw", status=404)
        await ask(filled, who, "POST", PATH, of(1, DISMISSED), status=404)
    assert (await ask(filled, COACH, "GET", path))["version"] == 1
    assert (await ask(filled, COACH, "POST", f"{path}/withdraw"))["state"] == "withdrawn"
    refused = await ask(filled, COACH, "POST", f"{path}/withdraw", status=409)
    assert refused["code"] == "answer_withdrawn"


async def test_there_is_one_of_what_a_flag_is_about_and_the_newest_counts(filled: Filled) -> None:
    first = await answered(filled, DISMISSED)
    again = await answered(filled, {**SEEN, "flag_id": CHANGED})
    assert again["flag_answer_id"] == first["flag_answer_id"]
    assert (again["flag_id"], again["answer"], again["reason"]) == (CHANGED, "acknowledged", None)
    both = await asyncio.gather(answered(filled, of(2)), answered(filled, of(2, DISMISSED)))
    assert sorted(each["version"] for each in both) == [1, 2]


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({**SEEN, "answer": "dismissed"}, ("reason_needed", "/reason")),
        ({**SEEN, "reason": "away"}, ("dismissals_only", "/reason")),
        ({**SEEN, "until": "2027-03-31"}, ("dismissals_only", "/until")),
        ({**DISMISSED, "until": "2026-09-01"}, ("until_passed", "/until")),
        ({**DISMISSED, "until": "2027-07-01"}, ("until_too_far", "/until")),
        ({**SEEN, "flag_id": "F3"}, ("string_pattern_mismatch", "/flag_id")),
        ({**DISMISSED, "reason": "hopeless"}, ("enum", "/reason")),
    ],
)
async def test_what_is_wrong_is_refused_at_its_place(
    filled: Filled, body: dict[str, Any], refused: tuple[str, str]
) -> None:
    told = await ask(filled, COACH, "POST", PATH, body, status=422)
    assert [(each["code"], each["pointer"]) for each in told["errors"]] == [refused]


async def test_there_is_an_end_to_it(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MOST_OF_TWO", 0)
    told = await ask(filled, COACH, "POST", PATH, of(10), status=409)
    assert told["code"] == "too_many_flag_answers"


async def say(people: Coaching, coach: str, teacher: str, flag: str = FLAG) -> str:
    asked = {**SEEN, "teacher_id": teacher, "flag_id": flag}
    return str((await people.post(coach, PATH, asked))["flag_answer_id"])


async def test_they_go_with_what_is_hers_on_either_side() -> None:
    for whose in (HER, COACH):
        erased = await Erased().begin()
        hers = await say(erased.people, COACH, HER)
        await erased.platform.settle()
        order = ORDER.replace(HER, whose)
        (await erased.send(ADMIN, f"{order}/order", WHY)).raise_for_status()
        await erased.platform.settle()
        await erased.later()
        await erased_for_good(erased, "programs", hers)


async def test_it_is_of_the_record_that_is_kept_and_comes_back() -> None:
    twice = await Twice().begin()
    said = await say(twice.people, "coach", OLD)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    assert (await twice.get("coach", f"{PATH}/{said}"))["teacher_id"] == NEW
    await twice.separate(match)
    await twice.north.settle()
    await twice.later()
    assert (await twice.get("coach", f"{PATH}/{said}"))["teacher_id"] == OLD


async def test_they_go_with_the_relationship_that_has_had_its_time() -> None:
    keeping = Keeping()
    await keeping.begin()
    said = await say(keeping.people, COACH, HER)
    await keeping.platform.settle()
    await keeping.enacts(1, {}, relationships=DAYS)
    await keeping.at(ENDED)
    await keeping.at(ENDED + timedelta(days=DAYS))
    assert (await keeping.get(COACH, f"{PATH}/{said}"))["state"] == "given"
    await keeping.at(ENDED + timedelta(days=DAYS + 1))
    await erased_for_good(keeping, "programs", said)


@pytest.mark.parametrize("first", [OLD, NEW])
async def test_of_two_to_one_flag_the_newer_counts_when_two_records_become_one(first: str) -> None:
    twice = await Twice().begin()
    (second,) = {OLD, NEW} - {first}
    older = await say(twice.people, "coach", first)
    twice.north.clock.forward(seconds=1)
    newer = await say(twice.people, "coach", second)
    await twice.north.settle()
    await twice.merged()
    await twice.later()
    found = {each: await twice.get("coach", f"{PATH}/{each}") for each in (older, newer)}
    assert [found[each]["state"] for each in (older, newer)] == ["withdrawn", "given"]
    assert {each["teacher_id"] for each in found.values()} == {NEW}
