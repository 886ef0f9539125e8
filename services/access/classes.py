"""Which classes a person has: those that the roster says she teaches, and those that she covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.access.directory import Directory
from services.access.profile import Profile


async def classes_on(
    people: Directory, district: str, person: Profile, day: date
) -> Mapping[str, int]:
    """With their numbers of students. What she covers on that day is hers as long as the roster
    says that who is away teaches it. No database command when their profiles are warm."""
    covers = [each for each in person.covers if each.holds_on(day)]
    if not covers:
        return person.classes
    away = await people.profiles(district, {each.teacher for each in covers})
    found: dict[str, int] = {}
    for cover in covers:
        profile = away[cover.teacher]
        classes = profile.classes if profile is not None else {}
        found |= {each: count for each, count in classes.items() if each in cover.classes}
    return {**found, **person.classes}


async def has_class(
    people: Directory, district: str, person: Profile, day: date, class_id: str
) -> bool:
    """Whether she teaches or covers it; an empty id is no class."""
    return bool(class_id) and class_id in await classes_on(people, district, person, day)
