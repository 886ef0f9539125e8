"""What is decided, and how it is refused."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind

PURPOSE = "coaching"  # the one that all data serves
SHARED_WITH = "shared_with"


class Decision(NamedTuple):
    """By which relation of the policy a caller is let in, false where she is not, and by which
    grant (its id), where a role of the roster alone would not do."""

    relation: str
    grant: str = ""

    def __bool__(self) -> bool:
        return bool(self.relation)


class SharedWith(Protocol):
    """By which somebody may read one thing whom its policy would not let in otherwise."""

    async def by(self, call: Call) -> str:
        """The id of a share that lets the caller read it now; empty where there is none."""

    async def take(self, call: Call, share: str) -> None:
        """She reads it by this share. Raises Fault NOT_FOUND where it opens to her no more."""


def forbidden(code: str, detail: str) -> Fault:
    return Fault(Kind.FORBIDDEN, code, detail)


def purpose_refused() -> Fault:
    """Whoever would be let in is told this, and who is in the roster and would not the same as
    ever: so nobody learns by another purpose what there is."""
    return forbidden("purpose_refused", "Coaching data serves coaching purposes only.")


def unknown_person(purpose: str = "") -> Fault:
    """`purpose`: another one that she comes for."""
    if purpose:
        return purpose_refused()
    return forbidden("unknown_person", "The caller is not active in the roster.")
