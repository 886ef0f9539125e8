"""Records that are one person, as the district has decided: what a file says of the one that was
given up is said of the one that is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from services.roster.came import Came
from services.roster.class_.domain import Class
from services.roster.imports.roster_file import ParsedRoster
from services.roster.person.domain import Person, Role, place, taken_of
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


def follow_merges(
    parsed: ParsedRoster, stored: Mapping[str, Person], classes: Mapping[str, Class], today: str
) -> None:
    """A file may go on having both. The one that is kept has the roles of both and its own name, or
    that of the other where the file has that alone; where a row of the other is wrong, it keeps
    the roles that it has. What it has by the other alone is told apart. `classes`: those that are
    stored."""
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
        if new is not None and people.delta:  # its other roles are as they were
            new.give((), today, taken_of(stored[kept], new.roles))
        if new is not None and said is not None:
            _more(new, said, today, said.roles)
        if new is not None and (given_up in people.spoiled or given_up in people.unsaid):
            _more(new, stored[kept], today, taken_of(stored[kept], stored[kept].roles))
    last = {given_up: _last(given_up, stored) for given_up in kept_of}
    for sourced, each in parsed.classes.records.items():
        known = classes.get(sourced) if parsed.classes.delta else None
        if known is not None:
            each.came = known.came
        if not kept_of.keys().isdisjoint(each.teachers):
            _follow(each, kept_of, last)
    for enrolled in parsed.enrolled.values():
        enrolled.left = {kept_of.get(of, of) for of in enrolled.left}
        enrolled.perhaps_lead = {kept_of.get(of, of) for of in enrolled.perhaps_lead}
    parsed.role_doubts.rename(kept_of, 0)
    parsed.teacher_doubts.rename(kept_of, 1)


def _said_of(kept: Person, new: Person) -> Person:
    """Whom only people have added, and of whom a file says by her other record alone: how long she
    would stay without that, and what her roles would be, is kept for when the two are parted."""
    new.taken = tuple(sorted({place(each.role, each.org) for each in new.roles}))
    if kept.provisional or kept.roles_before:
        new.added_by, new.expires_at = kept.added_by, kept.expires_at
        new.roles_before = kept.roles_before or kept.roles
    return new


def _more(new: Person, other: Person, today: str, taken: Collection[Role]) -> None:
    known = {(each.role, each.org) for each in new.roles}
    more = [each for each in other.roles if (each.role, each.org) not in known]
    new.give(more, today, [each for each in more if each in taken])


def _follow(each: Class, kept_of: Mapping[str, str], last: Mapping[str, str]) -> None:
    """Its teachers by the records that are kept, as `came.moved` would have named them one by one.
    Who is known to be named only for others stays so, for a file of changes does not tell."""
    came = {Came(kept_of[of], last[of]) for of in each.teachers if of in kept_of}
    known = {one.now for one in each.came}
    own = {of for of in each.teachers if of not in kept_of} - known
    came |= {Came(one.now, one.now) for one in came if one.now in own}
    each.teachers = tuple(sorted({kept_of.get(of, of) for of in each.teachers}))
    each.came = tuple(sorted(came.union(each.came)))
    each.leads = tuple(sorted({kept_of.get(of, of) for of in each.leads}))


def _last(given_up: str, stored: Mapping[str, Person]) -> str:
    """The record that was given up for the one that is kept in the end."""
    for _ in range(MOST_STEPS):
        kept = stored[given_up].merged_into
        if not stored[kept].merged_into:
            break
        given_up = kept
    return given_up
