"""What takes rosters by itself is killed half way, and begun anew: the roster is the one that was
sent, once. On real processes and real engines."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

from tests.support.roster_files import good_files, zipped
from tests.support.stack import RunningStack
from tests.support.waiting import eventually

SIS, IMPORTS = "pond/sis?roster.write", "/roster/v1/imports"


async def begun(stack: RunningStack, folder: Path) -> asyncio.subprocess.Process:
    words = ["roster", "watch", str(folder), "--district", "pond", "--once", "--seconds", "0.2"]
    given = ["--url", stack.stack.rest("roster"), "--token", stack.token(SIS), "--json"]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ctl", *words, *given, stdout=asyncio.subprocess.DEVNULL
    )


async def imports(stack: RunningStack) -> list[Any]:
    return list((await stack.ask(SIS, "GET", IMPORTS)).json()["imports"])


async def test_a_watch_that_is_killed_is_begun_anew_without_harm(
    stack: RunningStack, tmp_path: Path
) -> None:
    folder = tmp_path / "left"
    folder.mkdir()
    (folder / "night.zip").write_bytes(zipped(good_files()))
    first = await begun(stack, folder)

    async def sent() -> bool:
        return bool(await imports(stack))

    await eventually(sent, timeout=60)
    first.send_signal(signal.SIGKILL)
    assert await first.wait() == -signal.SIGKILL
    again = await begun(stack, folder)
    assert await again.wait() == 0
    assert not list(folder.glob("*.zip"))
    assert len(list((folder / "imported").glob("*-night.zip"))) == 1
    assert {each["state"] for each in await imports(stack)} == {"done"}
    people = await stack.ask("pond/sis?roster.read", "GET", "/roster/v1/people")
    found = {each["person_id"]: each["version"] for each in people.json()["people"]}
    assert found == dict.fromkeys(("admin-1", "coach-1", "teacher-1", "teacher-2"), 1)
