"""Word of what has changed, as soon as it has."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from services.access.projection import COLLECTION
from services.access.view import access_view
from services.chassis.views.memory_views import MemoryViews
from services.chassis.views.projection import Row
from services.chassis.views.watch import Board, RowChanged, TooSlow
from services.insights.caseload.fold import CARDS, GROUP

BATCH = 500
PAUSE_SECONDS = 0.005  # notices that come this close together are read together
OPEN_SECONDS = 5.0
ACCESS = access_view("insights")
LOOK_SECONDS = 0.01


class Notices(Protocol):
    def follow(self) -> AsyncIterator[Sequence[str] | None]:
        """Ids of cards that have changed, and `district:person` of people who have, soon
        after; None when changes may have been missed. Endless."""

    async def ready(self) -> None:
        """Return once `follow` misses nothing, or after a few seconds all the same."""


class MongoNotices:
    """`Notices` over the process's one change stream."""

    def __init__(self, watch: Board) -> None:
        self._watch = watch

    async def ready(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._watch.open.wait(), OPEN_SECONDS)

    async def follow(self) -> AsyncIterator[Sequence[str] | None]:
        missed = False
        while True:
            with self._watch.subscribe() as notices:
                if missed:  # told only now: what changes while all is read again is heard of
                    yield None
                missed = True
                with contextlib.suppress(TooSlow):
                    ids: list[str] = []
                    while True:
                        notice = await notices.next(PAUSE_SECONDS if ids else None)
                        if isinstance(notice, RowChanged):
                            ids.append(notice.row)
                        if ids and (not isinstance(notice, RowChanged) or len(ids) >= BATCH):
                            yield ids
                            ids = []
                        if notice is not None and not isinstance(notice, RowChanged):
                            yield None


class MemoryNotices:
    """Looks for changed rows every 10 ms: a store in memory replaces what it changes."""

    def __init__(self, views: MemoryViews) -> None:
        self._views = views

    async def ready(self) -> None:
        return None

    async def follow(self) -> AsyncIterator[Sequence[str] | None]:
        known: dict[str, Row] = dict(await self._rows())
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            rows = await self._rows()
            changed = [row_id for row_id, row in rows.items() if known.get(row_id) is not row]
            if changed:
                known = dict(rows)
                yield changed

    async def _rows(self) -> Mapping[str, Row]:
        found: dict[str, Row] = {}
        for view, collection in ((GROUP, CARDS), (ACCESS, COLLECTION)):
            generation = await self._views.generation(view)
            found |= self._views.rows.get(generation.collection(collection), {})
        return found
