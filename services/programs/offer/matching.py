"""Which coaches go with a request that waits, by what each of the two has said herself.

It is told to who gives the places of the round, and kept nowhere. What is told of a coach is what
of her offer goes with this request, and how many she has a place for still. No figure says how good
anybody is; those who go with it alike stand in an order by a hash.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.access import merges
from services.chassis.call import Call
from services.chassis.fields import Id
from services.chassis.kernel import Fault, Kind, if_there
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import where
from services.chassis.write.loading import Found
from services.chassis.write.quota import ToCount
from services.programs.offer.cases import BY_DATE, MOST_OF_ROUND, Ports
from services.programs.offer.domain import CoachingOffer, OfferState
from services.programs.relationship.domain import OPEN, Relationship
from services.programs.request.domain import CoachingRequest, RequestState, Teaching
from services.programs.round.domain import MOST_PLACES

MOST_SUGGESTED = 20
MOST_LOOKED_AT = 2 * MOST_OF_ROUND  # a bound may be passed by a few
MOST_OF_SOMEBODY = 200  # relationships of one teacher in a year
COUNTED_AT_ONCE = 20  # coaches
_RELATIONSHIPS = ByDate("proposed_at", within=("school_year", "state"))
_REQUESTS = ByDate("asked_at", within=("state",), order=Order.OLDEST)


@dataclass(frozen=True, slots=True)
class CoachSuggestion:
    """A coach, `shared` of what the teacher asks for, and how many she has a place for still,
    `free` of `capacity`. `place`: where she stands in the list."""

    coach: str
    shared: Teaching
    free: int
    capacity: int
    place: str

    @property
    def id(self) -> str:
        return self.coach

    @property
    def version(self) -> int:
        return 1


async def list_coach_suggestions(
    ports: Ports, call: Call, coaching_request_id: Id, *, after: str, limit: int
) -> Found[CoachSuggestion]:
    """Coaches who have offered to coach in the round of a request, for who gives its places: at
    most 20 with a place left, first those with whom grade, subject and language go together, of
    these who has more of her places free, all else in an order that says nothing. None with whom
    the teacher has or had something in this school year, whatever became of it. To propose one,
    grant the request with her; none is suggested for what does not wait."""
    ports.access.check_scope(call)
    request = await ports.requests.get(call.district, coaching_request_id)
    about = await ports.of_request(request)

    async def read() -> Found[CoachSuggestion]:
        if request.state is not RequestState.WAITING:
            return Found(())
        found = await _suggested(ports, call, request)
        rest = [each for each in found.items if each.place > after]
        page = rest[:limit]
        place = page[-1].place if len(rest) > limit else ""
        return Found(page, place, found.left_out)

    def people(found: Found[CoachSuggestion]) -> Sequence[str]:
        return [request.teacher, *(each.coach for each in found.items)]

    return await ports.reads.many(call, about.parties, read, people, teacher=about.teacher)


async def _suggested(ports: Ports, call: Call, request: CoachingRequest) -> Found[CoachSuggestion]:
    """4 database commands, and 1 for each 20 coaches who are looked at: all are counted before the
    first are taken, since who has more places free comes first."""
    asked = where(round=request.round, state=OfferState.MADE)
    found = await ports.path.find(call.district, asked, "", MOST_LOOKED_AT, BY_DATE)
    known = await _known_to(ports, request)
    offers = [each for each in found.items if each.coach not in known]
    may = await _who_may(ports, request, offers)
    offers = [each for each in offers if each.coach in may]
    given = await _given(ports, request)
    made: list[CoachSuggestion] = []
    for start in range(0, len(offers), COUNTED_AT_ONCE):
        looked_at = offers[start : start + COUNTED_AT_ONCE]
        has = await _coached(ports, request, looked_at)
        for each in looked_at:
            taken = has[each.coach] + given.get(each.coach, 0)
            if taken < each.capacity:
                made.append(_suggestion(request, each, taken))
    made.sort(key=lambda each: each.place)
    return Found(made[:MOST_SUGGESTED], left_out=found.left_out)


async def _known_to(ports: Ports, request: CoachingRequest) -> set[str]:
    """Herself, and with whom she has or had something this year, or was asked to: coached now or
    before, proposed, declined, asked to go on with her. Which of these it is makes no difference,
    so that whoever is not suggested may be any of them, and each by the record of hers that is
    kept. 2 database commands, and 1 for each record that is given up and not in memory."""
    asked = where(teacher=request.teacher, school_year=request.school_year)
    path = ports.relationships
    found = await path.find(request.district, asked, "", MOST_OF_SOMEBODY, _RELATIONSHIPS)
    if found.left_out:  # perhaps with whoever was declined
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this.")
    known = {one for each in found.items for one in _coaches(each)}
    await ports.access.profiles(request.district, known)  # with one command
    kept = [await merges.kept_of(ports.access, request.district, each) for each in sorted(known)]
    return {request.teacher, *known, *kept}


def _coaches(each: Relationship) -> Sequence[str]:
    to = (each.handover.successor,) if each.handover is not None else ()
    return (each.coach, *to, *(one.successor for one in each.asked))


async def _who_may(
    ports: Ports, request: CoachingRequest, offers: Sequence[CoachingOffer]
) -> Collection[str]:
    """Those who may coach this teacher today."""
    district = request.district
    coaches = [each.coach for each in offers]
    await ports.access.profiles(district, {request.teacher, *coaches})  # with one command
    return [
        each
        for each in coaches
        if await ports.access.hindrance(district, each, request.teacher) is None
    ]


async def _given(ports: Ports, request: CoachingRequest) -> Mapping[str, int]:
    """How many places of the round each coach has been given a moment ago, of which nothing is
    proposed yet: those whose request is not granted yet, which follows. What cannot be read counts
    as taken. 2 database commands at most."""
    round_ = await if_there(ports.rounds.get(request.district, request.round))
    if round_ is None or not round_.places:
        return {}
    asked = where(round=request.round, state=RequestState.GRANTED)
    path = ports.requests
    granted = await path.find(request.district, asked, "", MOST_PLACES, _REQUESTS)
    followed = {each.id for each in granted.items}
    return Counter(each.coach for each in round_.places if each.request not in followed)


async def _coached(
    ports: Ports, request: CoachingRequest, offers: Sequence[CoachingOffer]
) -> Mapping[str, int]:
    """How many teachers each has in the school year, and is proposed to. 1 database command."""
    asked = [(each.coach, state) for each in offers for state in OPEN]
    wanted = [
        ToCount(where(coach=coach, school_year=request.school_year, state=state), MOST_OF_SOMEBODY)
        for coach, state in asked
    ]
    counts = await ports.relationships.counts(request.district, wanted)
    found: dict[str, int] = {}
    for (coach, _), count in zip(asked, counts, strict=True):
        found[coach] = found.get(coach, 0) + count
    return found


def _suggestion(request: CoachingRequest, offer: CoachingOffer, taken: int) -> CoachSuggestion:
    """Her place is by how many of grade, subject and language the two go together, by how many of
    her places are taken, and else by a hash of this request, in which nobody is before anybody else
    for what she is."""
    shared = request.wishes.teaching.shared_with(offer.teaching)
    missing = sum(not each for each in (shared.grades, shared.subjects, shared.languages))
    share = taken * 1_000 // offer.capacity
    return CoachSuggestion(
        offer.coach,
        shared,
        offer.capacity - taken,
        offer.capacity,
        f"{missing}:{share:03d}:{_hash(request, offer)}",
    )


def _hash(request: CoachingRequest, offer: CoachingOffer) -> str:
    return hashlib.sha256(f"{request.id}\0{offer.coach}".encode()).hexdigest()
