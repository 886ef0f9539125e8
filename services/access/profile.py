"""What a service knows of a person: her name and roles, and who coaches her."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

from services.access.district_facts import in_force, registered
from services.access.districts import OwnRoles
from services.access.facts import (
    ACKNOWLEDGED,
    CIRCLES,
    CLASSES,
    COVERS,
    GOALS,
    GRANTS,
    MEETINGS,
    MERGES,
    PERSONS,
    TIES,
    CircleFact,
    CoverFact,
    GrantFact,
    MeetingFact,
    PartnerFact,
    PolicyFact,
    TieFact,
)
from services.access.policy import (
    DISTRICT_ADMIN,
    GRANTED_COACHING,
    GRANTED_LEADING,
    GRANTED_PROGRAMS,
    GRANTED_RECORDS,
    TEACHER,
)
from services.access.privacy_keys import POLICY_ROW
from services.access.shown import ALL_WORK as ALL_WORK
from services.access.shown import Tie as Tie
from services.chassis.views.facts import Tell
from services.chassis.views.projection import Row, is_marked


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
        return _overlap(self, first, last)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that the district has given a person beside those of the roster, for whom it
    reaches: who holds a role at one of `orgs`, and `people`."""

    id: str
    role: str
    orgs: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    begins: str = ""  # as of a role
    ends: str = ""

    def holds_within(self, first: date, last: date) -> bool:
        """On some day from `first` to `last`."""
        return _overlap(self, first, last)

    def reaches(self, person: Profile, day: date) -> bool:
        if person.person in self.people:
            return True
        return any(role.org in self.orgs and role.holds_on(day) for role in person.roles)


@dataclass(frozen=True, slots=True)
class Cover:
    """Classes of a teacher who is away, which somebody takes in her place. `open`: it has not been
    ended, as far as can be told."""

    id: str
    open: bool
    teacher: str
    classes: frozenset[str]
    begins: str  # as of a role
    ends: str

    def holds_on(self, day: date) -> bool:
        return self.open and _overlap(self, day, day)


def _overlap(held: Role | Grant | Cover, first: date, last: date) -> bool:
    begins_in_time = not held.begins or held.begins <= last.isoformat()
    return begins_in_time and (not held.ends or first.isoformat() <= held.ends)


class Capability(enum.StrEnum):
    """What roles and grants let a person be. Of whom, and how much that opens, is decided for each
    thing."""

    TEACH = "teach"
    COACH = "coach"
    LEAD = "lead"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Profile:
    """A person of the roster. `ties`: those in which she is the teacher; `classes`: the
    classes she teaches now, with their student counts, `class_titles` also those of classes she
    taught; `circles`: the active ones that she has joined; `meetings`: those that she facilitates
    or has joined; `goals`: hers, of all years, but for withdrawn drafts; `grants`: hers that have
    not been ended, of whatever days; `covers`: all by
    which she takes, or took, others' classes; `acknowledged`: the statements that she has;
    `kept_as`: the record of the same person for which this one is given up. In place of a person,
    of the district: `in_force`, its data-use policy."""

    person: str
    active: bool
    roles: tuple[Role, ...] = ()
    ties: tuple[Tie, ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)
    goals: frozenset[str] = frozenset()
    given_name: str = ""
    family_name: str = ""
    class_titles: Mapping[str, str] = field(default_factory=dict)
    registered: PartnerFact | None = None  # in place of a person, of a partner's program
    grants: tuple[Grant, ...] = ()
    covers: tuple[Cover, ...] = ()
    acknowledged: frozenset[str] = frozenset()
    kept_as: str = ""
    in_force: PolicyFact | None = None
    circles: tuple[CircleFact, ...] = ()
    meetings: tuple[MeetingFact, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def orgs(self) -> tuple[str, ...]:
        """The organizations of all her roles, ascending."""
        return tuple(sorted({role.org for role in self.roles if role.org}))

    def within(self, first: date, last: date) -> Profile:
        """As if all roles and grants that she holds on some day from `first` to `last` were hers on
        each."""
        held = (each for each in self.roles if each.holds_within(first, last))
        given = (each for each in self.grants if each.holds_within(first, last))
        return replace(
            self,
            roles=tuple(Role(each.role, each.org) for each in held),
            grants=tuple(replace(each, begins="", ends="") for each in given),
        )

    def has(self, wanted: frozenset[str], day: date) -> bool:
        return self._holds(wanted.__contains__, day)

    def teaches(self, day: date) -> bool:
        return self.has(TEACHER, day)

    def teaches_at(self, day: date) -> frozenset[str]:
        """The schools at which she teaches on a day."""
        return frozenset(
            each.org for each in self.roles if each.role in TEACHER and each.holds_on(day)
        )

    def is_coach(self, day: date, roles: OwnRoles) -> bool:
        """Holds a coaching role of the roster. A teacher may coach her peers without one."""
        return self._holds(roles.coaches, day)

    def granted_coaching(self, day: date) -> tuple[Grant, ...]:
        """Her grants of the day to coach, each those whom it reaches."""
        return self._granted(GRANTED_COACHING, day)

    def granted_programs(self, day: date, teacher: Profile | None = None) -> str:
        """The id of her grant of the day to lead programs, which reaches the teacher, if any."""
        granted = self._granted(GRANTED_PROGRAMS, day)
        return next((each.id for each in granted if not teacher or each.reaches(teacher, day)), "")

    def granted_records(self, day: date, people: Collection[str]) -> str:
        """The id of a grant of hers to fetch records today that names all `people`; empty: none."""
        granted = self._granted(GRANTED_RECORDS, day)
        return next((each.id for each in granted if each.people.issuperset(people)), "")

    def leads(self, day: date, roles: OwnRoles) -> bool:
        """Leads a school or administers: whom she coaches, she may also have power over."""
        return self._holds(roles.leads, day) or bool(self._granted(GRANTED_LEADING, day))

    def may_lead(self, day: date, roles: OwnRoles) -> bool:
        """Leads, or holds a role of the district's own of which the district does not say what
        it means."""
        return self.leads(day, roles) or self._holds(roles.may_lead, day)

    @property
    def of_somebody(self) -> Profile | None:
        """It, unless it is of a district's data-use policy or of a partner."""
        return None if self.person == POLICY_ROW or self.registered is not None else self

    def administers(self, day: date) -> bool:
        return self.has(DISTRICT_ADMIN, day)

    def capabilities(self, day: date, roles: OwnRoles) -> tuple[Capability, ...]:
        held = {
            Capability.TEACH: self.teaches(day),
            Capability.COACH: self.is_coach(day, roles) or bool(self.granted_coaching(day)),
            Capability.LEAD: self.leads(day, roles),
            Capability.ADMINISTER: self.administers(day),
        }
        return tuple(each for each, holds in held.items() if holds)

    def _granted(self, wanted: frozenset[str], day: date) -> tuple[Grant, ...]:
        held = (each for each in self.grants if each.role in wanted)
        return tuple(each for each in held if each.holds_within(day, day))

    def _holds(self, wanted: Callable[[str], bool], day: date) -> bool:
        return any(wanted(role.role) and role.holds_on(day) for role in self.roles)


class People(Protocol):
    async def profiles(
        self, district: str, persons: Collection[str]
    ) -> Mapping[str, Profile | None]:
        """What the roster says of each, None of nobody. 1 database command where one is not in
        memory. Raises Fault UNAVAILABLE."""


def profile_of(row: Row, tell: Tell = lambda _: None) -> Profile:
    """Read a profile from a row of the access projection. What cannot be read of it, since
    another build wrote it or it is broken, grants nothing, and is told. Nor does a relationship, a
    grant or a cover or a person of whom a newer event could not be read that may have ended it.
    Who is given up for another record of hers is not active, and who was may be again."""
    person = row["_id"].partition(":")[2]
    known = next(iter(PERSONS.all_in(row, "person", tell)), None)
    classes = CLASSES.all_in(row, "classes", tell)
    goals = GOALS.all_in(row, "goals", tell)
    ties = TIES.all_in(row, "relationships", tell)
    grants = GRANTS.all_in(row, "grants", tell)
    covers = COVERS.all_in(row, "covers", tell)
    merges = MERGES.all_in(row, "merges", tell)
    circles = CIRCLES.all_in(row, "circles", tell)
    meetings = MEETINGS.all_in(row, "meetings", tell)
    acknowledged = ACKNOWLEDGED.all_in(row, "acknowledged", tell)
    given_up = any(
        each.source == person and (each.merged or is_marked(row, each.id)) for each in merges
    )
    hers = (each for each in merges if each.source == person and each.merged)
    merged = (each.target for each in hers if not is_marked(row, each.id))
    return Profile(
        person=person,
        active=known is not None and known.active and not is_marked(row, known.id) and not given_up,
        roles=tuple(Role(**role) for role in known.roles) if known else (),
        ties=tuple(_tie(each) for each in ties if each.active and not is_marked(row, each.id)),
        classes={
            fact.class_: fact.students
            for fact in classes
            if fact.active and person in fact.teachers
        },
        goals=frozenset(fact.goal for fact in goals if not fact.withdrawn),
        given_name=known.given if known else "",
        family_name=known.family if known else "",
        class_titles={fact.class_: fact.title for fact in classes},
        registered=registered(row, tell),
        grants=tuple(_grant(each) for each in grants if each.open and not is_marked(row, each.id)),
        covers=tuple(
            _cover(each, each.open and not is_marked(row, each.id))
            for each in covers
            if each.substitute == person
        ),
        acknowledged=frozenset(each.statement for each in acknowledged),
        kept_as=next(merged, ""),
        in_force=in_force(row, tell) if person == POLICY_ROW else None,
        circles=tuple(each for each in circles if each.active and not is_marked(row, each.id)),
        meetings=tuple(each for each in meetings if not is_marked(row, each.id)),
    )


def _tie(fact: TieFact) -> Tie:
    sees = ALL_WORK if fact.sees is None else ALL_WORK.intersection(fact.sees)
    return Tie(fact.coach, fact.year, fact.active, fact.told, sees)


def _grant(fact: GrantFact) -> Grant:
    orgs, people = frozenset(fact.orgs), frozenset(fact.people)
    return Grant(fact.id, fact.role, orgs, people, fact.begins, fact.ends)


def _cover(fact: CoverFact, open_: bool) -> Cover:
    return Cover(fact.id, open_, fact.teacher, frozenset(fact.classes), fact.begins, fact.ends)
