"""A district's data-use policy: who has to sign it, and what never comes into force."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx2
import pytest

from tests.support.policies import document, public, signed, with_keys
from tests.support.staff import Staffed

POLICIES, STATEMENTS = "/privacy/v1/policies", "/privacy/v1/statements"
WORDS = {"title": "How coaching data is used", "text": "Only a teacher and her coach see goals."}
TERMS: dict[str, Any] = {
    "purposes": ["coaching"],
    "audiences": ["coach"],
    "acknowledge_before_sharing": True,
    "leaders_see": "nothing",
    "retention": [{"record": "goals", "days": 365}],
    "teacher_first_hours": 24,
    "recording": "none",
    "representatives_sign": 0,
}
UNION, GUILD = "union", "guild"


async def north() -> Staffed:
    platform = Staffed(with_keys(UNION, GUILD))
    await platform.roster()
    return platform


async def ask(
    north: Staffed, who: str, method: str, path: str, body: Any = None
) -> httpx2.Response:
    async with north.client("privacy", f"north/{who}") as client:
        return await client.request(method, path, json=body)


async def statement(north: Staffed, text: str = WORDS["text"]) -> str:
    north.clock.forward(seconds=1)
    words = {**WORDS, "text": text}
    made = (await ask(north, "admin", "POST", STATEMENTS, words)).json()["statement_id"]
    assert (await ask(north, "admin", "POST", f"{STATEMENTS}/{made}/publish")).status_code == 200
    return str(made)


async def proposed(north: Staffed, number: int = 1, **terms: Any) -> Any:
    if "statement_id" not in terms:
        terms["statement_id"] = await statement(north)
    body = {"number": number, **TERMS, **terms}
    answer = await ask(north, "admin", "POST", POLICIES, body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sign(north: Staffed, policy: Any, by: str, **changed: str) -> httpx2.Response:
    """Brought by a teacher, whosever key it is."""
    body = {**signed(policy, by), **changed}
    return await ask(north, "teacher", "POST", f"{POLICIES}/{policy['policy_id']}/sign", body)


async def enacted(north: Staffed, *by: str, number: int = 1, **terms: Any) -> Any:
    policy = await proposed(north, number, **terms)
    for each in by:
        answer = await sign(north, policy, each)
        assert answer.status_code == 200, answer.text
        policy = answer.json()
    assert policy["state"] == "enacted"
    return policy


def code(answer: httpx2.Response) -> tuple[int, str, str]:
    said = answer.json()
    place = said["errors"][0]["pointer"] if said.get("errors") else ""
    return answer.status_code, said.get("code", ""), place


async def test_the_district_alone_signs_where_nobody_else_is_asked_for() -> None:
    platform = await north()
    policy = await enacted(platform, "district")
    (signature,) = policy["signatures"]
    assert (signature["signer"], signature["key"]) == ("district", public("district"))
    assert policy["document_sha256"] == hashlib.sha256(document(policy)).hexdigest()
    listed = await ask(platform, "coach", "GET", f"{POLICIES}?state=enacted")
    assert [each["policy_id"] for each in listed.json()["policies"]] == [policy["policy_id"]]


async def test_a_version_is_enacted_when_the_last_has_signed() -> None:
    platform = await north()
    policy = await proposed(platform, representatives_sign=2)
    for by in (UNION, "district", UNION):  # the same one twice is one
        policy = (await sign(platform, policy, by)).json()
        assert policy["state"] == "proposed"
    policy = (await sign(platform, policy, GUILD)).json()
    assert (policy["state"], len(policy["signatures"])) == ("enacted", 3)
    assert {each["name"] for each in policy["signatures"]} == {"", UNION, GUILD}


async def test_representatives_alone_enact_nothing() -> None:
    platform = await north()
    policy = await proposed(platform)
    for by in (UNION, GUILD):
        policy = (await sign(platform, policy, by)).json()
    assert policy["state"] == "proposed"


async def test_a_key_that_nobody_named_signs_nothing() -> None:
    platform = await north()
    policy = await proposed(platform)
    wrong = await sign(platform, policy, "stranger")
    assert code(wrong) == (422, "unknown_key", "/key")
    told = await sign(platform, policy, "stranger", key=public("district"))
    assert code(told) == (422, "wrong_signature", "/signature")
    found = await ask(platform, "coach", "GET", f"{POLICIES}/{policy['policy_id']}")
    assert (found.json()["signatures"], found.json()["version"]) == ([], 1)


async def test_a_signature_is_of_one_document() -> None:
    platform = await north()
    first = await proposed(platform)
    again = await proposed(platform, teacher_first_hours=0)
    assert (again["policy_id"], again["version"]) == (first["policy_id"], 2)
    old = signed(first, "district")
    path = f"{POLICIES}/{first['policy_id']}/sign"
    answer = await ask(platform, "teacher", "POST", path, old)
    assert code(answer) == (409, "another_document", "")
    replayed = {**old, "document_sha256": again["document_sha256"]}
    answer = await ask(platform, "teacher", "POST", path, replayed)
    assert code(answer) == (422, "wrong_signature", "/signature")


async def test_what_was_signed_of_another_proposal_counts_no_more() -> None:
    platform = await north()
    first = await proposed(platform, representatives_sign=1)
    assert len((await sign(platform, first, UNION)).json()["signatures"]) == 1
    again = await proposed(platform, recording="with_consent", representatives_sign=1)
    assert again["signatures"] == []
    assert (await sign(platform, again, "district")).json()["state"] == "proposed"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("audiences", ["coach", "partner"]),
        ("acknowledge_before_sharing", False),
        ("leaders_see", "counts"),
        ("retention", []),
        ("retention", [{"record": "goals", "days": 364}]),
        ("teacher_first_hours", 0),
        ("recording", "with_consent"),
    ],
)
async def test_a_looser_version_needs_the_representatives_too(term: str, value: Any) -> None:
    platform = await north()
    await enacted(platform, "district")
    looser = await proposed(platform, 2, **{term: value})
    assert (looser["loosened"], looser["representatives_needed"]) == ([term], 1)
    assert (await sign(platform, looser, "district")).json()["state"] == "proposed"
    assert (await sign(platform, looser, GUILD)).json()["state"] == "enacted"


async def test_a_tighter_one_does_not() -> None:
    platform = await north()
    first = await enacted(platform, "district")
    second = await enacted(platform, "district", number=2, audiences=[], teacher_first_hours=72)
    assert (second["before"], second["loosened"]) == (first["document_sha256"], [])


async def test_other_words_are_signed_by_the_representatives_too() -> None:
    platform = await north()
    await enacted(platform, "district")
    words = await statement(platform, "Everybody sees goals.")
    second = await proposed(platform, 2, statement_id=words)
    assert (second["loosened"], second["representatives_needed"]) == ([], 1)
    assert (await sign(platform, second, "district")).json()["state"] == "proposed"
    assert (await sign(platform, second, UNION)).json()["state"] == "enacted"


async def test_a_district_whose_teachers_have_no_representatives_words_it_anew() -> None:
    platform = Staffed(with_keys())
    await platform.roster()
    await enacted(platform, "district")
    words = await statement(platform, "Only she and her coach see her goals.")
    await enacted(platform, "district", number=2, statement_id=words)


async def test_the_words_of_a_proposal_stand_for_no_other() -> None:
    """Nor do those that were published before it was made: who has acknowledged them has not read
    them as of this one."""
    platform = await north()
    older = await statement(platform)
    first = await proposed(platform)
    body = {"number": 1, **TERMS, "recording": "with_consent"}
    for words in (first["statement_id"], older):
        answer = await ask(platform, "admin", "POST", POLICIES, {**body, "statement_id": words})
        assert code(answer) == (422, "statement_not_new", "/statement_id")
    same = await proposed(platform, statement_id=first["statement_id"])
    assert same["version"] == first["version"]
    await proposed(platform, recording="with_consent")


async def test_a_proposal_does_not_come_back_with_what_was_signed_of_it() -> None:
    platform = await north()
    first = await proposed(platform, representatives_sign=1)
    await sign(platform, first, UNION)
    await proposed(platform, leaders_see="counts", representatives_sign=1)
    body = {name: first[name] for name in (*TERMS, "statement_id", "number")}
    again = await ask(platform, "admin", "POST", POLICIES, body)
    assert code(again) == (422, "statement_not_new", "/statement_id")


async def test_who_signed_the_version_before_is_asked_again() -> None:
    """Else the next version could leave them out."""
    platform = await north()
    await enacted(platform, "district", UNION, GUILD, representatives_sign=2)
    next_one = await proposed(platform, 2, representatives_sign=0)
    assert next_one["representatives_needed"] == 2


async def test_an_old_version_does_not_come_back() -> None:
    platform = await north()
    first = await enacted(platform, "district", UNION, representatives_sign=1)
    body = {name: first[name] for name in (*TERMS, "statement_id", "number")}
    again = await ask(platform, "admin", "POST", POLICIES, {**body, "leaders_see": "counts"})
    assert code(again) == (409, "already_enacted", "")
    read_as_of_first = await ask(platform, "admin", "POST", POLICIES, {**body, "number": 2})
    assert code(read_as_of_first) == (422, "statement_not_new", "/statement_id")
    second = await proposed(platform, 2, representatives_sign=1)
    old = {**signed(first, "district"), "document_sha256": second["document_sha256"]}
    path = f"{POLICIES}/{second['policy_id']}/sign"
    answer = await ask(platform, "teacher", "POST", path, old)
    assert code(answer) == (422, "wrong_signature", "/signature")
    late = await sign(platform, first, GUILD)
    assert code(late) == (409, "already_enacted", "")


@pytest.mark.parametrize("number", [2, 3])
async def test_a_version_follows_the_one_before(number: int) -> None:
    platform = await north()
    first = await proposed(platform)
    body = {**TERMS, "number": number, "statement_id": first["statement_id"]}
    assert code(await ask(platform, "admin", "POST", POLICIES, body)) == (409, "not_next", "")


async def test_evaluation_is_no_purpose_whoever_signs() -> None:
    platform = await north()
    body = {"number": 1, "statement_id": await statement(platform), **TERMS}
    for purposes in (["evaluation"], ["coaching", "evaluation"], []):
        answer = await ask(platform, "admin", "POST", POLICIES, {**body, "purposes": purposes})
        assert code(answer) == (422, "purpose_not_allowed", "/purposes")


async def test_the_words_are_published_first() -> None:
    platform = await north()
    draft = (await ask(platform, "admin", "POST", STATEMENTS, WORDS)).json()["statement_id"]
    for each in (draft, "no-such"):
        body = {"number": 1, "statement_id": each, **TERMS}
        answer = await ask(platform, "admin", "POST", POLICIES, body)
        assert code(answer) == (422, "unknown_statement", "/statement_id")


async def test_the_words_are_signed_too() -> None:
    platform = await north()
    policy = await proposed(platform)
    words = f"{WORDS['title']}\n\n{WORDS['text']}"
    assert policy["statement_sha256"] == hashlib.sha256(words.encode()).hexdigest()


async def test_only_the_district_proposes() -> None:
    platform = await north()
    body = {"number": 1, "statement_id": await statement(platform), **TERMS}
    for who in ("teacher", "coach", "leader"):
        answer = await ask(platform, who, "POST", POLICIES, body)
        assert code(answer) == (403, "forbidden", "")
