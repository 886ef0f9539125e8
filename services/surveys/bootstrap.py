"""The one place where the surveys service is put together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from services.access.districts import Districts
from services.assembly.service import Api, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.chassis.write.summaries import Summaries
from services.chassis.write.write_path import WritePath
from services.surveys.administration.codec import (
    ADMINISTRATION_SUMMARIES,
    ADMINISTRATIONS,
    INSTRUMENT_SUMMARIES,
    INSTRUMENTS,
)
from services.surveys.administration.memory_seats import MemorySeats
from services.surveys.administration.mongo_seats import MongoSeats
from services.surveys.administration.sweep import sweep
from services.surveys.application.policies import POLICIES
from services.surveys.application.ports import Ports, Seats
from services.surveys.settings import Settings

NAME = "surveys"
INDEXES: tuple[FindIndex, ...] = (
    ("instrument", ()),
    ("instrument", ("drafted_by", "state")),
    ("administration", ("teacher",)),
    ("administration", ("teacher", "school_year", "scheduled_by", "state")),
    ("administration", ("class_id", "state")),
)
ANONYMOUS = frozenset(name for name, policy in POLICIES.items() if policy.anonymous)


def build(
    settings: Settings,
    backing: Backing,
    *,
    districts: Districts | None = None,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    seats, backing = _seats(backing)
    start = base(
        NAME, settings, backing, POLICIES, districts=districts, clock=clock, identity=identity
    )
    ports = Ports(
        instruments=WritePath(
            backing.store, INSTRUMENTS, start.clock, backing.bell, start.troubles
        ),
        administrations=WritePath(
            backing.store, ADMINISTRATIONS, start.clock, backing.bell, start.troubles
        ),
        instrument_summaries=Summaries(backing.store, INSTRUMENT_SUMMARIES, start.troubles),
        administration_summaries=Summaries(backing.store, ADMINISTRATION_SUMMARIES, start.troubles),
        seats=seats,
        districts=start.districts,
        access=start.access,
        days=start.days,
        clock=start.clock,
    )

    def api() -> Api:
        from services.assembly.api import build_api, journal_rpc
        from services.surveys.entrypoints.rest import routes
        from services.surveys.entrypoints.rpc import rpc_service

        rpcs = [rpc_service(ports), journal_rpc(start)]
        return build_api(
            start,
            "Tandem surveys",
            POLICIES,
            [routes(ports)],
            rpcs,
            anonymous=ANONYMOUS,
            urgencies={
                **dict.fromkeys(ANONYMOUS, Urgency.FIRST),  # a class answers at once, and now
                "list_instruments": Urgency.BULK,
            },
        )

    service = write_service(start, api)
    service.roles["relay.sweep"] = partial(sweep, ports)  # wherever a process has the role `relay`
    return service


def _seats(backing: Backing) -> tuple[Seats, Backing]:
    """The seats on the service's database, whose index is ensured with the others."""
    if backing.database is None:
        return MemorySeats(), backing
    seats = MongoSeats(backing.database)

    async def ensure_indexes() -> None:
        await backing.ensure_indexes()
        await seats.ensure_indexes()

    return seats, replace(backing, ensure_indexes=ensure_indexes)
