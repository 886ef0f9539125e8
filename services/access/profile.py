"""What a service knows of a person: her name and roles, and who coaches her."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from services.access.districts import OwnRoles
from services.access.policy import DISTRICT_ADMIN, TEACHER
from services.chassis.views.projection import Row

T = TypeVar("T")
Tell = Callable[[Exception], object]


@dataclass(frozen=True, slots=True)
class Role:
    role: str
    org: str
    begins: str = ""  # YYYY-MM-DD, inclusive; empty is open
    ends: str = ""

    def holds_on(self, day: date) -> bool:
        return self.holds_within(day, day)

    def holds_within(self, first: date, last: date) -> bool:
        """On some day from `first` to `last`."""
        begins_in_time = not self.begins or self.begins <= last.isoformat()
        return begins_in_time and (not self.ends or first.isoformat() <= self.ends)


# What a coach may see of a teacher's work, as policies name what they are about.
ALL_WORK = frozenset({"goal", "observation", "administration"})


@dataclass(frozen=True, slots=True)
class Tie:
    """A relationship of a teacher with her coach, for one school year. `active`: accepted and
    not ended. `told`: accepted in the knowledge that the coach may also lead or
    administer. `sees`: of the kinds in ALL_WORK those that the coach may see."""

    coach: str
    school_year: int
    active: bool = True
    told: bool = False
    sees: frozenset[str] = ALL_WORK

    def shows(self, kind: str) -> bool:
        """Whether the coach may see what is of a kind: what is no work, such as a class, she
        may."""
        return kind in self.sees or kind not in ALL_WORK


@dataclass(frozen=True, slots=True)
class Profile:
    """A person of the roster. `ties`: those in which she is the teacher; `classes`: the
    classes she teaches now, with their student counts; `goals`: hers, of all years, but for
    withdrawn drafts."""

    person: str
    active: bool
    roles: tuple[Role, ...] = ()
    ties: tuple[Tie, ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)
    goals: frozenset[str] = frozenset()
    given_name: str = ""
    family_name: str = ""

    @property
    def orgs(self) -> tuple[str, ...]:
        """The organizations of all her roles, ascending."""
        return tuple(sorted({role.org for role in self.roles if role.org}))

    def within(self, first: date, last: date) -> Profile:
        """As if all roles that she holds on some day from `first` to `last` were hers on each."""
        held = (each for each in self.roles if each.holds_within(first, last))
        return replace(self, roles=tuple(Role(each.role, each.org) for each in held))

    def has(self, wanted: frozenset[str], day: date) -> bool:
        return self._holds(wanted.__contains__, day)

    def teaches(self, day: date) -> bool:
        return self.has(TEACHER, day)

    def is_coach(self, day: date, roles: OwnRoles) -> bool:
        """Holds a coaching role. A teacher may coach her peers without one."""
        return self._holds(roles.coaches, day)

    def leads(self, day: date, roles: OwnRoles) -> bool:
        """Leads a school or administers: whom she coaches, she may also have power over."""
        return self._holds(roles.leads, day)

    def may_lead(self, day: date, roles: OwnRoles) -> bool:
        """Leads, or holds a role of the district's own of which the district does not say what
        it means."""
        return self._holds(roles.may_lead, day)

    def administers(self, day: date) -> bool:
        return self.has(DISTRICT_ADMIN, day)

    def _holds(self, wanted: Callable[[str], bool], day: date) -> bool:
        return any(wanted(role.role) and role.holds_on(day) for role in self.roles)


def profile_of(row: Row, tell: Tell = lambda _: None) -> Profile:
    """Read a profile from a row of the access projection. What cannot be read of it, since
    another build wrote it or it is broken, grants nothing, and is told."""
    person = row["_id"].partition(":")[2]

    def taught(fact: Any) -> tuple[str, int] | None:
        here = _is(bool, fact["active"]) and person in _is(list, fact["teachers"])
        return (_is(str, fact["class"]), _is(int, fact["students"])) if here else None

    known = next(iter(_all(row, "person", _person, tell)), None)
    return Profile(
        person=person,
        active=known is not None and known[0],
        roles=known[1] if known else (),
        ties=ties_of(row, tell),
        classes=dict(_all(row, "classes", taught, tell)),
        goals=frozenset(_all(row, "goals", _goal, tell)),
        given_name=known[2] if known else "",
        family_name=known[3] if known else "",
    )


def ties_of(row: Row, tell: Tell = lambda _: None) -> tuple[Tie, ...]:
    """The active ties of the teacher whom a row is about: a row of the access view, or her
    card. What cannot be read is none, and is told."""
    return tuple(_all(row, "relationships", _tie, tell))


def _all(row: Row, group: str, read: Callable[[Any], T | None], tell: Tell) -> list[T]:
    found: list[T] = []
    try:
        for fact in row["facts"].get(group, {}).values():
            try:
                one = read(fact)
                if one is not None:
                    found.append(one)
            except Exception as error:  # noqa: BLE001 # whatever a fact may be
                tell(error)
    except Exception as error:  # noqa: BLE001 # no facts at all
        tell(error)
    return found


def _person(fact: Any) -> tuple[bool, tuple[Role, ...], str, str]:
    roles = tuple(_role(each) for each in fact["roles"])
    return _is(bool, fact["active"]), roles, _name(fact.get("given")), _name(fact.get("family"))


def _name(stored: Any) -> str:
    """It grants nothing: where it cannot be read, all else still counts."""
    return stored if isinstance(stored, str) else ""


def _role(stored: Any) -> Role:
    """Fields that a newer build stores are left alone."""
    return Role(*(_is(str, stored[name]) for name in ("role", "org", "begins", "ends")))


def _tie(fact: Any) -> Tie | None:
    if not _is(bool, fact["active"]):
        return None
    sees = frozenset(_is(list, fact["sees"])) & ALL_WORK if "sees" in fact else ALL_WORK
    return Tie(_is(str, fact["coach"]), _is(int, fact["year"]), True, _is(bool, fact["told"]), sees)


def _goal(fact: Any) -> str | None:
    return None if _is(bool, fact["withdrawn"]) else _is(str, fact["goal"])


def _is(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError
    return value
