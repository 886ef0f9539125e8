"""What the goals use cases need."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.access.access import Access
from services.access.days import Days
from services.access.profile import Profile
from services.chassis.kernel import Clock
from services.chassis.write.write_path import WritePath
from services.goals.domain.relationship import Relationship


class People(Protocol):
    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        """What the roster says of each, None of nobody. 1 database command where one is not in
        memory."""


@dataclass(frozen=True, slots=True)
class Ports:
    relationships: WritePath[Relationship]
    access: Access
    people: People
    days: Days
    clock: Clock
