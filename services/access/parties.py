"""Whom something names: she herself, by whichever of her records, and who has the class."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from services.access.classes import has_class
from services.access.directory import Directory
from services.access.merges import kept_of
from services.access.policy import STAYS, Policy
from services.access.profile import Profile


async def is_party(
    people: Directory,
    policy: Policy,
    district: str,
    person: Profile,
    day: date,
    parties: Collection[str],
    class_id: str,
) -> bool:
    """Whether she is one of them, or the class is hers; or, of what stays with it, one of them is a
    record that was given up for hers, as far as is known. No database command when their profiles
    are warm."""
    if person.person in parties:
        return True
    for each in parties if policy.about in STAYS else ():
        if await kept_of(people, district, each) == person.person:
            return True
    return await has_class(people, district, person, day, class_id)
