"""From a roster file to what is stored: only what differs is written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind
from services.chassis.write.write_path import WritePath
from services.roster.application.ports import Ports
from services.roster.application.problems import Code, Problems
from services.roster.application.roster_file import Nouns, ParsedRoster, RosterFile
from services.roster.domain.record import Record, Status

R = TypeVar("R", bound=Record)
T = TypeVar("T")

TOGETHER = 32  # writes in flight
PAGE = 1_000  # stored records read at once


@dataclass
class Counts:
    """Records of one noun."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


@dataclass
class Report:
    """What an import did; with `validate_only`, what it would have done."""

    counts: dict[str, Counts] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


@dataclass
class Plan(Generic[R]):
    """What is to be done for one noun. `active`: stored records in use until now."""

    path: WritePath[R]
    active: int = 0
    new: list[R] = field(default_factory=list)
    changed: list[R] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)  # aggregate ids
    unchanged: int = 0

    def counts(self) -> Counts:
        return Counts(len(self.new), len(self.changed), self.unchanged, len(self.removed))


async def import_roster(
    ports: Ports,
    call: Call,
    file: RosterFile,
    *,
    validate_only: bool = False,
    force_removals: bool = False,
) -> Report:
    """Bring the district's roster to what a bulk file states.

    Each record is written at most once, and not at all where it says the same already:
    so the same file again changes and publishes nothing, and an import that broke off is
    finished by sending the file again. Raises Fault INVALID where the file as a whole
    cannot be used, LIMITED while another import of the district runs, and UNAVAILABLE,
    after which any part may be stored.
    """
    await ports.access.allow(call)
    with ports.imports.running(call.district):
        return await _import(ports, call, file, validate_only, force_removals)


async def _import(
    ports: Ports, call: Call, file: RosterFile, validate_only: bool, force_removals: bool
) -> Report:
    today = ports.days.day_of(call.district, ports.clock.now())
    parsed = await file.read(call.district, today.isoformat())
    stored_sessions = await _stored(ports.sessions, call.district)
    years = {session.school_year for session in parsed.sessions.records.values()}
    for session in stored_sessions.values():
        if session.sourced_id not in parsed.sessions.records:
            years.add(session.school_year)  # of past years, too: their names go on changing
    for person in parsed.people.records.values():
        person.school_years = tuple(sorted(years))

    share = 1.0 if force_removals else ports.most_removals
    orgs = _plan(ports.orgs, await _stored(ports.orgs, call.district), parsed.orgs)
    sessions = _plan(ports.sessions, stored_sessions, parsed.sessions)
    people = _plan(ports.people, await _stored(ports.people, call.district), parsed.people)
    classes = _plan(ports.classes, await _stored(ports.classes, call.district), parsed.classes)
    _guard(orgs, "orgs.csv", share, parsed)
    _guard(sessions, "academicSessions.csv", share, parsed)
    _guard(people, "users.csv", share, parsed)
    _guard(classes, "classes.csv", share, parsed)
    if not validate_only:
        # A key belongs to one document only; imports are repeatable by themselves.
        each = replace(call, key="", fingerprint="", if_match=None)
        await _write(orgs, each)
        await _write(sessions, each)
        await _write(people, each)
        await _write(classes, each)
    counts = {
        "orgs": orgs.counts(),
        "academic_sessions": sessions.counts(),
        "people": people.counts(),
        "classes": classes.counts(),
    }
    return Report(counts, parsed.problems)


async def _stored(path: WritePath[R], district: str) -> dict[str, R]:
    """All records of a noun by aggregate id, a page at a time."""
    stored: dict[str, R] = {}
    after = ""
    while True:
        page = await path.find(district, {}, after, PAGE)
        if page.left_out:
            raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "Not all of the roster can be read.")
        stored.update((each.id, each) for each in page.items)
        if not page.after:
            return stored
        after = page.after


def _plan(path: WritePath[R], stored: dict[str, R], stated: Nouns[R]) -> Plan[R]:
    plan = Plan(path)
    for new in stated.records.values():
        known = stored.get(new.id)
        for name in stated.kept.get(new.sourced_id, ()) if known is not None else ():
            setattr(new, name, getattr(known, name))
        if known is None:
            plan.new.append(new)
        elif known.stated() == new.stated():
            plan.unchanged += 1
        else:
            plan.changed.append(new)
    for known in stored.values():
        if known.status is Status.ACTIVE:
            plan.active += 1
            if known.sourced_id not in stated.records and known.sourced_id not in stated.spoiled:
                plan.removed.append(known.id)
    return plan


def _guard(plan: Plan[R], file: str, share: float, parsed: ParsedRoster) -> None:
    """Refuse removals that look like a broken export."""
    if len(plan.removed) > share * plan.active:
        plan.removed.clear()
        parsed.problems.add(file, 0, "", Code.TOO_MANY_REMOVALS)


async def _write(plan: Plan[R], call: Call) -> None:
    async def create(new: R) -> None:
        new.upsert(new)
        try:
            await plan.path.create(call, new)
        except Fault as fault:
            if fault.kind is not Kind.CONFLICT:
                raise
            await change(new)  # another import was first

    async def change(new: R) -> None:
        await plan.path.change(call, new.id, lambda known: known.upsert(new))

    async def remove(id: str) -> None:
        await plan.path.change(call, id, lambda known: known.remove())

    await _together(plan.new, create)
    await _together(plan.changed, change)
    await _together(plan.removed, remove)


async def _together(items: Iterable[T], act: Callable[[T], Awaitable[None]]) -> None:
    """Run `act` on each, at most TOGETHER at a time; the first error ends all."""
    rest = iter(items)

    async def work() -> None:
        for item in rest:
            await act(item)

    workers = [asyncio.create_task(work()) for _ in range(TOGETHER)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
