"""What a coach does with her offers; what comes of them is in `matching`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.coaching import admission_of
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded, GuardedReads
from services.access.school_year import last_day
from services.chassis.call import Call, caller_of
from services.chassis.duties.each import unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.anew import anew_id
from services.chassis.write.by_date import ByDate
from services.chassis.write.documents import AlreadyExists, where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.offer.domain import MOST_TEACHERS, CoachingOffer, OfferState
from services.programs.program.domain import Program
from services.programs.relationship.domain import Relationship
from services.programs.request.domain import (
    GRADES,
    LANGUAGE,
    MOST_LANGUAGES,
    MOST_SUBJECTS,
    CoachingRequest,
    Teaching,
)
from services.programs.round.domain import CoachingRound

MOST_OF_ROUND = 100  # coaches who offer in it
MOST_OF_COACH = 200  # rounds of one coach, whatever became of it
BY_DATE = ByDate("offered_at")
_TOO_MANY = "too_many_offers"
_WITHDRAWN = {"state": OfferState.WITHDRAWN.value}
_Grade = Annotated[str, StringConstraints(pattern=f"^({'|'.join(GRADES)})$")]
_Subject = Annotated[str, StringConstraints(pattern=r"\S", max_length=60)]
_Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]


@dataclass(frozen=True, slots=True)
class Ports:
    """`requests`, `rounds`, `programs` and `relationships` are read, and `of_request` says whom a
    request is about; `path`, `drafts` and `view` are for duties."""

    offers: Guarded[CoachingOffer]
    path: WritePath[CoachingOffer]
    requests: WritePath[CoachingRequest]
    rounds: WritePath[CoachingRound]
    programs: WritePath[Program]
    relationships: WritePath[Relationship]
    reads: GuardedReads
    of_request: Callable[[CoachingRequest], Awaitable[About]]
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


def whose(offer: CoachingOffer) -> About:
    """Hers, and nobody else's: who places requests is told what of it goes with one."""
    return About(parties=(offer.coach,))


class OfferCoaching(Body):
    coaching_round_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000081"])
    grades: list[_Grade] = Field(
        default=[],
        max_length=len(GRADES),
        description="For which grades she coaches, such as those of her classes in the roster",
        examples=[["03", "04"]],
    )
    subjects: list[_Subject] = Field(
        default=[],
        max_length=MOST_SUBJECTS,
        description="For which subjects, in the words of classes in the roster",
        examples=[["Mathematics", "Science"]],
    )
    languages: list[_Language] = Field(
        default=[],
        max_length=MOST_LANGUAGES,
        description="In which languages she coaches, as BCP 47 has them, if she cares to say so",
        examples=[["en"]],
    )
    capacity: int = Field(ge=1, le=MOST_TEACHERS, examples=[5])

    def teaching(self) -> Teaching:
        return Teaching.said(self.grades, self.subjects, self.languages)


async def offer_coaching(ports: Ports, call: Call, asked: OfferCoaching) -> CoachingOffer:
    """Say for whom the caller would coach in a round, and how many. Who gives its places is told
    what of that goes with a request; a teacher is told of her only when she is proposed. Said
    again, it takes the place of what was said before. Raises CONFLICT for who may coach nobody
    today, and once the program or its school year is over."""
    now, said = ports.clock.now(), asked.teaching()
    ports.access.check_scope(call)
    me = caller_of(call, "/coaching_round_id")
    round_ = await if_there(ports.rounds.get(call.district, asked.coaching_round_id))
    id_ = await anew_id(ports.path, call.district, asked.coaching_round_id, me)

    async def make() -> CoachingOffer:
        nonlocal id_
        if round_ is None:
            raise invalid("unknown_round", "There is no such round.", "/coaching_round_id")
        known = await _known(ports, call, round_.id, me)
        if known is not None:  # hers takes no other place, and may be of another record of hers
            id_ = known.id
            raise AlreadyExists
        return CoachingOffer(
            id=id_,
            district=call.district,
            round=round_.id,
            program=round_.program,
            coach=me,
            school_year=round_.school_year,
            teaching=said,
            capacity=asked.capacity,
            offered_at=now,
            first_offered_at=now,
        ).made()

    async def check() -> None:
        assert round_ is not None
        await _check_offers(ports, call, round_, me)

    offering = {"round": asked.coaching_round_id}
    all_ = f"At most {MOST_OF_ROUND} coaches offer in a round."
    hers = f"A coach offers in at most {MOST_OF_COACH} rounds."
    of_round = Bound(offering, MOST_OF_ROUND, _TOO_MANY, all_, _WITHDRAWN)
    within = (of_round, Bound({"coach": me}, MOST_OF_COACH, _TOO_MANY, hers))

    async def again(known: CoachingOffer) -> None:
        anew = not known.counts
        known.make_again(said, asked.capacity, now)
        await check()
        if anew and (await ports.path.counts(call.district, [of_round]))[0] >= of_round.most:
            raise of_round.fault()

    try:
        return await ports.offers.create_about(call, About(parties=(me,)), make, within, check)
    except AlreadyExists:  # found before it was made
        pass
    except Fault as fault:
        if not already_there(fault):
            raise
    found = await unless_erased(ports.path, call, id_, ports.offers.change(call, id_, again))
    if found is None:
        raise conflict("erased", "What she had offered was erased a moment ago: say it again.")
    return found


async def _known(ports: Ports, call: Call, round_id: str, coach: str) -> CoachingOffer | None:
    """Hers of a round: the one that counts, else the newest, on which the key lies of a call that
    comes again. 1 database command."""
    asked = where(round=round_id, coach=coach)
    found = await ports.path.find(call.district, asked, "", MOST_OF_COACH, BY_DATE)
    counting = (each for each in found.items if each.counts)
    return next(counting, next(iter(found.items), None))


async def _check_offers(ports: Ports, call: Call, round_: CoachingRound, coach: str) -> None:
    today = ports.access.today(call.district)
    program = await if_there(ports.programs.get(call.district, round_.program))
    if program is None or not program.enrolls:
        detail = "Coaches offer to coach while a program is open or runs."
        raise conflict("program_not_open", detail)
    if today > last_day(round_.school_year):
        raise conflict("school_year_over", "Its school year is over.")
    profile = await ports.access.profile(call.district, coach)
    admission = admission_of(profile, today, ports.access.rules(call.district))
    if not (admission.may or admission.grants):
        raise conflict("not_a_coach", "Who offers to coach may coach somebody today.")


async def list_coaching_offers(
    ports: Ports, call: Call, *, coaching_round_id: Id | None = None, after: str, limit: int
) -> Found[CoachingOffer]:
    """What the caller has offered herself, in a round or in all, taken back or not. The newest
    first."""
    me = ports.offers.own(call, "/coaching_round_id")
    asked = where(coach=me, round=coaching_round_id)
    return await ports.offers.find(call, About(parties=(me,)), asked, after, limit, BY_DATE)
