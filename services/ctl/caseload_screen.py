"""A caseload on a terminal, drawn again in place as it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from services.ctl.caseload_table import table
from services.ctl.console import plain
from services.ctl.sse import SseMessage

MARKED_SECONDS = 3.0  # how long one sees that a row has changed


class Screen:
    """`caseload`: as `GET /caseloads/{coach_id}` answers it. What `hear` is told is on the next
    `drawn`, in the order that the API tells."""

    def __init__(
        self, caseload: Mapping[str, Any], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._caseload = caseload
        self._monotonic = monotonic
        self._entries: dict[str, Any] = {}
        self._order: list[str] = []
        self._changed: dict[str, float] = {}  # when
        self._said = ""

    def hear(self, event: SseMessage) -> None:
        data, self._said = event.data, ""
        self._caseload = {**self._caseload, "as_of": data["as_of"], "stale": data["stale"]}
        if event.kind == "reset":
            self._entries, self._order, self._changed = {}, [], {}
        elif event.kind == "entry":
            teacher = data["entry"]["teacher_id"]
            self._entries[teacher] = data["entry"]
            if self._order:  # else the whole caseload has not come yet
                self._changed[teacher] = self._monotonic()
        elif event.kind == "gone":
            self._order = [each for each in self._order if each != data["teacher_id"]]
        elif event.kind == "order":
            self._order = data["teacher_ids"]

    def tell(self, line: str) -> None:
        """Shown below the table until something is heard."""
        self._said = line

    def drawn(self) -> Table:
        since = self._monotonic() - MARKED_SECONDS
        marked = {teacher for teacher, at in self._changed.copy().items() if at > since}
        entries = [self._entries[each] for each in self._order if each in self._entries]
        made = table({**self._caseload, "entries": entries}, marked=marked)
        made.caption = plain(self._said) or None
        return made

    def __rich__(self) -> RenderableType:
        return self.drawn()
