"""Who calls: a verified token becomes a `Principal`."""

from __future__ import annotations

from typing import Protocol

from services.chassis.call import Principal


class Verifier(Protocol):
    """What the edges need of identity."""

    async def verify(self, token: str) -> Principal:
        """The principal of a good token. Raises Fault UNAUTHENTICATED, FORBIDDEN
        (`purpose_refused`) or UNAVAILABLE (the issuer's keys cannot be had)."""
