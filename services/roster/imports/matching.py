"""Records that may be one person, by what a file gives both: whom an import proposes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from services.access.districts import PersonIdentifier, SamePerson
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault, Kind, already_there
from services.chassis.write.write_path import WritePath
from services.roster.imports.identifiers import COLUMNS, Identifiers, Marks, digest, kind_of
from services.roster.imports.problems import NoteCode, Problems
from services.roster.imports.roster_file import ParsedRoster
from services.roster.match.domain import MOST_PROPOSED, Match, MatchReason, MatchState
from services.roster.person.domain import Person
from services.roster.record import Status

PAGE = 1_000
FILE = "users.csv"


@dataclass(frozen=True, slots=True)
class Pair:
    """The record that would be given up, the one that would be kept, and by what they are one.
    `merges`: by the district's settings nobody is asked."""

    source: str
    target: str
    by: PersonIdentifier
    merges: bool


@dataclass(frozen=True, slots=True)
class Likenesses:
    """`marks` that differ from those that are known, and the pairs that are new."""

    marks: Mapping[str, Marks | None]
    pairs: tuple[Pair, ...]

    @property
    def merging(self) -> int:
        return sum(each.merges for each in self.pairs)


@dataclass(frozen=True, slots=True)
class Matching:
    identifiers: Identifiers
    matches: WritePath[Match]
    clock: Clock

    async def find(
        self,
        district: str,
        rules: SamePerson,
        parsed: ParsedRoster,
        stored: Mapping[str, Person],
        active: AbstractSet[str],
        today: str,
    ) -> Likenesses:
        """Who would be proposed, and nothing is written yet. `active`: who is in the roster once
        the file is taken. Takes what the file says of identifiers out of `parsed`, and notes in its
        problems those that tell nobody. Raises Fault UNAVAILABLE."""
        key = await self.identifiers.key()

        def digests(told: Iterable[tuple[PersonIdentifier, str]]) -> tuple[str, ...]:
            wanted = (each for each in told if each[0] in rules.propose_by)
            return tuple(sorted({digest(key, district, *each) for each in wanted} - {""}))

        said = {sourced: digests(told) for sourced, told in parsed.identifiers.items()}
        parsed.identifiers.clear()
        known = await self.identifiers.all(district)
        now = self.clock.now()
        marks = dict(_marks(known, said, stored, active, rules, today, now))
        added = {
            sourced: Marks(digests((kind, sourced) for kind in rules.propose_by), "")
            for sourced, each in stored.items()
            if each.provisional and each.status is Status.ACTIVE and sourced not in said
        }
        people = {sourced: each for sourced, each in marks.items() if each is not None} | added
        pairs = [
            replace(each, merges=each.merges and _called_alike(each, parsed, stored))
            for each in _pairs(people, active, added.keys(), rules, parsed.problems)
        ]
        changed = {name: each for name, each in marks.items() if known.get(name) != each}
        return Likenesses(changed, await self._new(district, pairs, parsed.problems))

    async def propose(self, call: Call, pair: Pair) -> None:
        """Again, it changes nothing; nor does it where somebody has said of the two meanwhile."""
        match = Match(
            id=self._id(call.district, pair),
            district=call.district,
            source=pair.source,
            target=pair.target,
            reason=MatchReason(pair.by.value),
            proposed_by="",
            proposed_at=self.clock.now(),
        )
        try:
            await self.matches.create(call, match.proposed())
        except Fault as fault:
            if not already_there(fault):
                raise

    async def _new(
        self, district: str, pairs: Iterable[Pair], problems: Problems
    ) -> tuple[Pair, ...]:
        """Those of whom nobody has said anything, as many as may wait: first those for which nobody
        has to decide. The others are found again by the next file."""
        found = {self._id(district, each): each for each in pairs}
        waiting, after, more = 0, "", bool(found)
        while more:
            page = await self.matches.find(district, {}, after, PAGE)
            if page.left_out:
                raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Not all matches can be read.")
            for each in page.items:
                found.pop(each.id, None)
                waiting += each.state is MatchState.PROPOSED
            after, more = page.after, bool(page.after)
        new = tuple(sorted(found.values(), key=lambda each: not each.merges))
        place = max(0, MOST_PROPOSED - waiting)
        if len(new) > place:
            problems.note(FILE, "", NoteCode.MATCHES_WAIT, len(new) - place)
        return new[:place]

    def _id(self, district: str, pair: Pair) -> str:
        return self.matches.derived_id(district, *sorted((pair.source, pair.target)))


def _marks(
    known: Mapping[str, Marks],
    said: Mapping[str, tuple[str, ...]],
    stored: Mapping[str, Person],
    active: AbstractSet[str],
    rules: SamePerson,
    today: str,
    now: datetime,
) -> Iterator[tuple[str, Marks | None]]:
    """What is known of each record from now on. Nothing of one that was merged: who keeps what she
    had is another."""
    kinds = {each.value for each in rules.propose_by}
    for sourced in {**known, **said}:
        before = known.get(sourced, Marks((), today))
        digests = said.get(sourced, tuple(x for x in before.digests if kind_of(x) in kinds))
        person = stored.get(sourced)
        unheard = person is None and sourced not in active
        if not digests or unheard or (person is not None and person.merged_into):
            if sourced in known:
                yield sourced, None
            continue
        left_at = None if sourced in active else before.left_at or now
        yield sourced, replace(before, digests=digests, left_at=left_at)


def _pairs(
    people: Mapping[str, Marks],
    active: AbstractSet[str],
    added: AbstractSet[str],
    rules: SamePerson,
    problems: Problems,
) -> Iterator[Pair]:
    """Each two of whom one at least is in the roster, by the most telling of what they share, where
    nothing more telling differs. Of who was `added` by hand nobody is merged unasked: her id is
    what somebody typed."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for sourced, each in people.items():
        for one in each.digests:
            sharing[one].append(sourced)

    def rank(sourced: str) -> tuple[bool, bool, str, str]:
        """The first of two is kept."""
        return sourced not in active, sourced in added, people[sourced].since, sourced

    paired: set[tuple[str, str]] = set()
    for kind in PersonIdentifier:
        for made, two in sharing.items():
            if kind_of(made) != kind.value or len(two) < 2 or active.isdisjoint(two):
                continue
            if len(two) > 2:
                problems.note(FILE, COLUMNS[kind], NoteCode.SHARED_IDENTIFIER, len(two))
                continue
            target, source = sorted(two, key=rank)
            if (target, source) in paired or _differ(people[target], people[source], kind):
                continue
            paired.add((target, source))
            merges = kind in rules.merge_by and added.isdisjoint(two)
            yield Pair(source, target, kind, merges)


def _called_alike(pair: Pair, parsed: ParsedRoster, stored: Mapping[str, Person]) -> bool:
    """Else an identifier was given again, or mistyped: somebody is asked."""
    said = parsed.people.records
    one, other = (said.get(each) or stored.get(each) for each in (pair.source, pair.target))
    return one is not None and other is not None and one.called == other.called


def _differ(one: Marks, other: Marks, kind: PersonIdentifier) -> bool:
    """Whether something more telling than `kind` says that they are two."""
    for more in PersonIdentifier:
        if more is kind:
            return False
        here, there = (
            {each for each in marks.digests if kind_of(each) == more.value}
            for marks in (one, other)
        )
        if here and there and here.isdisjoint(there):
            return True
    return False
