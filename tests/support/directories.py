"""What directories of tests share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping

from services.access.profile import Profile


class OneByOne(ABC):
    """A `Directory` that says `profile`."""

    @abstractmethod
    async def profile(self, district: str, person: str) -> Profile | None: ...

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        return {person: await self.profile(district, person) for person in persons}
