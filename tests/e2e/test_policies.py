"""A district's data-use policy on real engines: signed by the command line with the keys of the
district and of its teachers, and by nobody else."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx2

from tests.support.coaching import Coaching
from tests.support.policies import private, public, signed, text
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

DISTRICT, ADMIN, TEACHER = "meadow", "admin-01", "teacher-0001"
POLICIES, STATEMENTS = "/privacy/v1/policies", "/privacy/v1/statements"
TERMS: dict[str, Any] = {
    "number": 1,
    "purposes": ["coaching"],
    "audiences": ["coach"],
    "acknowledge_before_sharing": True,
    "leaders_see": "nothing",
    "retention": [{"record": "goals", "days": 365}],
    "teacher_first_hours": 24,
    "recording": "none",
    "representatives_sign": 1,
}


class Meadow(Coaching):
    def __init__(self, stack: RunningStack, folder: Path) -> None:
        super().__init__(stack, DISTRICT)
        self.stack, self.folder = stack, folder

    async def statement(self, text: str) -> str:
        made = await self.post(ADMIN, STATEMENTS, {"title": "How data is used", "text": text})
        await self.post(ADMIN, f"{STATEMENTS}/{made['statement_id']}/publish")
        return str(made["statement_id"])

    async def asked(self, person: str, method: str, path: str, body: Any = None) -> Any:
        async with self.stack.client(path.split("/")[1], self.who(person)) as client:
            return await client.request(method, path, json=body)

    async def command(self, *typed: str) -> tuple[int, str]:
        """`tandem privacy policy` as its users type it: exit code and output."""
        given = ["--district", DISTRICT, "--url", self.stack.stack.rest("privacy")]
        given += ["--token", self.stack.token(self.who(ADMIN))]
        program = [sys.executable, "-m", "services.ctl", "privacy", "policy", *typed, *given]
        process = await asyncio.create_subprocess_exec(
            *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        told, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, told.decode()

    async def accepts(self, relationship: str) -> bool:
        return bool((await self.answered(relationship)).status_code == 200)

    async def answered(self, relationship: str) -> Any:
        path = f"/programs/v1/relationships/{relationship}/accept"
        return await self.asked(TEACHER, "POST", path)


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def test_a_policy_is_signed_by_both_and_by_nobody_else(
    stack: RunningStack, tmp_path: Path
) -> None:
    meadow = Meadow(stack, tmp_path)
    await meadow.import_roster()
    await meadow.may(ADMIN, "/roster/v1/people")
    words = await meadow.statement("Only a teacher and her coach see her goals.")
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps({**TERMS, "statement_id": words}))
    status, told = await meadow.command("propose", str(terms))
    assert status == 0, told
    for who in ("stranger", "union"):
        key = tmp_path / who
        key.write_text(text(private(who).private_bytes_raw()))
        status, told = await meadow.command("sign", "1", "--key", str(key), "--dry-run")
        assert (status, "Only a teacher" in told) == (0, True), told
        read = ["--document", told.split()[-1]]
        status, told = await meadow.command("sign", "1", "--key", str(key), *read)
        assert (status, "unknown_key" in told) == ((4, True) if who == "stranger" else (0, False))
    proposal = (await meadow.asked(TEACHER, "GET", POLICIES)).json()["policies"][0]
    place = f"{POLICIES}/{proposal['policy_id']}/sign"
    forged = {**signed(proposal, "stranger"), "key": public("district")}
    assert code(await meadow.asked(ADMIN, "POST", place, forged)) == (422, "wrong_signature")
    await meadow.post(TEACHER, place, signed(proposal, "district"))
    district = ["--district-key", public("district")]
    union = ["--representative-key", public("union")]
    status, told = await meadow.command("verify", *district, *union)
    assert (status, told) == (0, f"1 versions, signed, in force 1:{proposal['document_sha256']}\n")
    assert (await meadow.command("verify", *district))[0] == 7

    again = await meadow.asked(ADMIN, "POST", POLICIES, {**TERMS, "statement_id": words})
    assert again.json()["state"] == "enacted"  # the same, which changes nothing
    downgrade = {**TERMS, "statement_id": words, "leaders_see": "counts"}
    assert code(await meadow.asked(ADMIN, "POST", POLICIES, downgrade)) == (409, "already_enacted")

    made = await nothing_is_shared_before(meadow)
    await meadow.post(TEACHER, "/privacy/v1/acknowledgments", {"statement_id": words})
    await eventually(lambda: meadow.accepts(made), timeout=20)

    words = await meadow.statement("Leaders see counts.")
    body = {**TERMS, "number": 2, "statement_id": words, "leaders_see": "counts"}
    second = await meadow.post(ADMIN, POLICIES, {**body, "representatives_sign": 0})
    assert (second["loosened"], second["representatives_needed"]) == (
        ["leaders_see", "representatives_sign"],
        1,
    )
    place = f"{POLICIES}/{second['policy_id']}/sign"
    replayed = {**signed(proposal, "union"), "document_sha256": second["document_sha256"]}
    assert code(await meadow.asked(ADMIN, "POST", place, replayed)) == (422, "wrong_signature")
    alone = await meadow.post(ADMIN, place, signed(second, "district"))
    assert alone["state"] == "proposed"
    assert (await meadow.post(ADMIN, place, signed(second, "union")))["state"] == "enacted"
    end = f"2 versions, signed, in force 2:{second['document_sha256']}\n"
    assert await meadow.command("verify", *district, *union) == (0, end)
    await eventually(lambda: no_more_is_shared_before(meadow, made), timeout=20)


async def no_more_is_shared_before(meadow: Meadow, relationship: str) -> bool:
    """Whether a teacher who has not acknowledged what is in force may show her coach less, and then
    no more."""
    path = f"/programs/v1/relationships/{relationship}/accept"
    await meadow.post(TEACHER, path, {"coach_sees": ["goals"]})
    more = await meadow.asked(TEACHER, "POST", path, {"coach_sees": ["goals", "surveys"]})
    return code(more) == (409, "policy_not_acknowledged")


async def nothing_is_shared_before(meadow: Meadow) -> str:
    """A proposal that cannot be accepted, as soon as the programs service knows what is in force;
    its id. What begins before it does is ended and proposed again."""
    body = {"coach_id": "coach-01", "teacher_id": TEACHER}
    v1, made = "/programs/v1/relationships", ""

    async def refused() -> bool:
        nonlocal made
        made = (await meadow.post("coach-01", v1, body))["relationship_id"]
        answer = await meadow.answered(made)
        if answer.status_code == 200:
            await meadow.post(TEACHER, f"{v1}/{made}/end")
            return False
        return code(answer) == (409, "policy_not_acknowledged")

    await meadow.may("coach-01", v1)
    await meadow.may(TEACHER, v1)
    await eventually(refused, timeout=20)
    return made
