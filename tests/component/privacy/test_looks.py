"""Who was shown what is about a person stands in her own list, in order and chained, and nobody
else may read it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from services.privacy.look.domain import hash_of
from tests.support.looks import HASHED, broken
from tests.support.looks_suite import told
from tests.support.staff import Staffed, staffed

GOALS, LOOKS = "/goals/v1/goals", "/privacy/v1/looks"
DRAFT = {
    "teacher_id": "teacher",
    "statement": "Students explain more.",
    "focus_skill": "questioning",
    "measure_id": "clarity",
    "unit": "share",
    "baseline": 0.5,
    "target": 0.7,
}


async def get(north: Staffed, who: str, path: str, service: str = "privacy") -> httpx2.Response:
    async with north.client(service, who if "/" in who else f"north/{who}") as client:
        return await client.get(path)


async def looks(north: Staffed, who: str = "teacher", query: str = "") -> list[Any]:
    await north.settle()
    answer = await get(north, who, f"{LOOKS}{query}")
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["looks"]
    return found


async def with_goal() -> tuple[Staffed, str]:
    north = await staffed()
    await north.coached()
    await north.settle()
    async with north.client("goals", "north/teacher") as client:
        made = await client.post(GOALS, json=DRAFT)
    assert made.status_code == 201, made.text
    await north.settle()
    return north, str(made.json()["goal_id"])


async def test_a_read_by_her_coach_is_in_the_teachers_list() -> None:
    north, goal = await with_goal()
    before = len(await looks(north))
    for _ in range(2):
        assert (await get(north, "coach", f"{GOALS}/{goal}", "goals")).status_code == 200
    found = await looks(north)
    assert len(found) == before + 1
    first = found[0]
    now = north.clock.now().isoformat().replace("+00:00", "Z")
    assert {name: first[name] for name in first if name not in ("look_id", "hash", "number")} == {
        "person_id": "teacher",
        "viewer_id": "coach",
        "viewer_name": "Given Coach",
        "partner_id": None,
        "service": "goals",
        "kind": "goal",
        "operation": "get_goal",
        "purpose": "coaching",
        "relation": "coach",
        "grant_id": None,
        "decision": "allowed",
        "first_at": now,
        "last_at": now,
        "times": 2,
    }
    assert (await get(north, "teacher", f"{LOOKS}/{first['look_id']}")).json() == first


async def test_her_own_reads_are_none_and_neither_is_reading_her_list() -> None:
    north, goal = await with_goal()
    before = await looks(north)
    assert (await get(north, "teacher", f"{GOALS}/{goal}", "goals")).status_code == 200
    assert (await get(north, "teacher", LOOKS)).status_code == 200
    assert await looks(north) == before


async def test_who_is_refused_is_in_it_too() -> None:
    north, goal = await with_goal()
    assert (await get(north, "peer", f"{GOALS}/{goal}", "goals")).status_code == 404
    (found, *_) = await looks(north, query="?kind=goal")
    assert (found["viewer_id"], found["decision"], found["relation"]) == ("peer", "refused", None)


async def test_a_list_of_many_names_each_of_them() -> None:
    north, _ = await with_goal()
    before = {each: len(await looks(north, each)) for each in ("teacher", "coach", "leader")}
    assert (await get(north, "admin", "/roster/v1/people", "roster")).status_code == 200
    for who, many in before.items():
        found = await looks(north, who)
        assert len(found) == many + 1
        assert (found[0]["operation"], found[0]["viewer_id"]) == ("list_people", "admin")


async def test_a_caseload_is_a_look_at_each_teacher_on_it() -> None:
    north, _ = await with_goal()
    answer = await get(north, "coach", "/insights/v1/caseloads/coach", "insights")
    assert [each["teacher_id"] for each in answer.json()["entries"]] == ["teacher"]
    (found, *_) = await looks(north)
    assert (found["service"], found["kind"]) == ("insights", "caseload")
    assert (await get(north, "coach", "/insights/v1/caseloads/coach", "insights")).is_success
    again, *_ = await looks(north)
    assert again["number"] == found["number"] + 1


@pytest.mark.parametrize("who", ["coach", "leader", "admin", "peer"])
async def test_nobody_else_reads_it(who: str) -> None:
    north, goal = await with_goal()
    await get(north, "coach", f"{GOALS}/{goal}", "goals")
    (found, *_) = await looks(north)
    for path in (f"{LOOKS}?person_id=teacher", f"{LOOKS}/{found['look_id']}"):
        assert (await get(north, who, path)).status_code == 404
    missing = await get(north, who, f"{LOOKS}/none")
    assert missing.json() | {"instance": "", "trace_id": ""} == (
        await get(north, who, f"{LOOKS}/{found['look_id']}")
    ).json() | {"instance": "", "trace_id": ""}
    partner = await get(north, "north/acme?goals.read", LOOKS)
    assert partner.status_code in (400, 403, 422)


async def test_the_list_is_narrowed() -> None:
    north, goal = await with_goal()
    await get(north, "coach", f"{GOALS}/{goal}", "goals")
    await looks(north)
    north.clock.forward(days=2)
    await get(north, "admin", "/roster/v1/people/teacher", "roster")
    every = await looks(north)
    assert [each["viewer_id"] for each in await looks(north, query="?kind=person")] != []
    only = await looks(north, query="?viewer_id=coach")
    assert {each["viewer_id"] for each in only} == {"coach"}
    day = str(north.clock.now().date())
    late = await looks(north, query=f"?from_date={day}")
    assert late == every[: len(late)]
    assert [each["viewer_id"] for each in late] == ["admin"]
    assert await looks(north, query=f"?from_date={day}&to_date={day}") == late
    wrong = await get(north, "teacher", f"{LOOKS}?from_date={day}&to_date=2026-01-01")
    assert wrong.json()["code"] == "ends_before_it_begins"


async def test_it_is_one_chain_and_what_is_taken_out_or_changed_is_noticed() -> None:
    north, goal = await with_goal()
    for _ in range(4):
        north.clock.forward(minutes=5)
        await get(north, "coach", f"{GOALS}/{goal}", "goals")
        await looks(north)
    found = await looks(north)
    assert len(found) >= 4
    assert broken(found) == ""
    assert "missing" in broken([*found[:1], *found[2:]])
    assert "number 1 is missing" in broken(found[:-1])
    for name in HASHED:
        changed = [dict(each) for each in found]
        changed[1][name] = "x" if name not in ("number", "times") else 7
        assert broken(changed), name


def test_the_hash_is_what_is_documented() -> None:
    """A fixed value: whoever remembers an end of her list must find it again."""
    first = hash_of("", 1, told(1))
    assert first == "befb1431d719eff4359158c165825b030187ef41b8c3ce61030294e295a669e2"
    assert hash_of(first, 2, told(2)) != hash_of("", 2, told(2))
