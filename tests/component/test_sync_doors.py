"""By which doors a batch of a device comes in, and what it leaves behind."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from coaching.goals.v1 import sync_pb2
from coaching.goals.v1.sync_pb2_grpc import SyncServiceStub
from services.chassis.edge.operation import Late
from tests.component.test_sync_operations import ROWS
from tests.support.filled import Filled, unfilled
from tests.support.filling import COACH, TEACHER
from tests.support.hostile_json import CANARY, broken
from tests.support.operations import example_body, routes
from tests.support.raw_http import JSON, send
from tests.support.rpcs import served

NORTH = "north"
PAGE = (Path(__file__).parents[2] / "docs/calling.md").read_text()


@pytest.fixture
async def platform() -> Filled:
    made = Filled()
    await made.fill(NORTH)
    return made


def batch(platform: Filled) -> list[dict[str, Any]]:
    ids = platform.ids[NORTH]
    goal = {"goal_id": ids["goal_id"]}
    body = {**example_body(platform, "draft_goal", ids), "target": 60.5, "baseline": 30}
    return [
        {"command_id": "a", "operation": "draft_goal", "path": {}, "body": body},
        {"command_id": "b", "operation": "record_progress", "path": goal, "body": {"value": 41}},
        {"command_id": "c", "operation": "abandon_goal", "path": goal, "base_version": 1},
        {"command_id": "d", "operation": "record_progress", "path": goal, "body": {"value": True}},
        {"command_id": "e", "operation": "achieve_goal", "path": goal, "base_version": 1},
        {"command_id": "f", "operation": "achieve_goal", "path": goal},
        {"command_id": "g", "operation": "nothing", "path": {}},
    ]


async def test_grpc_takes_and_answers_what_rest_does(platform: Filled) -> None:
    said = batch(platform)
    rest = await platform.ask(f"{NORTH}/{TEACHER}", "POST", "/goals/v1/sync", {"commands": said})
    answers = rest.json()["answers"]
    assert [each["outcome"] for each in answers] == [
        "applied", "applied", "applied", "rejected", "conflict", "rejected", "rejected",
    ]  # fmt: skip
    request = ParseDict({"commands": said}, sync_pb2.SyncRequest())
    async with served(platform) as channels:
        stub: Any = SyncServiceStub(channels["goals"])
        token = (("authorization", f"Bearer {NORTH}/{TEACHER}"),)
        found = await stub.Sync(request, metadata=token)
    for over_grpc, over_rest in zip(found.answers, answers, strict=True):
        known = MessageToDict(over_grpc, preserving_proto_field_name=True)
        done = over_rest["outcome"] == "applied"
        assert known["outcome"] == ("duplicate" if done else over_rest["outcome"])
        problem = known.get("problem")
        assert (problem and (problem["code"], problem["status"])) == (
            over_rest["problem"] and (over_rest["problem"]["code"], over_rest["problem"]["status"])
        )
        assert int(known.get("written_version", 0)) == (over_rest["written_version"] or 0)
    assert found.answers[4].state["state"] == "abandoned"


async def test_no_hostile_body_of_a_command_gets_further_than_alone(platform: Filled) -> None:
    (route,) = (each for each in routes(unfilled()) if each.operation == "draft_goal")
    good = example_body(platform, route, platform.ids[NORTH])
    app = platform.services["goals"].app
    headers = [JSON, (b"authorization", f"Bearer {NORTH}/{TEACHER}".encode())]
    start = b'{"commands":[{"command_id":"x","operation":"draft_goal","body":'
    before = platform.stored()
    for each in broken(route, good):
        answer = await send(
            app, "POST", "/goals/v1/sync", headers=headers, body=start + each.body + b"}]}"
        )
        assert answer.status in (200, 400, 422), each
        assert CANARY not in answer.body.decode(), each
        if answer.status == 200:
            (told,) = answer.json()["answers"]
            assert (told["outcome"], told["again"]) == ("rejected", False), each
            for error in told["problem"]["errors"]:
                assert error["pointer"].startswith(f"/commands/0/body{each.place}"), each
        assert platform.stored() == before, each


async def test_each_command_is_a_look_of_its_own(platform: Filled) -> None:
    ids = platform.ids[NORTH]
    goal = {"goal_id": ids["goal_id"]}
    commands = [
        {"command_id": "a", "operation": "record_progress", "path": goal, "body": {"value": 1}},
        {
            "command_id": "b",
            "operation": "set_baseline",
            "path": goal,
            "body": {"value": 1},
            "base_version": 1,
        },
    ]
    await platform.ask(f"{NORTH}/{COACH}", "POST", "/goals/v1/sync", {"commands": commands})
    await platform.settle()
    looks = await platform.ask(f"{NORTH}/{TEACHER}", "GET", "/privacy/v1/looks?page_size=200")
    seen = {(each["viewer_id"], each["operation"]) for each in looks.json()["looks"]}
    assert {(COACH, each) for each in ("record_progress", "set_baseline", "get_goal")} <= seen
    assert (COACH, "sync") not in seen


async def test_a_batch_is_bounded(platform: Filled) -> None:
    one = {"command_id": "a", "operation": "nothing"}
    for commands in ([], [{**one, "command_id": f"{n}"} for n in range(201)]):
        await platform.ask(
            f"{NORTH}/{TEACHER}", "POST", "/goals/v1/sync", {"commands": commands}, status=422
        )
    large = [{**one, "body": {"text": "a" * 300_000}}]
    await platform.ask(
        f"{NORTH}/{TEACHER}", "POST", "/goals/v1/sync", {"commands": large}, status=413
    )


async def test_a_program_has_no_device(platform: Filled) -> None:
    said = {"commands": [{"command_id": str(uuid.uuid4()), "operation": "state_measure"}]}
    caller = f"{NORTH}/sis?goals.read"
    refused = await platform.ask(caller, "POST", "/goals/v1/sync", said, status=403)
    assert "answers" not in refused.json()


def test_the_page_says_of_each_operation_what_becomes_of_it_late() -> None:
    found = re.search(
        r"^\| adds something.*?\| (.*?) \|.*?^\| wins: .*? \| (.*?) \|", PAGE, re.M | re.S
    )
    assert found is not None
    adds, wins = found.groups()
    for told, late in ((adds, Late.ADDS), (wins, Late.WINS)):
        rows = {row.name for row in ROWS.values() if row.late is late and row.status != 201}
        assert set(re.findall(r"`(\w+)`", told)) == rows
