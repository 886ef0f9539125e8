"""From a roster file to what is stored: only what differs is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from services.access.access import Access
from services.access.days import Days
from services.chassis.call import Call
from services.chassis.kernel import Clock, Fault, Kind
from services.chassis.write.write_path import WritePath
from services.roster.academic_session.domain import MOST_SESSIONS, AcademicSession
from services.roster.class_.domain import Class
from services.roster.imports.delta import complete
from services.roster.imports.jobs import Jobs, Phase
from services.roster.imports.keeping import keep_enrolled, keep_roles, set_years
from services.roster.imports.losses import hold_enrolled, hold_roles
from services.roster.imports.matching import Likenesses, Matching, Pair
from services.roster.imports.merged import follow_merges
from services.roster.imports.plan import NounCounts, Plan, bound, guard, plan, staying
from services.roster.imports.problems import Problems
from services.roster.imports.roster_file import KnownRecords, Nouns, ParsedRoster, RosterFile
from services.roster.imports.running import Imports, import_running, together
from services.roster.imports.sharing import Sharing
from services.roster.org.domain import Org
from services.roster.person.domain import STAFF_ROLES, Person
from services.roster.record import RosterRecord, Status

R = TypeVar("R", bound=RosterRecord)

_OF_CLASSES = ("courses", "classes", "enrollments")
PAGE = 1_000  # stored records read at once


@dataclass(frozen=True, slots=True)
class Ports:
    """`most_removals`: the share of a noun's active records that one import may remove
    unforced, 0 to 1."""

    orgs: WritePath[Org]
    sessions: WritePath[AcademicSession]
    people: WritePath[Person]
    classes: WritePath[Class]
    access: Access
    days: Days
    clock: Clock
    matching: Matching
    most_removals: float
    jobs: Jobs
    under_way: Imports = field(default_factory=Imports)


@dataclass
class Report:
    """What an import did; with `validate_only`, or where it was `stopped`, what it would have
    done. `matches_proposed` and `merged_by_setting` count pairs, as `ImportReport` says."""

    stopped: bool = False
    matches_proposed: int = 0
    merged_by_setting: int = 0
    counts: dict[str, NounCounts] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


@dataclass
class ImportProgress:
    """How far an import is: `done` of `total` records are written."""

    phase: Phase = Phase.READING
    done: int = 0
    total: int = 0

    async def planned(self, report: Report) -> None:
        """It is settled what is done; nothing is written yet. What this raises ends the import."""


async def import_roster(
    ports: Ports,
    call: Call,
    file: RosterFile,
    *,
    validate_only: bool = False,
    allow_removals: bool = False,
    day: str = "",
    progress: ImportProgress | None = None,
) -> Report:
    """Bring the district's roster to what a bulk file states.

    What a wrong row speaks of stays as it is stored, and so do classes that look forgotten, unless
    removals are allowed; a file that looks broken as a whole stops before anything is written.
    Each record is written at most once, and not at all where it says the same already:
    so the same file again changes and publishes nothing, and an import that broke off is
    finished by the same file on the same `day` (the district's today, unless told). Raises Fault
    INVALID where the file as a whole cannot be used, LIMITED where somebody else changes the
    same records, and UNAVAILABLE, after which any part may be stored.
    """
    progress = progress or ImportProgress()
    today = day or today_of(ports, call.district)
    rules = ports.days.districts.of(call.district)
    own = rules.roles
    if await file.changes():
        stored = await _stored(ports, call.district, ParsedRoster())
        known = _in_use(stored)
        parsed = await file.read(call.district, today, own, known)
        complete(parsed, known, today)
    else:
        parsed = await file.read(call.district, today, own, KnownRecords())
        stored = await _stored(ports, call.district, parsed)
    progress.phase = Phase.COMPARING
    plans = _plans(ports, stored, parsed, today, allow_removals)
    who = (parsed, stored.people, plans.stay)
    found = await ports.matching.find(call.district, rules.same_person, *who, today)
    stopped = parsed.problems.stopping
    counts = plans.counts(parsed.problems.rejected)
    report = Report(stopped, len(found.pairs), found.merging, counts, parsed.problems)
    writes = not (validate_only or stopped)
    progress.total = plans.writes + len(found.pairs) if writes else 0
    await progress.planned(report)
    if writes:
        progress.phase = Phase.WRITING
        # A key belongs to one document only; imports are repeatable by themselves.
        each = replace(call, key="", fingerprint="", if_match=None)
        await ports.matching.identifiers.put(call.district, found.marks)
        await _write(plans.orgs, each, progress)
        await _write(plans.sessions, each, progress)
        await _write(plans.people, each, progress)
        await _write(plans.classes, each, progress)
        await _propose(ports.matching, found, each, progress)
    return report


def today_of(ports: Ports, district: str) -> str:
    return ports.days.day_of(district, ports.clock.now()).isoformat()


@dataclass(frozen=True, slots=True)
class _Plans:
    """`held`: classes that keep people whom the file does not name; `stay`: people in the roster
    once it is carried out."""

    orgs: Plan[Org]
    sessions: Plan[AcademicSession]
    people: Plan[Person]
    classes: Plan[Class]
    held: int
    stay: set[str]

    @property
    def writes(self) -> int:
        plans: tuple[Plan[Any], ...] = (self.orgs, self.sessions, self.people, self.classes)
        return sum(each.writes for each in plans)

    def counts(self, rejected: Mapping[str, int]) -> dict[str, NounCounts]:
        """By noun; `rejected` by file."""
        of_people = rejected.get("users.csv", 0) + rejected.get("roles.csv", 0)
        of_classes = sum(rejected.get(f"{name}.csv", 0) for name in _OF_CLASSES)
        return {
            "orgs": self.orgs.counts(rejected.get("orgs.csv", 0), 0),
            "academic_sessions": self.sessions.counts(rejected.get("academicSessions.csv", 0), 0),
            "people": self.people.counts(of_people, 0),
            "classes": self.classes.counts(of_classes, self.held),
        }


def _plans(
    ports: Ports, stored: KnownRecords, parsed: ParsedRoster, today: str, forced: bool
) -> _Plans:
    share = 1.0 if forced else ports.most_removals
    problems = parsed.problems
    orgs = plan(ports.orgs, stored.orgs, parsed.orgs, forced=forced)
    guard(orgs, "orgs.csv", share, problems)

    past = {sourced for sourced, each in stored.sessions.items() if each.end <= today}
    parsed.sessions.unsaid |= past - parsed.sessions.deleted  # they stay true
    sessions = plan(ports.sessions, stored.sessions, parsed.sessions, over=past, forced=forced)
    guard(sessions, "academicSessions.csv", share, problems)
    bound(sessions, len(stored.sessions), MOST_SESSIONS, "academicSessions.csv", problems)
    terms = {**stored.sessions, **parsed.sessions.records}

    # Of past years, and of sessions that are removed, too: their names go on changing.
    years = tuple(sorted({each.school_year for each in terms.values()}))
    for person in parsed.people.records.values():
        person.school_years = years
    follow_merges(parsed, stored.people, stored.classes, today)
    parsed.role_doubts.settle(stored.people, STAFF_ROLES, stored.orgs, forced=forced)
    keep_roles(parsed, stored.people, today)
    if not forced:
        hold_roles(parsed, stored.people, today, share)
    people = plan(ports.people, stored.people, parsed.people, forced=forced)
    guard(people, "users.csv", share, problems)
    stay = staying(people, stored.people, parsed.people)

    def over(each: Class) -> bool:
        return all(term in terms and terms[term].end <= today for term in each.sessions)

    set_years(parsed, terms)
    parsed.teacher_doubts.settle(stored.classes, stored.people, forced=forced)
    keep_enrolled(parsed, stored.classes, stay, forced)
    kept = 0 if forced else hold_enrolled(parsed, stored.classes, stay, over, share)
    ended = {sourced for sourced, each in stored.classes.items() if over(each)}
    classes = plan(ports.classes, stored.classes, parsed.classes, over=ended, forced=forced)
    guard(classes, "classes.csv", share, problems)
    return _Plans(orgs, sessions, people, classes, kept, stay)


async def _stored(ports: Ports, district: str, parsed: ParsedRoster) -> KnownRecords:
    """All records of a district, be they removed, beside those that are `parsed` already."""
    return KnownRecords(
        await _all(ports.orgs, district, parsed.orgs),
        await _all(ports.sessions, district, parsed.sessions),
        await _all(ports.people, district, parsed.people),
        await _all(ports.classes, district, parsed.classes),
    )


def _in_use(stored: KnownRecords) -> KnownRecords:
    return KnownRecords(
        _active(stored.orgs),
        _active(stored.sessions),
        _active(stored.people),
        _active(stored.classes),
    )


def _active(stored: Mapping[str, R]) -> dict[str, R]:
    return {sourced: each for sourced, each in stored.items() if each.status is Status.ACTIVE}


async def _all(path: WritePath[R], district: str, parsed: Nouns[R]) -> dict[str, R]:
    """All records of a noun by sourcedId, read a page at a time."""
    stored: dict[str, R] = {}
    sharing = Sharing(parsed.records)
    after = ""
    while True:
        page = await path.find(district, {}, after, PAGE)
        if page.left_out:
            raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Not all of the roster can be read.")
        for each in page.items:
            # Made anew it takes a third: what was read has a dictionary of its own.
            record = sharing.shared(replace(each))
            stored[record.sourced_id] = record
        if not page.after:
            return stored
        after = page.after


async def _write(made: Plan[R], call: Call, progress: ImportProgress) -> None:
    """Raises Fault LIMITED where the roster is not any more as it was planned from: an import of
    another process."""

    async def create(new: R) -> None:
        new.upsert(new)
        await made.path.create(call, new)
        progress.done += 1

    async def change(new: R) -> None:
        seen = replace(call, if_match=new.version)
        await made.path.change(seen, new.id, lambda known: known.upsert(new))
        progress.done += 1

    async def remove(gone: R) -> None:
        seen = replace(call, if_match=gone.version)
        await made.path.change(seen, gone.id, lambda known: known.remove())
        progress.done += 1

    try:
        await together(made.new, create)
        await together(made.changed, change)
        await together((*made.removed, *made.ended), remove)
    except Fault as fault:
        if fault.kind in (Kind.CONFLICT, Kind.STALE):
            raise import_running() from None
        raise


async def _propose(
    matching: Matching, found: Likenesses, call: Call, progress: ImportProgress
) -> None:
    async def one(pair: Pair) -> None:
        await matching.propose(call, pair)
        progress.done += 1

    await together(found.pairs, one)
