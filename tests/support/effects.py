"""What a request leaves behind beside its answer: lines in the log, and what is stored of each
district, by numbers that every change moves."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from structlog.testing import capture_logs

from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.filled import Filled

_ITS_OWN = ("seconds", "trace_id")
Kept = tuple[int, ...]
"""Documents, versions, events that wait, drafts and their versions, looks noted: of a district."""


class Logged(logging.Handler):
    """What was written to the log."""

    def __init__(self) -> None:
        super().__init__()
        self.structured: list[Any] = []
        self.plain: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.plain.append(self.format(record))

    def whole(self) -> bytes:
        return _lines([*self.structured, *self.plain])

    def of_each(self) -> bytes:
        """Without the lines that only some requests of many have, which are refused alike."""
        each = (line for line in self.structured if line["event"] != "refused")
        timeless = [{name: line[name] for name in line if name not in _ITS_OWN} for line in each]
        return _lines([*timeless, *self.plain])


@contextmanager
def logged() -> Iterator[Logged]:
    """All that is written to the log within, both ways: who looked is among it."""
    made, root = Logged(), logging.getLogger()
    root.addHandler(made)
    try:
        with capture_logs() as made.structured:
            yield made
    finally:
        root.removeHandler(made)


def kept_of(platform: Filled, district: str) -> Kept:
    documents = versions = waiting = drafts = texts = looks = 0
    for service in platform.services.values():
        assert isinstance(service.backing.store, MemoryDocuments)
        for each in service.backing.store._stored.values():
            if each.document.district == district:
                documents += 1
                versions += each.document.version
                waiting += len(each.outbox)
        assert service.looks is not None
        sheets = service.looks.book._sheets
        looks += sum(
            sum(sheet.people.values()) for by, sheet in sheets.items() if by[0] == district
        )
    for draft in (one for store in platform.drafts for one in store.kept.values()):
        if draft.district == district:
            drafts += 1
            texts += draft.version
    return documents, versions, waiting, drafts, texts, looks


def _lines(told: list[Any]) -> bytes:
    made = (json.dumps(each, sort_keys=True, default=str, separators=(",", ":")) for each in told)
    return "\n".join(made).encode()
