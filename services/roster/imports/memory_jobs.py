"""`Jobs` in memory: for contract and component tests. Every method yields to the loop once before
it acts, as a database would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.chassis.write.by_date import ByDate, place
from services.chassis.write.loading import Found
from services.roster.imports.jobs import Job, JobState, page_of


@dataclass
class _Held:
    holder: str
    until: datetime


class MemoryJobs:
    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._held: dict[str, _Held] = {}
        self.files: dict[str, dict[int, bytes]] = {}

    async def ensure_indexes(self) -> None:
        return None

    async def keep(self, id: str, number: int, piece: bytes, now: datetime) -> None:
        await asyncio.sleep(0)
        self.files.setdefault(id, {}).setdefault(number, piece)

    async def add(self, job: Job) -> Job:
        await asyncio.sleep(0)
        return self._jobs.setdefault(job.id, job)

    async def get(self, district: str, id: str) -> Job | None:
        await asyncio.sleep(0)
        found = self._jobs.get(id)
        return found if found is not None and found.district == district else None

    async def page(self, district: str, by: ByDate, after: str, limit: int) -> Found[Job]:
        await asyncio.sleep(0)
        last = place(after) if after else None
        found = [
            replace(each, report=None) for each in self._of(district) if by.holds(each.made_at)
        ]
        found = [each for each in found if last is None or (each.made_at, each.id) < last]
        return page_of(sorted(found, key=lambda each: (each.made_at, each.id), reverse=True), limit)

    async def unfinished(self, district: str) -> Sequence[Job]:
        await asyncio.sleep(0)
        unfinished = (JobState.WAITING, JobState.RUNNING)
        found = [
            replace(each, report=None) for each in self._of(district) if each.state in unfinished
        ]
        return sorted(found, key=lambda each: (each.made_at, each.id))

    async def last_good(self, district: str) -> datetime | None:
        await asyncio.sleep(0)
        good = [
            each
            for each in self._of(district)
            if each.state is JobState.DONE
            and not each.validate_only
            and (each.report or {}).get("stopped") is not True
        ]
        last = max(good, key=lambda each: (each.made_at, each.id), default=None)
        return last.ended_at if last else None

    async def take(self, now: datetime, until: datetime, holder: str) -> Job | None:
        await asyncio.sleep(0)
        running = {each.district for each in self._jobs.values() if each.state is JobState.RUNNING}
        for job in sorted(self._jobs.values(), key=lambda each: (each.made_at, each.id)):
            waits = job.state is JobState.WAITING and job.district not in running
            left = job.state is JobState.RUNNING and self._held[job.id].until <= now
            if waits or left:
                self._held[job.id] = _Held(holder, until)
                began = job.began_at or now
                taken = replace(job, state=JobState.RUNNING, began_at=began, tries=job.tries + 1)
                self._jobs[job.id] = taken
                return taken
        return None

    async def hold(
        self, id: str, holder: str, until: datetime, told: Mapping[str, Any] | None = None
    ) -> bool:
        await asyncio.sleep(0)
        if not self._is_held(id, holder):
            return False
        self._held[id] = _Held(holder, until)
        self._jobs[id] = replace(self._jobs[id], **(told or {}))
        return True

    async def settle(
        self, id: str, holder: str, state: JobState, now: datetime, code: str = "", detail: str = ""
    ) -> bool:
        await asyncio.sleep(0)
        if not self._is_held(id, holder):
            return False
        self._jobs[id] = replace(
            self._jobs[id], state=state, ended_at=now, phase=None, code=code, detail=detail
        )
        self.files.pop(id, None)
        return True

    async def file(self, id: str) -> AsyncIterator[bytes]:
        await asyncio.sleep(0)
        for _, piece in sorted(self.files.get(id, {}).items()):
            yield piece

    def _of(self, district: str) -> list[Job]:
        return [each for each in self._jobs.values() if each.district == district]

    def _is_held(self, id: str, holder: str) -> bool:
        job = self._jobs.get(id)
        return job is not None and job.state is JobState.RUNNING and self._held[id].holder == holder
