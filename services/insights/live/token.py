"""Where a live caseload goes on after a disconnect.

A token names a place in one process's memory of changes. Of any other process, too old, of
another list, or no token at all: the caller then gets the whole caseload again, which leaves no
gap either. It is never refused, for a reader that keeps what it was refused with would come back
with it for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from services.chassis import base64url
from services.insights.caseload.caseloads import Scope

_MOST = 200
_END_MS = 7_258_118_400_000  # of the year 2199: no token of ours is later


@dataclass(frozen=True, slots=True)
class Resume:
    """`seq`: the changes up to here were sent. `evaluated_ms`: and the flags as of this
    instant. `epoch` and `scope` say whose memory and which list."""

    epoch: str
    scope: str
    seq: int
    evaluated_ms: int


def encode(place: Resume) -> str:
    text = f"1.{place.epoch}.{place.scope}.{place.seq}.{place.evaluated_ms}"
    return base64url.encode(text.encode())


def decode(token: str) -> Resume | None:
    """None for what is no place that is known here, whatever it is."""
    if len(token) > _MOST:
        return None
    try:
        version, *parts = base64url.decode(token).decode("ascii").split(".")
    except ValueError:
        return None
    if version != "1" or len(parts) != 4 or not (parts[2].isdigit() and parts[3].isdigit()):
        return None
    place = Resume(parts[0], parts[1], int(parts[2]), int(parts[3]))
    return place if place.evaluated_ms < _END_MS else None


def scope_of(scope: Scope, standing: str, means: str) -> str:
    """Which list, by which standing of its coach, and what calendar, names of orgs and plans
    of programs meant.
    Of another one she gets her whole caseload again."""
    whose = f"{scope.district}\n{scope.coach}\n{scope.school_year}\n{scope.only_shared}"
    text = f"{whose}\n{standing}\n{means}"
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
