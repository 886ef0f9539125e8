"""The line of each of a million keys, in 12 to 48 bytes a key."""

from __future__ import annotations

from array import array

_SMALLEST = 1024


class LineNumbers:
    """From keys to lines, which count from 1. Of a key only its hash is kept, which nobody outside
    this process can foretell: that two of a million keys have the same one, and are taken for each
    other, happens once in 30 million files."""

    def __init__(self) -> None:
        self._used = 0
        self.last = 0  # the highest line
        self._make(_SMALLEST)

    def __contains__(self, key: str) -> bool:
        return bool(self.get(key))

    def __getitem__(self, key: str) -> int:
        return self._lines[self._place(hash(key))]

    def __setitem__(self, key: str, line: int) -> None:
        place = self._place(hash(key))
        self._used += not self._lines[place]
        self._hashes[place], self._lines[place] = hash(key), line
        self.last = max(self.last, line)
        if 2 * self._used > len(self._lines):
            self._grow()

    def get(self, key: str) -> int:
        """0 where there is none."""
        return self._lines[self._place(hash(key))]

    def _place(self, hashed: int) -> int:
        place = hashed & self._mask
        while self._lines[place] and self._hashes[place] != hashed:
            place = (place + 1) & self._mask
        return place

    def _make(self, places: int) -> None:
        self._mask = places - 1
        self._hashes = array("q", bytes(8 * places))
        self._lines = array("I", bytes(4 * places))

    def _grow(self) -> None:
        before = zip(self._hashes, self._lines, strict=True)
        self._make(2 * len(self._lines))
        for hashed, line in before:
            if line:
                place = self._place(hashed)
                self._hashes[place], self._lines[place] = hashed, line
