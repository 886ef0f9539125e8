"""The API of a service: REST, gRPC, and what keeps their caches right. Imported only in a process
that has the role `api`: see `service`."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from fastapi import APIRouter

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from services.access.decision import PURPOSE, unknown_person
from services.access.directory import CachedDirectory
from services.access.looks import REFUSED, tell, tell_journal
from services.access.partner_doors import check_partner
from services.access.partners import RegisteredPartners
from services.access.policy import Policies, Policy, widened
from services.access.projection import COLLECTION
from services.access.view import access_view
from services.assembly.codes import refusals
from services.assembly.examples import EXAMPLES
from services.assembly.meanings import MEANINGS
from services.assembly.registry import SERVICES, WRITE_SERVICES
from services.assembly.roles import moving
from services.assembly.service import VERSION, Base, ServedApi
from services.assembly.trusting import hearing
from services.chassis.call import Call, Principal
from services.chassis.edge.admission import Urgency
from services.chassis.edge.followers import Followers
from services.chassis.edge.gate import Gate, TakeTicket
from services.chassis.edge.grpc_call import call_of
from services.chassis.edge.grpc_server import GrpcServer, RpcService, serve_grpc
from services.chassis.edge.http import build_http, serve_http
from services.chassis.edge.identity import Identity
from services.chassis.edge.journal_rpc import JournalService
from services.chassis.edge.rates import RateLimits
from services.chassis.edge.shares import Room
from services.chassis.kernel import Fault
from services.chassis.runner import ProcessRole
from services.chassis.views.watch import Board, RowChanged, TooSlow

KNOWN_SECONDS = 1.0


def journal_policies(service: str) -> Policies:
    """Of what a service has published: it has a scope of its own, for all of it."""
    scopes = frozenset({f"{service}.journal.read"})
    policy = Policy(partners=True, scopes=scopes, about="journal")
    return {"read_journal": policy, "follow_events": policy}


def build_api(
    each: Base,
    policies: Policies,
    routers: Sequence[APIRouter],
    rpcs: Sequence[RpcService],
    *,
    urgencies: Mapping[str, Urgency] | None = None,
    roles: Mapping[str, ProcessRole] | None = None,
    take_ticket: TakeTicket | None = None,
) -> ServedApi:
    """A write service serves its journal, too. `roles` run beside REST and gRPC; `urgencies` are
    those of operations that are not ordinary; `take_ticket` as `Gate` has it. Raises ValueError,
    naming the operations, where a route or RPC has no policy."""
    issued = each.identity or Identity(
        each.districts.issuers,
        each.metrics,
        PURPOSE,
        widened=widened,
        ca=each.settings.issuers_ca_file,
    )
    identity = RegisteredPartners(issued, each.directory, each.districts, each.clock)
    journal: Policies = {}
    if each.name in WRITE_SERVICES:
        journal = journal_policies(each.name)
        followers = Followers(each.backing.followed(SERVICES[each.name].topic))
        rpcs = [*rpcs, _journal_rpc(each, followers, identity)]
        roles = {**(roles or {}), "api.followers": followers.run}
    may_be_here = partial(_may_be_here, each.directory, ChainMap(policies, journal))
    room = Room(each.settings.max_concurrent_requests, each.metrics, may_be_here)
    urgencies = {**(urgencies or {}), **dict.fromkeys(journal, Urgency.BULK)}
    gate = Gate(
        each.settings,
        identity,
        each.metrics,
        each.tracer,
        room,
        urgencies,
        take_ticket=take_ticket,
        limits=RateLimits(each.metrics, each.districts.rates_of),
    )
    app = build_http(
        each.name,
        f"Tandem {each.name}",
        routers,
        gate,
        policies=policies,
        version=VERSION,
        about=SERVICES[each.name].about,
        meanings=MEANINGS,
        examples=EXAMPLES,
        codes=refusals(),
        leaving=each.health.leaving,
    )
    grpc = GrpcServer(
        rpcs,
        gate,
        policies={**policies, **journal},
        anonymous=frozenset(name for name, policy in policies.items() if policy.anonymous),
    )
    made = {
        "api.rest": serve_http(app),
        "api.grpc": serve_grpc(grpc, each.health.leaving),
        **(roles or {}),
        "api.looks": moving("api.looks", each.looks.relay, each.health),
        "api.trust": hearing(
            each.trust, each.backing.views, access_view(each.name), each.clock, each.metrics
        ),
        "api.school_days": each.school_days.run,
        "api.access": _forgetting(
            each.directory, each.backing.watch(access_view(each.name), COLLECTION)
        ),
    }
    return ServedApi(app, grpc, policies, made)


async def _may_be_here(
    directory: CachedDirectory, policies: Mapping[str, Policy], principal: Principal, operation: str
) -> bool:
    """Whether somebody is active in the roster; not, where that is not found out soon. What is
    read is what access asks for next. Raises Fault `unknown_person`, as access would, where she is
    not, and tells the log as access does; of whom her body is about nobody has read. A partner is
    in no roster: see `check_partner`."""
    if principal.partner:
        check_partner(policies.get(operation, Policy()), Call(operation, principal))
        return True
    profile = directory.known(principal.district, principal.person)
    if profile is None:
        try:
            async with asyncio.timeout(KNOWN_SECONDS):
                profile = await directory.profile(principal.district, principal.person)
        except (Fault, TimeoutError):
            return False
    if profile is None or not profile.active:
        tell(Call(operation, principal), policies.get(operation, Policy()).about, REFUSED)
        raise unknown_person(principal.purpose)
    return True


def _journal_rpc(each: Base, followers: Followers, identity: RegisteredPartners) -> RpcService:
    """What a service has published and will, for rebuilds and partners."""
    (scope,) = journal_policies(each.name)["read_journal"].scopes
    return RpcService(
        journal_pb2_grpc.add_JournalServiceServicer_to_server,
        JournalService(
            each.backing.journal,
            followers,
            each.clock.now,
            each.sealing,
            scope,
            call_of,
            partial(tell_journal, each.looks.book),
            identity.renewed,
        ),
        journal_pb2.DESCRIPTOR.services_by_name["JournalService"],
    )


def _forgetting(directory: CachedDirectory, watch: Board) -> ProcessRole:
    """Profiles whose rows changed are forgotten at once, and the others believed meanwhile."""

    async def listen(stop: asyncio.Event) -> None:
        while not stop.is_set():
            with watch.subscribe() as notices:
                directory.forget_all()
                with suppress(TooSlow):
                    while not stop.is_set():
                        notice = await notices.next(timeout=1.0)
                        if isinstance(notice, RowChanged):
                            directory.forget(notice.row)
                        elif notice is not None:
                            directory.forget_all()
                        else:  # all that the watch has told has been heard
                            directory.told_until(watch.told_until)

    async def run(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(listen(stop))
            await watch.run(stop)

    return run
