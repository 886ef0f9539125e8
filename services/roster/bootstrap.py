"""The one place where the roster service is put together."""

from __future__ import annotations

from services.access.districts import Districts
from services.access.write_service import Api, Service, base, write_service
from services.chassis.backing import Backing
from services.chassis.call import Verifier
from services.chassis.edge.admission import Urgency
from services.chassis.kernel import Clock
from services.chassis.write.mongo_documents import FindIndex
from services.chassis.write.write_path import WritePath
from services.roster.adapters.codec import CALENDARS, CLASSES, ORGS, PEOPLE, SESSIONS
from services.roster.application.policies import POLICIES
from services.roster.application.ports import Ports
from services.roster.settings import Settings

NAME = "roster"
BULK = ("import_roster", "list_people", "list_classes", "list_orgs", "list_academic_sessions")
# Without a field: for an import, which reads all, and for lists, where few are not active.
INDEXES: tuple[FindIndex, ...] = (
    ("org", ()),
    ("session", ()),
    ("person", ()),
    ("person", ("held",)),
    ("class", ()),
    ("class", ("teachers",)),
)


def build(
    settings: Settings,
    backing: Backing,
    *,
    districts: Districts | None = None,
    clock: Clock | None = None,
    identity: Verifier | None = None,
) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(
        NAME, settings, backing, POLICIES, districts=districts, clock=clock, identity=identity
    )
    ports = Ports(
        orgs=WritePath(backing.store, ORGS, start.clock, backing.bell, start.troubles),
        sessions=WritePath(backing.store, SESSIONS, start.clock, backing.bell, start.troubles),
        people=WritePath(backing.store, PEOPLE, start.clock, backing.bell, start.troubles),
        classes=WritePath(backing.store, CLASSES, start.clock, backing.bell, start.troubles),
        calendars=WritePath(backing.store, CALENDARS, start.clock, backing.bell, start.troubles),
        access=start.access,
        days=start.days,
        clock=start.clock,
        most_removals=settings.roster_removal_share,
    )

    def api() -> Api:
        from services.access.api import build_api, journal_rpc
        from services.roster.entrypoints.rest import routes
        from services.roster.entrypoints.rpc import rpc_service

        rpcs = [rpc_service(ports), journal_rpc(start)]
        return build_api(
            start,
            "Tandem roster",
            POLICIES,
            [routes(ports)],
            rpcs,
            urgencies=dict.fromkeys(BULK, Urgency.BULK),
        )

    return write_service(start, api)
