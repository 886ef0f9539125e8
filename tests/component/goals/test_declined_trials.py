"""That a proposed trial was declined is told to the teacher and to who planned it: to everybody
else it is as if it had been taken back."""

from __future__ import annotations

from typing import Any

from tests.component.goals.test_celebrations import TRIALS, Celebrating
from tests.support.staff import PEOPLE, staffed

OTHERS = ("other", "peer")  # her other coach, and a colleague who is shown her goals
TWO = ("teacher", "coach")  # whose it is, and who planned them
QUERIES = (
    "",
    "&taken_back=true",
    "&state=proposed",
    "&state=declined",
    "&state=withdrawn",
    "&state=declined&taken_back=true",
)


class Declining(Celebrating):
    async def begin(self) -> Declining:
        await super().begin()
        self.goal = await self.active_goal("teacher", "teacher")
        return self

    async def over(self, by: str, how: str) -> str:
        """A proposal of the coach."""
        body = {"teacher_id": "teacher", "goal_id": self.goal, "words": "Wait"}
        made = str((await self.post("coach", TRIALS, body))["trial_id"])
        await self.post(by, f"{TRIALS}/{made}/{how}")
        await self.north.settle()
        return made

    async def get(self, who: str, path: str) -> Any:
        return (await self.asks.ask(f"north/{who}", "GET", path)).json()

    async def lists(self, who: str) -> dict[str, list[tuple[str, str]]]:
        """By what is asked: which are found, and in which state."""
        found = {}
        for query in QUERIES:
            page = await self.get(who, f"{TRIALS}?teacher_id=teacher{query}")
            found[query] = sorted((each["trial_id"], each["state"]) for each in page["trials"])
        return found

    async def all_told(self, who: str, trial: str) -> list[Any]:
        """Of it, but for its id."""
        page = await self.get(who, f"{TRIALS}?teacher_id=teacher&taken_back=true")
        (listed,) = (each for each in page["trials"] if each["trial_id"] == trial)
        both = [await self.get(who, f"{TRIALS}/{trial}"), listed]
        return [{**each, "trial_id": ""} for each in both]


async def declining() -> Declining:
    north = await staffed(None, colleague=PEOPLE["peer"])
    return await Declining(north).begin()


async def test_others_are_told_the_same_of_a_no_as_of_what_was_taken_back() -> None:
    people = await declining()
    declined = await people.over("teacher", "decline")
    withdrawn = await people.over("coach", "withdraw")
    both = sorted((each, "withdrawn") for each in (declined, withdrawn))
    none: dict[str, list[tuple[str, str]]] = {each: [] for each in QUERIES}
    for who in OTHERS:
        assert await people.all_told(who, declined) == await people.all_told(who, withdrawn)
        taken_back = dict.fromkeys(("&taken_back=true", "&state=withdrawn"), both)
        assert await people.lists(who) == {**none, **taken_back}, who


async def test_the_teacher_and_who_planned_it_are_told_that_it_was_declined() -> None:
    people = await declining()
    declined = await people.over("teacher", "decline")
    withdrawn = await people.over("coach", "withdraw")
    no, back = (declined, "declined"), (withdrawn, "withdrawn")
    for who in TWO:
        assert await people.lists(who) == {
            "": [no],
            "&taken_back=true": sorted([no, back]),
            "&state=proposed": [],
            "&state=declined": [no],
            "&state=withdrawn": [back],
            "&state=declined&taken_back=true": [no],
        }, who
        assert (await people.get(who, f"{TRIALS}/{declined}"))["state"] == "declined"


async def test_what_waits_or_is_open_everybody_finds_who_is_shown_her_goals() -> None:
    people = await declining()
    body = {"teacher_id": "teacher", "goal_id": people.goal, "words": "Wait"}
    waits = (await people.post("coach", TRIALS, body))["trial_id"]
    opened = (await people.post("teacher", TRIALS, body))["trial_id"]
    for who in (*TWO, *OTHERS):
        found = await people.lists(who)
        assert found[""] == sorted([(waits, "proposed"), (opened, "open")]), who
        assert found["&state=proposed"] == [(waits, "proposed")]


async def test_who_planned_it_is_told_also_once_her_record_is_another() -> None:
    north = await staffed(None, colleague=PEOPLE["peer"], twin=PEOPLE["coach"])
    people = await Declining(north).begin()
    declined = await people.over("teacher", "decline")
    match = {"from_person_id": "coach", "into_person_id": "twin"}
    made = await people.post("admin", "/roster/v1/matches", match)
    await people.post("admin", f"/roster/v1/matches/{made['match_id']}/confirm")
    await people.north.settle()
    assert (await people.get("twin", f"{TRIALS}/{declined}"))["state"] == "declined"
    found = await people.lists("twin")
    for query in ("", "&state=declined", "&taken_back=true"):
        assert found[query] == [(declined, "declined")], query
    assert found["&state=withdrawn"] == []
    assert (await people.get("other", f"{TRIALS}/{declined}"))["state"] == "withdrawn"
