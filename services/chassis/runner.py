"""One process, one loop, its roles as supervised tasks.

A role runs until its `stop` event is set. One that returns or raises before that ends the
process with exit code 1, its exception in the log: a process is never half alive. After SIGTERM
or SIGINT the process is leaving: it goes on for a while, so that those who send it requests can
learn of that, unless a second signal comes. Then `stop` is set; what has not ended 9 s later is
cancelled, and 12 s later all is over.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
import uvloop

from services.chassis.beginning import SIGNALS, end_at_once
from services.chassis.settings import BadSettings, ChassisSettings

log = structlog.get_logger(__name__)

ProcessRole = Callable[[asyncio.Event], Awaitable[None]]
DRAIN_SECONDS = 9.0


def pick(settings: ChassisSettings, roles: Mapping[str, ProcessRole]) -> dict[str, ProcessRole]:
    """The roles that ROLES names, all when it names none. A name with a dot, such as
    `api.rest`, is picked by its first part too. Raises BadSettings for an unknown one."""
    if not settings.roles:
        return dict(roles)
    # an API is made only where it is named, and every service has one
    known = {"api", *(name.partition(".")[0] for name in roles)}
    unknown = sorted(set(settings.roles) - known - roles.keys())
    if unknown:
        raise BadSettings(f"ROLES: unknown; there are {', '.join(sorted(known))}")
    wanted = set(settings.roles)
    return {
        name: role
        for name, role in roles.items()
        if name in wanted or name.partition(".")[0] in wanted
    }


async def run(
    service: str,
    settings: ChassisSettings,
    roles: Mapping[str, ProcessRole],
    *,
    always: Mapping[str, ProcessRole] | None = None,
    leaving: asyncio.Event | None = None,
    drain_seconds: float = DRAIN_SECONDS,
) -> int:
    """Run the picked roles and, until these have ended, those of `always`; the
    exit code: 0 after a signal, 1 when a role ended by itself or would not drain cleanly.
    `leaving` is set at the first signal, or when a role ends: before `stop` is."""
    picked = pick(settings, roles)
    leaving, stop = leaving or asyncio.Event(), asyncio.Event()
    last = asyncio.Event()  # the internal port answers while the others drain
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def told() -> None:
        (stop if leaving.is_set() else leaving).set()

    for number in SIGNALS:
        loop.add_signal_handler(number, told)
    tasks = {asyncio.create_task(_run(role, stop)): name for name, role in picked.items()}
    inner = {asyncio.create_task(_run(role, last)): name for name, role in (always or {}).items()}
    log.info("started", service=service, roles=sorted(picked))
    waiting = [asyncio.create_task(each.wait()) for each in (leaving, stop)]
    every: set[asyncio.Task[Any]] = {*tasks, *inner}
    try:
        done, _ = await asyncio.wait({*every, waiting[0]}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.is_set() and "api" in {name.partition(".")[0] for name in picked}:
            log.info("leaving", service=service)
            done, _ = await asyncio.wait(
                {*every, waiting[1]},
                timeout=settings.leave_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        failed = _failed({**tasks, **inner}, done, told=stop.is_set())
        leaving.set()
        stop.set()
        log.info("draining", service=service)
        failed |= await _drained(tasks, drain_seconds)
        last.set()
        failed |= await _drained(inner, 1.0)
    finally:
        for each in waiting:
            each.cancel()
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            # a process that has run ends by itself, and says how it went
            over = handler is end_at_once
            signal.signal(number, signal.SIG_IGN if over else handler)
    log.info("stopped", service=service)
    return 1 if failed else 0


async def _run(role: ProcessRole, stop: asyncio.Event) -> None:
    await role(stop)


def _failed(
    names: Mapping[asyncio.Task[None], str], done: set[asyncio.Task[Any]], told: bool
) -> bool:
    """Whether one of our roles raised, or has ended though nobody told it to; logs each."""
    failed = False
    for task in done:
        error = None if task.cancelled() else task.exception()
        if task in names and (error is not None or not told):
            log.error("role_ended", role=names[task], exc_info=error)
            failed = True
    return failed


async def _drained(tasks: Mapping[asyncio.Task[None], str], seconds: float) -> bool:
    """Wait for roles that were told to stop; cancel the late. Whether one failed."""
    pending = {task for task in tasks if not task.done()}
    if not pending:
        return False
    done, late = await asyncio.wait(pending, timeout=seconds)
    for task in late:
        log.warning("role_cancelled", role=tasks[task])
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1.0)
    return _failed(tasks, done, told=True)


def spare_collector() -> None:
    """Call once everything is imported: the end of what `beginning.begin` began. A batch keeps a
    million objects without a cycle for a moment; by default Python walks through them again and
    again, for a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def main(service: str, start: Callable[[], Awaitable[int]]) -> None:
    """The body of every `__main__`: runs `start` on uvloop and exits with its code; a bad
    setting ends the process with one line on stderr and exit code 2.

    Once `start` is over, so is the process: a loop or an interpreter that closes waits for its
    threads, and one of them may be reading a large file, or asking a name server that is down.
    """
    try:
        code = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(_code(start))
    except BadSettings as error:
        sys.stderr.write(f"{service}: {error}\n")
        code = 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _code(start: Callable[[], Awaitable[int]]) -> int:
    return await start()
