"""What a teacher asks for to take along."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.access.access import Access
from services.access.directory import ReadsAnew
from services.access.guarded import About, GuardedReads
from services.access.merges import records_of
from services.chassis.call import Call, caller_of
from services.chassis.ed25519 import private_key, public_key, sign
from services.chassis.kernel import Clock, Fault, Kind, invalid
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import PAGE_BYTES
from services.chassis.write.entries import Entries, Numbered
from services.chassis.write.loading import Found
from services.chassis.write.sealing import SealingKey
from services.chassis.write.write_path import WritePath
from services.goals.goal.domain import Goal
from services.goals.take_out.domain import (
    MOST_PARTS,
    TakenPart,
    TakeOut,
    goes_along,
    parts_of,
)

_PURPOSE = b"tandem take-out\x00"
_BETWEEN = "|"  # no id has it
_ALL = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """`by`: the order in which an index holds the goals of a teacher. `view` tells which records
    are hers."""

    goals: WritePath[Goal]
    by: ByDate
    progress: Entries[Any]
    revisions: Entries[Any]
    guard: GuardedReads
    access: Access
    view: ReadsAnew
    sealing: SealingKey
    clock: Clock


async def get_take_out(ports: Ports, call: Call) -> TakeOut:
    """What the caller may take along to another Tandem, part by part by its hash, and signed.

    The parts are in `list_take_out_parts`: where one has changed since, its hash is another.
    Raises LIMITED where there are more than 5,000."""
    ports.access.check_scope(call)
    person = caller_of(call, "")

    async def read() -> TakeOut:
        parts: list[tuple[str, str]] = []
        async for part, _ in _parts(ports, call.district, person, ""):
            parts.append((part.id, part.sha256))
            if len(parts) > MOST_PARTS:
                detail = f"At most {MOST_PARTS} parts are signed together."
                raise Fault(Kind.LIMITED, "too_much_to_take_out", detail)
        profile = await ports.access.profile(call.district, person)
        names = (profile.given_name, profile.family_name) if profile else ("", "")
        made = TakeOut(call.district, person, *names, ports.clock.now(), parts)
        private = private_key(hashlib.sha256(_PURPOSE + await ports.sealing.key()).digest())
        return replace(made, key=public_key(private), signature=sign(made.signed(), private))

    return await ports.guard.one(call, About(teacher=person), read)


async def list_take_out_parts(
    ports: Ports, call: Call, *, after: str, limit: int
) -> Found[TakenPart]:
    """The parts of what the caller may take along, in the order in which they are signed."""
    ports.access.check_scope(call)
    person = caller_of(call, "")

    async def read() -> Found[TakenPart]:
        items: list[TakenPart] = []
        size = 0
        async for part, place in _parts(ports, call.district, person, after):
            items.append(part)
            size += len(part.content)
            if len(items) == limit or size > PAGE_BYTES:
                return Found(items, place)
        return Found(items)

    return await ports.guard.one(call, About(teacher=person), read)


async def _parts(
    ports: Ports, district: str, person: str, after: str
) -> AsyncIterator[tuple[TakenPart, str]]:
    """Each with the place behind it: where the list of goals goes on before the one that it is of,
    that goal, and how many of its parts were given. Raises Fault INVALID for no place, UNAVAILABLE
    for a goal that this build cannot read, and as `records_of`."""
    before, id_, given = _place(after)
    hers = await records_of(ports.view, district, person)
    while True:
        found = await ports.goals.find(district, {"teacher": person}, before, 1, ports.by)
        if found.left_out:
            raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
        for goal in found.items:
            if goes_along(goal):
                skipped = given if goal.id == id_ else 0
                for number, part in enumerate(await _of(ports, goal, hers), 1):
                    if number > skipped:
                        yield part, _BETWEEN.join((before, goal.id, str(number)))
        if not found.after:
            return
        before, id_, given = found.after, "", 0


async def _of(ports: Ports, goal: Goal, hers: Sequence[str]) -> Sequence[TakenPart]:
    """All parts of one goal, of which there are at most 1,000 values and 100 revisions."""
    held = [Numbered(*each) for each in enumerate(goal.progress, goal.settled + 1)]
    progress = await _every(ports.progress, goal, held)
    said = [Numbered(each.number, each) for each in goal.earlier]
    revisions = await _every(ports.revisions, goal, said)
    return list(parts_of(goal, hers, progress, revisions))


async def _every(
    entries: Entries[Any], goal: Goal, held: Sequence[Numbered[Any]]
) -> Sequence[Numbered[Any]]:
    """The oldest first. Raises Fault UNAVAILABLE where one cannot be read."""
    items: list[Numbered[Any]] = []
    after = ""
    while True:
        page = await entries.page(goal.district, goal.id, held, after, _ALL)
        if page.left_out:
            raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
        items += page.items
        after = page.after
        if not after:
            return items[::-1]


def _place(after: str) -> tuple[str, str, int]:
    if not after:
        return "", "", 0
    parts = after.split(_BETWEEN)
    if len(parts) != len(("before", "goal", "given")) or not parts[-1].isdecimal():
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token")
    return parts[0], parts[1], int(parts[2][:9])
