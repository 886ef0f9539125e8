"""What is kept beside people under an id like a person's is nobody: a district's data-use policy,
and its partners."""

from __future__ import annotations

from typing import Any

import pytest

from services.access.privacy_keys import POLICY_ROW
from services.access.registered import registration_id
from tests.component.test_partners import ask, registered
from tests.component.test_retention import enacted
from tests.support.coaching import Coaching
from tests.support.policies import with_keys
from tests.support.staff import Staffed, staffed

NOBODY = (POLICY_ROW, registration_id("north", "warehouse"))
WHY = {"reason": "Somebody has asked for it."}
WORDS = {"given_name": "Nora", "family_name": "Newman", "org_id": "school"}


@pytest.fixture
async def north() -> Staffed:
    """Where a policy is in force, and a partner is registered."""
    north = await staffed(with_keys("union"))
    await enacted(Coaching(north), north, "admin", 1, goals=60)
    await registered(north)
    return north


async def refusal(north: Staffed, path: str, body: Any, method: str = "POST") -> tuple[Any, ...]:
    answer = await ask(north, "admin", method, path, body)
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"], error["pointer"]


@pytest.mark.parametrize("person", NOBODY, ids=["the policy", "a partner"])
async def test_nothing_is_ordered_or_held_about_it(north: Staffed, person: str) -> None:
    for what in ("order", "hold"):
        place = f"/privacy/v1/erasures/{person}/{what}"
        assert await refusal(north, place, WHY) == (422, "unknown_person", "/person_id")
    assert (await ask(north, "admin", "GET", "/privacy/v1/erasures")).json()["erasures"] == []


@pytest.mark.parametrize("person", NOBODY, ids=["the policy", "a partner"])
async def test_no_records_officer_is_named_for_it(north: Staffed, person: str) -> None:
    body: dict[str, Any] = {
        "person_id": "coach",
        "role": "records_officer",
        "person_ids": [person],
        "end_date": "2026-10-20",
        **WHY,
    }
    told = await refusal(north, "/roster/v1/grants", body)
    assert told == (422, "unknown_person", "/person_ids")


async def test_nobody_is_added_by_the_id_of_the_policy(north: Staffed) -> None:
    told = await refusal(north, f"/roster/v1/people/{POLICY_ROW}/provisional", WORDS, "PUT")
    assert told == (422, "reserved_id", "/person_id")
