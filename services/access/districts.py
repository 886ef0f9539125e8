"""What a district decides for itself: the districts file, the same for all services."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from services.access.oneroster import OneRosterServer
from services.access.policy import COACHING, LEADING, SCOPES
from services.access.privacy_keys import PrivacyKeys
from services.chassis.issuer import DISTRICT_PATTERN, DeclaredIssuer, Issuer
from services.chassis.rates import Rates
from services.chassis.strict_yaml import YamlFile

LOWEST_SMALL_N, DEFAULT_SMALL_N = 5, 10
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2101, 12, 31)
LONGEST_SPAN = timedelta(days=366)
A_NIGHT_MISSED = timedelta(hours=36)  # from one nightly import to when the next one is late


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("there is no such time zone: it is a name such as Europe/Paris") from None
    if name != "UTC" and ("/" not in name or name.startswith(("Etc/", "SystemV/"))):
        raise ValueError("name a place, such as America/New_York: others may know no summer time")
    return name


def _month_day(text: str) -> str:
    try:
        day = date.fromisoformat(f"2001-{text}")
    except ValueError:
        day = None
    if day is None or not date(2001, 6, 30) <= day:
        raise ValueError("a month and a day from 06-30 to 12-31, such as 08-31")
    return text


def _span(text: str) -> str:
    try:
        first, last = _ends(text)
    except ValueError:
        text = "a day such as 2026-11-11, or a first and a last one with / between"
        raise ValueError(text) from None
    if last < first:
        raise ValueError("the last day comes before the first")
    if not FIRST_DAY <= first <= last <= LAST_DAY or last - first > LONGEST_SPAN:
        raise ValueError("at most 366 days from first to last, from 2000 to 2101")
    return text


def _ends(text: str) -> tuple[date, date]:
    first, _, last = text.partition("/")
    return date.fromisoformat(first), date.fromisoformat(last if "/" in text else first)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Relationships(_Part):
    """`grace_until`: the month and day up to which a relationship of an ended school year
    still counts. `carrying_over_needs_acceptance`: whether the teacher accepts anew what is
    carried over to the next one."""

    grace_until: Annotated[str, AfterValidator(_month_day)] = "08-31"
    carrying_over_needs_acceptance: bool = False

    def last_day(self, school_year: int) -> date:
        """The last day on which a relationship of that school year counts."""
        return date.fromisoformat(f"{school_year}-{self.grace_until}")


_RoleName = Annotated[str, StringConstraints(pattern=r"^ext:[A-Za-z0-9._-]{1,60}$")]
_RoleNames = Annotated[tuple[_RoleName, ...], Field(max_length=100)]


class OwnRoles(_Part):
    """What the district's own roles (`ext:...`) mean, beside OneRoster's and the two that every
    district has for coaches. `other`: who holds one neither leads nor coaches by it. The case
    of letters does not matter."""

    leading: _RoleNames = ()
    coaching: _RoleNames = ()
    other: _RoleNames = ()

    @model_validator(mode="after")
    def _named_once(self) -> OwnRoles:
        named = [each.lower() for each in (*COACHING, *self.named)]
        if len(set(named)) < len(named):
            raise ValueError("each role is named once; ext:coach and ext:instructionalCoach coach")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        return (*self.leading, *self.coaching, *self.other)

    @property
    def of_staff(self) -> tuple[str, ...]:
        """Those that make somebody staff who holds no other role."""
        return (*self.leading, *self.coaching)

    def coaches(self, role: str) -> bool:
        return role in COACHING or _among(role, self.coaching)

    def leads(self, role: str) -> bool:
        return role in LEADING or _among(role, self.leading)

    def may_lead(self, role: str) -> bool:
        """It leads, or nothing says that it does not: one of the district's own without a
        meaning."""
        unknown = role.startswith("ext:") and role not in COACHING
        return self.leads(role) or (unknown and not _among(role, self.named))


def _among(role: str, named: tuple[str, ...]) -> bool:
    return any(role.lower() == each.lower() for each in named)


class PersonIdentifier(enum.StrEnum):
    """What a roster file gives a person beside her id, the most telling first."""

    MASTER_IDENTIFIER = "master_identifier"
    STAFF_NUMBER = "staff_number"
    EMAIL = "email"


_Identifiers = Annotated[tuple[PersonIdentifier, ...], Field(max_length=len(PersonIdentifier))]


class SamePerson(_Part):
    """By which identifiers two records of the roster are taken for one person: `propose_by`, where
    somebody decides it, and `merge_by`, where nobody is asked. `four_eyes`: who proposed it does
    not confirm it."""

    propose_by: _Identifiers = (PersonIdentifier.MASTER_IDENTIFIER, PersonIdentifier.STAFF_NUMBER)
    merge_by: _Identifiers = ()
    four_eyes: bool = False

    @model_validator(mode="after")
    def _proposed(self) -> SamePerson:
        if not set(self.merge_by) <= set(self.propose_by):
            raise ValueError("what is in merge_by is in propose_by, too")
        return self


class PartnersLetIn(enum.StrEnum):
    """Of those whose issuer the district has declared: which partners' programs are let in."""

    DECLARED = "declared"
    REGISTERED = "registered"


class District(_Part):
    """One district's own settings; without any, what a district gets that is not listed."""

    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    small_n: int = Field(default=DEFAULT_SMALL_N, ge=LOWEST_SMALL_N, le=DEFAULT_SMALL_N)
    days_without_school: tuple[Annotated[str, AfterValidator(_span)], ...] = Field(
        default=(), max_length=1_000
    )
    administrators_may_coach: bool = False  # whether whoever leads or administers may coach too
    roles: OwnRoles = OwnRoles()
    same_person: SamePerson = SamePerson()
    relationships: Relationships = Relationships()
    privacy_keys: PrivacyKeys = PrivacyKeys()
    rate_limits: Rates = Rates()
    issuers: tuple[DeclaredIssuer, ...] = Field(default=(), max_length=100)
    partners: PartnersLetIn = PartnersLetIn.DECLARED
    partners_delete_within_days: int = Field(default=30, ge=1, le=365)
    oneroster: OneRosterServer | None = None  # from which its roster is pulled
    roster_expected_hours: int | None = Field(default=None, ge=1, le=24 * 60)

    @property
    def roster_within(self) -> timedelta | None:
        """For how long after a good import another one is not late; None where nobody says that one
        is to come. One that is pulled comes by night."""
        if self.roster_expected_hours is not None:
            return timedelta(hours=self.roster_expected_hours)
        return A_NIGHT_MISSED if self.oneroster is not None else None

    def without_school(self) -> Iterator[date]:
        """Each day of `days_without_school`."""
        for text in self.days_without_school:
            first, last = _ends(text)
            for number in range((last - first).days + 1):
                yield first + timedelta(days=number)


_UNLISTED = District()


@dataclass(frozen=True, slots=True)
class Districts:
    by_name: Mapping[str, District] = field(default_factory=dict)

    def of(self, name: str) -> District:
        """A district's settings; the defaults where it is not listed."""
        return self.by_name.get(name, _UNLISTED)

    def rates_of(self, name: str) -> Rates:
        return self.of(name).rate_limits

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        return tuple(
            Issuer(district=name, **declared.model_dump())
            for name, district in self.by_name.items()
            for declared in district.issuers
        )

    def effective(self) -> dict[str, Any]:
        """All of it as it took effect, JSON-able."""
        return {name: each.model_dump(mode="json") for name, each in self.by_name.items()}


class _File(_Part):
    districts: dict[Annotated[str, StringConstraints(pattern=DISTRICT_PATTERN)], District]


def load_districts(path: str, environment: str) -> Districts:
    """What the districts file says; without a path, that none is listed. Files of keys that it
    names are looked at, too. Raises BadSettings, one line that names file, line and key."""
    if not path:
        return Districts()
    file = YamlFile(path)
    found = file.into(_File, {"environment": environment}).districts
    known: set[str] = set()
    for name, district in found.items():
        for number, declared in enumerate(district.issuers):
            if declared.issuer in known:
                place = ("districts", name, "issuers", number, "issuer")
                raise file.mistake(place, "each issuer is named once")
            known.add(declared.issuer)
            for key, what in _wrong(declared):
                raise file.mistake(("districts", name, "issuers", number, key), what)
    return Districts(found)


def _wrong(declared: DeclaredIssuer) -> Iterator[tuple[str, str]]:
    """By key, what can be said only where all of the file is known to be well formed."""
    if declared.scopes - SCOPES:
        yield "scopes", f"there are {', '.join(sorted(SCOPES))}"
    if declared.jwks_file:
        try:
            with open(declared.jwks_file, "rb") as keys:
                json.load(keys)["keys"]
        except OSError as error:
            yield "jwks_file", f"cannot be read ({error.strerror})"
        except (ValueError, KeyError, TypeError):
            yield "jwks_file", "holds no JSON Web Key Set"
