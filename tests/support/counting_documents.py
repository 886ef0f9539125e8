"""A store of the write side that says what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.chassis.log.envelope import PendingEvent
from services.chassis.write.documents import Document, KeyUse, Page
from services.chassis.write.memory_documents import MemoryDocuments


class CountingDocuments(MemoryDocuments):
    """Counts what would be database commands."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[str] = []

    async def insert(self, document: Document, event: PendingEvent) -> None:
        self.commands.append("insert")
        await super().insert(document, event)

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        self.commands.append("get")
        return await super().get(district, kind, id)

    async def replace(
        self,
        before: Document,
        state: Mapping[str, object],
        event: PendingEvent,
        key: KeyUse | None,
        schema: int = 1,
    ) -> bool:
        self.commands.append("replace")
        return await super().replace(before, state, event, key, schema)

    async def find(self, *asked: Any, **further: Any) -> Page:
        self.commands.append("find")
        return await super().find(*asked, **further)
