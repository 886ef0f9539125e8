"""What was ordered to be erased, by privacy's own database: for whoever looks whether it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coaching.privacy.v1 import artifact_erasure_events_pb2 as of_artifacts
from coaching.privacy.v1 import erasure_events_pb2 as events
from services.chassis.mongo import Database
from services.chassis.write import mongo_documents, mongo_journal
from services.ctl.exits import Exit, Stop

PRIVACY = "privacy"
_ORDERS = [
    message.DESCRIPTOR.full_name
    for message in (events.ErasureOrdered, events.ErasureReleased, events.ErasureBegun)
]
_BEGUN = of_artifacts.ArtifactErasureBegun.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True)
class OrderedErasure:
    """`causes`: the events by which it came to be under way, this time or before. Without
    `ordered_at` it is of what these have erased, and nothing else of hers."""

    person: str
    district: str
    state: str
    ordered_at: datetime | None
    causes: Sequence[str]


async def order_of(own: Database, district: str, person: str) -> OrderedErasure:
    """What privacy's database says. Raises Stop NOT_FOUND where nothing was ever ordered."""
    asked = {"kind": "erasure", "district": district, "state.person": person}
    found = await own[mongo_documents.COLLECTION].find_one(asked)
    said = {"type": {"$in": _ORDERS}}
    if found is None:
        raise Stop(Exit.NOT_FOUND, f"nothing was ordered about {person} in {district}")
    causes = await _events(own, found["_id"], said)
    state = found["state"]
    return OrderedErasure(person, district, state["state"], state["ordered_at"], causes)


async def artifact_order(
    own: Database, district: str, person: str, artifact: str
) -> OrderedErasure:
    """What privacy's database says of all orders about one thing of hers: `done` where one is.
    Raises Stop NOT_FOUND where there is none."""
    of_it = {"state.person": person, "state.artifact": artifact}
    asked = {"kind": "artifact_erasure", "district": district, **of_it}
    found = await own[mongo_documents.COLLECTION].find(asked).to_list(None)
    if not found:
        raise Stop(Exit.NOT_FOUND, f"nothing was ordered about {artifact} of {person}")
    causes: list[str] = []
    for each in found:
        causes += await _events(own, each["_id"], {"type": _BEGUN})
    states = [each["state"]["state"] for each in found]
    return OrderedErasure(
        person, district, "done" if "done" in states else states[-1], None, causes
    )


async def _events(own: Database, aggregate: str, said: Mapping[str, Any]) -> Sequence[str]:
    """The ids of what was published of an aggregate, of those that `said` names."""
    place = {"_id": {"$gt": f"{aggregate}:", "$lt": f"{aggregate};"}}
    entries = own[mongo_journal.COLLECTION].find({**place, **said}, {"event_id": 1})
    return [each["event_id"] async for each in entries]
