"""Everything that the services keep of one district is deleted, for good.

A record, `{_id: district, erased_at}`, is written first in every database and stays: by it whoever
builds views leaves out what was published before. Only once all of them have had time to read it is
anything deleted, some at a time; cut anywhere, the same again goes on. Last it is looked once more,
for what somebody was about to write meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.chassis.mongo import Collection, Database
from services.chassis.views.erased import COLLECTION, READ_EVERY
from services.chassis.write import mongo_documents
from services.ctl.erasure_orders import PRIVACY
from services.privacy.erasure.domain import SETTLES, ErasureState

AT_ONCE = 100  # imports whose files one command names
BATCH = 1_000  # documents deleted by one command
WAITS = "waits"  # in a record: what it said before the run that waits, and whether that is over
LOOKS = 5  # passes, of which the last must find nothing
IMPORTS, FILES = "imports", "import_files"  # the latter by import, `job:number`

Pause = Callable[[timedelta], Awaitable[None]]
Told = Callable[[str, str, int], None]


def _nobody(service: str, collection: str, deleted: int) -> None:
    """Who wants to know nothing."""


class Held(Exception):
    """A legal hold is on these people."""

    def __init__(self, people: Sequence[str]) -> None:
        super().__init__(", ".join(people[:10]))


@dataclass
class DistrictErasure:
    """Of one district, in the databases of all services, by service. `told`: after each batch, of
    which service and collection, and how many. Its methods raise what the driver does."""

    databases: Mapping[str, Database]
    district: str
    now: Callable[[], datetime]
    pause: Pause
    told: Told = _nobody
    batch: int = BATCH
    deleted: dict[str, Counter[str]] = field(default_factory=dict)

    async def counted(self) -> dict[str, dict[str, int]]:
        """As `found`. Raises Held."""
        await self._check_held()
        return {name: dict(counts) for name, counts in (await self.found()).items()}

    async def held(self) -> list[str]:
        """On whom a legal hold is. Nothing may be deleted as long as there is one."""
        asked = {"kind": "erasure", "state.state": ErasureState.HELD.value}
        orders = self.databases[PRIVACY][mongo_documents.COLLECTION]
        found = orders.find({"district": self.district, **asked}, {"state.person": 1})
        return sorted([each["state"]["person"] async for each in found])

    async def found(self) -> dict[str, Counter[str]]:
        """How many documents of it there are, by service and collection."""
        there: dict[str, Counter[str]] = {}
        for service, database in self.databases.items():
            counted: Counter[str] = Counter()
            async for collection in _collections(database):
                for asked in await self._asked(database, collection):
                    if count := await collection.count_documents(asked):
                        counted[collection.name] += count
            there[service] = counted
        return there

    async def run(self) -> dict[str, Any]:
        """The report: `left` is what is still written by somebody. Raises Held where a hold is
        there, or came while it paused, also while an earlier run did that was cut then: nothing is
        deleted, and the record is as it was before."""
        at = self.now()
        await self._check_held()
        for records in self._records():
            was = await records.find_one({"_id": self.district}) or {}
            before = was.get("erased_at") if self._began(was) else was[WAITS]["before"]
            asked = {"$max": {"erased_at": at}, "$set": {WAITS: {"before": before, "over": False}}}
            await records.update_one({"_id": self.district}, asked, upsert=True)
        await self.pause(2 * READ_EVERY)
        await self._check_held()
        for records in self._records():
            await records.update_one({"_id": self.district}, {"$set": {f"{WAITS}.over": True}})
        for number in range(LOOKS):
            if number:
                await self.pause(SETTLES)
            if not await self._pass() and number:
                break
        for records in self._records():
            await records.update_one({"_id": self.district}, {"$unset": {WAITS: ""}})
        left = {name: dict(counts) for name, counts in (await self.found()).items() if counts}
        return {
            "district": self.district,
            "erased_at": at,
            "deleted": {name: dict(counts) for name, counts in self.deleted.items()},
            "left": left,
        }

    async def _check_held(self) -> None:
        if people := await self.held():
            await self._take_back()
            raise Held(people)

    async def _take_back(self) -> None:
        """The records of a run that waited: unless that is over in all of them nothing has been
        deleted."""
        whose = {"_id": self.district}
        kept = [(each, await each.find_one(whose) or {}) for each in self._records()]
        if all(self._began(was) for _, was in kept):
            return
        for records, was in kept:
            before = was[WAITS]["before"] if WAITS in was else was.get("erased_at")
            if before is None:
                await records.delete_one({"_id": self.district})
            else:
                back = {"$set": {"erased_at": before}, "$unset": {WAITS: ""}}
                await records.update_one({"_id": self.district}, back)

    def _records(self) -> Sequence[Collection]:
        return [database[COLLECTION] for database in self.databases.values()]

    @staticmethod
    def _began(record: Mapping[str, Any]) -> bool:
        """Whether no run waits by it: then something may have been deleted since."""
        return WAITS not in record or bool(record[WAITS]["over"])

    async def _pass(self) -> int:
        """How many documents it has deleted."""
        count = 0
        for service, database in self.databases.items():
            counts = self.deleted.setdefault(service, Counter())
            async for collection in _collections(database):
                for asked in await self._asked(database, collection):
                    async for deleted in self._batches(collection, asked):
                        counts[collection.name] += deleted
                        count += deleted
                        self.told(service, collection.name, deleted)
        return count

    async def _batches(
        self, collection: Collection, asked: Mapping[str, Any]
    ) -> AsyncIterator[int]:
        """Read once, by id: no index has to hold the district."""
        after: dict[str, Any] = {}
        while True:
            found = collection.find({**asked, **after}, {"_id": 1}).sort("_id", 1)
            ids = [each["_id"] async for each in found.limit(self.batch)]
            if not ids:
                return
            gone = await collection.delete_many({"_id": {"$in": ids}})
            yield gone.deleted_count
            after = {"$and": [{"_id": {"$gt": ids[-1]}}]}

    async def _asked(
        self, database: Database, collection: Collection
    ) -> Sequence[Mapping[str, Any]]:
        """Of the files of imports one for some imports each: there may be thousands."""
        if collection.name != FILES:
            return [{"district": self.district}]
        jobs = database[IMPORTS].find({"district": self.district}, {"_id": 1})
        ids = [str(each["_id"]) async for each in jobs]
        pieces = [{"_id": {"$gte": f"{each}:", "$lt": f"{each};"}} for each in ids]
        return [{"$or": pieces[at : at + AT_ONCE]} for at in range(0, len(pieces), AT_ONCE)]


async def _collections(database: Database) -> AsyncIterator[Collection]:
    """All but that of the records which stay: aggregates first, with what waits in them to be
    published, and the files of imports before the imports."""
    names = sorted(await database.list_collection_names())
    for name in sorted(names, key=lambda each: (each != mongo_documents.COLLECTION, each != FILES)):
        if name != COLLECTION and not name.startswith("system."):
            yield database[name]
