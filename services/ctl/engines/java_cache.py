"""What Java keeps of one run of a program for the next: its classes, loaded and linked.

That is most of what a start costs: of a broker's and of the formatting of its folder 2.0 s of CPU
are left of 4.0. A cache that is missing or broken, or another Java's, is no error: Java does
without.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ctl.engines.errors import EngineError

_QUIET = "-Xlog:aot*=off"  # of each class that cannot be kept, and of a cache that is no good
Training = Callable[[Path, list[str]], Awaitable[None]]


def options(cache: Path) -> list[str]:
    """With which Java uses it; none where there is none."""
    usable = cache.exists() and cache.stat().st_size > 0
    return [_QUIET, f"-XX:AOTCache={cache}"] if usable else []


async def ensure(cache: Path, train: Training) -> None:
    """Make the cache unless it is there, or another process makes it now: that is not waited for.

    `train` gets an empty folder and the options of Java with which to run the program once, until
    it has ended in order. The cache appears whole or not at all. Where `train` raises EngineError
    or OSError, or its folder takes no file, the next start tries again; where Java leaves nothing,
    the cache is empty, and none does.
    """
    try:
        with _place(cache) as folder:
            if folder is not None:
                made = folder / cache.name
                await train(folder, [_QUIET, f"-XX:AOTCacheOutput={made}"])
                _keep(made, cache)
    except (EngineError, OSError):
        return


def _keep(made: Path, cache: Path) -> None:
    try:
        with made.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(made, cache)
    except FileNotFoundError:
        cache.touch()


@contextmanager
def _place(cache: Path) -> Iterator[Path | None]:
    """An empty folder of one process at a time; None where there is nothing to make."""
    if cache.exists():
        yield None
        return
    with (cache.parent / "training").open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if cache.exists():
            yield None
            return
        for left in cache.parent.glob("training-*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="training-", dir=cache.parent) as folder:
            yield Path(folder)
