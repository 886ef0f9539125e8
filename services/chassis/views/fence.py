"""One fence per (group, partition number), in the same database as the rows it guards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson.binary import Binary

from services.chassis.mongo import Database, DuplicateKeyError, MongoSession, UpdateOne
from services.chassis.views.rows import Fence, Terms, agree

FENCES = "view_fences"


def fence_id(group: str, number: int) -> str:
    return f"{group}:{number}"


def _of(group: str) -> dict[str, Any]:
    return {"_id": {"$regex": f"^{re.escape(group)}:"}}


def _fence(document: dict[str, Any]) -> Fence:
    positions = {entry["topic"]: entry["next"] for entry in document.get("positions", [])}
    return Fence(document["rev"], positions, document.get("topics", 1))


def _terms(document: Mapping[str, Any]) -> Terms:
    """What an older build left out is unknown, or the first list."""
    return Terms(document.get("partitions", 0), document.get("topics", 1))


def _stored(positions: Mapping[str, int]) -> list[dict[str, Any]]:
    """A list, since topic names hold dots."""
    return [{"topic": topic, "next": offset} for topic, offset in sorted(positions.items())]


class MongoFences:
    """Raises the driver's errors."""

    def __init__(self, database: Database) -> None:
        self._fences = database[FENCES]
        self._admin = database.client.admin

    async def claim(
        self, group: str, numbers: Iterable[int], terms: Terms, lsid: bytes
    ) -> Mapping[int, Fence]:
        """Order matters: a dead member's open transaction holds locks on its fences for up
        to a minute, so its session is ended first; then each rev is raised; the fence read
        is the one that this write left. Raises TopicsDiffer and Superseded before it ends
        anybody's session, and raises no rev of a fence that has got other terms meanwhile."""
        ids = {fence_id(group, number): number for number in numbers}
        if not ids:
            return {}
        # number 0 too: those that came with more partitions have no fence yet
        found = await self._found([*ids, fence_id(group, 0)])
        agree(group, map(_terms, found), terms)
        # the own one too: a transaction whose abort got lost holds the same locks
        ours = [entry for entry in found if entry["_id"] in ids]
        holders = {bytes(entry["lsid"]) for entry in ours if entry.get("lsid")}
        if holders:
            sessions = [{"id": Binary(holder, 4)} for holder in sorted(holders)]
            await self._admin.command({"killSessions": sessions})
        claimed: dict[int, Fence] = {}
        for id_, number in ids.items():
            agreeing = {
                "_id": id_,
                "partitions": {"$in": [terms.partitions, None]},
                "topics": {"$not": {"$gt": terms.topics}},
            }
            noted = {"lsid": lsid, "partitions": terms.partitions, "topics": terms.topics}
            try:
                document = await self._fences.find_one_and_update(
                    agreeing,
                    {"$inc": {"rev": 1}, "$set": noted},
                    upsert=True,
                    return_document=True,
                )
            except DuplicateKeyError:  # it is there and does not agree
                agree(group, map(_terms, await self._found([id_])), terms)
                raise
            claimed[number] = _fence(document)
        return claimed

    async def stop(self, group: str) -> None:
        """Whoever has claimed a fence of a build writes nothing more: its rev moves."""
        await self._fences.update_many(_of(group), {"$inc": {"rev": 1}})

    async def drop(self, group: str) -> None:
        """All of a build."""
        await self._fences.delete_many(_of(group))

    async def there(self, groups: Iterable[str]) -> frozenset[str]:
        """Those that have ever been claimed, and are not dropped."""
        first = {fence_id(group, 0): group for group in groups}
        return frozenset(first[found["_id"]] for found in await self._found(list(first)))

    async def read(self, group: str, numbers: Iterable[int]) -> Mapping[int, Fence]:
        ids = {fence_id(group, number): number for number in numbers}
        return {ids[found["_id"]]: _fence(found) for found in await self._found(list(ids))}

    async def _found(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        return await self._fences.find({"_id": {"$in": ids}}).to_list(None)

    async def advance(self, group: str, fences: Mapping[int, Fence], session: MongoSession) -> bool:
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
