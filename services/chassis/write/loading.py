"""From a stored document to what it means to this build, or to the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from services.chassis.kernel import Aggregate, Fault, Kind
from services.chassis.troubles import STATE, Troubles
from services.chassis.write.documents import Document, Page

UNREADABLE = ("needs_upgrade", "state_unreadable")  # the codes of what this build cannot read
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Loads(Protocol[T_co]):
    """What a codec knows of stored states."""

    kind: str
    schema: int

    def upcast(self, schema: int, state: Mapping[str, Any]) -> Mapping[str, Any]: ...

    def from_state(
        self, id: str, district: str, version: int, state: Mapping[str, Any]
    ) -> T_co: ...


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """One page of a list, in order. `after` is the place after which the next page begins,
    empty at the end. `left_out` counts what belongs here and cannot be read by this build. `more`:
    what else the page says, by the names of its resource."""

    items: Sequence[T_co]
    after: str = ""
    left_out: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)

    def where(self, wanted: Callable[[T_co], bool]) -> Found[T_co]:
        """The page without the items that are not wanted: it may be short, or empty, and yet
        not the last."""
        return replace(self, items=[each for each in self.items if wanted(each)])


def load(codec: Loads[T], stored: Document, troubles: Troubles) -> T:
    """Raises Fault UNAVAILABLE: `needs_upgrade` for a state that a newer build has stored,
    `state_unreadable` for one that is not as its schema says, which is told to `troubles`.
    Neither may be written."""
    if stored.schema > codec.schema:
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
    try:
        state = stored.state
        if stored.schema < codec.schema:
            state = codec.upcast(stored.schema, state)
        found = codec.from_state(stored.id, stored.district, stored.version, state)
    except Exception as error:
        troubles.tell(STATE, stored.district, error)
        raise Fault(Kind.UNAVAILABLE, "state_unreadable", "This cannot be read here.") from error
    if isinstance(found, Aggregate):
        found.last_event_at, found.device_times = stored.changed_at, stored.device_times
    return found


def load_page(codec: Loads[T], page: Page, troubles: Troubles) -> Found[T]:
    """What cannot be read is left out and counted, so that it takes nothing else with it."""
    items: list[T] = []
    for each in page.documents:
        try:
            items.append(load(codec, each, troubles))
        except Fault:
            continue
    return Found(items, page.after, len(page.documents) - len(items))
