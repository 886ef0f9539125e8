"""What the orgs of a district are called, in memory, so that a read asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from services.chassis.troubles import Troubles
from services.chassis.views.kept import KeptByDistrict
from services.chassis.views.projection import Row
from services.insights.facts.stored import district_of
from services.insights.org.fold import FACTS

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


class OrgNames(KeptByDistrict[Called]):
    """1 database command for a district that was never read."""

    def __init__(self, orgs: StoredOrgs, troubles: Troubles, *, cached: bool = True) -> None:
        super().__init__(NOTHING, cached=cached)
        self._orgs, self._troubles = orgs, troubles

    async def read(self, district: str) -> Called:
        rows = await self._orgs.orgs(district, MOST)
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
        return Called(names, means)
