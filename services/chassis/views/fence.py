"""One fence per (group, partition number), in the same database as the rows it guards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bson.binary import Binary

from services.chassis.mongo import Database, Session, UpdateOne
from services.chassis.views.rows import Fence, same_partitions

FENCES = "view_fences"


def fence_id(group: str, number: int) -> str:
    return f"{group}:{number}"


def _fence(document: dict[str, Any]) -> Fence:
    positions = {entry["topic"]: entry["next"] for entry in document.get("positions", [])}
    return Fence(document["rev"], positions)


def _stored(positions: Mapping[str, int]) -> list[dict[str, Any]]:
    """A list, since topic names hold dots."""
    return [{"topic": topic, "next": offset} for topic, offset in sorted(positions.items())]


class MongoFences:
    """Raises the driver's errors."""

    def __init__(self, database: Database) -> None:
        self._fences = database[FENCES]
        self._admin = database.client.admin

    async def claim(
        self, group: str, numbers: Iterable[int], partitions: int, lsid: bytes
    ) -> Mapping[int, Fence]:
        """Order matters: a dead member's open transaction holds locks on its fences for up
        to a minute, so its session is ended first; then each rev is raised; the fence read
        is the one that this write left. Raises TopicsDiffer before anything is changed."""
        ids = {fence_id(group, number): number for number in numbers}
        if not ids:
            return {}
        # number 0 too: those that came with more partitions have no fence yet
        looked_at = {"_id": {"$in": [*ids, fence_id(group, 0)]}}
        found = await self._fences.find(looked_at, {"lsid": 1, "partitions": 1}).to_list(None)
        same_partitions(group, [entry.get("partitions") for entry in found], partitions)
        # the own one too: a transaction whose abort got lost holds the same locks
        holders = {
            bytes(entry["lsid"]) for entry in found if entry["_id"] in ids and "lsid" in entry
        }
        if holders:
            sessions = [{"id": Binary(holder, 4)} for holder in sorted(holders)]
            await self._admin.command({"killSessions": sessions})
        claimed: dict[int, Fence] = {}
        for id_, number in ids.items():
            document = await self._fences.find_one_and_update(
                {"_id": id_},
                {"$inc": {"rev": 1}, "$set": {"lsid": lsid, "partitions": partitions}},
                upsert=True,
                return_document=True,
            )
            claimed[number] = _fence(document)
        return claimed

    async def revs(self, group: str, numbers: Iterable[int]) -> Mapping[int, int]:
        ids = {fence_id(group, number): number for number in numbers}
        found = await self._fences.find({"_id": {"$in": list(ids)}}, {"rev": 1}).to_list(None)
        return {ids[document["_id"]]: document["rev"] for document in found}

    async def advance(self, group: str, fences: Mapping[int, Fence], session: Session) -> bool:
        """Store positions inside a transaction, in one command. False: a rev has moved."""
        if not fences:
            return True
        result = await self._fences.bulk_write(
            [
                UpdateOne(
                    {"_id": fence_id(group, number), "rev": fence.rev},
                    {"$set": {"positions": _stored(fence.positions)}, "$inc": {"rev": 1}},
                )
                for number, fence in fences.items()
            ],
            session=session,
        )
        return bool(result.matched_count == len(fences))
