"""A collection of a OneRoster server, a page at a time, whole or not at all.

A server may count wrongly, repeat records over pages, lose a page, or go on for ever. Nothing that
it says of itself is relied on: not a total, and not a link to the next page. A reading begins anew
where it is seen not to be whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from services.chassis.kernel import Fault, Kind, invalid
from services.roster.imports.oneroster.line_numbers import LineNumbers
from services.roster.imports.pulling.server import PulledPage

LIMIT = 1_000  # records asked for at once
READINGS = 4  # of one collection
EMPTY_TRIES = 2  # of a page that is empty though there should be more
MOST_BEYOND = 20  # pages after it that are looked at


class Pages(Protocol):
    async def page(self, noun: str, params: Mapping[str, str | int]) -> PulledPage: ...


class Collection:
    """One that is read. `kept` is called for each record, once; `anew` before each reading."""

    def __init__(
        self, pages: Pages, noun: str, since: str, most: int,
        kept: Callable[[Mapping[str, Any]], None], anew: Callable[[], None],
    ) -> None:  # fmt: skip
        self._pages, self._noun, self._since, self._most = pages, noun, since, most
        self._kept, self._anew = kept, anew

    async def read(self) -> None:
        """Raises Fault INVALID where no reading is whole, or what `Pages.page` raises."""
        before: tuple[int, int] | None = None
        for _ in range(READINGS):
            self._anew()
            reading = _Reading(self._most, self._noun)
            await self._read(reading)
            if reading.whole:
                return
            if (
                before == reading.told and not reading.lost
            ):  # twice the same: it is the total that is wrong
                return
            before = reading.told
        why = f"The server's {self._noun} were otherwise at each of {READINGS} readings."
        raise Fault(Kind.UNAVAILABLE, "source_incomplete", why)

    async def _read(self, reading: _Reading) -> None:
        offset, empty = 0, 0
        while True:
            params: dict[str, str | int] = {"limit": LIMIT, "offset": offset}
            params |= {"sort": "sourcedId", "orderBy": "asc"}
            if self._since:
                params["filter"] = f"dateLastModified>'{self._since}'"
            answer = await self._pages.page(self._noun, params)
            records = _records(answer.body, self._noun)
            reading.total = _total(answer.headers)
            if not records:
                empty += 1
                if 0 <= reading.total <= offset:
                    return
                if empty > EMPTY_TRIES:
                    reading.lost = await self._more_beyond(params, offset, reading.total)
                    return
                continue
            empty = 0
            offset += len(records)
            new = [each for each in records if reading.first(each)]
            if not new:
                why = f"The server's {self._noun} repeat themselves page by page."
                raise invalid("source_repeats", why)
            for each in new:
                self._kept(each)

    async def _more_beyond(self, params: Mapping[str, str | int], offset: int, total: int) -> bool:
        """Whether records come after a page that stays empty: then it is lost. Else it was the
        last one, and the total is wrong."""
        for further in range(offset + LIMIT, min(total, offset + MOST_BEYOND * LIMIT), LIMIT):
            answer = await self._pages.page(self._noun, {**params, "offset": further})
            if _records(answer.body, self._noun):
                return True
        return False


class _Reading:
    def __init__(self, most: int, noun: str) -> None:
        self._seen = LineNumbers()
        self._most, self._noun = most, noun
        self._count = self._hash = self._repeated = 0
        self.total = -1
        self.lost = False

    def first(self, record: Mapping[str, Any]) -> bool:
        """Whether it has not been there before in this reading. One without an id is kept: the
        import says where it is."""
        told = record.get("sourcedId")
        key = told if isinstance(told, str) and told else f"\0{self._count}"
        if key in self._seen:
            self._repeated += 1
            return False
        self._count += 1
        if self._count > self._most:
            raise invalid("source_too_large", f"There are more than {self._most} {self._noun}.")
        self._seen[key] = self._count
        self._hash ^= hash(key)
        return True

    @property
    def whole(self) -> bool:
        """Nothing came twice, which happens where records move while they are read, and no fewer
        came than there are said to be."""
        return not (self._repeated or self.lost) and self._count >= self.total

    @property
    def told(self) -> tuple[int, int]:
        """The same for the same records."""
        return self._count, self._hash


def _records(body: Any, noun: str) -> list[Mapping[str, Any]]:
    found = body.get(noun) if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise invalid("source_not_oneroster", f"An answer has no list of {noun}.")
    return found


def _total(headers: Mapping[str, str]) -> int:
    """-1 where none is told."""
    told = headers.get("x-total-count", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else -1
