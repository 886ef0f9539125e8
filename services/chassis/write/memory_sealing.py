"""`SealingKey` in memory, for tests."""

from __future__ import annotations

import asyncio
import secrets

from services.chassis.write.sealing import KEY_BYTES


class MemorySealingKey:
    def __init__(self) -> None:
        self._key = secrets.token_bytes(KEY_BYTES)

    async def key(self) -> bytes:
        await asyncio.sleep(0)
        return self._key
