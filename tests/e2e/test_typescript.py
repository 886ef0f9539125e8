"""The programs of docs/frontends.md, and the client for TypeScript, before running services at one
address: pages, a change with key and version, refusals, and a caseload followed over a cut."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from services.ctl.gateway.application import application
from services.ctl.gateway.forward import open_client
from tests.support.coaching import Coaching
from tests.support.gateways import served
from tests.support.stack import RunningStack
from tests.support.typescript import NODE, built, compile_blocks, there

COACH, TEACHER = "coach-01", "teacher-0003"
PAGE = Path(__file__).parents[2] / "docs/frontends.md"
PATIENCE = 60.0


class Walk:
    """A running program and what it has said."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.said: list[tuple[str, Any]] = []

    async def told(self, what: str, right: Callable[[Any], bool] = lambda _: True) -> Any:
        """Read on until it says this, and say what."""
        assert self._process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while line := await self._process.stdout.readline():
                    [(name, value)] = json.loads(line).items()
                    self.said.append((name, value))
                    if name == what and right(value):
                        return value
        raise AssertionError(self.said)

    def tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())


@asynccontextmanager
async def walking(stack: RunningStack, north: Coaching, goal: str) -> AsyncIterator[Walk]:
    package = built()
    compile_blocks(package, PAGE)
    tokens = [stack.token(north.who(each)) for each in (TEACHER, COACH)]
    async with (
        open_client() as client,
        served(application(stack.stack, client, asyncio.Event())) as port,
    ):
        arguments = ["test/walk.mjs", f"http://127.0.0.1:{port}", *tokens, TEACHER, goal]
        process = await asyncio.create_subprocess_exec(
            NODE, *arguments, cwd=package, stdin=PIPE, stdout=PIPE
        )
        try:
            yield Walk(process)
            assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_a_frontend_reads_changes_and_follows(north: Coaching, stack: RunningStack) -> None:
    if not there():
        return  # `make` says so
    goals = [await north.active_goal(COACH, TEACHER, baseline=0, target=100) for _ in range(3)]
    goal = goals[0]

    def shows(value: float) -> Callable[[Any], bool]:
        return lambda shown: [TEACHER, value] in shown

    async with walking(stack, north, goal) as walk:
        assert set(goals) <= set(await walk.told("goals"))  # which are more than a page
        assert await walk.told("tokens left") == 0  # the first was refused
        assert await walk.told("recorded") == ""
        assert "less than or equal" in await walk.told("refused")
        assert await walk.told("repeated") == [False, True, True]
        assert await walk.told("stale") == [True, 412, "stale_version"]

        assert await walk.told("connected") is False
        assert len(await walk.told("shown", shows(2))) == 4
        await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 3})
        await walk.told("shown", shows(3))

        walk.tell("cut")
        await north.post(COACH, f"/goals/v1/goals/{goal}/progress", {"value": 4})
        walk.tell("again")
        assert await walk.told("connected") is True
        await walk.told("shown", shows(4))
        walk.tell("leave")
        await walk.told("left")
    assert [each for each in walk.said if each[0] == "connected"] == [
        ("connected", False),
        ("connected", True),
    ]
    assert walk.said.count(("event", "reset")) == 1  # after the cut it went on where it was
