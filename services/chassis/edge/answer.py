"""What an operation answers, whatever the transport."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from services.chassis.fields import Resource

R = TypeVar("R", bound=Resource)
DeviceTimes = Mapping[datetime, datetime]
Written = Mapping[str, Sequence[bytes]]


def digest_of(*parts: bytes) -> str:
    """Of what an answer says: 18 hexadecimal digits, equal in all processes."""
    digest = hashlib.blake2b(digest_size=9)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


@dataclass(frozen=True)
class Answer:
    """What both transports answer: `resource`, and of a change its version and where it is.
    `written`: of some of its lists, by name, the items as the transport that asks writes them, in
    place of what the resource holds: as JSON or, for gRPC, as by `grpc_operations.item_of`.
    `digest`: of what is written. `device_times`: of instants that it tells, and that are of what a
    device did that was offline, when that was by its clock."""

    resource: Resource
    version: int | None = None
    location: str = ""
    next_page_token: str = ""
    written: Written = field(default_factory=dict)
    digest: str = ""
    device_times: DeviceTimes = field(default_factory=dict)


@dataclass(frozen=True)
class Kept(Generic[R]):
    """What a use case answers whose lists are kept as they were written: see `Answer`. The
    ports of each transport then keep their own."""

    resource: R
    written: Written
    digest: str
