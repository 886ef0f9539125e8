"""Who is known, whose grants are as this service has stored them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from services.access.directory import Directory
from services.access.profile import Grant as Known
from services.access.profile import Profile
from services.chassis.write.write_path import WritePath
from services.roster.grant.domain import MOST_GRANTS, Grant, GrantState


class OwnGrants:
    """A `Directory` over the one of the access view. What this service has ended or changed counts
    no more from then on, though the event of it has not come back by Kafka; what it has given does
    not count before, as anywhere."""

    def __init__(self, directory: Directory, grants: WritePath[Grant]) -> None:
        self._directory, self._grants = directory, grants

    async def profile(self, district: str, person: str) -> Profile | None:
        """1 database command more of whoever has a grant. Raises Fault UNAVAILABLE."""
        found = await self._directory.profile(district, person)
        if found is None or not found.grants:
            return found
        stored = await self._grants.find(district, {"person": person}, "", MOST_GRANTS)
        open_ = {each.id: each for each in stored.items if each.state is GrantState.OPEN}
        now = (_as_stored(each, open_[each.id]) for each in found.grants if each.id in open_)
        return replace(found, grants=tuple(now))

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        """Of many, as the access view has them: nobody is let in by what is known of these."""
        return await self._directory.profiles(district, persons)


def _as_stored(known: Known, grant: Grant) -> Known:
    orgs, people = frozenset(grant.orgs), frozenset(grant.people)
    return replace(known, orgs=orgs, people=people, begins=grant.begins, ends=grant.ends)
