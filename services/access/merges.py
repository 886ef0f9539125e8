"""Two records of one person become one: what every service is asked to do with what is hers.

`PersonMerged` says that what is about the one is about the other from now on, `PersonSeparated`
that this was a mistake. Each service carries it out by a duty on what it owns.

A to-do may come late, and the two be parted, or merged once more, by then. So it acts only while
the service's own access view says what its event said, and asks that anew of each thing that it
moves, *after it has loaded it*. What a restored person begins, this service let her begin by a view
that called the two parted: whoever loads that thing and reads the view then, reads the same. What
was loaded before and is written in the very instant of a separation is found by the second look of
the to-do that gives things back.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from coaching.roster.v1 import match_events_pb2 as matches
from services.access.directory import LONGEST_SECONDS, ReadsAnew, ReadsManyAnew
from services.access.facts import MERGES, MergeFact
from services.access.profile import People
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Todo
from services.chassis.duties.each import change_each
from services.chassis.field_names import field_name
from services.chassis.kernel import Fault, Kind
from services.chassis.views.projection import Event, Row, is_marked
from services.chassis.write.by_date import ByDate
from services.chassis.write.write_path import WritePath

# A process whose view lags has begun something for the record that was given up: mostly it is
# found by the first of these. After the other, nobody who acts for that record is let in any more
# by what is in memory (`directory.LONGEST_SECONDS`), and what she had begun is written. A look may
# come late: it is the last one only where it is `ENOUGH` after the one before.
SECOND_LOOK, LAST_LOOK = timedelta(seconds=30), timedelta(minutes=15)
ENOUGH = timedelta(seconds=LONGEST_SECONDS, minutes=2)
MOST_STEPS = 20  # from a record to the one that is kept in the end


@dataclass(frozen=True, slots=True)
class Merge:
    """What is of `source` is to be of `target`. `back`: only what was once of `target`. By a
    version of a match, or any."""

    district: str
    match: str
    version: int
    source: str
    target: str
    back: bool = False

    @classmethod
    def of(cls, todo: Todo) -> Merge:
        value, match, version = todo.value, todo.aggregate, todo.version
        return cls(todo.district, match, version, value["source"], value["target"], value["back"])

    def takes(self, whose: str, before: str) -> bool:
        """Whether what is of `whose`, and was of somebody `before` (empty: of nobody else), is to
        be moved."""
        return whose == self.source and (not self.back or before == self.target)

    async def holds(self, view: ReadsAnew, before: str = "") -> bool:
        """Whether the two are now what its event said: one person or, where it gives things back,
        two. And what was of somebody `before` who was parted from `source` since is to be given
        back to her: it is not moved on, or she would never find it. Raises Fault UNAVAILABLE
        `not_known_yet` until the view knows that event, and while it has a newer one of the match
        that it cannot read. 1 database command."""
        given_up, kept = (self.target, self.source) if self.back else (self.source, self.target)
        row = await view.read_anew(f"{self.district}:{given_up}")
        known = next((each for each in _merges(row) if each.id == self.match), None)
        if known is None or _version(row, self.match) < self.version:
            raise _not_known_yet()
        merged = known.merged and (known.source, known.target) == (given_up, kept)
        if self.back or not merged:
            return merged is not self.back
        parted = (each for each in _merges(row) if not each.merged)
        return all((each.source, each.target) != (before, self.source) for each in parted)

    async def onward(self, view: ReadsAnew) -> Merge | None:
        """Where what has come to `target` goes on to, if that record is given up itself by now:
        the to-do that says so may have been done before this one. Raises as `holds`, and until the
        row of `target` knows the event, too: else it may not know yet of a separation before it."""
        row = await view.read_anew(f"{self.district}:{self.target}")
        known = _merges(row)
        if all(each.id != self.match for each in known) or _version(row, self.match) < self.version:
            raise _not_known_yet()
        for each in known:
            if each.merged and each.source == self.target:
                version = _version(row, each.id)
                return Merge(self.district, each.id, version, each.source, each.target)
        return None


Move = Callable[[Call, Merge], Awaitable[None]]


async def carry_out(
    view: ReadsAnew, call: Call, todo: Todo, now: datetime, move: Move
) -> datetime | None:
    """Move what a to-do says, and on to the record that is kept in the end; nothing where it does
    not hold any more. `move` asks `Merge.holds` of each thing that it has loaded. When to look
    again."""
    merge: Merge | None = Merge.of(todo)
    assert merge is not None
    if not await merge.holds(view):
        return None
    passed: set[str] = set()
    while merge is not None and merge.source not in passed and len(passed) < MOST_STEPS:
        # a key of its own for each look and step: it finds the same things once more
        await move(replace(call, key=f"{call.key}:{todo.looked_at}:{len(passed)}"), merge)
        passed.add(merge.source)
        merge = await merge.onward(view)
    return look_again(todo, now)


def look_again(todo: Todo, now: datetime) -> datetime | None:
    """When to look once more at what comes late; None: this look was the last one."""
    if todo.looked_at is None:
        return now + SECOND_LOOK
    return now + LAST_LOOK if now < todo.looked_at + ENOUGH else None


async def move_each(
    view: ReadsAnew,
    path: WritePath[Any],
    call: Call,
    todo: Todo,
    now: datetime,
    whose: str,
    by: ByDate,
) -> datetime | None:
    """`carry_out` of all in `path` that are one person's, the one whom the field `whose` names, of
    whatever year and state, by their `transfer`; `transferred_from` says whose they were before."""

    async def move(call: Call, merge: Merge) -> None:
        async def act(each: Any) -> None:
            before = each.transferred_from
            if merge.takes(getattr(each, whose), before) and await merge.holds(view, before):
                each.transfer(merge.target)

        await change_each(path, call, {whose: merge.source}, act, by)

    return await carry_out(view, call, todo, now, move)


async def kept_of(people: People, district: str, person: str) -> str:
    """The record that is kept of a person in the end, as far as is known: a record that is not
    given up, or that nobody knows, itself. 1 database command for each that is not in memory."""
    for _ in range(MOST_STEPS):
        profile = (await people.profiles(district, [person]))[person]
        if profile is None or not profile.kept_as:
            break
        person = profile.kept_as
    return person


def _merges(row: Row) -> list[MergeFact]:
    """Raises Fault UNAVAILABLE where one cannot be read, or a newer event of it."""
    unread: list[Exception] = []
    found = MERGES.all_in(row, "merges", unread.append) if row else ()
    if unread or any(is_marked(row, each.id) for each in found):
        raise _not_known_yet()
    return list(found)


def _version(row: Row, match: str) -> int:
    return int(row["facts"]["merges"][field_name(match)]["v"])


def _not_known_yet() -> Fault:
    return Fault(Kind.UNAVAILABLE, "not_known_yet", "Who may see what is not up to date.")


def _merged(event: Event) -> Asked | None:
    return _asked(event, back=False)


def _separated(event: Event) -> Asked | None:
    return _asked(event, back=True)


def _asked(event: Event, back: bool) -> Asked | None:
    """The event comes to both: it asks once, of the record that is given up."""
    message: Any = event.message
    match: matches.MatchSnapshot = message.match
    given_up, kept = match.from_person_id, match.into_person_id
    if event.envelope.key != f"{event.envelope.district}:{given_up}":
        return None
    source, target = (kept, given_up) if back else (given_up, kept)
    return Asked(event.envelope.occurred_at, {"source": source, "target": target, "back": back})


ASKS: Mapping[str, Asks] = {
    matches.PersonMerged.DESCRIPTOR.full_name: _merged,
    matches.PersonSeparated.DESCRIPTOR.full_name: _separated,
}


async def gave_back(view: ReadsAnew, district: str, record: str) -> Collection[str]:
    """The records that had what is this one's until the two were parted. Raises as
    `Merge.holds`. 1 database command."""
    known = _merges(await view.read_anew(f"{district}:{record}"))
    return [each.target for each in known if each.source == record and not each.merged]


async def records_of(
    view: ReadsAnew, district: str, person: str, *, whichever: bool = False
) -> Sequence[str]:
    """A person's id, and those of the records that are given up for hers, at most MOST_STEPS in
    all; with `whichever` also the ones for which hers is given up, with all of theirs. Raises as
    `Merge.holds`. 1 database command each."""
    found = [person]
    for each in found:
        for merge in _merges(await view.read_anew(f"{district}:{each}")):
            hers = merge.target == each
            other = merge.source if hers else merge.target
            if merge.merged and (hers or whichever) and other not in found:
                found.append(other)
        if len(found) >= MOST_STEPS:
            break
    return found[:MOST_STEPS]


async def records_of_all(
    view: ReadsManyAnew, district: str, people: Collection[str], most: int
) -> Collection[str]:
    """These, and all records that are one person with any of them, `whichever` is kept; no more are
    looked for once there are more than `most`. Raises as `Merge.holds`. 1 database command, and
    another as often as such records lead to more, at most MOST_STEPS in all."""
    found = dict.fromkeys(people)
    new: Collection[str] = list(found)
    for _ in range(MOST_STEPS):
        if not new or len(found) > most:
            break
        rows = await view.read_many_anew([f"{district}:{each}" for each in new])
        merged = [merge for row in rows for merge in _merges(row) if merge.merged]
        beside = dict.fromkeys(name for each in merged for name in (each.source, each.target))
        new = [each for each in beside if each not in found]
        found |= dict.fromkeys(new)
    return found
