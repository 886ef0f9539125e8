"""Events, as a journal or a record of Kafka has them: the full name of a message, and its bytes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import Message

import coaching


def _packages() -> frozenset[str]:
    """Of all events there are, whose messages are known by name from now on."""
    found = set()
    for folder in map(Path, coaching.__path__):
        for path in sorted(folder.glob("*/v*/*events_pb2.py")):
            package = ".".join(("coaching", *path.relative_to(folder).parent.parts))
            import_module(f"{package}.{path.stem}")
            found.add(package)
    return frozenset(found)


_KNOWN = _packages()


def event_of(type: str, data: bytes) -> Message | None:
    """The event; None for one that this version of the client does not know, which is to be passed
    over. Raises google.protobuf.message.DecodeError where the bytes are no such message."""
    if type.rpartition(".")[0] not in _KNOWN:
        return None
    try:
        known = descriptor_pool.Default().FindMessageTypeByName(type)
    except KeyError:
        return None
    return message_factory.GetMessageClass(known).FromString(data)
