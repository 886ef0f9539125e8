"""By what a record is known again when its id changes: digests of what a roster file gives people
beside their ids. A port with two adapters (`mongo_identifiers.MongoIdentifiers`,
`memory_identifiers.MemoryIdentifiers`), held to one conformance suite."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.access.districts import PersonIdentifier

KEPT = timedelta(hours=24 * 800)  # after a record has left the roster: a leave of a year, and more
COLUMNS: Mapping[PersonIdentifier, str] = {
    PersonIdentifier.MASTER_IDENTIFIER: "userMasterIdentifier",
    PersonIdentifier.STAFF_NUMBER: "identifier",
    PersonIdentifier.EMAIL: "email",
}
"""Of users.csv."""
FEWEST = 3  # letters and digits: less is a placeholder, or was mistyped


@dataclass(frozen=True, slots=True)
class Marks:
    """Of one record: a digest of each of its identifiers, ascending, as `digest` makes them;
    `since` when it has had some (the day of an import, YYYY-MM-DD), and when it left, if it has."""

    digests: tuple[str, ...]
    since: str
    left_at: datetime | None = None


class Identifiers(Protocol):
    """Every method may raise Fault UNAVAILABLE. Instants are UTC, to the millisecond."""

    async def key(self) -> bytes:
        """By which digests are made: whoever reads one outside of the roster's database can try
        nothing on it."""

    async def all(self, district: str) -> dict[str, Marks]:
        """By the sourcedIds of people."""

    async def put(self, district: str, changed: Mapping[str, Marks | None]) -> None:
        """Of each person all that is known from now on; None: nothing."""


def digest(key: bytes, district: str, kind: PersonIdentifier, value: str) -> str:
    """`kind:` and 128 bits in hexadecimal digits, without regard to the case of letters; empty
    where the value tells nobody from others."""
    plain = value.strip().casefold()
    telling = [each for each in plain if each.isalnum()]
    if len(telling) < FEWEST or len(set(telling)) == 1:
        return ""
    told = "\0".join(("identifier", district, kind.value, plain))
    return f"{kind.value}:{hmac.digest(key, told.encode(), 'sha256')[:16].hex()}"


def kind_of(made: str) -> str:
    """Of a digest."""
    return made.partition(":")[0]
