"""Which build of a group's views is the one to read: the alias that a rebuild flips."""

from __future__ import annotations

import time
from typing import Any

from services.chassis.mongo import Collection, Database, DuplicateKeyError
from services.chassis.views.mongo_answers import answering
from services.chassis.views.rows import Builds, Generation

GENERATIONS = "view_generations"
_EVERY = {"$range": [0, {"$add": [{"$ifNull": ["$last", 0]}, 1]}]}
_WHOLE = {"$ifNull": ["$whole", _EVERY]}


class Generations:
    """Documents `{_id: name, current, last, making, alone, whole}`: the build that is read, the
    last one that was begun, the one in the making if any, whether `current` is to stay alone, and
    those that have come into use and of which nothing is dropped (not there: all). Raises
    StoreDown, and MongoUnavailable where MongoDB refuses the user."""

    def __init__(self, database: Database) -> None:
        self._aliases = database[GENERATIONS]

    async def current(self, name: str) -> Generation:
        with answering():
            found = await self._aliases.find_one({"_id": name})
        return Generation(name, found.get("current", 0) if found else 0)

    async def next(self, name: str) -> Generation:
        following = {"$add": [{"$ifNull": ["$last", 0]}, 1]}
        with answering():
            found = await self._aliases.find_one_and_update(
                {"_id": name},
                [
                    {"$set": {"whole": _WHOLE}},
                    {"$set": {"last": following}},
                    {"$set": {"making": "$last"}},
                ],
                upsert=True,
                return_document=True,
            )
        return Generation(name, found["last"])

    async def builds(self, name: str) -> Builds:
        """All that there may be: which of them are there, the fences tell."""
        with answering():
            found = await self._aliases.find_one({"_id": name}) or {}
        current, making = found.get("current", 0), found.get("making")
        making = None if making == current else making
        last = max(found.get("last", 0), current)
        return Builds(
            Generation(name, current),
            None if making is None else Generation(name, making),
            [Generation(name, each) for each in range(last + 1) if each not in (current, making)],
            found.get("alone", False),
        )

    async def come_into_use(self, generation: Generation, alone: bool) -> bool:
        number = generation.number
        sets: dict[str, Any] = {"current": number, "making": "$$REMOVE"}
        sets["whole"] = {"$setUnion": [_WHOLE, [number]]}
        if alone:
            sets["alone"] = True
        with answering():
            done = await self._aliases.update_one(
                {"_id": generation.name, "making": number}, [{"$set": sets}]
            )
        return bool(done.matched_count)

    async def flip(self, generation: Generation) -> bool:
        """To one that is whole, or in the making, unless `current` is to stay alone."""
        number = generation.number
        may = [{"whole": number}, {"making": number}, {"whole": {"$exists": False}}]
        whole = {"$setUnion": [_WHOLE, [number]]}
        last = {"$max": ["$last", number]}
        with answering():
            try:
                done = await self._aliases.update_one(
                    {"_id": generation.name, "alone": {"$ne": True}, "$or": may},
                    [{"$set": {"current": number, "whole": whole, "last": last}}],
                    upsert=True,
                )
            except DuplicateKeyError:  # it is there, and may not
                return False
        return bool(done.matched_count or done.upserted_id)

    async def begin_drop(self, generation: Generation) -> bool:
        """From now on nobody goes to it; False, and nothing is changed, where it is in use."""
        number = generation.number
        used = {"$ne": number} if number else {"$nin": [0, None]}
        less = {"$setDifference": [_WHOLE, [number]]}
        made = {"$cond": [{"$eq": ["$making", number]}, "$$REMOVE", "$making"]}
        with answering():
            done = await self._aliases.update_one(
                {"_id": generation.name, "current": used},
                [{"$set": {"whole": less, "making": made}}],
            )
            there = done.matched_count or await self._aliases.find_one({"_id": generation.name})
        return bool(done.matched_count or (number and not there))

    async def is_alone(self, generation: Generation) -> None:
        """What `come_into_use` has asked for is done."""
        with answering():
            await self._aliases.update_one(
                {"_id": generation.name, "current": generation.number}, {"$unset": {"alone": ""}}
            )


class CurrentViews:
    """For readers: the collections of the build to read, so that a warm read stays one command.
    Looked up where what is known is older than `ttl_s` seconds: for ever, where somebody looks
    beside the reads. Every method raises StoreDown."""

    def __init__(self, database: Database, name: str, ttl_s: float = 1.0) -> None:
        self._db, self._name, self._ttl = database, name, ttl_s
        self._generations = Generations(database)
        self._known: tuple[float, Generation] | None = None

    async def generation(self) -> Generation:
        if self._known is None or time.monotonic() - self._known[0] > self._ttl:
            return await self.look()
        return self._known[1]

    async def look(self) -> Generation:
        """The build to read now, for the reads that follow, too."""
        asked = time.monotonic()
        found = await self._generations.current(self._name)
        # else a later question's answer is known
        if self._known is None or self._known[0] <= asked:
            self._known = (asked, found)
        return self._known[1]

    async def collection(self, base: str) -> Collection:
        """The collection that holds these rows now."""
        return self._db[(await self.generation()).collection(base)]
