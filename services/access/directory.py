"""Profiles by person, read from the access view and kept in memory.

A profile is read at most once until its row changes: a watch on the view forgets it. It is
believed as long as the watch is heard of, but for ten minutes at most: just after a failover of the
database a read may be older than what the watch has told already.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Protocol

from services.access.privacy_keys import POLICY_ROW
from services.access.profile import Profile, profile_of
from services.chassis.field_names import field_name, from_field_name
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row, is_marked

WHO_MAY_SEE = "who may see what"  # that is in trouble: see `Troubles`
ABSENT_SECONDS = 1.0
LONGEST_SECONDS = 600.0  # that one is believed for, whatever has been told
ENDING = (
    "relationships",
    "circles",
    "grants",
    "covers",
    "merges",
)  # facts of what may have been ended
ANY = ""  # among rows that changed: all may have


class AccessRows(Protocol):
    async def access_rows(self, ids: Sequence[str]) -> Mapping[str, Row]:
        """Those rows of the access view that there are, by `district:person`. 1 database
        command."""


class ReadsAnew(Protocol):
    async def read_anew(self, row_id: str) -> Row:
        """A person's row of the access view (`district:person`) as it is stored now, empty where
        there is none; whatever is in memory of her is forgotten. 1 database command."""


class ReadsManyAnew(ReadsAnew, Protocol):
    async def read_many_anew(self, row_ids: Sequence[str]) -> Sequence[Row]:
        """As `read_anew`, of each in their order. 1 database command for all."""


class Directory(Protocol):
    async def profile(self, district: str, person: str) -> Profile | None: ...

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]: ...


class CachedDirectory:
    """At most `size` profiles; one is believed for `seconds` after it was read or, if later, after
    the moment up to which all changes have been told, but never longer than ten minutes; an absence
    for one second, but of a data-use policy as long as a profile."""

    def __init__(
        self,
        rows: AccessRows,
        *,
        size: int = 20_000,
        seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
        troubles: Troubles | None = None,
    ) -> None:
        self._rows = rows
        self._size = size
        self._seconds = seconds
        self._monotonic = monotonic
        self._troubles = troubles or Troubles()
        self._known: OrderedDict[str, tuple[float, Profile | None]] = OrderedDict()
        self._told_until = -math.inf
        self._overtaken: list[set[str]] = []  # of each read under way, which rows changed meanwhile
        self._listeners: list[Callable[[str], object]] = []

    async def profile(self, district: str, person: str) -> Profile | None:
        known = self.known(district, person)
        return known or (await self.profiles(district, [person]))[person]

    def known(self, district: str, person: str) -> Profile | None:
        """A profile that need not be read; None of any other."""
        known = self._known.get(f"{district}:{person}")
        return known[1] if known is not None and self._believed(known, person) else None

    def remembered(self, district: str, person: str) -> Sequence[Profile | None]:
        """The one thing that is known of her, a profile or that there is none; empty where that has
        to be read."""
        known = self._known.get(f"{district}:{person}")
        return () if known is None or not self._believed(known, person) else (known[1],)

    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        """Each person's profile. 1 database command where one is not known yet."""
        found: dict[str, Profile | None] = {}
        for person in persons:
            known = self._known.get(f"{district}:{person}")
            if known is not None and self._believed(known, person):
                found[person] = known[1]
        missing = [person for person in persons if person not in found]
        if not missing:
            return found
        now, overtaken = self._monotonic(), set[str]()
        self._overtaken.append(overtaken)
        try:
            rows = await self._rows.access_rows([f"{district}:{person}" for person in missing])
        finally:
            self._overtaken = [each for each in self._overtaken if each is not overtaken]
        tell = partial(self._troubles.tell, WHO_MAY_SEE, district)
        for person in missing:
            row_id = f"{district}:{person}"
            row = rows.get(row_id)
            profile = profile_of(row, tell) if row is not None else None
            if overtaken.isdisjoint((row_id, ANY)):
                profile = self._keep(row_id, profile, now)
            found[person] = profile
        return found

    async def knows(self, row_id: str, aggregate: str, version: int) -> bool:
        """Whether the view has read this version of what it keeps of a person, or a newer one, and
        nothing of it or of her relationships, grants, covers and merges that it could not read:
        what is closed for that may be open again. If so, what is asked of her next is as new: no
        read that began before this one is kept. 1 database command."""
        return await self.newest(row_id, aggregate) >= version

    async def newest(self, row_id: str, aggregate: str) -> int:
        """Which version it has read of it; as `knows`, 0 where there is something unread."""
        row = await self.read_anew(row_id)
        facts = row.get("facts", {})
        ending = chain.from_iterable(facts.get(each, ()) for each in ENDING)
        if any(is_marked(row, each) for each in (aggregate, *map(from_field_name, ending))):
            return 0
        name = field_name(aggregate)
        return max((int(group[name]["v"]) for group in facts.values() if name in group), default=0)

    async def read_anew(self, row_id: str) -> Row:
        """As `ReadsAnew`."""
        (row,) = await self.read_many_anew([row_id])
        return row

    async def read_many_anew(self, row_ids: Sequence[str]) -> Sequence[Row]:
        """As `ReadsManyAnew`."""
        rows = await self._rows.access_rows(row_ids)
        for row_id in row_ids:
            self.forget(row_id)
        return [rows.get(row_id, {}) for row_id in row_ids]

    def listen(self, heard: Callable[[str], object]) -> None:
        """Call `heard` with the row id of each person whose profile has changed, when the old
        one is forgotten."""
        self._listeners.append(heard)

    def forget(self, row_id: str) -> None:
        self._overtake(row_id)
        self._known.pop(row_id, None)
        for heard in self._listeners:
            heard(row_id)

    def forget_all(self) -> None:
        self._overtake(ANY)
        self._known.clear()

    def told_until(self, moment: float) -> None:
        """Of all changes before `moment` (by the clock of this directory) it has been told."""
        self._told_until = moment

    def _believed(self, known: tuple[float, Profile | None], person: str) -> bool:
        read_at, profile = known
        if profile is None and person != POLICY_ROW:  # every read asks for the district's policy
            return self._monotonic() < read_at + ABSENT_SECONDS
        until = max(read_at, self._told_until) + self._seconds
        return self._monotonic() < min(until, read_at + LONGEST_SECONDS)

    def _overtake(self, row_id: str) -> None:
        for overtaken in self._overtaken:
            overtaken.add(row_id)

    def _keep(self, row_id: str, profile: Profile | None, now: float) -> Profile | None:
        """The one that is kept: an equal one of before, of which others may hold."""
        _, old = self._known.get(row_id, (0.0, None))
        if profile == old:
            profile = old
        self._known[row_id] = (now, profile)
        self._known.move_to_end(row_id)
        while len(self._known) > self._size:
            self._known.popitem(last=False)
        return profile
