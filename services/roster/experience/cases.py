"""What the district does with years of experience."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import Field

from services.access.access import Access
from services.access.guarded import About, Guarded, GuardedReads
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Day, Id, IdOrMe, Number
from services.chassis.kernel import Fault, Kind, if_there, invalid
from services.chassis.write.write_path import WritePath
from services.roster.experience.domain import (
    Band,
    Experience,
    band_of,
    band_since,
    released,
)
from services.roster.record import record_id

MOST_ROWS = 500  # of one request
PAGE = 1_000  # of what is counted


@dataclass(frozen=True, slots=True)
class Ports:
    """`path` is for those of many people: who may is then decided for all at once."""

    experiences: Guarded[Experience]
    path: WritePath[Experience]
    reads: GuardedReads
    names: Names
    access: Access


class YearsOfPerson(Body):
    """Either `years` or `start_date`."""

    person_id: Id = Field(examples=["teacher-0001"])
    years: Number | None = Field(
        default=None, description="In the profession; parts of a year do not count", examples=[7]
    )
    start_date: Day | None = Field(
        default=None,
        description="Since when: whole years up to today count",
        examples=[None],
    )


class StateExperience(Body):
    rows: list[YearsOfPerson] = Field(min_length=1, max_length=MOST_ROWS)
    validate_only: bool = Field(default=False, description="Only check and report")


@dataclass(frozen=True, slots=True)
class Rejected:
    row: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExperienceStated:
    changed: int
    unchanged: int
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class Counted:
    """None of what is too few to be told."""

    bands: dict[Band, int | None]
    people: int | None
    small_n: int


def experience_id(district: str, person: str) -> str:
    return record_id(district, "experience", person)


def whose(experience: Experience) -> About:
    return About(parties=(experience.person,))


async def state(ports: Ports, call: Call, asked: StateExperience) -> ExperienceStated:
    """At most 3 database commands a row, one after the other."""
    look = await ports.access.allow_many(call)
    district, today = call.district, ports.access.today(call.district)
    people = await ports.access.profiles(district, {each.person_id for each in asked.rows})
    look.shown({each.person_id for each in asked.rows})
    each_call = replace(call, key="", fingerprint="", if_match=None)  # they repeat by themselves
    changed, rejected, seen = 0, list[Rejected](), set[str]()
    for number, row in enumerate(asked.rows):
        try:
            band = _band(row, today)
            if row.person_id in seen:
                raise invalid("duplicate", "An earlier row is of this person.")
            profile = people[row.person_id]
            if profile is None or not profile.active:
                raise invalid("unknown_person", "The roster has no such person.")
        except Fault as fault:
            rejected.append(Rejected(number, fault.code, fault.detail))
            continue
        seen.add(row.person_id)
        changed += await _stated(ports, each_call, row.person_id, band, asked.validate_only)
    return ExperienceStated(changed, len(seen) - changed, rejected)


def _band(row: YearsOfPerson, today: date) -> Band:
    if (row.years is None) is (row.start_date is None):
        raise invalid("years_or_start_date", "Name either years or a day since when.")
    if row.years is not None:
        return band_of(row.years)
    assert row.start_date is not None
    return band_since(date.fromisoformat(row.start_date), today)


async def _stated(ports: Ports, call: Call, person: str, band: Band, only_told: bool) -> bool:
    """Whether that is, or would be, a change."""
    day, stored = str(ports.access.today(call.district)), experience_id(call.district, person)
    known = await if_there(ports.path.get(call.district, stored))
    if known is not None and known.band is band:
        return False
    if only_told:
        return True
    if known is None:
        new = Experience(id=stored, district=call.district, person=person, band=band, stated_on=day)
        new.state(band, day)
        try:
            await ports.path.create(call, new)
        except Fault as fault:
            if fault.kind is not Kind.CONFLICT:
                raise
        else:
            return True
    await ports.path.change(call, stored, lambda each: each.state(band, day))
    return True


async def get_experience(ports: Ports, call: Call, person_id: IdOrMe) -> Experience:
    """The band of one person, for herself and the district."""
    stored = experience_id(call.district, person_id)
    return await ports.experiences.get(call, stored, About(parties=(person_id,)))


async def count(ports: Ports, call: Call) -> Counted:
    """1 database command for each 1,000 people, and 1 where they are not known yet."""

    async def read() -> Counted:
        counts: Counter[Band] = Counter()
        after = ""
        while True:
            page = await ports.path.find(call.district, {}, after, PAGE)
            people = await ports.access.profiles(
                call.district, {each.person for each in page.items}
            )
            for each in page.items:
                profile = people[each.person]
                counts[each.band] += profile is not None and profile.active
            after = page.after
            if not after:
                break
        smallest = ports.access.rules(call.district).small_n
        bands, whole = released(counts, smallest)
        return Counted(bands, whole, smallest)

    return await ports.reads.one(call, About(), read)
