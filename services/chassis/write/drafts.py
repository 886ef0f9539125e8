"""Drafts: what somebody is typing, kept for her until she sends it.

A draft is a document of its own and no aggregate: nothing is published of it, nobody else reads it,
no view and no journal has it. A save is one database command, so a page may save every few seconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from services.chassis.kernel import Fault, Kind

EACH = 200  # that one author may have in a service
KEPT = timedelta(days=90)  # after the last save
STAYS_ERASED = timedelta(days=30)  # for so long no page that is still open brings it back
MOST_TEXTS = 64
MOST_CHARACTERS = 10_000  # of one text
MOST_BYTES = 64 * 1024  # of the names and texts of one draft, in UTF-8
SCHEMA = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DraftText(NamedTuple):
    """One field of what is being typed; the text may be empty."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What `author` types under an `id` that she has chosen. `kind` is one of the service's own
    words, `about` the id of the thing that it is for and `person` of whom it is about, each empty
    where she has not said. `version` as in `first_version`. `author_before`, `person_before`: whose
    it was, and about whom, where two records of a person became one."""

    district: str
    author: str
    id: str
    kind: str
    about: str
    person: str
    texts: tuple[DraftText, ...]
    begun_at: datetime
    saved_at: datetime
    version: int = 0
    author_before: str = ""
    person_before: str = ""

    @property
    def kept_until(self) -> datetime:
        return self.saved_at + KEPT

    def says_the_same(self, other: Draft) -> bool:
        """Whether a save of the one would change nothing but the time of the other."""
        return (self.kind, self.about, self.person, self.texts) == (
            other.kind,
            other.about,
            other.person,
            other.texts,
        )

    def without_texts(self) -> Draft:
        return replace(self, texts=())


def first_version(begun_at: datetime) -> int:
    """Of a new draft; each save makes it one more. It is of the instant, in milliseconds: so what
    was deleted and is begun anew has no version that the old one had."""
    return (begun_at - _EPOCH) // timedelta(milliseconds=1)


def another_id(draft: Draft) -> str:
    """Under which one is kept whose id its new author has given to one of her own. Two of one id,
    the second begun when the first was moved, have each their own."""
    said = draft.district, draft.author, draft.id, str(first_version(draft.begun_at))
    return str(uuid.uuid5(uuid.NAMESPACE_OID, ":".join(said)))


@dataclass(frozen=True, slots=True)
class DraftsPage:
    """Without their texts. `after` is the place behind the last of them, empty at the end."""

    drafts: Sequence[Draft]
    after: str = ""
    left_out: int = 0


class TooManyDrafts(Exception):
    """An author has `EACH` of them in the service."""


class ErasedDraft(Exception):
    """What was under that id was erased, `STAYS_ERASED` ago at most."""


def saved_since() -> Fault:
    return Fault(Kind.STALE, "stale_version", "The draft was saved since: read it again.")


def contention() -> Fault:
    return Fault(Kind.UNAVAILABLE, "contention", "Many changes at once; try again.")


def needs_upgrade() -> Fault:
    return Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")


class Drafts(Protocol):
    """Those of one service. Two adapters, held to one conformance suite: `mongo_drafts` and
    `memory_drafts`. What is not saved again for `KEPT` is removed. Every method may raise Fault
    UNAVAILABLE; then the same call may be made again. A draft that a newer build has stored raises
    `needs_upgrade`; a list leaves it out and counts it."""

    async def save(self, draft: Draft, seen: int | None) -> Draft:
        """Put it in place of what its author has under that id, and give it as it is now: its
        `begun_at` and what it was before stay those of the first save, but for a `person_before`
        that is given. With `seen` only in place of that version; where what is there says the same
        already, it is given as it is. 1 database command for one that is there; 3 for a new one, of
        which somebody who begins several at once may get a few too many. Raises TooManyDrafts,
        ErasedDraft, Fault NOT_FOUND (with `seen`), STALE."""

    async def get(self, district: str, author: str, id: str) -> Draft | None:
        """1 command."""

    async def find(
        self,
        district: str,
        author: str,
        kind: str | None,
        about: str | None,
        after: str,
        limit: int,
    ) -> DraftsPage:
        """The author's, those first that were saved last; of one kind and about one thing where
        these are given. 1 command. Raises Fault INVALID `page_token`."""

    async def delete(self, district: str, author: str, id: str, seen: int | None) -> Draft | None:
        """What is no more; None where there was none. Raises Fault STALE. 1 command."""

    async def all_of(self, district: str, author: str) -> Sequence[Draft]:
        """All of an author's, in the order of their ids, without their texts. 1 command."""

    async def move(self, draft: Draft, author: str) -> None:
        """Give it to another author, under its id or, where she has one of that id, `another_id`;
        where she has one of either, it stays whose it is. Done again it changes nothing more. What
        is saved meanwhile under either author goes along, the later of two. 3 commands, at most 7
        where ids are taken, and as many again where it was saved meanwhile. Raises Fault
        UNAVAILABLE where that has happened several times."""

    async def reassign(self, district: str, person: str, other: str, back: bool) -> None:
        """What is about the one person is about the other from now on; `back`: only what was about
        the other before. Whoever has read it before saves it no more unseen: its version is one
        more. 1 command."""

    async def erase_about(self, district: str, about: Sequence[str], now: datetime) -> None:
        """Erase everybody's about these things. Of each there stays, for `STAYS_ERASED`, that there
        was one under this id of this author, and nothing that was typed: until then none can be
        begun there. 1 command."""

    async def erase(
        self,
        district: str,
        person: str,
        until: datetime,
        now: datetime,
        came_from: Collection[str] = (),
    ) -> None:
        """Erase, as `erase_about`, a person's own and everybody's about her, as far as they were
        begun at `until` or before; of what came to her from another record only what came from one
        of `came_from`. 1 command."""

    async def leave(self, district: str, author: str) -> None:
        """Delete all of an author's. 1 command."""
