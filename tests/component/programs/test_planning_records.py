"""Planning records over REST: who writes, who reads what and until when, and the chain as whoever
reads it checks it for herself, by what docs/privacy.md says."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from services.chassis.write import quota
from services.programs.record import recording
from tests.component.programs.test_circles import PAIR, act, group, paired
from tests.component.test_programs import ask
from tests.support.staff import PEOPLE, Held, Staffed, staffed

PATH = "/programs/v1/planning-entries"
HASHED = """relationship_id circle_id kind author_id text written_at device_at goal_id trial_id
    observation_id coaching_session_id administration_id corrects_id""".split()


@pytest.fixture
async def north() -> Staffed:
    more: dict[str, Held | None] = {"third": PEOPLE["teacher"]}
    return await staffed(None, **more)


async def write(north: Staffed, who: str, of: Mapping[str, str], text: str, **more: Any) -> Any:
    answer = await ask(north, who, "POST", PATH, {**of, "kind": "plan", "text": text, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(north: Staffed, who: str, query: str = "") -> list[Any]:
    """Those that she reads, the oldest first."""
    answer = await ask(north, who, "GET", f"{PATH}?order=oldest{query}")
    assert answer.status_code == 200, answer.text
    entries: list[Any] = answer.json()["planning_entries"]
    return entries


async def texts(north: Staffed, who: str, query: str = "") -> list[str]:
    return [each["text"] for each in await listed(north, who, query)]


async def code(north: Staffed, who: str, body: Mapping[str, Any]) -> tuple[int, str]:
    refused = await ask(north, who, "POST", PATH, {"kind": "plan", "text": "x", **body})
    return refused.status_code, refused.json().get("code", "")


def checked(entries: Sequence[Mapping[str, Any]]) -> None:
    """What docs/privacy.md says, of entries of one record, the oldest first."""

    def sha256(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    before = None
    for each in entries:
        if not each["erased"]:
            said = {name: each[name] for name in HASHED} | {"author_id": each["written_as_id"]}
            full = {name: value for name, value in said.items() if value}
            text = json.dumps(full, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            assert each["content_hash"] == sha256(each["salt"] + text)
        follows = each["hash_before"] or ""
        assert before is None or follows == before
        assert each["hash"] == sha256(f"{follows}:{each['number']}:{each['content_hash']}")
        before = each["hash"]


async def test_a_coach_and_her_teacher_write_for_each_other_and_nobody_else(
    north: Staffed,
) -> None:
    of = {"relationship_id": await north.coached()}
    first = await write(north, "coach", of, "Fewer questions", device_at="2026-09-01T08:00:00Z")
    again = await write(north, "teacher", of, "It was three", kind="reflect")
    assert (first["number"], again["number"], again["hash_before"]) == (1, 2, first["hash"])
    assert (again["author_id"], again["teacher_id"]) == ("teacher", "teacher")
    assert await texts(north, "coach") == await texts(north, "teacher")
    checked(await listed(north, "teacher"))
    path = f"{PATH}/{first['planning_entry_id']}"
    for who in ("admin", "leader", "peer", "other"):
        assert (await ask(north, who, "GET", path)).status_code == 404, who
        assert await texts(north, who) == [], who
        assert await code(north, who, of) == (404, "not_found"), who
        record = f"/programs/v1/planning-records/{of['relationship_id']}"
        assert (await ask(north, who, "GET", record)).status_code == 404, who


async def test_what_puts_it_right_is_another_of_her_own(north: Staffed) -> None:
    of = {"relationship_id": await north.coached()}
    wrong = await write(north, "teacher", of, "Three questions")
    corrects = {"corrects_id": wrong["planning_entry_id"]}
    right = await write(north, "teacher", of, "Four questions", **corrects)
    assert right["corrects_id"] == wrong["planning_entry_id"]
    assert await texts(north, "coach") == ["Three questions", "Four questions"]
    assert await code(north, "coach", {**of, **corrects}) == (422, "unknown_entry")
    assert await code(north, "teacher", {**of, "corrects_id": "none"}) == (422, "unknown_entry")
    checked(await listed(north, "coach"))
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await ask(north, "teacher", method, f"{PATH}/{wrong['planning_entry_id']}")
        assert answer.status_code == 405


async def test_many_who_write_at_once_all_get_in_without_a_fork(north: Staffed) -> None:
    circle = await paired(north)
    of = {"circle_id": circle["circle_id"]}
    await asyncio.gather(*(write(north, who, of, f"{who} {n}") for who in PAIR for n in range(6)))
    entries = await listed(north, "peer")
    assert [each["number"] for each in entries] == list(range(1, 13))
    assert len({each["text"] for each in entries}) == 12
    checked(entries)


async def test_what_comes_again_under_its_key_is_written_once(north: Staffed) -> None:
    of = {"relationship_id": await north.coached()}
    body = {**of, "kind": "next", "text": "Wait longer"}

    async def send(**more: Any) -> Any:
        async with north.client("programs", "north/coach") as client:
            headers = {"Idempotency-Key": "k-1"}
            return await client.post(PATH, json={**body, **more}, headers=headers)

    first = await send()
    await write(north, "teacher", of, "Between")
    again, *_ = await asyncio.gather(send(), send(), write(north, "teacher", of, "At once"))
    assert again.status_code == 201
    assert again.json() == first.json()
    assert (await send(text="Something else")).json()["code"] == "idempotency_key_reused"
    assert [each["number"] for each in await listed(north, "coach")] == [1, 2, 3]


async def test_who_comes_later_or_leaves_reads_what_was_written_while_she_was_in(
    north: Staffed,
) -> None:
    circle = await group(north, PAIR)
    of = {"circle_id": circle["circle_id"]}
    for who in PAIR:
        await act(north, who, circle, "join")
    await write(north, "teacher", of, "Before")
    await act(north, "teacher", circle, "invite", {"member_ids": ["third"]})
    assert await code(north, "third", of) == (404, "not_found")  # she has not said yes
    await act(north, "third", circle, "join")
    await write(north, "peer", of, "All three")
    await act(north, "peer", circle, "step-out")
    await write(north, "third", of, "Without her")
    assert await texts(north, "teacher") == ["Before", "All three", "Without her"]
    assert await texts(north, "peer") == ["Before", "All three"]
    assert await texts(north, "third") == ["All three", "Without her"]
    assert await code(north, "peer", of) == (404, "not_found")
    for who in ("teacher", "peer", "third"):
        checked(await listed(north, who))


async def test_who_facilitates_sees_that_there_are_entries_and_not_what_they_say(
    north: Staffed,
) -> None:
    circle = await group(north, PAIR)
    of = {"circle_id": circle["circle_id"]}
    for who in PAIR:
        await act(north, who, circle, "join")
    entry = await write(north, "teacher", of, "Not for her")
    path = f"/programs/v1/planning-records/{circle['circle_id']}"
    seen = await ask(north, "coach", "GET", path)
    assert seen.json() == (await ask(north, "peer", "GET", path)).json()
    assert seen.json() == {
        "record_id": circle["circle_id"],
        "record_of": "circle",
        "school_year": 2027,
        "entries": 1,
        "last_written_at": entry["written_at"],
        "end": f"1:{entry['hash']}",
    }
    assert await texts(north, "coach") == []
    assert await code(north, "coach", of) == (404, "not_found")
    one = await ask(north, "coach", "GET", f"{PATH}/{entry['planning_entry_id']}")
    assert one.status_code == 404


async def test_it_is_written_only_while_they_work_together_and_read_after(north: Staffed) -> None:
    relationship = await north.coached()
    of = {"relationship_id": relationship}
    await write(north, "coach", of, "While it lasts")
    circle = await paired(north)
    pair = {"circle_id": circle["circle_id"]}
    await write(north, "peer", pair, "A pair")
    await act(north, "teacher", circle, "pause")
    assert await code(north, "peer", pair) == (409, "not_together")
    await north.answer("teacher", relationship, "end")
    for who in ("coach", "teacher"):
        assert await code(north, who, of) == (409, "not_together")
    assert await texts(north, "coach") == ["While it lasts"]
    assert await texts(north, "teacher", f"&relationship_id={relationship}") == ["While it lasts"]


async def test_who_comes_to_lead_reads_her_own_words_alone(north: Staffed) -> None:
    circle = await paired(north)
    of = {"circle_id": circle["circle_id"]}
    hers = await write(north, "teacher", of, "Hers")
    own = await write(north, "peer", of, "Her own")
    leads = [*PEOPLE["teacher"], ("principal", "", "")]
    await north.roster(third=PEOPLE["teacher"], peer=leads)
    assert await texts(north, "peer") == ["Her own"]
    path = f"{PATH}/{hers['planning_entry_id']}"
    assert (await ask(north, "peer", "GET", path)).status_code == 404
    path = f"{PATH}/{own['planning_entry_id']}"
    assert (await ask(north, "peer", "GET", path)).status_code == 200
    assert await code(north, "peer", of) == (409, "not_together")
    assert await texts(north, "teacher") == ["Hers", "Her own"]


async def test_a_link_is_to_what_the_writer_is_shown_and_is_told_to_whom_it_is_shown(
    north: Staffed,
) -> None:
    circle = await paired(north, hers=["goals"], peers=[])
    goal = {
        "teacher_id": "teacher", "statement": "More talk", "focus_skill": "talk",
        "measure_id": "talk-share", "unit": "percent", "target": 60,
    }  # fmt: skip
    made = (await north.ask("north/teacher", "POST", "/goals/v1/goals", goal)).json()["goal_id"]
    await north.settle()
    of = {"circle_id": circle["circle_id"]}
    await write(north, "teacher", of, "For this", goal_id=made, trial_id="trial-1")
    assert await code(north, "peer", {**of, "goal_id": made}) == (422, "unknown_goal")
    stranger = {**of, "coaching_session_id": "none"}
    assert await code(north, "teacher", stranger) == (422, "unknown_session")
    (seen,) = await listed(north, "peer")
    assert (seen["goal_id"], seen["trial_id"]) == (made, "trial-1")
    await act(north, "teacher", circle, "join")
    (seen,) = await listed(north, "peer")
    assert (seen["goal_id"], seen["trial_id"], seen["text"]) == (None, None, "For this")


async def test_it_names_one_record_and_nobody_fills_anothers(
    north: Staffed, monkeypatch: Any
) -> None:
    of = {"relationship_id": await north.coached()}
    for body in ({}, {**of, "circle_id": "circle-1"}):
        assert await code(north, "teacher", body) == (422, "record_of_one")
    assert await code(north, "teacher", {"circle_id": "none"}) == (404, "not_found")
    monkeypatch.setattr(recording, "MOST_IN_RECORD", 1)
    monkeypatch.setattr(quota, "SECONDS", 0.0)
    await write(north, "teacher", of, "One")
    assert await code(north, "teacher", of) == (409, "too_many_entries")
    await write(north, "coach", of, "Hers")


async def test_the_timeline_says_that_something_was_written(north: Staffed) -> None:
    of = {"relationship_id": await north.coached()}
    circle = await paired(north)
    await write(north, "coach", of, "Canary", kind="observe")
    await write(north, "teacher", {"circle_id": circle["circle_id"]}, "Canary")
    await north.settle()

    async def items(who: str) -> list[tuple[str, str | None]]:
        path = "/insights/v1/timeline?teacher_id=teacher"
        answer = await north.ask(f"north/{who}", "GET", path)
        assert "Canary" not in answer.text
        found = [each for each in answer.json()["items"] if each["kind"] == "planning_entry"]
        return sorted((each["entry_kind"], each["coach_id"]) for each in found)

    assert await items("teacher") == [("observe", "coach"), ("plan", None)]
    assert await items("coach") == [("observe", "coach")]
    assert await items("peer") == []
