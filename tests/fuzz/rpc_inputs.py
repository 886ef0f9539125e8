"""gRPC requests: valid messages of every RPC, broken field by field or byte by byte."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.fuzz import chance as chances
from tests.fuzz.rest_inputs import PEOPLE
from tests.support.hostile_proto import CANARY, DOUBLES, INTEGERS, SECONDS
from tests.support.operations import HasServices
from tests.support.rpcs import Rpc, bearer, example
from tests.support.small_district import roster_zip

Metadata = tuple[tuple[str, str | bytes], ...]
_NAMES = ["x-correlation-id", "traceparent", "idempotency-key", "if-match", "tandem-now", "x-a-bin"]
_VALUES = ["", CANARY, "1", "*", "a b", CANARY * 90, "00-" + "f" * 32 + "-" + "0" * 16 + "-01"]


@dataclass
class Call:
    rpc: Rpc
    message: Message
    metadata: dict[str, str | bytes]
    raw: bytes | None = None
    broken: list[str] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return self.message.SerializeToString() if self.raw is None else self.raw


Operator = Callable[["Calls", Call, Random], None]


class Calls:
    """`token` turns `district/person` into a bearer token."""

    def __init__(
        self,
        seed: int,
        platform: HasServices,
        rpcs: Sequence[Rpc],
        ids: Mapping[str, str],
        token: Callable[[str], str] = str,
    ) -> None:
        self.seed, self.rpcs, self.ids, self.token = seed, rpcs, ids, token
        self.district = ids["district_id"]
        self._good = {each.path: example(platform, each, ids) for each in rpcs}
        zip_ = roster_zip(self.district)
        for each in rpcs:
            if each.operation == "import_roster":
                self._good[each.path] = each.message_class.FromString(_delimited(each, zip_))

    def call(self, number: int) -> Call:
        chance = Random(f"{self.seed}:grpc:{number}")
        made = self.valid(chance.choice(self.rpcs))
        for operator in chances.some(chance, OPERATORS, WEIGHTS):
            made.broken.append(operator.__name__)
            operator(self, made, chance)
        return made

    def valid(self, rpc: Rpc) -> Call:
        message = rpc.message_class()
        message.CopyFrom(self._good[rpc.path])
        return Call(rpc, message, dict(bearer(rpc, self.district, self.token)))

    def value(self, made: Call, chance: Random) -> None:
        """Another value in one field, however deep; a message without fields stays."""
        for part, about in _one_field(made.message, chance):
            self._set(part, about, chance)

    def _set(self, part: Any, about: Any, chance: Random) -> None:
        if _is_map(about):  # to name a key of messages is to set it
            getattr(part, about.name)[chance.choice(["a", "a.b", "$where", CANARY])].SetInParent()
        elif about.is_repeated and about.message_type is None:
            held = getattr(part, about.name)
            held.extend([_scalar(about, chance, self.ids)] * chance.choice([1, 1, 2, 300]))
        elif about.is_repeated:
            held = getattr(part, about.name)
            held.extend([*held, held.add()] if len(held) else [])
        elif about.message_type is None:
            setattr(part, about.name, _scalar(about, chance, self.ids))
        else:
            getattr(part, about.name).SetInParent()

    def cleared(self, made: Call, chance: Random) -> None:
        for part, about in _one_field(made.message, chance):
            part.ClearField(about.name)

    def mangle(self, made: Call, chance: Random) -> None:
        made.raw = chances.mangled(chance, made.content)

    def noise(self, made: Call, chance: Random) -> None:
        made.raw = chance.randbytes(chance.randrange(120))

    def other(self, made: Call, chance: Random) -> None:
        """The message of another RPC, alone or after its own."""
        other = self._good[chance.choice(self.rpcs).path].SerializeToString()
        made.raw = other if chance.random() < 0.5 else made.content + other

    def unknown_field(self, made: Call, chance: Random) -> None:
        tags = [b"\xfa\x3f", b"\xf8\x3f", b"\xfb\x3f", b"\x0b", b"\x0c", b"\x00"]
        made.raw = made.content + chance.choice(tags) + chance.randbytes(chance.randrange(9))

    def nested(self, made: Call, chance: Random) -> None:
        made.raw = made.content + chance.choice([b"\x0b", b"\x0a\x7f", b"\x13"]) * 400

    def large(self, made: Call, chance: Random) -> None:
        made.raw = made.content + b"\xfa\x3f\xff\xff\x4f" + b"x" * (80 * 16_384 - 1)

    def metadata(self, made: Call, chance: Random) -> None:
        name = chance.choice(_NAMES)
        made.metadata[name] = chance.randbytes(9) if name[-4:] == "-bin" else chance.choice(_VALUES)

    def caller(self, made: Call, chance: Random) -> None:
        district = chance.choice([self.district, self.district, "south", "nowhere", CANARY])
        token = f"Bearer {self.token(f'{district}/{chance.choice(PEOPLE)}')}"
        made.metadata["authorization"] = chance.choice([token, token, token[:9], CANARY, ""])


OPERATORS: list[Operator] = [
    Calls.value, Calls.cleared, Calls.mangle, Calls.noise, Calls.other, Calls.unknown_field,
    Calls.nested, Calls.large, Calls.metadata, Calls.caller,
]  # fmt: skip
WEIGHTS = [45, 10, 18, 4, 5, 4, 1, 0.3, 6, 8]


def _one_field(message: Message, chance: Random) -> list[tuple[Message, Any]]:
    """None of a message without fields."""
    fields = _fields(message)
    return [chance.choice(fields)] if fields else []


def _fields(message: Message) -> list[tuple[Message, Any]]:
    """Every field below a message that is there, and those of the parts that are set."""
    found: list[tuple[Message, Any]] = []
    for about in message.DESCRIPTOR.fields:
        found.append((message, about))
        if about.message_type is None:
            continue
        if about.is_repeated:
            held: Any = getattr(message, about.name)
            for each in held.values() if _is_map(about) else held:
                found.extend(_fields(each))
        elif message.HasField(about.name):
            found.extend(_fields(getattr(message, about.name)))
    return found


def _is_map(about: Any) -> bool:
    """From keys to messages, as all of a request are."""
    return about.message_type is not None and bool(about.message_type.GetOptions().map_entry)


def _scalar(about: Any, chance: Random, ids: Mapping[str, str]) -> Any:
    kind = about.type
    if kind == FieldDescriptor.TYPE_STRING:
        text = chances.text(chance).encode("utf-8", "replace").decode()
        return chance.choice([text, text, chance.choice(list(ids.values())), f"key-{text[:1]}"])
    if kind == FieldDescriptor.TYPE_BYTES:
        return chance.randbytes(40)
    if kind == FieldDescriptor.TYPE_BOOL:
        return chance.random() < 0.5
    if kind in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return chance.choice([*DOUBLES, 0.0, -0.0, math.pi, 1e-300, 5.0])
    if kind == FieldDescriptor.TYPE_ENUM:
        return chance.choice([0, 1, 2, 3, 99, -1])
    if kind == FieldDescriptor.TYPE_INT64:
        return chance.choice([*SECONDS, 0, 1])
    return chance.choice([*INTEGERS, 0, 1, 2, 2027]) if kind == FieldDescriptor.TYPE_INT32 else 1


def _delimited(rpc: Rpc, data: bytes) -> bytes:
    """A message whose only field of bytes holds `data`."""
    about = next(f for f in rpc.method.input_type.fields if f.type == f.TYPE_BYTES)
    message: Any = rpc.message_class()
    setattr(message, about.name, data)
    return bytes(message.SerializeToString())
