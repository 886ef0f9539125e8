"""Processes of services that are born with what they import. To start one takes a second of CPU,
most of it for imports, and the fault matrix starts hundreds: here one process imports once, and the
others are forked from it. That a service starts from nothing is shown where `tandem up` starts it,
and by tests/component/test_beginning.py.

`python -m tests.support.nursery` is that process. It is asked for one by a line, answers with its
pid, and ends with whoever asks.
"""

from __future__ import annotations

from services.chassis.beginning import SIGNALS, begin, end_when_told

if __name__ == "__main__":
    begin()  # as services do

import ctypes
import gc
import json
import os
import random
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from services.chassis import crash_points

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Nursery:
    """Begins processes of Python modules. They are children of this process, as if it had started
    them itself."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def begin(
        self, command: Sequence[str], env: Mapping[str, str], folder: Path, log: IO[bytes]
    ) -> Born:
        """`command` is `python -m MODULE ARGUMENTS`; as `child.begin`."""
        asked = {
            "program": command[2:],
            "env": dict(env),
            "folder": str(folder),
            "log": log.name,
            "parent": os.getpid(),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        return Born(int(self._process.stdout.readline()))

    def close(self) -> None:
        """Those that it began go on."""
        self._process.communicate()


class Born:
    """What is used of a `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        return self._waited(os.WNOHANG)

    def wait(self) -> int | None:
        return self._waited(0)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:  # not waited for: the pid is nobody else's
            os.kill(self.pid, number)

    def _waited(self, how: int) -> int | None:
        if self._status is None:
            pid, status = os.waitpid(self.pid, how)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status


def _import_all() -> None:
    import services.assembly.api
    import services.assembly.process  # noqa: F401
    from services.assembly.registry import SERVICES
    from services.ctl.local.ensure import bootstrap_of

    for service in SERVICES:
        bootstrap_of(service).tables()
    gc.collect()
    gc.freeze()
    threads = os.listdir("/proc/self/task")
    assert len(threads) == 1, "a fork has one thread, which may wait for what the others held"


def _asked_for() -> dict[str, Any]:
    """Returns in each process that is born, and never in this one. Signals wait until one has
    begun: Python forgets those that come while it forks."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    while line := sys.stdin.buffer.readline():
        told, tell = os.pipe()
        waits, go = os.pipe()
        if between := os.fork():
            os.waitpid(between, 0)  # from now on the one that is born is its grandparent's
            os.write(go, b"!")
            os.write(1, os.read(told, 100) + b"\n")
            for each in (told, tell, waits, go):
                os.close(each)
        elif pid := os.fork():
            os.write(tell, str(pid).encode())
            os._exit(0)
        else:
            os.close(go)
            os.read(waits, 1)
            for each in (told, tell, waits):
                os.close(each)
            asked: dict[str, Any] = json.loads(line)
            return asked
    os._exit(0)


def _become(asked: Mapping[str, Any]) -> None:
    """What a started process is by its start."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != asked["parent"]:
        os._exit(1)
    os.setsid()
    os.chdir(asked["folder"])
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(asked["log"], os.O_WRONLY)
    for opened, place in ((null, 0), (log, 1), (log, 2)):
        os.dup2(opened, place)
    end_when_told()
    os.environ.clear()
    os.environ.update(asked["env"])
    vars(crash_points)["_ARMED"], vars(crash_points)["_SIGNAL"] = crash_points._armed()
    for name, imported in list(sys.modules.items()):
        if name.startswith("services."):
            for each in vars(imported).values():
                if isinstance(each, random.Random):
                    each.seed(os.urandom(32))  # else all would draw the same ids
    module, *sys.argv[1:] = asked["program"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _import_all()
    _become(_asked_for())
