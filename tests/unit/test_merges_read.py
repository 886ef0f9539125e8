"""What every service reads of a merge: who is nobody by it, and what keeps her so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest
from google.protobuf.message import Message

from coaching.roster.v1 import events_pb2 as roster
from coaching.roster.v1 import match_events_pb2 as matches
from services.access.merges import Merge, kept_of, records_of_all
from services.access.profile import Profile, profile_of
from services.access.projection import COLLECTION, FOLDS, row_of_parked
from services.chassis.field_names import field_name
from services.chassis.kernel import Fault, Kind
from services.chassis.log.envelope import Envelope
from services.chassis.views.decode import InvalidEvent
from services.chassis.views.projection import Event, Row, apply_fact, new_row
from tests.support.clocks import START

MATCH = "0f0c9a4e-0000-4000-8000-000000000051"
SAID = matches.MatchSnapshot(match_id=MATCH, from_person_id="old", into_person_id="new")
MERGED, SEPARATED = matches.PersonMerged(match=SAID), matches.PersonSeparated(match=SAID)
FORWARD = Merge("north", MATCH, 2, "old", "new")
BACK = Merge("north", MATCH, 3, "new", "old", back=True)


def envelope(message: Message, person: str, version: int = 2, of: str = MATCH) -> Envelope:
    type_ = message.DESCRIPTOR.full_name
    return Envelope("e", type_, "north", f"north:{person}", of, version, START, 0)


def put(row: Row, envelope: Envelope, message: Message) -> Row:
    (fact,) = FOLDS[envelope.type](Event(envelope, message))
    apply_fact(row, fact, envelope)
    return row


def active(person: str) -> Row:
    """A row of the access view."""
    known = roster.Person(person_id=person, status=roster.RECORD_STATUS_ACTIVE)
    message = roster.PersonUpserted(person=known)
    row = new_row(f"north:{person}", "north")
    return put(row, envelope(message, person, 1, f"north/person/{person}"), message)


def told(person: str, *said: Message) -> Row:
    row = active(person)
    for version, message in enumerate(said, 2):
        put(row, envelope(message, person, version), message)
    return row


class View:
    def __init__(self, *rows: Row) -> None:
        self._rows = {row["_id"]: row for row in rows}

    async def read_anew(self, row_id: str) -> Row:
        return self._rows.get(row_id, {})


@pytest.mark.parametrize(
    ("person", "said", "expected"),
    [
        ("old", (), True),
        ("old", (MERGED,), False),
        ("new", (MERGED,), True),
        ("old", (MERGED, SEPARATED), True),
    ],
)
def test_who_is_given_up_is_not_active(
    person: str, said: tuple[Message, ...], expected: bool
) -> None:
    assert profile_of(told(person, *said)).active is expected


def test_a_message_in_somebody_elses_row_is_refused() -> None:
    with pytest.raises(InvalidEvent):
        put(active("nobody"), envelope(MERGED, "nobody"), MERGED)


@pytest.mark.parametrize("said", [(MERGED,), (MERGED, SEPARATED)])
def test_what_could_not_be_read_closes_who_may_be_given_up_by_it(said: Any) -> None:
    unread = envelope(MERGED, "old", 9)
    assert row_of_parked(unread) == [(COLLECTION, "north:old")]
    for person, expected in (("old", False), ("new", True)):
        row = {**told(person, *said), "incomplete": {field_name(MATCH): 9}}
        assert profile_of(row).active is expected


class Known:
    def __init__(self, *rows: Row) -> None:
        self._found = {each.person: each for each in map(profile_of, rows)}

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        return {person: self._found.get(person) for person in persons}


async def test_of_a_person_that_record_is_kept_which_is_given_up_for_no_other() -> None:
    onward = matches.MatchSnapshot(match_id="m2", from_person_id="new", into_person_id="newest")
    further = told("new", MERGED)
    put(further, envelope(matches.PersonMerged(match=onward), "new", of="m2"),
        matches.PersonMerged(match=onward))  # fmt: skip
    chain = Known(told("old", MERGED), further, active("newest"))
    for person, kept in (("old", "newest"), ("new", "newest"), ("newest", "newest"), ("x", "x")):
        assert await kept_of(chain, "north", person) == kept
    assert await kept_of(Known(told("old", MERGED)), "north", "old") == "new"
    assert await kept_of(Known(told("old", MERGED, SEPARATED)), "north", "old") == "old"
    unread = {**told("old", MERGED), "incomplete": {field_name(MATCH): 9}}
    assert await kept_of(Known(unread), "north", "old") == "old"  # they may be two again
    back = matches.PersonMerged(
        match=matches.MatchSnapshot(match_id="m2", from_person_id="new", into_person_id="old")
    )
    circle = put(told("new"), envelope(back, "new", of="m2"), back)
    assert await kept_of(Known(told("old", MERGED), circle), "north", "old") in {"old", "new"}


async def test_it_holds_while_the_two_are_what_its_event_said() -> None:
    merged, parted = View(told("old", MERGED)), View(told("old", MERGED, SEPARATED))
    assert await FORWARD.holds(merged)
    assert not await FORWARD.holds(parted)
    assert await BACK.holds(parted)
    again = View(told("old", MERGED, SEPARATED, MERGED))
    assert not await BACK.holds(again)
    other = matches.MatchSnapshot(match_id=MATCH, from_person_id="new", into_person_id="old")
    turned = View(told("old", MERGED, SEPARATED, matches.PersonMerged(match=other)))
    assert not await FORWARD.holds(turned)


async def test_it_waits_for_what_is_not_known_or_cannot_be_read() -> None:
    unread = {**told("old", MERGED, SEPARATED), "incomplete": {field_name(MATCH): 9}}
    broken = told("old", MERGED, SEPARATED)
    del broken["facts"]["merges"][field_name(MATCH)]["merged"]
    for view in (
        View(),
        View(active("old")),
        View(told("old", MERGED)),
        View(unread),
        View(broken),
    ):
        with pytest.raises(Fault) as raised:
            await BACK.holds(view)
        assert (raised.value.kind, raised.value.code) == (Kind.UNAVAILABLE, "not_known_yet")


class Counted(View):
    def __init__(self, *rows: Row) -> None:
        super().__init__(*rows)
        self.commands = 0

    async def read_many_anew(self, row_ids: Sequence[str]) -> Sequence[Row]:
        self.commands += 1
        return [await self.read_anew(each) for each in row_ids]


async def test_of_many_people_all_records_are_found_by_a_command_for_each_step() -> None:
    alone = [active(f"p{number}") for number in range(300)]
    view = Counted(told("old", MERGED), told("new", MERGED), *alone)
    people = ["old", *(f"p{number}" for number in range(300))]
    assert set(await records_of_all(view, "north", people, 1_000)) == {*people, "new"}
    assert view.commands == 2
    assert len(await records_of_all(view, "north", people, 100)) > 100  # and no more is asked
    assert view.commands == 2
    parted = Counted(told("old", MERGED, SEPARATED))
    assert list(await records_of_all(parted, "north", ["old"], 9)) == ["old"]
    unread = {**told("old", MERGED), "incomplete": {field_name(MATCH): 9}}
    view = Counted(active("p1"), unread)
    with pytest.raises(Fault) as raised:
        await records_of_all(view, "north", ["p1", "old"], 9)
    assert raised.value.code == "not_known_yet"
