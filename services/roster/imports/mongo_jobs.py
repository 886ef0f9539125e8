"""`Jobs` on MongoDB: the collections `imports` and `import_files`.

`imports`: a job's fields, with `holder` and `until` of whoever runs it, `running` (its district,
while it runs: no two have the same) and `forget_at`. `import_files`: `{_id: "job:number", data,
forget_at}`, where the numbers have 6 digits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.mongo import (
    Database,
    DuplicateKeyError,
    IndexModel,
    ReturnDocument,
)
from services.chassis.write.by_date import ByDate, place
from services.chassis.write.loading import Found
from services.chassis.write.mongo_faults import reading, writing
from services.roster.imports.jobs import FILES_KEPT, KEPT, LEFT, Job, JobState, Phase, page_of

_FIELDS = tuple(each.name for each in fields(Job) if each.name != "id")
_UNFINISHED = [JobState.WAITING.value, JobState.RUNNING.value]
_CANDIDATES = 50  # of other districts, where some are busy


class MongoJobs:
    def __init__(self, database: Database) -> None:
        self._jobs = database["imports"]
        self._files = database["import_files"]

    async def ensure_indexes(self) -> None:
        with writing():
            await ensure(
                self._jobs,
                [
                    IndexModel([("district", 1), ("made_at", -1), ("_id", -1)], name="of_district"),
                    IndexModel([("state", 1), ("made_at", 1), ("_id", 1)], name="of_state"),
                    IndexModel(
                        "running",
                        name="one_at_a_time",
                        unique=True,
                        partialFilterExpression={"running": {"$exists": True}},
                    ),
                    IndexModel("forget_at", name="forget_at", expireAfterSeconds=0),
                ],
            )
            await ensure(
                self._files, [IndexModel("forget_at", name="forget_at", expireAfterSeconds=0)]
            )

    async def keep(self, id: str, number: int, piece: bytes, now: datetime) -> None:
        where = {"_id": _piece(id, number)}
        made = {"data": piece, "forget_at": now + FILES_KEPT}
        with writing():
            await self._files.update_one(where, {"$setOnInsert": made}, upsert=True)

    async def add(self, job: Job) -> Job:
        made = {**_told(asdict(job)), "forget_at": job.made_at + KEPT}
        made.pop("id")
        with writing():
            found = await self._jobs.find_one_and_update(
                {"_id": job.id},
                {"$setOnInsert": made},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return _job(found)

    async def get(self, district: str, id: str) -> Job | None:
        with reading():
            found = await self._jobs.find_one({"_id": id, "district": district})
        return _job(found) if found else None

    async def page(self, district: str, by: ByDate, after: str, limit: int) -> Found[Job]:
        made: dict[str, Any] = {"$gte": by.since} if by.since else {}
        where: dict[str, Any] = {"district": district}
        if after:
            at, last = place(after)
            made["$lte"] = at  # which is before `until`, for the page before it was
            where["$or"] = [{"made_at": {"$lt": at}}, {"_id": {"$lt": last}}]
        elif by.until:
            made["$lt"] = by.until
        where |= {"made_at": made} if made else {}
        with reading():
            found = self._jobs.find(where, {"report": 0})
            found = found.sort([("made_at", -1), ("_id", -1)]).limit(limit + 1)
            return page_of([_job(each) for each in await found.to_list(None)], limit)

    async def unfinished(self, district: str) -> Sequence[Job]:
        where = {"district": district, "state": {"$in": _UNFINISHED}}
        with reading():
            found = self._jobs.find(where, {"report": 0}).sort([("made_at", 1), ("_id", 1)])
            return [_job(each) for each in await found.to_list(None)]

    async def last_good(self, district: str) -> datetime | None:
        where = {"district": district, "state": JobState.DONE.value, "validate_only": False}
        where |= {"report.stopped": {"$ne": True}}
        with reading():
            found = self._jobs.find(where, {"ended_at": 1}).sort([("made_at", -1), ("_id", -1)])
            for each in await found.limit(1).to_list(None):
                ended: datetime = each["ended_at"]
                return ended if ended.tzinfo else ended.replace(tzinfo=UTC)
        return None

    async def take(self, now: datetime, until: datetime, holder: str) -> Job | None:
        left = {"state": JobState.RUNNING.value, "until": {"$lte": now}}
        with writing():
            taken = await self._take(left, now, until, holder)
            if taken is not None:
                return taken
            busy = await self._jobs.distinct("district", {"state": JobState.RUNNING.value})
            waiting = {"state": JobState.WAITING.value, "district": {"$nin": busy}}
            found = self._jobs.find(waiting, {"district": 1}).sort([("made_at", 1), ("_id", 1)])
            for each in await found.limit(_CANDIDATES).to_list(None):
                try:
                    taken = await self._take({**waiting, "_id": each["_id"]}, now, until, holder)
                except DuplicateKeyError:
                    continue  # another of its district has begun meanwhile
                if taken is not None:
                    return taken
        return None

    async def _take(
        self, where: Mapping[str, Any], now: datetime, until: datetime, holder: str
    ) -> Job | None:
        held = {"state": JobState.RUNNING.value, "holder": holder, "until": until}
        begun = {"began_at": {"$ifNull": ["$began_at", now]}, "tries": {"$add": ["$tries", 1]}}
        found = await self._jobs.find_one_and_update(
            dict(where),
            [{"$set": {**held, **begun, "running": "$district"}}],
            sort=[("made_at", 1), ("_id", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return _job(found) if found else None

    async def hold(
        self, id: str, holder: str, until: datetime, told: Mapping[str, Any] | None = None
    ) -> bool:
        return await self._set(id, holder, {"$set": {"until": until, **_told(told or {})}})

    async def settle(
        self, id: str, holder: str, state: JobState, now: datetime, code: str = "", detail: str = ""
    ) -> bool:
        file = {"_id": {"$gte": f"{id}:", "$lt": f"{id};"}}
        with writing():  # before it has ended: after a kill in between nobody comes back for it
            await self._files.update_many(file, {"$set": {"forget_at": now + LEFT}})
        told = {"state": state, "ended_at": now, "phase": None, "code": code, "detail": detail}
        done = await self._set(id, holder, {"$set": _told(told), "$unset": {"running": ""}})
        if done:
            with writing():
                await self._files.delete_many(file)
        return done

    async def file(self, id: str) -> AsyncIterator[bytes]:
        number = 0
        while True:
            with reading():
                found = await self._files.find_one({"_id": _piece(id, number)})
            if found is None:
                return
            yield bytes(found["data"])
            number += 1

    async def _set(self, id: str, holder: str, change: Mapping[str, Any]) -> bool:
        where = {"_id": id, "state": JobState.RUNNING.value, "holder": holder}
        with writing():
            done = await self._jobs.update_one(where, dict(change))
        return bool(done.matched_count)


def _piece(id: str, number: int) -> str:
    return f"{id}:{number:06}"


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.value if isinstance(value, JobState | Phase) else value
        for name, value in values.items()
    }


def _job(found: Mapping[str, Any]) -> Job:
    told = {name: found[name] for name in _FIELDS if name in found}
    for name in ("made_at", "began_at", "ended_at", "asked_at"):
        if told.get(name) is not None and told[name].tzinfo is None:
            told[name] = told[name].replace(tzinfo=UTC)
    phase = told.get("phase")
    told |= {"state": JobState(told["state"]), "phase": Phase(phase) if phase else None}
    return Job(id=found["_id"], **told)
