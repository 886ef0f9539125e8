"""Partners' programs that a district has registered: what their tokens open, and when no more."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from services.access.districts import District, Districts, PartnersLetIn
from tests.support.staff import Staffed
from tests.support.waiting import eventually

PARTNERS = "/privacy/v1/partners"
TERMS: dict[str, Any] = {
    "title": "The district's warehouse",
    "scopes": ["goals.read", "roster.read"],
    "contact": "Data office",
}
WHY = {"reason": "The contract has ended."}


async def north(rule: PartnersLetIn = PartnersLetIn.DECLARED) -> Staffed:
    """The rule holds once there is a roster: before, nobody could register anybody."""
    rules = {"north": District()}
    platform = Staffed(Districts(rules))
    await platform.roster()
    rules["north"] = District(partners=rule)
    return platform


async def ask(
    north: Staffed,
    who: str,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    service = path.split("/")[1]
    async with north.client(service, f"north/{who}") as client:
        return await client.request(method, path, json=body, headers=headers or {})


async def registered(north: Staffed, partner: str = "warehouse", **terms: Any) -> Any:
    body = {"partner_id": partner, **TERMS, **terms}
    answer = await ask(north, "admin", "POST", PARTNERS, body)
    assert answer.status_code == 201, answer.text
    await north.settle()
    return answer.json()


async def done(north: Staffed, step: str, partner: str = "warehouse") -> Any:
    answer = await ask(north, "admin", "POST", f"{PARTNERS}/{partner}/{step}", WHY)
    assert answer.status_code == 200, answer.text
    await north.settle()
    return answer.json()


async def opened(north: Staffed, scopes: str, path: str) -> tuple[int, str]:
    answer = await ask(north, f"warehouse?{scopes}", "GET", path)
    return answer.status_code, answer.json().get("code", "")


async def becomes(north: Staffed, path: str, wanted: tuple[int, str]) -> None:
    """That there is none is believed for a second."""

    async def is_so() -> bool:
        return await opened(north, EVERYTHING, path) == wanted

    await eventually(is_so)


ORGS, PEOPLE, GOALS = "/roster/v1/orgs", "/roster/v1/people", "/goals/v1/goals?teacher_id=teacher"
EVERYTHING = "roster.read+goals.read+observations.read"
OBSERVATIONS = "/observations/v1/observations?teacher_id=teacher"


async def test_a_token_opens_what_it_says_and_the_registration_does() -> None:
    platform = await north()
    assert await opened(platform, EVERYTHING, OBSERVATIONS) == (200, "")
    await registered(platform)
    await becomes(platform, OBSERVATIONS, (403, "scope_missing"))
    assert await opened(platform, EVERYTHING, GOALS) == (200, "")
    assert await opened(platform, EVERYTHING, PEOPLE) == (200, "")
    assert await opened(platform, "goals.read", PEOPLE) == (403, "scope_missing")


async def test_only_a_registered_one_is_let_in_where_the_district_says_so() -> None:
    platform = await north(PartnersLetIn.REGISTERED)
    assert await opened(platform, EVERYTHING, ORGS) == (403, "partner_not_registered")
    await registered(platform, "another")
    assert await opened(platform, EVERYTHING, ORGS) == (403, "partner_not_registered")
    await registered(platform)
    await becomes(platform, ORGS, (200, ""))


@pytest.mark.parametrize(
    ("step", "code"), [("suspend", "partner_suspended"), ("revoke", "partner_revoked")]
)
async def test_no_service_lets_in_one_that_is_suspended_or_revoked(step: str, code: str) -> None:
    platform = await north()
    await registered(platform)
    made = await done(platform, step)
    assert made["steps"][-1]["reason"] == WHY["reason"]
    for path in (ORGS, PEOPLE, GOALS, OBSERVATIONS):
        assert await opened(platform, EVERYTHING, path) == (403, code)


async def test_one_that_is_resumed_is_let_in_again_and_one_that_is_revoked_never() -> None:
    platform = await north()
    await registered(platform)
    await done(platform, "suspend")
    await done(platform, "resume")
    assert await opened(platform, EVERYTHING, GOALS) == (200, "")
    await done(platform, "revoke")
    for step in ("suspend", "resume", "revoke"):
        answer = await ask(platform, "admin", "POST", f"{PARTNERS}/warehouse/{step}", WHY)
        assert answer.status_code == 409, step
    again = await ask(platform, "admin", "POST", PARTNERS, {"partner_id": "warehouse", **TERMS})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert await opened(platform, EVERYTHING, GOALS) == (403, "partner_revoked")


async def test_it_opens_nothing_once_it_is_over_and_something_again_when_it_is_prolonged() -> None:
    platform = await north()
    until = platform.clock.now().replace(microsecond=0)
    made = await registered(platform, until=f"{until.year + 1}-01-01T00:00:00Z")
    assert await opened(platform, EVERYTHING, GOALS) == (200, "")
    platform.clock.forward(days=400)
    assert await opened(platform, EVERYTHING, GOALS) == (403, "partner_over")
    version = {"If-Match": f'"{made["version"]}"'}
    path = f"{PARTNERS}/warehouse/change"
    late = {**TERMS, "until": f"{until.year + 1}-02-01T00:00:00Z"}
    refused = await ask(platform, "admin", "POST", path, late, version)
    assert refused.json()["code"] == "until_in_the_past"
    assert (await ask(platform, "admin", "POST", path, TERMS, version)).status_code == 200
    await platform.settle()
    assert await opened(platform, EVERYTHING, GOALS) == (200, "")


async def test_a_registration_says_only_what_there_is() -> None:
    platform = await north()
    for more, code, place in (
        ({"scopes": ["goals.read", "goals.wirte"]}, "unknown_scope", "/scopes/1"),
        ({"until": "2001-01-01T00:00:00Z"}, "until_in_the_past", "/until"),
    ):
        body = {"partner_id": "warehouse", **TERMS, **more}
        answer = await ask(platform, "admin", "POST", PARTNERS, body)
        error = answer.json()
        assert (error["code"], error["errors"][0]["pointer"]) == (code, place)
    assert (await ask(platform, "admin", "GET", f"{PARTNERS}/warehouse")).status_code == 404


async def test_only_the_districts_administrators_have_to_do_with_it() -> None:
    platform = await north()
    await registered(platform)
    for who in ("coach", "teacher", "warehouse?goals.read"):
        body = {"partner_id": "more", **TERMS}
        assert (await ask(platform, who, "POST", PARTNERS, body)).status_code == 403
        for path in (PARTNERS, f"{PARTNERS}/warehouse"):
            assert (await ask(platform, who, "GET", path)).status_code == 403
    listed = await ask(platform, "admin", "GET", f"{PARTNERS}?state=active")
    assert [each["partner_id"] for each in listed.json()["partners"]] == ["warehouse"]


async def test_a_registration_is_that_of_its_own_district() -> None:
    platform = await north(PartnersLetIn.REGISTERED)
    await registered(platform)
    async with platform.client("goals", f"south/warehouse?{EVERYTHING}") as client:
        assert (await client.get(GOALS)).status_code == 200, "south has none, and declares it"
    await done(platform, "revoke")
    async with platform.client("goals", f"south/warehouse?{EVERYTHING}") as client:
        assert (await client.get(GOALS)).status_code == 200


async def test_a_place_that_is_told_of_one_is_where_it_is() -> None:
    platform = await north()
    body = {"partner_id": "acme/warehouse@1", **TERMS}
    made = await ask(platform, "admin", "POST", PARTNERS, body)
    found = await ask(platform, "admin", "GET", made.headers["Location"])
    assert found.json()["partner_id"] == "acme/warehouse@1"


async def test_the_same_again_is_registered_once_and_anything_else_not_at_all() -> None:
    platform = await north()
    first = await registered(platform)
    again = await registered(platform)
    assert (again["version"], again["registered_at"]) == (1, first["registered_at"])
    wider = {"partner_id": "warehouse", **TERMS, "scopes": ["journal.read"]}
    refused = await ask(platform, "admin", "POST", PARTNERS, wider)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_exists")
