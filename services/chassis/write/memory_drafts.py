"""The twin of `mongo_drafts` in memory, for tests: one suite holds both. It removes nothing by
itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from services.chassis.kernel import not_found
from services.chassis.write.by_date import ByDate, place
from services.chassis.write.drafts import (
    EACH,
    Draft,
    DraftsPage,
    ErasedDraft,
    TooManyDrafts,
    another_id,
    first_version,
    saved_since,
)

_Key = tuple[str, str, str]


class MemoryDrafts:
    def __init__(self) -> None:
        self.kept: dict[_Key, Draft] = {}
        self.erased: set[_Key] = set()

    async def save(self, draft: Draft, seen: int | None) -> Draft:
        await asyncio.sleep(0)
        there = self.kept.get(_key(draft))
        if there is None and _key(draft) in self.erased:
            raise ErasedDraft
        if seen is not None and (there is None or there.version != seen):
            if there is None:
                raise not_found()
            if not there.says_the_same(draft):
                raise saved_since()
            return there
        if there is None:
            if len(self._hers(draft.district, draft.author)) >= EACH:
                raise TooManyDrafts
            saved = replace(draft, version=first_version(draft.begun_at))
        else:
            saved = replace(
                draft,
                begun_at=there.begun_at,
                version=there.version + 1,
                author_before=there.author_before,
                person_before=draft.person_before or there.person_before,
            )
        self.kept[_key(saved)] = saved
        return saved

    async def get(self, district: str, author: str, id: str) -> Draft | None:
        await asyncio.sleep(0)
        return self.kept.get((district, author, id))

    async def find(
        self,
        district: str,
        author: str,
        kind: str | None,
        about: str | None,
        after: str,
        limit: int,
    ) -> DraftsPage:
        await asyncio.sleep(0)
        found = sorted(self._hers(district, author), key=_newest, reverse=True)
        found = [
            each for each in found if kind in (None, each.kind) and about in (None, each.about)
        ]
        if after:
            last = place(after)
            found = [each for each in found if _newest(each) < last]
        shown = [each.without_texts() for each in found[:limit]]
        more = len(found) > limit
        return DraftsPage(shown, ByDate("saved_at").place_of(*_newest(shown[-1])) if more else "")

    async def delete(self, district: str, author: str, id: str, seen: int | None) -> Draft | None:
        await asyncio.sleep(0)
        there = self.kept.get((district, author, id))
        if there is not None and seen not in (None, there.version):
            raise saved_since()
        return self.kept.pop((district, author, id), None)

    async def all_of(self, district: str, author: str) -> Sequence[Draft]:
        await asyncio.sleep(0)
        hers = sorted(self._hers(district, author), key=lambda each: each.id)
        return [each.without_texts() for each in hers]

    async def move(self, draft: Draft, author: str) -> None:
        await asyncio.sleep(0)
        there = self.kept.get(_key(draft))
        if there is None:
            return
        for taken in (there.id, another_id(there)):
            moved = replace(there, author=author, author_before=there.author, id=taken)
            if _key(moved) not in self.kept and _key(moved) not in self.erased:
                self.kept[_key(moved)] = moved
                del self.kept[_key(there)]
                return

    async def reassign(self, district: str, person: str, other: str, back: bool) -> None:
        await asyncio.sleep(0)
        for key, each in list(self.kept.items()):
            hers = (each.district, each.person) == (district, person)
            if hers and (not back or each.person_before == other):
                version = each.version + 1
                self.kept[key] = replace(each, person=other, person_before=person, version=version)

    async def erase_about(self, district: str, about: Sequence[str], now: datetime) -> None:
        await asyncio.sleep(0)
        self._erase(lambda each: each.district == district and each.about in about)

    async def erase(
        self,
        district: str,
        person: str,
        until: datetime,
        now: datetime,
        came_from: Collection[str] = (),
    ) -> None:
        await asyncio.sleep(0)
        known = {"", *came_from}

        def is_hers(each: Draft) -> bool:
            own = each.author == person and each.author_before in known
            return own or (each.person == person and each.person_before in known)

        self._erase(
            lambda each: each.district == district and is_hers(each) and each.begun_at <= until
        )

    async def leave(self, district: str, author: str) -> None:
        await asyncio.sleep(0)
        self._drop(lambda each: (each.district, each.author) == (district, author))

    def _hers(self, district: str, author: str) -> list[Draft]:
        hers = district, author
        return [each for each in self.kept.values() if (each.district, each.author) == hers]

    def _erase(self, wanted: Callable[[Draft], bool]) -> None:
        self.erased |= {key for key, each in self.kept.items() if wanted(each)}
        self._drop(wanted)

    def _drop(self, wanted: Callable[[Draft], bool]) -> None:
        self.kept = {key: each for key, each in self.kept.items() if not wanted(each)}


def _key(draft: Draft) -> _Key:
    return draft.district, draft.author, draft.id


def _newest(draft: Draft) -> tuple[datetime, str]:
    return draft.saved_at, draft.id
