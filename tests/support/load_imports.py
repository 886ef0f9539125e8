"""A part of the load: a district whose roster is imported over and over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.roster_files import edited, good_files, zipped
from tests.support.waiting import eventually

NIGHTLY = "nightly"  # the district: nobody else writes there
SIS, READS = f"{NIGHTLY}/sis?roster.write", f"{NIGHTLY}/sis?roster.read"
IMPORTS, ORGS = "/roster/v1/imports", "/roster/v1/orgs"
# By turns: one record differs.
FILES = (
    ("First, of all", zipped(good_files())),
    ("Other", zipped(edited("orgs.csv", '"First, of all"', "Other"))),
)
PAUSE_SECONDS = 3.0
# Longer than an import of a process that is gone is nobody else's.
TAKEN_OVER_SECONDS = 120.0


class Imports:
    """One file after the other, each sent until it is acknowledged and then waited for. `send`
    posts, `get` reads; both try again where they should."""

    def __init__(
        self, send: Callable[[bytes, str], Awaitable[Any]], get: Callable[[str], Awaitable[Any]]
    ) -> None:
        self._send, self._get = send, get
        self._last = ""
        self._first_version = 0
        self.acknowledged = 0
        self.done = 0

    async def writer(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            number = self.acknowledged + 1
            sent = await self._send(FILES[number % 2][1], f"night-{number}")
            self._last, self.acknowledged = sent["import_id"], number
            while not stop.is_set() and not await self._is_done():
                await _until(stop, 0.5)
            if stop.is_set():
                return
            self.done += 1
            if self._first_version == 0:
                self._first_version = (await self._org())["version"]
            await _until(stop, PAUSE_SECONDS)

    async def check(self) -> None:
        """What was acknowledged last is imported, and each before it was, once."""
        if not self.acknowledged:
            return
        await eventually(self._is_done, timeout=TAKEN_OVER_SECONDS)
        org = await self._org()
        assert org["name"] == FILES[self.acknowledged % 2][0], (self.acknowledged, org)
        if self._first_version:
            told = f"{self.acknowledged} imports acknowledged: {self._first_version}, {org}"
            assert org["version"] == self._first_version + self.acknowledged - 1, told

    async def _is_done(self) -> bool:
        job = await self._get(f"{IMPORTS}/{self._last}")
        assert job["state"] in ("waiting", "running", "done"), job
        assert job["state"] != "done" or not job["report"]["stopped"], job
        return bool(job["state"] == "done")

    async def _org(self) -> Any:
        orgs = (await self._get(ORGS))["orgs"]
        return next(each for each in orgs if each["org_id"] == "school-1")


async def _until(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
