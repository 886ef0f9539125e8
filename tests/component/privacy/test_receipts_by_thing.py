"""Whom a receipt asks of a share that is taken back: who has read that very thing, or a list of
such things, while it was shared."""

from __future__ import annotations

from tests.component.privacy.test_receipts import (
    DRAFT,
    GOALS,
    PARTNERS,
    TERMS,
    ask,
    erased,
    of,
    reads,
    receipts,
    with_goal,
)
from tests.component.privacy.test_receipts_late import shared
from tests.support.staff import Staffed


async def another_of_hers(north: Staffed) -> str:
    made = await ask(north, "teacher", "POST", GOALS, DRAFT)
    assert made.status_code == 201, made.text
    await north.settle()
    return str(made.json()["goal_id"])


async def taken_back(north: Staffed, revoke: str) -> None:
    assert (await ask(north, "teacher", "POST", revoke)).status_code == 200
    await north.settle()


async def asked(north: Staffed) -> list[tuple[str, str]]:
    found = await receipts(north, "teacher", "?person_id=me")
    return sorted((each["partner_id"], each["cause"]) for each in found)


async def test_who_read_another_goal_of_hers_by_itself_is_not_told_of_this_one() -> None:
    north, goal = await with_goal()
    revoke, another = await shared(north, goal), await another_of_hers(north)
    assert await reads(north, another) == (200, "")
    assert await reads(north, goal, "other") == (200, "")
    await taken_back(north, revoke)
    assert await asked(north) == [("other", "share_revoked")]
    assert await receipts(north, of("warehouse")) == []


async def test_who_read_the_list_may_have_read_it() -> None:
    north, goal = await with_goal()
    revoke = await shared(north, goal)
    listed = await ask(north, of("warehouse"), "GET", f"{GOALS}?teacher_id=teacher")
    assert listed.status_code == 200, listed.text
    progress = await ask(north, of("other"), "GET", f"{GOALS}/{goal}/progress")
    assert progress.status_code == 200, progress.text
    await north.settle()
    await taken_back(north, revoke)
    assert await asked(north) == [("other", "share_revoked"), ("warehouse", "share_revoked")]


async def test_who_was_shown_it_on_a_caseload_may_have_read_it() -> None:
    north, goal = await with_goal()
    screen = {"partner_id": "screen", **TERMS, "scopes": ["caseloads.read"]}
    assert (await ask(north, "admin", "POST", PARTNERS, screen)).status_code == 201
    await north.coached()
    await north.settle()
    revoke = await shared(north, goal)
    caseload = "/insights/v1/caseloads/coach"
    shown = await ask(north, "screen?caseloads.read", "GET", caseload)
    assert [each["teacher_id"] for each in shown.json()["entries"]] == ["teacher"], shown.text
    await north.settle()
    await taken_back(north, revoke)
    (receipt,) = await receipts(north, of("screen"))
    assert (receipt["artifact_id"], receipt["kinds"]) == (goal, ["caseload"])


async def test_who_read_it_before_it_was_shared_and_never_again_is_not_asked() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    await reads(north, goal, "other")
    north.clock.forward(days=30)
    revoke = await shared(north, goal)
    await reads(north, goal, "other")
    north.clock.forward(days=1)
    await taken_back(north, revoke)
    (receipt,) = await receipts(north, "teacher", "?person_id=me")
    assert receipt["partner_id"] == "other"


async def test_an_erasure_asks_once_of_all_that_was_read_one_by_one() -> None:
    north, goal = await with_goal()
    for each in (goal, await another_of_hers(north)):
        assert await reads(north, each) == (200, "")
    await erased(north)
    (receipt,) = await receipts(north, of("warehouse"))
    assert (receipt["kinds"], receipt["artifact_id"]) == (["goal"], None)


async def test_nobodys_list_of_looks_says_which_one_was_read() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    answer = await ask(north, "teacher", "GET", "/privacy/v1/looks?person_id=me")
    assert [each["partner_id"] for each in answer.json()["looks"]] == ["warehouse"]
    assert goal not in answer.text
