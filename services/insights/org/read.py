"""What the orgs of a district are called, in memory, so that a read asks nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from services.chassis.kernel import Fault
from services.chassis.rounds import rest
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row
from services.insights.facts.stored import district_of
from services.insights.org.fold import FACTS

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
MOST = 5_000  # of one district: what goes beyond has no name here
AN_ORG = "an org"


class StoredOrgs(Protocol):
    async def orgs(self, district: str, most: int) -> Sequence[Row]:
        """The orgs of a district, by id; where there are more than `most`, the first of them. 1
        database command. Raises Fault UNAVAILABLE."""


@dataclass(frozen=True, slots=True)
class Called:
    """Names by org id, without those that the roster no longer has. `means` is the same of two
    that say the same."""

    names: Mapping[str, str]
    means: str = ""

    def of(self, orgs: Sequence[str]) -> tuple[str, ...]:
        """In their order; empty for one that has none."""
        return tuple(self.names.get(each, "") for each in orgs)


NOTHING = Called({})


class OrgNames:
    """Of the districts that were asked for, which are those of issuers. `cached` False: every
    question reads, for stores that cost nothing."""

    def __init__(self, orgs: StoredOrgs, troubles: Troubles, *, cached: bool = True) -> None:
        self._orgs, self._troubles, self._cached = orgs, troubles, cached
        self._known: dict[str, Called] = {}

    def known(self, district: str) -> Called:
        """As last read."""
        return self._known.get(district, NOTHING)

    async def names(self, district: str) -> Called:
        """1 database command for a district that was never read. A store that is down leaves
        what was known."""
        if district not in self._known or not self._cached:
            await self._read(district)
        return self.known(district)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            for district in list(self._known):
                await self._read(district)
            await rest(stop, EVERY_SECONDS)

    async def _read(self, district: str) -> None:
        try:
            rows = await self._orgs.orgs(district, MOST)
        except Fault as fault:
            log.warning("the names of orgs were not read: %s", fault.code)
            return
        broken: list[Exception] = []
        found = [
            fact
            for row in rows
            if district_of(row) == district
            for fact in FACTS.all_in(row, "org", broken.append)
        ]
        for error in broken[:1]:
            self._troubles.tell(AN_ORG, district, error)
        names = {each.org: each.name for each in found if each.active}
        means = blake2b(repr(sorted(names.items())).encode(), digest_size=9).hexdigest()
        if district not in self._known or self._known[district].means != means:
            self._known[district] = Called(names, means)
