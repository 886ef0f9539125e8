"""What carrying over costs: one command to read a page, by its index, and one to write each. And
what rests on an acceptance that was kept ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from coaching.programs.v1.relationship_events_pb2 import RelationshipEnded
from services.access.access import Access
from services.access.guarded import Guarded
from services.access.names import NamesBeside
from services.access.profile import Profile, Role
from services.chassis.call import Call, Principal
from services.chassis.duties.duty import OPEN, Todo
from services.chassis.log.envelope import Envelope
from services.chassis.mongo import Database, connect, database
from services.chassis.views.projection import Event
from services.chassis.write.bell import LocalBell
from services.chassis.write.loading import Found
from services.chassis.write.mongo_documents import COLLECTION, MongoDocuments
from services.chassis.write.mongo_drafts import MongoDrafts
from services.chassis.write.write_path import WritePath
from services.ctl.engines import Engines
from services.programs.bootstrap import INDEXES
from services.programs.relationship.carrying_over import Carried, carry_over_relationships
from services.programs.relationship.cases import Ports, sides
from services.programs.relationship.codec import (
    RECEIPTS,
    RELATIONSHIPS,
    relationship_snapshot,
)
from services.programs.relationship.domain import Relationship
from services.programs.relationship.duties import DUTIES
from services.programs.relationship.operations import OPERATIONS
from tests.support.clocks import START, FakeClock
from tests.support.commands import Commands
from tests.support.days import DAYS
from tests.support.empty_view import EmptyView

COUNT = 130  # of last year, in north


class Warm(EmptyView):
    async def profile(self, district: str, person: str) -> Profile | None:
        kind = person.partition("-")[0]
        roles = {"coach": "ext:coach", "admin": "districtAdministrator"}
        return Profile(person, True, (Role(roles.get(kind, "teacher"), "school-1"),))

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        return {person: await self.profile(district, person) for person in persons}


@dataclass
class Store:
    own: Database
    commands: Commands
    ports: Ports

    async def carry_over(self, after: str = "", validate_only: bool = False) -> Found[Carried]:
        self.commands.clear()
        call = Call("carry_over_relationships", Principal("north", person="admin"))
        return await carry_over_relationships(
            self.ports,
            call,
            from_year=2027,
            to_year=2028,
            validate_only=validate_only,
            after=after,
        )


@pytest.fixture
async def store(engines: Engines) -> AsyncIterator[Store]:
    commands, clock, warm = Commands(), FakeClock(), Warm()
    client = connect(engines.mongodb_uri, "test", (commands,))
    own = database(client, f"test_{uuid4().hex[:12]}")
    documents = MongoDocuments(own, INDEXES)
    await documents.ensure_indexes()
    relationships = WritePath(documents, RELATIONSHIPS, clock, LocalBell())
    access = Access(OPERATIONS.policies, warm, clock, DAYS)
    ports = Ports(
        relationships=Guarded(relationships, access, clock, sides),
        path=relationships,
        receipts=WritePath(documents, RECEIPTS, clock, LocalBell()),
        drafts=MongoDrafts(own),
        names=NamesBeside(access),
        access=access,
        people=warm,
        view=warm,
        days=DAYS,
        clock=clock,
    )
    for district, year, count in (("north", 2027, COUNT), ("north", 2026, 20), ("south", 2027, 20)):
        call = Call("propose_relationship", Principal(district, person="admin"))
        for number in range(count):
            each = Relationship.propose(
                id=uuid4().hex, district=district, coach=f"coach-{number % 7}",
                teacher=f"teacher-{number}", year=year, by="admin", at=START,
            )  # fmt: skip
            each.take_event()
            each.accept(each.teacher, START)
            await relationships.create(call, each)
    try:
        yield Store(own, commands, ports)
    finally:
        await client.drop_database(own.name)
        client.close()


async def test_a_page_is_one_read_and_one_write_of_each(store: Store) -> None:
    first = await store.carry_over()
    assert store.commands.counts() == {"find": 1, "insert": 100}
    assert len([each for each in first.items if each.new]) == 100
    rest = await store.carry_over(first.after)
    assert store.commands.counts() == {"find": 1, "insert": COUNT - 100}
    assert (len(rest.items), rest.after) == (COUNT - 100, "")
    made = {each.new.teacher for page in (first, rest) for each in page.items if each.new}
    assert made == {f"teacher-{number}" for number in range(COUNT)}


async def test_what_is_there_costs_one_command_more_and_a_trial_no_write(store: Store) -> None:
    trial = await store.carry_over(validate_only=True)
    assert store.commands.counts() == {"find": 201}
    assert [each.old.id for each in trial.items if each.new] == [
        each.old.id for each in (await store.carry_over()).items
    ]
    again = await store.carry_over()
    assert store.commands.counts() == {"find": 101, "insert": 100}
    assert {each.reason for each in again.items} == {"already_there"}


async def test_a_page_is_found_by_its_index(store: Store) -> None:
    where = {"district": "north", "kind": "relationship", "state.school_year": 2027}
    find = {"find": COLLECTION, "filter": {**where, "_id": {"$gt": ""}}, "sort": {"_id": 1}}
    asked = {"explain": {**find, "limit": 101}, "verbosity": "executionStats"}
    plan: dict[str, Any] = await store.own.command(asked)
    stats = plan["executionStats"]
    assert (stats["totalDocsExamined"], stats["totalKeysExamined"]) == (101, 101)


async def test_what_rests_on_an_acceptance_ends_with_it_once(store: Store) -> None:
    ports, clock = store.ports, store.ports.clock
    assert isinstance(clock, FakeClock)
    clock.forward(seconds=60)
    carried = next(each for each in (await store.carry_over()).items if each.new)
    old, new = carried.old, carried.new
    assert new is not None
    ends = Call("end_relationship", Principal("north", person=old.teacher))
    ended = await ports.path.change(ends, old.id, lambda known: known.end(old.teacher, clock.now()))
    todo = to_end_beside(ended)
    for commands in ({"find": 4, "update": 1}, {"find": 4}):
        store.commands.clear()
        (run,) = [each.run for each in DUTIES if each.name == todo.duty]
        assert await run(ports, todo.call(), todo) is None
        assert store.commands.counts() == commands
        found = await ports.path.get("north", new.id)
        assert (found.state, found.version, found.ended_by) == ("ended", 2, "duty:end_beside")


def to_end_beside(ended: Relationship) -> Todo:
    """What its event asks for."""
    event = f"{ended.id}:{ended.version}"
    message = RelationshipEnded(relationship=relationship_snapshot(ended))
    key, type_ = f"north:{ended.teacher}", RelationshipEnded.DESCRIPTOR.full_name
    envelope = Envelope(event, type_, "north", key, ended.id, ended.version, START)
    (beside,) = [each for each in DUTIES if each.name == "end_beside"]
    asked = beside.asks[type_](Event(envelope, message))
    assert asked is not None
    fact = {"event": event, "aggregate": ended.id, "v": ended.version, "key": key}
    id_ = f"end_beside:{ended.id}:{ended.version}:{key}"
    return Todo(id_, "north", OPEN, asked.due, 0, "", "", {**fact, "value": asked.value})
