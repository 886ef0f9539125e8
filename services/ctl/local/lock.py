"""One `tandem up` at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ctl.exits import Exit, Stop


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder. The lock ends with the process, so a kill -9 leaves none behind.
    Raises Stop CANNOT_RUN where another process holds it or the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise Stop(Exit.CANNOT_RUN, f"{folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Stop(
                Exit.CANNOT_RUN,
                f"`tandem up` runs already in {folder} (process {lock.read().strip() or '?'}): "
                "stop it, or name another folder in TANDEM_LOCAL",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
