"""A key of a service's own, by which it seals what others keep for it."""

from __future__ import annotations

from typing import Protocol

KEY_BYTES = 64


class SealingKey(Protocol):
    async def key(self) -> bytes:
        """KEY_BYTES of chance, the same in every process of the service: whoever asks first has
        made it. 1 database command the first time in a process. Raises Fault UNAVAILABLE."""
