"""What wakes the relay. A bell carries no data and may be lost: the relay polls as well."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from services.chassis.backoff import Backoff
from services.chassis.mongo import Database, PyMongoError
from services.chassis.write.mongo_documents import COLLECTION

log = logging.getLogger(__name__)

# Commands, and not the relay's own clearing.
_COMMANDS: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {"operationType": {"$in": ["insert", "replace"]}},
                {"updateDescription.updatedFields.version": {"$exists": True}},
            ]
        }
    },
    {"$project": {"_id": 1}},
]
_WAIT_MS = 1_000


class LocalBell:
    """Rung in the process of the relay itself. A ring before `wait` is not missed."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, timeout: float) -> None:
        """Return when rung, or after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


class ChangeBell(LocalBell):
    """Rung by commands of other processes, by way of a change stream on `aggregates`. Where
    the stream fails, only the relay's poll is left until it is back."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._aggregates = database[COLLECTION]

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`, noticed within a second or so."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with self._aggregates.watch(_COMMANDS, max_await_time_ms=_WAIT_MS) as changes:
                    self.ring()  # for what came before the stream was open
                    while not stop.is_set():
                        if await changes.try_next() is not None:
                            self.ring()
                        backoff.reset()
            except PyMongoError as error:
                log.warning("The relay's change stream failed, polling: %s", type(error).__name__)
                await asyncio.sleep(backoff.next())
