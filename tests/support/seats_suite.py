"""What every `Seats` keeps. A subclass has a fixture `seats`."""

from __future__ import annotations

import asyncio

from services.surveys.administration.seats import Seats

D, A = "north", "administration-1"
IDS = [f"{number:064x}" for number in range(5)]


class SeatsSuite:
    async def test_a_seat_is_filled_once_and_says_the_same_ever_after(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        first = {"i1": 4, "a.b": 1}
        for sheet in (first, {"a.b": 1, "i1": 4}, {"i1": 5, "a.b": 1}, {"i1": 4}, {}, first):
            assert await seats.answer(D, A, IDS[0], sheet, 1) is True
        assert await seats.sheets(D, A) == [first]

    async def test_a_blank_sheet_is_a_sheet(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[0], {}, 1)
        assert await seats.answer(D, A, IDS[0], {"i1": 1}, 1)
        await seats.freeze(D, A, 1)
        assert await seats.sheets(D, A) == [{}]

    async def test_a_seat_that_was_not_prepared_takes_nothing(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS[:1])
        assert not await seats.answer(D, A, IDS[1], {"i1": 4}, 1)
        assert not await seats.answer("south", A, IDS[0], {"i1": 4}, 1)
        assert not await seats.answer(D, "other", IDS[0], {"i1": 4}, 1)
        assert await seats.sheets(D, A) == []

    async def test_preparing_again_adds_what_is_missing_and_keeps_answers(
        self, seats: Seats
    ) -> None:
        await seats.prepare(D, A, IDS[:3])
        await seats.answer(D, A, IDS[0], {"i1": 4}, 1)
        await seats.prepare(D, A, IDS)
        assert await seats.sheets(D, A) == [{"i1": 4}]
        assert await seats.answer(D, A, IDS[4], {"i1": 1}, 1)

    async def test_frozen_seats_take_nothing_be_they_filled_or_not(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        await seats.answer(D, A, IDS[0], {"i1": 4}, 1)
        await seats.freeze(D, A, 1)
        await seats.freeze(D, A, 1)
        for seat in IDS:
            for sheet in ({"i1": 4}, {"i1": 5}):
                assert await seats.answer(D, A, seat, sheet, 1) is False
        await seats.prepare(D, A, IDS)
        assert await seats.answer(D, A, IDS[1], {"i1": 5}, 1) is False
        assert await seats.sheets(D, A) == [{"i1": 4}]

    async def test_in_another_round_frozen_seats_take_answers_again(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        await seats.answer(D, A, IDS[0], {"i1": 4}, 1)
        await seats.freeze(D, A, 1)
        assert await seats.answer(D, A, IDS[0], {"i1": 5}, 2)
        assert await seats.answer(D, A, IDS[1], {"i1": 1}, 2)
        assert not await seats.answer(D, A, IDS[2], {"i1": 9}, 1)
        await seats.freeze(D, A, 1)  # late
        assert await seats.answer(D, A, IDS[3], {"i1": 2}, 2)
        assert await seats.sheets(D, A) == [{"i1": 4}, {"i1": 1}, {"i1": 2}]
        await seats.freeze(D, A, 2)
        await seats.freeze(D, A, 1)
        assert not await seats.answer(D, A, IDS[4], {"i1": 9}, 2)

    async def test_freezing_one_administration_leaves_the_others_open(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS[:1])
        await seats.prepare(D, "other", IDS[1:2])
        await seats.prepare("south", A, IDS[2:3])
        await seats.freeze(D, A, 1)
        assert await seats.answer(D, "other", IDS[1], {"i1": 1}, 1)
        assert await seats.answer("south", A, IDS[2], {"i1": 2}, 1)
        assert await seats.sheets(D, "other") == [{"i1": 1}]
        assert await seats.sheets("south", A) == [{"i1": 2}]
        assert await seats.sheets(D, A) == []

    async def test_clearing_a_survey_leaves_no_answer_of_it_and_closed_seats(
        self, seats: Seats
    ) -> None:
        await seats.prepare(D, A, IDS[:2])
        await seats.prepare(D, "other", IDS[2:3])
        await seats.answer(D, A, IDS[0], {"i1": 4}, 1)
        await seats.answer(D, "other", IDS[2], {"i1": 2}, 1)
        for _ in range(2):
            await seats.clear(D, A)
            await seats.prepare(D, A, IDS[:2])  # overtaken, as the answers are
            for seat in IDS[:2]:
                for number in (1, 2, 200):
                    assert not await seats.answer(D, A, seat, {"i1": 9}, number)
            assert await seats.sheets(D, A) == []
        assert await seats.sheets(D, "other") == [{"i1": 2}]
        assert await seats.answer(D, "other", IDS[2], {"i1": 9}, 1)

    async def test_removing_a_survey_leaves_nothing_of_it_and_all_of_the_others(
        self, seats: Seats
    ) -> None:
        for number, (district, survey) in enumerate(((D, A), (D, "other"), ("south", A))):
            await seats.prepare(district, survey, IDS[number : number + 1])
            await seats.answer(district, survey, IDS[number], {"i1": number}, 1)
        await seats.remove(D, A)
        await seats.remove(D, A)
        assert await seats.sheets(D, A) == []
        assert not await seats.answer(D, A, IDS[0], {"i1": 9}, 1)
        assert await seats.sheets(D, "other") == [{"i1": 1}]
        assert await seats.sheets("south", A) == [{"i1": 2}]

    async def test_of_many_who_use_one_code_at_once_one_counts(self, seats: Seats) -> None:
        await seats.prepare(D, A, IDS)
        outcomes = await asyncio.gather(
            *(seats.answer(D, A, IDS[0], {"i1": value}, 1) for value in range(10))
        )
        assert all(outcomes)
        (sheet,) = await seats.sheets(D, A)
        assert sheet["i1"] in range(10)
        assert await seats.answer(D, A, IDS[0], {"i1": 99}, 1)
        assert await seats.sheets(D, A) == [sheet]

    async def test_what_was_stored_before_a_freeze_is_read_after_it(self, seats: Seats) -> None:
        for number in range(10):
            administration = f"administration-{number}"
            ids = [f"{number:02x}{place:062x}" for place in range(20)]
            await seats.prepare(D, administration, ids)
            answering = [
                asyncio.create_task(seats.answer(D, administration, each, {"i1": 1}, 1))
                for each in ids
            ]
            await answering[number]
            await seats.freeze(D, administration, 1)
            counted = len(await seats.sheets(D, administration))
            outcomes = await asyncio.gather(*answering)
            assert outcomes.count(True) == counted
