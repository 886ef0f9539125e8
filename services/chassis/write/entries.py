"""What has left its aggregate: parts that are old, of which there may be many.

An aggregate lets a part go in a command (`Aggregate.leave`). It goes along with the event of that
command, in the same write, and is an entry of its own once the event is published: kept under the
aggregate's id, what it is and a number, replaced only by another of that number, never published.
So the aggregate does not grow with its history, and a command is one write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bson import encode
from pydantic import TypeAdapter

from services.chassis.kernel import Fault, Kind, invalid, not_found
from services.chassis.log.envelope import Entry
from services.chassis.troubles import STATE, Troubles
from services.chassis.write.documents import PAGE_BYTES, Documents, Journal
from services.chassis.write.loading import Found
from services.chassis.write.states import Upcaster, closed

AT_ONCE = 50  # entries that are read
MOST = 10**12 - 1  # above every number: ids are padded for it
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Numbered(Generic[T_co]):
    """A part of an aggregate, by its number there."""

    number: int
    part: T_co


class EntryCodec(Generic[T]):
    """Between parts of one frozen dataclass and the entries of them. `kind` names them, without a
    colon; `of` is the aggregate's kind; fields and `upcasters` as of `states.AggregateCodec`."""

    def __init__(
        self, kind: str, of: str, stored: type[T], upcasters: Sequence[Upcaster] = ()
    ) -> None:
        self.kind, self.of = kind, of
        self.stored = stored
        self.schema = 1 + len(upcasters)
        self._adapter: TypeAdapter[T] = closed(stored)
        self._upcasters = upcasters

    def entries(self, left: Sequence[tuple[int, Any]]) -> tuple[Entry, ...]:
        """Those of this kind among what `Aggregate.take_left` gave."""
        return tuple(
            Entry(self.kind, number, self.schema, self._adapter.dump_python(part))
            for number, part in left
            if isinstance(part, self.stored)
        )

    def part(self, entry: Entry) -> T:
        """Raises for what this build cannot read."""
        state = entry.state
        for upcaster in self._upcasters[entry.schema - 1 :]:
            state = upcaster(dict(state))
        return self._adapter.validate_python(state)


class Entries(Generic[T]):
    """What has left the aggregates of one kind. Who asks has read the aggregate before."""

    def __init__(
        self,
        documents: Documents,
        journal: Journal,
        codec: EntryCodec[T],
        troubles: Troubles | None = None,
    ) -> None:
        self._documents = documents
        self._journal = journal
        self._codec = codec
        self._troubles = troubles or Troubles()

    async def find(self, district: str, of: str, below: int, limit: int) -> Found[Numbered[T]]:
        """From the highest number under `below` down, at most `limit`; fewer where they would be
        more than 50 or 2 MB, but one at least. `after` is the last number of the page. 2 commands.
        """
        limit = min(limit, AT_ONCE)
        found = await self._newest(district, of, below, limit + 1)
        taken = _fitting(found, limit)
        items: list[Numbered[T]] = []
        for entry in taken:
            try:
                items.append(Numbered(entry.number, self._load(district, entry)))
            except Fault:
                continue
        after = str(taken[-1].number) if len(taken) < len(found) else ""
        return Found(items, after, len(taken) - len(items))

    async def page(
        self, district: str, of: str, held: Sequence[Numbered[T]], after: str, limit: int
    ) -> Found[Numbered[T]]:
        """Of all there are, from the highest number down: those that the aggregate holds, which
        are `held` in their order, and then what has left it. No command for a page of the first.
        Raises Fault INVALID for an `after` that is no place in it."""
        end = number_in(after) if after else MOST
        page = [each for each in reversed(held) if each.number < end][:limit]
        oldest = held[0].number if held else 1
        if len(page) == limit:
            return Found(page, str(page[-1].number) if page[-1].number > 1 else "")
        if oldest == 1:
            return Found(page)
        rest = await self.find(district, of, min(end, oldest), limit - len(page))
        return Found([*page, *rest.items], rest.after, rest.left_out)

    async def get(self, district: str, of: str, number: int) -> T:
        """Raises Fault NOT_FOUND, and as `loading.load`. 2 commands."""
        found = await self._newest(district, of, number + 1, 1)
        if not found or found[0].number != number:
            raise not_found()
        return self._load(district, found[0])

    async def _newest(self, district: str, of: str, below: int, limit: int) -> list[Entry]:
        """What waits is read first: it may have gone on when the rest is read, but not before."""
        kind = self._codec.kind
        waiting = await self._documents.leaving(district, self._codec.of, of)
        gone = await self._journal.left(district, of, kind, below, limit)
        newest: dict[int, Entry] = {}
        for entry in sorted((*waiting, *gone), key=lambda each: each.version):
            if entry.kind == kind:
                newest[entry.number] = entry
        numbers = sorted((each for each in newest if each < below), reverse=True)
        return [newest[number] for number in numbers[:limit]]

    def _load(self, district: str, entry: Entry) -> T:
        if entry.schema > self._codec.schema:
            raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
        try:
            return self._codec.part(entry)
        except Exception as error:
            self._troubles.tell(STATE, district, error)
            raise Fault(Kind.UNAVAILABLE, "state_unreadable", "This cannot be read.") from error


def number_in(after: str) -> int:
    """The number that a page token is. Raises Fault INVALID for any other."""
    if not after.isdecimal() or len(after) > 12:
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token")
    return int(after)


def _fitting(found: Sequence[Entry], limit: int) -> Sequence[Entry]:
    size = 0
    for number, entry in enumerate(found):
        size += len(encode(entry.state))
        if number and (number == limit or size > PAGE_BYTES):
            return found[:number]
    return found
