"""On real engines what has had its time goes by itself, by processes that die on the way, and
nothing of whom a legal hold is on. Of who looked the oldest go, and what is left still fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from services.chassis.mongo import raw
from tests.support.coaching import Coaching
from tests.support.docs_program import program
from tests.support.policies import signed
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

DISTRICT, ADMIN, HER, HELD = "dell", "admin-01", "teacher-0001", "teacher-0002"
STRANGER = "coach-02"
CANARY = "Canary-kept-for-a-time"
LONG_AGO = "2024-10-07T15:00:00Z"
TERMS: dict[str, Any] = {
    "number": 1,
    "purposes": ["coaching"],
    "audiences": ["coach", "partner"],
    "acknowledge_before_sharing": False,
    "leaders_see": "nothing",
    "retention": [{"record": each, "days": 30} for each in ("goals", "looks", "surveys")],
    "teacher_first_hours": 0,
    "recording": "none",
    "representatives_sign": 0,
}
GOAL = {
    "statement": CANARY,
    "focus_skill": "questioning",
    "measure_id": "talk-share",
    "unit": "percent",
    "target": 60,
    "baseline": 35,
}


class Dell(Coaching):
    """A district whose people did things long ago."""

    def __init__(self, stack: RunningStack) -> None:
        super().__init__(stack, DISTRICT)
        self.stack = stack

    async def then(self, at: str, person: str, path: str, body: Any = None) -> Any:
        asked = self.who(person), "POST", path, body
        return (await self.asks.ask(*asked, headers={"Tandem-Now": at})).json()

    async def goal(self, teacher: str) -> str:
        made = await self.then(
            LONG_AGO, teacher, "/goals/v1/goals", {**GOAL, "teacher_id": teacher}
        )
        place = f"/goals/v1/goals/{made['goal_id']}"
        await self.then(LONG_AGO, teacher, f"{place}/activate")
        for value in range(45):  # some of which leave the goal
            noted = {"value": value, "note": CANARY}
            await self.then(LONG_AGO, teacher, f"{place}/progress", noted)
        return str(made["goal_id"])

    async def survey(self) -> str:
        """Opened long ago and never closed, with an answer."""
        measure = await self.published_measure("coach-01")
        taught = await self.asks.ask(self.who(HER), "GET", "/roster/v1/classes")
        body = {
            "instrument_id": measure,
            "teacher_id": HER,
            "class_id": taught.json()["classes"][0]["class_id"],
        }
        made = await self.then(LONG_AGO, HER, "/surveys/v1/administrations", body)
        place = f"/surveys/v1/administrations/{made['administration_id']}"
        opened = await self.then(LONG_AGO, HER, f"{place}/open", {"seats": 12})
        await self.answer(made["administration_id"], opened["codes"][0], 3)
        return str(made["administration_id"])

    async def looked_at_long_ago(self, *goals: str) -> None:
        """And each was refused: it is the first in the list of whose the goal is."""
        for goal in goals:
            who, path = self.who(STRANGER), f"/goals/v1/goals/{goal}"
            told = {"Tandem-Now": LONG_AGO}
            await self.asks.ask(who, "GET", path, status=404, headers=told)
        for person in (HER, HELD):
            await eventually(partial(self.first_is_old, person), timeout=20)

    async def looks(self, person: str) -> Any:
        asked = self.who(person), "GET", "/privacy/v1/looks?page_size=200"
        return (await self.asks.ask(*asked)).json()

    async def first_is_old(self, person: str) -> bool:
        found = (await self.looks(person))["looks"]
        return bool(found) and found[-1]["last_at"] == LONG_AGO

    async def enacted(self) -> None:
        """Longer ago than the week in which nothing goes."""
        at = (datetime.now(UTC) - timedelta(days=8)).isoformat()
        words = {"title": "For how long", "text": "Goals are kept for 30 days."}
        said = await self.then(at, ADMIN, "/privacy/v1/statements", words)
        await self.then(at, ADMIN, f"/privacy/v1/statements/{said['statement_id']}/publish")
        body = {**TERMS, "statement_id": said["statement_id"]}
        policy = await self.then(at, ADMIN, "/privacy/v1/policies", body)
        place = f"/privacy/v1/policies/{policy['policy_id']}/sign"
        assert (await self.then(at, ADMIN, place, signed(policy, "district")))["state"] == "enacted"

    async def there(self, person: str, path: str) -> bool:
        async with self.stack.client(path.split("/")[1], self.who(person)) as client:
            return bool((await client.get(path)).is_success)

    async def found(self) -> dict[str, Any]:
        asked = await self.asks.ask(self.who(ADMIN), "GET", "/privacy/v1/retention")
        return {each["record"]: each for each in asked.json()["records"]}


async def dead(stack: RunningStack, service: str) -> bool:
    return stack._children[service].returncode is not None


async def holding(stack: RunningStack, id_: str) -> set[str]:
    """Where the canary stands beside this id: `service/collection`."""
    found = set()
    for service in ("goals", "surveys", "insights"):
        own = stack._backing(service).database
        assert own is not None
        for name in await own.list_collection_names():
            async for each in raw(own[name]).find():
                if CANARY.encode() in each.raw and id_.encode() in each.raw:
                    found.add(f"{service}/{name}")
    return found


async def test_what_has_had_its_time_goes_and_nothing_under_a_hold(stack: RunningStack) -> None:
    dell = Dell(stack)
    await dell.import_roster()
    await dell.known(HER)
    await dell.known(HELD)
    await dell.known(STRANGER)  # else nobody looked
    goal, held = await dell.goal(HER), await dell.goal(HELD)
    await dell.looked_at_long_ago(goal, held)
    new = await dell.active_goal(HER, HER)
    survey = await dell.survey()
    await dell.may(ADMIN, "/privacy/v1/retention")
    why = {"reason": "A lawsuit."}
    await dell.post(ADMIN, f"/privacy/v1/erasures/{HELD}/hold", why)
    await eventually(lambda: leaves(stack, goal), timeout=30)  # progress, by the relay
    dying = {"goals": "E1", "surveys": "D2"}
    for service, point in dying.items():
        await stack.end(service)
        stack.start(service, TANDEM_CRASH_AT=point)
        await stack.ready(service)
    await dell.enacted()
    for service in dying:
        await eventually(partial(dead, stack, service), timeout=60)
        await stack.kill(service)
        stack.start(service)
        await stack.ready(service)

    async def said() -> bool:
        found = await dell.found()
        return all(each["said_at"] for each in found.values()) and bool(found)

    await eventually(said, timeout=150)
    found = await dell.found()
    assert (found["goals"]["erased"], found["goals"]["held"]) == (1, 1)
    assert [each["records"] for each in found["goals"]["years"]] == [1, 1]
    assert found["surveys"]["erased"] == 1
    assert (found["looks"]["erased"], found["looks"]["held"]) == (1, 1)
    assert await dell.first_is_old(HELD)
    hers = await dell.looks(HER)
    assert hers["begins_after"].startswith("1:")
    assert program("docs/privacy.md", "check")(hers["looks"], hers["begins_after"]) == ""
    assert not await dell.there(HER, f"/goals/v1/goals/{goal}")
    assert not await dell.there(HER, f"/surveys/v1/administrations/{survey}")
    assert await dell.there(HELD, f"/goals/v1/goals/{held}")
    assert await dell.there(HER, f"/goals/v1/goals/{new}")
    await eventually(lambda: nothing(stack, goal), timeout=30)
    (entry,) = await stack._backing("goals").journal.read(DISTRICT, None, "", 1_000, goal)
    assert entry.event.erases
    seats = stack._backing("surveys").database
    assert seats is not None
    left = await seats["seats"].find({"administration": survey}).to_list(None)
    assert not [each for each in left if each.get("sheet")]
    await stack.assert_cards_are_true()


async def leaves(stack: RunningStack, goal: str) -> bool:
    return await holding(stack, goal) >= {"goals/aggregates", "goals/entries"}


async def nothing(stack: RunningStack, goal: str) -> bool:
    return not await holding(stack, goal)
