"""What every `Seats` keeps. A subclass has a fixture `seats`."""

from __future__ import annotations

import asyncio

from services.surveys.application.ports import MOST_REPEATS, Answered, Seats

D, A = "north", "administration-1"
IDS = [f"{number:064x}" for number in range(5)]


class SeatsSuite:
    async def test_a_seat_is_filled_once(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[0], {"i1": 4, "a.b": 1}) is Answered.STORED
        assert await seats.answer(D, A, IDS[0], {"i1": 5, "a.b": 1}) is Answered.USED
        assert await seats.answer(D, A, IDS[0], {"i1": 4}) is Answered.USED
        assert await seats.sheets(D, A) == [{"i1": 4, "a.b": 1}]

    async def test_the_same_answers_again_succeed_in_any_order(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[0], {"i1": 4, "i2": 1}) is Answered.STORED
        assert await seats.answer(D, A, IDS[0], {"i2": 1, "i1": 4}) is Answered.STORED
        assert await seats.sheets(D, A) == [{"i1": 4, "i2": 1}]

    async def test_answers_cannot_be_found_out_by_trying(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        await seats.answer(D, A, IDS[0], {"i1": 5})
        for tried in range(1, MOST_REPEATS + 1):
            assert await seats.answer(D, A, IDS[0], {"i1": tried}) is Answered.USED
        assert await seats.answer(D, A, IDS[0], {"i1": 5}) is Answered.USED
        assert await seats.sheets(D, A) == [{"i1": 5}]

    async def test_a_blank_sheet_is_a_sheet(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[0], {}) is Answered.STORED
        assert await seats.answer(D, A, IDS[0], {"i1": 1}) is Answered.USED
        await seats.freeze(D, A)
        assert await seats.sheets(D, A) == [{}]

    async def test_a_seat_that_was_not_prepared_is_unknown(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS[:1])
        assert await seats.answer(D, A, IDS[1], {"i1": 4}) is Answered.UNKNOWN
        assert await seats.answer("south", A, IDS[0], {"i1": 4}) is Answered.UNKNOWN
        assert await seats.answer(D, "other", IDS[0], {"i1": 4}) is Answered.UNKNOWN
        assert await seats.sheets(D, A) == []

    async def test_preparing_again_adds_what_is_missing_and_keeps_answers(
        self, seats: Seats
    ) -> None:
        await seats.prepare(D, A, IDS[:3])
        await seats.answer(D, A, IDS[0], {"i1": 4})
        await seats.prepare(D, A, IDS)
        assert await seats.sheets(D, A) == [{"i1": 4}]
        assert await seats.answer(D, A, IDS[4], {"i1": 1}) is Answered.STORED

    async def test_frozen_empty_seats_stay_empty_and_answers_stay(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        await seats.answer(D, A, IDS[0], {"i1": 4})
        await seats.freeze(D, A)
        await seats.freeze(D, A)
        assert await seats.answer(D, A, IDS[1], {"i1": 5}) is Answered.CLOSED
        assert await seats.answer(D, A, IDS[0], {"i1": 4}) is Answered.STORED
        assert await seats.answer(D, A, IDS[0], {"i1": 5}) is Answered.USED
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[1], {"i1": 5}) is Answered.CLOSED
        assert await seats.sheets(D, A) == [{"i1": 4}]

    async def test_freezing_one_administration_leaves_the_others_open(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS[:1])
        await seats.prepare(D, "other", IDS[1:2])
        await seats.prepare("south", A, IDS[2:3])
        await seats.freeze(D, A)
        assert await seats.answer(D, "other", IDS[1], {"i1": 1}) is Answered.STORED
        assert await seats.answer("south", A, IDS[2], {"i1": 2}) is Answered.STORED
        assert await seats.sheets(D, "other") == [{"i1": 1}]
        assert await seats.sheets("south", A) == [{"i1": 2}]
        assert await seats.sheets(D, A) == []

    async def test_of_many_who_use_one_code_at_once_one_is_stored(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        outcomes = await asyncio.gather(
            *(seats.answer(D, A, IDS[0], {"i1": value}) for value in range(10))
        )
        stored = [value for value, each in enumerate(outcomes) if each is Answered.STORED]
        assert len(stored) == 1
        assert await seats.sheets(D, A) == [{"i1": stored[0]}]

    async def test_what_was_stored_before_a_freeze_is_read_after_it(self, seats: Seats) -> None:
        for number in range(10):
            administration = f"administration-{number}"
            ids = [f"{number:02x}{place:062x}" for place in range(20)]
            await seats.prepare(D, administration, ids)
            answering = [
                asyncio.create_task(seats.answer(D, administration, each, {"i1": 1}))
                for each in ids
            ]
            await answering[number]
            await seats.freeze(D, administration)
            counted = len(await seats.sheets(D, administration))
            outcomes = await asyncio.gather(*answering)
            assert outcomes.count(Answered.STORED) == counted
            assert counted + outcomes.count(Answered.CLOSED) == 20
