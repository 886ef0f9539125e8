"""Receipts: what partners' programs have read is no more or taken back, and they say that they have
deleted it, or are kept out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.access.districts import District, Districts
from services.access.erasures import SECOND_LOOK
from services.access.registered import registration_id
from services.chassis.call import Call, Principal
from services.chassis.duties.duty import OPEN, Todo
from services.privacy.receipt.duties import DutyPorts, keep_out_late_partner
from tests.support.rpcs import served
from tests.support.sharing import SHARES, released_results
from tests.support.staff import Staffed

RECEIPTS, PARTNERS = "/privacy/v1/receipts", "/privacy/v1/partners"
GOALS = "/goals/v1/goals"
DRAFT = {
    "teacher_id": "teacher",
    "statement": "Students explain more.",
    "focus_skill": "questioning",
    "measure_id": "clarity",
    "unit": "share",
    "baseline": 0.5,
    "target": 0.7,
}
SCOPES = "goals.read+goals.journal.read+receipts.read+receipts.write"
WHY = {"reason": "She has asked for it."}
TERMS: dict[str, Any] = {"title": "Warehouse", "scopes": ["goals.read"], "contact": "Office"}


async def ask(
    north: Staffed, who: str, method: str, path: str, body: Any = None
) -> httpx2.Response:
    async with north.client(path.split("/")[1], f"north/{who}") as client:
        return await client.request(method, path, json=body)


async def with_goal(days: int = 30) -> tuple[Staffed, str]:
    north = Staffed(Districts({"north": District(partners_delete_within_days=days)}))
    await north.roster()
    for partner in ("warehouse", "other"):
        body = {"partner_id": partner, **TERMS}
        assert (await ask(north, "admin", "POST", PARTNERS, body)).status_code == 201
    made = await ask(north, "teacher", "POST", GOALS, DRAFT)
    assert made.status_code == 201, made.text
    await north.settle()
    return north, str(made.json()["goal_id"])


async def reads(north: Staffed, goal: str, partner: str = "warehouse") -> tuple[int, str]:
    answer = await ask(north, f"{partner}?{SCOPES}", "GET", f"{GOALS}/{goal}")
    await north.settle()
    return answer.status_code, answer.json().get("code", "")


async def erased(north: Staffed, person: str = "teacher") -> None:
    answer = await ask(north, "admin", "POST", f"/privacy/v1/erasures/{person}/order", WHY)
    assert answer.status_code == 200, answer.text
    await north.settle()
    north.clock.forward(seconds=SECOND_LOOK.total_seconds() + 1)
    await north.settle()


async def receipts(north: Staffed, who: str, query: str = "") -> list[Any]:
    answer = await ask(north, who, "GET", f"{RECEIPTS}{query}")
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["receipts"]
    return found


def of(partner: str) -> str:
    return f"{partner}?{SCOPES}"


async def confirmed(north: Staffed, receipt: str, who: str = of("warehouse")) -> httpx2.Response:
    answer = await ask(north, who, "POST", f"{RECEIPTS}/{receipt}/confirm")
    await north.settle()
    return answer


async def test_a_partner_that_has_read_what_is_erased_is_to_delete_it() -> None:
    north, goal = await with_goal()
    assert await reads(north, goal) == (200, "")
    read_at = north.clock.now()
    north.clock.forward(days=1)
    await erased(north)
    (mine,) = await receipts(north, of("warehouse"))
    (hers,) = await receipts(north, "teacher", "?person_id=me&state=open")
    (districts,) = await receipts(north, "admin")
    assert mine["receipt_id"] == hers["receipt_id"] == districts["receipt_id"]
    assert (hers["partner_id"], hers["person_id"], hers["cause"]) == (
        "warehouse",
        "teacher",
        "erasure",
    )
    assert (hers["kinds"], hers["artifact_id"], hers["state"]) == (["goal"], None, "open")
    assert hers["read_from"] == read_at.isoformat().replace("+00:00", "Z")
    due = north.clock.now() + timedelta(days=30)
    assert hers["due_at"] == due.isoformat().replace("+00:00", "Z")
    assert await receipts(north, of("other")) == []
    assert (districts["allowed"], hers["allowed"]) == (["confirm_deletion"], [])
    assert (await confirmed(north, mine["receipt_id"])).status_code == 200
    (hers,) = await receipts(north, "teacher")
    assert (hers["state"], hers["confirmed_by"]) == ("confirmed", "warehouse")
    assert (await confirmed(north, mine["receipt_id"])).json()["code"] == "already_confirmed"


async def test_nobody_else_learns_of_a_receipt() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    await erased(north)
    (receipt,) = await receipts(north, of("warehouse"))
    path = f"{RECEIPTS}/{receipt['receipt_id']}"
    for who in (of("other"), "coach", "peer"):
        assert (await ask(north, who, "GET", path)).status_code == 404, who
        assert (await ask(north, who, "POST", f"{path}/confirm")).status_code in (403, 404), who
        assert (await receipts(north, who)) == [], who
    assert (await ask(north, "coach", "GET", f"{RECEIPTS}?person_id=teacher")).status_code == 404
    assert (await ask(north, "teacher", "POST", f"{path}/confirm")).status_code == 404
    assert (await ask(north, "teacher", "GET", path)).status_code == 200
    bare = await ask(north, "warehouse?goals.read", "GET", path)
    assert (bare.status_code, bare.json()["code"]) == (403, "scope_missing")


async def test_nothing_is_asked_of_who_read_nothing_about_her() -> None:
    north, goal = await with_goal()
    refused = await ask(north, "warehouse?receipts.read", "GET", f"{GOALS}/{goal}")
    assert refused.status_code == 403
    await erased(north)
    assert await receipts(north, "admin") == []


async def test_who_read_the_journal_has_read_about_everybody() -> None:
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
    await erased(north)
    (receipt,) = await receipts(north, of("bulk"))
    assert (receipt["person_id"], receipt["kinds"]) == ("teacher", ["goals.journal"])
    assert receipt["artifact_id"] is None


@pytest.mark.parametrize("late", [False, True], ids=["confirmed in time", "confirmed late"])
async def test_a_partner_is_kept_out_until_it_has_confirmed_what_is_overdue(late: bool) -> None:
    north, goal = await with_goal(days=7)
    await reads(north, goal)
    another = (await ask(north, "peer", "POST", GOALS, {**DRAFT, "teacher_id": "peer"})).json()
    await north.settle()
    await erased(north)
    (receipt,) = await receipts(north, of("warehouse"))
    if not late:
        assert (await confirmed(north, receipt["receipt_id"])).status_code == 200
    north.clock.forward(days=6)
    await north.settle()
    assert await reads(north, another["goal_id"]) == (200, "")
    north.clock.forward(days=2)
    await north.settle()
    if late:
        assert await reads(north, another["goal_id"]) == (403, "receipts_overdue")
        assert await reads(north, another["goal_id"], "other") == (200, "")
        (told,) = [
            each
            for each in (await ask(north, "admin", "GET", PARTNERS)).json()["partners"]
            if each["partner_id"] == "warehouse"
        ]
        assert told["overdue_receipt_ids"] == [receipt["receipt_id"]]
        (seen,) = await receipts(north, "teacher", "?state=overdue")
        assert seen["receipt_id"] == receipt["receipt_id"]
        assert (await confirmed(north, receipt["receipt_id"])).status_code == 200
    assert await reads(north, another["goal_id"]) == (200, "")


async def test_who_confirmed_while_another_process_kept_it_out_is_let_in_again() -> None:
    """Which ended before it looked again whether it had confirmed, and is tried once more."""
    north, goal = await with_goal(days=7)
    await reads(north, goal)
    await erased(north)
    (receipt,) = await receipts(north, of("warehouse"))
    assert (await confirmed(north, receipt["receipt_id"])).status_code == 200
    north.clock.forward(days=8)
    await north.settle()
    runner: Any = north.services["privacy"].duties
    ports: DutyPorts = runner._works["keep_out_late_partner"].args[0]
    name, privacy = "keep_out_late_partner", Principal("north", duty="privacy")
    late, again = Call(name, privacy, "a"), Call(name, privacy, "b")
    partner = registration_id("north", "warehouse")
    await ports.partners.change(late, partner, lambda each: each.fall_behind(receipt["receipt_id"]))
    fact = {"event": "e", "aggregate": receipt["receipt_id"]}
    now = north.clock.now()
    todo = Todo("keep_out_late_partner:e", "north", OPEN, now, 1, "", "", fact)
    assert await keep_out_late_partner(ports, again, todo) is None
    assert not (await ports.partners.get("north", partner)).overdue


async def test_an_administrator_confirms_what_a_partner_has_told_her_otherwise() -> None:
    north, goal = await with_goal()
    await reads(north, goal)
    await erased(north)
    (receipt,) = await receipts(north, "admin")
    answer = await confirmed(north, receipt["receipt_id"], "admin")
    assert answer.json()["confirmed_by"] == "admin"


async def test_a_share_that_is_taken_back_is_asked_for_of_who_has_read_such_things() -> None:
    north, goal = await with_goal()
    await ask(north, "teacher", "POST", f"{GOALS}/{goal}/activate")
    until = (north.clock.now() + timedelta(days=9)).isoformat()
    offer = {
        "goal_id": goal,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": until,
    }
    share = (await ask(north, "teacher", "POST", "/goals/v1/shares", offer)).json()
    await north.settle()
    assert await reads(north, goal) == (200, "")
    revoke = f"/goals/v1/shares/{share['goal_share_id']}/revoke"
    assert (await ask(north, "teacher", "POST", revoke)).status_code == 200
    await north.settle()
    (receipt,) = await receipts(north, "teacher")
    assert (receipt["cause"], receipt["artifact_id"]) == ("share_revoked", goal)
    assert await receipts(north, of("other")) == []
    (mine,) = await receipts(north, of("warehouse"))
    assert mine["receipt_id"] == receipt["receipt_id"]
    path = f"{RECEIPTS}/{receipt['receipt_id']}"
    for query in ("", "?person_id=teacher"):
        assert await receipts(north, "admin", query) == [], "what she shares is not the district's"
    assert (await ask(north, "admin", "GET", path)).status_code == 404
    assert (await ask(north, "admin", "POST", f"{path}/confirm")).status_code == 404
    assert (await confirmed(north, receipt["receipt_id"])).status_code == 200


async def test_so_are_results_of_a_survey_and_nobody_is_asked_who_read_other_things() -> None:
    north, goal = await with_goal()
    survey = await released_results(north, "teacher")
    await north.settle()
    await reads(north, goal)
    archive = "archive?administrations.read+receipts.read"
    read = await ask(north, archive, "GET", f"/surveys/v1/administrations/{survey}")
    assert read.status_code == 200
    offer = {
        "administration_id": survey,
        "audience": [{"person_id": "peer"}],
        "purpose": "peer_learning",
        "expires_at": (north.clock.now() + timedelta(days=9)).isoformat(),
    }
    made = (await ask(north, "teacher", "POST", SHARES["administration"], offer)).json()
    await north.settle()
    revoke = f"{SHARES['administration']}/{made['administration_share_id']}/revoke"
    assert (await ask(north, "teacher", "POST", revoke)).status_code == 200
    await north.settle()
    (receipt,) = await receipts(north, "teacher")
    assert (receipt["partner_id"], receipt["kinds"]) == ("archive", ["administration"])
    assert (receipt["cause"], receipt["artifact_id"]) == ("share_revoked", survey)
    assert await receipts(north, of("warehouse")) == []


async def test_who_is_known_to_have_read_only_later_is_asked_later() -> None:
    north, goal = await with_goal()
    others: Any = north.services["privacy"].others
    held = others.pop("relay.looks")  # what collects looks
    await reads(north, goal)
    await erased(north)
    others["relay.looks"] = held
    await north.settle()
    assert await receipts(north, "admin") == []
    north.clock.forward(minutes=61)
    await north.settle()
    (receipt,) = await receipts(north, of("warehouse"))
    assert receipt["person_id"] == "teacher"
    north.clock.forward(minutes=61)
    await north.settle()
    assert len(await receipts(north, "admin")) == 1


async def test_who_began_to_read_after_it_was_erased_is_not_asked() -> None:
    north, _ = await with_goal()
    await erased(north)
    north.clock.forward(minutes=10)
    made = await ask(north, "teacher", "POST", GOALS, DRAFT)
    await north.settle()
    assert await reads(north, made.json()["goal_id"]) == (200, "")
    north.clock.forward(minutes=61)
    await north.settle()
    assert await receipts(north, "admin") == []


async def test_what_was_read_about_a_record_that_became_hers_was_about_her() -> None:
    north, _ = await with_goal()
    made = await ask(north, "peer", "POST", GOALS, {**DRAFT, "teacher_id": "peer"})
    assert await reads(north, made.json()["goal_id"]) == (200, "")
    pair = {"from_person_id": "peer", "into_person_id": "teacher"}
    match = (await ask(north, "admin", "POST", "/roster/v1/matches", pair)).json()["match_id"]
    done = await ask(north, "admin", "POST", f"/roster/v1/matches/{match}/confirm")
    assert done.status_code == 200, done.text
    await north.settle()
    await erased(north)  # it is pending for as long as that
    north.clock.forward(seconds=SECOND_LOOK.total_seconds() + 1)
    await north.settle()
    (receipt,) = await receipts(north, "teacher")
    assert (receipt["partner_id"], receipt["person_id"]) == ("warehouse", "teacher")
