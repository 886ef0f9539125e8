"""What is asked about what is held of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.access.guarded import About, GuardedReads
from services.assembly.personal_records.domain import (
    NotAPlace,
    PersonalRecord,
    Section,
    Whose,
    number_of,
)
from services.chassis.call import Call, caller_of
from services.chassis.fields import IdOrMe
from services.chassis.kernel import invalid
from services.chassis.write.documents import PAGE_BYTES
from services.chassis.write.loading import Found


@dataclass(frozen=True, slots=True)
class Ports:
    sections: Sequence[Section]
    guard: GuardedReads


async def list_personal_records(
    ports: Ports, call: Call, *, person_id: IdOrMe | None = None, after: str, limit: int
) -> Found[PersonalRecord]:
    """All that this service holds about a person: the caller, or whom she fetches it for.

    Its records as they are stored, what has left them, which events there were of them, what she
    is typing, and who looked."""
    person = person_id or caller_of(call, "/person_id")
    whose = Whose(call.district, person, person == call.principal.person)

    async def read() -> Found[PersonalRecord]:
        return await _page(ports.sections, whose, after, limit)

    return await ports.guard.one(call, About(parties=(person,)), read)


async def _page(
    sections: Sequence[Section], whose: Whose, after: str, limit: int
) -> Found[PersonalRecord]:
    """At most `limit`, and no more after 2 MB. Raises Fault INVALID for an `after` that is no place
    in it."""
    items: list[PersonalRecord] = []
    size = left_out = 0
    first, _, inner = after.partition(":")
    try:
        begun = number_of(first) if after else 0
        for number, section in enumerate(sections):
            if number < begun:
                continue
            async for thing, place in section.read(whose, inner if number == begun else ""):
                if thing is None:
                    left_out += 1
                else:
                    items.append(thing)
                    size += len(thing.content)
                if len(items) + left_out >= limit or size > PAGE_BYTES:
                    return Found(items, f"{number}:{place}", left_out)
    except NotAPlace:
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token") from None
    return Found(items, "", left_out)
