"""A process that a nursery has begun is as one that was started, and not told from it by a test."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.ctl.engines.child import Child, Folder
from tests.support.nursery import Nursery
from tests.support.waiting import eventually

WAITS = ("http.server", "--bind", "127.0.0.1", "0")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@asynccontextmanager
async def begun(nursery: Nursery, folder: Path, *program: str, **env: str) -> AsyncIterator[Child]:
    child = Child(Folder(folder), "born", ["python", "-m", *program], env, nursery.begin)
    try:
        yield child
    finally:
        await child.stop()


async def ended(child: Child) -> int | None:
    await eventually(lambda: child.returncode is not None, timeout=60)
    return child.returncode


async def test_it_sees_what_it_is_given_and_tells_how_it_has_ended(
    nursery: Nursery, tmp_path: Path
) -> None:
    goals = {"ENVIRONMENT": "test", "REST_PORT": "many"}
    async with begun(nursery, tmp_path, "services.goals", **goals) as child:
        assert await ended(child) == 2
        assert "REST_PORT" in child.tail()
    armed = {"ENVIRONMENT": "test", "TANDEM_CRASH_AT": "nowhere"}
    async with begun(nursery, tmp_path, "services.goals", **armed) as child:
        assert await ended(child) == 1
        assert "no crash point: nowhere" in child.tail()


async def test_it_runs_where_it_is_told_to_and_is_a_child_of_ours(
    nursery: Nursery, tmp_path: Path
) -> None:
    async with begun(nursery, tmp_path, *WAITS, ONLY="this") as child:
        await eventually(lambda: any("Serving" in line for line in child.output()))
        process = Path(f"/proc/{child.pid}")
        assert (process / "cwd").readlink() == tmp_path
        assert f"PPid:\t{os.getpid()}\n" in (process / "status").read_text()
        assert os.getsid(child.pid) == child.pid
        assert child.returncode is None


async def test_what_was_killed_and_what_was_told_to_end_differ(
    nursery: Nursery, tmp_path: Path
) -> None:
    async with begun(nursery, tmp_path, *WAITS) as child:
        os.kill(child.pid, signal.SIGKILL)
        assert await ended(child) == -signal.SIGKILL
    for _ in range(20):  # as it is born, or soon after
        async with begun(nursery, tmp_path, *WAITS) as child:
            await child.stop()
            assert child.returncode == 0  # as `beginning` has it
