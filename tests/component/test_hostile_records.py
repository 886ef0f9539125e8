"""Records that nobody should have written: parked and visible, their neighbours flow, the
card says that it is incomplete, and a redrive heals it. Insights, its access view, and that of
a service that writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from services.access.profile import profile_of
from services.assembly.registry import SERVICES
from services.chassis.backing import memory
from services.chassis.log.envelope import Record
from services.chassis.log.memory_log import MemoryLog
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import OPEN, RESOLVED, Parked
from services.chassis.views.parking import ParkingLimit
from services.chassis.views.projector import Projector, Timing
from services.surveys import bootstrap as surveys
from services.surveys.settings import Settings
from tests.support.hostile_records import (
    ANY,
    BROKEN,
    READ,
    Break,
    good,
    header,
    of_another_district,
    value,
)
from tests.support.insight import COACH, DISTRICT, Insights
from tests.support.platform import NamedCallers, described_once, settings_of

GOALS, ROSTER = "coaching.goals.v1", "coaching.roster.v1"
VICTIM, NEIGHBOR = "teacher-1", "teacher-2"
CARD = f"{DISTRICT}:{VICTIM}:2027"
NO_CARD = ("roster", "privacy")  # neither a name nor what somebody has read is on one


class World(Insights):
    """A victim and a neighbor with a goal each, coached by the same coach."""

    def __init__(self) -> None:
        super().__init__()
        self.person(COACH, "ext:coach")
        for teacher in (VICTIM, NEIGHBOR):
            self.person(teacher)
            self.coached(teacher)
            self.progress(teacher, 12)

    def spoiled(self, broken: Break, teacher: str = VICTIM, to: float = 15) -> Record:
        """The victim's next progress, broken on its way into the log."""
        draft, real = MemoryLog(), self.log
        self.log = draft
        self.progress(teacher, to)
        self.log = real
        record = broken(draft.all(GOALS)[0])
        return self.log.append(GOALS, record.key or b"", record.value, record.headers)

    def current(self, teacher: str) -> object:
        row = self.rows()[f"{DISTRICT}:{teacher}:2027"]
        return row["facts"]["goals"][f"goal-{teacher}"]["current"]

    async def parked(self) -> list[Parked]:
        return list(await self.views.list("insights"))

    async def entry(self, teacher: str) -> dict[str, object]:
        async with self.client(f"{DISTRICT}/{COACH}") as client:
            answer = await client.get(f"/insights/v1/cards/{teacher}")
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()["entry"]
        return found


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_record_is_parked_and_its_neighbors_flow(broken: str) -> None:
    change, reason, named = BROKEN[broken]
    world = World()
    await world.settle()
    record = world.spoiled(change)
    world.progress(NEIGHBOR, 18)
    await world.settle()
    (parked,) = await world.parked()
    assert parked.reason.startswith(reason)
    assert parked.state == OPEN
    kept = parked.record
    assert (kept.topic, kept.partition, kept.offset) == (GOALS, record.partition, record.offset)
    assert (kept.key, kept.value) == (record.key, record.value)
    assert world.current(NEIGHBOR) == 18
    assert world.current(VICTIM) == 12
    assert (await world.entry(VICTIM))["incomplete"] is named
    assert (await world.entry(NEIGHBOR))["incomplete"] is False
    # a later good version of the same goal heals what could be told to be its
    world.progress(VICTIM, 16)
    await world.settle()
    assert world.current(VICTIM) == 16
    assert (await world.entry(VICTIM))["incomplete"] is False
    assert [each.state for each in await world.parked()] == ([] if named else [OPEN])


class Topic(Insights):
    """The events of one service about the victim and the neighbor, and every view that folds
    them: the cards, the access view of insights, and that of the surveys service."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.from_, self.topic = service, SERVICES[service].topic
        backing = memory(self.log)
        known = settings_of(Settings)
        with described_once():
            self.writes = surveys.build(known, backing, clock=self.clock, identity=NamedCallers())
        for projector in self.writes.projectors:
            projector.timing = Timing(wait=0)
        assert isinstance(backing.views, MemoryViews)
        self.of = {
            "insights": ("cards", ":2027", self.views),
            "insights-access": ("access", "", self.views),
            "surveys-access": ("access", "", backing.views),
        }
        if service in ("goals", "surveys", "observations"):  # of whose words access keeps nothing
            self.of = {"insights": self.of["insights"]}
        if service in NO_CARD:
            del self.of["insights"]

    def say(self, teacher: str, mark: str) -> None:
        message, aggregate, year = good(self.from_, teacher, mark)
        self.publish(message, aggregate, teacher, year)

    def spoil(self, broken: Break) -> Record:
        draft, real = MemoryLog(), self.log
        self.log = draft
        self.say(VICTIM, "spoiled")
        self.log = real
        record = broken(draft.all(self.topic)[0])
        return real.append(self.topic, record.key or b"", record.value, record.headers)

    def shown(self, view: str, teacher: str) -> list[str]:
        """Which marks a view shows of a teacher."""
        collection, year, views = self.of[view]
        facts = repr(views.rows[collection][f"{DISTRICT}:{teacher}{year}"]["facts"])
        return [mark for mark in ("before", "spoiled", "after", "at last") if mark in facts]

    def projectors(self) -> Sequence[Projector]:
        return [*super().projectors(), *self.writes.projectors]


@pytest.mark.parametrize("service", READ)
@pytest.mark.parametrize("broken", ANY)
async def test_a_broken_record_of_any_topic_is_parked_by_every_view(
    broken: str, service: str
) -> None:
    change, reason, named = ANY[broken]
    world = Topic(service)
    for teacher in (VICTIM, NEIGHBOR):
        world.say(teacher, "before")
    await world.settle()
    record = world.spoil(change)
    world.say(NEIGHBOR, "after")
    await world.settle()
    for view, (_, _, views) in world.of.items():
        (parked,) = await views.list(view)
        kept = parked.record
        assert parked.reason.startswith(reason)
        assert (kept.topic, kept.partition, kept.offset) == record[:3]
        assert (kept.key, kept.value) == (record.key, record.value)
        assert world.shown(view, NEIGHBOR) == ["after"]
        assert world.shown(view, VICTIM) == ["before"]
    if service not in NO_CARD:
        assert bool(world.rows()[CARD]["incomplete"]) is named
    world.say(VICTIM, "at last")
    await world.settle()
    for view, (_, _, views) in world.of.items():
        assert world.shown(view, VICTIM) == ["at last"]
        assert [each.state for each in await views.list(view)] == ([] if named else [OPEN])
    assert service in NO_CARD or not world.rows()[CARD]["incomplete"]


@pytest.mark.parametrize("type_", [b"coaching.goals.v1.Unheard", b"x", b"\xc3\xbc" * 500])
async def test_an_unknown_type_is_ignored_and_counted(type_: bytes) -> None:
    world = World()
    await world.settle()
    cards = world.service.projectors[0]
    before = cards.counts.ignored
    world.spoiled(header("ce_type", type_))
    await world.settle()
    assert cards.counts.ignored == before + 1
    assert await world.parked() == []
    assert (await world.entry(VICTIM))["incomplete"] is False


async def test_what_could_not_be_understood_is_redriven_after_the_upgrade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.spoiled(header("ce_minreader", b"2"))
    await world.settle()
    (parked,) = await world.parked()
    assert await world.views.redrive(parked.id)
    world.clock.forward(seconds=2)
    await world.settle()
    assert [each.state for each in await world.parked()] == [OPEN]  # still too new
    monkeypatch.setattr("services.chassis.views.decode.READER", 2)
    assert await world.views.redrive(parked.id)
    world.clock.forward(seconds=2)
    await world.settle()
    assert world.current(VICTIM) == 15
    assert (await world.entry(VICTIM))["incomplete"] is False
    assert world.views.parked[parked.id].state == RESOLVED


async def test_ids_that_a_database_would_read_as_paths_are_only_names() -> None:
    world = World()
    for number, name in enumerate(("a.b", "$set", "a\0b", "%2E", "a.$[].b", "_id", " ")):
        world.progress(VICTIM, number, goal=name)
    await world.settle()
    assert await world.parked() == []
    row = world.rows()[CARD]
    assert len(row["facts"]["goals"]) == 8
    assert row["_id"] == CARD


async def test_nobody_becomes_somebody_else_through_a_foreign_message() -> None:
    """The access views decide who may see what: a key and a message that differ in whom
    they speak of are parked there."""
    world = World()
    await world.settle()
    admin = roster.RoleAssignment(role="districtAdministrator", org_id="district")
    person = roster.Person(
        person_id="admin-1", roles=[admin], school_years=[2027], status=roster.RECORD_STATUS_ACTIVE
    )
    relationship = relationships.RelationshipSnapshot(
        relationship_id="r-1",
        coach_id="mallory",
        teacher_id=NEIGHBOR,
        school_year=2027,
        state=relationships.RELATIONSHIP_STATE_ACTIVE,
    )
    group = roster.Class(
        class_id="c-1", teacher_ids=[NEIGHBOR], student_count=20, status=roster.RECORD_STATUS_ACTIVE
    )
    me = f"{DISTRICT}:{VICTIM}"
    facts = world.views.rows["access"][me]["facts"]
    cards = world.rows()
    world.publish(roster.PersonUpserted(person=person), "person-admin-1", VICTIM)
    world.publish(relationships.RelationshipAccepted(relationship=relationship), "r-1", VICTIM)
    world.publish(roster.PersonUpserted(person=roster.Person()), "person-x", VICTIM)
    world.publish(roster.ClassUpserted(**{"class": group}), "c-1", VICTIM)
    await world.settle()
    mine = world.views.rows["access"][me]
    assert {name: mine["facts"][name] for name in facts} == facts
    assert profile_of(mine).classes == {}
    assert world.rows()[CARD]["facts"] == cards[CARD]["facts"]
    parked = await world.views.list("insights-access")
    assert len(parked) == 3


async def test_the_copy_for_one_teacher_does_not_settle_the_broken_copy_for_another() -> None:
    """A class is published once per teacher: each copy has its own row."""
    world = World()
    group = roster.Class(
        class_id="c-1",
        teacher_ids=[VICTIM, NEIGHBOR],
        student_count=20,
        status=roster.RECORD_STATUS_ACTIVE,
    )
    draft, real = MemoryLog(), world.log
    world.log = draft
    world.publish(roster.ClassUpserted(**{"class": group}), "c-1", VICTIM)
    world.log = real
    (good,) = draft.all(ROSTER)
    world.log.append(ROSTER, good.key or b"", b"\xff", good.headers)
    other = f"{DISTRICT}:{NEIGHBOR}".encode()
    world.log.append(ROSTER, other, good.value, good.headers)
    await world.settle()
    (parked,) = await world.views.list("insights-access")
    assert (parked.state, parked.record.key) == (OPEN, good.key)


async def test_too_many_stop_the_projector_with_a_clear_error_and_write_nothing() -> None:
    world = World()
    await world.settle()
    before = world.rows()
    for _ in range(30):
        world.spoiled(value(b"\xff"))
        world.spoiled(of_another_district)
    cards = world.service.projectors[0]
    with pytest.raises(ParkingLimit, match=r"projector insights would park 30 of .*undecodable"):
        await cards.run(asyncio.Event())
    assert world.rows() == before
    assert await world.parked() == []


async def test_a_few_among_many_do_not_stop_it() -> None:
    world = World()
    for number in range(1_500):
        world.progress(NEIGHBOR, number)
        if number % 150 == 0:
            world.spoiled(value(b"\xff"))
    await world.settle()
    assert len(await world.parked()) == 10
    assert world.current(NEIGHBOR) == 1_499
