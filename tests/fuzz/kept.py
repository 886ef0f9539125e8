"""What a platform in memory holds: told cheaply after every input, and put back."""

from __future__ import annotations

import copy
from typing import Any

from services.chassis.views.memory_views import MemoryViews
from services.chassis.write.memory_documents import MemoryDocuments
from tests.fuzz.tally import Wrong
from tests.support.filled import Filled

Digest = tuple[int, ...]


class Kept:
    """The state of a platform at the time this is made."""

    def __init__(self, platform: Filled) -> None:
        self._platform = platform
        self._stores: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for service in platform.services.values():
            assert isinstance(service.backing.store, MemoryDocuments)
            live = service.backing.store._stored
            self._stores.append((live, _copied(live)))
        self._seats = copy.deepcopy(platform.seats._seats)
        self._drafts = [dict(each.kept) for each in platform.drafts]

    def digest(self) -> Digest:
        """Differs after every change to anything that is stored."""
        told = []
        for live, _ in self._stores:
            told.append(len(live))
            told.append(sum(each.document.version for each in live.values()))
            told.append(sum(len(each.outbox) + len(each.state) for each in live.values()))
        seats = self._platform.seats._seats.values()
        told.append(len(seats))
        told.append(sum((s.sheet is not None) + 2 * s.frozen for s in seats))
        for drafts in self._platform.drafts:
            told.append(len(drafts.kept))
            told.append(sum(each.version for each in drafts.kept.values()))
        return tuple(told)

    def check_projected(self) -> None:
        """Raises Wrong where a projector could not read what was taken."""
        for service in self._platform.services.values():
            assert isinstance(service.backing.views, MemoryViews)
            if service.backing.views.parked:
                raise Wrong("what was taken cannot be projected")

    def put_back(self) -> None:
        for live, before in self._stores:
            live.clear()
            live.update(_copied(before))
        seats = self._platform.seats._seats
        seats.clear()
        seats.update(copy.deepcopy(self._seats))
        for drafts, there in zip(self._platform.drafts, self._drafts, strict=True):
            drafts.kept = dict(there)


def _copied(stored: dict[str, Any]) -> dict[str, Any]:
    """Documents and states are immutable: only their holders change."""
    made = {}
    for name, each in stored.items():
        made[name] = copy.copy(each)
        made[name].outbox = list(each.outbox)
    return made
