"""What follows from requests and the places that they are given: a relationship is proposed, and a
place is free again when a request is over.

A place is given by one write, of the round. All else follows from that by duties, each of which
looks at what is true when it runs: a request that was taken back meanwhile gives its place up, and
what came of an earlier asking neither ends a later one nor frees its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from coaching.programs.v1 import coaching_request_events_pb2 as requests
from coaching.programs.v1 import coaching_round_events_pb2 as rounds
from services.access import erasures, merges
from services.access.retention import Retained, erase_expired, newest
from services.access.retention_report import RetentionReport
from services.access.retention_round import ASKS as RETENTION_ASKS
from services.chassis.call import Call
from services.chassis.duties.duty import Asked, Asks, Duty, Todo
from services.chassis.duties.each import change_each, every, unless_erased
from services.chassis.kernel import Fault, already_there, if_there
from services.chassis.views.projection import Event
from services.chassis.write.write_path import WritePath
from services.programs.relationship.domain import Participation, Relationship
from services.programs.request.cases import BY_DATE, Ports
from services.programs.request.domain import CoachingRequest, RequestState
from services.programs.request.ending import (
    ENDS,
    MADE,
    SIDES,
    end_granted,
    end_moved,
    end_parted,
    end_request_at_last,
)
from services.programs.round.domain import CoachingRound, RoundPlace


def _granted(event: Event) -> Asked | None:
    message: Any = event.message
    told: rounds.CoachingRoundSnapshot = message.coaching_round
    said = {"request": told.granted_request_id}
    return Asked(event.envelope.occurred_at, said) if told.granted_request_id else None


async def follow_grant(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """Let a request have the place that its round has given it, and propose the relationship with
    the coach whom who gave it named: the teacher answers that. Where she has taken the request back
    meanwhile, or the coach may not coach her any more, the place is free again, and what waits goes
    on waiting."""
    id_ = todo.value["request"]
    round_ = await if_there(ports.rounds.get(call.district, todo.aggregate))
    place = round_.place_of(id_) if round_ is not None else None
    if place is None:
        return None
    there = ports.path.get(call.district, id_)
    request = await unless_erased(ports.path, call, id_, there)
    if request is None or request.asked_at != place.asked_at or not request.open:
        await _free(ports, call, todo.aggregate, place)
        return None
    coach, teacher = place.coach, request.teacher
    if request.state is RequestState.WAITING:
        if await ports.access.hindrance(call.district, coach, teacher) is not None:
            await _free(ports, call, todo.aggregate, place)
            return None
        now = ports.clock.now()

        def act(each: CoachingRequest) -> None:
            each.grant(coach, place.asked_at, now)

        changed = ports.path.change(call, id_, act)
        request = await unless_erased(ports.path, call, id_, changed)
        if request is None or not request.open:
            await _free(ports, call, todo.aggregate, place)
            return None
    if not await _propose(ports, call, request, place):
        again = replace(call, key=f"{call.key}:erased")  # it was written under this key before
        ended = ports.path.change(again, id_, lambda each: each.end(ports.clock.now()))
        await unless_erased(ports.path, again, id_, ended)
    return None


async def _free(ports: Ports, call: Call, round_id: str, place: RoundPlace) -> None:
    until = place.asked_at

    def act(each: CoachingRound) -> None:
        each.free_place(place.request, until)

    await if_there(ports.rounds.change(call, round_id, act))


async def _propose(ports: Ports, call: Call, request: CoachingRequest, place: RoundPlace) -> bool:
    """As who gave the place, so that the teacher answers. Whether there is one now: not where what
    the two had in this school year was erased."""
    at = request.granted_at or ports.clock.now()
    year, by = request.school_year, place.granted_by
    coach, teacher = request.coach, request.teacher
    id_ = ports.relationships.derived_id(call.district, coach, teacher, str(year))
    new = Relationship.propose(
        id=id_,
        district=call.district,
        coach=coach,
        teacher=teacher,
        year=year,
        by=by,
        at=at,
        participation=Participation.VOLUNTARY,  # she has asked for it
    )
    try:
        await ports.relationships.create(call, new)
        return True
    except Fault as fault:
        if not already_there(fault):
            raise

    def again(known: Relationship) -> None:
        # What was declined or ended since the place was given is her answer to it.
        if known.ended_at is None or known.ended_at < at:
            known.propose_again(by, at, participation=Participation.VOLUNTARY)

    changed = ports.relationships.change(call, id_, again)
    return await unless_erased(ports.relationships, call, id_, changed) is not None


def _over(event: Event) -> Asked:
    message: Any = event.message
    told: requests.CoachingRequestSnapshot = message.coaching_request
    asked_at = told.asked_at.ToDatetime(UTC) if told.HasField("asked_at") else None
    return Asked(event.envelope.occurred_at, {"asked_at": asked_at})


_OVER: Mapping[str, Asks] = {
    message.DESCRIPTOR.full_name: _over
    for message in (requests.CoachingRequestOver, requests.CoachingRequestErased)
}


async def free_place(ports: Ports, call: Call, todo: Todo) -> None:
    """What a request had is free again, once it is over or erased. A place that it was given when
    it was made again stays, however late this is."""
    until = todo.value["asked_at"]
    found = {"placed": todo.aggregate}
    await change_each(
        ports.rounds, call, found, lambda each: each.free_place(todo.aggregate, until)
    )


async def transfer_requests(ports: Ports, call: Call, todo: Todo) -> datetime | None:
    """All that the record that is given up has asked for, or is proposed for as a coach, are the
    other's; back again where the two are parted. What was granted is over where its relationship
    is. Of two that one teacher has in a round then, one goes on."""

    async def move(call: Call, merge: merges.Merge) -> None:
        async def act(side: str, each: CoachingRequest) -> None:
            before = each.transferred_from if side == "teacher" else each.coach_before
            takes = merge.takes(getattr(each, side), before)
            if takes and await merge.holds(ports.view, before):
                each.transfer(side, merge.target)

        if merge.back:
            await end_parted(ports, call, merge)
        for side in SIDES:
            await change_each(ports.path, call, {side: merge.source}, partial(act, side), BY_DATE)
        if not merge.back:
            await end_moved(ports, call, merge)
            await _end_twins(ports, call, merge.target)

    return await merges.carry_out(ports.view, call, todo, ports.clock.now(), move)


async def _end_twins(ports: Ports, call: Call, teacher: str) -> None:
    """The one with a place goes on, else the one that was asked first."""
    kept: dict[str, CoachingRequest] = {}
    hers = [each async for each in every(ports.path, call.district, {"teacher": teacher}, BY_DATE)]
    call = replace(call, key="")  # it may have moved under that key just now
    hers.sort(key=lambda each: (each.state is not RequestState.GRANTED, each.asked_at, each.id))
    for each in hers:
        if each.open and kept.setdefault(each.round, each) is not each:
            ended = ports.path.change(call, each.id, lambda one: one.end(ports.clock.now()))
            await unless_erased(ports.path, call, each.id, ended)


def erase_requests(path: WritePath[CoachingRequest]) -> erasures.ErasesToo:
    """All that a teacher has asked for before the order: a coach who is proposed is in those that
    are others'."""
    return erasures.all_begun(
        path,
        lambda each: each.first_asked_at,
        lambda each: each.transferred_from,
        _names,
        BY_DATE,
    )


def _names(each: CoachingRequest) -> tuple[str, ...]:
    """On either of whom a legal hold keeps it."""
    return (each.teacher, each.transferred_from, each.coach, each.coach_before)


def kept_requests(ports: Ports, reports: WritePath[RetentionReport]) -> Retained[CoachingRequest]:
    """Requests that are over, as long as the district keeps them; they end by themselves."""
    return Retained(
        "coaching_requests",
        ports.path,
        reports,
        ports.drafts,
        ports.view,
        ports.days,
        ports.clock,
        _names,
        lambda each: None if each.open else newest(each.asked_at, each.over_at),
    )


DUTIES = (
    Duty(
        "follow_grant", {rounds.CoachingRoundGranted.DESCRIPTOR.full_name: _granted}, follow_grant
    ),
    Duty("free_place", _OVER, free_place),
    Duty("end_granted", ENDS, end_granted),
    Duty("end_requests", MADE, end_request_at_last),
    Duty("transfer_requests", merges.ASKS, transfer_requests),
)
RETENTION_DUTIES: tuple[Duty[Retained[CoachingRequest]], ...] = (
    Duty("erase_expired_requests", RETENTION_ASKS, erase_expired),
)
