"""What is read of a district now and then and kept in memory, so that a read asks nobody."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from services.chassis.kernel import Fault
from services.chassis.rounds import rest

log = logging.getLogger(__name__)


class Meaning(Protocol):
    @property
    def means(self) -> str:
        """The same of two that say the same."""


M = TypeVar("M", bound=Meaning)


class KeptByDistrict(ABC, Generic[M]):
    """Of the districts that were asked for, which are those of issuers. `cached` False: every
    question reads, for stores that cost nothing."""

    every_seconds: ClassVar[float] = 15.0

    def __init__(self, nothing: M, *, cached: bool = True) -> None:
        self._nothing, self._cached = nothing, cached
        self._known: dict[str, M] = {}

    def known(self, district: str) -> M:
        """As last read."""
        return self._known.get(district, self._nothing)

    async def of(self, district: str) -> M:
        """Asks the database for a district that was never read. A store that is down leaves what
        was known."""
        if district not in self._known or not self._cached:
            await self._read(district)
        return self.known(district)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for district in list(self._known):
                await self._read(district)
            await rest(stop, self.every_seconds)

    async def _read(self, district: str) -> None:
        try:
            found = await self.read(district)
        except Fault as fault:
            log.warning("what a district says was not read: %s", fault.code)
            return
        if district not in self._known or self._known[district].means != found.means:
            self._known[district] = found

    @abstractmethod
    async def read(self, district: str) -> M:
        """Anew. Raises Fault UNAVAILABLE."""
