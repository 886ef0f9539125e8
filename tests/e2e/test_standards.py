"""Frameworks of standards on real engines: from the district's file, by the command line, to the
goals that are for them."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import grpc

from coaching.goals.v1 import framework_pb2, goal_pb2
from coaching.goals.v1.framework_pb2_grpc import FrameworksServiceStub
from coaching.goals.v1.goal_pb2_grpc import GoalsServiceStub
from tests.support.case_files import guid, package
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack

ADMIN, COACH, TEACHER = "admin-01", "coach-01", "teacher-0003"
FRAMEWORKS, COUNT = "/goals/v1/frameworks", 450


async def test_a_file_is_imported_once_and_goals_name_its_standards(
    stack: RunningStack, north: Coaching, tmp_path: Path
) -> None:
    await north.may(ADMIN, FRAMEWORKS)
    file = tmp_path / "case.json"
    file.write_text(json.dumps(package(COUNT)))
    first, again = [await _imported(stack, north, file) for _ in range(2)]
    assert (first["state"], first["standard_count"]) == ("published", COUNT)
    assert again["framework_id"] == first["framework_id"]
    framework = first["framework_id"]
    await north.may("teacher-0008", f"{FRAMEWORKS}/{framework}/standards")

    goal = await north.active_goal(COACH, TEACHER)
    metadata = (("authorization", f"Bearer {stack.token(north.who(TEACHER))}"),)
    named = goal_pb2.NameStandard(framework_id=framework, standard_id=guid(7))
    async with grpc.aio.insecure_channel(stack.stack.grpc("goals")) as channel:
        goals = GoalsServiceStub(channel)
        asked = goal_pb2.AlignGoalRequest(goal_id=goal, standards=[named])
        told = await goals.AlignGoal(asked, metadata=metadata)
        assert [(each.code, each.text) for each in told.standards] == [("M.7.7", "Explain why 7.")]
        page = await FrameworksServiceStub(channel).ListStandards(
            framework_pb2.ListStandardsRequest(framework_id=framework, code="M.7.44"),
            metadata=metadata,
        )
        assert [each.code for each in page.standards] == [
            "M.7.44",
            *(f"M.7.{number}" for number in range(440, 450)),
        ]
    await north.post(ADMIN, f"{FRAMEWORKS}/{framework}/retire")
    other = {"standards": [{"framework_id": framework, "standard_id": guid(8)}]}
    path = f"/goals/v1/goals/{goal}/standards"
    refused = await north.asks.ask(north.who(TEACHER), "PUT", path, other, status=422)
    assert refused.json()["errors"][0]["pointer"] == "/standards/0/standard_id"
    await north.may("teacher-0003", f"/goals/v1/goals/{goal}")


async def _imported(stack: RunningStack, north: Coaching, file: Path) -> dict[str, Any]:
    program = [sys.executable, "-m", "services.ctl", "standards", "import", str(file), "--json"]
    given = ["--district", "north", "--url", stack.stack.rest("goals")]
    token = stack.token(north.who(ADMIN))
    process = await asyncio.create_subprocess_exec(
        *program, *given, "--token", token,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    told: dict[str, Any] = json.loads(out)
    return told
