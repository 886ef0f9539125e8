"""The bank of strategies over REST: by which tags it is found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.staff import Staffed, staffed

BANK = "/goals/v1/strategies"
SAYS = {"about": "Pairs settle on one reason", "license": "CC BY 4.0"}


@pytest.fixture
async def north() -> Staffed:
    return await staffed()


async def write(north: Staffed, who: str, title: str, *tags: str, publish: bool = False) -> str:
    made = await north.ask(f"north/{who}", "POST", BANK, {**SAYS, "title": title, "tags": tags})
    id_ = str(made.json()["strategy_id"])
    if publish:
        await north.ask(f"north/{who}", "POST", f"{BANK}/{id_}/publish")
    return id_


async def listed(north: Staffed, who: str, query: str) -> list[str]:
    answer = await north.ask(f"north/{who}", "GET", f"{BANK}?{query}")
    assert answer.status_code == 200, answer.text
    return sorted(each["title"] for each in answer.json()["strategies"])


async def test_it_is_found_by_a_tag_as_far_as_the_caller_sees_it(north: Staffed) -> None:
    await write(north, "coach", "Turn and talk", "questioning", "math", publish=True)
    await write(north, "coach", "Wait", "questioning", publish=True)
    await write(north, "coach", "Draw it", "math", publish=True)
    await write(north, "teacher", "Hers alone", "questioning")
    assert await listed(north, "peer", "tag=questioning") == ["Turn and talk", "Wait"]
    hers = await listed(north, "teacher", "tag=questioning")
    assert hers == ["Hers alone", "Turn and talk", "Wait"]
    assert await listed(north, "teacher", "tag=questioning&state=private") == ["Hers alone"]
    assert await listed(north, "peer", "tag=Questioning") == []
    assert len(await listed(north, "peer", "")) == 3


async def test_it_is_found_by_what_it_says_now_page_by_page(north: Staffed) -> None:
    one = await write(north, "coach", "Turn and talk", "talk", publish=True)
    await write(north, "coach", "Wait", "talk", publish=True)
    query, found = f"{BANK}?tag=talk&page_size=1", list[str]()
    token = ""
    while True:
        page = (await north.ask("north/peer", "GET", f"{query}&page_token={token}")).json()
        found += [each["title"] for each in page["strategies"]]
        token = page["next_page_token"]
        if not token:
            break
    assert sorted(found) == ["Turn and talk", "Wait"]
    said: dict[str, Any] = {**SAYS, "title": "Turn and talk", "tags": ["pairs"], "reason": "Apt"}
    async with north.client("goals", "north/coach") as client:
        seen = {"If-Match": (await client.get(f"{BANK}/{one}")).headers["ETag"]}
        assert (await client.post(f"{BANK}/{one}/revise", json=said, headers=seen)).is_success
    assert await listed(north, "peer", "tag=talk") == ["Wait"]
    assert await listed(north, "peer", "tag=pairs") == ["Turn and talk"]


@pytest.mark.parametrize("tag", ["", "$where", "x" * 65, "a%0Ab", "%7B%22$gt%22:%22%22%7D"])
async def test_what_is_no_code_is_no_tag(north: Staffed, tag: str) -> None:
    answer = await north.ask("north/peer", "GET", f"{BANK}?tag={tag}", status=422)
    assert answer.json()["errors"][0]["pointer"] == "/tag"
