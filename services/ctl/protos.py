"""Reads the proto files of this repository with their comments, for the documentation.

It knows the subset that they are written in: top-level messages and enums, one field a line,
comments on lines of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_FIELD = re.compile(r"(optional |repeated )?([\w.]+) (\w+) = \d+;")
_VALUE = re.compile(r"(\w+) = (\d+);")
_OPENS = re.compile(r"(message|enum) (\w+) \{(\})?")


@dataclass(frozen=True, slots=True)
class ProtoField:
    name: str
    type: str
    comment: str


@dataclass(slots=True)
class ProtoMessage:
    name: str
    comment: str
    fields: list[ProtoField] = field(default_factory=list)


@dataclass(slots=True)
class Proto:
    """One file. `comment` is the one above `package`; an enum's zero value is left out."""

    package: str = ""
    comment: str = ""
    messages: list[ProtoMessage] = field(default_factory=list)
    enums: dict[str, list[str]] = field(default_factory=dict)


def read_proto(path: Path) -> Proto:
    """Raises ValueError, naming the line, for what it does not understand inside a message."""
    proto = Proto()
    comment: list[str] = []
    message: ProtoMessage | None = None
    enum: list[str] | None = None
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = raw.strip()
        if line.startswith("//"):
            comment.append(line.removeprefix("//").strip())
            continue
        told, comment = " ".join(comment), []
        if line.startswith("package "):
            proto.package, proto.comment = line.removeprefix("package ").rstrip(";"), told
        elif opened := _OPENS.fullmatch(line):
            if opened[1] == "message":
                message = ProtoMessage(opened[2], told)
                proto.messages.append(message)
            else:
                enum = proto.enums.setdefault(opened[2], [])
            if opened[3]:
                message = enum = None
        elif line == "}":
            message = enum = None
        elif message is not None and (found := _FIELD.fullmatch(line)):
            type_ = (found[1] or "") + found[2].removeprefix("google.protobuf.")
            message.fields.append(ProtoField(found[3], type_, told))
        elif enum is not None and (value := _VALUE.fullmatch(line)):
            if value[2] != "0":
                enum.append(value[1])
        elif line and not line.startswith("reserved ") and (message or enum is not None):
            raise ValueError(f"{path.name}:{number}: not understood: {line}")
    return proto
