"""A file of changes as if it said everything: what it does not name is as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from services.roster.imports.roster_file import KnownRecords, Nouns, ParsedRoster
from services.roster.person.domain import held
from services.roster.record import RosterRecord

R = TypeVar("R", bound=RosterRecord)


def complete(parsed: ParsedRoster, known: KnownRecords, today: str) -> None:
    """Add to each noun of which the file says only what has changed the stored records in use
    that it does not name. What can only be told by all of them, such as the year of a class
    whose session has changed, is then told as for any file."""
    _complete(parsed.orgs, known.orgs)
    _complete(parsed.sessions, known.sessions)
    _complete(parsed.classes, known.classes)
    _complete(parsed.people, known.people)
    if parsed.people.delta:
        for person in parsed.people.records.values():
            person.held = held(person.roles, today)


def _complete(nouns: Nouns[R], known: Mapping[str, R]) -> None:
    if not nouns.delta:
        return
    nouns.unread = False  # nothing is missing
    for sourced, each in known.items():
        if not any(sourced in ids for ids in (nouns.records, nouns.deleted, nouns.spoiled)):
            nouns.records[sourced] = replace(each, version=0)
