"""The district's log of what about people was let read outside: to whom, when, about how many."""

from __future__ import annotations

from typing import Any

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.chassis.call import Call, Principal
from services.chassis.edge import paging
from tests.component.privacy.test_receipts import (
    DRAFT,
    GOALS,
    PARTNERS,
    TERMS,
    ask,
    of,
    reads,
    with_goal,
)
from tests.support.rpcs import served
from tests.support.staff import Staffed

DISCLOSURES = "/privacy/v1/disclosures"
OFFICER = {"role": "records_officer", "reason": "She has asked for it in writing."}


async def log(north: Staffed, query: str = "", who: str = "admin") -> list[Any]:
    """All of it, page by page."""
    found: list[Any] = []
    page, pages = "", 0
    while page or not pages:
        answer = await ask(north, who, "GET", f"{DISCLOSURES}?page_token={page}{query}")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        found += told["disclosures"]
        page, pages = told["next_page_token"], pages + 1
        assert pages < 20
    return found


def brief(found: list[Any]) -> list[tuple[Any, ...]]:
    names = ("day", "partner_id", "fetched_by", "kind", "people", "times")
    return [tuple(each[name] for name in names) for each in found]


async def officer(north: Staffed, who: str, *people: str) -> None:
    today = north.clock.now().date().isoformat()
    body = {**OFFICER, "person_id": who, "person_ids": people, "end_date": today}
    assert (await ask(north, "admin", "POST", "/roster/v1/grants", body)).status_code == 201
    await north.settle()


async def test_what_a_partner_read_is_counted_day_by_day_and_names_nobody() -> None:
    north, goal = await with_goal()
    peers = await ask(north, "peer", "POST", GOALS, {**DRAFT, "teacher_id": "peer"})
    await north.settle()
    first = north.clock.now().date().isoformat()
    for each in (goal, peers.json()["goal_id"], goal):
        assert await reads(north, each) == (200, "")
    north.clock.forward(days=2)
    second = north.clock.now().date().isoformat()
    await reads(north, goal, "other")
    found = await log(north)
    assert brief(found)[:1] == [(second, "other", None, "goal", 1, 1)]
    assert (first, "warehouse", None, "goal", 2, 3) in brief(found)
    (told,) = [each for each in found if each["partner_id"] == "warehouse"]
    assert (told["service"], told["operation"], told["purpose"]) == (
        "goals",
        "get_goal",
        "coaching",
    )
    assert "teacher" not in str(found)
    assert goal not in str(found)
    assert await log(north, "&page_size=1") == found
    assert await log(north, "&partner_id=warehouse") == [told]
    assert await log(north, f"&partner_id=warehouse&from_date={second}") == []
    assert brief(await log(north, f"&from_date={second}")) == brief(found)[:1]


async def test_what_is_refused_or_stays_inside_is_not_in_it() -> None:
    north, goal = await with_goal()
    await north.coached()
    before = await log(north)
    refused = await ask(north, "warehouse?receipts.read", "GET", f"{GOALS}/{goal}")
    assert refused.status_code == 403
    assert (await ask(north, "coach", "GET", f"{GOALS}/{goal}")).status_code == 200
    mine = "/goals/v1/personal-records?person_id=teacher"
    assert (await ask(north, "teacher", "GET", mine)).status_code == 200
    await north.settle()
    assert await log(north) == before


async def test_a_journal_that_was_read_is_in_it_for_everybody() -> None:
    north, _ = await with_goal()
    terms = {**TERMS, "partner_id": "bulk", "scopes": ["goals.journal.read"]}
    assert (await ask(north, "admin", "POST", PARTNERS, terms)).status_code == 201
    await north.settle()
    async with served(north) as channels:
        journal = journal_pb2_grpc.JournalServiceStub(channels["goals"])
        token = (("authorization", f"Bearer north/{of('bulk')}"),)
        asked = journal_pb2.ReadJournalRequest()
        assert [each async for each in journal.ReadJournal(asked, metadata=token)]
    await north.settle()
    (told,) = await log(north, "&partner_id=bulk")
    assert (told["kind"], told["people"], told["operation"]) == ("journal", None, "read_journal")


async def test_a_records_request_is_in_it_with_who_fetched_it() -> None:
    north, _ = await with_goal()
    await officer(north, "aide", "teacher")
    path = "/goals/v1/personal-records?person_id=teacher"
    assert (await ask(north, "aide", "GET", path)).status_code == 200
    why = "/goals/v1/access-explanations?person_id=coach&teacher_id=teacher"
    assert (await ask(north, "aide", "GET", why)).status_code == 200
    await north.settle()
    (told,) = [each for each in await log(north) if each["fetched_by"]]
    assert (told["fetched_by"], told["kind"], told["people"]) == ("aide", "personal_record", 1)
    assert told["fetched_by_name"] == "Given Aide"


async def test_a_records_officer_reads_it_and_nobody_else_but_administrators() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    for who in ("teacher", "coach", "leader", "aide", of("warehouse")):
        assert (await ask(north, who, "GET", DISCLOSURES)).status_code == 403, who
    await officer(north, "aide", "teacher")
    assert await log(north, who="aide") == await log(north)
    north.clock.forward(days=2)
    assert (await ask(north, "aide", "GET", DISCLOSURES)).status_code == 403


async def test_a_page_token_of_nothing_is_refused() -> None:
    """The digest in a token is no secret: it may hold what no page ended with."""
    north, _ = await with_goal()
    filters = dict.fromkeys(("partner_id", "from_date", "to_date"))
    scope = paging.scope_of(Call("list_disclosures", Principal("north")), **filters)
    token = paging.encode_token("2026-10-01:0", scope)
    good = await ask(north, "admin", "GET", f"{DISCLOSURES}?page_token={token}")
    assert good.status_code == 200
    for place in ("x", "2026-10-01", "2026-10-01:x", "9999-12-31:0", "0001-01-01:0", "2026-10-01:"):
        token = paging.encode_token(place, scope)
        answer = await ask(north, "admin", "GET", f"{DISCLOSURES}?page_token={token}")
        assert (answer.status_code, answer.json()["code"]) == (422, "page_token"), place
