"""Celebrations over the public API: of what is true, and seen by whom the teacher lets see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.coaching import Coaching
from tests.support.staff import PEOPLE, Held, Staffed, staffed

GOALS, TRIALS, PATH = "/goals/v1/goals", "/goals/v1/trials", "/goals/v1/celebrations"
CIRCLES = "/programs/v1/circles"
EVERYBODY = ("teacher", "coach", "other", "peer", "colleague", "leader", "admin", "aide")
NOTE = "Canary-of-a-note"


class Celebrating(Coaching):
    """A teacher with two coaches, `coach` and `other`, a pair with `peer`, who sees her goals, and
    another with `colleague`, who sees her observations alone."""

    def __init__(self, north: Staffed) -> None:
        super().__init__(north)
        self.north = north

    async def begin(self) -> Celebrating:
        for coach in ("coach", "other"):
            await self.north.coached(coach)
        await self.pair("peer", ["goals"])
        await self.pair("colleague", ["observations"])
        return self

    async def pair(self, other: str, shows: list[str]) -> str:
        asked = {"kind": "pair", "member_ids": ["teacher", other], "shows": shows}
        circle = (await self.post("teacher", CIRCLES, asked))["circle_id"]
        await self.post(other, f"{CIRCLES}/{circle}/join", {"shows": []})
        await self.north.settle()
        return str(circle)

    async def achieved(self) -> str:
        goal = await self.active_goal("teacher", "teacher")
        await self.post("teacher", f"{GOALS}/{goal}/achieve")
        return goal

    async def kept(self, goal: str) -> str:
        body = {"teacher_id": "teacher", "goal_id": goal, "words": "Wait"}
        trial = str((await self.post("teacher", TRIALS, body))["trial_id"])
        await self.post("teacher", f"{TRIALS}/{trial}/try-out")
        text = {"text": "Two have spoken"}
        await self.asks.ask("north/teacher", "PUT", f"{TRIALS}/{trial}/reflection", text)
        await self.post("teacher", f"{TRIALS}/{trial}/close", {"outcome": "keep"})
        return trial

    async def send(self, by: str, goal: str = "", **more: Any) -> Any:
        return await self.post(by, PATH, of(goal, **more))

    async def refused(self, by: str, goal: str = "", status: int = 422, **more: Any) -> Any:
        """Its code and, of what is invalid, its place."""
        asked = of(goal, **more)
        told = (await self.asks.ask(f"north/{by}", "POST", PATH, asked, status=status)).json()
        if not told.get("errors"):
            return told["code"]
        return told["errors"][0]["code"], told["errors"][0]["pointer"]

    async def see(self, celebration: Any) -> set[str]:
        """Who sees it, by its id and in a list alike."""
        id_, by_id, listed = celebration["celebration_id"], set[str](), set[str]()
        for who in EVERYBODY:
            if await self.north.status(who, f"{PATH}/{id_}") == 200:
                by_id.add(who)
            path = f"{PATH}?teacher_id=teacher"
            if await self.north.status(who, path) == 200 and id_ in await self.ids(who, path):
                listed.add(who)
        assert by_id == listed
        return by_id

    async def ids(self, who: str, path: str) -> list[str]:
        found = (await self.asks.ask(f"north/{who}", "GET", path)).json()
        return [each["celebration_id"] for each in found["celebrations"]]

    async def told(self, who: str, *paths: str) -> list[Any]:
        """What they answer, versions included."""
        return [(await self.asks.ask(f"north/{who}", "GET", path)).json() for path in paths]

    async def choose(self, celebration: Any, audience: str) -> Any:
        path = f"{PATH}/{celebration['celebration_id']}/audience"
        chosen = {"audience": audience}
        return (await self.asks.ask("north/teacher", "PUT", path, chosen)).json()

    async def outdated(self, celebration: Any) -> bool:
        """As it says itself, and as a list says."""
        path = f"{PATH}/{celebration['celebration_id']}"
        said = (await self.asks.ask("north/teacher", "GET", path)).json()
        every = (await self.asks.ask("north/teacher", "GET", PATH)).json()["celebrations"]
        assert said in every
        return bool(said["outdated"])


def of(goal: str, **more: Any) -> dict[str, Any]:
    """By default an achieved goal."""
    named = {"goal_id": goal} if goal else {}
    return {"teacher_id": "teacher", "fact": "achieved", "note": NOTE, **named, **more}


@pytest.fixture
async def people() -> Celebrating:
    more: dict[str, Held | None] = {"colleague": PEOPLE["peer"]}
    return await Celebrating(await staffed(None, **more)).begin()


async def test_the_teacher_alone_decides_who_sees_it(people: Celebrating) -> None:
    made = await people.send("coach", await people.achieved())
    assert (made["audience"], made["note"], made["allowed"]) == (
        "mine", NOTE, ["correct_celebration_note"],
    )  # fmt: skip
    assert await people.see(made) == {"teacher", "coach"}
    await people.choose(made, "coaches")
    assert await people.see(made) == {"teacher", "coach", "other"}
    await people.choose(made, "pairs_and_groups")
    assert await people.see(made) == {"teacher", "coach", "peer"}
    chosen = await people.choose(made, "mine")
    assert sorted(chosen["allowed"]) == ["choose_celebration_audience", "put_away_celebration"]
    assert await people.see(made) == {"teacher", "coach"}
    path = f"{PATH}/{made['celebration_id']}"
    for who in ("coach", "other", "peer", "admin"):
        chosen = {"audience": "coaches"}
        await people.asks.ask(f"north/{who}", "PUT", f"{path}/audience", chosen, status=404)
        await people.asks.ask(f"north/{who}", "POST", f"{path}/put-away", status=404)


async def test_what_she_has_put_away_nobody_else_sees_and_who_sent_it_is_not_told(
    people: Celebrating,
) -> None:
    goal = await people.achieved()
    made = await people.send("peer", goal)
    await people.choose(made, "coaches")
    path = f"{PATH}/{made['celebration_id']}"
    every = f"{PATH}?teacher_id=teacher&taken_back=true"
    before = await people.told("peer", path, every)
    away = await people.post("teacher", f"{path}/put-away")
    assert (away["state"], away["put_away_at"] is None) == ("put_away", False)
    for who in EVERYBODY:
        assert (await people.north.status(who, path) == 200) is (who in ("teacher", "peer"))
    assert await people.ids("teacher", PATH) == []
    (hers,) = await people.told("teacher", f"{PATH}?taken_back=true")
    assert [each["state"] for each in hers["celebrations"]] == ["put_away"]
    assert await people.told("peer", path, every) == before
    assert await people.told("peer", path, f"{PATH}?teacher_id=teacher") == before
    assert (before[0]["state"], before[0]["put_away_at"]) == ("sent", None)
    assert before[1]["celebrations"] == [before[0]]
    assert await people.ids("other", every) == []
    assert await people.refused("peer", goal, 409) == "already_celebrated"
    again = await people.asks.ask("north/teacher", "POST", f"{path}/put-away", status=409)
    assert again.json()["code"] == "already_put_away"
    await people.choose(made, "mine")
    assert await people.see(made) == {"teacher", "peer"}


async def test_who_sees_her_work_celebrates_it_and_nobody_else(people: Celebrating) -> None:
    goal = await people.achieved()
    for who in ("teacher", "coach", "other", "peer"):
        assert (await people.send(who, goal))["sent_by"] == who
    for who in ("colleague", "leader", "admin", "aide"):
        assert await people.refused(who, goal, 404) == "not_found"
        assert await people.refused(who, "no-such-goal", 404) == "not_found"
    own = await people.ids("teacher", PATH)
    assert len(own) == 4
    assert len(await people.ids("coach", f"{PATH}?teacher_id=teacher")) == 1


async def test_who_coaches_her_no_more_sees_not_even_what_he_sent(people: Celebrating) -> None:
    made = await people.send("coach", await people.achieved())
    await people.choose(made, "coaches")
    ties = "/programs/v1/relationships?teacher_id=teacher&coach_id=coach"
    tie = (await people.asks.ask("north/teacher", "GET", ties)).json()["relationships"][0]
    await people.post("teacher", f"/programs/v1/relationships/{tie['relationship_id']}/end")
    await people.north.settle()
    assert await people.see(made) == {"teacher", "other"}


async def test_a_fact_is_celebrated_while_it_is_true(people: Celebrating) -> None:
    goal = await people.active_goal("teacher", "teacher")
    assert await people.refused("coach", goal) == ("not_achieved", "/fact")
    await people.post("teacher", f"{GOALS}/{goal}/achieve")
    lasting: dict[str, Any] = {"fact": "maintained"}
    assert await people.refused("coach", goal, **lasting) == ("not_maintained", "/fact")
    made = await people.send("coach", goal)
    assert not await people.outdated(made)
    await people.post("teacher", f"{GOALS}/{goal}/maintain")
    lasts = await people.send("coach", goal, **lasting)
    assert (await people.outdated(made), await people.outdated(lasts)) == (False, False)
    await people.post("teacher", f"{GOALS}/{goal}/achieve")
    assert (await people.outdated(made), await people.outdated(lasts)) == (False, True)
    await people.post("teacher", f"{GOALS}/{goal}/activate")
    assert await people.outdated(made)
    assert await people.refused("coach", "no-such-goal") == ("unknown_goal", "/goal_id")
    others = await people.active_goal("peer", "peer")
    assert await people.refused("coach", others) == ("unknown_goal", "/goal_id")


async def test_a_trial_is_celebrated_while_it_is_kept(people: Celebrating) -> None:
    goal = await people.active_goal("teacher", "teacher")
    trial = await people.kept(goal)
    made = await people.send("peer", fact="trial_kept", trial_id=trial)
    assert (made["goal_id"], made["trial_id"], made["value"]) == (goal, trial, None)
    assert not await people.outdated(made)
    await people.post("teacher", f"{TRIALS}/{trial}/step-back")
    assert await people.outdated(made)
    of_trial: dict[str, Any] = {"fact": "trial_kept", "trial_id": trial}
    assert await people.refused("coach", **of_trial) == ("not_kept", "/trial_id")
    none: dict[str, Any] = {"fact": "trial_kept", "trial_id": "none"}
    assert await people.refused("coach", **none) == ("unknown_trial", "/trial_id")


async def test_a_moment_of_a_class_is_a_value_of_a_goal_that_aims_at_students(
    people: Celebrating,
) -> None:
    plain = await people.active_goal("teacher", "teacher")
    goal = await people.active_goal("teacher", "teacher", aims_at="students")
    for each in (plain, goal):
        await people.post("teacher", f"{GOALS}/{each}/progress", {"value": 48})
    moment: dict[str, Any] = {"fact": "progress", "progress_number": 1}
    assert await people.refused("coach", plain, **moment) == ("not_about_students", "/goal_id")
    another = {**moment, "progress_number": 2}
    place = "/progress_number"
    assert await people.refused("coach", goal, **another) == ("unknown_progress", place)
    made = await people.send("coach", goal, **moment)
    assert (made["progress_number"], made["value"]) == (1, 48)
    for _ in range(45):  # so that it leaves the goal
        await people.post("teacher", f"{GOALS}/{goal}/progress", {"value": 50})
    assert not await people.outdated(made)
    right = {"value": 49, "reason": "Mistyped"}
    await people.asks.ask("north/teacher", "PUT", f"{GOALS}/{goal}/progress/1", right)
    assert await people.outdated(made)
    assert await people.refused("coach", goal, 409, **moment) == "already_celebrated"
    assert (await people.send("other", goal, **moment))["value"] == 49
    await people.post("teacher", f"{GOALS}/{goal}/progress/46/void")
    voided = {**moment, "progress_number": 46}
    assert await people.refused("coach", goal, **voided) == ("progress_voided", place)


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"fact": "achieved"}, ("fact_not_named", "/goal_id")),
        ({"fact": "trial_kept"}, ("fact_not_named", "/trial_id")),
        ({"fact": "progress", "goal_id": "goal"}, ("fact_not_named", "/progress_number")),
        ({"goal_id": "goal", "trial_id": "trial"}, ("not_of_the_fact", "/trial_id")),
        ({"fact": "trial_kept", "goal_id": "goal"}, ("not_of_the_fact", "/goal_id")),
        ({"goal_id": "goal", "progress_number": 1}, ("not_of_the_fact", "/progress_number")),
    ],
)
async def test_it_names_what_its_fact_is_of_and_nothing_else(
    people: Celebrating, asked: Any, refused: Any
) -> None:
    assert await people.refused("coach", **asked) == refused


async def test_nobody_floods_her(people: Celebrating) -> None:
    goals = [await people.achieved() for _ in range(6)]
    for goal in goals[:5]:
        await people.send("coach", goal)
    assert await people.refused("coach", goals[0], 409) == "too_many_this_week"
    assert await people.refused("coach", goals[5], 409) == "too_many_this_week"
    assert (await people.send("other", goals[5]))["sent_by"] == "other"
    people.north.clock.forward(seconds=timedelta(days=7).total_seconds())
    assert (await people.send("coach", goals[5]))["sent_by"] == "coach"
    assert await people.refused("coach", goals[0], 409) == "already_celebrated"


async def test_the_same_command_is_answered_once_more(people: Celebrating) -> None:
    goal = await people.achieved()
    key = {"Idempotency-Key": '"once"'}
    async with people.north.client("goals", "north/coach") as client:
        first = await client.post(PATH, json=of(goal), headers=key)
        again = await client.post(PATH, json=of(goal), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["celebration_id"] == again.json()["celebration_id"]
