"""The facts of the access view, as they stand in a row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.views.facts import FactOf, Read, listed, text

ROLE = ("role", "org", "begins", "ends")
"""What a role is stored as: texts by these names."""


@dataclass(frozen=True, slots=True)
class PersonFact:
    id: str
    active: bool
    roles: tuple[Mapping[str, str], ...]
    given: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class ClassFact:
    id: str
    active: bool
    class_: str
    teachers: tuple[str, ...]
    students: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class TieFact:
    """`sees`: the kinds of work that the coach may see; None before anybody could say so."""

    id: str
    active: bool
    coach: str
    year: int
    told: bool
    sees: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CircleFact:
    """`active`: it is, and she has joined it. `kind`: `pair` or `group`; `peers`: the others who
    have joined; `sees`: the kinds of her work that they may see."""

    id: str
    active: bool
    kind: str
    year: int
    peers: tuple[str, ...]
    sees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeetingFact:
    """A community meeting that she facilitates or has joined, and that was not called off: from
    when till when it is."""

    id: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class GoalFact:
    id: str
    withdrawn: bool
    goal: str


@dataclass(frozen=True, slots=True)
class GrantFact:
    """`open`: given and not ended. `orgs` and `people` are whom it reaches, none once it has
    ended; `begins` and `ends` are days, both inclusive, empty where open."""

    id: str
    open: bool
    role: str
    orgs: tuple[str, ...]
    people: tuple[str, ...]
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class CoverFact:
    """`open`: entered and not ended. `classes` are those of `teacher` that `substitute` takes;
    `begins` and `ends` are days, both inclusive."""

    id: str
    open: bool
    teacher: str
    substitute: str
    classes: tuple[str, ...]
    begins: str
    ends: str


@dataclass(frozen=True, slots=True)
class MergeFact:
    """Of two records of one person; `merged`: the record `source` is given up for `target`."""

    id: str
    merged: bool
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class PolicyFact:
    """An enacted version of the data-use policy; `acknowledge`: its `statement` is acknowledged
    before anything is shared. `audiences`: who beside the teacher may be shown what is hers; None
    where an older build did not keep them. `teacher_first_hours`: for how long after its close a
    survey's results are hers alone."""

    id: str
    number: int
    statement: str
    acknowledge: bool
    audiences: tuple[str, ...] | None = None
    teacher_first_hours: int = 0


@dataclass(frozen=True, slots=True)
class AcknowledgedFact:
    """That the person has read a statement."""

    id: str
    statement: str


@dataclass(frozen=True, slots=True)
class HoldFact:
    """Whether a legal hold is on the person's record."""

    id: str
    held: bool


@dataclass(frozen=True, slots=True)
class PartnerFact:
    """A partner's program, `partner` in its tokens; `state`: `active`, `suspended`, `revoked` or
    `unregistered`, empty of what only a newer build knows. `until`: an instant in UTC as ISO 8601,
    empty where there is no end. `behind`: receipts of its are overdue."""

    id: str
    partner: str
    state: str
    scopes: tuple[str, ...]
    until: str
    behind: bool


def _role(stored: Any) -> Mapping[str, str]:
    """Fields that a newer build stores are left alone."""
    return {name: text(stored[name]) for name in ROLE}


def _name(stored: Any) -> str:
    """It grants nothing: where it cannot be read, all else still counts."""
    return stored if isinstance(stored, str) else ""


def _if_kept(stored: Any) -> tuple[Any, ...] | None:
    return None if stored is None else _texts(stored)


_texts: Read = listed(text)
PERSONS = FactOf(PersonFact, roles=listed(_role), given=_name, family=_name)
CLASSES = FactOf(ClassFact, teachers=_texts, title=_name)
TIES = FactOf(TieFact, sees=_if_kept)
CIRCLES = FactOf(CircleFact, peers=_texts, sees=_texts)
MEETINGS = FactOf(MeetingFact)
GOALS = FactOf(GoalFact)
GRANTS = FactOf(GrantFact, orgs=_texts, people=_texts)
COVERS = FactOf(CoverFact, classes=_texts)
MERGES = FactOf(MergeFact)
POLICIES = FactOf(PolicyFact, audiences=_if_kept)
ACKNOWLEDGED = FactOf(AcknowledgedFact)
HOLDS = FactOf(HoldFact)
PARTNERS = FactOf(PartnerFact, scopes=_texts)
