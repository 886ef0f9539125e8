"""A member of staff, with all the roles she holds. Students and families are no persons here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.chassis.kernel import Fault, Kind, conflict
from services.roster.record import RosterChange, RosterEvent, RosterRecord, Status

STAFF_ROLES = frozenset(
    {
        "aide",
        "counselor",
        "districtAdministrator",
        "principal",
        "proctor",
        "siteAdministrator",
        "systemAdministrator",
        "teacher",
        # OneRoster has no coach; its vocabulary is extended by `ext:` terms.
        "ext:coach",
        "ext:instructionalCoach",
    }
)
MOST_ROLES = 200  # of one person
MOST_PROVISIONAL = 500  # of a district at a time
MOST_ADDED = 50  # of them by one person
UNCONFIRMED = timedelta(days=60)  # how long somebody stays whom no roster file has
NOT_STORED_ROLES = frozenset({"student", "guardian", "parent", "relative"})


@dataclass(frozen=True, slots=True, order=True)
class Role:
    """One role at one org. Roles add up. Dates are YYYY-MM-DD; empty is open."""

    role: str
    org: str
    role_type: str
    begins: str = ""
    ends: str = ""

    def over(self, day: str) -> bool:
        return bool(self.ends) and self.ends < day

    def holds_on(self, day: str) -> bool:
        return self.begins <= day and not self.over(day)


@dataclass(kw_only=True)
class Person(RosterRecord):
    """`school_years`: those that the district's academic sessions cover, ascending, so that
    what is shown of any of them carries her name. `held` repeats for lookups the roles that
    she held when the file was imported, as `place(...)` forms them. `provisional`: somebody has
    added her, `added_by`, and no roster file has said of her yet; she leaves at `expires_at` unless
    one does; where a file says of her by another record that was merged into this one, all this is
    kept, and what her roles were, `roles_before`. `merged_into`: the record of the same person
    that is kept in place of this one; `left_before`: she had left the roster by then.
    `taken`: the roles, as `place(...)` forms them, that a file says of such another record alone.
    `reserved_by`: which match, at which version, is or was the last to give it up, or to part
    another one from it; `times_given_up` counts the former."""

    given_name: str
    family_name: str
    roles: tuple[Role, ...]
    school_years: tuple[int, ...]
    held: tuple[str, ...] = ()
    provisional: bool = False
    added_by: str = ""
    expires_at: datetime | None = None
    merged_into: str = ""
    left_before: bool = False
    roles_before: tuple[Role, ...] = ()
    taken: tuple[str, ...] = ()
    reserved_by: str = ""
    times_given_up: int = 0

    @classmethod
    def add(
        cls,
        *,
        id: str,
        district: str,
        sourced_id: str,
        names: tuple[str, str],
        school: str,
        school_years: tuple[int, ...],
        by: str,
        at: datetime,
        today: str,
    ) -> Person:
        """A teacher at a school, whom no roster file has yet. `names`: given and family."""
        roles = (Role("teacher", school, "primary"),)
        person = cls(
            id=id,
            district=district,
            sourced_id=sourced_id,
            given_name=names[0],
            family_name=names[1],
            roles=roles,
            school_years=school_years,
            held=held(roles, today),
            provisional=True,
            added_by=by,
            expires_at=at + UNCONFIRMED,
        )
        person.record(RosterEvent(RosterChange.UPSERTED))
        return person

    @property
    def called(self) -> tuple[str, str]:
        """To compare with what another is called, without regard to the case of letters."""
        return self.given_name.casefold(), self.family_name.casefold()

    @property
    def of_file(self) -> bool:
        return not self.provisional

    def stated(self) -> dict[str, Any]:
        """Without what no file says, and none changes."""
        stated = super().stated()
        del stated["reserved_by"], stated["times_given_up"]
        return stated

    def reserve(self, by: str, times_given_up: int) -> None:
        """For one match at one of its versions; again, it changes nothing."""
        if self.reserved_by == by:
            return
        self.reserved_by = by
        self.times_given_up = times_given_up
        self._record()

    def _record(self) -> None:
        """Something of hers is other than it was: who has left has not come back by it."""
        left = self.status is Status.REMOVED
        self.record(RosterEvent(RosterChange.REMOVED if left else RosterChange.UPSERTED))

    def correct(self, new: Person, by: str, in_charge: bool) -> None:
        """Say anew who is provisional, as `new` does: she does not stay longer for it. Who has left
        the roster comes back, where the district says so."""
        self.check_correct(by, in_charge)
        if not (in_charge and self.status is Status.REMOVED):
            new.added_by, new.expires_at = self.added_by, self.expires_at
        self.upsert(new)

    def check_correct(self, by: str, in_charge: bool) -> None:
        """`in_charge`: whoever asks administers the district."""
        if self.merged_into:
            raise conflict("person_merged", "She has another record.")
        if not (in_charge and self.status is Status.REMOVED):
            self._check_provisional(by, in_charge)

    def withdraw(self, by: str, in_charge: bool) -> None:
        """Take back that somebody was added; again, it changes nothing."""
        self.check_withdraw(by, in_charge)
        self.remove()

    def check_withdraw(self, by: str, in_charge: bool) -> None:
        """`in_charge` as of `check_correct`."""
        if self.provisional and self.status is Status.REMOVED:
            self._adders_only(by, in_charge)
        else:
            self._check_provisional(by, in_charge)

    def expire(self, at: datetime) -> None:
        """Her time without a roster file is over; else it changes nothing."""
        if self.provisional and self.expires_at is not None and self.expires_at <= at:
            self.remove()

    def _check_provisional(self, by: str, in_charge: bool) -> None:
        if not self.provisional:
            raise conflict("in_the_roster_file", "The roster file says who she is.")
        self._adders_only(by, in_charge)
        if self.status is Status.REMOVED:
            raise conflict("person_left", "She has left; an administrator may add her again.")

    def _adders_only(self, by: str, in_charge: bool) -> None:
        if not in_charge and by != self.added_by:
            detail = "Only who has added her and the district's administrators may."
            raise Fault(Kind.FORBIDDEN, "adder_only", detail)

    def merge_into(self, kept: str) -> None:
        """The same person has another record, which is kept; again, it changes nothing."""
        if self.merged_into == kept:
            return
        if self.merged_into:
            raise conflict("person_merged", "She was merged into another record.")
        self.left_before = self.status is Status.REMOVED
        self.status, self.merged_into = Status.REMOVED, kept
        self.record(RosterEvent(RosterChange.REMOVED))

    def take_over(self, other: Person, today: str) -> None:
        """What a file says of the same person's other record is said of this one, also where this
        one is given up by now. Nothing of what was only added by hand."""
        if not other.of_file:
            return
        known = {(each.role, each.org) for each in self.roles}
        more = [each for each in other.roles if (each.role, each.org) not in known]
        if more or self.provisional:
            if self.provisional:
                self.provisional, self.roles_before = False, self.roles
            self.give(more, today, more)
            self._record()

    def separate(self, kept: str, at: datetime) -> None:
        """It was no record of the same person. Who had left before stays away, and of whom no file
        has said in time."""
        if self.merged_into != kept:
            return
        self.merged_into = ""
        over = self.provisional and self.expires_at is not None and self.expires_at <= at
        over, self.left_before = over or self.left_before, False
        if not over:
            self.status = Status.ACTIVE
        self.record(RosterEvent(RosterChange.REMOVED if over else RosterChange.UPSERTED))

    def part(self, at: datetime, today: str) -> None:
        """What a file says of another record alone is not said of this one: those roles end here.
        Whom only people have added is provisional again, for as long as one who is added anew, with
        the roles that were hers."""
        if self.provisional or not (self.roles_before or self.taken):
            return
        own = tuple(each for each in self.roles if place(each.role, each.org) not in self.taken)
        if self.roles_before:
            self.provisional, self.expires_at = True, at + UNCONFIRMED
            own, self.roles_before = self.roles_before, ()
        self.roles, self.taken = own, ()
        self.held = held(self.roles, today)
        self._record()

    def give(self, roles: Iterable[Role], today: str, taken: Iterable[Role] = ()) -> None:
        """More roles, as long as there is place for them. `taken`: those that another record of
        hers has."""
        self.taken = tuple(sorted({*self.taken, *(place(each.role, each.org) for each in taken)}))
        more = [*self.roles, *roles][:MOST_ROLES]
        self.roles = tuple(sorted(more))
        self.held = held(self.roles, today)


def taken_of(known: Person, roles: Iterable[Role]) -> list[Role]:
    """Those that somebody has only by another record."""
    return [each for each in roles if place(each.role, each.org) in known.taken]


def place(role: str, org: str) -> str:
    """How `Person.held` names a role, an org, or a role at an org; empty means any."""
    return f"{role}@{org}"


def held(roles: Iterable[Role], today: str) -> tuple[str, ...]:
    """Every place that those of the roles can be looked up by that hold today."""
    names: set[str] = set()
    for each in roles:
        if each.holds_on(today):
            names |= {place(each.role, ""), place("", each.org), place(each.role, each.org)}
    return tuple(sorted(names))
