"""What the services themselves hold, and whether their views say the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from services.assembly.registry import VIEWS, WRITE_SERVICES
from services.chassis.backing import MongoBacking
from services.chassis.duties.view import duties_view
from services.chassis.log.envelope import Envelope
from services.chassis.write.documents import JournalEntry
from services.ctl.rebuilding import view_of
from tests.support.journals import envelope_of
from tests.support.oracles import Rows, fold_state, live_rows

Backings = Mapping[str, MongoBacking]
"""Of every service, by its name."""


async def held(backings: Backings) -> AsyncIterator[tuple[Envelope, bytes]]:
    """The journal of every write service, and what its outbox still has."""
    for service in WRITE_SERVICES:
        backing = backings[service]
        after = ""
        while entries := await backing.journal.read("", None, after, 500):
            for entry in entries:
                for key in entry.event.keys:
                    yield envelope_of(entry, key), entry.event.data
            after = entries[-1].id
        for waiting in await backing.store.pending(500):
            for event in waiting.events:
                entry = JournalEntry(waiting.id, waiting.district, event)
                for key in event.keys:
                    yield envelope_of(entry, key), event.data


async def rows_of(backings: Backings, view: str) -> Rows:
    """All rows of the build of a view that is in use."""
    service = VIEWS[view]
    views: Any = backings[service].views
    made = view_of(view, service)
    generation = await views.generation(made.projection.group)
    return {each: await live_rows(views.scan(generation, each)) for each in made.collections}


async def untrue(backings: Backings) -> list[str]:
    """The views that do not equal a fold of what the services hold. What has become of a to-do no
    event tells."""
    events = [each async for each in held(backings)]
    found = []
    for view, service in VIEWS.items():
        if view == duties_view(service):
            continue
        folded = fold_state(view_of(view, service).projection, events)
        live = await rows_of(backings, view)
        if any(rows != folded.get(each, {}) for each, rows in live.items()):
            found.append(view)
    return found
