"""Profiles by person, read from the access view and kept in memory.

A profile is read at most once until its row changes: a watch on the view forgets it. The
time limit only bounds what a lost watch could hide.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

from services.access.profile import Profile, profile_of
from services.chassis.troubles import Troubles
from services.chassis.views.projection import Row


class AccessRows(Protocol):
    async def access_row(self, row_id: str) -> Row | None:
        """One row of the access view by `district:person`. 1 database command."""


class Directory(Protocol):
    async def profile(self, district: str, person: str) -> Profile | None: ...


class CachedDirectory:
    """At most `size` profiles; one is believed for `seconds`, an absence for one second."""

    def __init__(
        self,
        rows: AccessRows,
        *,
        size: int = 20_000,
        seconds: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
        troubles: Troubles | None = None,
    ) -> None:
        self._rows = rows
        self._size = size
        self._seconds = seconds
        self._monotonic = monotonic
        self._troubles = troubles or Troubles()
        self._known: OrderedDict[str, tuple[float, Profile | None]] = OrderedDict()
        self._changes = 0

    async def profile(self, district: str, person: str) -> Profile | None:
        row_id = f"{district}:{person}"
        now = self._monotonic()
        known = self._known.get(row_id)
        if known is not None and now < known[0]:
            return known[1]
        before = self._changes
        row = await self._rows.access_row(row_id)
        tell = partial(self._troubles.tell, "who may see what", district)
        profile = profile_of(row, tell) if row is not None else None
        if before == self._changes:  # else a change may have overtaken this read
            self._known[row_id] = (now + (self._seconds if profile else 1.0), profile)
            self._known.move_to_end(row_id)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return profile

    def forget(self, row_id: str) -> None:
        self._changes += 1
        self._known.pop(row_id, None)

    def forget_all(self) -> None:
        self._changes += 1
        self._known.clear()
