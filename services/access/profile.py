"""What a service knows of a person: her roles, and who coaches her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.access.policy import DISTRICT_ADMIN, TEACHER
from services.chassis.views.projection import Row


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    org: str
    begins: str = ""  # YYYY-MM-DD, inclusive; empty is open
    ends: str = ""

    def holds_on(self, day: date) -> bool:
        text = day.isoformat()
        return (not self.begins or self.begins <= text) and (not self.ends or text <= self.ends)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person of the roster. `coaches`: those with an active relationship to her;
    `classes`: the classes she teaches now, with their student counts."""

    person: str
    active: bool
    roles: tuple[Role, ...] = ()
    coaches: frozenset[str] = frozenset()
    classes: Mapping[str, int] = field(default_factory=dict)

    def has(self, wanted: frozenset[str], day: date) -> bool:
        return any(role.role in wanted and role.holds_on(day) for role in self.roles)

    def teaches(self, day: date) -> bool:
        return self.has(TEACHER, day)

    def administers(self, day: date) -> bool:
        return self.has(DISTRICT_ADMIN, day)


def profile_of(row: Row) -> Profile:
    """Read a profile from a row of the access projection."""
    facts: Mapping[str, Any] = row["facts"]
    person = row["_id"].partition(":")[2]
    known = next(iter(facts.get("person", {}).values()), None)
    return Profile(
        person=person,
        active=known is not None and known["active"],
        roles=tuple(Role(**role) for role in known["roles"]) if known else (),
        coaches=frozenset(
            each["coach"] for each in facts.get("relationships", {}).values() if each["active"]
        ),
        classes={
            each["class"]: each["students"]
            for each in facts.get("classes", {}).values()
            if each["active"] and person in each["teachers"]
        },
    )
