"""Records of a city in memory: what many of them say is kept once."""

from __future__ import annotations

from typing import TypeVar

from services.roster.class_.domain import Class
from services.roster.person.domain import Person
from services.roster.record import RosterRecord

R = TypeVar("R", bound=RosterRecord)

# What records of a kind have in common with others; none of it is ever changed in place.
COMMON: dict[type[RosterRecord], tuple[str, ...]] = {
    Person: ("roles", "school_years", "held"),
    Class: ("school", "sessions", "grades", "subjects"),
}


class Sharing:
    """For records of one kind, as long as they are made."""

    def __init__(self) -> None:
        self._same: dict[object, object] = {}

    def shared(self, record: R) -> R:
        """The record itself; what it says is the same object as in those before it."""
        for name in COMMON.get(type(record), ()):
            value = getattr(record, name)
            setattr(record, name, self._same.setdefault(value, value))
        return record
