"""Who sent a celebration says it in other words, or in none, and nobody else does."""

from __future__ import annotations

from typing import Any

import pytest

from services.goals.celebration.outline import MOST_REWORDINGS
from tests.component.goals.test_celebrations import EVERYBODY, NOTE, PATH, Celebrating
from tests.support.staff import PEOPLE, Held, staffed


@pytest.fixture
async def people() -> Celebrating:
    more: dict[str, Held | None] = {"colleague": PEOPLE["peer"]}
    return await Celebrating(await staffed(None, **more)).begin()


def kept(people: Celebrating, words: str) -> bool:
    """Whether the goals service has these words anywhere."""
    service: Any = people.north.services["goals"]
    return words in repr(vars(service.backing.store))


async def say(people: Celebrating, who: str, made: Any, note: str, status: int = 200) -> Any:
    path = f"{PATH}/{made['celebration_id']}/note"
    answer = await people.asks.ask(f"north/{who}", "PUT", path, {"note": note}, status=status)
    return answer.json()


async def test_who_sent_it_says_it_in_other_words_and_those_before_are_gone(
    people: Celebrating,
) -> None:
    made = await people.send("peer", await people.achieved())
    await people.choose(made, "coaches")
    assert kept(people, NOTE)
    said = await say(people, "peer", made, "Well done")
    assert (said["note"], said["reworded_at"] is None) == ("Well done", False)
    assert said["allowed"] == ["correct_celebration_note"]
    assert not kept(people, NOTE)
    again = await say(people, "peer", made, "Well done")
    assert again["version"] == said["version"]
    for who in ("teacher", "coach"):
        path = f"{PATH}/{made['celebration_id']}"
        told = (await people.asks.ask(f"north/{who}", "GET", path)).json()
        assert (told["note"], told["reworded_at"]) == ("Well done", said["reworded_at"])
    for who in EVERYBODY:
        status = {"peer": 200, "teacher": 403, "coach": 403, "other": 403}.get(who, 404)
        refused = await say(people, who, made, "Well done", status)
        assert status != 403 or refused["code"] == "author_only"
    long = await say(people, "peer", made, "x" * 501, 422)
    assert long["errors"][0]["pointer"] == "/note"


async def test_who_sent_it_is_not_told_by_it_that_it_was_put_away(people: Celebrating) -> None:
    made = await people.send("peer", await people.achieved())
    away = f"{PATH}/{made['celebration_id']}/put-away"
    await people.post("teacher", away)
    said = await say(people, "peer", made, "Well done")
    assert (said["state"], said["put_away_at"], said["note"]) == ("sent", None, "Well done")
    (hers,) = await people.told("teacher", f"{PATH}?taken_back=true")
    assert [(each["state"], each["note"]) for each in hers["celebrations"]] == [
        ("put_away", "Well done")
    ]


async def test_its_words_can_be_taken_away_however_often_they_were_changed(
    people: Celebrating,
) -> None:
    made = await people.send("coach", await people.achieved())
    for number in range(MOST_REWORDINGS):
        await say(people, "coach", made, f"Words {number}")
    refused = await say(people, "coach", made, "More", 429)
    assert refused["code"] == "too_many_corrections"
    assert (await say(people, "coach", made, ""))["note"] == ""
    assert (await say(people, "coach", made, "More", 429))["code"] == "too_many_corrections"
