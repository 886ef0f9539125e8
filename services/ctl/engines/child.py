"""One child process in one folder, which dies with its parent or is found by the next one.

The folder holds `lock` (held while the parent lives), `child.json` (who the child is) and the logs
of its last runs: `<name>.log`, before it `<name>.1.log`. The kernel is asked to send the child
SIGTERM when its parent dies (Linux); where that does not happen, the next `start` on the folder
finds the child by pid and start time.
"""

import asyncio
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import IO, Protocol, TypeAlias

from services.ctl.engines.errors import EngineError

STALE_SECONDS = 5.0
STOP_SECONDS = 15.0
POLL_SECONDS = 0.02
OLDER_LOGS = 3
_ERROR = re.compile(r'ERROR|FATAL|"s":"[EF]"|"level":"error"')
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH")

# Runs in the child before the engine: PR_SET_PDEATHSIG survives exec, and needs no preexec_fn
# (which would fork a threaded parent). A parent already dead by then shows as another ppid.
_LAUNCH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


def identity(pid: int) -> str | None:
    """A string that no other process ever has; None when no such process runs.

    A zombie does not run. Source: boot id and start time of /proc; elsewhere `ps`.
    """
    if not sys.platform.startswith("linux"):
        found = subprocess.run(  # noqa: S603 - no shell
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return f"{pid} {found.stdout.strip()}" if found.stdout.strip() else None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the command name before it may hold anything
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{pid} {fields[19]} {boot}"


def _signal_and_wait(pid: int, known: str, number: signal.Signals, seconds: float) -> bool:
    """Blocks up to `seconds`; true once the process that `known` identifies is gone."""
    deadline = time.monotonic() + seconds
    try:
        if identity(pid) == known:
            os.kill(pid, number)
    except ProcessLookupError:
        return True
    while identity(pid) == known:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end_stale(record: Path) -> None:
    """End the process that `record` names, if that very process still runs. May block 10 s."""
    try:
        noted = json.loads(record.read_text())
        pid, known = int(noted["pid"]), str(noted["identity"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if not _signal_and_wait(pid, known, signal.SIGTERM, STALE_SECONDS) and not _signal_and_wait(
        pid, known, signal.SIGKILL, STALE_SECONDS
    ):
        raise EngineError(f"process {pid}, left by an earlier run, does not end; end it by hand")
    record.unlink(missing_ok=True)


class Folder:
    """A data folder that one running parent at a time may use."""

    def __init__(self, path: Path) -> None:
        """Takes the folder's lock; EngineError when another living process holds it.

        Ends what a dead parent left running in it. May block 10 s, when that one is stuck.
        """
        path.mkdir(parents=True, exist_ok=True)
        self.path = path.resolve()
        self.record = self.path / "child.json"
        self._lock: IO[bytes] = (self.path / "lock").open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            end_stale(self.record)
        except BlockingIOError:
            self.release()
            raise EngineError(f"{self.path} is in use by another running tandem") from None
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let another parent use the folder. Does nothing the second time."""
        self._lock.close()

    @property
    def released(self) -> bool:
        return self._lock.closed


class Process(Protocol):
    """What is used of a `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self) -> int | None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


Begin: TypeAlias = Callable[[Sequence[str], Mapping[str, str], Path, IO[bytes]], Process]


def begin(
    command: Sequence[str], env: Mapping[str, str], folder: Path, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A process that sees nothing but `env`, writes to `log`, and is told to end when the calling
    thread does (Linux)."""
    if sys.platform.startswith("linux"):
        command = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *command]
    return subprocess.Popen(  # noqa: S603 - no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=env,
        start_new_session=True,  # Ctrl-C reaches the parent alone
    )


class Child:
    """A running program in a locked folder."""

    def __init__(
        self,
        folder: Folder,
        name: str,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        begin: Begin = begin,
    ) -> None:
        """Start `command` (its first item an absolute path) with `<name>.log` for its output.

        Of this process's environment it sees only KEPT_VARIABLES, besides `env`. Call it on a
        thread that lives as long as the child shall: to the kernel, that thread is the parent.
        The log is begun anew; those of OLDER_LOGS runs before are kept.
        """
        self.name = name
        self.log = folder.path / f"{name}.log"
        self._folder = folder
        arguments = [str(part) for part in command]
        seen = _environment(os.environ) | dict(env or {})
        _keep(self.log)
        with self.log.open("wb") as log:
            self._process = begin(arguments, seen, folder.path, log)
        known = identity(self._process.pid)
        folder.record.write_text(json.dumps({"pid": self._process.pid, "identity": known}))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs; -N when signal N ended it."""
        return self._process.poll()

    def output(self) -> list[str]:
        """The last lines of its log, about 16 KB of them."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 16_384))
            return log.read().decode(errors="replace").strip().splitlines()

    def tail(self) -> str:
        """Its last two errors, else its last two lines, in one line of at most 600 characters."""
        lines = self.output()
        errors = [line for line in lines if _ERROR.search(line)]
        return " | ".join((errors or lines)[-2:])[:600]

    def end(self) -> str:
        """How it has ended, with what it said of errors, in one line."""
        status = self.returncode or 0
        if status >= 0:
            return f"{self.name} ended (status {status}): {self.tail()} (its log: {self.log})"
        by = f"{self.name} was ended by {signal.Signals(-status).name}"
        errors = [line for line in self.output() if _ERROR.search(line)]
        return f"{by}{f', after it said: {self.tail()}' if errors else ''} (its log: {self.log})"

    async def wait(self) -> int:
        """The exit status, once it has ended."""
        while True:
            status = self._process.poll()
            if status is not None:
                return status
            await asyncio.sleep(POLL_SECONDS * 5)

    async def stop(self, seconds: float = STOP_SECONDS) -> None:
        """SIGTERM, up to `seconds` of waiting, SIGKILL; then the folder is free for another.

        Safe to call again; always ends the child, also when cancelled.
        """
        try:
            if self._process.poll() is None:
                self._process.terminate()
                await asyncio.wait_for(self.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self.kill()
            self._folder.release()

    def kill(self) -> None:
        """SIGKILL now, unless it has ended. The folder stays locked, for another try."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if not self._folder.released:  # else the record may be another child's by now
            self._folder.record.unlink(missing_ok=True)


def _keep(log: Path) -> None:
    """`x.log` becomes `x.1.log`, which becomes `x.2.log`; the oldest is lost."""
    kept = [log, *(log.with_suffix(f".{number}.log") for number in range(1, OLDER_LOGS + 1))]
    for newer, older in reversed(list(pairwise(kept))):
        with suppress(FileNotFoundError):
            newer.replace(older)


def _environment(full: Mapping[str, str]) -> dict[str, str]:
    return {name: full[name] for name in KEPT_VARIABLES if name in full}
