"""Rows, fences and parked messages in MongoDB, changed together in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.crash_points import crash_point
from services.chassis.mongo import (
    BulkWriteError,
    Database,
    MongoSession,
    PyMongoError,
    UpdateOne,
    refusal,
)
from services.chassis.mongo_meaning import TOO_LARGE
from services.chassis.views.erased import erased_districts
from services.chassis.views.fence import MongoFences
from services.chassis.views.generations import Generations
from services.chassis.views.mongo_answers import answering
from services.chassis.views.mongo_parked import PARKED, MongoParked, emptying
from services.chassis.views.parked import MOST_OPEN, OPEN, REDRIVE, RESOLVED, Parked, to_document
from services.chassis.views.projection import Row
from services.chassis.views.rows import (
    Batch,
    Builds,
    Change,
    Fence,
    Generation,
    Outcome,
    Reported,
    RowFull,
    Terms,
)

FRESHNESS = "view_freshness"
COMMIT_TRIES = 5
SCANNED = 500  # rows decoded at a time by a scan: a whole 16 MB reply takes 60 MB as rows


class MongoViews:
    """Made in the loop that uses it; projectors of different groups may share it. Keeps one
    long-lived session for each group, whose id is stored in the fences it takes, so that a
    successor can end its open transaction at once. Every method but `commit` may raise StoreDown,
    all of them MongoUnavailable where MongoDB refuses the user."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._generations = Generations(database)
        self._fences = MongoFences(database)
        self._parked = MongoParked(database)
        self._sessions: dict[str, MongoSession] = {}

    async def ensure_indexes(self) -> None:
        await self._parked.ensure_indexes()

    async def _own_session(self, group: str) -> MongoSession:
        session = self._sessions.get(group)
        if session is None or session.delegate.has_ended:
            session = self._sessions[group] = await self._db.client.start_session()
        return session

    async def generation(self, name: str) -> Generation:
        return await self._generations.current(name)

    async def erased_districts(self) -> Mapping[str, datetime]:
        with answering():
            return await erased_districts(self._db)

    async def next_generation(self, name: str) -> Generation:
        return await self._generations.next(name)

    async def builds(self, name: str) -> Builds:
        found = await self._generations.builds(name)
        making = [found.making] if found.making else []
        with answering():
            there = await self._fences.there(each.group for each in (*found.others, *making))
        return replace(
            found,
            making=found.making if found.making and found.making.group in there else None,
            others=[each for each in found.others if each.group in there],
        )

    async def come_into_use(self, generation: Generation, alone: bool) -> bool:
        return await self._generations.come_into_use(generation, alone)

    async def flip(self, generation: Generation) -> bool:
        return await self._generations.flip(generation)

    async def drop(self, generation: Generation, collections: Iterable[str]) -> bool:
        if not await self._generations.begin_drop(generation):
            return False
        with answering():
            await self._fences.stop(generation.group)
            for base in collections:
                await self._db[generation.collection(base)].drop()
            await self._parked.drop(generation.group)
            await self._db[FRESHNESS].delete_one({"_id": generation.group})
            await self._fences.drop(generation.group)  # last: by them it is found again
        return True

    async def drop_others(self, generation: Generation, collections: Iterable[str]) -> None:
        await self._drop_others(await self.builds(generation.name), generation, collections)

    async def drop_unwanted(self, generation: Generation, collections: Iterable[str]) -> None:
        builds = await self.builds(generation.name)
        if builds.alone:
            await self._drop_others(builds, generation, collections)

    async def _drop_others(
        self, builds: Builds, generation: Generation, collections: Iterable[str]
    ) -> None:
        if generation != builds.current:
            return
        for each in builds.others:
            if generation != await self.generation(generation.name):
                return
            if not await self.drop(each, collections):
                return
        if builds.alone:
            await self._generations.is_alone(generation)

    async def claim(self, group: str, numbers: Iterable[int], terms: Terms) -> Mapping[int, Fence]:
        with answering():
            session = await self._own_session(group)
            if session.delegate.in_transaction:
                await session.abort_transaction()
            lsid = bytes(session.delegate.session_id["id"])
            return await self._fences.claim(group, numbers, terms, lsid)

    async def fences(self, group: str, numbers: Iterable[int]) -> Mapping[int, Fence]:
        with answering():
            return await self._fences.read(group, numbers)

    async def load(
        self, generation: Generation, wanted: Mapping[str, Sequence[str]]
    ) -> Mapping[tuple[str, str], Row]:
        rows: dict[tuple[str, str], Row] = {}
        with answering():
            for base, ids in wanted.items():
                found = self._db[generation.collection(base)].find(
                    {"_id": {"$in": list(ids)}}, batch_size=max(len(ids), 1)
                )
                rows.update(((base, row["_id"]), row) for row in await found.to_list(None))
        return rows

    async def commit(self, batch: Batch) -> Outcome:
        """2 updates (fences, rows) and a commit; one more update where messages are parked."""
        try:
            session = await self._own_session(batch.generation.group)
            session.start_transaction()
            try:
                fenced = not (
                    await self._fences.advance(batch.generation.group, batch.fences, session)
                    and await self._write(batch, session)
                )
            except BaseException:
                # also on cancellation: nothing of this batch may stay open
                await self._abort(session)
                raise
            if fenced:
                await self._abort(session)
                return Outcome.FENCED
            crash_point("C2")
            await self._commit(session)
        except PyMongoError as error:
            if refused := refusal(error):
                raise refused from error
            return Outcome.UNKNOWN
        return Outcome.COMMITTED

    async def _write(self, batch: Batch, session: MongoSession) -> bool:
        """Whether every row that is not new was there."""
        by_collection: dict[str, list[UpdateOne]] = {}
        for change in batch.changes:
            by_collection.setdefault(change.collection, []).append(_update(change))
        for base, updates in by_collection.items():
            collection = self._db[batch.generation.collection(base)]
            try:
                result = await collection.bulk_write(updates, session=session)
            except BulkWriteError as error:
                for each in error.details.get("writeErrors", []):
                    if each["code"] in TOO_LARGE:
                        raise RowFull(base, each["op"]["q"]["_id"]) from error
                raise
            if result.matched_count + result.upserted_count < len(updates):
                return False
        parked: list[UpdateOne] = [
            UpdateOne({"_id": one.id}, {"$setOnInsert": _without_id(one)}, upsert=True)
            for one in batch.parked
        ]
        for id_, mark in batch.marks.items():
            sets = {"state": mark.state}
            if mark.reason is not None:
                sets["reason"] = mark.reason
            # what a person gave up stays so
            waiting = {"_id": id_, "state": {"$in": [OPEN, REDRIVE]}}
            update = emptying(sets) if mark.state == RESOLVED else {"$set": sets}
            parked.append(UpdateOne(waiting, update))
        if parked:
            await self._db[PARKED].bulk_write(parked, session=session)
        return True

    async def _commit(self, session: MongoSession) -> None:
        """The driver's own transaction helper does not retry an error of the commit itself."""
        for attempt in range(COMMIT_TRIES):
            try:
                await session.commit_transaction()
                return
            except PyMongoError as error:
                last = attempt == COMMIT_TRIES - 1
                if last or not error.has_error_label("UnknownTransactionCommitResult"):
                    raise

    async def _abort(self, session: MongoSession) -> None:
        """An abort that gets lost is made up for by the next claim."""
        with contextlib.suppress(PyMongoError):
            if session.delegate.in_transaction:
                await session.abort_transaction()

    async def open_parked(
        self, group: str, numbers: Iterable[int], most: int = MOST_OPEN
    ) -> Sequence[Parked]:
        with answering():
            return await self._parked.open(group, numbers, most)

    async def count_parked(self, group: str, numbers: Iterable[int]) -> Mapping[str, int]:
        with answering():
            return await self._parked.count(group, numbers)

    async def to_redrive(
        self, group: str, numbers: Iterable[int], due: Sequence[str], most: int
    ) -> Sequence[Parked]:
        with answering():
            return await self._parked.to_redrive(group, numbers, due, most)

    async def report(self, group: str, partitions: int, as_of: Mapping[int, datetime]) -> None:
        with answering():
            await self._db[FRESHNESS].update_one(
                {"_id": group},
                {
                    "$max": {f"as_of.{number}": instant for number, instant in as_of.items()},
                    "$set": {"partitions": partitions},
                },
                upsert=True,
            )

    async def reported(self, group: str) -> Reported:
        with answering():
            found = await self._db[FRESHNESS].find_one({"_id": group}) or {}
        as_of = {int(number): instant for number, instant in found.get("as_of", {}).items()}
        return Reported(found.get("partitions", 0), as_of)

    async def freshness(self, group: str) -> datetime | None:
        return (await self.reported(group)).oldest

    async def count(self, generation: Generation, collection: str) -> int:
        rows = self._db[generation.collection(collection)]
        with answering():
            return await rows.count_documents({}, hint="_id_")  # reads no document

    async def scan(self, generation: Generation, collection: str) -> AsyncIterator[Row]:
        with answering():
            found = self._db[generation.collection(collection)].find(batch_size=SCANNED)
            async for row in found.sort("_id", 1):
                yield row


def _update(change: Change) -> UpdateOne:
    operators: dict[str, Any] = {}
    if change.sets:
        operators["$set"] = dict(change.sets)
    if change.unsets:
        operators["$unset"] = dict.fromkeys(change.unsets, "")
    return UpdateOne({"_id": change.row}, operators, upsert=change.new)


def _without_id(parked: Parked) -> dict[str, Any]:
    document = to_document(parked)
    del document["_id"]
    return document
