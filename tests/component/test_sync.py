"""What a device did while it was offline, sent in one batch."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from services.assembly.sync.cases import MOST_OF_ONE
from services.chassis.rates import Rate, Rates
from tandem_client import created_id
from tests.support.filled import Filled
from tests.support.filling import COACH, TEACHER
from tests.support.operations import example_body

NORTH = "north"
HERS, COACHS = f"{NORTH}/{TEACHER}", f"{NORTH}/{COACH}"
GOALS = "/goals/v1/goals"
Said = dict[str, Any]


def command(operation: str, **more: Any) -> Said:
    return {"command_id": str(uuid.uuid4()), "operation": operation, **more}


def on_goal(operation: str, goal: str, base: int | None = None, body: Said | None = None) -> Said:
    return command(operation, path={"goal_id": goal}, body=body, base_version=base)


def progress(goal: str, value: float) -> Said:
    return on_goal("record_progress", goal, body={"value": value})


def edit(goal: str, base: int | None, statement: str) -> Said:
    return on_goal("edit_goal", goal, base, {"statement": statement})


def outcomes(answers: list[Said]) -> list[str]:
    return [each["outcome"] for each in answers]


@pytest.fixture
async def platform() -> Filled:
    made = Filled()
    await made.fill(NORTH)
    return made


async def synced(
    platform: Filled, *commands: Said, by: str = HERS, service: str = "goals"
) -> list[Said]:
    sent = await platform.ask(by, "POST", f"/{service}/v1/sync", {"commands": list(commands)})
    answers: list[Said] = sent.json()["answers"]
    assert [each["command_id"] for each in answers] == [each["command_id"] for each in commands]
    return answers


def draft(platform: Filled, **more: Any) -> tuple[Said, str]:
    """A command that drafts a goal, and the id that it will have."""
    said = command("draft_goal", body=example_body(platform, "draft_goal", platform.ids[NORTH]))
    said["body"] |= more
    return said, created_id(NORTH, TEACHER, "draft_goal", said["command_id"])


async def drafted(platform: Filled) -> str:
    said, goal = draft(platform)
    assert outcomes(await synced(platform, said)) == ["applied"]
    return goal


async def the_goal(platform: Filled, goal: str) -> Said:
    found: Said = (await platform.ask(HERS, "GET", f"{GOALS}/{goal}")).json()
    return found


async def test_what_was_made_offline_is_worked_on_by_the_id_that_it_will_have(
    platform: Filled,
) -> None:
    made, goal = draft(platform)
    batch = [
        made,
        edit(goal, 1, "First"),
        edit(goal, 1, "Second"),  # her device has heard of no version since
        on_goal("activate_goal", goal, 3),  # or counts itself
        progress(goal, 41),
        progress(goal, 42),
    ]
    answers = await synced(platform, *batch)
    assert outcomes(answers) == ["applied"] * 6
    assert [each["version"] for each in answers] == [1, 2, 3, 4, 5, 6]
    assert answers[0]["location"] == f"/goals/{goal}"
    now = await the_goal(platform, goal)
    assert (now["statement"], now["state"], now["version"]) == ("Second", "active", 6)
    assert [each["value"] for each in now["progress"]] == [41, 42]
    assert answers[5]["state"] == now
    again = await synced(platform, *batch)
    assert outcomes(again) == ["duplicate"] * 6
    assert await the_goal(platform, goal) == now


async def test_what_another_device_changed_is_shown_and_stays(platform: Filled) -> None:
    goal = await drafted(platform)
    (theirs,) = await synced(platform, edit(goal, 1, "The other"))
    (mine, second) = await synced(platform, edit(goal, 1, "Mine"), edit(goal, 1, "Mine, too"))
    for each in (mine, second):
        assert (each["outcome"], each["version"], each["again"]) == ("conflict", 2, False)
        assert each["problem"]["code"] == "stale_version"
        assert each["state"] == theirs["state"]
    (decided,) = await synced(platform, edit(goal, 2, "Both"))
    assert decided["outcome"] == "applied"


async def test_what_the_batch_does_is_seen_only_as_far_as_nobody_else_wrote(
    platform: Filled,
) -> None:
    goal = await drafted(platform)
    first = edit(goal, 1, "Mine")
    await synced(platform, first)
    await platform.ask(COACHS, "PATCH", f"{GOALS}/{goal}", {"statement": "X"}, status=403)
    await platform.ask(HERS, "PATCH", f"{GOALS}/{goal}", {"statement": "On the other"})
    answers = await synced(platform, first, edit(goal, 1, "And mine"))
    assert outcomes(answers) == ["duplicate", "conflict"]
    assert answers[1]["state"]["statement"] == "On the other"


async def test_what_is_added_to_a_thing_shows_nothing_of_it(platform: Filled) -> None:
    goal = await drafted(platform)
    await synced(platform, on_goal("activate_goal", goal, 1))
    await synced(platform, progress(goal, 40))  # from another device: version 3
    revised = {"reason": "Less is enough", "target": 50}
    batch = [progress(goal, 41), on_goal("revise_goal", goal, 2, revised)]
    assert outcomes(await synced(platform, *batch)) == ["applied", "conflict"]
    seen = [progress(goal, 42), on_goal("revise_goal", goal, 4, revised)]
    assert outcomes(await synced(platform, *seen)) == ["applied", "applied"]


async def test_what_changed_nothing_claims_no_version_of_somebody_elses(platform: Filled) -> None:
    goal = await drafted(platform)
    same = edit(goal, 1, (await the_goal(platform, goal))["statement"])
    (nothing,) = await synced(platform, same)
    assert (nothing["outcome"], nothing["version"]) == ("applied", 1)
    await synced(platform, edit(goal, 1, "On the other device"))  # which is version 2
    answers = await synced(platform, same, edit(goal, 1, "Over it"))
    assert outcomes(answers) == ["duplicate", "conflict"]
    assert (await the_goal(platform, goal))["statement"] == "On the other device"


async def test_what_ends_wins_over_what_was_done_meanwhile(platform: Filled) -> None:
    goal = await drafted(platform)
    await synced(platform, edit(goal, 1, "Another"), on_goal("activate_goal", goal, 2))
    answers = await synced(platform, on_goal("abandon_goal", goal, 1), edit(goal, 1, "Late"))
    assert outcomes(answers) == ["applied", "conflict"]
    assert answers[1]["state"]["state"] == "abandoned"
    (needs,) = await synced(platform, on_goal("abandon_goal", goal))
    assert needs["problem"]["errors"][0]["pointer"] == "/commands/0/base_version"


async def test_an_end_that_was_meant_for_what_was_before_ends_nothing_agreed_anew(
    platform: Filled,
) -> None:
    body = {"coach_id": "coach-02", "teacher_id": TEACHER, "school_year": 2027}
    place, other = "/programs/v1/relationships", f"{NORTH}/coach-02"
    made = (await platform.ask(HERS, "POST", place, body)).json()
    path = {"relationship_id": made["relationship_id"]}

    async def late(operation: str, base: int, by: str = HERS) -> Said:
        said = command(operation, path=path, base_version=base)
        (answer,) = await synced(platform, said, by=by, service="programs")
        return answer

    assert (await late("accept_relationship", 1, other))["outcome"] == "applied"
    assert (await late("end_relationship", 1))["outcome"] == "applied"  # accepted or not
    again = (await platform.ask(HERS, "POST", place, body)).json()
    assert (again["relationship_id"], again["version"]) == (made["relationship_id"], 4)
    await late("accept_relationship", 4, other)
    for base in (1, 2, 3):
        meant_before = await late("end_relationship", base, other)
        assert (meant_before["outcome"], meant_before["state"]["state"]) == ("conflict", "active")
    assert (await late("end_relationship", 4))["outcome"] == "applied"


async def test_what_was_taken_back_is_not_begun_anew_by_a_device_that_comes_late(
    platform: Filled,
) -> None:
    proposed = command(
        "propose_circle", body={"kind": "pair", "member_ids": [TEACHER, "teacher-9"]}
    )
    (told,) = await synced(platform, proposed, service="programs")
    assert (told["outcome"], told["problem"]["code"]) == ("rejected", "unknown_operation")


async def test_a_fault_of_one_is_told_with_its_place_and_keeps_back_no_other(
    platform: Filled,
) -> None:
    goal, other = await drafted(platform), platform.ids[NORTH]["goal_id"]
    wrong: list[tuple[Said, str, str]] = [
        (command("no_such_thing"), "unknown_operation", "/operation"),
        (command("get_goal", path={"goal_id": goal}), "unknown_operation", "/operation"),
        (command("save_draft", path={"draft_id": "a"}), "unknown_operation", "/operation"),
        ({**progress(goal, 1), "command_id": "a b"}, "command_id", "/command_id"),
        (command("record_progress", body={"value": 1}), "missing", "/path/goal_id"),
        (on_goal("record_progress", "$where", body={"value": 1}), "string_pattern_mismatch",
         "/path/goal_id"),
        (on_goal("record_progress", goal, body={"value": "much"}), "float_type", "/body/value"),
        (on_goal("record_progress", goal, body={"value": 1, "zanzibar": 1}), "unknown_field",
         "/body"),
        (on_goal("record_progress", goal), "missing", "/body"),
        (on_goal("activate_goal", goal, 1, {"a": 1}), "body_not_taken", "/body"),
        (edit(goal, None, "A"), "precondition_required", "/base_version"),
        (edit(goal, -1, "A"), "out_of_range", "/base_version"),
        ({**progress(goal, 1), "path": {"goal_id": goal, "zanzibar": "x"}}, "unknown_field",
         "/path"),
        ({**progress(goal, 1), "made_at": "yesterday"}, "malformed_instant", "/made_at"),
        (on_goal("edit_goal", goal, 1, {"due_date": "2001-01-01"}), "due_date_passed",
         "/body/due_date"),
    ]  # fmt: skip
    good = [progress(other, 50), progress(other, 51)]
    batch = [good[0], *(said for said, _, _ in wrong), good[1]]
    answers = await synced(platform, *batch)
    assert outcomes(answers) == ["applied", *["rejected"] * len(wrong), "applied"]
    for number, (_, code, place) in enumerate(wrong, 1):
        problem = answers[number]["problem"]
        first = problem["errors"][0]
        assert first["pointer"] == f"/commands/{number}{place}", problem
        assert first["code"] == code, problem
        assert "zanzibar" not in str(problem)
        assert problem["status"] == (428 if code == "precondition_required" else 422)
    assert (await the_goal(platform, goal))["version"] == 1


async def test_what_is_not_hers_looks_as_if_it_were_not_there(platform: Filled) -> None:
    goal = platform.ids[NORTH]["goal_id"]
    said = [progress(goal, 1), on_goal("abandon_goal", goal, 1), edit(goal, 1, "Mine")]
    theirs = await synced(platform, *said, by=f"{NORTH}/teacher-0004")
    missing = [{**each, "path": {"goal_id": str(uuid.uuid4())}} for each in said]
    nobodys = await synced(platform, *missing, by=f"{NORTH}/teacher-0004")
    assert theirs == nobodys
    assert {each["problem"]["code"] for each in theirs} == {"not_found"}


async def test_a_command_id_stands_for_one_command(platform: Filled) -> None:
    goal = platform.ids[NORTH]["goal_id"]
    one = progress(goal, 50)
    answers = await synced(platform, one, one)
    assert outcomes(answers) == ["applied", "rejected"]
    assert answers[1]["problem"]["errors"][0]["code"] == "command_id_repeated"
    (other,) = await synced(platform, {**one, "body": {"value": 51}})
    assert other["problem"]["code"] == "idempotency_key_reused"


async def test_no_more_of_one_thing_than_keys_of_it_are_remembered(platform: Filled) -> None:
    goal = platform.ids[NORTH]["goal_id"]
    queue = [progress(goal, number) for number in range(MOST_OF_ONE + 3)]
    answers = await synced(platform, *queue)
    assert [each["again"] for each in answers] == [False] * MOST_OF_ONE + [True] * 3
    assert {each["problem"]["code"] for each in answers[MOST_OF_ONE:]} == {"not_tried"}
    for _ in range(8):  # of her other device
        await synced(platform, progress(goal, 0))
    again = await synced(platform, *queue)  # the answer was lost
    assert outcomes(again)[:MOST_OF_ONE] == ["duplicate"] * MOST_OF_ONE
    assert set(outcomes(await synced(platform, *queue[MOST_OF_ONE:]))) == {"applied"}


async def test_what_can_not_be_done_now_waits_with_all_that_names_it_and_nothing_else(
    platform: Filled,
) -> None:
    goal, other = await drafted(platform), platform.ids[NORTH]["goal_id"]
    store: Any = platform.services["goals"].backing.store
    stored = store._stored[goal]
    kept, stored.document = stored.document, replace(stored.document, schema=99)
    trial = {"teacher_id": TEACHER, "goal_id": goal, "words": "Wait"}
    queue = [edit(goal, 1, "First"), progress(other, 50), edit(goal, 1, "Second")]
    queue += [command("plan_trial", body=trial), command("plan_trial", body={**trial})]
    made, _ = draft(platform)
    answers = await synced(platform, *queue, made)
    assert [each["again"] for each in answers] == [True, False, True, True, True, False]
    codes = [each["problem"] and each["problem"]["code"] for each in answers]
    assert codes == ["needs_upgrade", None, *["not_tried"] * 3, None]
    stored.document = kept
    again = await synced(platform, *queue)
    assert outcomes(again) == ["applied", "duplicate", *["applied"] * 3]
    assert (await the_goal(platform, goal))["statement"] == "Second"


async def test_whoever_asks_too_often_is_told_when_and_nothing_is_done_out_of_turn(
    platform: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, goal = draft(platform)
    limits = platform.services["goals"].app.state.gate.limits
    few = Rates(person=Rate(per_second=1, burst=3), bulk=Rate(per_second=1, burst=1_000))
    monkeypatch.setattr(limits, "_rates_of", lambda district: few)
    (first,) = await synced(platform, made)
    assert first["outcome"] == "applied"
    answers = await synced(platform, *[edit(goal, 1, f"Take {n}") for n in range(5)])
    assert outcomes(answers) == ["applied", "applied", *["rejected"] * 3]
    for each in answers[2:]:
        assert (each["again"], each["problem"]["code"]) == (True, "too_many_requests")
        assert each["retry_after"] > 0
