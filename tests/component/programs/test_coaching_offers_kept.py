"""Offers and suggestions where a round is full, somebody is in the roster twice or was declined a
while ago."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.programs.test_coaching_offers import (
    OFFER,
    OFFERS,
    asks,
    names,
    offer,
    suggested,
)
from tests.component.programs.test_coaching_offers import north as north
from tests.component.programs.test_coaching_requests import (
    REQUESTS,
    WISHES,
    grant,
    planned,
    told,
)
from tests.component.programs.test_coaching_requests_gone import a_round
from tests.component.programs.test_coaching_requests_moved import matched
from tests.component.test_programs import ask, lead
from tests.support.staff import PEOPLE, Staffed, staffed
from tests.support.twice import MATCHES, NEW, OLD, Twice


async def test_in_a_round_that_is_full_she_changes_hers_and_makes_it_again_when_there_is_a_place(
    north: Staffed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def most(number: int) -> None:
        monkeypatch.setattr("services.programs.offer.cases.MOST_OF_ROUND", number)

    most(2)
    round_ = await planned(north)
    mine = await offer(north, round_)
    await offer(north, round_, "other")
    changed = await offer(north, round_, capacity=5)
    assert (changed["coaching_offer_id"], changed["capacity"]) == (mine["coaching_offer_id"], 5)

    async def offers(who: str) -> tuple[int, str]:
        made = await ask(north, who, "POST", OFFERS, {"coaching_round_id": round_, **OFFER})
        return made.status_code, made.json().get("code", "")

    assert await offers("third") == (409, "too_many_offers")
    path = f"{OFFERS}/{mine['coaching_offer_id']}/withdraw"
    assert (await ask(north, "coach", "POST", path)).status_code == 200
    most(3)
    assert await offers("third") == (201, "")
    most(2)
    assert await offers("coach") == (409, "too_many_offers")  # hers, which was taken back
    (now,) = (await told(north, "coach", f"{OFFERS}?coaching_round_id={round_}"))["coaching_offers"]
    assert (now["state"], now["grades"]) == ("withdrawn", [])
    most(3)
    assert await offers("coach") == (201, "")


async def sent(twice: Twice, path: str, body: Any, key: str) -> Any:
    made = await twice.north.ask(
        f"north/{NEW}", "POST", path, body, headers={"Idempotency-Key": key}
    )
    assert made.is_success, made.text
    return made.json()


async def test_what_she_has_taken_back_stays_so_where_it_is_of_another_record_of_hers() -> None:
    twice = await Twice().begin()
    round_ = await a_round(twice.people, "admin")
    body = {"coaching_round_id": round_, "grades": ["04"], "capacity": 2}
    made = await twice.post(OLD, OFFERS, body)
    await twice.north.settle()
    match = await twice.merged()
    await twice.later()
    again = {**body, "capacity": 4}
    changed = await sent(twice, OFFERS, again, "k-1")
    assert changed["coaching_offer_id"] == made["coaching_offer_id"]
    await twice.post(NEW, f"{OFFERS}/{made['coaching_offer_id']}/withdraw")
    assert (await sent(twice, OFFERS, again, "k-1"))["state"] == "withdrawn"
    (kept,) = (await twice.get(NEW, OFFERS))["coaching_offers"]
    assert kept["state"] == "withdrawn"
    made_again = await sent(twice, OFFERS, again, "k-2")
    assert (made_again["coaching_offer_id"], made_again["state"]) == (
        made["coaching_offer_id"],
        "made",
    )
    await twice.separate(match)  # what she said by then the one who is given it never said
    await twice.north.settle()
    await twice.later()
    (back,) = (await twice.get(OLD, OFFERS))["coaching_offers"]
    assert (back["state"], back["grades"], back["capacity"]) == ("withdrawn", [], 0)
    assert (await twice.get(NEW, OFFERS))["coaching_offers"] == []


async def test_so_it_is_with_what_a_teacher_has_asked_for() -> None:
    twice = await Twice().begin()
    await lead(twice.north)
    round_ = await planned(twice.north, begin_date="2026-08-01", end_date="2027-06-01")
    body = {"coaching_round_id": round_, **WISHES}
    made = await twice.post(OLD, REQUESTS, body)
    await twice.north.settle()
    await twice.merged()
    await twice.later()
    for state in ("waiting", "withdrawn"):
        told_ = await sent(twice, REQUESTS, body, "k-1")
        assert (told_["coaching_request_id"], told_["state"]) == (
            made["coaching_request_id"],
            state,
        )
        if state == "waiting":
            path = f"{REQUESTS}/{made['coaching_request_id']}/withdraw"
            await twice.post(NEW, path)


async def test_whom_she_has_counts_once_and_what_was_given_a_moment_ago_beside_it(
    north: Staffed,
) -> None:
    round_ = await planned(north, capacity=5)
    id_ = await asks(north, round_)
    await offer(north, round_, capacity=3)
    await north.coached("coach", "second")  # in no round
    other = await asks(north, round_, "peer")
    assert (await grant(north, round_, other)).status_code == 200
    free = [each["free_places"] for each in await suggested(north, id_)]
    assert free == [1]  # before it is proposed
    await north.settle()
    assert [each["free_places"] for each in await suggested(north, id_)] == [1]


async def test_whom_she_declined_by_a_handover_is_not_suggested_a_month_later() -> None:
    people = dict.fromkeys(("third", "fourth"), PEOPLE["coach"])
    north = await staffed(None, second=PEOPLE["teacher"], **people)
    await lead(north)
    round_ = await planned(north, end_date="2027-05-28")
    for who in ("other", "third", "fourth"):
        await offer(north, round_, who)
    of = await north.coached("coach", "teacher")
    path = f"/programs/v1/relationships/{of}/hand-over"
    for to in ("third", "other"):  # the later proposal keeps the earlier one
        asked = await ask(north, "coach", "POST", path, {"coach_id": to})
        assert asked.status_code == 200, asked.text
        assert (await ask(north, "teacher", "POST", f"{path}/decline")).status_code == 200
        north.clock.forward(days=15)
        await north.settle()
    assert await names(north, await asks(north, round_)) == ["fourth"]


async def test_nor_by_another_record_of_hers() -> None:
    north = await staffed(None, third=PEOPLE["coach"], again=PEOPLE["coach"])
    await lead(north)
    round_ = await planned(north, end_date="2027-05-28")
    for who in ("other", "third"):
        await offer(north, round_, who)
    of = await north.coached("coach", "teacher")
    path = f"/programs/v1/relationships/{of}/hand-over"
    asked = await ask(north, "coach", "POST", path, {"coach_id": "again"})
    assert asked.status_code == 200, asked.text
    assert (await ask(north, "teacher", "POST", f"{path}/decline")).status_code == 200
    match = await matched(north, MATCHES, {"from_person_id": "again", "into_person_id": "third"})
    await matched(north, f"{MATCHES}/{match}/confirm")
    assert await names(north, await asks(north, round_)) == ["other"]


async def test_of_more_than_are_suggested_those_with_more_places_free_are(
    monkeypatch: pytest.MonkeyPatch, north: Staffed
) -> None:
    for name in ("MOST_SUGGESTED", "COUNTED_AT_ONCE"):
        monkeypatch.setattr(f"services.programs.offer.matching.{name}", 1)
    round_ = await planned(north)
    for who in ("coach", "other", "third"):
        await offer(north, round_, who, capacity=2)
    id_ = await asks(north, round_)
    (first,) = await names(north, id_)
    await north.coached(first, "second")
    (now,) = await names(north, id_)
    assert now != first
