"""Records of a city in memory: what many of them say is kept once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TypeVar

from services.roster.class_.domain import Class
from services.roster.person.domain import Person
from services.roster.record import RosterRecord

R = TypeVar("R", bound=RosterRecord)

# What records of a kind have in common with others; none of it is ever changed in place.
COMMON: dict[type[RosterRecord], tuple[str, ...]] = {
    Person: ("roles", "school_years", "held"),
    Class: ("school", "sessions", "grades", "subjects", "leads", "periods", "location"),
}


class Sharing:
    """For records of one kind, as long as they are made. `beside`: those by sourcedId beside which
    they are held, so that what both say alike is kept once, too: nearly all of it of most nights'
    file."""

    def __init__(self, beside: Mapping[str, RosterRecord] | None = None) -> None:
        self._beside = beside or {}
        self._same: dict[object, object] = {}

    def shared(self, record: R) -> R:
        """The record itself; what it says is the same object as in those before it."""
        if (other := self._beside.get(record.sourced_id)) is not None:
            for each in fields(record):
                if each.init and getattr(record, each.name) == (same := getattr(other, each.name)):
                    setattr(record, each.name, same)
        for name in COMMON.get(type(record), ()):
            value = getattr(record, name)
            setattr(record, name, self._same.setdefault(value, value))
        return record
