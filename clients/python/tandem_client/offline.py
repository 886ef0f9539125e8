"""What a device that is offline knows of what it makes."""

from __future__ import annotations

import uuid

_NAMES = uuid.UUID("6f0c5a1e-4f0b-5c57-9a5e-7a6d3f1f2b11")


def created_id(district: str, person: str, operation: str, key: str) -> str:
    """The id of what `operation`, in snake case, creates under this request_id or command_id, by
    the person with this id in the roster: what comes after it can name it before it is there. Not
    of what there may be only one of."""
    parts = ("created", district, f"person:{person}", operation, key)
    return str(uuid.uuid5(_NAMES, "".join(f"{len(part)}:{part}" for part in parts)))
