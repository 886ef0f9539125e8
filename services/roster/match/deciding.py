"""The district decides of two records: that they are one person, or were merged by mistake.

Matches are documents of their own, and what is decided of one at the same moment as of another must
not leave a record that is given up for two others, or a ring. So whoever merges first reserves the
*source* by a conditional write on that person, and only then reads whether the *target* is given
up. Why no ring can come to be: of two merges that follow each other, A into B and B into C, the
first read B when it had reserved A, and found it not reserved, so that B was reserved later than A.
All the way round a ring each record would be reserved later than the one before, and so later than
itself. A record that two give up would be reserved by both at once.

Who separates reserves the record that is kept: it is given up neither meanwhile nor, by what
`times_given_up` counts, since the two were merged. That they are to be parted is stored first, and
a duty does it where the process of whoever asked has died. A reservation of a match that was
dismissed at that very version has given nobody up, and counts no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Fault, Kind, conflict, if_there
from services.roster.match.cases import Ports, check_people
from services.roster.match.domain import Match, MatchState
from services.roster.match.staying import staying_of
from services.roster.person.domain import Person
from services.roster.record import record_id


async def check_confirm(ports: Ports, call: Call, match: Match) -> None:
    """Where the district wants two pairs of eyes, somebody else confirms what one proposes."""
    match.check_confirm(call.principal.id, ports.clock.now())
    rules = ports.access.rules(match.district).same_person
    if rules.four_eyes and match.proposed_by == call.principal.id:
        detail = "Somebody else has to confirm it: the district wants two to agree."
        raise Fault(Kind.FORBIDDEN, "proposer_confirms", detail)


async def confirm_match(ports: Ports, call: Call, match_id: Id) -> Match:
    """Say that they are one person: what is about the record that is given up (goals, surveys,
    observations, relationships, grants, covers, classes) is made the other's within moments, and
    the next imports take its rows as the other's.

    Raises FORBIDDEN of who has proposed it, where the district wants two to agree; CONFLICT where
    one of the two is not what it was when it was proposed, or another match gives one of them
    up."""
    by, at = call.principal.id, ports.clock.now()

    async def act(match: Match) -> None:
        await check_confirm(ports, call, match)
        if call.if_match not in (None, match.version):
            return  # refused when this returns: nothing is reserved for it
        try:
            await check_people(ports, call, match)
        except Fault as fault:
            raise conflict(fault.code, fault.detail) from None
        await _kept(ports, match)  # asked before, so that little is reserved in vain
        await _reserve(ports, call, match, match.source)
        match.confirm(by, at, await _kept(ports, match))

    return await ports.matches.change(call, match_id, act)


async def separate_match(ports: Ports, call: Call, match_id: Id) -> Match:
    """Take back a merge that was a mistake. What was of the record that had been given up is made
    its again, but for relationships, which are proposed anew; what was begun since stays.

    Raises CONFLICT where the record that was kept was given up for another since, or the two had
    been merged the other way before: then what is whose is no longer told apart."""
    by, at = call.principal.id, ports.clock.now()

    async def begin(match: Match) -> None:
        match.check_separate(by, at)
        if call.if_match not in (None, match.version):
            return
        match.begin_separation(by, at, await _kept(ports, match))

    await ports.matches.change(call, match_id, begin)
    return await finish_separation(ports, call, match_id)


async def finish_separation(ports: Ports, call: Call, match_id: str) -> Match:
    """Part two records that somebody has said are to be parted; nothing where that is done. Raises
    as `separate_match` where another match was decided in between."""

    async def act(match: Match) -> None:
        if match.separating_at is None:
            return
        kept = await _reserve(ports, call, match, match.target, match.check_told_apart)
        by, at = match.separating_by, match.separating_at
        match.separate(by, at, kept.times_given_up, await staying_of(ports, match))

    return await ports.path.change(replace(call, key="", if_match=None), match_id, act)


async def _reserve(
    ports: Ports, call: Call, match: Match, who: str, check: Callable[[int], None] | None = None
) -> Person:
    """A person for this version of a match: to be given up or, with `check` of how often she has
    been, to be parted from. Raises Fault CONFLICT where she is reserved for another one."""
    mine = f"{match.id}:{match.version}"

    async def act(person: Person) -> None:
        times = await _check_free(ports, match, person)
        if check is not None:
            check(times)
        person.reserve(mine, times + (check is None))

    # It belongs to the match as it was loaded, whichever request that was for: no key of the call.
    own = replace(call, key="", if_match=None)
    return await ports.people.change(own, record_id(match.district, "person", who), act)


async def _kept(ports: Ports, match: Match) -> int:
    """As `_check_free` of the record that is to be kept."""
    kept = await ports.people.get(match.district, record_id(match.district, "person", match.target))
    return await _check_free(ports, match, kept)


async def _check_free(ports: Ports, match: Match, person: Person) -> int:
    """How often the person has been given up. Raises Fault CONFLICT where another match has
    reserved her: one that is at that version still (it is being decided, or was when its process
    died), or by which she is given up."""
    other_id, _, version = person.reserved_by.partition(":")
    if not other_id or other_id == match.id:
        return person.times_given_up
    other = await if_there(ports.path.get(match.district, other_id))
    if other is None:
        return person.times_given_up
    gives_up = other.state is MatchState.MERGED and other.source == person.sourced_id
    # who is given up is separated from nobody any more, whatever is decided of the other match
    if str(other.version) == version or (gives_up and match.state is MatchState.PROPOSED):
        detail = f"Decide the match {other_id} first: it gives up one of the two, or is to."
        raise conflict("another_match", detail)
    # dismissed at the very version that had reserved her: that was in vain
    dismissed = other.state is MatchState.DISMISSED and other.version == int(version) + 1
    return person.times_given_up - dismissed
