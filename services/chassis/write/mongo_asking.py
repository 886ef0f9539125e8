"""What is asked of the documents of a kind, as MongoDB takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.write.documents import OutboxPlace, Scalar, Wanted

WAITING: dict[str, Any] = {"outbox_since": {"$exists": True}}


def matching(
    district: str,
    kind: str,
    where: Mapping[str, Scalar],
    unless: Mapping[str, Scalar] | None,
    either: Sequence[Mapping[str, Scalar]] = (),
) -> dict[str, Any]:
    """Those whose state has the values of `where`, none of those of `unless` and, where there is
    any in `either`, all of one of them."""
    mine = {"district": district, "kind": kind, **_state(where)}
    # A "$nor" of two would read the documents.
    both = [_state({name: {"$ne": value}}) for name, value in (unless or {}).items()]
    if either:
        both.append({"$or": [_state(each) for each in either]})
    return {**mine, "$and": both} if both else mine


def _state(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"state.{name}": value for name, value in values.items()}


def counting(
    collection: str, district: str, kind: str, wanted: Sequence[Wanted]
) -> list[dict[str, Any]]:
    """One pipeline for all that is `wanted`, each counted along an index of its own: of each that
    there is at all it gives `count`, and as `_id` its place among them."""
    parts: list[list[dict[str, Any]]] = [
        [
            {"$match": matching(district, kind, each.where, each.unless)},
            {"$limit": each.most},
            {"$group": {"_id": place, "count": {"$sum": 1}}},
        ]
        for place, each in enumerate(wanted)
    ]
    joined = [{"$unionWith": {"coll": collection, "pipeline": each}} for each in parts[1:]]
    return [*parts[0], *joined]


def behind(after: OutboxPlace | None) -> Mapping[str, Any]:
    """What waits behind a place of an outbox."""
    if after is None:
        return WAITING
    since, last = after
    # The bound is what the index is entered by: of the two branches it might read all before.
    return {
        "outbox_since": {"$exists": True, "$gte": since},
        "$or": [{"outbox_since": {"$gt": since}}, {"_id": {"$gt": last}}],
    }


def clearing(versions: list[int]) -> list[dict[str, Any]]:
    """How versions are taken out of an outbox. Both steps see the document as it is when the
    update runs, so an event appended since the outbox was read keeps its place and its
    `outbox_since`."""
    kept = {
        "$filter": {"input": "$outbox", "cond": {"$not": [{"$in": ["$$this.version", versions]}]}}
    }
    since = {"$cond": [{"$eq": ["$outbox", []]}, "$$REMOVE", {"$min": "$outbox.at"}]}
    return [{"$set": {"outbox": kept}}, {"$set": {"outbox_since": since}}]
