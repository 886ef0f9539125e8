"""Every view of a running stack, made anew from the journals."""

from __future__ import annotations

from services.assembly.registry import VIEWS, WRITE_SERVICES
from services.chassis.log.connections import Proof
from services.ctl.journals import ServiceJournals
from services.ctl.rebuilding import rebuild, view_of
from tests.support.stack import RunningStack


async def rebuild_all(stack: RunningStack) -> None:
    """The journals hold what other tests have done, too."""
    addresses = {service: stack.stack.grpc(service) for service in WRITE_SERVICES}
    tokens = [stack.token(f"{district}/ops?journal.read") for district in stack.all_districts]
    for name, service in VIEWS.items():
        own = stack._backing(service).database
        assert own is not None
        journals = ServiceJournals(addresses, tokens)
        view = view_of(name, service)
        report = await rebuild(view, own, stack.stack.kafka, journals, proof=Proof(), dry_run=False)
        assert report["parked"] == 0, report
