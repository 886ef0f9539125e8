"""Whether a list of looks is whole, as docs/privacy.md says: checked from its end, look by look."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FIELDS = (
    "person_id", "number", "viewer_id", "partner_id", "service", "kind", "operation", "purpose",
    "relation", "grant_id", "decision", "first_at", "last_at", "times",
)  # fmt: skip
Look = Mapping[str, Any]


def digest(before: str, look: Look) -> str:
    """The hash that a look has behind the one whose hash is `before`."""
    said = {name: look[name] for name in FIELDS if look.get(name)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((before + text).encode()).hexdigest()


class Backwards:
    """Give it each look, the newest first: what is `wrong` stays empty as long as all fits.
    `since`: the end that somebody remembers, its number and hash. `begins_after`: the same of the
    last look that has gone since its time was over, as the page that was read last says."""

    def __init__(self, since: tuple[int, str] | None = None) -> None:
        self._since = since
        self._later: Look | None = None
        self.count = 0
        self.begins_after: tuple[int, str] = (0, "")
        self.end = ""  # of the whole list
        self.wrong = ""

    def add(self, look: Look) -> None:
        later, number = self._later, look["number"]
        if later is None:
            self.end = f"{number}:{look['hash']}"
            if self._since is not None and number < self._since[0]:
                self._say(f"it ends in {number}, and once ended in {self._since[0]}")
        elif number != later["number"] - 1:
            self._say(f"number {later['number'] - 1} is missing")
        elif later["hash"] != digest(look["hash"], later):
            self._say(f"number {later['number']} does not fit")
        if self._since is not None and self._since[0] == number and self._since[1] != look["hash"]:
            self._say(f"number {number} is another one than it once was")
        self._later = look
        self.count += 1

    def done(self) -> None:
        """All looks were given."""
        first, (gone, last) = self._later, self.begins_after
        if first is None:
            self.end = f"{gone}:{last}" if gone else ""
            if self._since is not None and self._since[0] > gone:
                told = f"it ends in {gone}" if gone else "it is empty"
                self._say(f"{told}, and once ended in {self._since[0]}")
        elif first["number"] != gone + 1:
            self._say(f"it begins with number {first['number']}")
        elif first["hash"] != digest(last, first):
            self._say(f"number {first['number']} does not fit")
        if self._since is not None and 0 < self._since[0] <= gone:
            if self._since[0] < gone:
                self._say(f"number {self._since[0]} has had its time: nothing is left to compare")
            elif self._since[1] != last:
                self._say(f"number {gone} is another one than it once was")

    def _say(self, wrong: str) -> None:
        """The first that is found, which is the newest."""
        self.wrong = self.wrong or wrong
