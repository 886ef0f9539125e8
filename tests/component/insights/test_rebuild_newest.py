"""A rebuild that folds the newest versions gives the rows of a replay of all of them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.observations.v1 import observation_events_pb2 as observations
from coaching.programs.v1 import relationship_events_pb2 as relationships
from coaching.roster.v1 import events_pb2 as roster
from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.access.projection import access_projection
from services.chassis.log.envelope import PendingEvent, Record, headers_of
from services.chassis.views.batch import Limits
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.parked import OPEN, RESOLVED
from services.chassis.views.parking import ParkingLimit, ParkingLimits
from services.chassis.views.projection import Event, Fact, Projection
from services.chassis.views.rebuild import Rebuild, replacing
from services.chassis.views.rows import Generation
from services.chassis.write.documents import JournalEntry
from services.insights.caseload.fold import insights_projection
from services.insights.timeline.fold import timeline_projection
from tests.support.clocks import FakeClock
from tests.support.journals import MemoryJournals, journals_of
from tests.support.oracles import live_rows, replay_log

START = datetime(2026, 9, 1, tzinfo=UTC)


def _on_cards(event: Event) -> Sequence[Fact]:
    """A fold of which the message alone says the rows."""
    message: Any = event.message
    said: roster.Person = message.person
    if event.envelope.key != f"d1:{said.person_id}":
        raise InvalidEvent("the key names another person")
    about, value = event.envelope.aggregate_id, {"given": said.given_name}
    rows = [f"{event.envelope.key}:{year}" for year in sorted(set(said.school_years))]
    return [Fact("cards", row, "person", about, value) for row in rows]


PERSON = "coaching.roster.v1.PersonUpserted"
_INSIGHTS = insights_projection()
PROJECTIONS = [
    replace(_INSIGHTS, folds={**_INSIGHTS.folds, PERSON: _on_cards}),
    timeline_projection(),
    access_projection("goals"),
]
LENIENT = Limits(parking=ParkingLimits(share=1.0, most=1_000_000), rows=20)


@dataclass(frozen=True)
class Told:
    """What one version of an aggregate says, and about whom."""

    teacher: str
    year: int
    good: bool
    version: int


def _goal(t: Told) -> Message:
    state = goals.GOAL_STATE_ACTIVE if t.good else goals.GOAL_STATE_UNSPECIFIED
    said = goals.GoalSnapshot(
        teacher_id=t.teacher, school_year=t.year, state=state, current=t.version
    )
    if t.version % 3:
        return goals.GoalProgressRecorded(goal=said)
    return goals.GoalRevised(goal=said)


def _relationship(t: Told) -> Message:
    said = relationships.RelationshipSnapshot(
        teacher_id=t.teacher if t.good else "nobody",
        school_year=t.year,
        coach_id=f"coach-{t.version}",
        state=relationships.RELATIONSHIP_STATE_ACTIVE,
    )
    if t.version % 2:
        return relationships.RelationshipAccepted(relationship=said)
    return relationships.RelationshipEnded(relationship=said)


def _survey(t: Told) -> Message:
    said = surveys.AdministrationSnapshot(
        teacher_id=t.teacher if t.good else "nobody",
        school_year=t.year,
        goal_id=f"g{t.version}",
        state=surveys.ADMINISTRATION_STATE_OPEN,
    )
    return surveys.AdministrationOpened(administration=said)


def _observation(t: Told) -> Message:
    state = (
        observations.OBSERVATION_STATE_SHARED
        if t.good
        else observations.OBSERVATION_STATE_UNSPECIFIED
    )
    said = observations.ObservationSnapshot(
        teacher_id=t.teacher, school_year=t.year, tool_id=f"tool-{t.version}", state=state
    )
    return observations.ObservationShared(observation=said)


def _person(t: Told) -> Message:
    """Its cards follow from the message alone: each version may be on others."""
    years = [t.year, 2028][: 1 + t.version % 2]
    person = roster.Person(
        person_id=t.teacher if t.good else "nobody", given_name=f"n{t.version}", school_years=years
    )
    return roster.PersonUpserted(person=person)


def _class(t: Told) -> Message:
    return roster.ClassUpserted(
        **{"class": roster.Class(class_id=f"c{t.version}", student_count=t.version)}
    )


def _session(t: Told) -> Message:
    end = "2026-12-19" if t.good else "2026-01-01"
    said = roster.AcademicSession(
        type="term", school_year=t.year, start_date="2026-09-01", end_date=end
    )
    return roster.AcademicSessionUpserted(session=said)


KINDS: dict[str, Callable[[Told], Message]] = {
    each.__name__: each
    for each in (_goal, _relationship, _survey, _observation, _person, _class, _session)
}


def entry(
    aggregate: str, version: int, keys: Sequence[str], year: int, message: Any
) -> JournalEntry:
    """`message`, or its type and other bytes."""
    type_, data = (
        (message.DESCRIPTOR.full_name, message.SerializeToString())
        if isinstance(message, Message)
        else message
    )
    at = START + timedelta(minutes=version)
    event = PendingEvent(version, f"{aggregate}:{version}", type_, tuple(keys), data, at, year=year)
    return JournalEntry(aggregate, "d1", event)


def history(chance: random.Random) -> list[JournalEntry]:
    """Aggregates of every kind. Mostly their teacher and year stay and all versions are
    good; now and then one of that is not so."""
    made = []
    for number in range(40):
        kind, make = chance.choice(list(KINDS.items()))
        teacher, year = f"t{chance.randrange(3)}", chance.choice([2026, 2027])
        spoiled = chance.choice([0.0, 0.0, 0.1, 0.5])
        for version in range(1, chance.randrange(2, 12)):
            odd = chance.random() < spoiled
            told = Told(
                teacher=chance.choice(["t0", "t1"]) if odd else teacher,
                year=chance.choice([2026, 2027]) if odd else year,
                good=not (odd and chance.random() < 0.4),
                version=version,
            )
            envelope_year = chance.choice([0, 2026, told.year, told.year]) if odd else told.year
            keys = [f"d1:{told.teacher}"]
            if odd and chance.random() < 0.3:
                keys = chance.choice([["d1:t0", "d1:t1"], ["d1:t1", "d1:t0"], ["d1:t2"]])
            message: Any = make(told)
            if odd and chance.random() < 0.3:
                message = (message.DESCRIPTOR.full_name, b"\xff\xff")
            made.append(entry(f"{kind}-{number}", version, keys, envelope_year, message))
    return made


def records(entries: Sequence[JournalEntry]) -> list[Record]:
    """As the relay would have published them."""
    return [
        Record("t", 0, offset, key.encode(), each.event.data, headers)
        for offset, each in enumerate(entries)
        for key in each.event.keys
        for headers in [
            headers_of(
                each.event, source="/t", district="d1", aggregate_id=each.aggregate_id, key=key
            )
        ]
    ]


async def no_indexes(generation: Generation) -> None: ...


async def rebuilt(
    projection: Projection, journals: MemoryJournals, limits: Limits = LENIENT
) -> tuple[MemoryViews, Generation, Rebuild]:
    views = MemoryViews()
    work = Rebuild(views, projection, FakeClock(), 3, no_indexes, limits=limits)
    return views, await work.fold_journals(journals, {}), work


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda each: each.group)
async def test_rows_are_those_of_a_replay_whatever_the_versions_say(projection: Projection) -> None:
    left_out = asked = 0
    for seed in range(30):
        chance = random.Random(seed)
        entries = history(chance)
        journals = await journals_of(entries, among=chance.choice([2, 7, 1_000]))
        views, made, _ = await rebuilt(projection, journals)
        expected = replay_log(projection, records(entries))
        for collection, rows in expected.items():
            assert await live_rows(views.scan(made, collection)) == rows, f"seed {seed}"
        left_out += len(entries) - journals.given
        asked += len(journals.asked)
    assert left_out > 500
    assert asked


def goal(version: int, message: Any = None, year: int = 2027) -> JournalEntry:
    told = Told("t1", year, True, version)
    return entry("g1", version, ["d1:t1"], year, message or _goal(told))


BROKEN = ("coaching.goals.v1.GoalRevised", b"\xff\xff")


async def test_of_an_aggregate_the_newest_alone_is_folded() -> None:
    journals = await journals_of([goal(version) for version in range(1, 501)], among=1_000)
    _, _, work = await rebuilt(PROJECTIONS[0], journals)
    assert (journals.given, work.counts.records, journals.asked) == (1, 1, [])


async def test_of_events_that_tell_no_school_year_all_are_folded() -> None:
    entries = [
        goal(version, _goal(Told("t1", 2025 + version, True, version)), 0) for version in (1, 2)
    ]
    views, made, _ = await rebuilt(PROJECTIONS[0], await journals_of(entries))
    assert [row["_id"] async for row in views.scan(made, "cards")] == ["d1:t1:2026", "d1:t1:2027"]


async def test_a_broken_version_that_a_newer_one_replaces_is_never_seen() -> None:
    journals = await journals_of([goal(1), goal(2, BROKEN), goal(3)])
    views, _, work = await rebuilt(PROJECTIONS[0], journals)
    assert (work.counts.records, views.parked) == (1, {})


async def test_where_the_newest_is_broken_all_of_its_aggregate_are_folded() -> None:
    entries = [goal(1, BROKEN), goal(2), goal(3), goal(4, BROKEN)]
    journals = await journals_of(entries)
    views, made, _ = await rebuilt(PROJECTIONS[0], journals)
    assert (journals.given, journals.asked) == (1, ["g1"])
    states = {one.version: one.state for one in views.parked.values()}
    assert states == {1: RESOLVED, 4: OPEN}
    (row,) = [row async for row in views.scan(made, "cards")]
    assert row["facts"]["goals"]["g1"]["v"] == 3
    assert row["incomplete"] == {"g1": 4}


def person(version: int, keys: Sequence[str] = ("d1:t1",), year: int = 0) -> JournalEntry:
    told = (PERSON, b"\xff\xff")
    return entry("p1", version, keys, year, told)


@pytest.mark.parametrize(
    "projection",
    [each for each in PROJECTIONS if PERSON in each.folds],
    ids=lambda each: each.group,
)
@pytest.mark.parametrize("keys", [["d1:t1"], ["d1:t1", "d1:t2", "d1:t3"]])
@pytest.mark.parametrize("year", [0, 2027])
async def test_a_broken_record_is_counted_once(
    projection: Projection, keys: Sequence[str], year: int
) -> None:
    entries = [person(version, keys, year) for version in range(1, 6)]
    journals = await journals_of(entries, among=2)
    views, _, work = await rebuilt(projection, journals)
    assert work.counts.parked == work.counts.records == len(views.parked) == 5 * len(keys)
    assert len(journals.asked) <= 1


async def test_few_broken_versions_stop_no_rebuild() -> None:
    entries = [person(version) for version in range(1, 16)]
    _, _, work = await rebuilt(PROJECTIONS[0], await journals_of(entries), limits=Limits())
    assert work.counts.parked == 15


async def test_what_has_no_place_is_counted_once_beside_what_has_one() -> None:
    entries = [goal(1, BROKEN, 0), goal(2), goal(3, BROKEN), goal(4, BROKEN, 0), goal(5, BROKEN)]
    journals = await journals_of(entries)
    views, _, work = await rebuilt(PROJECTIONS[0], journals)
    assert (journals.given, journals.asked, work.counts.parked) == (3, ["g1"], 4)
    states = {one.version: one.state for one in views.parked.values()}
    assert states == {1: RESOLVED, 3: OPEN, 4: OPEN, 5: OPEN}


async def test_what_broke_after_its_aggregate_was_read_again_is_counted_too() -> None:
    class Growing(MemoryJournals):
        async def every(self, aggregate: str) -> AsyncIterator[Sequence[JournalEntry]]:
            async for entries in super().every(aggregate):
                yield [each for each in entries if each.event.version < 3]

    journals = Growing((await journals_of([goal(1), goal(2, BROKEN), goal(3, BROKEN)])).journal, 2)
    views, _, _ = await rebuilt(PROJECTIONS[0], journals)
    assert journals.asked == ["g1"]
    assert {one.version: one.state for one in views.parked.values()} == {2: OPEN, 3: OPEN}


async def test_many_broken_ones_still_stop_a_rebuild() -> None:
    keys = [f"d{n % 2}:t1" for n in range(400)]  # of one district alone it would go on
    entries = [
        replace(entry(f"g{n}", 1, [key], 2027, BROKEN), district=key[:2])
        for n, key in enumerate(keys)
    ]
    with pytest.raises(ParkingLimit):
        await rebuilt(PROJECTIONS[0], await journals_of(entries), limits=Limits())


def test_types_replace_each_other_where_their_events_have_one_place() -> None:
    groups = {frozenset(group) for group in replacing(PROJECTIONS[0])}
    assert len(groups) == 7
    assert frozenset(
        f"coaching.observations.v1.Observation{done}"
        for done in ("Scheduled", "Rescheduled", "Scored", "Completed", "Reopened", "Cancelled",
                     "HandedOver", "LeftBehind", "Shared", "Acknowledged", "ScoreCorrected",
                     "ScoreVoided", "Transferred", "Erased")
    ) in groups  # fmt: skip
    assert not any(PERSON in group for group in groups)
