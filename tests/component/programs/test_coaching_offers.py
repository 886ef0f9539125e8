"""Coaches' offers in a round, and who is suggested for a request: by what each says herself, to who
gives the places alone, and without a word of who said no."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.component.programs.test_coaching_requests import (
    REQUESTS,
    grant,
    planned,
    relationships,
    request,
    told,
)
from tests.component.test_programs import ask, lead
from tests.support.staff import PEOPLE, Staffed, staffed

OFFERS = "/programs/v1/coaching-offers"
ASKS = {"grades": ["04"], "subjects": ["Mathematics"], "languages": ["es-MX", "en"]}
OFFER = {"grades": ["03", "04"], "subjects": ["mathematics"], "languages": ["es"], "capacity": 2}


@pytest.fixture
async def north() -> Staffed:
    platform = await staffed(None, third=PEOPLE["coach"], second=PEOPLE["teacher"])
    await lead(platform)
    return platform


async def offer(north: Staffed, round_: str, who: str = "coach", **more: Any) -> Any:
    made = await ask(north, who, "POST", OFFERS, {"coaching_round_id": round_, **OFFER, **more})
    assert made.status_code == 201, made.text
    return made.json()


async def asks(north: Staffed, round_: str, who: str = "teacher", **more: Any) -> str:
    made = await request(north, round_, who, **{**ASKS, **more})
    assert made.status_code == 201, made.text
    return str(made.json()["coaching_request_id"])


async def suggested(north: Staffed, id_: str, who: str = "aide") -> list[Any]:
    found = await told(north, who, f"{REQUESTS}/{id_}/coach-suggestions")
    return list(found["coach_suggestions"])


async def names(north: Staffed, id_: str) -> list[str]:
    return [each["coach_id"] for each in await suggested(north, id_)]


async def test_a_coach_is_suggested_with_what_goes_together_and_how_many_places_are_free(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    id_ = await asks(north, round_)
    assert await suggested(north, id_) == []
    await offer(north, round_)
    assert await suggested(north, id_) == [
        {
            "coach_id": "coach",
            "coach_name": "Given Coach",
            "same_grades": ["04"],
            "same_subjects": ["Mathematics"],
            "same_languages": ["es-MX"],
            "free_places": 2,
            "capacity": 2,
        }
    ]
    assert (await grant(north, round_, id_)).status_code == 200  # as without a suggestion
    await north.settle()
    (proposed,) = await relationships(north)
    assert (proposed["coach_id"], proposed["state"]) == ("coach", "proposed")
    assert await suggested(north, id_) == []  # it waits no more


async def test_first_comes_what_goes_together_then_who_has_more_places_free(north: Staffed) -> None:
    round_ = await planned(north, capacity=5)
    id_ = await asks(north, round_)
    await offer(north, round_, "third", grades=["09"], subjects=["Art"], languages=[])
    await offer(north, round_, "other", languages=["fr"])
    await offer(north, round_)
    assert await names(north, id_) == ["coach", "other", "third"]
    await offer(north, round_, "other")
    before = await names(north, id_)
    other = await asks(north, round_, "second")
    busy = before[0]
    assert (await grant(north, round_, other, busy)).status_code == 200
    free = {each["coach_id"]: each["free_places"] for each in await suggested(north, id_)}
    assert (free[busy], free[before[1]]) == (1, 2)  # at once, before it is proposed
    assert await names(north, id_) == [before[1], busy, "third"]
    await north.settle()
    assert await names(north, id_) == [before[1], busy, "third"]


async def test_who_has_no_place_left_may_not_coach_or_took_it_back_is_suggested_no_more(
    north: Staffed,
) -> None:
    round_ = await planned(north, capacity=5)
    id_ = await asks(north, round_)
    mine = await offer(north, round_, capacity=1)
    await offer(north, round_, "other")
    await offer(north, round_, "third")
    await north.coached("coach", "second")  # in no round: it counts, too
    assert sorted(await names(north, id_)) == ["other", "third"]
    await offer(north, round_, capacity=2)
    assert (await suggested(north, id_))[-1]["free_places"] == 1
    gone = await ask(north, "coach", "POST", f"{OFFERS}/{mine['coaching_offer_id']}/withdraw")
    assert (gone.json()["state"], gone.json()["grades"], gone.json()["capacity"]) == (
        "withdrawn",
        [],
        0,
    )
    await north.roster(other=[("aide", "", "")], third=PEOPLE["coach"], second=PEOPLE["teacher"])
    assert await names(north, id_) == ["third"]


@pytest.mark.parametrize("how", ["proposed", "declined", "ended", "active"])
async def test_with_whom_she_had_something_this_year_is_not_suggested_whatever_it_was(
    north: Staffed, how: str
) -> None:
    """So that it tells nobody of a no."""
    round_ = await planned(north, capacity=5)
    await offer(north, round_)
    await offer(north, round_, "other")
    made = (await north.propose("coach", teacher="second")).json()["relationship_id"]
    if how in ("active", "ended"):
        assert (await north.answer("second", made)).status_code == 200
    if how in ("declined", "ended"):
        done = "decline" if how == "declined" else "end"
        assert (await north.answer("second", made, done)).status_code == 200
    assert await names(north, await asks(north, round_, "second")) == ["other"]
    assert sorted(await names(north, await asks(north, round_))) == ["coach", "other"]


async def test_nobody_but_who_gives_the_places_is_told_of_suggestions(north: Staffed) -> None:
    round_ = await planned(north)
    mine = await offer(north, round_)
    id_ = await asks(north, round_)
    path, own = f"{REQUESTS}/{id_}/coach-suggestions", f"{OFFERS}/{mine['coaching_offer_id']}"
    for who, place, hers in (
        ("aide", 200, 404), ("coach", 404, 200), ("teacher", 404, 404), ("other", 404, 404),
        ("peer", 404, 404), ("leader", 404, 404), ("admin", 404, 404),
    ):  # fmt: skip
        assert await north.status(who, path) == place, who
        assert await north.status(who, own) == hers, who
        theirs = (await told(north, who, OFFERS))["coaching_offers"]
        assert len(theirs) == (who == "coach"), who
    for who in ("leader", "aide", "admin"):
        body = {"coaching_round_id": round_, **OFFER}
        refused = await ask(north, who, "POST", OFFERS, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_a_coach"), who


async def test_said_from_two_devices_at_once_it_is_one_and_said_again_it_is_replaced(
    north: Staffed,
) -> None:
    round_ = await planned(north)
    said = await asyncio.gather(*(offer(north, round_, capacity=each) for each in (3, 4)))
    assert len({each["coaching_offer_id"] for each in said}) == 1
    (now,) = (await told(north, "coach", f"{OFFERS}?coaching_round_id={round_}"))["coaching_offers"]
    assert (now["version"], now["capacity"]) in ((2, 3), (2, 4))
    assert (await offer(north, round_, capacity=now["capacity"]))["version"] == 2  # said already
    path = f"{OFFERS}/{now['coaching_offer_id']}/withdraw"
    assert (await ask(north, "coach", "POST", path, seen='"1"')).status_code == 412
    assert (await ask(north, "coach", "POST", path)).status_code == 200
    twice = await ask(north, "coach", "POST", path)
    assert (twice.status_code, twice.json()["code"]) == (409, "offer_withdrawn")
    again = await offer(north, round_)
    assert (again["coaching_offer_id"], again["state"]) == (now["coaching_offer_id"], "made")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"grades": ["4"]}, "/grades/0"),
        ({"subjects": [" "]}, "/subjects/0"),
        ({"subjects": ["x" * 61]}, "/subjects/0"),
        ({"languages": ["Spanish"]}, "/languages/0"),
        ({"capacity": 0}, "/capacity"),
        ({"coaching_round_id": "nowhere"}, "/coaching_round_id"),
    ],
    ids=str,
)
async def test_what_is_no_offer_stores_nothing(
    north: Staffed, body: dict[str, Any], place: str
) -> None:
    round_ = await planned(north)
    refused = await ask(
        north, "coach", "POST", OFFERS, {"coaching_round_id": round_, **OFFER, **body}
    )
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == [place]
    assert (await told(north, "coach", OFFERS))["coaching_offers"] == []


async def test_page_by_page_each_is_told_once(north: Staffed) -> None:
    round_ = await planned(north)
    id_ = await asks(north, round_, grades=[], subjects=[], languages=[])
    for who in ("coach", "other", "third"):
        await offer(north, round_, who)
    found: list[str] = []
    token = ""
    for more in (True, True, False):
        query = f"?page_size=1&page_token={token}".removesuffix("&page_token=")
        page = await told(north, "aide", f"{REQUESTS}/{id_}/coach-suggestions{query}")
        found += [each["coach_id"] for each in page["coach_suggestions"]]
        token = page["next_page_token"]
        assert bool(token) is more
    assert found == await names(north, id_)
    assert sorted(found) == ["coach", "other", "third"]


async def test_what_she_asks_for_is_hers_to_edit(north: Staffed) -> None:
    round_ = await planned(north)
    id_ = await asks(north, round_, subjects=["Mathematics", " mathematics ", "Art"])
    mine = await told(north, "teacher", f"{REQUESTS}/{id_}")
    assert mine["subjects"] == ["Mathematics", "Art"]
    edited = await ask(north, "teacher", "POST", f"{REQUESTS}/{id_}/edit", {"option_ids": ["talk"]})
    assert (edited.json()["grades"], edited.json()["languages"]) == ([], [])
