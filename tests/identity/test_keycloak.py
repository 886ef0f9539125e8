"""People and programs come with tokens of a real identity provider, to services with the settings
of production."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from tests.identity.conftest import asked, me, of, of_a_program
from tests.support.keycloak import Keycloak, rotate
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

GOAL = {
    "teacher_id": "teacher-0001",
    "statement": "Students explain their thinking to each other",
    "focus_skill": "questioning",
    "measure_id": "student-talk-share",
    "unit": "percent",
    "target": 60,
}
FETCHED_SECONDS = 90  # keys are asked for once a minute at most


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


async def test_a_person_is_who_the_claim_says_without_a_sub(
    keycloak: Keycloak, stack: RunningStack
) -> None:
    token = await of(keycloak, "teacher-0001")
    claims = part(token, 1)
    assert "sub" not in claims
    assert claims["roster_id"] == "teacher-0001"
    assert part(token, 0)["typ"] == "at+jwt"
    sent = {"json": GOAL}
    assert await asked(stack, "POST", "goals", "/goals", token, **sent) == (201, "")
    other = await of(keycloak, "coach-01")
    assert await me(stack, "roster", other) == (200, "")
    refused = await asked(stack, "POST", "goals", "/goals", other, **sent)
    assert refused == (404, "not_found"), "nobody has said that she coaches her"


async def test_a_program_may_do_what_its_token_says_and_its_issuer_too(
    keycloak: Keycloak, stack: RunningStack
) -> None:
    reads = await of_a_program(keycloak, "roster.read")
    assert await asked(stack, "GET", "roster", "/people", reads) == (200, "")
    assert await asked(stack, "GET", "goals", "/goals?teacher_id=teacher-0001", reads) == (
        403,
        "scope_missing",
    )
    more = await of_a_program(keycloak, "goals.read")
    refused = await asked(stack, "GET", "goals", "/goals?teacher_id=teacher-0001", more)
    assert refused == (403, "scope_missing"), "its issuer is not trusted with that"


async def test_what_is_no_access_token_for_tandem_is_refused(
    keycloak: Keycloak, stack: RunningStack
) -> None:
    said = await keycloak.signed_in("teacher-0001")
    assert await me(stack, "roster", said["access_token"]) == (200, "")
    assert (await me(stack, "roster", said["id_token"]))[0] == 401
    of_another = await keycloak.tokens(
        "master",
        grant_type="password",
        client_id="admin-cli",
        username="admin",
        password="only-for-tests",
    )
    assert (await me(stack, "roster", of_another["access_token"]))[0] == 401
    too_long = await of(keycloak, "teacher-0001", "careless")
    assert (await me(stack, "roster", too_long))[0] == 401, "it lives for two hours"


async def test_a_code_is_worth_nothing_to_who_did_not_ask_for_it(keycloak: Keycloak) -> None:
    verifier = "v" * 64
    with pytest.raises(AssertionError, match="code_challenge"):
        await keycloak.code("frontend", "teacher-0001", "")
    for said in ("w" * 64, ""):
        code = await keycloak.code("frontend", "teacher-0001", verifier)
        with pytest.raises(AssertionError, match="invalid_grant"):
            await keycloak.exchanged("frontend", code, said)
    with pytest.raises(AssertionError, match="unauthorized_client"):
        await keycloak.tokens(
            "staff",
            grant_type="password",
            client_id="frontend",
            username="user-of-teacher-0001",
            password="teacher-0001",
        )


async def test_keys_are_rotated(keycloak: Keycloak, stack: RunningStack) -> None:
    """New ones are taken at once, tokens of the old ones to their end, and no longer."""
    old, short = await of(keycloak, "teacher-0001"), await of(keycloak, "teacher-0001", "hasty")
    assert await me(stack, "roster", short) == (200, "")
    await rotate(keycloak, "staff")
    new = await of(keycloak, "teacher-0001")
    assert part(new, 0)["kid"] != part(old, 0)["kid"]

    async def taken() -> bool:
        return await me(stack, "roster", new) == (200, "")

    await eventually(taken, FETCHED_SECONDS)
    assert await me(stack, "roster", old) == (200, "")

    async def over() -> bool:
        return (await me(stack, "roster", short))[0] == 401

    await eventually(over, FETCHED_SECONDS)
    assert await me(stack, "roster", old) == (200, ""), "this one lives for five minutes"
