"""What callers do with requests for coaching, but for what a method of one does alone."""

from __future__ import annotations

from dataclasses import dataclass

from services.access.access import Access
from services.access.acknowledged import check_acknowledged
from services.access.coaching import may_be_coached
from services.access.days import Days
from services.access.directory import ReadsAnew
from services.access.guarded import About, Guarded
from services.chassis.call import Call
from services.chassis.duties.each import every, unless_erased
from services.chassis.edge.naming import Names
from services.chassis.fields import Id
from services.chassis.kernel import Clock, Fault, already_there, conflict, if_there, invalid
from services.chassis.write.anew import anew_id
from services.chassis.write.by_date import ByDate, Order
from services.chassis.write.documents import AlreadyExists, where
from services.chassis.write.drafts import Drafts
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.write_path import WritePath
from services.programs.program.domain import Program
from services.programs.relationship.domain import Relationship
from services.programs.request.bodies import EditCoachingRequest, RequestCoaching
from services.programs.request.domain import (
    OPEN,
    CoachingRequest,
    RequestState,
    Wishes,
)
from services.programs.round.domain import CoachingRound, RoundState

MOST_OF_ROUND = 1_000  # who wait
MOST_OF_TEACHER = 200  # of one teacher, whatever became of them
BY_DATE = ByDate("asked_at", within=("state",), order=Order.OLDEST)
_NOBODY = ("",)  # sees what is over, besides herself
_TOO_MANY = "too_many_requests"


@dataclass(frozen=True, slots=True)
class Ports:
    """`rounds` and `programs` are read by their ids; `path`, `relationships` and `view` are for
    duties, which change these."""

    requests: Guarded[CoachingRequest]
    path: WritePath[CoachingRequest]
    rounds: WritePath[CoachingRound]
    programs: WritePath[Program]
    relationships: WritePath[Relationship]
    drafts: Drafts
    names: Names
    access: Access
    view: ReadsAnew
    days: Days
    clock: Clock


async def whose(access: Access, programs: WritePath[Program], request: CoachingRequest) -> About:
    """It is the teacher's; named in it is who leads the program today, while it waits or has a
    place. 2 database commands at most."""
    if not request.open:
        return About(teacher=request.teacher, parties=_NOBODY)
    program = await if_there(programs.get(request.district, request.program))
    return About(teacher=request.teacher, parties=await _led_by(access, request.district, program))


async def _led_by(access: Access, district: str, program: Program | None) -> tuple[str, ...]:
    """But for who leads a school, or may: what a teacher asks for is not told to such."""
    leads = program.says.leads if program is not None else ()
    await access.profiles(district, leads)  # with one command
    found = [each for each in leads if not await access.may_lead(district, each)]
    return tuple(found) or _NOBODY


async def request_coaching(ports: Ports, call: Call, asked: RequestCoaching) -> CoachingRequest:
    """Ask for coaching in a round that is open, as a teacher for herself. Who waits or has a place
    is answered as she is; who asks again after that was over is last in the queue.

    Raises CONFLICT where the round is not open today, and where the data-use policy in force wants
    her to acknowledge it first; INVALID for what the round does not offer."""
    me, now, wishes = call.principal.person, ports.clock.now(), asked.wishes()
    ports.access.check_scope(call)
    round_ = await if_there(ports.rounds.get(call.district, asked.coaching_round_id))
    id_ = await anew_id(ports.path, call.district, asked.coaching_round_id, me)

    async def make() -> CoachingRequest:
        nonlocal id_
        if round_ is None:
            raise invalid("unknown_round", "There is no such round.", "/coaching_round_id")
        known = await _known(ports, call, round_.id, me, id_)
        if known is not None:  # hers takes no other place, and may be of another record of hers
            id_ = known
            raise AlreadyExists
        return CoachingRequest.make(
            id=id_,
            district=call.district,
            round=round_.id,
            program=round_.program,
            teacher=me,
            year=round_.school_year,
            wishes=wishes,
            at=now,
        )

    async def check() -> None:
        assert round_ is not None
        await _check_asks(ports, call, round_, wishes, me)

    async def again(known: CoachingRequest) -> None:
        if not known.open:
            known.make_again(wishes, now)
            await check()

    waiting = where(round=asked.coaching_round_id, state=RequestState.WAITING)
    hers = f"A teacher asks in at most {MOST_OF_TEACHER} rounds."
    all_ = f"At most {MOST_OF_ROUND} teachers wait in a round."
    within = (
        Bound({"teacher": me}, MOST_OF_TEACHER, _TOO_MANY, hers),
        Bound(waiting, MOST_OF_ROUND, _TOO_MANY, all_),
    )
    try:
        return await ports.requests.create_about(call, About(teacher=me), make, within, check)
    except AlreadyExists:  # found before it was made
        pass
    except Fault as fault:
        if not already_there(fault):
            raise
    found = await unless_erased(ports.path, call, id_, ports.requests.change(call, id_, again))
    if found is None:
        raise conflict(
            "erased", "What she asked for in this round was erased a moment ago: say it again."
        )
    return found


async def _known(ports: Ports, call: Call, round_id: str, teacher: str, own: str) -> str | None:
    """The id of hers that waits or has a place; else of what she asked by another record of hers,
    `own` is not the id of, and is over, where this call comes again. 1 database command, and
    another for each of these."""
    asked = where(round=round_id, teacher=teacher)
    found = await ports.path.find(call.district, asked, "", MOST_OF_TEACHER, BY_DATE)
    for each in found.items:
        if each.open:
            return each.id
    for each in found.items:
        if each.id != own:
            await ports.requests.look(call, each.id, lambda _: None)
            if call.replayed:
                return each.id
    return None


async def _check_asks(
    ports: Ports, call: Call, round_: CoachingRound, wishes: Wishes, teacher: str
) -> None:
    today = ports.access.today(call.district)
    program = await if_there(ports.programs.get(call.district, round_.program))
    if program is None or not program.enrolls:
        detail = "Teachers ask for coaching while a program is open or runs."
        raise conflict("program_not_open", detail)
    if round_.state_on(today) is not RoundState.OPEN:
        raise conflict("round_not_open", "Teachers ask from its first day to its last.")
    _check_offered(round_, wishes)
    profile = await ports.access.profile(call.district, teacher)
    if not may_be_coached(profile, today, ports.access.rules(call.district)):
        raise conflict("not_a_teacher", "Who asks for coaching teaches or coaches today.")
    await check_acknowledged(ports.access, call.district, teacher)


def _check_offered(round_: CoachingRound | None, wishes: Wishes) -> None:
    for index, each in enumerate(wishes.options):
        if round_ is None or not round_.has(each):
            detail = "The round does not offer that."
            raise invalid("unknown_option", detail, f"/option_ids/{index}")


async def edit_coaching_request(
    ports: Ports, call: Call, coaching_request_id: Id, asked: EditCoachingRequest
) -> CoachingRequest:
    """Ask for something else, as the teacher while she waits; her place stays."""
    wishes = asked.wishes()

    async def act(each: CoachingRequest) -> None:
        each.edit(wishes)
        _check_offered(await if_there(ports.rounds.get(call.district, each.round)), wishes)

    return await ports.requests.change(call, coaching_request_id, act)


async def list_coaching_requests(
    ports: Ports,
    call: Call,
    *,
    coaching_round_id: Id | None = None,
    state: RequestState | None = None,
    after: str,
    limit: int,
) -> Found[CoachingRequest]:
    """Who waits or has a place in a round, for who leads its program; without it the caller's own,
    whatever became of them. In the order in which they were asked."""
    narrowed = where(state=state)
    if coaching_round_id is None:
        me = ports.requests.own(call, "/coaching_round_id")
        about = About(teacher=me, parties=(me,))
        return await ports.requests.find(
            call, about, {"teacher": me, **narrowed}, after, limit, BY_DATE
        )
    round_ = await if_there(ports.rounds.get(call.district, coaching_round_id))
    program = None
    if round_ is not None:
        program = await if_there(ports.programs.get(call.district, round_.program))
    about = About(parties=await _led_by(ports.access, call.district, program))
    seen = [{"state": each.value} for each in OPEN]
    asked = {"round": coaching_round_id, **narrowed}
    return await ports.requests.find_admitted(
        call, about, asked, after, limit, lambda each: each.teacher, BY_DATE, either=seen
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """`place`: from 1 on, None of what does not wait; `waiting`: how many do."""

    place: int | None = None
    waiting: int | None = None


async def queue_of(ports: Ports, request: CoachingRequest) -> Queue:
    """Her place among those who wait. It is kept nowhere, so nothing is to be numbered anew. 1
    database command for each 100 who wait."""
    if request.state is not RequestState.WAITING:
        return Queue()
    asked, place, waiting = where(round=request.round, state=request.state), 1, 0
    async for each in every(ports.path, request.district, asked, BY_DATE):
        waiting += 1
        place += (each.asked_at, each.id) < (request.asked_at, request.id)
    return Queue(place, waiting)
