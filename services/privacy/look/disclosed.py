"""What the district has disclosed about people to whom: day by day, and about nobody by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.access.guarded import About
from services.access.school_year import FIRST, LAST
from services.chassis.call import Call
from services.chassis.fields import Day, Id
from services.chassis.kernel import invalid
from services.chassis.write.loading import Found
from services.privacy.look.cases import Ports
from services.privacy.look.domain import Disclosed

MOST_DAYS = 31  # on which something was disclosed, that one page looks at


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What was disclosed, on a day of the district."""

    day: date
    what: Disclosed


async def list_disclosures(
    ports: Ports,
    call: Call,
    *,
    partner_id: Id | None = None,
    from_date: Day | None = None,
    to_date: Day | None = None,
    after: str,
    limit: int,
) -> Found[Disclosure]:
    """What about people was let read outside: by partners' programs, and for records requests.

    By day, the newest first; to whom, when, for which purpose, which kinds, about how many people.
    Nobody is named whom it was about. Journals are there, too, which are about everybody."""
    since, until = ports.days.span(call.district, from_date, to_date)

    async def read() -> Found[Disclosure]:
        return await _page(ports, call.district, partner_id, since, until, after, limit)

    return await ports.reads.one(call, About(), read)


async def _page(
    ports: Ports,
    district: str,
    partner: str | None,
    since: datetime | None,
    until: datetime | None,
    after: str,
    limit: int,
) -> Found[Disclosure]:
    """A place is a day and how many of it were given: what is told late may move one of them."""
    items: list[Disclosure] = []
    day, given = _place(after)
    if day is not None:
        ends = ports.days.ends(district, day)
        until = ends if until is None else min(until, ends)
    place, wanted, shown, begun = after, list[Disclosed](), list[Disclosed](), 0
    for _ in range(MOST_DAYS):
        newest = await ports.looks.last_disclosed(district, since, until)
        if newest is None:
            return Found(items, "")
        found = ports.days.day_of(district, newest)
        begun = given if found == day else 0
        until = ports.days.begins(district, found)
        every = await ports.looks.disclosed(district, until, ports.days.ends(district, found))
        wanted = [each for each in every if partner in (None, each.partner)]
        shown = wanted[begun : begun + limit - len(items)]
        items += [Disclosure(found, each) for each in shown]
        place = f"{found.isoformat()}:{begun + len(shown)}"
        if len(items) == limit:
            break
    rest = len(wanted) > begun + len(shown)
    more = rest or await ports.looks.last_disclosed(district, since, until) is not None
    return Found(items, place if more else "")


def _place(after: str) -> tuple[date | None, int]:
    """Raises Fault INVALID."""
    if not after:
        return None, 0
    day, _, given = after.partition(":")
    try:
        if not (given.isascii() and given.isdecimal() and len(given) <= 6):
            raise ValueError
        found = date.fromisoformat(day)
        if not FIRST <= found.year <= LAST:
            raise ValueError
        return found, int(given)
    except ValueError:
        detail = "The page token does not belong to this list."
        raise invalid("page_token", detail, "/page_token") from None
