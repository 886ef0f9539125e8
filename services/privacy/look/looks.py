"""Where looks are kept: a port with two adapters (`mongo_looks`, `memory_looks`), held to one
conformance suite. They are no aggregates: nothing is published of them, and none ever changes. Of a
list the first ones go once they have had their time; no number is ever given twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from services.chassis.kernel import invalid
from services.chassis.log.source import Positions
from services.chassis.write.loading import Found
from services.privacy.look.domain import Disclosed, End, JournalRead, Look, PartnerRead

MOST_READS = 10_000  # partners and kinds of one person
MOST_DISCLOSED = 10_000  # on one day, each partner, kind and operation once
MOST_COUNTED = 100_000  # looks; where there are more, so many are told
Whose = tuple[str, str]  # district and person


class NumberTaken(Exception):
    """Somebody else has appended in the meantime: what was read is not the end any more."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which looks of a person: of a kind, by a viewer or partner, the last of them from `since` on
    and before `until`."""

    kind: str = ""
    viewer: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Old:
    """Looks of a district whose last time was from `since` on and before `until`: of these people
    alone, or of all but these."""

    until: datetime
    since: datetime | None = None
    of: Collection[str] | None = None
    but: Collection[str] = ()


class Refusal(NamedTuple):
    """What was asked for another purpose than coaching, so many times, in a school year."""

    event: str
    district: str
    school_year: int
    purpose: str
    times: int


class Looks(Protocol):
    """Every method may raise Fault UNAVAILABLE."""

    async def ends(self, whose: Collection[Whose]) -> Mapping[Whose, End]:
        """Where the lists of these end, also where all has gone; one that never had any is missing.
        1 command each, and 1 more for one of which nothing is left."""

    async def erased_districts(self) -> Mapping[str, datetime]:
        """Those of which everything was erased, and when: see `chassis.views.erased`. 1 command."""

    async def begins_after(self, whose: Whose) -> End:
        """The last look that has gone from the front of a list; of a whole one the empty end.
        1 command."""

    async def expire(self, whose: Whose, until: datetime, cause: str, most: int) -> int:
        """Erase of a list, from its front, what was all before `until`, at most so many; how many
        went. `cause`: what asked for it. At most 4 commands."""

    async def expired_by(self, district: str, cause: str) -> int:
        """How many looks went since this asked for it, whoever ended in the middle. 1 command."""

    async def people_of(self, district: str, old: Old, most: int) -> Sequence[str]:
        """Some of the people in whose lists are such looks, at most so many; none: there are none.
        1 command."""

    async def how_many(self, district: str, old: Old) -> int:
        """How many such looks there are, at most MOST_COUNTED. 1 command."""

    async def known(self, events: Collection[str]) -> Collection[tuple[Whose, str]]:
        """In whose lists these events are already. 1 command."""

    async def append(self, looks: Sequence[Look]) -> None:
        """Those of each list in order, all in 1 command, without the `artifact`. Raises NumberTaken
        where a number or an event of a list is taken: then some of the first may be stored, and
        nothing behind them."""

    async def get(self, district: str, id: str) -> Look | None: ...

    async def page(self, whose: Whose, of: Filter, after: str, limit: int) -> Found[Look]:
        """The newest first. 1 command. Raises Fault INVALID for an `after` that is no place."""

    async def note_reads(self, reads: Sequence[PartnerRead]) -> None:
        """Remember what partners have read: noted again, it is known once, from its first to its
        last time. 1 command."""

    async def partners_of(
        self, district: str, people: Collection[str], artifact: str = ""
    ) -> Sequence[PartnerRead]:
        """What partners have read about these people, and what about everybody; at most
        MOST_READS. With an `artifact`, of what was read by itself that one alone, apart from lists;
        without one all of a kind is told as one. 1 command."""

    async def note_journals(self, reads: Sequence[JournalRead]) -> None:
        """Remember what partners have read of everybody; noted again, it is known once, from its
        first to its last time. 1 command."""

    async def last_disclosed(
        self, district: str, since: datetime | None, until: datetime | None
    ) -> datetime | None:
        """When the last thing was disclosed from `since` on and before `until`, where anything was.
        3 commands."""

    async def disclosed(self, district: str, since: datetime, until: datetime) -> list[Disclosed]:
        """What was, within a day, in order of place; at most MOST_DISCLOSED. 3 commands."""

    async def count(self, refused: Sequence[Refusal]) -> None:
        """Remember that so much was refused for its purpose, each event once. 1 command."""

    async def counts(self, district: str) -> Mapping[str, Mapping[int, int]]:
        """How much was refused so far, by purpose and school year. 1 command."""

    async def positions(self, numbers: Collection[int]) -> Positions: ...

    async def collected(self, positions: Positions) -> None: ...


def below(after: str) -> int | None:
    """The number below which a page begins. Raises Fault INVALID where it is none."""
    if not after:
        return None
    if not after.isdecimal() or len(after) > 12:
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token")
    return int(after)
