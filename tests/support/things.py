"""A small aggregate with its codec: for tests of mechanisms that know no business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.call import Call, Principal
from services.chassis.kernel import Aggregate, SystemClock
from services.chassis.write.documents import Documents
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import Bell, EncodedEvent, WritePath


@dataclass(kw_only=True)
class Thing(Aggregate):
    n: int = 0

    def add(self, by: int) -> None:
        if by:
            self.n += by
            self.record(by)


class ThingCodec:
    kind = "thing"
    schema = 1

    def to_state(self, aggregate: Thing) -> dict[str, Any]:
        return {"n": aggregate.n}

    def from_state(self, id: str, district: str, version: int, state: Mapping[str, Any]) -> Thing:
        return Thing(id=id, district=district, version=version, n=state["n"])

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AssertionError("there is no older one")

    def encode(self, aggregate: Thing, event: Any) -> EncodedEvent:
        key = f"{aggregate.district}:{aggregate.id}"
        return EncodedEvent("t.Thing", (key,), f"{event}:{aggregate.n}".encode(), 2027)


class Things:
    """The write path of things, and the two commands that tests need."""

    def __init__(self, documents: Documents, bell: Bell) -> None:
        self.path = WritePath(documents, ThingCodec(), SystemClock(), bell)

    async def create(self, key: str = "", within: Sequence[Bound] = ()) -> Thing:
        call = Call("make_thing", Principal("d1", person="p"), key=key, fingerprint="f")
        new = Thing(id=self.path.new_id(call), district="d1")
        new.add(1)
        return await self.path.create(call, new, within)

    async def change(self, id: str, key: str = "", by: int = 1) -> Thing:
        call = Call("add_to_thing", Principal("d1", person="p"), key=key, fingerprint="f")
        return await self.path.change(call, id, lambda thing: thing.add(by))
