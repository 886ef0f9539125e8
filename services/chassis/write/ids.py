"""Ids of aggregates that follow from what they were made of."""

from __future__ import annotations

import random
import secrets
import uuid

from services.chassis.call import Call

# A system call gives the interpreter away, and the threads of drivers take it. These ids need
# not be secret, only different.
_random = random.Random(secrets.token_bytes(32))  # noqa: S311
_NAMES = uuid.UUID("6f0c5a1e-4f0b-5c57-9a5e-7a6d3f1f2b11")


def created_id(call: Call) -> str:
    """The id of what a call creates: fixed by district, caller, operation and key, so that a
    retried create meets its own first result; random without a key, or for a caller whom
    nothing tells from another. Nobody makes an id that is somebody else's: the caller is the
    token's. So an id need not be secret, and who computes one has nothing by it."""
    caller = call.principal.caller
    if not (call.key and caller):
        return str(uuid.UUID(int=_random.getrandbits(128), version=4))
    return _id("created", call.district, caller, call.operation, call.key)


def derived_id(kind: str, district: str, *parts: str) -> str:
    """The id of the only aggregate of its kind that there may be for these parts. No part
    need be free of anything: none runs into the next."""
    return _id("only", kind, district, *parts)


def id_after(id: str, step: str) -> str:
    """The id of what takes the place of `id`, a UUID, by `step`. After several steps it is the
    same in whatever order they came, so two that take different ways meet."""
    steps = uuid.UUID(id).int + uuid.UUID(_id("after", step)).int
    return str(uuid.UUID(int=steps % 2**128))


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMES, "".join(f"{len(part)}:{part}" for part in parts)))
