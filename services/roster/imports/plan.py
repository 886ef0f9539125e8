"""What is to be written of one noun, from what a file says and what is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.chassis.write.write_path import WritePath
from services.roster.imports.problems import Problems, RowCode
from services.roster.imports.roster_file import Nouns
from services.roster.record import RosterRecord, Status

R = TypeVar("R", bound=RosterRecord)


@dataclass
class NounCounts:
    """Records of one noun. `rejected`: rows of its files of which nothing was taken; `held`: of
    its records that something was held back from."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: int = 0
    held: int = 0


@dataclass
class Plan(Generic[R]):
    """What is to be done for one noun. `active`: stored records in use until now, but for those
    whose time is over; `removed` are of the former, `ended` of the latter. What is to be changed or
    removed has the version that is stored."""

    path: WritePath[R]
    active: int = 0
    new: list[R] = field(default_factory=list)
    changed: list[R] = field(default_factory=list)
    removed: list[R] = field(default_factory=list)
    ended: list[R] = field(default_factory=list)
    held: int = 0  # are missing; a row with an unreadable id may be of one of them
    unchanged: int = 0

    @property
    def writes(self) -> int:
        return sum(map(len, (self.new, self.changed, self.removed, self.ended)))

    def counts(self, rejected: int, held: int) -> NounCounts:
        removed = len(self.removed) + len(self.ended)
        new, changed = len(self.new), len(self.changed)
        return NounCounts(new, changed, self.unchanged, removed, rejected, self.held + held)


def plan(
    path: WritePath[R],
    stored: Mapping[str, R],
    stated: Nouns[R],
    *,
    over: Collection[str] = (),
    forced: bool = False,
) -> Plan[R]:
    """`stored` by sourcedId; `over`: those of them whose time is over."""
    made = Plan(path)
    for new in stated.records.values():
        known = stored.get(new.sourced_id)
        for name in stated.kept.get(new.sourced_id, ()) if known is not None else ():
            setattr(new, name, getattr(known, name))
        if known is None:
            made.new.append(new)
        elif known.stated() == new.stated():
            made.unchanged += 1
        else:
            new.version = known.version
            made.changed.append(new)
    for sourced, known in stored.items():
        if known.status is not Status.ACTIVE or not known.of_file:
            continue
        made.active += sourced not in over
        stays = sourced in stated.records or sourced in stated.spoiled
        if stays or (sourced in stated.unsaid and not forced):
            continue
        if stated.unread and not forced:
            made.held += 1
        else:
            (made.ended if sourced in over else made.removed).append(known)
    return made


def guard(made: Plan[R], file: str, share: float, problems: Problems) -> None:
    """Report removals that look like a broken export: they stop the import."""
    if made.held:
        problems.add(file, 0, "", RowCode.UNREADABLE_ROW)
    if len(made.removed) > share * made.active:
        said = would_be(len(made.removed), made.active, share)
        problems.add(file, 0, "", RowCode.TOO_MANY_REMOVALS, said)


def would_be(some: int, every: int, share: float, noun: str = "") -> str:
    """`It would be 247 of 251 people (98 %, at most 20 %).`"""
    of = f"{some} of {every} {noun}".rstrip()
    return f"It would be {of} ({100 * some / every:.0f} %, at most {100 * share:.0f} %)."


def bound(made: Plan[R], stored: int, most: int, file: str, problems: Problems) -> None:
    """Refuse new records where a district would have more of them than `most`, with the
    `stored` ones, whatever their status."""
    beyond = stored + len(made.new) - most
    if beyond > 0:
        del made.new[max(most - stored, 0) :]
        problems.add(
            file, 0, "", RowCode.TOO_MANY_RECORDS, f"It would be {beyond} more than {most}."
        )


def staying(made: Plan[R], stored: Mapping[str, R], stated: Nouns[R]) -> set[str]:
    """The sourcedIds in use when the plan is carried out."""
    active = {sourced for sourced, known in stored.items() if known.status is Status.ACTIVE}
    gone = {each.sourced_id for each in (*made.removed, *made.ended)}
    return (active - gone) | stated.records.keys()
