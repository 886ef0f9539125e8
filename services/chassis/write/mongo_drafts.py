"""`Drafts` on MongoDB: the collection `drafts`, one document each.

`_id` is `district:author:id`. MongoDB removes by itself what was not saved again, within a minute
or so after `until`. In place of one that was erased there is a document that no build reads as a
draft, with no author, person or thing that anything looks for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.indexes import ensure
from services.chassis.kernel import not_found
from services.chassis.mongo import Database, DuplicateKeyError, IndexModel, ReturnDocument
from services.chassis.write.by_date import ByDate, place
from services.chassis.write.drafts import (
    EACH,
    SCHEMA,
    STAYS_ERASED,
    Draft,
    DraftsPage,
    ErasedDraft,
    TooManyDrafts,
    another_id,
    contention,
    first_version,
    saved_since,
)
from services.chassis.write.mongo_faults import reading, writing
from services.chassis.write.stored_drafts import draft_of, said, stored_of

COLLECTION = "drafts"
TRIES = 3  # of a save or a move beside other saves of the same draft
_ERASED = 1_000_000  # the schema of what stands for one that was erased
_WITHOUT_TEXTS = {"texts": 0}
_READABLE = {"$lte": SCHEMA}


class MongoDrafts:
    def __init__(self, database: Database) -> None:
        self._drafts = database[COLLECTION]

    async def ensure_indexes(self) -> None:
        """Make those that are missing; repeating it changes nothing."""
        hers = [("district", 1), ("author", 1), ("saved_at", -1), ("id", -1)]
        models = [
            IndexModel(hers, name="of_author"),
            IndexModel([("district", 1), ("person", 1)], name="about_person"),
            IndexModel([("district", 1), ("about", 1)], name="about_thing"),
            IndexModel([("until", 1)], name="late", expireAfterSeconds=0),
        ]
        with writing():
            await ensure(self._drafts, models)

    async def save(self, draft: Draft, seen: int | None) -> Draft:
        key = _id(draft.district, draft.author, draft.id)
        wanted: dict[str, Any] = {"_id": key, "schema": _READABLE}
        if seen is not None:
            wanted["version"] = seen
        for _ in range(TRIES):
            with writing():
                found: dict[str, Any] | None = await self._drafts.find_one_and_update(
                    wanted,
                    {"$set": said(draft), "$inc": {"version": 1}},
                    return_document=ReturnDocument.AFTER,
                )
            if found is not None:
                return draft_of(found)
            if seen is not None:
                return await self._unless_newer(key, draft)
            if await self._begin(key, draft):
                return _begun(draft)
            await self._there(key)  # as this build can read it
        raise contention()

    async def _unless_newer(self, key: str, draft: Draft) -> Draft:
        """What is there, if it is what was to be saved."""
        there = await self._there(key)
        if there is None:
            raise not_found()
        if not there.says_the_same(draft):
            raise saved_since()
        return there

    async def _there(self, key: str) -> Draft | None:
        """Raises ErasedDraft."""
        with reading():
            found = await self._drafts.find_one({"_id": key})
        if found is not None and _is_erased(found):
            raise ErasedDraft
        return None if found is None else draft_of(found)

    async def _if_there(self, key: str) -> Draft | None:
        try:
            return await self._there(key)
        except ErasedDraft:
            return None

    async def _begin(self, key: str, draft: Draft) -> bool:
        """Whether it is there now as the first; False: somebody was faster."""
        hers = {"district": draft.district, "author": draft.author}
        with reading():
            count = await self._drafts.count_documents(hers, limit=EACH)
        if count >= EACH:
            raise TooManyDrafts
        with writing():
            try:
                await self._drafts.insert_one({"_id": key, **stored_of(_begun(draft))})
            except DuplicateKeyError:
                return False
        return True

    async def get(self, district: str, author: str, id: str) -> Draft | None:
        return await self._if_there(_id(district, author, id))

    async def find(
        self,
        district: str,
        author: str,
        kind: str | None,
        about: str | None,
        after: str,
        limit: int,
    ) -> DraftsPage:
        asked: dict[str, Any] = {"district": district, "author": author}
        if kind is not None:
            asked["kind"] = kind
        if about is not None:
            asked["about"] = about
        if after:
            at, last = place(after)
            asked["saved_at"] = {"$lte": at}
            asked["$or"] = [{"saved_at": {"$lt": at}}, {"id": {"$lt": last}}]
        order = [("saved_at", -1), ("id", -1)]
        with reading():
            cursor = self._drafts.find(asked, _WITHOUT_TEXTS).sort(order).limit(limit + 1)
            found = await cursor.to_list(None)
        shown = found[:limit]
        readable = [draft_of(each) for each in shown if each["schema"] <= SCHEMA]
        following = ""
        if len(found) > limit:
            following = ByDate("saved_at").place_of(shown[-1]["saved_at"], shown[-1]["id"])
        return DraftsPage(readable, following, len(shown) - len(readable))

    async def delete(self, district: str, author: str, id: str, seen: int | None) -> Draft | None:
        key = _id(district, author, id)
        wanted: dict[str, Any] = {"_id": key, "schema": _READABLE}
        if seen is not None:
            wanted["version"] = seen
        with writing():
            found: dict[str, Any] | None = await self._drafts.find_one_and_delete(wanted)
        if found is not None:
            return draft_of(found)
        if await self._if_there(key) is not None:
            raise saved_since()
        return None

    async def all_of(self, district: str, author: str) -> Sequence[Draft]:
        hers = {"district": district, "author": author}
        with reading():
            found = await self._drafts.find(hers, _WITHOUT_TEXTS).sort("id", 1).to_list(None)
        return [draft_of(each) for each in found]

    async def move(self, draft: Draft, author: str) -> None:
        key = _id(draft.district, draft.author, draft.id)
        for _ in range(TRIES):
            with reading():
                found: dict[str, Any] | None = await self._drafts.find_one({"_id": key})
            if found is None or _is_erased(found) or not await self._put_anywhere(found, author):
                return
            with writing():
                gone = await self._drafts.delete_one({"_id": key, "version": found["version"]})
            if gone.deleted_count:
                return
        raise contention()

    async def _put_anywhere(self, found: Mapping[str, Any], author: str) -> bool:
        """Whether there is a place for it with its new author, and it is there."""
        draft = draft_of(found)
        moved = {**found, "author": author, "author_before": draft.author}
        for taken in (draft.id, another_id(draft)):
            moved |= {"_id": _id(draft.district, author, taken), "id": taken}
            if await self._put(moved):
                return True
        return False

    async def _put(self, moved: Mapping[str, Any]) -> bool:
        """Whether it is there, or what has been saved there since a move was cut short; False:
        another one is."""
        place = {"_id": moved["_id"]}
        with writing():
            try:
                await self._drafts.insert_one(dict(moved))
            except DuplicateKeyError:
                there = await self._drafts.find_one(place)
                if there is None or _origin(there) != _origin(moved):
                    return False
                if not _is_erased(there) and _age(there) < _age(moved):
                    version = max(there["version"], moved["version"]) + 1
                    as_seen = {**place, "version": there["version"]}
                    await self._drafts.replace_one(as_seen, {**moved, "version": version})
        return True

    async def reassign(self, district: str, person: str, other: str, back: bool) -> None:
        hers = {"district": district, "person": person}
        if back:
            hers["person_before"] = other
        changed = {"$set": {"person": other, "person_before": person}, "$inc": {"version": 1}}
        with writing():
            await self._drafts.update_many(hers, changed)

    async def erase_about(self, district: str, about: Sequence[str], now: datetime) -> None:
        await self._erase({"district": district, "about": {"$in": list(about)}}, now)

    async def erase(
        self,
        district: str,
        person: str,
        until: datetime,
        now: datetime,
        came_from: Collection[str] = (),
    ) -> None:
        known = {"$in": ["", *came_from]}
        hers = [
            {"author": person, "author_before": known},
            {"person": person, "person_before": known},
        ]
        old = {"district": district, "begun_at": {"$lte": until}, "$or": hers}
        await self._erase(old, now)

    async def _erase(self, which: Mapping[str, Any], now: datetime) -> None:
        left = {name: f"${name}" for name in ("_id", "district", "begun_at", "author_before")}
        instead = {**left, "schema": _ERASED, "until": now + STAYS_ERASED}
        with writing():
            await self._drafts.update_many(which, [{"$replaceWith": instead}])

    async def leave(self, district: str, author: str) -> None:
        with writing():
            await self._drafts.delete_many({"district": district, "author": author})


def _id(district: str, author: str, id: str) -> str:
    return f"{district}:{author}:{id}"


def _is_erased(stored: Mapping[str, Any]) -> bool:
    return bool(stored["schema"] == _ERASED)


def _origin(stored: Mapping[str, Any]) -> tuple[Any, ...]:
    """Two that were moved are one draft where these are the same."""
    return stored["author_before"], stored["begun_at"]


def _age(stored: Mapping[str, Any]) -> tuple[Any, ...]:
    return stored["saved_at"], stored["version"]


def _begun(draft: Draft) -> Draft:
    return replace(draft, version=first_version(draft.begun_at))
