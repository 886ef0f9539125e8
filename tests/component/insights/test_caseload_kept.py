"""Kept entries show what the cards say now: compared with a reading of all cards, and the
cards that are fetched are counted."""

from __future__ import annotations

import gc
import json
import random
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from types import ModuleType

import pytest

from coaching.goals.v1 import goal_events_pb2 as goals
from services.chassis.views.memory_views import MemoryViews, stored
from services.chassis.views.projection import Row
from services.chassis.views.rows import Generation
from services.insights.caseload.cards import card_of
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until, in_order
from services.insights.caseload.entries import OVERHEAD, CaseloadEntries
from services.insights.caseload.memory_cards import MemoryCards
from services.insights.caseload.named_cards import NamedCards
from services.insights.caseload.resources import entry_bytes
from services.insights.caseload.stores import CardMark, Listed
from tests.support.insight import COACH, DISTRICT, YEAR, Insights, small_district, view_on


class CountedCards(MemoryCards):
    """Notes whose cards were fetched."""

    def __init__(self, views: MemoryViews) -> None:
        super().__init__(views)
        self.fetched: list[str] = []

    async def unless_known(
        self, district: str, coach: str, school_year: int, known: Mapping[str, CardMark]
    ) -> Sequence[Listed]:
        found = await super().unless_known(district, coach, school_year, known)
        self.fetched = sorted(each.row["teacher"] for each in found if each.row)
        return found


class Reader:
    def __init__(self, insights: Insights, **more: int) -> None:
        self.insights = insights
        self.cards = CountedCards(insights.views)
        self.almanac = insights.ports.caseload.almanac
        known = insights.ports.caseload.cards
        self.named = NamedCards(self.cards, insights.directory, known.orgs, known.programs)
        self.entries = CaseloadEntries(self.named, self.almanac, entry_bytes, **more)

    async def fetched(self, district: str = DISTRICT) -> list[str]:
        """Read; the teachers whose cards were fetched. The answer must be the whole truth."""
        await self.almanac.refresh()
        now = self.insights.clock.now()
        found = await self.entries.caseload(view_on(now.date(), district=district), now)
        calendar = self.almanac.calendar(district, YEAR)
        rows = await self.named.caseload(district, COACH, YEAR)
        entries = in_order((entry_until(card_of(row), calendar, now)[0] for row in rows), now)
        assert found.bodies == [entry_bytes(each) for each in entries]
        return self.cards.fetched

    def row(self, teacher: str, district: str = DISTRICT) -> Row:
        return self.insights.views.rows["cards"][f"{district}:{teacher}:{YEAR}"]


async def warm() -> Reader:
    reader = Reader(await small_district())
    assert await reader.fetched() == ["t1", "t2"]
    assert await reader.fetched() == []
    return reader


def late(insights: Insights) -> None:
    """An event that is older than what the card shows as its newest, of another aggregate."""
    insights.clock.forward(days=-3)
    insights.progress("t1", 12)
    insights.clock.forward(days=3)


def unreadable(insights: Insights) -> None:
    snapshot = goals.GoalSnapshot(goal_id="g", teacher_id="other")
    insights.publish(goals.GoalProgressRecorded(goal=snapshot), "g", "t1")


@pytest.mark.parametrize(
    "change",
    [
        late,
        unreadable,
        lambda i: i.progress("t1", 12),
        lambda i: i.survey("t1", 4, 0.5),
    ],
)
async def test_a_changed_card_is_fetched_alone(change: Callable[[Insights], None]) -> None:
    reader = await warm()
    newest = reader.row("t1")["newest_event_at"]
    change(reader.insights)
    await reader.insights.project()
    assert reader.row("t1")["newest_event_at"] == newest  # which would tell nothing
    assert await reader.fetched() == ["t1"]
    assert await reader.fetched() == []


async def test_a_teacher_who_is_called_otherwise_is_fetched_alone() -> None:
    reader = await warm()
    reader.insights.person("t1", family="Rivera-Soto")
    await reader.insights.project()
    assert await reader.fetched() == ["t1"]
    assert await reader.fetched() == []
    reader.insights.person("t1", family="Rivera-Soto")
    await reader.insights.project()
    assert await reader.fetched() == []


async def test_a_card_heals_with_the_version_that_could_not_be_read() -> None:
    reader = await warm()
    unreadable(reader.insights)
    await reader.insights.project()
    assert await reader.fetched() == ["t1"]
    reader.insights.progress("t1", 12, "g")
    await reader.insights.project()
    assert await reader.fetched() == ["t1"]


async def test_a_flag_falls_due_with_nothing_written() -> None:
    reader = await warm()
    reader.insights.progress("t1", 15)
    await reader.insights.project()
    assert await reader.fetched() == ["t1"]
    reader.insights.clock.forward(days=20, hours=23)  # the same hour as now is 21 days on
    assert await reader.fetched() == ["t1", "t2"]
    assert await reader.fetched() == []
    reader.insights.clock.forward(minutes=59)
    assert await reader.fetched() == []
    reader.insights.clock.forward(minutes=1)
    assert "t1" in await reader.fetched()


async def test_a_reader_whose_clock_is_behind_is_answered_as_of_then() -> None:
    reader = await warm()
    reader.insights.clock.forward(days=-2)
    assert await reader.fetched() == ["t1", "t2"]


async def test_a_changed_calendar_is_another_entry() -> None:
    reader = await warm()
    reader.insights.term("2026-09-01", "2026-10-01")
    await reader.insights.project()
    assert await reader.fetched() == ["t1", "t2"]
    assert await reader.fetched() == []


async def test_who_leaves_is_gone_and_who_comes_is_there() -> None:
    reader = await warm()
    reader.insights.coached("t1", active=False)
    reader.insights.coached("t3")
    await reader.insights.project()
    assert await reader.fetched() == ["t3"]


async def test_a_rebuild_shows_its_own_cards() -> None:
    """The same versions may say more in a build of a newer program."""
    reader = await warm()
    views = reader.insights.views
    made = await views.next_generation("insights")
    rebuilt = {row_id: stored(row) for row_id, row in views.rows["cards"].items()}
    (coached,) = rebuilt[f"{DISTRICT}:t1:{YEAR}"]["facts"]["relationships"].values()
    coached["accepted_at"] -= timedelta(days=1)
    views.rows[made.collection("cards")] = rebuilt
    await views.flip(made)
    assert await reader.fetched() == ["t1", "t2"]
    assert await reader.fetched() == []
    await views.flip(Generation("insights", 0))  # back to the build before
    assert await reader.fetched() == ["t1", "t2"]


async def test_districts_with_the_same_ids_never_meet() -> None:
    reader = await warm()
    for name in ("cards", "access"):
        rows = reader.insights.views.rows[name]
        for row_id, row in list(rows.items()):
            south = stored(row) | {"_id": row_id.replace(DISTRICT, "south"), "district": "south"}
            for person in south["facts"].get("person", {}).values():
                person["given"] = "South"
            rows[south["_id"]] = south
    assert await reader.fetched("south") == ["t1", "t2"]
    assert await reader.fetched("south") == []
    assert await reader.fetched() == []


async def test_a_card_of_another_district_is_never_shown() -> None:
    reader = await warm()
    strange = stored(reader.row("t3")) | {"_id": f"south:t3:{YEAR}", "coaches": [COACH]}
    reader.insights.views.rows["cards"][strange["_id"]] = strange
    with pytest.raises(AssertionError):
        await reader.fetched()


async def test_a_card_without_a_mark_is_read_every_time() -> None:
    reader = await warm()
    del reader.row("t1")["rev"]
    for _ in range(2):
        assert await reader.fetched() == ["t1"]


async def test_a_card_without_a_mark_goes_as_others_do() -> None:
    reader = await warm()
    del reader.row("t1")["rev"]
    assert await reader.fetched() == ["t1"]
    del reader.insights.views.rows["cards"][f"{DISTRICT}:t1:{YEAR}"]
    assert await reader.fetched() == []


async def test_what_is_kept_is_bounded() -> None:
    reader = await warm()
    reader.insights.coached("t3", coach="coach-2")
    await reader.insights.project()
    now = reader.insights.clock.now()
    bound = reader.entries.bytes + OVERHEAD
    small = Reader(reader.insights, most_bytes=bound)
    for _ in range(2):
        assert await small.fetched() == ["t1", "t2"]  # what was read least recently has gone
        assert await small.fetched() == []
        other = await small.entries.caseload(view_on(now.date(), "coach-2"), now)
        assert (len(other.bodies), len(small.entries)) == (1, 1)
        assert small.entries.bytes <= bound
    none = Reader(reader.insights, most_bytes=0)
    await none.fetched()
    assert (len(none.entries), none.entries.bytes) == (0, 0)


def memory_of(kept: object) -> int:
    """Bytes of all that it alone holds: of what every process has anyway (types, enums, time zones)
    nothing is counted."""
    seen: dict[int, object] = {}
    open_ = [kept]
    while open_:
        each = open_.pop()
        if id(each) not in seen and not isinstance(each, type | ModuleType | tzinfo):
            seen[id(each)] = each
            open_ += gc.get_referents(each)
    return sum(map(sys.getsizeof, seen.values()))


async def test_all_that_is_kept_is_counted_however_much_is_known_of_a_teacher() -> None:
    """Profiles are others' to keep: where those are forgotten, nothing holds them any more."""
    reader = await warm()
    for number in range(8):
        teacher = f"teacher-{number:04}"
        reader.insights.person(teacher)
        reader.insights.coached(teacher)
        for goal in range(5):
            reader.insights.progress(teacher, goal, goal=f"goal-of-{teacher}-{goal}")
    await reader.insights.project()
    await reader.fetched()
    assert len(reader.entries) == 10
    profiles = [
        weakref.ref(each)
        for each in (await reader.insights.directory.profiles(DISTRICT, ["t1", "t2"])).values()
    ]
    assert all(each() for each in profiles)
    reader.insights.directory.forget_all()
    gc.collect()
    assert not any(each() for each in profiles)
    assert memory_of(reader.entries._kept) <= reader.entries.bytes
    assert len(await reader.fetched()) == 10  # whether they are the same nobody knows
    assert await reader.fetched() == []


async def test_whom_a_caseload_leaves_out_is_not_fetched_again() -> None:
    """By what is known of her: the card names the coach still."""
    reader = await warm()
    reader.insights.person("t1", active=False)
    await reader.insights.project()
    now = reader.insights.clock.now()
    for fetched in (["t1"], []):
        found = await reader.entries.caseload(view_on(now.date()), now)
        assert len(found.bodies) == 1
        assert reader.cards.fetched == fetched
    reader.insights.person("t1")
    await reader.insights.project()
    assert await reader.fetched() == ["t1"]


STEPS: Sequence[Callable[[Insights, random.Random], None]] = (
    lambda i, c: i.progress(c.choice("tuv"), c.randrange(30), goal=f"g{c.randrange(3)}"),
    lambda i, c: i.observed(c.choice("tuv"), shared=c.random() < 0.5),
    lambda i, c: i.survey(c.choice("tuv"), c.choice([4, 20]), 0.5),
    lambda i, c: i.coached(c.choice("tuv"), active=c.random() < 0.7),
    lambda i, c: i.person(c.choice("tuv")),
    lambda i, c: i.term("2026-09-01", c.choice(["2026-10-20", "2026-12-19"])),
    lambda i, c: unreadable(i),
    lambda i, c: i.clock.forward(days=c.randrange(9)),
    lambda i, c: i.clock.forward(seconds=c.randrange(90_000)),
    lambda i, c: i.clock.forward(hours=-c.randrange(50)),
)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_kept_entries_are_those_of_the_cards(seed: int) -> None:
    chance = random.Random(seed)
    insights = Insights()
    for teacher in "tuv":
        insights.person(teacher)
        insights.coached(teacher)
    reader = Reader(insights)
    for _ in range(40):
        for step in chance.choices(STEPS, k=chance.randrange(3)):
            step(insights, chance)
        await insights.project()
        await reader.fetched()
        assert await reader.fetched() == []


async def test_an_entry_that_cannot_be_written_keeps_no_other_from_being_shown() -> None:
    """A value, say, that the answer's schema does not know: a defect of ours, of one card."""
    reader = Reader(await small_district())

    def failing(entry: CaseloadEntry) -> bytes:
        if entry.card.teacher == "t1" and not entry.card.incomplete:
            raise KeyError("paused")
        return entry_bytes(entry)

    now = reader.insights.clock.now()
    entries = CaseloadEntries(reader.named, reader.almanac, failing)
    read = await entries.caseload(view_on(now.date()), now)
    found = [json.loads(each) for each in read.bodies]
    assert {each["teacher_id"]: each["incomplete"] for each in found} == {"t1": True, "t2": False}
