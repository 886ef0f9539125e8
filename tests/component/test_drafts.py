"""What somebody is typing is hers alone: kept in each service where people type, bounded, and in
no event, no view and no log."""

from __future__ import annotations

from typing import Any

import pytest

from services.assembly.registry import TOPICS
from services.chassis.write.drafts import EACH, KEPT, MOST_BYTES, MOST_TEXTS
from services.goals import bootstrap as goals
from services.observations import bootstrap as observations
from services.programs import bootstrap as programs
from services.surveys import bootstrap as surveys
from tests.support.staff import Staffed, staffed

SERVICES = {each.NAME: each.DRAFTS for each in (goals, observations, programs, surveys)}
everywhere = pytest.mark.parametrize("service", SERVICES)
OTHERS = ("teacher", "other", "leader", "admin")
CANARY = "Zanzibar77"


class Desk:
    """Where people of the district type."""

    def __init__(self, north: Staffed, service: str) -> None:
        self.north, self.service, self.drafts = north, service, f"/{service}/v1/drafts"

    def body(self, text: str = "so far", **more: Any) -> dict[str, Any]:
        kind = SERVICES[self.service][0]
        return {"kind": kind, "texts": [{"name": "note", "text": text}], **more}

    async def do(
        self, who: str, method: str, path: str = "", body: Any = None, seen: str = ""
    ) -> tuple[int, Any]:
        headers = {"If-Match": seen} if seen else {}
        async with self.north.client(self.service, f"north/{who}") as client:
            answer = await client.request(method, self.drafts + path, json=body, headers=headers)
        return answer.status_code, answer.json()

    async def save(self, text: str, seen: int = 0, who: str = "coach") -> tuple[int, Any]:
        etag = f'"{seen}"' if seen else ""
        return await self.do(who, "PUT", "/d1", self.body(text), etag)


@pytest.fixture(scope="module")
async def north() -> Staffed:
    """Shared: each test has a service or a person of its own."""
    return await staffed()


@everywhere
async def test_what_is_saved_is_read_listed_and_deleted_by_its_author_alone(service: str) -> None:
    north = await staffed()
    desk = Desk(north, service)
    status, saved = await desk.save("one")
    assert status == 200
    north.clock.forward(seconds=5)
    again = (await desk.save("two", saved["version"]))[1]
    assert (again["version"], again["begun_at"]) == (saved["version"] + 1, saved["begun_at"])
    assert again["texts"] == [{"name": "note", "text": "two"}]
    assert again["saved_at"] > saved["saved_at"]
    assert await desk.do("coach", "GET", "/d1") == (200, again)
    listed = (await desk.do("coach", "GET"))[1]["drafts"]
    assert listed == [{name: value for name, value in again.items() if name != "texts"}]
    for who in OTHERS:
        missing = await desk.do(who, "GET", "/none")
        assert missing[0] == 404
        for method in ("GET", "DELETE"):
            found = await desk.do(who, method, "/d1")
            assert (found[0], found[1]["code"]) == (404, missing[1]["code"])
        assert (await desk.do(who, "GET"))[1]["drafts"] == []
        assert (await desk.save("hers", who=who))[1]["texts"][0]["text"] == "hers"
    assert await desk.do("coach", "DELETE", "/d1") == (200, again)
    assert (await desk.do("coach", "GET", "/d1"))[0] == 404


async def test_a_second_device_is_told_and_reads_what_is_there(north: Staffed) -> None:
    desk = Desk(north, "goals")
    first = (await desk.save("one"))[1]["version"]
    assert (await desk.save("by the other", first))[0] == 200
    assert (await desk.save("by the other", first))[0] == 200  # sent twice
    status, told = await desk.save("by this one", first)
    assert (status, told["code"]) == (412, "stale_version")
    there = (await desk.do("coach", "GET", "/d1"))[1]
    assert there["texts"][0]["text"] == "by the other"
    assert (await desk.save("by both", there["version"]))[0] == 200
    assert (await desk.do("coach", "DELETE", "/d1", seen='"7"'))[1]["code"] == "stale_version"


async def test_there_are_bounds(north: Staffed) -> None:
    desk = Desk(north, "surveys")

    async def refused(path: str, body: Any) -> tuple[int, str, str]:
        status, told = await desk.do("other", "PUT", path, body)
        place = told["errors"][0]["pointer"] if told.get("errors") else ""
        return status, told["code"], place

    texts = [{"name": f"f{n}", "text": ""} for n in range(MOST_TEXTS)]
    assert (await desk.do("other", "PUT", "/full", desk.body(texts=texts)))[0] == 200
    more = [*texts, {"name": "more", "text": ""}]
    assert (await refused("/full", desk.body(texts=more)))[:2] == (422, "invalid_request")
    twice = [*texts[:2], texts[0]]
    assert await refused("/d", desk.body(texts=twice)) == (422, "named_twice", "/texts/2/name")
    quarter = "é" * (MOST_BYTES // 8 - 1)  # of two bytes each, with a name of two
    large = [{"name": f"f{n}", "text": quarter} for n in range(4)]
    assert (await desk.do("other", "PUT", "/large", desk.body(texts=large)))[0] == 200
    large[1]["text"] += "."
    assert await refused("/large", desk.body(texts=large)) == (422, "too_long", "/texts")
    assert (await refused("/d", desk.body(kind="goal")))[:2] == (422, "invalid_request")
    for number in range(EACH - 2):
        assert (await desk.do("other", "PUT", f"/d{number}", desk.body()))[0] == 200
    assert (await refused("/one-more", desk.body()))[:2] == (409, "too_many_drafts")
    assert (await desk.do("other", "PUT", "/d0", desk.body("again")))[0] == 200
    assert (await desk.do("coach", "PUT", "/hers", desk.body()))[0] == 200


async def test_a_list_is_narrowed_and_read_in_pages(north: Staffed) -> None:
    desk = Desk(north, "observations")
    kinds = SERVICES["observations"]
    for number, kind in enumerate((kinds[0], kinds[1], kinds[0])):
        body = desk.body(kind=kind, about_id=f"o{number % 2}", teacher_id="teacher")
        await desk.do("peer", "PUT", f"/d{number}", body)

    async def found(query: str) -> list[str]:
        page = (await desk.do("peer", "GET", f"?{query}"))[1]
        return [each["draft_id"] for each in page["drafts"]]

    assert await found("") == ["d2", "d1", "d0"]
    assert await found(f"kind={kinds[0]}") == ["d2", "d0"]
    assert await found("about_id=o1") == ["d1"]
    page = (await desk.do("peer", "GET", "?page_size=2"))[1]
    assert await found(f"page_size=2&page_token={page['next_page_token']}") == ["d0"]
    assert (await desk.do("peer", "GET", "?kind=sonnet"))[0] == 422


@everywhere
async def test_nothing_of_it_is_published_or_logged(
    service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    north = await staffed()
    desk = Desk(north, service)
    told = {topic: len(north.log.all(topic)) for topic in TOPICS}
    body = desk.body(CANARY, teacher_id="teacher")
    assert (await desk.do("coach", "PUT", "/d1", body))[0] == 200
    await desk.do("coach", "PUT", "/d1", {**body, "kind": CANARY})
    await desk.do("coach", "PUT", "/d1", body, '"3"')
    await desk.do("coach", "GET", "/d1")
    await desk.do("coach", "DELETE", "/d1")
    await north.settle()
    assert {topic: len(north.log.all(topic)) for topic in TOPICS} == told
    written = capsys.readouterr()
    assert CANARY not in written.out + written.err


async def test_an_answer_says_how_long_it_is_kept(north: Staffed) -> None:
    saved = (await Desk(north, "programs").save("one", who="leader"))[1]
    assert saved["kept_until"] == f"{north.clock.now() + KEPT:%Y-%m-%dT%H:%M:%SZ}"
