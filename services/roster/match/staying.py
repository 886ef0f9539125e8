"""What stays with the record that was kept when two are parted, and somebody should look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from services.chassis.duties.each import every
from services.roster.came import given_back
from services.roster.match.cases import Ports
from services.roster.match.domain import MOST_STAYING, Match, Staying

if TYPE_CHECKING:
    from services.roster.cover.domain import Cover
    from services.roster.grant.domain import Grant


async def staying_of(ports: Ports, match: Match) -> Staying:
    """The open grants and covers of a merged match that were given, entered or changed since, and
    that are not given back: whoever did it may have meant either of the two. Raises Fault
    UNAVAILABLE where some cannot be read by this build. A page of 100 is 1 database command, at
    least 4 together."""
    grants = {
        each.id
        for place in ("person", "people")
        async for each in every(ports.grants, match.district, {place: match.target})
        if each.state == "open" and _since(match, each.given_at) and _grant_stays(each, match)
    }
    covers = {
        each.id
        for side in ("teacher", "substitute")
        async for each in every(ports.covers, match.district, {side: match.target})
        if each.state == "open" and _since(match, each.entered_at) and _cover_stays(each, match)
    }
    first, second = (tuple(sorted(each)[:MOST_STAYING]) for each in (grants, covers))
    return Staying(first, second, len(grants) + len(covers) - len(first) - len(second))


def _grant_stays(grant: Grant, match: Match) -> bool:
    """Whether the record that is kept has it, or is reached by it, once the other one has again
    what was its own."""
    has = grant.person == match.target and grant.transferred_from != match.source
    people, _ = given_back(grant.people, grant.came, match.target, match.source)
    return has or match.target in people


def _cover_stays(cover: Cover, match: Match) -> bool:
    sides = (cover.teacher, cover.teacher_before), (cover.substitute, cover.substitute_before)
    return any(now == match.target and before != match.source for now, before in sides)


def _since(match: Match, at: datetime) -> bool:
    return match.merged_at is None or at >= match.merged_at
