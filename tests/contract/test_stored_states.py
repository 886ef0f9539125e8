"""A stored state that this build does not know is not written, and takes nothing else with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import pytest

from services.chassis.call import Call, Principal
from services.chassis.kernel import Aggregate, Fault, Kind, SystemClock
from services.chassis.write.bell import LocalBell
from services.chassis.write.documents import Document
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.states import AggregateCodec, SummaryCodec
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import EncodedEvent, WritePath
from tests.support.documents_suite import event


class Mood(StrEnum):
    GOOD = "good"


@dataclass(frozen=True)
class Step:
    what: str
    done: bool = False


@dataclass(kw_only=True)
class Plan(Aggregate):
    title: str
    mood: Mood = Mood.GOOD
    steps: tuple[Step, ...] = ()

    def add(self, step: Step) -> None:
        self.steps = (*self.steps, step)
        self.record("added")


@dataclass(frozen=True)
class Taken:
    done: bool


@dataclass(frozen=True, kw_only=True)
class PlanSummary:
    id: str
    district: str
    version: int
    title: str
    steps: tuple[Taken, ...]


def encode(plan: Plan, happened: Any) -> EncodedEvent:
    return EncodedEvent("t.Plan", (f"{plan.district}:{plan.id}",), b"x")


def named(state: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 calls the name a title."""
    state["title"] = state.pop("name")
    return state


def with_moods(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "mood": "good"}


CODEC = AggregateCodec("plan", Plan, encode, [named, with_moods])
GOOD: Mapping[str, Any] = {"title": "t", "mood": "good", "steps": [{"what": "w", "done": True}]}
OLD = {"name": "old", "steps": [{"what": "w", "done": True}]}
UNKNOWN: list[Mapping[str, Any]] = [
    {**GOOD, "new": 1},
    {**GOOD, "steps": [{"what": "w", "done": True, "new": 1}]},
    {**GOOD, "mood": "new"},
    {"mood": "good"},
]
STEP = Step("again")


class Site:
    def __init__(self) -> None:
        self.store = MemoryDocuments()
        self.plans = WritePath(self.store, CODEC, SystemClock(), LocalBell())
        self.summaries = Summaries(self.store, SummaryCodec(CODEC, PlanSummary))

    async def put(self, id: str, state: Mapping[str, Any], schema: int) -> None:
        await self.store.insert(Document(id, "plan", "d1", 1, state, schema=schema), event(1, id))

    async def stored(self, id: str) -> Document:
        found = await self.store.get("d1", "plan", id)
        assert found is not None
        return found

    async def change(self, id: str) -> Plan:
        call = Call("add", Principal("d1", person="p1"))
        return await self.plans.change(call, id, lambda plan: plan.add(STEP))


@pytest.mark.parametrize(
    ("state", "schema", "code"),
    [(GOOD, 4, "needs_upgrade"), *((state, 3, "state_unreadable") for state in UNKNOWN),
     ({"title": "no name"}, 1, "state_unreadable")],
)  # fmt: skip
async def test_what_is_not_known_here_is_neither_read_nor_written(
    state: Mapping[str, Any], schema: int, code: str
) -> None:
    site = Site()
    await site.put("a", state, schema)
    before = await site.stored("a")
    for attempt in (site.plans.get("d1", "a"), site.change("a")):
        with pytest.raises(Fault) as refused:
            await attempt
        assert (refused.value.kind, refused.value.code) == (Kind.UNAVAILABLE, code)
    assert await site.stored("a") == before


async def test_a_list_leaves_out_what_it_cannot_read_and_says_so() -> None:
    site = Site()
    await site.put("a", GOOD, 3)
    await site.put("b", GOOD, 4)
    await site.put("c", UNKNOWN[0], 3)
    await site.put("d", GOOD, 3)
    first = await site.plans.find("d1", {}, "", 3)
    assert ([each.id for each in first.items], first.after, first.left_out) == (["a"], "c", 2)
    second = await site.plans.find("d1", {}, first.after, 3)
    assert ([each.id for each in second.items], second.after, second.left_out) == (["d"], "", 0)
    short = await site.summaries.find("d1", {}, "", 9)
    # of what has a new field the summary is as it was
    assert ([each.id for each in short.items], short.left_out) == (["a", "c", "d"], 1)


@pytest.mark.parametrize(("state", "schema"), [(OLD, 1), (named(dict(OLD)), 2)])
async def test_an_older_state_is_read_in_todays_shape_and_written_so(
    state: Mapping[str, Any], schema: int
) -> None:
    site = Site()
    await site.put("a", state, schema)
    plan = await site.plans.get("d1", "a")
    assert (plan.title, plan.mood, plan.steps) == ("old", Mood.GOOD, (Step("w", True),))
    (summary,) = (await site.summaries.find("d1", {}, "", 9)).items
    assert summary == PlanSummary(
        id="a", district="d1", version=1, title="old", steps=(Taken(True),)
    )
    await site.change("a")
    stored = await site.stored("a")
    steps = [{"what": "w", "done": True}, {"what": "again", "done": False}]
    assert (stored.schema, stored.state) == (3, {"title": "old", "mood": "good", "steps": steps})


async def test_a_new_state_carries_todays_schema() -> None:
    site = Site()
    new = Plan(id="a", district="d1", title="t")
    new.add(STEP)
    await site.plans.create(Call("make", Principal("d1", person="p1")), new)
    assert (await site.stored("a")).schema == CODEC.schema == 3


async def test_a_state_over_one_mebibyte_is_refused_and_not_stored() -> None:
    site = Site()
    await site.put("a", {**GOOD, "steps": []}, 3)
    large = Step("x" * 600_000)
    call = Call("add", Principal("d1", person="p1"))
    await site.plans.change(call, "a", lambda plan: plan.add(large))
    new = Plan(id="b", district="d1", title="t", steps=(large,))
    new.add(replace(large, done=True))
    for attempt in (
        site.plans.change(call, "a", lambda plan: plan.add(large)),
        site.plans.create(call, new),
    ):
        with pytest.raises(Fault) as refused:
            await attempt
        assert (refused.value.kind, refused.value.code) == (Kind.TOO_LARGE, "state_too_large")
    assert (await site.stored("a")).version == 2
    assert await site.store.get("d1", "plan", "b") is None
