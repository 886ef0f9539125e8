"""Which build of a group's views is the one to read: the alias that a rebuild flips."""

from __future__ import annotations

import time

from services.chassis.mongo import Collection, Database
from services.chassis.views.mongo_answers import answering
from services.chassis.views.rows import Generation

GENERATIONS = "view_generations"


class Generations:
    """Documents `{_id: name, current, last}`. Raises StoreDown, and MongoUnavailable where MongoDB
    refuses the user."""

    def __init__(self, database: Database) -> None:
        self._aliases = database[GENERATIONS]

    async def current(self, name: str) -> Generation:
        with answering():
            found = await self._aliases.find_one({"_id": name})
        return Generation(name, found.get("current", 0) if found else 0)

    async def next(self, name: str) -> Generation:
        with answering():
            found = await self._aliases.find_one_and_update(
                {"_id": name}, {"$inc": {"last": 1}}, upsert=True, return_document=True
            )
        return Generation(name, found["last"])

    async def flip(self, generation: Generation) -> None:
        with answering():
            await self._aliases.update_one(
                {"_id": generation.name},
                {"$set": {"current": generation.number}, "$max": {"last": generation.number}},
                upsert=True,
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
