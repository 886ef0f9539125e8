"""Records that are one person, as the district has decided: what a file says of the one that was
given up is said of the one that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from services.roster.imports.roster_file import ParsedRoster
from services.roster.person.domain import Person
from services.roster.record import record_id

MOST_STEPS = 100  # from a record to the one that is kept in the end


def kept_instead(stored: Mapping[str, Person]) -> dict[str, str]:
    """By each record that was given up the one that is kept in the end."""
    found: dict[str, str] = {}
    for sourced, person in stored.items():
        kept = person.merged_into
        for _ in range(MOST_STEPS):
            if not kept or kept not in stored or not stored[kept].merged_into:
                break
            kept = stored[kept].merged_into
        if kept in stored and not stored[kept].merged_into:
            found[sourced] = kept
    return found


def follow_merges(parsed: ParsedRoster, stored: Mapping[str, Person], today: str) -> None:
    """A file may go on having both. The one that is kept has the roles of both and its own name, or
    that of the other where the file has that alone; where a row of the other is wrong, it keeps
    the roles that it has."""
    kept_of = kept_instead(stored)
    if not kept_of:
        return
    people = parsed.people
    for given_up, kept in kept_of.items():
        people.deleted.discard(given_up)
        said = people.records.pop(given_up, None)
        if told := parsed.identifiers.pop(given_up, None):
            parsed.identifiers.setdefault(kept, set()).update(told)
        if said is not None and kept not in people.records and kept not in people.spoiled:
            id_ = record_id(said.district, "person", kept)
            people.records[kept] = _said_of(stored[kept], replace(said, id=id_, sourced_id=kept))
            people.lines[kept] = people.lines.get(given_up, 0)
            continue
        new = people.records.get(kept)
        if new is not None and said is not None:
            _more(new, said, today)
        if new is not None and (given_up in people.spoiled or given_up in people.unsaid):
            _more(new, stored[kept], today)
    for each in parsed.classes.records.values():
        if not kept_of.keys().isdisjoint(each.teachers):
            each.teachers = tuple(sorted({kept_of.get(of, of) for of in each.teachers}))
    for enrolled in parsed.enrolled.values():
        enrolled.left = {kept_of.get(of, of) for of in enrolled.left}
    parsed.role_doubts.rename(kept_of, 0)
    parsed.teacher_doubts.rename(kept_of, 1)


def _said_of(kept: Person, new: Person) -> Person:
    """Whom only people have added, and of whom a file says by her other record alone: how long she
    would stay without that, and what her roles would be, is kept for when the two are parted."""
    if kept.provisional or kept.roles_before:
        new.added_by, new.expires_at = kept.added_by, kept.expires_at
        new.roles_before = kept.roles_before or kept.roles
    return new


def _more(new: Person, other: Person, today: str) -> None:
    known = {(each.role, each.org) for each in new.roles}
    new.give((each for each in other.roles if (each.role, each.org) not in known), today)
