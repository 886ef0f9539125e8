"""The programs of docs/frontends.md, and the client for TypeScript, before running services at one
address: pages, a change with key and version, refusals, and a caseload followed over a cut, in Node
and on a page in Chromium."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ctl.gateway.application import application
from services.ctl.gateway.forward import open_client
from tests.support import browser
from tests.support.coaching import Coaching
from tests.support.gateways import served
from tests.support.stack import RunningStack
from tests.support.typescript import NODE, built, compile_blocks, there
from tests.support.waiting import HANGS, eventually

COACH, TEACHER = "coach-01", "teacher-0003"
PAGE = Path(__file__).parents[2] / "docs/frontends.md"
# A frontend's page with what the blocks say, as their compiler has made it.
FRONTEND = """<!doctype html>
<html lang="en"><head><title>A caseload</title><link rel="icon" href="data:,">
<script type="importmap">{"imports": {
  "@tandem/client": "/built/dist/index.js",
  "openapi-fetch": "/built/node_modules/openapi-fetch/dist/index.mjs"
}}</script>
<script type="module">
import { follow } from "/built/frontends/caseload.js";
import { connect } from "/built/frontends/session.js";
const row = ({ teacher_id, given_name }) =>
  Object.assign(document.createElement("li"), { id: teacher_id, textContent: given_name });
const list = document.querySelector("ol");
const show = (entries) => list.replaceChildren(...entries.map(row));
const api = connect("", "DISTRICT", async () => "TOKEN");
await follow(api, "HER", show, new AbortController().signal);
</script></head><body><h1>A caseload</h1><ol></ol></body></html>
"""
POLICY = "default-src 'self' data:; script-src 'self' 'unsafe-inline'"


class Walk:
    """A running program and what it has said."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.said: list[tuple[str, Any]] = []

    async def told(self, what: str, right: Callable[[Any], bool] = lambda _: True) -> Any:
        """Read on until it says this, and say what."""
        assert self._process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(HANGS):
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


class Streams:
    """Live caseloads that go through `app`: how many are open, and how many ever were."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.open = self.begun = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = scope.get("path", "").endswith("/live")
        self.open += counts
        self.begun += counts
        try:
            await self._app(scope, receive, send)
        finally:
            self.open -= counts


@asynccontextmanager
async def frontend(
    stack: RunningStack, token: str, coach: str
) -> AsyncIterator[tuple[str, Streams]]:
    """Its page's address, which is also that of the services."""
    package = built()
    compile_blocks(package, PAGE)

    async def page(request: Request) -> Response:
        shown = FRONTEND.replace("TOKEN", token).replace("HER", coach).replace("DISTRICT", "north")
        return HTMLResponse(shown, headers={"Content-Security-Policy": POLICY})

    files = StaticFiles(directory=package, follow_symlink=True)
    routes = [Route("/frontend", page), Mount("/built", files)]
    stopping = asyncio.Event()
    async with open_client() as client:
        streams = Streams(application(stack.stack, client, stopping, routes))
        async with served(streams) as port:
            try:
                yield f"http://127.0.0.1:{port}/frontend", streams
            finally:
                stopping.set()


async def test_a_row_moves_in_two_tabs_that_share_a_stream_and_in_the_one_that_is_left(
    north: Coaching, stack: RunningStack
) -> None:
    """Of equal need, who has been without contact for longest comes first."""
    if not (there() and browser.there()):
        return
    coach = "coach-02"

    async def moves(*pages: Page) -> None:
        first = str(await pages[0].locator("li").first.get_attribute("id"))
        await north.shared_observation(coach, first, datetime.now(UTC).isoformat())
        for each in pages:
            rows = each.locator("li")
            await expect(rows.last).to_have_id(first, timeout=browser.SOON)
            await expect(rows).to_have_count(4)

    token = stack.token(north.who(coach))
    async with (
        frontend(stack, token, coach) as (address, streams),
        browser.opened() as chromium,
        browser.visit(chromium, address) as kept,
    ):
        await expect(kept.locator("li")).to_have_count(4, timeout=browser.SOON)
        await kept.goto("about:blank")
        await eventually(lambda: streams.open == 0)
        leader = await kept.context.new_page()
        for page in (leader, kept):
            await page.goto(address)
            await expect(page.locator("li")).to_have_count(4, timeout=browser.SOON)
        assert (streams.open, streams.begun) == (1, 2)
        await moves(leader, kept)
        await leader.close()
        await moves(kept)
        assert (streams.open, streams.begun) == (1, 3)
