"""Pages of a OneRoster server that are kept on disk as they come, so that a pull that is cut short
does not ask for them again.

Of each collection the pages are kept in the order in which they came, and of each record what the
roster's files are made of: no student's name. Before they are used, the last one of a collection is
asked for again. Where it has other records by now, or the server counts others, the collection is
read anew. Where it is the same, what came before it has not moved: a record that changed there
since is as it would be in a reading that was not cut short.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import orjson

from services.roster.imports.pulling import paging
from services.roster.imports.pulling.paging import Pages
from services.roster.imports.pulling.server import PulledPage
from services.roster.imports.pulling.tables import ROLES, TABLES

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(hours=6)  # since the first of them was asked for
MOST_KEPT = 1024**3  # bytes, packed; further pages are asked for again
_TOTAL = "x-total-count"
_FRAME = struct.Struct(">II")  # how long it is packed, and its checksum


class KeptPages:
    """Of one pull, as long as it is open. `source`: what tells it from others; pages of another
    one are thrown away, and so is what is older than six hours. `began` is when the first page was
    asked for. Where another pull has the folder, nothing is kept (`kept` is False)."""

    def __init__(
        self, pages: Pages, folder: Path, source: Mapping[str, str], now: datetime
    ) -> None:
        self._pages, self._folder, self.began = pages, folder, now
        fields = [*(each.fields for each in TABLES.values()), ROLES.fields]
        self._source = {**source, "limit": paging.LIMIT, "fields": fields}
        self._nouns: dict[str, _Noun] = {}
        self._size = 0
        self._stack = ExitStack()
        self._mine = self.kept = True
        self.reused = 0  # pages

    def __enter__(self) -> Self:
        """Raises OSError where the folder cannot be written to."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._stack.enter_context((self._folder / "lock").open("ab"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._mine = self.kept = False
            log.warning("another pull keeps its pages here: those of this one are not kept")
            return self
        about = self._folder / "about.json"
        told = _read(about)
        if told.get("source") == self._source and self._fresh(told.get("began")):
            self.began = datetime.fromisoformat(told["began"])
        else:
            self._clear()
            said = {"source": self._source, "began": self.began.isoformat()}
            about.write_bytes(orjson.dumps(said))
        return self

    def __exit__(self, *why: object) -> None:
        for each in self._nouns.values():
            each.file.close()
        self._stack.close()

    def done(self) -> None:
        """What was pulled is where it should be, or is of no use: nothing of it is kept."""
        if self._mine:
            self._clear()
            (self._folder / "about.json").unlink(missing_ok=True)

    async def page(self, noun: str, params: Mapping[str, str | int]) -> PulledPage:
        """As `Pages.page`; one that is kept is not asked for."""
        if not self.kept:
            return await self._pages.page(noun, params)
        offset = int(params["offset"])
        if offset == 0:
            await self._begin(noun, params)
        kept = self._nouns[noun].next(offset)
        if kept is not None:
            self.reused += 1
            return PulledPage({noun: kept.records}, {_TOTAL: kept.total} if kept.total else {})
        answer = await self._pages.page(noun, params)
        if offset == self._nouns[noun].end:
            self._keep(self._nouns[noun], _Page.of(noun, offset, answer))
        return answer

    async def _begin(self, noun: str, params: Mapping[str, str | int]) -> None:
        """Again, in the same pull, is to read it anew."""
        path = self._folder / f"{noun}.pages"
        if noun in self._nouns:
            self._drop(self._nouns[noun])
            return
        path.touch(mode=0o600)
        self._nouns[noun] = mine = _Noun(path)
        self._size += mine.size
        if mine.last is not None:
            offset = mine.last.offset
            now = await self._pages.page(noun, {**params, "offset": offset})
            if _Page.of(noun, offset, now) != mine.last:
                log.warning("%s of the server have changed: all of them are asked for anew", noun)
                self._drop(mine)

    def _drop(self, noun: _Noun) -> None:
        self._size -= noun.size
        noun.drop()

    def _keep(self, noun: _Noun, page: _Page | None) -> None:
        """An empty page is asked for again: there may be more by then."""
        if page is None or not page.records or self._size > MOST_KEPT:
            return
        try:
            self._size += noun.add(page)
        except OSError as error:  # no room, say: the pull does without
            self.kept = False
            log.warning("further pages are not kept: %s", error.strerror)

    def _fresh(self, began: Any) -> bool:
        with contextlib.suppress(TypeError, ValueError):
            return timedelta() <= self.began - datetime.fromisoformat(began) < KEPT_FOR
        return False

    def _clear(self) -> None:
        for noun in self._nouns.values():
            self._drop(noun)
        for each in self._folder.glob("*.pages"):
            each.unlink()


@dataclass(frozen=True, slots=True)
class _Page:
    offset: int
    total: str
    records: list[dict[str, Any]]

    @classmethod
    def of(cls, noun: str, offset: int, answer: PulledPage) -> _Page | None:
        """None where it is none: whoever reads it says so."""
        found = answer.body.get(noun) if isinstance(answer.body, dict) else None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            return None
        needed = [TABLES[noun].needed(each) for each in found]
        return cls(offset, answer.headers.get(_TOTAL, ""), needed)


class _Noun:
    """The pages of a collection, one after the other in a file. `end`: records in them; `size`:
    bytes. What a crash has left half written is cut off."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("r+b", buffering=0)
        self.last: _Page | None = None
        self.end = self.size = 0
        for page in self._all():
            self.last, self.end, self.size = page, page.offset + len(page.records), self.file.tell()
        self.file.truncate(self.size)
        self._left = self._all()

    def _all(self) -> Iterator[_Page]:
        """Those that are whole, in order; in between the file stays where it is."""
        self.file.seek(0)
        expected = 0
        while len(head := self.file.read(_FRAME.size)) == _FRAME.size:
            length, checksum = _FRAME.unpack(head)
            packed = self.file.read(length)
            if len(packed) < length or zlib.crc32(packed) != checksum:
                return
            page = _Page(*orjson.loads(zlib.decompress(packed)))
            if page.offset != expected:
                return
            expected += len(page.records)
            yield page

    def next(self, offset: int) -> _Page | None:
        """The one that begins there, where it is kept and its turn has come."""
        if offset >= self.end:
            return None
        page = next(self._left, None)
        return page if page is not None and page.offset == offset else None

    def add(self, page: _Page) -> int:
        """Bytes that it takes."""
        packed = zlib.compress(orjson.dumps([page.offset, page.total, page.records]), 1)
        self.file.seek(self.size)
        frame = _FRAME.pack(len(packed), zlib.crc32(packed)) + packed
        taken = self.file.write(frame)
        if taken != len(frame):
            raise OSError(errno.ENOSPC, "no room")
        self.size += taken
        self.end = page.offset + len(page.records)
        return taken

    def drop(self) -> None:
        self.file.truncate(0)
        self.last, self.end, self.size = None, 0, 0
        self._left = iter(())


def _read(about: Path) -> Mapping[str, Any]:
    try:
        told = orjson.loads(about.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return told if isinstance(told, dict) else {}
