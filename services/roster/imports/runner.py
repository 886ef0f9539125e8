"""The role that carries imports out.

Promised, with any number of runners and a kill at any moment: each import is carried out to its
end, one of a district at a time, and ends as if it had never been cut short. What it does is
settled and kept before anything is written, each record is written whole or not at all, and who
goes on writes what is not written yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta

from services.chassis.backoff import Backoff
from services.chassis.call import Call, Principal
from services.chassis.kernel import Fault, Kind, OperatorError, invalid
from services.chassis.rounds import Beat, rest, until_stopped
from services.roster.imports.cases import ImportProgress, Ports, Report, import_roster, today_of
from services.roster.imports.jobs import Job, JobState
from services.roster.imports.oneroster.upload import receive
from services.roster.imports.resources import import_report, report_of, stored_report

log = logging.getLogger(__name__)

AT_ONCE = 2  # imports of a process: each holds a stored roster in memory
POLL_SECONDS = 1.0
LEASE = timedelta(seconds=30)
HOLD_SECONDS = 5.0
PASSING = timedelta(seconds=15)  # after what will pass by itself
MOST_TRIES = 10
FOR_A_WHILE = (Kind.UNAVAILABLE, Kind.OVERLOADED, Kind.LIMITED)


class Lost(Exception):
    """Somebody else goes on with it."""


class ImportRunner:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self.beat = Beat()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is under way then goes on in another process, or later."""
        await until_stopped(self._all(stop), stop)

    async def round(self) -> int:
        """Carry out an import that waits; how many there were. Raises Fault UNAVAILABLE."""
        now = self._ports.clock.now()
        holder = uuid.uuid4().hex
        job = await self._ports.jobs.take(now, now + LEASE, holder)
        if job is None:
            return 0
        await _Run(self._ports, job, holder, self.beat).run()
        return 1

    async def _all(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._rounds(stop))

    async def _rounds(self, stop: asyncio.Event) -> None:
        backoff = Backoff()
        while not stop.is_set():
            self.beat.turn()
            pause = POLL_SECONDS
            try:
                if await self.round():
                    pause = 0.0
                backoff.reset()
            except Fault as fault:
                if fault.kind is not Kind.UNAVAILABLE:
                    raise
                log.warning("imports wait: %s", fault.code)
                pause = backoff.next()
            await rest(stop, pause)


class _Run(ImportProgress):
    """One import in this process, as long as it is held."""

    def __init__(self, ports: Ports, job: Job, holder: str, beat: Beat) -> None:
        super().__init__()
        self._ports, self._job, self._holder = ports, job, holder
        self._beat = beat
        self._day = job.day or today_of(ports, job.district)

    async def run(self) -> None:
        work = asyncio.create_task(self._work())
        keeping = asyncio.create_task(self._keep())
        try:
            await asyncio.wait({work, keeping}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        except asyncio.CancelledError:
            await self._let_go()
            raise
        finally:
            for task in (work, keeping):
                task.cancel()
            await asyncio.gather(work, keeping, return_exceptions=True)

    async def planned(self, report: Report) -> None:
        """What it does is what it did at its first try, though some may be written since."""
        told: dict[str, object] = {"phase": self.phase, "total": self.total}
        if self._job.report is None:
            made = import_report(report, self._job.validate_only)
            told |= {"day": self._day, "report": stored_report(made)}
        elif report_of(self._job.report).stopped != report.stopped:
            raise invalid("settings_changed", "What may be removed was set anew: send it again.")
        await self._hold(told)

    async def _work(self) -> None:
        try:
            if self._job.tries > MOST_TRIES:
                await self._end(JobState.FAILED, "never_ended", "It was begun too often.")
                return
            await self._import()
            await self._end(JobState.DONE)
        except Lost:
            log.warning("an import is somebody else's now")
        except OperatorError:
            raise
        except Fault as fault:
            if fault.kind in FOR_A_WHILE:
                log.warning("an import waits: %s", fault.code)
                await self._later(self._job.tries - 1)
            else:
                with contextlib.suppress(Lost):
                    await self._end(JobState.FAILED, fault.code, fault.detail)
        except Exception:
            log.exception("an import has failed")
            await self._later(self._job.tries)

    async def _import(self) -> None:
        job = self._job
        call = Call("import_roster", _principal(job), correlation=job.id)
        # However slow the store is: the lease bounds it.
        with await receive(self._ports.jobs.file(job.id), hurry=False) as file:
            if file.sha256 != job.sha256:
                raise invalid("file_gone", "The file is not kept any more: send it again.")
            await import_roster(
                self._ports,
                call,
                file,
                validate_only=job.validate_only,
                allow_removals=job.allow_removals,
                day=self._day,
                progress=self,
            )

    async def _keep(self) -> None:
        """Hold it as long as it runs. Returns when it is lost, or may be."""
        held_at = time.monotonic()
        while time.monotonic() - held_at < LEASE.total_seconds():
            await asyncio.sleep(HOLD_SECONDS)
            self._beat.turn()
            try:
                told = {"phase": self.phase, "done": self.done, "total": self.total}
                asked_at = time.monotonic()
                await self._hold(told)
                held_at = asked_at
            except Lost:
                return
            except Fault as fault:
                log.warning("an import is held no more for now: %s", fault.code)

    async def _hold(self, told: Mapping[str, object]) -> None:
        until = self._ports.clock.now() + LEASE
        if not await self._ports.jobs.hold(self._job.id, self._holder, until, told):
            raise Lost

    async def _later(self, tries: int) -> None:
        """For another try, of which so many have counted."""
        until = self._ports.clock.now() + PASSING
        with contextlib.suppress(Fault):
            await self._ports.jobs.hold(self._job.id, self._holder, until, {"tries": tries})

    async def _let_go(self) -> None:
        """This process ends: another one may go on at once."""
        with contextlib.suppress(Fault, TimeoutError):
            async with asyncio.timeout(0.5):
                now = self._ports.clock.now()
                told = {"tries": self._job.tries - 1}
                await self._ports.jobs.hold(self._job.id, self._holder, now, told)

    async def _end(self, state: JobState, code: str = "", detail: str = "") -> None:
        told = {"done": self.done, "total": self.total}
        await self._hold(told)
        now = self._ports.clock.now()
        await self._ports.jobs.settle(self._job.id, self._holder, state, now, code, detail)


def _principal(job: Job) -> Principal:
    """Who sent the file."""
    kind, _, name = job.by.partition(":")
    return Principal(
        job.district,
        person=name if kind == "person" else "",
        partner=name if kind == "partner" else "",
    )
