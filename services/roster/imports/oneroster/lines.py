"""The lines of one CSV file of the zip as text: UTF-8, with or without a BOM, or UTF-16 with one.

Whatever else it may be is not guessed at: a name of somebody would be spoiled for good. Memory
does not grow with the file.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO

from services.chassis.kernel import Fault, invalid
from services.roster.imports.oneroster.archive import Archive, damage

MOST_LINE = 256 * 1024  # bytes, or characters of UTF-16
MOST_BROKEN = 20  # lines of one row: of a quote that nobody closes the rest of a file is no cell
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Line = tuple[int, str]


class Lines:
    """Those of `name` that are not empty, with their numbers from 1; the first in any case."""

    def __init__(self, archive: Archive, name: str, most: int) -> None:
        self._archive = archive
        self._name = name
        self._most = most
        self.utf_16 = False  # known once the first line was read

    def each(self) -> Iterator[Line]:
        """Raises Fault INVALID."""
        for number, text in enumerate(self._texts(), start=1):
            if len(text) > MOST_LINE:
                raise self._fault("line_too_long", f"line {number} is too long")
            if number > self._most:
                raise self._fault("too_many_rows", f"it has more than {self._most} lines")
            if number == 1 and "\0" in text:
                raise self._fault("not_utf8", "it is perhaps UTF-16 without a byte order mark")
            text = text.rstrip("\r\n")
            if text or number == 1:
                yield number, text

    def _fault(self, code: str, what: str) -> Fault:
        return invalid(code, f"{self._name}: {what}.")

    def _texts(self) -> Iterator[str]:
        with damage(), self._archive.open(self._name) as file:
            start = file.read(2)
        self.utf_16 = start in _UTF_16
        with damage(), self._archive.open(self._name) as file:
            yield from self._wide(file) if self.utf_16 else self._narrow(file)

    def _wide(self, file: IO[bytes]) -> Iterator[str]:
        read = io.TextIOWrapper(file, "utf-16", newline="\n")
        number = 0
        try:
            while text := read.readline(MOST_LINE + 1):
                number += 1
                yield text
        except UnicodeError:
            raise self._fault("not_utf8", f"line {number + 1} is not UTF-16") from None

    def _narrow(self, file: IO[bytes]) -> Iterator[str]:
        number = 0
        while raw := file.readline(MOST_LINE + 1):
            number += 1
            try:
                yield raw.removeprefix(_BOM if number == 1 else b"").decode()
            except UnicodeDecodeError:
                if len(raw) > MOST_LINE:  # cut within a character
                    raise self._fault("line_too_long", f"line {number} is too long") from None
                raise self._fault(
                    "not_utf8", f"line {number} is not UTF-8{_perhaps(raw)}"
                ) from None


def _perhaps(raw: bytes) -> str:
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return ""
    return ", perhaps Windows-1252"


def rows(lines: Iterator[Line], whole: Callable[[str], bool]) -> Iterator[tuple[int, str, bool]]:
    """Lines, each with whether it was put together from several. A line with a quote that is
    open goes on in the next ones, where that makes a row (`whole`): a break becomes a space."""
    ahead: deque[Line] = deque()
    while True:
        line = ahead.popleft() if ahead else next(lines, None)
        if line is None:
            return
        number, text = line
        if '"' in text and text.count('"') % 2:
            joined = _joined(text, ahead, lines)
            if joined is not None and whole(joined[0]):
                for _ in range(joined[1]):
                    ahead.popleft()
                yield number, joined[0], True
                continue
        yield number, text, False


def _joined(text: str, ahead: deque[Line], lines: Iterator[Line]) -> tuple[str, int] | None:
    """The text with those of the next lines, and their number; `ahead` has them then."""
    pieces, size = [text], len(text)
    for taken in range(1, MOST_BROKEN):
        if len(ahead) < taken:
            line = next(lines, None)
            if line is None:
                return None
            ahead.append(line)
        piece = ahead[taken - 1][1]
        pieces.append(piece)
        size += len(piece)
        if size > MOST_LINE:
            return None
        if piece.count('"') % 2:
            return " ".join(pieces), taken
    return None
