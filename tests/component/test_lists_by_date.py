"""A teacher's lists: newest first unless oldest is asked for, narrowed to a year or a state, page
by page, over REST and gRPC alike."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from services.chassis.views.decode import message_class
from tests.support.clocks import START
from tests.support.filled import Filled, unfilled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import example_body
from tests.support.rpcs import Rpc, bearer, call, rpcs, served

NORTH = "north"
RPCS: Mapping[str, Rpc] = {each.operation: each for each in rpcs(unfilled())}
Site = tuple[Filled, Mapping[str, grpc.aio.Channel]]


@dataclass(frozen=True)
class List:
    """`step` brings one of them to `state`; `date` is what they are ordered by."""

    path: str
    plural: str
    noun: str
    date: str
    step: str
    state: str

    def message(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What REST is asked as a request over gRPC."""
        prefix = f"{self.noun.upper()}_STATE_"
        told = {**asked, "state": prefix + asked["state"].upper()} if "state" in asked else asked
        return {"teacher_id": TEACHER, **told}


GOALS = List("/goals/v1/goals", "goals", "goal", "drafted_at", "withdraw", "withdrawn")
OBSERVATIONS = List(
    "/observations/v1/observations",
    "observations", "observation", "scheduled_for", "cancel", "cancelled",
)  # fmt: skip
LISTS = pytest.mark.parametrize("each", [GOALS, OBSERVATIONS], ids=lambda each: each.plural)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """Beside what everybody has, five of each: of two dates, two years, one of them taken back."""
    platform = Filled()
    await platform.fill(NORTH)
    for each in (GOALS, OBSERVATIONS):
        create = "draft_goal" if each is GOALS else "schedule_observation"
        body = example_body(platform, create, platform.ids[NORTH])
        for n in range(5):
            platform.clock.set(START + timedelta(days=1 + n // 2))
            when = (START + timedelta(days=30 + n // 2)).isoformat()
            more = {"scheduled_for": when} if each is OBSERVATIONS else {}
            made = await platform.ask(
                f"{NORTH}/{COACH}", "POST", each.path, {**body, "school_year": 2027 + n % 2, **more}
            )
        last = f"{each.path}/{made.json()[f'{each.noun}_id']}"
        await platform.ask(f"{NORTH}/{COACH}", "POST", f"{last}/{each.step}")
    async with served(platform) as channels:
        yield platform, channels


async def over_rest(site: Site, each: List, asked: Mapping[str, Any]) -> dict[str, Any]:
    async with site[0].client(each.plural, f"{NORTH}/{TEACHER}") as client:
        answer = await client.get(each.path, params={"teacher_id": TEACHER, **asked})
    page: dict[str, Any] = answer.json()
    return page


async def over_grpc(site: Site, each: List, asked: Mapping[str, Any]) -> dict[str, Any]:
    rpc = RPCS[f"list_{each.plural}"]
    request = ParseDict(each.message(asked), rpc.message_class())
    answer = message_class(rpc.method.output_type.full_name)()
    answer.ParseFromString(await call(site[1][each.plural], rpc, request, bearer(rpc, NORTH)))
    return MessageToDict(answer, preserving_proto_field_name=True)


BOTH = pytest.mark.parametrize("over", [over_rest, over_grpc])


async def every(over: Any, site: Site, each: List, **asked: Any) -> list[dict[str, Any]]:
    """The whole list, turned two by two."""
    items: list[dict[str, Any]] = []
    token = ""
    while True:
        page = await over(site, each, {**asked, "page_size": 2, "page_token": token})
        items += page.get(each.plural, [])
        token = page.get("next_page_token", "")
        if not token:
            return items


def place(each: List, item: Mapping[str, Any]) -> tuple[str, str]:
    return item[each.date], item[f"{each.noun}_id"]


@BOTH
@LISTS
async def test_newest_first_or_oldest_first(site: Site, each: List, over: Any) -> None:
    newest = [place(each, item) for item in await every(over, site, each)]
    assert len(newest) > 5
    assert len({date for date, _ in newest}) > 2
    assert newest == sorted(newest, reverse=True)
    assert [place(each, item) for item in await every(over, site, each, order="newest")] == newest
    oldest = [place(each, item) for item in await every(over, site, each, order="oldest")]
    assert oldest == sorted(newest)


@BOTH
@LISTS
async def test_of_a_year_and_in_a_state(site: Site, each: List, over: Any) -> None:
    items = await every(over, site, each, taken_back=True)
    for year in (2027, 2028):
        found = await every(over, site, each, school_year=year, taken_back=True)
        assert found == [item for item in items if item["school_year"] == year]
        assert found
    assert not await every(over, site, each, school_year=2026)
    (gone,) = await every(over, site, each, state=each.state)
    states: dict[str, list[dict[str, Any]]] = {item["state"]: [] for item in items}
    for item in items:
        states[item["state"]].append(item)
    assert states[gone["state"]] == [gone]
    for told, expected in states.items():
        state = told.removeprefix(f"{each.noun.upper()}_STATE_").lower()
        assert await every(over, site, each, state=state) == expected
        both = await every(over, site, each, state=state, school_year=2027, order="oldest")
        assert both == [item for item in expected[::-1] if item["school_year"] == 2027]


@LISTS
async def test_a_token_fits_only_the_list_that_gave_it(site: Site, each: List) -> None:
    platform, _ = site
    first = await over_rest(site, each, {"page_size": 1})
    token = first["next_page_token"]
    url = f"{each.path}?teacher_id={TEACHER}&page_size=1&page_token="
    good = (await platform.ask(f"{NORTH}/{TEACHER}", "GET", url + token)).json()
    assert place(each, good[each.plural][0]) < place(each, first[each.plural][0])
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    forged = base64.urlsafe_b64encode(raw[:13] + b"nowhere").decode().rstrip("=")
    for asked in (
        f"{token}&order=oldest",
        f"{token}&school_year=2027",
        f"{token}&state={each.state}",
        f"{token}&taken_back=true",
        forged,
    ):
        refused = await platform.ask(f"{NORTH}/{TEACHER}", "GET", url + asked, status=422)
        told = refused.json()
        assert (told["code"], told["errors"][0]["pointer"]) == ("page_token", "/page_token")


@pytest.mark.parametrize(
    "asked",
    ["order=random", "order=", "state=happy", "state=", "school_year=1999", "school_year=next"],
)
@LISTS
async def test_what_is_no_order_and_no_filter_is_refused(
    site: Site, each: List, asked: str
) -> None:
    platform, _ = site
    url = f"{each.path}?teacher_id={TEACHER}&{asked}"
    refused = await platform.ask(f"{NORTH}/{TEACHER}", "GET", url, status=422)
    assert [error["pointer"] for error in refused.json()["errors"]] == [
        f"/{asked.partition('=')[0]}"
    ]


@pytest.mark.parametrize(("field", "value"), [("order", "random"), ("school_year", 1999)])
@LISTS
async def test_and_over_grpc(site: Site, each: List, field: str, value: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await over_grpc(site, each, {field: value})
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
