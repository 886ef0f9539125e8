"""A district states how coaching data is used, and its staff say that they have read it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.support.staff import Staffed, staffed

STATEMENTS, READ = "/privacy/v1/statements", "/privacy/v1/acknowledgments"
WORDS = {"title": "How coaching data is used", "text": "Only a teacher and her coach see goals."}


async def ask(
    north: Staffed, who: str, method: str, path: str, body: Any = None
) -> httpx2.Response:
    async with north.client("privacy", f"north/{who}") as client:
        return await client.request(method, path, json=body)


async def published(north: Staffed) -> str:
    made = (await ask(north, "admin", "POST", STATEMENTS, WORDS)).json()["statement_id"]
    assert (await ask(north, "admin", "POST", f"{STATEMENTS}/{made}/publish")).status_code == 200
    return str(made)


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_the_district_states_and_all_staff_read() -> None:
    north = await staffed()
    assert code(await ask(north, "coach", "POST", STATEMENTS, WORDS)) == (403, "forbidden")
    made = await published(north)
    for who in ("teacher", "coach", "leader"):
        found = (await ask(north, who, "GET", f"{STATEMENTS}/{made}")).json()
        assert (found["text"], found["state"]) == (WORDS["text"], "published")
        (listed,) = (await ask(north, who, "GET", STATEMENTS)).json()["statements"]
        assert "text" not in listed


async def test_a_published_statement_does_not_change() -> None:
    north = await staffed()
    made = await published(north)
    for step in ("publish", "withdraw"):
        refused = await ask(north, "admin", "POST", f"{STATEMENTS}/{made}/{step}")
        assert code(refused) == (409, "not_draft")


async def test_a_person_acknowledges_a_statement_once_for_herself() -> None:
    north = await staffed()
    said = {"statement_id": await published(north)}
    first = (await ask(north, "teacher", "POST", READ, said)).json()
    assert (first["person_id"], first["version"]) == ("teacher", 1)
    north.clock.forward(days=1)
    again = await ask(north, "teacher", "POST", READ, said)
    assert (again.status_code, again.json()) == (201, first)
    assert (await ask(north, "teacher", "GET", READ)).json()["acknowledgments"] == [first]
    assert (await ask(north, "coach", "GET", READ)).json()["acknowledgments"] == []


async def test_the_district_sees_who_has_read_and_nobody_else_does() -> None:
    north = await staffed()
    said = {"statement_id": await published(north)}
    made = [(await ask(north, who, "POST", READ, said)).json() for who in ("teacher", "coach")]
    of_all = f"{READ}?statement_id={said['statement_id']}"
    found = (await ask(north, "admin", "GET", of_all)).json()["acknowledgments"]
    assert sorted(each["person_id"] for each in found) == ["coach", "teacher"]
    one = f"{READ}/{made[0]['acknowledgment_id']}"
    assert (await ask(north, "admin", "GET", one)).json() == made[0]
    for path in (of_all, f"{READ}?person_id=teacher", one):
        assert (await ask(north, "coach", "GET", path)).status_code in (403, 404)


@pytest.mark.parametrize("what", ["draft", "nothing"])
async def test_only_what_is_published_is_acknowledged(what: str) -> None:
    north = await staffed()
    draft = (await ask(north, "admin", "POST", STATEMENTS, WORDS)).json()["statement_id"]
    said = {"statement_id": draft if what == "draft" else "no-such"}
    assert code(await ask(north, "coach", "POST", READ, said)) == (422, "unknown_statement")
