"""What a card shows each reader is what the services would show her that own it: no flag, no id
and no instant comes from what another coach has not shared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.ctl.demo.district import coach_id, teacher_id
from services.insights.caseload.caseloads import Scope
from tests.support.coaching import YEAR, Coaching
from tests.support.insight import OTHER_COACH, small_district
from tests.support.platform import Platform

FIRST, SECOND, TEACHER = coach_id(2), coach_id(1), teacher_id(1)
GOAL = {
    "statement": "Students explain their thinking",
    "focus_skill": "questioning",
    "measure_id": "talk-share",
    "unit": "percent",
    "target": 60,
}
LATE = {"F1", "F2", "F3", "F4", "F5", "F8"}
PLACES = (
    "/observations/v1/observations/",
    "/goals/v1/goals/",
    "/programs/v1/relationships/",
    "/surveys/v1/administrations/",
)


class Two(Coaching):
    """A teacher with two coaches, the second of whom came later."""

    def __init__(self) -> None:
        self.platform = Platform()
        super().__init__(self.platform)
        self.tool = ""
        self.with_: dict[str, str] = {}  # coach -> relationship

    async def begin(self) -> None:
        await self.import_roster()
        await self.platform.settle()
        await self.coached_by(FIRST)
        self.platform.clock.forward(days=3)
        await self.coached_by(SECOND)
        self.tool = await self.published_tool(FIRST)

    async def coached_by(self, coach: str) -> None:
        pair = {"coach_id": coach, "teacher_id": TEACHER}
        made = await self.post(coach, "/programs/v1/relationships", pair)
        self.with_[coach] = str(made["relationship_id"])
        await self.accepts(coach)

    async def accepts(self, coach: str, *sees: str) -> None:
        await self.says(coach, *sees)
        await self.platform.settle()

    async def says(self, coach: str, *sees: str) -> None:
        body = {"coach_sees": list(sees)}
        await self.post(TEACHER, f"/programs/v1/relationships/{self.with_[coach]}/accept", body)

    async def observation(self, coach: str, *steps: str) -> str:
        wanted = {"teacher_id": TEACHER, "tool_id": self.tool, "setting": "live"}
        when = self.platform.clock.now().isoformat()
        place = "/observations/v1/observations"
        made = await self.post(coach, place, {**wanted, "scheduled_for": when})
        found = str(made["observation_id"])
        for step in steps:
            body = {"scores": [{"criterion_id": "talk", "score": 2}], "notes": []}
            await self.post(coach, f"{place}/{found}/{step}", body if step == "scores" else None)
        await self.platform.settle()
        return found

    async def shown(self, reader: str) -> Mapping[str, Any]:
        """Her entry as the reader's caseload has it, or as she herself reads it."""
        await self.platform.settle()
        card = await self.asks.ask(self.who(reader), "GET", f"/insights/v1/cards/{TEACHER}")
        entry: Mapping[str, Any] = card.json()["entry"]
        if reader != TEACHER:
            for _ in range(2):  # the second time it is one that was kept
                assert await self.entry(reader, TEACHER) == entry
        return entry

    async def open_to(self, reader: str, id_: str) -> bool:
        """Whether a service shows it to her."""
        for place in PLACES:
            async with self.asks.client(place.split("/")[1], self.who(reader)) as client:
                if (await client.get(f"{place}{id_}")).is_success:
                    return True
        return False


def ids_in(entry: Mapping[str, Any]) -> Iterator[str]:
    seen, survey = entry["last_observation"], entry["last_survey"]
    yield from (id_ for flag in entry["flags"] for id_ in flag["evidence_ids"])
    yield from (goal["goal_id"] for goal in entry["open_goals"])
    yield from [seen["observation_id"]] if seen else []
    yield from [survey["administration_id"]] if survey else []


def parts(entry: Mapping[str, Any]) -> set[str]:
    found = {
        "goals": entry["open_goals"],
        "observations": entry["last_observation"],
        "surveys": entry["last_survey"],
    }
    return {name for name, shown in found.items() if shown}


@pytest.fixture
async def two() -> Two:
    made = Two()
    await made.begin()
    return made


async def busy(two: Two) -> None:
    """Every flag has a reason, and most have one at each coach."""
    for coach in (FIRST, SECOND):
        await two.active_goal(coach, TEACHER, due_date="2026-10-20")
        await two.post(coach, "/goals/v1/goals", {**GOAL, "teacher_id": TEACHER})
        made = await two.active_goal(coach, TEACHER)
        await two.post(TEACHER, f"/goals/v1/goals/{made}/progress", {"value": 70})
    measure = await two.published_measure(FIRST)
    survey, _ = await two.open_survey(TEACHER, measure, "class-0001", 12)
    await two.post(TEACHER, f"/surveys/v1/administrations/{survey}/close")
    two.platform.clock.forward(days=25)
    achieved = await two.active_goal(FIRST, TEACHER)
    await two.post(TEACHER, f"/goals/v1/goals/{achieved}/achieve")
    for coach in (FIRST, SECOND):
        for steps in ((), ("scores",), ("scores", "complete")):
            await two.observation(coach, *steps)
    two.platform.clock.forward(days=6)


async def test_every_id_on_a_card_is_open_to_its_reader_where_it_comes_from(two: Two) -> None:
    await busy(two)
    flags: dict[str, set[str]] = {}
    for reader in (FIRST, SECOND, TEACHER):
        entry = await two.shown(reader)
        flags[reader] = {each["code"] for each in entry["flags"]}
        for id_ in ids_in(entry):
            assert await two.open_to(reader, id_), (reader, id_, entry)
    assert flags == dict.fromkeys((FIRST, SECOND, TEACHER), LATE)


@pytest.mark.parametrize("sees", ["goals", "observations", "surveys"])
async def test_a_card_shows_a_coach_what_the_teacher_shows_her(two: Two, sees: str) -> None:
    await busy(two)
    await two.observation(SECOND, "scores", "complete", "share")
    entry = await two.shown(FIRST)
    assert (parts(entry), entry["not_shared"]) == ({"goals", "observations", "surveys"}, [])
    await two.accepts(FIRST, sees)
    entry = await two.shown(FIRST)
    assert parts(entry) == {sees}
    # what is missing is not taken for what there is none of
    assert sorted([sees, *entry["not_shared"]]) == ["goals", "observations", "surveys"]
    for id_ in ids_in(entry):
        assert await two.open_to(FIRST, id_), (id_, entry)
    for reader in (SECOND, TEACHER):
        entry = await two.shown(reader)
        assert (parts(entry), entry["not_shared"]) == ({"goals", "observations", "surveys"}, [])


async def test_an_entry_that_was_kept_before_access_heard_of_it_shows_no_more(two: Two) -> None:
    await busy(two)
    assert parts(await two.shown(FIRST)) == {"goals", "surveys"}
    await two.says(FIRST, "goals")
    relay = two.platform.services["programs"].relay
    assert relay is not None
    await relay.round()
    cards, *_ = two.platform.services["insights"].projectors
    assert cards.projection.group == "insights"
    while cards.source.behind(cards.positions()):
        await cards.round()
    assert parts(await two.entry(FIRST, TEACHER) or {}) == {"goals", "surveys"}
    assert parts(await two.shown(FIRST)) == {"goals"}


@pytest.mark.parametrize("sees", ["", "goals", "observations", "surveys"])
async def test_a_timeline_has_all_that_the_services_show_its_reader_and_nothing_else(
    two: Two, sees: str
) -> None:
    await busy(two)
    await two.observation(FIRST, "scores", "complete", "share")
    if sees:
        await two.accepts(FIRST, sees)
    await two.platform.settle()
    seen: dict[str, set[str]] = {}
    for reader in (FIRST, SECOND, TEACHER):
        path = f"/insights/v1/timeline?teacher_id={TEACHER}&page_size=200"
        found = (await two.asks.ask(two.who(reader), "GET", path)).json()
        assert not found["next_page_token"]
        seen[reader] = {each["item_id"] for each in found["items"]}
        for id_ in seen[reader]:
            assert await two.open_to(reader, id_), (reader, id_)
    for coach in (FIRST, SECOND):
        hidden = seen[TEACHER] - seen[coach]
        if not sees or coach == SECOND:
            assert len(hidden) == 4  # the other coach's relationship and observations
        for id_ in hidden:
            assert not await two.open_to(coach, id_), (coach, id_)
        assert seen[coach] < seen[TEACHER]


@pytest.mark.parametrize("steps", [(), ("scores",), ("scores", "complete")])
async def test_what_another_coach_has_not_shared_changes_no_card(
    two: Two, steps: tuple[str, ...]
) -> None:
    two.platform.clock.forward(days=1)
    before = dict(await two.shown(SECOND))
    hidden = await two.observation(FIRST, *steps)
    after = dict(await two.shown(SECOND))
    assert after == before  # not even when something happened
    two.platform.clock.forward(days=5)
    for reader, codes in ((FIRST, ["F2"]), (SECOND, []), (TEACHER, ["F2"])):
        entry = await two.shown(reader)
        if "complete" in steps:
            assert [each["code"] for each in entry["flags"]] == codes
        assert (hidden in set(ids_in(entry))) is ("complete" in steps and bool(codes))


async def test_a_program_that_reads_a_caseload_is_told_of_no_observation_before_it_is_shared(
    two: Two,
) -> None:
    program, path = "north/sis?caseloads.read+observations.read", f"/insights/v1/caseloads/{FIRST}"

    async def told() -> dict[str, Any]:
        (entry,) = (await two.asks.ask(program, "GET", path)).json()["entries"]
        return dict(entry)

    two.platform.clock.forward(days=1)
    before = await told()
    hidden = await two.observation(FIRST, "scores", "complete")
    after = await told()
    assert after == before  # not even when something happened
    two.platform.clock.forward(days=5)
    for _ in range(2):  # the coach's own entry and the program's are kept apart
        assert [each["code"] for each in (await two.shown(FIRST))["flags"]] == ["F2"]
        assert not (await told())["flags"]
    await two.post(FIRST, f"/observations/v1/observations/{hidden}/share")
    await two.platform.settle()
    assert (await told())["last_observation"]["observation_id"] == hidden


async def test_what_is_shared_is_on_the_card_of_the_other_coach_too(two: Two) -> None:
    two.platform.clock.forward(days=1)
    shared = await two.observation(FIRST, "scores", "complete", "share")
    for reader in (FIRST, SECOND, TEACHER):
        entry = await two.shown(reader)
        assert entry["last_observation"]["observation_id"] == shared
        assert entry["last_contact_at"] == entry["last_observation"]["shared_at"]


async def test_when_another_coach_began_is_no_contact_of_ours(two: Two) -> None:
    first, second = await two.shown(FIRST), await two.shown(SECOND)
    assert first["last_contact_at"] < second["last_contact_at"]
    assert (await two.shown(TEACHER))["last_contact_at"] == second["last_contact_at"]


async def test_who_watches_live_is_told_no_more() -> None:
    insights = await small_district()
    insights.coached("t1", OTHER_COACH)
    insights.observed("t1", shared=False)
    await insights.settle()
    insights.clock.forward(days=6)
    for coach, codes in (("coach-1", ["F2"]), (OTHER_COACH, [])):
        reader = await insights.ports.live.hub.join(Scope("north", coach, YEAR), "")
        entries = []
        while (message := await reader.mailbox.take(0.0)) is not None:
            entries += [message.entry] if message.entry else []
        (entry,) = [each for each in entries if each.card.teacher == "t1"]
        assert [flag.code for flag in entry.flags] == codes
        assert len(entry.card.observations) == len(codes)
        insights.ports.live.hub.leave(reader)
