"""What takes rosters by itself is killed half way, and begun anew: the roster is the one that was
sent, once. On real processes and real engines."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.oneroster_http import Served, serving
from tests.support.oneroster_server import OneRosterServer, offset_of, rest_of
from tests.support.roster_files import good_files, zipped
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS, eventually

SIS, IMPORTS = "pond/sis?roster.write", "/roster/v1/imports"


NOUNS = ("orgs", "academic-sessions", "people", "classes")


async def begun(stack: RunningStack, folder: Path) -> asyncio.subprocess.Process:
    words = ["watch", str(folder), "--district", "pond", "--once", "--seconds", "0.2"]
    return await running(stack, SIS, words)


async def running(
    stack: RunningStack, caller: str, words: Sequence[str]
) -> asyncio.subprocess.Process:
    words = ["roster", *words]
    given = ["--url", stack.stack.rest("roster"), "--token", stack.token(caller), "--json"]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ctl", *words, *given, stdout=asyncio.subprocess.DEVNULL
    )


async def imports(stack: RunningStack, caller: str = SIS) -> list[Any]:
    return list((await stack.ask(caller, "GET", IMPORTS)).json()["imports"])


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
    today = str(datetime.now(UTC).date() - timedelta(days=1))
    (one, *_) = json.loads(await said(stack, "list", "--from", today, "--json"))["imports"]
    assert one["import_id"] in await said(stack, "show", one["import_id"], "--wait")
    table = await said(stack, "report", one["import_id"], "--csv")
    assert table.startswith("kind,file,line,column,code,count,reason\n")
    people = await stack.ask("pond/sis?roster.read", "GET", "/roster/v1/people")
    found = {each["person_id"]: each["version"] for each in people.json()["people"]}
    assert found == dict.fromkeys(("admin-1", "coach-1", "teacher-1", "teacher-2"), 1)


async def said(stack: RunningStack, *words: str) -> str:
    """What a command about imports writes."""
    given = ["--url", stack.stack.rest("roster"), "--token", stack.token(SIS)]
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.ctl", "roster", "imports"),
        *(*words, "--district", "pond", *given),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await command.communicate()
    assert command.returncode == 0
    return out.decode()


async def pulling(
    stack: RunningStack, served: Served, district: str, folder: Path, *more: str
) -> asyncio.subprocess.Process:
    file = str(served.districts(district, folder))
    words = ["pull", "--district", district, "--districts-file", file, *more]
    return await running(stack, f"{district}/sis?roster.write", words)


async def roster_of(stack: RunningStack, district: str) -> dict[str, Any]:
    """All of it, with the version of each record."""
    sis = f"{district}/sis?roster.read"
    return {each: (await stack.ask(sis, "GET", f"/roster/v1/{each}")).json() for each in NOUNS}


async def test_a_pull_that_is_killed_is_begun_anew_and_ends_as_one_that_was_not(
    stack: RunningStack, tmp_path: Path
) -> None:
    """Killed before the first page, among them, and once it has sent what it pulled; where its
    pages are kept it goes on with those that are left."""
    keep = ("--keep", str(tmp_path / "kept"))
    async with serving(OneRosterServer(rest_of(good_files()), most=1)) as served:
        whole = await pulling(stack, served, "rill", tmp_path)
        assert await whole.wait() == 0
        pages = len(served.server.asked)
        half, third = pages // 2, pages // 3
        for answered, more in ((0, ()), (half, ()), (pages - 1, ()), (half, keep), (third, keep)):
            served.server.asked.clear()
            served.quiet_after, served.stuck = answered, asyncio.Event()
            cut = await pulling(stack, served, "brook", tmp_path, *more)
            await asyncio.wait_for(served.stuck.wait(), HANGS)
            cut.send_signal(signal.SIGKILL)
            assert await cut.wait() == -signal.SIGKILL
            assert await imports(stack, "brook/sis?roster.write") == []
        served.server.asked.clear()
        served.quiet_after = 1_000_000
        sent = await pulling(stack, served, "brook", tmp_path, *keep)

        async def there() -> bool:
            return bool(await imports(stack, "brook/sis?roster.write"))

        await eventually(there, timeout=60)
        orgs = [each for each in served.server.asked if each.url.path.endswith("/orgs")]
        assert [offset_of(each) for each in orgs] == [2, 3], "but for the last one of them again"
        sent.send_signal(signal.SIGKILL)
        await sent.wait()
        again = await pulling(stack, served, "brook", tmp_path, *keep)
        assert await again.wait() == 0
        assert not list((tmp_path / "kept" / "brook").glob("*.pages"))
    assert {each["state"] for each in await imports(stack, "brook/sis?roster.write")} == {"done"}
    found = await roster_of(stack, "brook")
    assert found == await roster_of(stack, "rill")
    assert {each["version"] for each in found["people"]["people"]} == {1}
