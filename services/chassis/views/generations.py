"""Which build of a group's views is the one to read: the alias that a rebuild flips."""

from __future__ import annotations

import time

from services.chassis.mongo import Collection, Database
from services.chassis.views.mongo_answers import answering
from services.chassis.views.rows import Builds, Generation

GENERATIONS = "view_generations"


class Generations:
    """Documents `{_id: name, current, last, making, alone}`: the build that is read, the last one
    that was begun, the one in the making if any, and whether `current` is to stay alone. Raises
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
                [{"$set": {"last": following}}, {"$set": {"making": "$last"}}],
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
        made = {"_id": generation.name, "making": generation.number}
        sets = {"current": generation.number, **({"alone": True} if alone else {})}
        with answering():
            done = await self._aliases.update_one(made, {"$set": sets, "$unset": {"making": ""}})
        return bool(done.matched_count)

    async def flip(self, generation: Generation) -> None:
        with answering():
            await self._aliases.update_one(
                {"_id": generation.name},
                {"$set": {"current": generation.number}, "$max": {"last": generation.number}},
                upsert=True,
            )

    async def is_alone(self, generation: Generation) -> None:
        """What `come_into_use` has asked for is done."""
        await self._no_more(generation, "current", "alone")

    async def dropped(self, generation: Generation) -> None:
        """It is not in the making any more, if it was."""
        await self._no_more(generation, "making", "making")

    async def _no_more(self, generation: Generation, while_: str, mark: str) -> None:
        with answering():
            await self._aliases.update_one(
                {"_id": generation.name, while_: generation.number}, {"$unset": {mark: ""}}
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
