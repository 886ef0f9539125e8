"""Seats on MongoDB keep what seats promise, and nothing about who sat on them."""

import pytest

from services.chassis.kernel import Fault, Kind
from services.chassis.mongo import Database, connect, database
from services.surveys.administration.mongo_seats import MongoSeats
from tests.support.seats_suite import IDS, A, D, SeatsSuite


@pytest.fixture
async def seats(db: Database) -> MongoSeats:
    seats = MongoSeats(db)
    await seats.ensure_indexes()
    await seats.ensure_indexes()
    return seats


class TestSeats(SeatsSuite):
    pass


async def test_a_seat_holds_answers_and_nothing_about_their_giver(
    db: Database, seats: MongoSeats
) -> None:
    await seats.prepare(D, A, IDS[:2])
    await seats.answer(D, A, IDS[1], {"i2": 3, "i1": 4}, 1)
    stored = await db["seats"].find().sort("_id", 1).to_list(None)
    place = {"district": D, "administration": A}
    sheet = [{"item": "i1", "value": 4}, {"item": "i2", "value": 3}]
    noise = stored[1]["noise"]
    assert stored == [
        {"_id": IDS[0], **place, "answers": None, "frozen": -1, "noise": 0.0},
        {"_id": IDS[1], **place, "answers": sheet, "frozen": -1, "noise": noise},
    ]


async def test_a_cleared_seat_does_not_tell_whether_it_was_filled(
    db: Database, seats: MongoSeats
) -> None:
    await seats.prepare(D, A, IDS[:2])
    await seats.answer(D, A, IDS[1], {"i1": 4}, 1)
    await seats.clear(D, A)
    empty, filled = await db["seats"].find({}, {"_id": 0}).to_list(None)
    assert empty == filled
    assert (filled["answers"], filled["noise"]) == (None, 0.0)


async def test_a_filled_seat_costs_an_answer_as_much_as_an_empty_one(
    db: Database, seats: MongoSeats
) -> None:
    """Else the time that it takes would tell who has answered: a write that changes nothing
    has nothing to wait for."""
    await seats.prepare(D, A, IDS)
    await db.command("profile", 2)
    for sheet in ({"i1": 4}, {"i1": 4}, {"i1": 5}):
        assert await seats.answer(D, A, IDS[0], sheet, 1)
    found = await db["system.profile"].find({"ns": f"{db.name}.seats"}).to_list(None)
    costs = [(each["op"], each["keysExamined"], each["nModified"]) for each in found]
    assert costs == [("update", 1, 1)] * 3
    assert await seats.sheets(D, A) == [{"i1": 4}]


async def test_seats_of_an_earlier_build_are_not_frozen_and_can_be(
    db: Database, seats: MongoSeats
) -> None:
    await seats.prepare(D, A, IDS)
    await db["seats"].update_many({}, {"$unset": {"frozen": 1, "noise": 1}})
    assert await seats.answer(D, A, IDS[0], {"i1": 4}, 1)
    await seats.freeze(D, A, 1)
    assert not await seats.answer(D, A, IDS[1], {"i1": 4}, 1)
    assert await seats.sheets(D, A) == [{"i1": 4}]


async def test_an_answer_is_data_whatever_its_item_is_called(
    db: Database, seats: MongoSeats
) -> None:
    await seats.prepare(D, A, IDS)
    assert await seats.answer(D, A, IDS[0], {"$answers": 1, "a.b": 2}, 1)
    assert await seats.sheets(D, A) == [{"$answers": 1, "a.b": 2}]


async def test_reading_a_survey_examines_no_other_surveys_seats(
    db: Database, seats: MongoSeats
) -> None:
    for number in range(10):
        ids = [f"{number:02x}{place:062x}" for place in range(20)]
        await seats.prepare(D, f"administration-{number}", ids)
    await db.command("profile", 2)
    await seats.freeze(D, "administration-3", 1)
    assert await seats.sheets(D, "administration-3") == []
    found = await db["system.profile"].find({"ns": f"{db.name}.seats"}).to_list(None)
    assert len(found) == 2
    assert [each["docsExamined"] for each in found] == [20, 20]


async def test_an_unreachable_database_is_unavailable_not_an_error(unused_tcp_port: int) -> None:
    client = connect(f"mongodb://127.0.0.1:{unused_tcp_port}", "test")
    try:
        with pytest.raises(Fault) as caught:
            await MongoSeats(database(client, "nowhere")).answer(D, A, IDS[0], {}, 1)
    finally:
        client.close()
    assert caught.value.kind is Kind.UNAVAILABLE
