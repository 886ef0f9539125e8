"""What all roster records share: they are stated by a file, never edited by hand."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Any, Self

from services.chassis.kernel import Aggregate

# What an aggregate carries along; the rest is what a file says.
_NOT_STATED = {field.name for field in fields(Aggregate)} - {"id", "district"}


class Status(enum.StrEnum):
    ACTIVE = "active"
    REMOVED = "removed"


class RosterChange(enum.StrEnum):
    UPSERTED = "upserted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RosterEvent:
    """`left`: teachers whom the record named until now and no longer names."""

    change: RosterChange
    left: tuple[str, ...] = ()


def record_id(district: str, kind: str, sourced_id: str) -> str:
    """The id of a record's aggregate: unique over districts, which may share sourcedIds."""
    return f"{district}/{kind}/{sourced_id}"


@dataclass(kw_only=True)
class RosterRecord(Aggregate):
    """`sourced_id` is OneRoster's, unique within its district and kind."""

    sourced_id: str
    status: Status = Status.ACTIVE

    def upsert(self, new: Self) -> None:
        """Take over all that `new` states; an event only where that is a change, or where
        this record is itself new (version 0)."""
        if self.version > 0 and self.stated() == new.stated():
            return
        left = self._left_by(new)
        for name, value in new.stated().items():
            setattr(self, name, value)
        self.record(RosterEvent(RosterChange.UPSERTED, left))

    def remove(self) -> None:
        """The record is no longer in the roster; removing it twice is one event."""
        if self.status is Status.REMOVED:
            return
        self.status = Status.REMOVED
        self.record(RosterEvent(RosterChange.REMOVED))

    @property
    def of_file(self) -> bool:
        """Whether a roster file has said it: what people have added stays where files lack it."""
        return True

    def stated(self) -> dict[str, Any]:
        """Field values by name, without the version."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in _NOT_STATED
        }

    def _left_by(self, new: Self) -> tuple[str, ...]:
        return ()
