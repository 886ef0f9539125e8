"""What a teacher was shown of an observation is put right by its observer: she is told, sees what
it was, and nobody else learns why. Over the public APIs, on memory adapters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.chassis.kernel import Fault
from services.observations.observation import correcting
from services.observations.observation.correcting import (
    CorrectLessonNote,
    CorrectScore,
    VoidScore,
)
from services.observations.observation.domain import Observation
from tests.support.clocks import START
from tests.support.coaching import Coaching
from tests.support.observations import (
    COACH,
    OTHER_COACH,
    TEACHER,
    Service,
    call,
    published_tool,
    shared,
)
from tests.support.platform import Platform

HER, HERS, NOBODYS = "teacher-0001", "coach-01", "coach-02"
WORDS = "Zanzibar77"
SEEN = "/observations/v1/observations"


class Shown:
    """An observation that its teacher was shown, scored with 2 and noted."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.north = Coaching(self.platform)
        self.id = ""

    async def begin(self) -> Shown:
        await self.north.import_roster()
        await self.platform.settle()
        await self.north.relate(1)
        await self.platform.settle()
        at = self.platform.clock.now().isoformat().replace("+00:00", "Z")
        self.id = await self.north.shared_observation(HERS, HER, at, "first words")
        await self.platform.settle()
        return self

    async def get(self, path: str, who: str = HER) -> Any:
        return (await self.platform.ask(self.north.who(who), "GET", path)).json()

    async def said(self, who: str = HER) -> Any:
        return await self.get(f"{SEEN}/{self.id}", who)

    async def steps(self) -> list[str]:
        items = (await self.get(f"/insights/v1/timeline?teacher_id={HER}"))["items"]
        (mine,) = (each for each in items if each["item_id"] == self.id)
        return [each["step"] for each in mine["steps"]]


@pytest.fixture
async def shown() -> Shown:
    return await Shown().begin()


async def test_she_sees_what_it_was_by_whom_and_why_and_her_timeline_says_so(shown: Shown) -> None:
    await shown.north.post(HER, f"{SEEN}/{shown.id}/acknowledge")
    shown.platform.clock.forward(minutes=1)
    body = {"score": 3, "note": "other words", "reason": WORDS}
    told = await shown.north.correct(HERS, shown.id, body)
    await shown.platform.settle()
    said = await shown.said()
    assert (said["state"], said["corrected_after_acknowledgment"]) == ("acknowledged", True)
    assert [(each["score"], each["voided_at"]) for each in said["scores"]] == [(3, None)]
    assert said["notes"] == [{"criterion_id": "talk", "text": "other words"}]
    (was,) = said["corrections"]
    assert (was["criterion_id"], was["score"], was["note"]) == ("talk", 2, "first words")
    assert (was["reason"], was["voided"], was["corrected_by"]) == (WORDS, False, HERS)
    assert was["corrected_by_name"] == said["observer_name"]
    assert was["corrected_at"] == said["corrected_at"] == told["corrected_at"]
    assert (await shown.steps())[-2:] == ["acknowledged", "corrected"]


async def test_what_was_corrected_is_acknowledged_as_what_she_has_read(shown: Shown) -> None:
    """She reads it, it is corrected, she acknowledges: what she has never read is not meant."""

    async def acknowledge(status: int, seen: int | None = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        path, her = f"{SEEN}/{shown.id}/acknowledge", shown.north.who(HER)
        answer = await shown.platform.ask(her, "POST", path, headers=headers, status=status)
        return answer.json()

    read = await shown.said()
    told = await shown.north.correct(HERS, shown.id, {"note": "other words", "reason": WORDS})
    assert (await acknowledge(428))["code"] == "precondition_required"
    assert (await acknowledge(412, read["version"]))["code"] == "stale_version"
    done = await acknowledge(200, told["version"], "k")
    assert (done["state"], done["corrected_after_acknowledgment"]) == ("acknowledged", False)
    assert await acknowledge(200, told["version"], "k") == done
    assert (await acknowledge(409))["code"] == "not_shared"


async def test_a_voided_score_is_told_as_void_everywhere(shown: Shown) -> None:
    await shown.north.post(HERS, f"{SEEN}/{shown.id}/scores/talk/void", {"reason": WORDS})
    await shown.platform.settle()
    for said in (
        await shown.said(),
        (await shown.get(f"{SEEN}?teacher_id={HER}"))["observations"][0],
    ):
        (score,) = said["scores"]
        assert (score["score"], score["voided_by"]) == (2, HERS)
        assert score["voided_by_name"] == said["observer_name"]
    assert (await shown.steps())[-1] == "corrected"


async def test_words_and_reasons_are_in_no_event_no_journal_and_no_view(shown: Shown) -> None:
    await shown.north.correct(HERS, shown.id, {"note": WORDS, "reason": WORDS, "score": 1})
    path = f"{SEEN}/{shown.id}/lesson-note"
    lesson = {"note": WORDS, "reason": WORDS}
    await shown.platform.ask(shown.north.who(HERS), "PUT", path, lesson)
    await shown.north.post(HERS, f"{SEEN}/{shown.id}/scores/talk/void", {"reason": WORDS})
    await shown.platform.settle()
    for service in shown.platform.services.values():
        backing: Any = service.backing
        assert WORDS not in repr(backing.journal.__dict__)
        assert WORDS not in repr(backing.views.__dict__)
    partner = (
        await shown.platform.ask("north/sis?observations.read", "GET", f"{SEEN}/{shown.id}")
    ).text
    assert WORDS not in partner
    assert WORDS in str(await shown.said())


async def test_who_coaches_her_no_more_puts_nothing_right(shown: Shown) -> None:
    found = await shown.get(f"/programs/v1/relationships?teacher_id={HER}")
    (pair,) = (each["relationship_id"] for each in found["relationships"])
    await shown.north.post(HER, f"/programs/v1/relationships/{pair}/end")
    await shown.platform.settle()
    path, body = f"{SEEN}/{shown.id}/scores/talk", {"score": 3, "reason": "late"}
    for who in (HERS, NOBODYS):
        caller = shown.north.who(who)
        assert (await shown.platform.ask(caller, "PUT", path, body, status=404)).json()
    assert (await shown.said())["corrections"] == []


async def correct(service: Service, who: str, id: str, score: float = 5) -> Observation:
    asked, by = CorrectScore(score=score, reason="mistyped"), call("correct_score", who)
    return await correcting.correct_score(service.ports.observation, by, id, "feedback", asked)


async def test_it_is_put_right_in_its_school_year_and_its_grace_and_then_no_more() -> None:
    service = Service()
    made = await shared(service, await published_tool(service), TEACHER)
    ports = service.ports.observation
    service.clock.set(START.replace(year=2027, month=7, day=2))
    await correct(service, TEACHER, made.id)
    service.clock.set(START + timedelta(days=365))
    with pytest.raises(Fault, match="school_year_over"):
        await correct(service, TEACHER, made.id, 1)
    void, by = VoidScore(reason="r"), call("void_score", TEACHER)
    with pytest.raises(Fault, match="school_year_over"):
        await correcting.void_score(ports, by, made.id, "feedback", void)
    note, by = CorrectLessonNote(note="n", reason="r"), call("correct_lesson_note", TEACHER)
    with pytest.raises(Fault, match="school_year_over"):
        await correcting.correct_lesson_note(ports, by, made.id, note)
    kept = await ports.observations.get(call("get_observation", TEACHER), made.id)
    assert len(kept.corrections) == 1


async def test_whose_record_became_anothers_puts_right_what_she_observed() -> None:
    service = Service()
    made = await shared(service, await published_tool(service))
    ports = service.ports.observation
    await correct(service, COACH, made.id)

    def move(each: Observation) -> None:
        each.transfer(TEACHER, OTHER_COACH, "duty", START)

    await ports.path.change(call("transfer", "duty"), made.id, move)
    again = await correct(service, OTHER_COACH, made.id, 1)
    assert [each.by for each in again.corrections] == [COACH, OTHER_COACH]
    with pytest.raises(Fault, match="observer_only"):
        await correct(service, COACH, made.id)
