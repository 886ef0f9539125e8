"""Whether anything says more of what an order has erased than that it is gone.

The services say what they have erased; views follow by themselves, and insights, which only reads,
says nothing. So an operator looks, in the databases of all services.
What was erased is known from the tombstones, which name the event that has asked for them. A view
counts as soon as it has read what had been published when the look began; until then it is waited
for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bson import decode
from bson.codec_options import CodecOptions

from services.assembly.registry import VIEWS, WITH_DUTIES
from services.chassis.duties.view import duties_view
from services.chassis.field_names import from_field_name
from services.chassis.log.connections import Proof
from services.chassis.log.noted import end_offsets
from services.chassis.mongo import Database, raw
from services.chassis.views.check import reached
from services.chassis.views.mongo_parked import PARKED
from services.chassis.views.mongo_views import MongoViews
from services.chassis.views.projection import Projection, is_gone
from services.chassis.views.rows import Generation
from services.chassis.write import mongo_documents, mongo_drafts, mongo_journal
from services.chassis.write.stored_documents import TOMBSTONE
from services.ctl.erasure_orders import OrderedErasure
from services.ctl.rebuilding import View, view_of
from services.goals.strategy.domain import SHOWN_TO_ALL
from services.privacy.erasure.domain import SERVICES
from services.surveys.administration import mongo_seats

MOST_TOLD = 100
# By service: the kinds that are a teacher's, and when one was begun first. What may be begun again
# an older build has stored without that: then the earliest of what it has kept.
BEGAN: Mapping[str, Mapping[str, str | Sequence[str]]] = {
    "goals": {
        "celebration": "sent_at",
        "goal": "drafted_at",
        "goal_share": "created_at",
        "strategy": "written_at",
        "trial": "planned_at",
        "walk": "started_at",
    },
    "observations": {"observation": "scheduled_at", "observation_share": "created_at"},
    "programs": {
        "relationship": ("first_proposed_at", "proposed_at", "earlier.proposed_at"),
        "agreement": "begun_at",
        "coaching_session": "scheduled_at",
        "enrollment": ("first_enrolled_at", "enrolled_at"),
        "circle": ("first_proposed_at", "proposed_at"),
        "coaching_request": "first_asked_at",
        "coaching_offer": "first_offered_at",
        "pair_interest": "first_stated_at",
        "community_meeting": "planned_at",
        "takeaway": "written_at",
        "training": "recorded_at",
        "planning_entry": "written_at",
        "flag_answer": "first_at",
    },
    "surveys": {"administration": "scheduled_at", "administration_share": "created_at"},
}
# Where whose it is stands, but for what names its one teacher.
WHOSE: Mapping[str, tuple[str, ...]] = {
    "circle": ("people",),
    "coaching_session": ("teachers", "absent"),
    "community_meeting": ("people",),
    "coaching_offer": ("coach",),
    "takeaway": ("author",),
    "training": ("person",),
    "planning_entry": ("readers",),
    "flag_answer": ("teacher", "coach"),
    "strategy": ("author",),
}
# What of a kind stays, since it is the district's by then.
STAYS: Mapping[str, Sequence[str]] = {"strategy": SHOWN_TO_ALL}
GONE = frozenset({"v", "at", "gone"})  # all that a fact says of what is gone
_AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True)


class Left(NamedTuple):
    """Where something says more, of which aggregate (empty where nobody can tell); and what it is,
    in none of the words that are left."""

    service: str
    place: str
    aggregate: str
    says: str


Reach = Callable[[Projection, MongoViews, Generation], Awaitable[None]]


@dataclass
class ErasureCheck:
    """One look at all databases, by service. `reach` returns once a build of a view holds what had
    been published before it was called, or raises CheckFailed. `erased`: ids by service. `to_dos`:
    rows that name one of these or her; they go 30 days after they are done, and hold ids alone."""

    databases: Mapping[str, Database]
    order: OrderedErasure
    reach: Reach
    erased: dict[str, list[str]] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    to_dos: int = 0
    left: list[Left] = field(default_factory=list)

    async def run(self) -> dict[str, Any]:
        """The report. Raises what `reach` and the driver do."""
        for service in SERVICES:
            await self._owned(service)
        ids = [id_ for found in self.erased.values() for id_ in found]
        for name, service in VIEWS.items():
            await self._view(view_of(name, service), self.databases[service], ids)
        return {
            "person": self.order.person,
            "district": self.order.district,
            "state": self.order.state,
            "erased": {service: len(found) for service, found in self.erased.items()},
            "looked": dict(self.looked),
            "to_dos": self.to_dos,
            "left": len(self.left),
            "told": [each._asdict() for each in self.left[:MOST_TOLD]],
        }

    async def _owned(self, service: str) -> None:
        """What a service keeps itself: documents, what waits in them, journal, what has left."""
        own, order = self.databases[service], self.order
        aggregates = own[mongo_documents.COLLECTION]
        asked = {"kind": TOMBSTONE, "district": order.district, "because": {"$in": order.causes}}
        ids = self.erased[service] = []
        async for each in aggregates.find(asked):
            ids.append(each["_id"])
            if each["outbox"]:
                self._found(service, "aggregates", each["_id"], "its end is not published yet")
            if more := each.keys() - _TOMBSTONE:
                self._found(service, "aggregates", each["_id"], ", ".join(sorted(more)))
        if order.ordered_at is not None:
            for kind, began in BEGAN[service].items():
                whose = [f"state.{each}" for each in WHOSE.get(kind, ("teacher",))]
                hers = {"$or": [{each: order.person} for each in whose]}
                of_kind: dict[str, Any] = {"kind": kind, "district": order.district, **hers}
                if kind in STAYS:
                    of_kind["state.state"] = {"$nin": list(STAYS[kind])}
                early = {"$lte": order.ordered_at}
                times = [began] if isinstance(began, str) else began
                old = {"$and": [of_kind, {"$or": [{f"state.{each}": early} for each in times]}]}
                async for each in aggregates.find(old, {"_id": 1}):
                    self._found(service, "aggregates", each["_id"], f"a {kind} that is there")
        await self._drafts(service, ids, order.ordered_at)
        for id_ in ids:
            await self._journal(service, id_)
        if service == "surveys":
            answered = {"administration": {"$in": ids}, "answers": {"$ne": None}}
            seats = own[mongo_seats.COLLECTION]
            async for each in seats.find({"district": order.district, **answered}):
                self._found(service, mongo_seats.COLLECTION, each["administration"], "an answer")

    async def _journal(self, service: str, id_: str) -> None:
        own = self.databases[service]
        behind = {"_id": {"$gt": f"{id_}:", "$lt": f"{id_};"}}
        for name in (mongo_journal.COLLECTION, mongo_journal.LEFT):
            async for each in own[name].find(behind):
                self.looked["entries"] += 1
                if not (each.get("erased") or each.get("erases")):
                    kind = each.get("type") or each.get("kind") or "an entry"
                    self._found(service, name, id_, f"{each['_id']}: {kind}")

    async def _drafts(self, service: str, ids: Sequence[str], ordered_at: datetime | None) -> None:
        person, district = self.order.person, self.order.district
        wanted: list[dict[str, Any]] = [{"about": {"$in": list(ids)}}]
        if ordered_at is not None:
            either = [{"author": person}, {"person": person}]
            wanted.append({"begun_at": {"$lte": ordered_at}, "$or": either})
        drafts = self.databases[service][mongo_drafts.COLLECTION]
        for asked in wanted:
            found = {"district": district, "texts": {"$exists": True}, **asked}
            async for each in drafts.find(found, {"about": 1}):
                told = each.get("about") or ""
                self._found(service, mongo_drafts.COLLECTION, told, "somebody was typing it")

    async def _view(self, view: View, own: Database, ids: Sequence[str]) -> None:
        """All builds that are there: what is being made is read as the one in use is."""
        views, name = MongoViews(own), view.projection.group
        await self.reach(view.projection, views, await views.generation(name))
        builds = await views.builds(name)
        making = [builds.making] if builds.making else []
        for build in (builds.current, *making, *builds.others):
            self.looked["builds"] += 1
            for base in view.collections:
                await self._rows(view, own, build, base, ids)
            await self._parked(view.service, own, build, ids)

    async def _rows(
        self, view: View, own: Database, build: Generation, base: str, ids: Sequence[str]
    ) -> None:
        place, known = build.collection(base), frozenset(ids)
        to_dos = view.projection.group in _TO_DOS
        wanted = [*ids, self.order.person] if to_dos else ids
        if not wanted:
            return
        named = re.compile(b"|".join(re.escape(each.encode()) for each in wanted))
        async for each in raw(own[place]).find({"district": self.order.district}):
            self.looked["rows"] += 1
            if not named.search(each.raw):
                continue
            if to_dos:
                self.to_dos += 1
                continue
            for id_, says in more_in(decode(each.raw, _AWARE), known):
                self._found(view.service, place, id_, says)

    async def _parked(
        self, service: str, own: Database, build: Generation, ids: Sequence[str]
    ) -> None:
        """Those of a thing that was erased, and those that nobody can read with her key."""
        key = f"{self.order.district}:{self.order.person}".encode()
        asked = [{"aggregate": {"$in": list(ids)}}, {"aggregate": "", "key": key}]
        kept = {"group": build.group, "value": {"$ne": None}, "$or": asked}
        async for each in own[PARKED].find(kept, {"aggregate": 1, "reason": 1}):
            self._found(service, PARKED, each["aggregate"], each["reason"])

    def _found(self, service: str, place: str, aggregate: str, says: str) -> None:
        self.left.append(Left(service, place, aggregate, says))


_TOMBSTONE = frozenset(
    {"_id", "kind", "was", "district", "version", "erased_at", "because", "outbox", "outbox_since"}
)
_TO_DOS = frozenset(map(duties_view, WITH_DUTIES))


def reaching(kafka: str, proof: Proof) -> Reach:
    """By what lies in Kafka now. Raises CheckFailed after a minute, and SourceDown."""

    async def reach(projection: Projection, views: MongoViews, generation: Generation) -> None:
        await reached(views, generation, await end_offsets(kafka, projection.topics, proof))

    return reach


def more_in(row: Mapping[str, Any], ids: frozenset[str]) -> Sequence[tuple[str, str]]:
    """What a row says of these beyond that they are gone: which one, and where in the row. That
    another thing names one of them is no more than its id_."""
    found = []
    for group, facts in row["facts"].items():
        for name, fact in facts.items():
            id_ = from_field_name(name)
            if id_ in ids and not (is_gone(fact) and fact.keys() <= GONE):
                found.append((id_, f"{row['_id']}: facts.{group}"))
    for name, value in row.items():
        if name not in ("facts", "_id", "district"):
            found += [(id_, f"{row['_id']}: {name}") for id_ in _named(value, ids)]
    return found


def _named(value: Any, ids: frozenset[str]) -> Sequence[str]:
    if isinstance(value, str):
        known = from_field_name(value)
        return [known] if known in ids else []
    if isinstance(value, Mapping):
        return [id_ for pair in value.items() for each in pair for id_ in _named(each, ids)]
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [id_ for each in value for id_ in _named(each, ids)]
    return []
