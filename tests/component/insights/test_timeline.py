"""A teacher's timeline: what there is of her by time, for herself and, masked, for her coach. Its
view is a family of its own: it is rebuilt, and is in trouble, alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
import pytest

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.insights.v1 import timeline_pb2 as pb
from coaching.insights.v1.timeline_pb2_grpc import TimelinesServiceStub
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as relationships
from services.chassis.log.memory_source import MemoryGroup, MemorySource
from services.chassis.views.canonical import digest
from services.chassis.views.memory_views import stored
from services.chassis.views.rebuild import Rebuild
from services.chassis.views.rows import Generation
from services.insights.timeline.fold import GROUP, TIMELINE, TOPICS, timeline_projection
from tests.support.insight import COACH, DISTRICT, OTHER_COACH, YEAR, Insights, small_district
from tests.support.journals import journals_of
from tests.support.poisons import ANY

URL = "/insights/v1/timeline?teacher_id="
Item = Mapping[str, Any]


async def page(insights: Insights, reader: str, teacher: str = "t1", query: str = "") -> Any:
    async with insights.client(reader if "/" in reader else f"{DISTRICT}/{reader}") as client:
        answer = await client.get(f"{URL}{teacher}{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def items(insights: Insights, reader: str, teacher: str = "t1") -> list[Item]:
    found: list[Item] = (await page(insights, reader, teacher))["items"]
    return found


def ids(found: list[Item]) -> list[str]:
    return [each["item_id"] for each in found]


def observed(
    insights: Insights,
    id: str,
    observer: str,
    state: Any = observations.OBSERVATION_STATE_SCHEDULED,
) -> None:
    """Something about an observation of `t1`, planned for now."""
    said = observations.ObservationSnapshot(
        observation_id=id,
        observer_id=observer,
        teacher_id="t1",
        tool_id="teach",
        school_year=YEAR,
        state=state,
    )
    said.scheduled_for.FromDatetime(insights.clock.now())
    if state == observations.OBSERVATION_STATE_SHARED:
        said.completed_at.FromDatetime(insights.clock.now())
        said.shared_at.FromDatetime(insights.clock.now())
    insights.publish(observations.ObservationScheduled(observation=said), id, "t1")


async def busy() -> Insights:
    """`t1` has two coaches and something of each kind, a day apart."""
    insights = await small_district()
    insights.coached("t1", OTHER_COACH)
    insights.clock.forward(days=1)
    insights.progress("t1", 12, due_date="2027-03-31", focus_skill="questioning")
    insights.clock.forward(days=1)
    observed(insights, "obs-mine", COACH)
    insights.clock.forward(days=1)
    observed(insights, "obs-other", OTHER_COACH)
    insights.clock.forward(days=1)
    insights.survey("t1", 20, 0.7)
    await insights.settle()
    return insights


async def test_a_teacher_reads_what_there_is_of_her_newest_first() -> None:
    insights = await busy()
    found = await page(insights, "t1")
    assert ids(found["items"])[:4] == ["adm-t1", "obs-other", "obs-mine", "goal-t1"]
    assert set(ids(found["items"])[4:]) == {"rel-t1-coach-1", "rel-t1-coach-2"}
    assert (found["next_page_token"], found["left_out"], found["stale"]) == ("", 0, False)
    assert found["items"][3] == {
        "kind": "goal",
        "item_id": "goal-t1",
        "state": "active",
        "school_year": YEAR,
        "at": "2026-10-06T15:00:00Z",
        "changed_at": "2026-10-06T15:00:00Z",
        "made_at": None,
        "steps": [
            {"step": "drafted", "at": "2026-10-06T15:00:00Z"},
            {"step": "activated", "at": "2026-10-06T15:00:00Z"},
            {"step": "progressed", "at": "2026-10-06T15:00:00Z"},
        ],
        "due_date": "2027-03-31",
        "focus_skill": "questioning",
        "measure_id": "talk-share",
        "tool_id": None,
        "instrument_id": None,
        "goal_id": None,
        "observer_id": None,
        "observer_name": None,
        "coach_id": None,
        "coach_name": None,
        "minutes": None,
        "series_id": None,
        "validation_status": None,
        "entry_kind": None,
        "activities": [],
        "incomplete": False,
    }


async def test_each_page_goes_on_where_the_last_one_ended() -> None:
    insights = await busy()
    whole = ids(await items(insights, "t1"))
    for size in (1, 2, 4):
        found: list[str] = []
        token = ""
        while True:
            each = await page(insights, "t1", query=f"&page_size={size}&page_token={token}")
            found += ids(each["items"])
            token = each["next_page_token"]
            if not token:
                break
        assert found == whole, size


async def test_a_coach_sees_no_more_than_the_services_would_tell_her() -> None:
    insights = await busy()
    hers = ids(await items(insights, COACH))
    assert hers == ["adm-t1", "obs-mine", "goal-t1", "rel-t1-coach-1"]
    others = ids(await items(insights, OTHER_COACH))
    assert others == ["adm-t1", "obs-other", "goal-t1", "rel-t1-coach-2"]
    observed(insights, "obs-other", OTHER_COACH, observations.OBSERVATION_STATE_SHARED)
    await insights.settle()
    assert "obs-other" in ids(await items(insights, COACH))


async def test_a_coach_whose_relationship_has_ended_sees_nothing_more() -> None:
    insights = await busy()
    insights.coached("t1", COACH, active=False)
    await insights.settle()
    async with insights.client(f"{DISTRICT}/{COACH}") as client:
        assert (await client.get(f"{URL}t1")).status_code == 404


async def test_what_was_taken_back_is_not_there() -> None:
    insights = await busy()
    observed(insights, "obs-mine", COACH, observations.OBSERVATION_STATE_CANCELLED)
    insights.progress("t1", 12, state=goals.GOAL_STATE_WITHDRAWN)
    await insights.settle()
    for reader in ("t1", COACH):
        assert not {"obs-mine", "goal-t1"} & set(ids(await items(insights, reader)))


async def test_a_proposal_is_its_two_sides_alone() -> None:
    insights = await busy()
    said = relationships.RelationshipSnapshot(
        relationship_id="rel-new",
        coach_id=OTHER_COACH,
        teacher_id="t1",
        school_year=YEAR + 1,
        state=relationships.RELATIONSHIP_STATE_PROPOSED,
    )
    said.proposed_at.FromDatetime(insights.clock.now())
    message = relationships.RelationshipProposed(relationship=said)
    insights.publish(message, "rel-new", "t1", YEAR + 1)
    await insights.settle()
    seen = {who: ids(await items(insights, who)) for who in ("t1", COACH, OTHER_COACH)}
    assert [who for who, found in seen.items() if "rel-new" in found] == ["t1", OTHER_COACH]


async def test_grpc_says_the_same() -> None:
    insights = await busy()
    told = await page(insights, COACH, query="&page_size=2")
    port = await insights.service.grpc.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = TimelinesServiceStub(channel)
            found = await stub.ListTimeline(
                pb.ListTimelineRequest(teacher_id="t1", page_size=2),
                metadata=(("authorization", f"Bearer {DISTRICT}/{COACH}"),),
            )
    finally:
        await insights.service.grpc.stop()
    assert [each.item_id for each in found.items] == ids(told["items"])
    assert found.next_page_token == told["next_page_token"]
    survey = found.items[0]
    assert (survey.kind, survey.state) == (pb.TIMELINE_KIND_SURVEY, pb.TIMELINE_STATE_CLOSED)
    assert [each.step for each in survey.steps] == ["closed"]
    assert survey.instrument_id == "belonging"


async def test_a_state_of_a_newer_build_is_unknown_and_all_else_is_told() -> None:
    insights = await busy()
    newer: Any = 41
    observed(insights, "obs-mine", COACH, newer)
    await insights.settle()
    item = next(each for each in await items(insights, "t1") if each["item_id"] == "obs-mine")
    assert (item["state"], item["tool_id"]) == ("unknown", "teach")


async def test_an_event_that_cannot_be_read_leaves_its_item_incomplete() -> None:
    insights = await busy()
    observed(insights, "obs-mine", COACH, observations.OBSERVATION_STATE_UNSPECIFIED)
    observed(insights, "obs-new", COACH, observations.OBSERVATION_STATE_UNSPECIFIED)
    await insights.settle()
    found = {each["item_id"]: each for each in await items(insights, "t1")}
    assert found["obs-mine"]["incomplete"]
    assert found["obs-mine"]["state"] == "scheduled"
    assert found["obs-new"]["incomplete"]
    assert found["obs-new"]["state"] == "unknown"
    assert "obs-new" not in ids(await items(insights, COACH))  # nobody knows whose it is
    assert len(await insights.views.list(GROUP)) == 2


async def no_indexes(generation: Generation) -> None:
    """A store in memory has none."""


async def value(insights: Insights, district: str = DISTRICT) -> Any:
    """Of the goal of `t1`, as her coach's caseload has it."""
    async with insights.client(f"{district}/{COACH}") as client:
        entries = (await client.get("/insights/v1/caseload")).json()["entries"]
    entry = next(each for each in entries if each["teacher_id"] == "t1")
    return entry["open_goals"][0]["current"]


async def test_it_is_rebuilt_alone_while_the_caseload_goes_on() -> None:
    insights = await busy()
    for each in range(100):
        insights.progress("t1", each)
    await insights.settle()
    views = insights.views
    cards, before = await views.generation("insights"), await views.generation(GROUP)
    noted = insights.log.ends(TOPICS)
    work = Rebuild(
        views, timeline_projection(), insights.clock, insights.log.partitions, no_indexes
    )
    made = await work.fold_journals(await journals_of(insights.entries, among=50), noted)
    insights.progress("t1", 17)  # after the journals were read
    observed(insights, "obs-late", COACH)
    await insights.settle()
    assert await value(insights) == 17
    source = MemorySource(MemoryGroup(insights.log, TOPICS))
    await work.catch_up(made, source, insights.log.ends(TOPICS))
    old = await digest(views.scan(before, TIMELINE))
    assert await digest(views.scan(made, TIMELINE)) == old
    assert old[0] >= 7
    shown = await items(insights, COACH)
    await views.flip(made)
    assert await items(insights, COACH) == shown
    assert await views.generation("insights") == cards
    insights.progress("t1", 18)
    await insights.settle()
    assert await value(insights) == 18
    goal = next(each for each in await items(insights, "t1") if each["kind"] == "goal")
    assert goal["changed_at"] == goal["steps"][-1]["at"]


class Two(Insights):
    """A coach with a teacher `t1` in each of two districts."""

    def __init__(self) -> None:
        super().__init__()
        for self.district in ("south", DISTRICT):
            self.person(COACH, "ext:coach")
            self.person("t1")
            self.coached("t1")
            self.progress("t1", 12)

    def says(self, district: str, value: float) -> None:
        self.district = district
        self.progress("t1", value)


@pytest.mark.parametrize("name", ANY)
async def test_one_districts_poison_in_it_stops_no_caseload(name: str) -> None:
    two = Two()
    await two.settle()
    row_id = "south:t1:goal:goal-t1"
    row = stored(two.views.rows[TIMELINE][row_id])
    ANY[name](row)
    two.views.rows[TIMELINE][row_id] = row
    for projector in two.projectors():
        projector._batcher.drop()
    for district in ("south", DISTRICT):
        two.says(district, 13)
        await two.settle()
        assert await value(two, district) == 13
    well = await page(two, f"{DISTRICT}/t1")
    assert sorted(each["kind"] for each in well["items"]) == ["goal", "relationship"]
    assert not any(each["incomplete"] for each in well["items"])
    ill = await page(two, "south/t1")
    assert "relationship" in {each["kind"] for each in ill["items"]}
