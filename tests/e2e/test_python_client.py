"""The Python client as a partner has it: its wheel in a Python that holds nothing else of ours,
with the oldest and the newest of what it needs, and its examples against running services."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import eventually
from tests.support.wheels import ROOT, built

COACH, TEACHER = "coach-01", "teacher-0004"
FOLDER = ROOT / "clients/python"
EXAMPLES = FOLDER / "examples"
UV = Path(sys.executable).parent / "uv"
LOOK = """
import importlib, importlib.metadata, json, pathlib, sys, sysconfig
here = pathlib.Path(sysconfig.get_path("purelib"))
files = [p for top in ("coaching", "tandem_client") for p in sorted(here.glob(f"{top}/**/*.py"))]
for path in files:
    name = ".".join(path.relative_to(here).with_suffix("").parts).removesuffix(".__init__")
    assert importlib.import_module(name).__file__ == str(path), name
versions = {each: importlib.metadata.version(each) for each in ("protobuf", "tandem-client")}
print(json.dumps({"files": len(files), "ours": "services" in sys.modules, **versions}))
"""


class Installed:
    """A Python of its own with the wheel; `variables` are all of its programs' environment."""

    def __init__(self, folder: Path, lock: str) -> None:
        self.folder = folder
        self.python = folder / "venv/bin/python"
        self.variables: Mapping[str, str] = {}
        self._uv("venv", "--python", sys.executable, folder / "venv")
        requirements = ROOT / f"requirements/client-{lock}.lock"
        self._pip("sync", "--require-hashes", requirements)
        self._pip("install", "--no-deps", "--offline", built(folder / "dist"))

    def _pip(self, command: str, *words: str | Path) -> None:
        self._uv("pip", command, "--python", self.python, *words)

    def _uv(self, *words: str | Path) -> None:
        subprocess.run([UV, *words], cwd=ROOT, check=True, capture_output=True)

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            self.python, *words, env=dict(self.variables), cwd=self.folder, stdout=PIPE, stderr=PIPE
        )

    async def run(self, *words: str) -> tuple[int | None, str]:
        process = await self.start(*words)
        out, err = await process.communicate()
        return process.returncode, out.decode() + err.decode()

    async def example(self, name: str, *words: str) -> tuple[int | None, str]:
        return await self.run(str(EXAMPLES / f"{name}.py"), *words)


@pytest.fixture(scope="module", params=["lowest", "newest"])
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    return Installed(tmp_path_factory.mktemp(request.param), request.param)


async def test_all_of_it_is_imported(installed: Installed) -> None:
    code, said = await installed.run("-c", LOOK)
    assert code == 0, said
    told = json.loads(said)
    oldest = installed.folder.name.startswith("lowest")
    assert told["protobuf"].startswith("6.31.1" if oldest else "7.")
    own = [*FOLDER.glob("coaching/**/*.py"), *FOLDER.glob("tandem_client/**/*.py")]
    assert told["files"] == len(own) > 40
    assert not told["ours"]


async def test_the_examples_do_as_they_say(
    installed: Installed, stack: RunningStack, north: Coaching
) -> None:
    goal = await north.active_goal(COACH, TEACHER, baseline=0, target=100)
    installed.variables = {
        "TANDEM_GOALS": stack.stack.grpc("goals"),
        "TANDEM_INSIGHTS": stack.stack.grpc("insights"),
        "TANDEM_ROSTER": stack.stack.grpc("roster"),
        "TANDEM_TOKEN": stack.token(north.who(COACH)),
        "TEACHER": TEACHER,
    }
    lines: list[str] = []
    watch = await installed.start(str(EXAMPLES / "watch.py"))
    reading = asyncio.create_task(_lines(watch, lines))
    try:
        await eventually(lambda: any(each.startswith("order: ") for each in lines), timeout=30)
        assert lines[0].startswith("reset: ")
        assert any(each.startswith(f"entry {TEACHER}: ") for each in lines)
        begun = len(lines)
        installed.variables = {
            **installed.variables,
            "TANDEM_TOKEN": stack.token(north.who(TEACHER)),
        }
        code, said = await installed.example("goals", "12.5")
        assert code == 0, said
        assert "is now 12.5" in said
        await eventually(
            lambda: any(f"entry {TEACHER}" in each and "12.5" in each for each in lines[begun:]),
            timeout=30,
        )
    finally:
        watch.terminate()
        await reading
        await watch.wait()
    code, said = await installed.example("goals", "nan")
    assert code == 1
    assert "['value']" in said
    sis = stack.token(north.who("sis?roster.read+journal.read"))
    installed.variables = {**installed.variables, "TANDEM_TOKEN": sis}
    code, said = await installed.example("journal")
    assert code == 0, said
    assert "GoalActivated" in said
    assert "GoalProgressRecorded" in said
    await _follows(installed, north, goal)
    found = await north.asks.ask(north.who(TEACHER), "GET", f"/goals/v1/goals/{goal}")
    assert found.json()["state"] == "active"


async def _follows(installed: Installed, north: Coaching, goal: str) -> None:
    """What has happened, what happens, and after a break what has happened since."""
    program = str(EXAMPLES / "follow.py")
    kept = installed.folder / "position.txt"
    path = f"/goals/v1/goals/{goal}/progress"
    for first in (13.5, 14.5):
        lines: list[str] = []
        follow = await installed.start(program, str(kept))
        reading = asyncio.create_task(_lines(follow, lines))
        try:
            # The program keeps a position after it has told what came with it: what the first of
            # the two was told with is kept for certain when the second is told.
            for value in (first, first + 0.25):
                answer = await north.asks.ask(north.who(TEACHER), "POST", path, {"value": value})
                version = answer.json()["version"]
                await eventually(partial(_told, lines, goal, version), timeout=30)
            activated = any(each.startswith(f"GoalActivated {goal} ") for each in lines)
            assert activated == (first == 13.5)
        finally:
            follow.terminate()
            await reading
            await follow.wait()


def _told(lines: list[str], goal: str, version: int) -> bool:
    return f"GoalProgressRecorded {goal} {version}\n" in lines


async def _lines(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode())
